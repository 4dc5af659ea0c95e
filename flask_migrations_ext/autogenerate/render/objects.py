"""SQLAlchemy's objects for what is rendered, as ``render_item`` takes them.

Those of the models where they are known; others are made, on a table of their name.
They are looked for only where an app renders something itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

from ...schema.from_sqlalchemy import declared_constraints
from ...schema.from_sqlalchemy import read_constraint
from ...schema.model import Column
from ...schema.model import Computed
from ...schema.model import Constraint
from ...schema.model import Identity
from ...schema.model import ServerDefault
from ...schema.model import SqlType
from ...schema.model import Table
from ...schema.model import TableName
from ...schema.to_sqlalchemy import SQLAlchemyBuilder
from .types import RenderContext

_KINDS: Mapping[type[sa.Constraint], str] = {
    sa.PrimaryKeyConstraint: "primary_key",
    sa.ForeignKeyConstraint: "foreign_key",
    sa.UniqueConstraint: "unique",
    sa.CheckConstraint: "check",
}


def kind_of(element: sa.Constraint | None) -> str | None:
    """Return what ``render_item`` calls a constraint; None if it is not asked of it."""
    return next((_KINDS[each] for each in _KINDS if isinstance(element, each)), None)


def with_objects(table: Table, context: RenderContext) -> Table:
    """Return a table with the object that it is to SQLAlchemy, and of its columns."""
    if context.options.render_item is None:
        return table

    made = _build(context).table(table) if table.element is None else table.element
    columns = {str(each.name): each for each in made.columns}
    return replace(
        table,
        element=made,
        columns=tuple(
            each
            if each.element is not None
            else replace(each, element=columns.get(each.name))
            for each in table.columns
        ),
    )


def with_object(column: Column, table: TableName, context: RenderContext) -> Column:
    """Return a column with the object that it is to SQLAlchemy."""
    if context.options.render_item is None or column.element is not None:
        return column

    return replace(column, element=_build(context).column(column, table))


def object_of(
    constraint: Constraint, table: Table, context: RenderContext
) -> sa.Constraint | None:
    """Return the object that a constraint of a table is to SQLAlchemy."""
    if context.options.render_item is None:
        return None

    declared = [] if table.element is None else declared_constraints(table.element)
    for each in declared:
        if read_constraint(each) == constraint:
            return each

    return _build(context).constraint(constraint, table.name)


def default_object(
    said: ServerDefault | Identity | Computed | None, context: RenderContext
) -> Any:
    """Return the object that fills a column by itself; None if nothing does."""
    if context.options.render_item is None or said is None:
        return None

    filled = Column(
        "c",
        SqlType.of(sa.types.NULLTYPE),
        default=said if isinstance(said, ServerDefault) else None,
        identity=said if isinstance(said, Identity) else None,
        computed=said if isinstance(said, Computed) else None,
    )
    return _build(context).column(filled, TableName("t")).server_default


def _build(context: RenderContext) -> SQLAlchemyBuilder:
    dialect = context.options.dialect
    return SQLAlchemyBuilder(DefaultDialect()) if dialect is None else dialect.build
