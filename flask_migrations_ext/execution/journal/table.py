"""The journal's table: there while a revision is half applied, and no longer.

One row for each statement that is, or may be, for good although its revision is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from ...dialects.dialect import Dialect
from ...errors import CannotNote
from ...errors.failure import Failure
from ...schema.model import TableName
from ...schema.own_tables import journal_table
from ..failures import one_line
from ..failures import reason_of

BEGUN = "begun"
"""Sent to the database: nobody knows whether it came to its end."""

PART = "part"
"""Done, as the first statements of an operation that has more."""

DONE = "done"
"""Done, and its operation with it."""


@dataclass(frozen=True)
class Entry:
    """One statement of a revision.

    :param ordinal: which operation of the script it belongs to, from 1.
    :param part: which statement of the operation, from 1.
    :param operation: what is the same for the same operation, if the script is read
        once more.
    :param statement: the same for the statement.
    :param what: the statement in short, for people.
    :param on: the table that it changes; empty if that is not known.
    :param before: how that was defined before; None if that is not known.
    """

    revision: str
    direction: str
    ordinal: int
    part: int
    operation: str
    statement: str
    state: str
    what: str
    on: str = ""
    before: str | None = None


class JournalTable:
    """Reads and writes the journal beside one version table."""

    def __init__(self, version_table: TableName) -> None:
        own = journal_table(version_table)
        self.name = own.name
        self.schema = own.schema

    @cached_property
    def table(self) -> sa.Table:
        """The table, built when it is asked for."""
        return sa.Table(
            self.name,
            sa.MetaData(),
            sa.Column("revision", sa.String(255), primary_key=True),
            sa.Column("direction", sa.String(20), primary_key=True),
            sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("operation", sa.String(64), nullable=False),
            sa.Column("statement", sa.String(64), nullable=False),
            sa.Column("state", sa.String(10), nullable=False),
            sa.Column("what", sa.Text, nullable=False),
            sa.Column("on", sa.String(255), nullable=False),
            sa.Column("before", sa.Text),
            sa.Column("written", sa.DateTime, server_default=sa.func.now()),
            schema=self.schema,
        )

    def exists(self, connection: sa.Connection) -> bool:
        """Return whether the table is there."""
        inspector = sa.inspect(connection)
        return bool(inspector.has_table(self.name, schema=self.schema))

    def create(
        self, connection: sa.Connection, dialect: Dialect, revision: str
    ) -> None:
        """Create the table, for a revision.

        :raises CannotNote: if that is not for us to do.
        """
        making = sa.schema.CreateTable(self.table)
        try:
            connection.execute(making)
        except sa.exc.DBAPIError as error:
            if dialect.failure(error) is not Failure.FORBIDDEN:
                raise
            sql = one_line(str(making.compile(connection)))
            name = self.table.fullname
            raise CannotNote(revision, name, reason_of(error), sql) from error

    def drop(self, connection: sa.Connection) -> None:
        """Drop the table."""
        connection.execute(sa.schema.DropTable(self.table))

    def read(self, connection: sa.Connection) -> tuple[Entry, ...]:
        """Return all entries, in order."""
        columns = self.table.c
        asked = sa.select(*(columns[name] for name in Entry.__dataclass_fields__))
        ordered = asked.order_by(columns.ordinal, columns.part)
        return tuple(Entry(*row) for row in connection.execute(ordered))

    def insert(self, connection: sa.Connection, entries: Iterable[Entry]) -> None:
        """Write entries down."""
        rows = [{name: vars(each)[name] for name in vars(each)} for each in entries]
        connection.execute(self.table.insert().inline(), rows)

    def mark(
        self, connection: sa.Connection, entries: Iterable[Entry], state: str
    ) -> None:
        """Give entries a state."""
        for each in entries:
            connection.execute(
                self.table.update().where(self._is(each)).values(state=state)
            )

    def delete(self, connection: sa.Connection, entries: Iterable[Entry]) -> None:
        """Delete entries."""
        for each in entries:
            connection.execute(self.table.delete().where(self._is(each)))

    def forget(self, connection: sa.Connection, revision: str | None = None) -> None:
        """Delete the entries of a revision, in both directions; None: all."""
        deletion = self.table.delete()
        if revision is not None:
            deletion = deletion.where(self.table.c.revision == revision)
        connection.execute(deletion)

    def _is(self, entry: Entry) -> sa.ColumnElement[bool]:
        columns = self.table.c
        return sa.and_(
            columns.revision == entry.revision,
            columns.direction == entry.direction,
            columns.ordinal == entry.ordinal,
            columns.part == entry.part,
        )
