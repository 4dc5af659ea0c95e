"""The version table: where a database says at which revisions it is.

Its form is the one of Alembic, so that either tool goes on where the other stopped:
one row for each revision that no applied revision descends from or depends on.
https://alembic.sqlalchemy.org/en/latest/tutorial.html
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa

from ..dialects.dialect import Statement
from ..errors import ConcurrentChange
from ..errors import IllegalRevisionId
from ..schema.model import TableName
from ..schema.own_tables import own_tables

log = logging.getLogger("flask_migrations_ext")

DEFAULT_NAME = "alembic_version"


@dataclass(frozen=True)
class RowChange:
    """A change of one row of the version table."""

    expected: str | None
    """The id that has to be there before; None for a new row."""

    becomes: str | None
    """The id that takes its place, or has a new row; None if none does."""


class VersionTable:
    """Reads and writes the version table of one database.

    :param primary_key: whether the table gets one when it is created.
    """

    def __init__(
        self,
        name: str = DEFAULT_NAME,
        schema: str | None = None,
        primary_key: bool = True,
    ) -> None:
        self._name = name
        self._schema = schema
        self._primary_key = primary_key

    @property
    def name(self) -> TableName:
        """The name of the table."""
        return TableName(self._name, self._schema)

    @cached_property
    def table(self) -> sa.Table:
        """The table, built when it is asked for: not each one that knows of it does."""
        # Wide enough for ids that people make up; Alembic reads any width.
        column: sa.Column[Any] = sa.Column("version_num", sa.String(255))
        column.nullable = False
        table = sa.Table(self._name, sa.MetaData(), column, schema=self._schema)
        if self._primary_key:
            table.append_constraint(
                sa.PrimaryKeyConstraint("version_num", name=f"{self._name}_pkc")
            )

        return table

    def exists(self, connection: sa.Connection) -> bool:
        """Return whether the table is there."""
        inspector = sa.inspect(connection)
        return bool(inspector.has_table(self.table.name, schema=self.table.schema))

    def read(self, connection: sa.Connection) -> tuple[str, ...]:
        """Return the ids in the table, sorted; none if it is not there.

        A table without a key may hold one twice, which means no more than once.
        It is one query where the table is there and no transaction is open, which a
        refusal would end.
        """
        if not connection.in_transaction():
            try:
                return self.rows(connection)
            except sa.exc.DBAPIError as error:
                connection.rollback()
                if error.connection_invalidated:
                    raise
        return self.rows(connection) if self.exists(connection) else ()

    def rows(self, connection: sa.Connection) -> tuple[str, ...]:
        """Return the ids in the table, which is known to be there, sorted."""
        rows = connection.execute(sa.select(self.table.c.version_num))
        return tuple(sorted({str(row[0]) for row in rows}))

    def is_alone(self, connection: sa.Connection) -> bool:
        """Return whether there is no table but our own: nothing can be lost."""
        inspector = sa.inspect(connection)
        schemas = {None, self.table.schema}
        found = {name for each in schemas for name in inspector.get_table_names(each)}
        return found <= {each.name for each in own_tables(self.name)}

    def create(self) -> Statement:
        """Return the statement that creates the table."""
        return Statement(sa.schema.CreateTable(self.table))

    def clear(self) -> Statement:
        """Return the statement that deletes all rows."""
        return Statement(self.table.delete())

    def changes(
        self, before: Collection[str], after: Collection[str]
    ) -> Iterator[RowChange]:
        """Yield what turns one set of ids into the other, a row at a time."""
        gone = sorted(set(before) - set(after))
        new = sorted(set(after) - set(before))

        for old_id, new_id in zip_longest(gone, new):
            yield RowChange(old_id, new_id)

    def statement(self, change: RowChange) -> Statement:
        """Return what makes a change, with its ids as literals: --sql writes them."""
        if change.expected is None:
            # The id is known: nothing is to be sent back.
            insert = self.table.insert().inline()
            return Statement(insert.values(version_num=_literal(change.becomes)))

        if change.becomes is None:
            return Statement(self.table.delete().where(self._is(change.expected)))

        update = self.table.update().where(self._is(change.expected))
        return Statement(update.values(version_num=_literal(change.becomes)))

    def move(
        self,
        connection: sa.Connection,
        before: Collection[str],
        after: Collection[str],
    ) -> None:
        """Write what :meth:`changes` says.

        :raises ConcurrentChange: if the table does not hold what it should.
        """
        for change in self.changes(before, after):
            result = self._make(connection, change)
            if change.expected is None:
                continue

            if result.rowcount == 0:
                raise ConcurrentChange(change.expected, self.read(connection))

            if result.rowcount > 1 and change.becomes is not None:
                self._leave_one(connection, change.becomes)

    def _make(
        self, connection: sa.Connection, change: RowChange
    ) -> sa.CursorResult[Any]:
        if None in (change.expected, change.becomes):
            return connection.execute(self.statement(change).element)

        ids = {"gone": change.expected, "new": change.becomes}
        return connection.execute(self._replacement, ids)

    @cached_property
    def _replacement(self) -> sa.Update:
        # Each revision of a line says it: it is built once, and its text found again.
        gone = sa.bindparam("gone", type_=sa.String())
        new = sa.bindparam("new", type_=sa.String())
        is_gone = self.table.c.version_num == gone

        return self.table.update().where(is_gone).values(version_num=new)

    def _leave_one(self, connection: sa.Connection, id: str) -> None:
        log.warning(
            "the table '%s' had a row twice; now it has '%s' once", self.table.name, id
        )
        connection.execute(self.table.delete().where(self._is(id)))
        connection.execute(
            self.table.insert().inline().values(version_num=_literal(id))
        )

    def _is(self, id: str) -> sa.ColumnElement[bool]:
        return self.table.c.version_num == _literal(id)

    def check_width(self, connection: sa.Connection, ids: Iterable[str]) -> None:
        """Refuse ids that the table, made by another tool, is too narrow for.

        :raises IllegalRevisionId: for the first such id.
        """
        if not self.exists(connection):
            return

        columns = sa.inspect(connection).get_columns(
            self.table.name, schema=self.table.schema
        )
        width = next(
            (
                getattr(column["type"], "length", None)
                for column in columns
                if column["name"] == "version_num"
            ),
            None,
        )
        for each in ids:
            if width is not None and len(each) > width:
                raise IllegalRevisionId(
                    each,
                    f"the column version_num of the table '{self.table.name}' holds"
                    f" {width} characters; widen it to VARCHAR(255), or shorten the id",
                )


def _literal(value: str | None) -> sa.BindParameter[str]:
    return sa.bindparam(None, value, sa.String(), unique=True)
