"""Rows that satisfy what a database demands of them, made from its tables.

One row has a value in each column, the next one as few as it may. A table in which no
row can be put is named, with the reason; nothing else is refused for it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import islice
from itertools import product
from typing import Any

import sqlalchemy as sa

from ...errors.failure import driver_error
from ...schema.model import Check
from ...schema.model import Column
from ...schema.model import ForeignKey
from ...schema.model import Table
from ...schema.model import TableName
from ..snapshots import Snapshot
from .values import tried_for
from .values import value_for

Row = dict[str, Any]
Given = Mapping[str, Mapping[str, Sequence[Any]]]
"""Values to use, by the names of tables and columns."""

_ROWS = 2
_TRIES = 300


class RowMaker:
    """Makes rows in one database.

    :param other: what it was before, or will be afterwards: the rows fit there, too.
    :param given: values for columns that take what nobody guesses.
    """

    def __init__(
        self,
        connection: sa.Connection,
        now: Snapshot,
        other: Snapshot | None = None,
        given: Given | None = None,
    ) -> None:
        self._connection = connection
        self._tables = now.schema.by_name
        self._others = other.schema.by_name if other else {}
        self._given = given or {}
        self._number = 0

    def fill(
        self,
        only: Collection[TableName] | None = None,
        only_empty: bool = False,
    ) -> dict[str, str]:
        """Put rows into the tables; return why, by name, where there are none.

        :param only: some of them; none: all.
        :param only_empty: leave tables alone that have some.
        """
        failed: dict[str, str] = {}
        for table in in_order(self._tables):
            if only is not None and table.name not in only:
                continue
            if only_empty and self._rows_of(table.name):
                continue
            reasons = [self._put(table, place) for place in range(_ROWS)]
            if all(reasons) and not self._rows_of(table.name):
                failed[str(table.name)] = reasons[0] or ""
        self._connection.commit()
        return failed

    def _put(self, table: Table, place: int) -> str | None:
        """Put one row into a table; return why not, if that cannot be."""
        self._number += 1
        try:
            row = self._row(table, place)
        except _Impossible as impossible:
            return str(impossible)

        reason: str | None = "nothing was tried"
        for changed in islice(self._ways(table, row), _TRIES):
            reason = self._tried(table, changed)
            if reason is None:
                return None
        return reason

    # -- one row -----------------------------------------------------------

    def _row(self, table: Table, place: int) -> Row:
        is_sparse = place > 0
        row: Row = {}
        keys = list(self._keys(table))
        in_keys = {name for key in keys for name in key.columns}
        counting = _counting_column(table, in_keys)
        for column in table.columns:
            if column.name in in_keys or column.computed or column.name == counting:
                continue
            if column.identity is not None and column.identity.always:
                continue
            given = self._given.get(str(table.name), {}).get(column.name)
            if given:
                row[column.name] = given[place % len(given)]
            elif is_sparse and self._may_lack(table, column):
                continue
            else:
                row[column.name] = value_for(self._types(table, column), self._number)

        for key in keys:
            row.update(self._reference(table, key, place))
        return row

    def _may_lack(self, table: Table, column: Column) -> bool:
        if column.default is not None:
            return True

        return all(each.nullable for each in self._twins(table, column))

    def _twins(self, table: Table, column: Column) -> list[Column]:
        """Return a column as it is, and as it is on the other side."""
        other = self._others.get(table.name)
        twin = other.column(column.name) if other is not None else None
        return [column, *([twin] if twin is not None else [])]

    def _types(self, table: Table, column: Column) -> list[sa.types.TypeEngine[Any]]:
        return [each.type.element for each in self._twins(table, column)]

    def _keys(self, table: Table) -> Iterator[ForeignKey]:
        """Yield the foreign keys of a table, also those of the other side."""
        yield from table.of_kind(ForeignKey)
        other = self._others.get(table.name)
        names = {column.name for column in table.columns}
        known = {key.columns for key in table.of_kind(ForeignKey)}
        for key in other.of_kind(ForeignKey) if other else ():
            referent = self._tables.get(key.referent)
            if (
                key.columns not in known
                and names.issuperset(key.columns)
                and referent is not None
                and all(referent.column(name) for name in key.referent_columns)
            ):
                yield key

    def _reference(self, table: Table, key: ForeignKey, place: int) -> Row:
        rows = self._rows_of(key.referent)
        columns = [table.column(name) for name in key.columns]
        may_lack = all(c is None or self._may_lack(table, c) for c in columns)
        if not rows:
            if may_lack:
                return dict.fromkeys(key.columns)
            raise _Impossible(f"it needs a row of '{key.referent}', which has none")

        # The newest are those that were made last: each its own, for one-to-one.
        chosen = rows[(len(rows) - _ROWS + place) % len(rows)]
        found = [chosen.get(name) for name in key.referent_columns]
        return dict(zip(key.columns, found, strict=True))

    # -- what the database says --------------------------------------------

    def _ways(self, table: Table, row: Row) -> Iterator[Row]:
        """Yield the row, then others in which what conditions mention is different."""
        yield row
        counting = _counting_column(table, set())
        if counting is not None and counting not in row:
            yield {**row, counting: self._number}

        texts = list(self._conditions(table))
        mentioned = [
            column
            for column in table.columns
            if column.name in row
            and any(re.search(rf"\b{re.escape(column.name)}\b", each) for each in texts)
        ]
        values = [
            list(
                dict.fromkeys(
                    map(
                        _Told,
                        tried_for(self._types(table, column), texts, self._number),
                    )
                )
            )
            for column in mentioned
        ]
        if mentioned:
            for chosen in product(*values):
                pairs = zip(mentioned, chosen, strict=True)
                yield {**row, **{column.name: told.value for column, told in pairs}}

        # What has few values, such as a boolean in a unique constraint.
        for more in range(1, 4):
            yield {
                name: value_for(self._types(table, column), self._number + more)
                if (column := table.column(name)) is not None
                and not _is_reference(table, name)
                else value
                for name, value in row.items()
            }

    def _conditions(self, table: Table) -> Iterator[str]:
        yield from (each.condition.text for each in table.of_kind(Check))
        yield from self._conditions_of_other(table)

    def _conditions_of_other(self, table: Table) -> Iterator[str]:
        other = self._others.get(table.name)
        if other is not None:
            yield from (each.condition.text for each in other.of_kind(Check))

    def _tried(self, table: Table, row: Row) -> str | None:
        columns = [
            sa.column(name, column.type.element)
            for name in row
            if (column := table.column(name)) is not None
        ]
        target = sa.table(table.name.name, *columns, schema=table.name.schema)
        savepoint = self._connection.begin_nested()
        try:
            self._connection.execute(target.insert().values(row))
            broken = self._broken_elsewhere(table)
            if broken is not None:
                savepoint.rollback()
                return f"no value was found for its condition {broken}"
            savepoint.commit()
        except (sa.exc.SQLAlchemyError, ValueError, TypeError) as error:
            if savepoint.is_active:
                savepoint.rollback()
            cause = (
                driver_error(error) if isinstance(error, sa.exc.DBAPIError) else error
            )
            return " ".join(str(cause).split())
        return None

    def _broken_elsewhere(self, table: Table) -> str | None:
        """Return a condition of the other side that some row does not fulfil."""
        target = self._connection.dialect.identifier_preparer.format_table(
            sa.table(table.name.name, schema=table.name.schema)
        )
        for condition in self._conditions_of_other(table):
            savepoint = self._connection.begin_nested()
            sql = f"SELECT 1 FROM {target} WHERE NOT ({condition})"
            try:
                broken = self._connection.exec_driver_sql(
                    sql.replace("%", "%%")
                    if self._connection.dialect.identifier_preparer._double_percents
                    else sql
                ).first()
                savepoint.commit()
            except sa.exc.SQLAlchemyError:
                # It is about columns that are not there on this side.
                savepoint.rollback()
                continue
            if broken is not None:
                return condition
        return None

    def _rows_of(self, name: TableName) -> list[Row]:
        return rows_of(self._connection, self._tables.get(name), name)


def rows_of(
    connection: sa.Connection, table: Table | None, name: TableName
) -> list[Row]:
    """Return the rows of a table as the driver has them, sorted by its key."""
    target = sa.table(name.name, schema=name.schema)
    found = sa.select(sa.text("*")).select_from(target)
    key = table.primary_key.columns if table and table.primary_key else ()
    if key:
        found = found.order_by(*(sa.column(each) for each in key))
    # A statement that is remembered would have the columns that there were then.
    read = connection.execute(found, execution_options={"compiled_cache": None})
    return [dict(row) for row in read.mappings()]


class _Impossible(Exception):
    """There is no row that could be put into a table."""


class _Told:
    """A value that is equal to those that read the same: not all can be hashed."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Told) and repr(self.value) == repr(other.value)

    def __hash__(self) -> int:
        return hash(repr(self.value))


def _is_reference(table: Table, name: str) -> bool:
    return any(name in key.columns for key in table.of_kind(ForeignKey))


def _counting_column(table: Table, in_keys: Iterable[str]) -> str | None:
    """Return the column that a database may count by itself."""
    key = table.primary_key
    if key is None or len(key.columns) != 1 or key.columns[0] in in_keys:
        return None

    column = table.column(key.columns[0])
    is_number = column is not None and isinstance(column.type.element, sa.Integer)
    return key.columns[0] if is_number else None


def in_order(tables: Mapping[TableName, Table]) -> Iterator[Table]:
    """Yield tables, each after those that its rows point to, as far as that goes."""
    seen: set[TableName] = set()
    for start in sorted(tables, key=str):
        # Not by recursion: a chain may be longer than Python's stack.
        stack = [(start, False)]
        while stack:
            name, are_referents_done = stack.pop()
            if are_referents_done:
                yield tables[name]
            elif name not in seen:
                seen.add(name)
                referents = {key.referent for key in tables[name].of_kind(ForeignKey)}
                stack.append((name, True))
                stack += [
                    (each, False)
                    for each in sorted(referents & tables.keys() - seen, key=str)
                ]
