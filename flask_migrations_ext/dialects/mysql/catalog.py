"""What a server of MySQL or MariaDB knows of a table: names, and what they name."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from ...schema.model import Check
from ...schema.model import Constraint
from ...schema.model import ForeignKey
from ...schema.model import PrimaryKey
from ...schema.model import TableName
from ...schema.model import Unique

_INDEXES = """
SELECT DISTINCT index_name AS found FROM information_schema.statistics
WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :table
"""

_FOREIGN_KEYS = """
SELECT constraint_name AS found FROM information_schema.key_column_usage
WHERE table_schema = COALESCE(:schema, DATABASE())
AND table_name = :table AND column_name = :name
AND referenced_table_name IS NOT NULL
ORDER BY constraint_name
"""

_KINDS = """
SELECT constraint_type AS found FROM information_schema.table_constraints
WHERE table_schema = COALESCE(:schema, DATABASE())
AND table_name = :table AND constraint_name = :name
"""

_KIND: Mapping[str, type[Constraint]] = {
    "FOREIGN KEY": ForeignKey,
    "PRIMARY KEY": PrimaryKey,
    "UNIQUE": Unique,
    "CHECK": Check,
}


def index_names(connection: sa.Connection, table: TableName) -> set[str]:
    """Return the names of the indexes of a table."""
    return set(_found(connection, _INDEXES, table))


def foreign_keys_of(
    connection: sa.Connection, table: TableName, column: str
) -> list[str]:
    """Return the names of the foreign keys that a column is part of."""
    return _found(connection, _FOREIGN_KEYS, table, column)


def constraint_kinds(
    connection: sa.Connection, table: TableName, name: str
) -> set[type[Constraint]]:
    """Return the kinds of the constraints of that name: they may share one."""
    return {_KIND[each] for each in _found(connection, _KINDS, table, name)}


def _found(
    connection: sa.Connection, query: str, table: TableName, name: str | None = None
) -> list[str]:
    values = {"table": table.name, "schema": table.schema}
    if name is not None:
        values["name"] = name

    return list(connection.scalars(sa.text(query), values))
