"""Operations as the body of ``upgrade()`` or ``downgrade()``: calls of ``op``."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import Irreversible
from ...operations.base import Operation
from ...operations.columns import AddColumn
from ...operations.columns import AlterColumn
from ...operations.columns import DropColumn
from ...operations.constraints import AddConstraint
from ...operations.constraints import DropConstraint
from ...operations.enums import CreateEnum
from ...operations.indexes import CreateIndex
from ...operations.indexes import DropIndex
from ...operations.tables import AlterTable
from ...operations.tables import CommentTable
from ...operations.tables import CreateTable
from ...schema.model import Check
from ...schema.model import Options
from ...schema.model import PrimaryKey
from ...schema.model import TableName
from ..compare.conversions import FillRows
from ..compare.enums import created_by
from ..describe import describe
from .layout import call
from .layout import Code
from .layout import laid_out
from .layout import literal
from .layout import Node
from .layout import one_line
from .operations import nodes
from .types import Remarks
from .types import RenderContext
from .types import RenderOptions

UNNAMED_CONVENTION: Mapping[str, str] = {
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
}
"""How a batch block names what SQLite keeps without a name: as ``full_name`` does."""

_OF_TABLES = (
    AddColumn,
    AlterColumn,
    DropColumn,
    AddConstraint,
    DropConstraint,
    CreateIndex,
    DropIndex,
    CommentTable,
)


@dataclass(frozen=True)
class Body:
    """The text of a function's body, indented by four, and the imports it needs."""

    text: str
    imports: tuple[str, ...] = ()


def render(
    operations: Sequence[Operation],
    options: RenderOptions | None = None,
    remarks: Remarks = (),
) -> Body:
    """Return the operations as Python, ``pass`` if there are none."""
    context = RenderContext(options or RenderOptions(), remarks=remarks)
    return _body(list(_without_implied_enums(operations)), context)


def render_reversed(
    operations: Sequence[Operation], options: RenderOptions | None = None
) -> Body:
    """Return what undoes the operations as Python.

    What cannot be undone becomes a comment that says so.
    """
    undone: list[Operation | str] = []
    for operation in reversed(operations):
        if isinstance(operation, FillRows):
            continue
        try:
            undone.append(operation.reversed())
        except Irreversible:
            undone.append(f"# cannot be undone automatically: {describe(operation)}")

    context = RenderContext(options or RenderOptions())
    return _body(list(_without_implied_enums(undone)), context)


def _without_implied_enums(
    operations: Sequence[Operation | str],
) -> Iterator[Operation | str]:
    """Yield the operations without the enum types that others create anyway."""
    created = {
        key
        for operation in operations
        if isinstance(operation, CreateTable | AddColumn)
        for key in created_by(operation)
    }
    for operation in operations:
        if isinstance(operation, CreateEnum):
            if (operation.schema, operation.name) in created:
                continue
        yield operation


def _body(operations: Sequence[Operation | str], context: RenderContext) -> Body:
    lines = [
        line for group in _grouped(operations) for line in _group_lines(group, context)
    ]
    lines = [*_comments(context.notes), *lines]
    text = "\n".join(lines) or "    pass"
    if lines and all(line.lstrip().startswith("#") for line in lines):
        text += "\n    pass"

    return Body(text, tuple(sorted(context.imports)))


def _comments(notes: Sequence[str]) -> Iterator[str]:
    for note in dict.fromkeys(notes):
        for line in textwrap.wrap(note, 80):
            yield f"    # {line}"


def _grouped(
    operations: Sequence[Operation | str],
) -> Iterator[list[Operation | str]]:
    """Yield neighbours that alter one table together, all others alone."""
    group: list[Operation | str] = []
    for operation in operations:
        table = _table_of(operation)
        if group and (table is None or _table_of(group[-1]) != table):
            yield group
            group = []
        group.append(operation)

    if group:
        yield group


def _table_of(operation: Operation | str) -> TableName | None:
    if isinstance(operation, CreateIndex) and _is_concurrent(operation):
        return None

    return operation.table if isinstance(operation, _OF_TABLES) else None


def _is_concurrent(operation: Operation) -> bool:
    """Return whether a new index is refused inside of a transaction."""
    return isinstance(operation, CreateIndex) and any(
        name.endswith("_concurrently") and value
        for name, value in operation.index.options
    )


def _group_lines(
    group: Sequence[Operation | str], context: RenderContext
) -> Iterator[str]:
    first = group[0]
    if isinstance(first, str):
        yield f"    {first}"
        return
    if isinstance(first, AlterTable):
        options = first.rebuild.table_options
        yield from _batch_lines(first.table, first.operations, context, options)
        return

    operations = [each for each in group if isinstance(each, Operation)]
    table = _table_of(first)
    as_batch = context.options.render_as_batch or _belong_together(operations)
    if table is not None and as_batch:
        yield from _batch_lines(table, operations, context)
        return

    if _is_concurrent(operations[0]):
        yield f"    with {context.op('get_context')}().autocommit_block():"
        for node in nodes(operations[0], context):
            yield "        " + laid_out(node, 2)
        return

    for operation in operations:
        for node in nodes(operation, context):
            if isinstance(node, Code):
                # As written by the user's renderer, which knows of no indentation.
                yield textwrap.indent(node.text.strip("\n"), "    ")
            else:
                yield "    " + laid_out(node)


def _belong_together(operations: Sequence[Operation]) -> bool:
    """Return whether some databases refuse one of the operations without the others.

    MySQL has no counting column without a key, and no foreign key without an index.
    """
    return len(operations) > 1 and any(map(_changes_key, operations))


def _changes_key(operation: Operation) -> bool:
    match operation:
        case AddConstraint():
            return isinstance(operation.constraint, PrimaryKey)
        case DropConstraint():
            return operation.kind is PrimaryKey
        case _:
            return False


def _batch_lines(
    table: TableName,
    operations: Sequence[Operation],
    context: RenderContext,
    table_options: Options = (),
) -> Iterator[str]:
    keywords: dict[str, Node] = {}
    if table_options:
        keywords["table_kwargs"] = Code(_mapping_text(dict(table_options)))
    if table.schema is not None:
        keywords["schema"] = literal(table.schema)
    if any(_has_no_name(operation) for operation in operations):
        keywords["naming_convention"] = Code(_mapping_text(UNNAMED_CONVENTION))

    block = call(context.op("batch_alter_table"), literal(table.name), **keywords)
    # The fewest lines a block can have: with a comment only, Python wants a pass.
    inner = [
        "        " + laid_out(node, 2)
        for operation in operations
        for node in nodes(operation, context, "batch_op.")
    ]

    opening = laid_out(block) if keywords else one_line(block)
    yield f"    with {opening}{' as batch_op' if inner or not keywords else ''}:"
    yield "\n".join(inner) if inner else "        pass"


def _has_no_name(operation: Operation) -> bool:
    return (
        isinstance(operation, DropConstraint)
        and operation.name is None
        and operation.kind is not Check
    )


def _mapping_text(said: Mapping[str, object]) -> str:
    inner = ", ".join(
        f"{one_line(literal(key))}: {one_line(literal(value))}"
        for key, value in said.items()
    )
    return "{" + inner + "}"
