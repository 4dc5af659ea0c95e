"""How much of rows and values a change would take away, found out cheaply.

Exact up to a limit; of more, the estimate that the database has, if it has one. No
question reads a large table to its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ...dialects.comparison import ComparisonRules
from ...schema.model import Column
from ...schema.model import Table
from ...schema.model import TableName

LIMIT = 10_000
"""Up to so many rows are counted one by one."""


@dataclass(frozen=True)
class Stake:
    """How many there are.

    :param number: None if nobody has counted.
    :param words: ``12,314 rows``, ``about 3,000,000 rows``.
    """

    number: int | None
    words: str


class Stakes:
    """Counts in one database; without a connection, nobody knows."""

    def __init__(
        self, rules: ComparisonRules, connection: sa.Connection | None = None
    ) -> None:
        self._rules = rules
        self._connection = connection
        self._counted: dict[tuple[TableName, str | None], Stake] = {}

    def rows(self, table: Table) -> Stake:
        """Return how many rows a table has."""
        return self._count(table.name, None, "row")

    def values(self, table: Table, column: Column) -> Stake:
        """Return how many values, other than NULL, a column has."""
        return self._count(table.name, column.name, "value")

    def where(self, table: TableName, condition: sa.ColumnElement[bool]) -> Stake:
        """Return how many rows are as a condition says."""
        if self._connection is None:
            return Stake(None, "an unknown number of rows")

        source = _source(table)
        found = self._upto(
            sa.select(sa.literal(1)).select_from(source).where(condition)
        )
        return Stake(found, _said(found, None, "row"))

    def _count(self, table: TableName, column: str | None, noun: str) -> Stake:
        if self._connection is None:
            return Stake(None, f"an unknown number of {noun}s")

        key = table, column
        if key not in self._counted:
            source = _source(table)
            number = self._upto(
                sa.select(sa.literal(1)).select_from(source)
                if column is None
                else sa.select(sa.column(column)).select_from(source),
                column,
            )
            estimate = None
            if number > LIMIT or (column is not None and self._is_cut(table)):
                estimate = self._estimate(table)
            self._counted[key] = Stake(number, _said(number, estimate, noun))

        return self._counted[key]

    def _estimate(self, table: TableName) -> int | None:
        if self._rules.row_estimate is None or self._connection is None:
            return None

        text = self._rules.dialect.table_text(table)
        named = {"table": text, "name": table.name, "schema": table.schema}
        query = sa.text(self._rules.row_estimate)
        found = self._connection.scalar(
            query, {name: named[name] for name in query._bindparams}
        )
        # A table that was never counted has -1 or none.
        return int(found) if found and found > 0 else None

    def _is_cut(self, table: TableName) -> bool:
        return (self._count(table, None, "row").number or 0) > LIMIT

    def _upto(self, rows: sa.Select[Any], column: str | None = None) -> int:
        """Return how many there are among the first rows."""
        assert self._connection is not None
        part = rows.limit(LIMIT + 1).subquery()
        counted = sa.func.count(part.c[column]) if column else sa.func.count()
        return int(self._connection.scalar(sa.select(counted).select_from(part)) or 0)


def _source(table: TableName) -> sa.TableClause:
    return sa.table(table.name, schema=table.schema)


def _said(number: int, estimate: int | None, noun: str) -> str:
    if number <= LIMIT and estimate is None:
        return f"{number:,} {noun}{'' if number == 1 else 's'}"
    if estimate is not None and estimate > LIMIT:
        upto = "about" if number > LIMIT else "up to"
        return f"{upto} {estimate:,} {noun}s"

    return f"more than {LIMIT:,} {noun}s"
