"""Indexes and constraints as the calls of ``op`` that make or drop them."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping

from sqlalchemy.sql.elements import conv

from ...operations.constraints import AddConstraint
from ...operations.constraints import DropConstraint
from ...operations.indexes import CreateIndex
from ...operations.indexes import DropIndex
from ...schema.model import Check
from ...schema.model import Exclude
from ...schema.model import ForeignKey
from ...schema.model import PrimaryKey
from ...schema.model import Unique
from ..compare.constraints import full_name
from ..located import located
from .elements import condition_node
from .elements import deferral
from .elements import element_nodes
from .elements import exclude_keywords
from .elements import option_nodes
from .elements import part_node
from .elements import reference_keywords
from .layout import items
from .layout import literal
from .layout import names
from .layout import Node
from .place import Place

_KINDS: Mapping[type, str] = {
    ForeignKey: "foreignkey",
    PrimaryKey: "primary",
    Unique: "unique",
    Check: "check",
    Exclude: "exclude",
}


def create_index(operation: CreateIndex, place: Place) -> Iterator[Node]:
    index = operation.index
    keywords: dict[str, Node] = {}
    if index.unique:
        keywords["unique"] = literal(True)
    if operation.if_not_exists:
        keywords["if_not_exists"] = literal(True)
    with located(f"index '{index.name}'"):
        parts = [part_node(each, place.context) for each in index.parts]
        keywords.update(option_nodes(index.options, place.context))
    yield place.call(
        "create_index",
        place.name(index.name),
        place.table(operation.table),
        items(parts),
        schema=operation.table.schema,
        options=keywords,
    )


def drop_index(operation: DropIndex, place: Place) -> Iterator[Node]:
    table = operation.table
    keywords = {}
    if place.batch is None and table is not None:
        keywords["table_name"] = literal(table.name)
    if operation.if_exists:
        keywords["if_exists"] = literal(True)
    yield place.call(
        "drop_index",
        place.name(operation.name),
        schema=table.schema if table is not None else operation.schema,
        options={**keywords, **option_nodes(operation.options, place.context)},
    )


def add_constraint(operation: AddConstraint, place: Place) -> Iterator[Node]:
    constraint, table = operation.constraint, operation.table
    options = option_nodes(getattr(constraint, "options", ()), place.context)
    name = place.name(constraint.name)
    own = place.table(table)

    if isinstance(constraint, ForeignKey):
        keywords = reference_keywords(constraint)
        if constraint.referent.schema is not None:
            keywords["referent_schema"] = literal(constraint.referent.schema)
        if table.schema is not None and place.batch is None:
            keywords["source_schema"] = literal(table.schema)
        yield place.call(
            "create_foreign_key",
            name,
            own,
            literal(constraint.referent.name),
            names(constraint.columns),
            names(constraint.referent_columns),
            options={**keywords, **options},
        )
    elif isinstance(constraint, Check):
        condition = condition_node(constraint.condition, place.context)
        yield place.call(
            "create_check_constraint",
            name,
            own,
            condition,
            schema=table.schema,
            options=options,
        )
    elif isinstance(constraint, Exclude):
        yield place.call(
            "create_exclude_constraint",
            name,
            own,
            *element_nodes(constraint, place.context),
            schema=table.schema,
            options=exclude_keywords(constraint, place.context),
        )
    elif isinstance(constraint, PrimaryKey | Unique):
        unique = isinstance(constraint, Unique)
        yield place.call(
            "create_unique_constraint" if unique else "create_primary_key",
            name,
            own,
            names(constraint.columns),
            schema=table.schema,
            options={
                **(deferral(constraint) if isinstance(constraint, Unique) else {}),
                **options,
            },
        )


def drop_constraint(operation: DropConstraint, place: Place) -> Iterator[Node]:
    name = operation.name
    keywords: dict[str, Node] = {}
    if name is None and isinstance(operation.was, Check):
        condition = operation.was.condition
        keywords["condition"] = condition_node(condition, place.context)
    elif name is None and operation.was is not None:
        # The block's naming convention leads from this name to the constraint.
        name = conv(full_name(operation.was, operation.table))

    if operation.kind is not None:
        keywords["type_"] = literal(_KINDS[operation.kind])
    if operation.if_exists:
        keywords["if_exists"] = literal(True)
    yield place.call(
        "drop_constraint",
        place.name(name),
        place.table(operation.table),
        schema=operation.table.schema,
        options=keywords,
    )
