"""Alembic's operation objects for indexes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

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
        parts = [each for each in self.columns if not isinstance(each, str)]
        columns = {
            str(each.name): each
            for part in parts
            for each in visitors.iterate(part)
            if isinstance(each, sa.ColumnClause) and not each.is_literal
        }
        listed = [each for each in self.kw.values() if isinstance(each, (list, tuple))]
        names = [*self.columns, *columns, *(each for kw in listed for each in kw)]
        table = stub(
            self.table_name,
            [each for each in names if isinstance(each, str)],
            self.schema,
            metadata_of(migration_context),
        )
        for name, column in columns.items():
            table.c[name].type = column.type
        return sa.Index(
            self.index_name,
            *(_moved(each, table) for each in self.columns),
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


def _moved(part: Any, table: sa.Table) -> Any:
    """Return a part of an index with the columns of another table."""
    if isinstance(part, str):
        return table.c[part]

    def own(element: Any, **_: Any) -> Any:
        is_column = isinstance(element, sa.ColumnClause) and not element.is_literal
        return table.c[str(element.name)] if is_column else None

    return visitors.replacement_traverse(part, {}, own)
