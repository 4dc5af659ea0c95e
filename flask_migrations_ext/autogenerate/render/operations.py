"""Each operation as the calls of ``op`` that carry it out."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import fields
from dataclasses import replace
from typing import Any

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
from ...operations.sequences import CreateSequence
from ...operations.sequences import DropSequence
from ...operations.sql import ExecuteSql
from ...operations.tables import AlterTable
from ...operations.tables import CommentTable
from ...operations.tables import CreateTable
from ...operations.tables import DropTable
from ...operations.tables import RenameTable
from ...schema.model import ForeignKey
from ...schema.model import KEPT
from ...schema.model import Kept
from ...schema.model import SqlType
from ...schema.model import Table
from ..compare.conversions import ConvertColumn
from ..compare.conversions import FillRows
from ..compare.conversions import FreeColumn
from ..compare.conversions import ReversibleSql
from ..hooks import renderer_of
from ..located import located
from .constraints import add_constraint
from .constraints import create_index
from .constraints import drop_constraint
from .constraints import drop_index
from .elements import column_node
from .elements import constraint_node
from .elements import option_nodes
from .elements import server_default_node
from .layout import call
from .layout import Code
from .layout import items
from .layout import literal
from .layout import names
from .layout import Node
from .layout import one_line
from .objects import object_of
from .objects import with_object
from .objects import with_objects
from .place import Place
from .types import RenderContext
from .types import type_node
from .values import statement_code
from .values import value_code


def nodes(
    operation: Operation, context: RenderContext, batch: str | None = None
) -> Iterator[Node]:
    """Yield the calls that carry out an operation.

    :param batch: what the calls begin with in a batch block, where they leave out
        the table.
    """
    for each, words in context.remarks:
        if each is operation:
            yield from _comment(words)

    own = renderer_of(operation)
    if own is not None:
        said = own(operation, context)
        yield from (Code(each) for each in ([said] if isinstance(said, str) else said))
        return

    render = RENDERERS.get(type(operation), _from_outside)
    with located(f"table '{_table_of(operation)}'"):
        yield from render(operation, Place(context, batch))


def _table_of(operation: Operation) -> object:
    table = getattr(operation, "table", None)
    return table.name if isinstance(table, Table) else table


def _comment(words: str) -> Iterator[Node]:
    yield from (Code(f"# {each}") for each in textwrap.wrap(words, 76))


def _create_table(operation: CreateTable, place: Place) -> Iterator[Node]:
    context = place.context
    table = with_objects(operation.table, context)
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
        *(
            constraint_node(each, context, object_of(each, table, context))
            for each in table.constraints
        ),
        schema=table.name.schema,
        options=_splat(keywords),
    )
    # A table is easier to read with a line for each column, however short.
    yield replace(created, open=True)
    for index in table.indexes:
        # Nobody waits for a table that is new, and a transaction can hold it.
        options = tuple(
            each for each in index.options if not each[0].endswith("_concurrently")
        )
        at_once = replace(index, options=options)
        yield from create_index(CreateIndex(table.name, at_once), place)


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


def _drop_table(operation: DropTable, place: Place) -> Iterator[Node]:
    keywords = {"if_exists": literal(True)} if operation.if_exists else {}
    yield place.call(
        "drop_table",
        literal(operation.name.name),
        schema=operation.name.schema,
        options=keywords,
    )


def _rename_table(operation: RenameTable, place: Place) -> Iterator[Node]:
    yield place.call(
        "rename_table",
        literal(operation.name.name),
        literal(operation.new_name),
        schema=operation.name.schema,
    )


def _comment_table(operation: CommentTable, place: Place) -> Iterator[Node]:
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


def _alter_table(operation: AlterTable, place: Place) -> Iterator[Node]:
    for each in operation.operations:
        yield from nodes(each, place.context, place.batch)


def _add_column(operation: AddColumn, place: Place) -> Iterator[Node]:
    numbers_rows = operation.column.primary_key
    inline = [
        each
        for each in operation.constraints
        if isinstance(each, ForeignKey) and operation.inline_references
    ]
    column = column_node(
        with_object(operation.column, operation.table, place.context),
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
            yield from add_constraint(added, place)
    for index in operation.indexes:
        yield from create_index(CreateIndex(operation.table, index), place)


def _drop_column(operation: DropColumn, place: Place) -> Iterator[Node]:
    keywords = {"if_exists": literal(True)} if operation.if_exists else {}
    yield place.call(
        "drop_column",
        place.table(operation.table),
        literal(operation.name),
        schema=operation.table.schema,
        options={**keywords, **option_nodes(operation.options, place.context)},
    )


def _alter_column(operation: AlterColumn, place: Place) -> Iterator[Node]:
    becomes, was = operation.becomes, operation.was
    keywords: dict[str, Node] = {}

    def say(name: str, value: object, node: Callable[[Any], Node] = literal) -> None:
        if not isinstance(value, Kept):
            keywords[name] = node(value)

    def type_of(value: Any) -> Node:
        return type_node(value.element, place.context)

    def default_of(value: Any) -> Node:
        return server_default_node(value, place.context) or literal(None)

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


def _create_enum(operation: CreateEnum, place: Place) -> Iterator[Node]:
    yield place.call(
        "create_enum",
        literal(operation.name),
        names(operation.values),
        schema=operation.schema,
    )


def _drop_enum(operation: DropEnum, place: Place) -> Iterator[Node]:
    yield place.call("drop_enum", literal(operation.name), schema=operation.schema)


def _create_sequence(operation: CreateSequence, place: Place) -> Iterator[Node]:
    name, context = operation.sequence.name, place.context
    options = {
        option: type_node(value.element, context)
        if isinstance(value, SqlType)
        else literal(value)
        for option, value in operation.sequence.options
    }
    yield place.call(
        "create_sequence", literal(name.name), schema=name.schema, options=options
    )


def _drop_sequence(operation: DropSequence, place: Place) -> Iterator[Node]:
    name = operation.name
    yield place.call("drop_sequence", literal(name.name), schema=name.schema)


def _execute_sql(operation: ExecuteSql, place: Place) -> Iterator[Node]:
    yield place.call("execute", statement_code(operation, place.context))


def _fill_rows(operation: FillRows, place: Place) -> Iterator[Node]:
    yield from _comment(operation.remark)
    yield from _execute_sql(operation, place)


def _insert_rows(operation: InsertRows, place: Place) -> Iterator[Node]:
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


def _from_outside(operation: Operation, place: Place) -> Iterator[Node]:
    # op has a function for it, which takes what the class takes.
    said = {
        each.name: literal(getattr(operation, each.name))
        for each in fields(operation)
        if getattr(operation, each.name) != each.default
    }
    yield place.call(operation.verb, options=said)


RENDERERS: Mapping[type[Operation], Callable[[Any, Place], Iterator[Node]]] = {
    AddColumn: _add_column,
    AddConstraint: add_constraint,
    AlterColumn: _alter_column,
    ConvertColumn: _alter_column,
    FreeColumn: _alter_column,
    AlterTable: _alter_table,
    CommentTable: _comment_table,
    CreateEnum: _create_enum,
    CreateIndex: create_index,
    CreateSequence: _create_sequence,
    CreateTable: _create_table,
    DropColumn: _drop_column,
    DropConstraint: drop_constraint,
    DropEnum: _drop_enum,
    DropIndex: drop_index,
    DropSequence: _drop_sequence,
    DropTable: _drop_table,
    ExecuteSql: _execute_sql,
    ReversibleSql: _execute_sql,
    FillRows: _fill_rows,
    InsertRows: _insert_rows,
    RenameTable: _rename_table,
}
