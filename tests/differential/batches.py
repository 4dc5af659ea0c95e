"""Alembic's ``op`` for SQLite: the same calls, in the batch blocks that it asks for."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations

# The place of the table among the arguments of what a block can do.
_TABLE_AT = {
    "add_column": 0,
    "alter_column": 0,
    "drop_column": 0,
    "create_index": 1,
    "drop_index": 1,
    "create_primary_key": 1,
    "create_unique_constraint": 1,
    "create_foreign_key": 1,
    "create_check_constraint": 1,
    "drop_constraint": 1,
    "create_table_comment": 0,
    "drop_table_comment": 0,
}


class InBatches:
    """Puts operations that follow each other on one table into one block.

    :param known: the tables, where there is no database to look at.
    """

    def __init__(self, operations: Operations, known: sa.MetaData | None) -> None:
        self._operations: Any = operations
        self._known = known
        self._block: Any = None
        self._batch: Any = None
        self._table: str | None = None

    def __enter__(self) -> InBatches:
        return self

    def __exit__(self, *reason: Any) -> None:
        if reason[0] is None:
            self._flush()

    def __getattr__(self, name: str) -> Any:
        if name == "batch_alter_table":
            return self._user_block
        if name not in _TABLE_AT:
            self._flush()
            return getattr(self._operations, name)

        def call(*arguments: Any, **keywords: Any) -> Any:
            at = _TABLE_AT[name]
            given = list(arguments)
            table = given.pop(at) if len(given) > at else keywords.pop("table_name", "")
            if not table:
                self._flush()
                return getattr(self._operations, name)(*given, **keywords)

            return getattr(self._batch_of(table), name)(*given, **keywords)

        return call

    def _batch_of(self, table: str) -> Any:
        if table != self._table:
            self._flush()
            self._block = self._user_block(table)
            self._batch = self._block.__enter__()
            self._table = table

        return self._batch

    def _user_block(self, table: str, **options: Any) -> Any:
        self._flush()
        if self._known is not None and table in self._known.tables:
            options.setdefault("copy_from", self._known.tables[table])

        return self._operations.batch_alter_table(table, **options)

    def _flush(self) -> None:
        block, self._block, self._table = self._block, None, None
        if block is not None:
            block.__exit__(None, None, None)
