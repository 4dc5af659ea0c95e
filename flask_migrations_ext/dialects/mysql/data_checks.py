"""What rows a change would fill or falsify, and the refusal of it.

The servers fill a new column that takes no NULL with ``0``, ``''`` or the first value
of an enum, and where they are not strict do so with NULLs that are there. What was
never said by anybody is not put into rows.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from ...errors import DataAtRisk
from ...schema.model import TableName
from ..standard import StandardSql
from .columns import ColumnDefinition


def wants_a_value(column: ColumnDefinition) -> bool:
    """Return whether rows that are there get a value that nobody has given."""
    given = ("default", "generated", "autoincrement")
    return column["null"] == "NOT NULL" and not any(column[part] for part in given)


def refuse_empty(
    dialect: StandardSql, connection: sa.Connection, table: TableName, column: str
) -> None:
    """Refuse a new column that wants a value, if there are rows.

    :raises DataAtRisk: with their number.
    """
    count = _count(dialect, connection, table, None)
    if count:
        raise DataAtRisk(
            f"table '{table}' has {_rows(count)}, and the new column '{column}' takes"
            " no NULL and has no default",
            "give it a server_default, or add it as nullable, fill it, and make it"
            " not nullable then",
        )


def refuse_nulls(
    dialect: StandardSql,
    connection: sa.Connection,
    table: TableName,
    columns: Iterable[str],
) -> None:
    """Refuse to take NULL no longer, if there are some.

    :param columns: those of them that the table has yet are looked at.
    :raises DataAtRisk: with their number.
    """
    there = dialect.column_names(connection, table)
    for column in (each for each in columns if each in there):
        count = _count(dialect, connection, table, f"{dialect.quote(column)} IS NULL")
        if count:
            raise DataAtRisk(
                f"{_rows(count)} of table '{table}'"
                f" {'has' if count == 1 else 'have'} NULL in column '{column}', which"
                " is to take none",
                "fill them first, with an UPDATE in op.execute()",
            )


def _count(
    dialect: StandardSql,
    connection: sa.Connection,
    table: TableName,
    condition: str | None,
) -> int:
    where = f" WHERE {condition}" if condition else ""
    rows = f"FROM {dialect.table_text(table)}{where}"
    # All is well nearly always, and then a look at one row has to do.
    if not connection.scalar(dialect.raw(f"SELECT EXISTS (SELECT 1 {rows})").element):
        return 0

    return int(connection.scalar(dialect.raw(f"SELECT count(*) {rows}").element))


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"
