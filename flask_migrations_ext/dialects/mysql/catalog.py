"""What a server of MySQL or MariaDB knows of a table: names, what they name, and which
indexes are its own."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

import sqlalchemy as sa

from ...schema.model import Check
from ...schema.model import Constraint
from ...schema.model import ForeignKey
from ...schema.model import Index
from ...schema.model import PrimaryKey
from ...schema.model import Table
from ...schema.model import TableName
from ...schema.model import Unique

_INDEXES = """
SELECT index_name, column_name, sub_part FROM information_schema.statistics
WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :table
ORDER BY index_name, seq_in_index
"""

_FOREIGN_KEY_COLUMNS = """
SELECT constraint_name, column_name FROM information_schema.key_column_usage
WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :table
AND referenced_table_name IS NOT NULL
ORDER BY constraint_name, ordinal_position
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
    return set(index_columns(connection, table))


def index_columns(
    connection: sa.Connection, table: TableName
) -> dict[str, tuple[str | None, ...]]:
    """Return the columns of each index; None for an expression or part of a value."""
    found: dict[str, tuple[str | None, ...]] = {}
    for name, column, part in connection.execute(sa.text(_INDEXES), _of(table)):
        found[name] = (*found.get(name, ()), column if part is None else None)

    return found


def foreign_key_columns(
    connection: sa.Connection, table: TableName
) -> dict[str, tuple[str, ...]]:
    """Return the columns of each foreign key of a table."""
    found: dict[str, tuple[str, ...]] = {}
    query = sa.text(_FOREIGN_KEY_COLUMNS)
    for name, column in connection.execute(query, _of(table)):
        found[name] = (*found.get(name, ()), column)

    return found


def serves(index: Sequence[object], key: Sequence[str]) -> bool:
    """Return whether an index of these columns is one that a foreign key can use."""
    return tuple(index[: len(key)]) == tuple(key)


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


def rows_about(connection: sa.Connection, table: TableName) -> int | None:
    """Return what the storage engine estimates."""
    asked = sa.text(
        "SELECT table_rows FROM information_schema.tables"
        " WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :name"
    )
    found = connection.execute(asked, {"schema": table.schema, "name": table.name})
    return found.scalar()


def _found(
    connection: sa.Connection, query: str, table: TableName, name: str | None = None
) -> list[str]:
    values = _of(table) if name is None else {**_of(table), "name": name}
    return list(connection.scalars(sa.text(query), values))


def _of(table: TableName) -> dict[str, str | None]:
    return {"table": table.name, "schema": table.schema}


class KeyIndexes:
    """Which indexes of a table MySQL made, or needs, for its foreign keys."""

    def __init__(self, table: Table, model: Table | None) -> None:
        # An index of a key that goes has to go with it: nobody else takes it away.
        staying = {key.columns for key in (model or table).of_kind(ForeignKey)}
        self._keys: dict[tuple[str, ...], list[ForeignKey]] = {}
        for key in table.of_kind(ForeignKey):
            if key.columns in staying:
                self._keys.setdefault(key.columns, []).append(key)

        self._model = model
        self._names = {each.name for each in model.indexes} if model else set()
        self._served: set[tuple[str, ...]] = set()
        if model is not None:
            for columns in (
                *(each.columns for each in model.indexes),
                *(each.columns for each in model.of_kind(Unique)),
                *(each.columns for each in model.of_kind(PrimaryKey)),
            ):
                self._served.update(_beginnings(columns))

    def has(self, index: Index) -> bool:
        """Return whether MySQL made an index, or needs it, for a foreign key."""
        if index.unique or index.name in self._names:
            return False

        keys = [
            key
            for columns in _beginnings(index.columns)
            for key in self._keys.get(columns, ())
        ]
        if any(_is_named_after(index, key) for key in keys):
            return True

        # Without another index to serve the key, MySQL would refuse to drop this one.
        return self._model is not None and any(
            key.columns not in self._served for key in keys
        )


def _beginnings(columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the columns of each foreign key that an index of these can serve."""
    return (columns[:length] for length in range(1, len(columns) + 1))


def _is_named_after(index: Index, key: ForeignKey) -> bool:
    # A key without a name of its own lends its first column's to its index.
    return index.name in (key.name, key.columns[0])
