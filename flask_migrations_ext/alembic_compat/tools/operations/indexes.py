"""Alembic's operation objects for indexes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from .operation import metadata_of
from .operation import MigrateOperation
from .operation import stub


class CreateIndexOp(MigrateOperation):
    """Create an index."""

    def __init__(
        self,
        index_name: str | None,
        table_name: str,
        columns: Sequence[Any],
        *,
        schema: str | None = None,
        unique: bool = False,
        if_not_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        self.index_name = index_name
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.unique = unique
        self.if_not_exists = if_not_exists
        self.kw = kw

    @classmethod
    def from_index(cls, index: sa.Index) -> CreateIndexOp:
        """Return the operation that creates an index."""
        table: Any = index.table
        return cls(
            index.name,
            str(table.name),
            list(index.expressions),
            schema=table.schema,
            unique=index.unique,
            **dict(index.dialect_kwargs),
        )

    def to_index(self, migration_context: Any = None) -> sa.Index:
        """Return SQLAlchemy's index."""
        names = [_column_name(each) for each in self.columns]
        listed = [
            each
            for value in self.kw.values()
            if isinstance(value, (list, tuple))
            for each in value
            if isinstance(each, str)
        ]
        table = stub(
            self.table_name,
            [each for each in names if each is not None] + listed,
            self.schema,
            metadata_of(migration_context),
        )
        for each, name in zip(self.columns, names, strict=True):
            if isinstance(each, sa.Column) and name is not None:
                table.c[name].type = each.type
        return sa.Index(
            self.index_name,
            *(
                each if name is None else table.c[name]
                for each, name in zip(self.columns, names, strict=True)
            ),
            unique=self.unique,
            _table=table,
            **self.kw,
        )

    def reverse(self) -> DropIndexOp:
        return DropIndexOp.from_index(self.to_index())

    def to_diff_tuple(self) -> tuple[str, sa.Index]:
        return "add_index", self.to_index()


class DropIndexOp(MigrateOperation):
    """Drop an index."""

    def __init__(
        self,
        index_name: str | None,
        table_name: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        _reverse: CreateIndexOp | None = None,
        **kw: Any,
    ) -> None:
        self.index_name = index_name
        self.table_name = table_name
        self.schema = schema
        self.if_exists = if_exists
        self._reverse = _reverse
        self.kw = kw

    @classmethod
    def from_index(cls, index: sa.Index) -> DropIndexOp:
        """Return the operation that drops an index."""
        created = CreateIndexOp.from_index(index)
        return cls(
            index.name,
            created.table_name,
            schema=created.schema,
            _reverse=created,
            unique=index.unique,
            **created.kw,
        )

    def to_index(self, migration_context: Any = None) -> sa.Index:
        """Return SQLAlchemy's index, as far as it is known."""
        created = self._reverse
        kw = {name: value for name, value in self.kw.items() if name != "unique"}
        made = CreateIndexOp(
            self.index_name,
            self.table_name or "no_table",
            created.columns if created is not None else ["x"],
            schema=self.schema,
            unique=bool(self.kw.get("unique", False)),
            **(created.kw if created is not None else kw),
        )
        return made.to_index(migration_context)

    def reverse(self) -> CreateIndexOp:
        return CreateIndexOp.from_index(self.to_index())

    def to_diff_tuple(self) -> tuple[str, sa.Index]:
        return "remove_index", self.to_index()


def _column_name(part: Any) -> str | None:
    if isinstance(part, str):
        return part
    if isinstance(part, sa.ColumnClause) and not part.is_literal:
        return str(part.name)

    return None
