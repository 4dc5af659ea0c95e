"""Each operation as the calls of ``op`` that carry it out."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields
from dataclasses import replace
from typing import Any

from sqlalchemy.sql.elements import conv

from ...operations.base import Operation
from ...operations.columns import AddColumn
from ...operations.columns import AlterColumn
from ...operations.columns import ColumnFacts
from ...operations.columns import DropColumn
from ...operations.constraints import AddConstraint
from ...operations.constraints import DropConstraint
from ...operations.enums import CreateEnum
from ...operations.enums import DropEnum
from ...operations.indexes import CreateIndex
from ...operations.indexes import DropIndex
from ...operations.rows import InsertRows
from ...operations.sql import ExecuteSql
from ...operations.tables import AlterTable
from ...operations.tables import CommentTable
from ...operations.tables import CreateTable
from ...operations.tables import DropTable
from ...operations.tables import RenameTable
from ...schema.model import Check
from ...schema.model import Exclude
from ...schema.model import ForeignKey
from ...schema.model import KEPT
from ...schema.model import Kept
from ...schema.model import PrimaryKey
from ...schema.model import Table
from ...schema.model import TableName
from ...schema.model import Unique
from ..compare.constraints import named
from ..compare.conversions import ConvertColumn
from ..hooks import renderer_of
from ..located import located
from .elements import column_node
from .elements import condition_node
from .elements import constraint_node
from .elements import deferral
from .elements import element_nodes
from .elements import exclude_keywords
from .elements import name_node
from .elements import option_nodes
from .elements import part_node
from .elements import reference_keywords
from .elements import server_default_node
from .layout import Call
from .layout import call
from .layout import Code
from .layout import items
from .layout import literal
from .layout import names
from .layout import Node
from .layout import one_line
from .types import RenderContext
from .types import type_node
from .values import statement_code
from .values import value_code

_KINDS: Mapping[type, str] = {
    ForeignKey: "foreignkey",
    PrimaryKey: "primary",
    Unique: "unique",
    Check: "check",
    Exclude: "exclude",
}


def nodes(
    operation: Operation, context: RenderContext, batch: str | None = None
) -> Iterator[Node]:
    """Yield the calls that carry out an operation.

    :param batch: what the calls begin with in a batch block, where they leave out
        the table.
    """
    own = renderer_of(operation)
    if own is not None:
        said = own(operation, context)
        yield from (Code(each) for each in ([said] if isinstance(said, str) else said))
        return

    render = RENDERERS.get(type(operation), _from_outside)
    with located(f"table '{_table_of(operation)}'"):
        yield from render(operation, _Place(context, batch))


def _table_of(operation: Operation) -> object:
    table = getattr(operation, "table", None)
    return table.name if isinstance(table, Table) else table


@dataclass(frozen=True)
class _Place:
    """Where calls are written: at the level of the function, or in a batch block."""

    context: RenderContext
    batch: str | None

    def call(
        self,
        function: str,
        *arguments: Node | None,
        schema: str | None = None,
        options: Mapping[str, Node] | None = None,
        **plain: Node,
    ) -> Call:
        """Return a call of a function of ``op``; None is no argument."""
        said = [each for each in arguments if each is not None]
        keywords = {**plain, **(options or {})}
        if self.batch is not None:
            return call(f"{self.batch}{function}", *said, **keywords)
        if schema is not None:
            keywords["schema"] = literal(schema)

        return call(self.context.op(function), *said, **keywords)

    def table(self, name: TableName) -> Node | None:
        """Return the argument that names the table, if there has to be one."""
        return literal(name.name) if self.batch is None else None

    def name(self, name: str | None) -> Node:
        """Return the argument that names an index or constraint."""
        return name_node(name, self.context, self.batch)


def _create_table(operation: CreateTable, place: _Place) -> Iterator[Node]:
    table, context = operation.table, place.context
    columns = [column_node(each, context) for each in table.columns]
    keywords: dict[str, Node] = {}
    if table.comment:
        keywords["comment"] = literal(table.comment)
    if table.prefixes:
        keywords["prefixes"] = names(table.prefixes)
    if operation.if_not_exists:
        keywords["if_not_exists"] = literal(True)
    keywords.update(option_nodes(table.options, context))

    created = place.call(
        "create_table",
        literal(table.name.name),
        *columns,
        *(constraint_node(each, context) for each in table.constraints),
        schema=table.name.schema,
        options=_splat(keywords),
    )
    # A table is easier to read with a line for each column, however short.
    yield replace(created, open=True)
    for index in table.indexes:
        yield from _create_index(CreateIndex(table.name, index), place)


def _splat(keywords: Mapping[str, Node]) -> dict[str, Node]:
    # Some options of MySQL have a space in their name.
    odd = {name: node for name, node in keywords.items() if not name.isidentifier()}
    plain = {name: node for name, node in keywords.items() if name not in odd}
    if odd:
        inner = ", ".join(
            f"{one_line(literal(name))}: {one_line(node)}" for name, node in odd.items()
        )
        plain["**"] = Code("{" + inner + "}")

    return plain


def _drop_table(operation: DropTable, place: _Place) -> Iterator[Node]:
    keywords = {"if_exists": literal(True)} if operation.if_exists else {}
    yield place.call(
        "drop_table",
        literal(operation.name.name),
        schema=operation.name.schema,
        options=keywords,
    )


def _rename_table(operation: RenameTable, place: _Place) -> Iterator[Node]:
    yield place.call(
        "rename_table",
        literal(operation.name.name),
        literal(operation.new_name),
        schema=operation.name.schema,
    )


def _comment_table(operation: CommentTable, place: _Place) -> Iterator[Node]:
    keywords: dict[str, Node] = {}
    if not isinstance(operation.was, Kept) and operation.was is not None:
        keywords["existing_comment"] = literal(operation.was)

    table = place.table(operation.table)
    if operation.comment is None:
        function, comment = "drop_table_comment", None
    else:
        function, comment = "create_table_comment", literal(operation.comment)
    yield place.call(
        function, table, comment, schema=operation.table.schema, options=keywords
    )


def _alter_table(operation: AlterTable, place: _Place) -> Iterator[Node]:
    for each in operation.operations:
        yield from nodes(each, place.context, place.batch)


def _add_column(operation: AddColumn, place: _Place) -> Iterator[Node]:
    numbers_rows = operation.column.primary_key
    inline = [
        each
        for each in operation.constraints
        if isinstance(each, ForeignKey) and operation.inline_references
    ]
    column = column_node(
        operation.column,
        place.context,
        numbers_rows=numbers_rows,
        references=inline,
    )
    if column is None:
        return

    keywords = {}
    if inline:
        keywords["inline_references"] = literal(True)
    if operation.if_not_exists:
        keywords["if_not_exists"] = literal(True)
    if operation.inline_primary_key:
        keywords["inline_primary_key"] = literal(True)
    if place.batch is not None and operation.before:
        keywords["insert_before"] = literal(operation.before)
    if place.batch is not None and operation.after:
        keywords["insert_after"] = literal(operation.after)
    yield place.call(
        "add_column",
        place.table(operation.table),
        column,
        schema=operation.table.schema,
        options=keywords,
    )
    for constraint in operation.constraints:
        if constraint not in inline:
            added = AddConstraint(operation.table, constraint)
            yield from _add_constraint(added, place)
    for index in operation.indexes:
        yield from _create_index(CreateIndex(operation.table, index), place)


def _drop_column(operation: DropColumn, place: _Place) -> Iterator[Node]:
    keywords = {"if_exists": literal(True)} if operation.if_exists else {}
    yield place.call(
        "drop_column",
        place.table(operation.table),
        literal(operation.name),
        schema=operation.table.schema,
        options={**keywords, **option_nodes(operation.options, place.context)},
    )


def _alter_column(operation: AlterColumn, place: _Place) -> Iterator[Node]:
    becomes, was = operation.becomes, operation.was
    keywords: dict[str, Node] = {}

    def say(name: str, value: object, node: Callable[[Any], Node] = literal) -> None:
        if not isinstance(value, Kept):
            keywords[name] = node(value)

    def type_of(value: Any) -> Node:
        return type_node(value.element, place.context)

    def default_of(value: Any) -> Node:
        return server_default_node(value, place.context)

    if operation.new_name is not None:
        say("new_column_name", operation.new_name)
    say("existing_type", was.type, type_of)
    say("type_", becomes.type, type_of)
    if becomes.nullable is KEPT:
        say("existing_nullable", was.nullable)
    say("nullable", becomes.nullable)
    say("existing_server_default", _server_default(was), default_of)
    say("server_default", _server_default(becomes), default_of)
    if was.comment is not None:
        say("existing_comment", was.comment)
    say("comment", becomes.comment)
    say("existing_autoincrement", was.autoincrement)
    say("autoincrement", becomes.autoincrement)

    yield place.call(
        "alter_column",
        place.table(operation.table),
        literal(operation.name),
        schema=operation.table.schema,
        options={**keywords, **option_nodes(operation.options, place.context)},
    )


def _server_default(facts: ColumnFacts) -> object:
    """Return which of the attributes that a column has one of is said."""
    said = (facts.identity, facts.computed, facts.default)
    for each in said:
        if each is not None and each is not KEPT:
            return each

    return None if None in said else KEPT


def _create_index(operation: CreateIndex, place: _Place) -> Iterator[Node]:
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


def _drop_index(operation: DropIndex, place: _Place) -> Iterator[Node]:
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


def _add_constraint(operation: AddConstraint, place: _Place) -> Iterator[Node]:
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


def _drop_constraint(operation: DropConstraint, place: _Place) -> Iterator[Node]:
    name = operation.name
    if name is None and operation.was is not None:
        # The block's naming convention leads from this name to the constraint.
        name = conv(str(named(operation.was, operation.table).name))

    keywords: dict[str, Node] = {}
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


def _create_enum(operation: CreateEnum, place: _Place) -> Iterator[Node]:
    yield place.call(
        "create_enum",
        literal(operation.name),
        names(operation.values),
        schema=operation.schema,
    )


def _drop_enum(operation: DropEnum, place: _Place) -> Iterator[Node]:
    yield place.call("drop_enum", literal(operation.name), schema=operation.schema)


def _execute_sql(operation: ExecuteSql, place: _Place) -> Iterator[Node]:
    yield place.call("execute", statement_code(operation, place.context))


def _insert_rows(operation: InsertRows, place: _Place) -> Iterator[Node]:
    context = place.context
    columns = [
        call(
            context.sa("column"),
            literal(column.name),
            type_node(column.type, context),
        )
        for column in operation.target.columns
    ]
    schema = operation.table.schema
    target = call(
        context.sa("table"),
        literal(operation.table.name),
        *columns,
        **({"schema": literal(schema)} if schema else {}),
    )
    rows = items([value_code(row, context) for row in operation.rows])
    keywords = {} if operation.together else {"multiinsert": literal(False)}
    yield place.call("bulk_insert", target, rows, options=keywords)


def _from_outside(operation: Operation, place: _Place) -> Iterator[Node]:
    # op has a function for it, which takes what the class takes.
    said = {
        each.name: literal(getattr(operation, each.name))
        for each in fields(operation)
        if getattr(operation, each.name) != each.default
    }
    yield place.call(operation.verb, options=said)


RENDERERS: Mapping[type[Operation], Callable[[Any, _Place], Iterator[Node]]] = {
    AddColumn: _add_column,
    AddConstraint: _add_constraint,
    AlterColumn: _alter_column,
    ConvertColumn: _alter_column,
    AlterTable: _alter_table,
    CommentTable: _comment_table,
    CreateEnum: _create_enum,
    CreateIndex: _create_index,
    CreateTable: _create_table,
    DropColumn: _drop_column,
    DropConstraint: _drop_constraint,
    DropEnum: _drop_enum,
    DropIndex: _drop_index,
    DropTable: _drop_table,
    ExecuteSql: _execute_sql,
    InsertRows: _insert_rows,
    RenameTable: _rename_table,
}
