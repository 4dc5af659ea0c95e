"""Alembic's operation objects for indexes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from .operation import metadata_of
from .operation import MigrateOperation
from .operation import place_of
from .operation import stub


class CreateIndexOp(
    MigrateOperation,
    takes="index_name table_name columns * schema unique=False if_not_exists **kw",
):
    """Create an index."""

    @classmethod
    def from_index(cls, index: sa.Index) -> CreateIndexOp:
        """Return the operation that creates an index."""
        table, schema = place_of(index)
        return cls(
            index.name,
            table,
            list(index.expressions),
            schema=schema,
            unique=index.unique,
            **dict(index.dialect_kwargs),
        )

    def to_index(self, migration_context: Any = None) -> sa.Index:
        """Return SQLAlchemy's index."""
        parts = [(each, _column_name(each)) for each in self.columns]
        lists = [each for each in self.kw.values() if isinstance(each, (list, tuple))]
        names = [named for _, named in parts] + [each for kw in lists for each in kw]
        table = stub(
            self.table_name,
            [each for each in names if isinstance(each, str)],
            self.schema,
            metadata_of(migration_context),
        )
        for each, named in parts:
            if isinstance(each, sa.Column) and named is not None:
                table.c[named].type = each.type
        return sa.Index(
            self.index_name,
            *(e if named is None else table.c[named] for e, named in parts),
            unique=self.unique,
            _table=table,
            **self.kw,
        )

    def reverse(self) -> DropIndexOp:
        return DropIndexOp.from_index(self.to_index())

    def to_diff_tuple(self) -> tuple[str, sa.Index]:
        return "add_index", self.to_index()


class DropIndexOp(
    MigrateOperation,
    takes="index_name table_name=None * schema if_exists _reverse **kw",
):
    """Drop an index."""

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
