"""From Alembic's operation objects to our operations, to be written or carried out."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Any
from typing import ClassVar

from ....autogenerate.hooks import register_renderer
from ....autogenerate.render.types import RenderContext
from ....errors import Irreversible
from ....operations import constraint_arguments
from ....operations import from_arguments
from ....operations.base import Operation
from ....operations.columns import AddColumn
from ....operations.columns import DropColumn
from ....operations.constraints import AddConstraint
from ....operations.indexes import CreateIndex
from ....operations.indexes import DropIndex
from ....operations.tables import CommentTable
from ....operations.tables import CreateTable
from ....operations.tables import DropTable
from ....operations.tables import RenameTable
from ....schema.copies import copied_column
from ....schema.from_sqlalchemy import option_values
from ....schema.from_sqlalchemy import read_column
from ....schema.from_sqlalchemy import read_constraint
from ....schema.from_sqlalchemy import read_index
from ....schema.from_sqlalchemy import read_table
from ....schema.model import KEPT
from ....schema.model import Options
from ....schema.model import TableName
from ..autogenerate.renderers import has_own_renderer
from ..autogenerate.renderers import rendered_by_project
from . import ops
from .to_alembic import NativeOp


@dataclass(frozen=True)
class ProjectsOperation(Operation):
    """An operation of a class that a project defines, or writes in its own way."""

    verb: ClassVar[str] = "invoke"
    op: Any
    autogen_context: Any = field(default=None, compare=False, repr=False)

    def reversed(self) -> Operation:
        try:
            undone = self.op.reverse()
        except NotImplementedError:
            raise Irreversible(self) from None

        several = list(operations_of([undone], self.autogen_context))
        if len(several) == 1:
            return several[0]
        return ProjectsOperation(undone, self.autogen_context)


_LONGEST = 100


def _described(operation: ProjectsOperation) -> str:
    try:
        said = operation.op.to_diff_tuple()
    except Exception:
        # A line for people is not worth a failure of what a project defines.
        return type(operation.op).__name__

    several = said if isinstance(said, (tuple, list)) else [said]
    line = " ".join(" ".join(str(each).split()) for each in several)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} …"


@register_renderer(ProjectsOperation, described=_described)
def _render(operation: ProjectsOperation, context: RenderContext) -> list[str]:
    return rendered_by_project(operation.op, operation.autogen_context, context)


def operations_of(
    several: Iterable[Any], autogen_context: Any = None
) -> Iterator[Operation]:
    """Yield the operations that objects stand for.

    An operation of ours among them stands for itself.
    """
    for op in several:
        if isinstance(op, Operation):
            yield op
        elif has_own_renderer(op):
            yield ProjectsOperation(op, autogen_context)
        elif isinstance(op, ops.OpContainer):
            yield from operations_of(op.ops, autogen_context)
        else:
            yield read(op) or ProjectsOperation(op, autogen_context)


def read(op: Any) -> Operation | None:
    """Return the operation that an object of a class of Alembic's stands for."""
    table = TableName(op.table_name, op.schema) if hasattr(op, "schema") else None
    for kind in type(op).__mro__:
        if kind in _ROWS:
            made: Operation = _ROWS[kind](op, table)
            flags = [each for each in _FLAGS if getattr(op, each, None)]
            if not flags:
                return made
            return replace(made, **dict.fromkeys(flags, True))

    return None


# What is a flag of our operation, too.
_FLAGS = ("if_exists", "if_not_exists", "inline_references", "inline_primary_key")


def _comment(op: Any, table: TableName, comment: str | None) -> CommentTable:
    was = KEPT if op.existing_comment is None else op.existing_comment
    return CommentTable(table, comment, was=was)


def _add_column(op: Any, table: TableName) -> AddColumn:
    if getattr(op.column, "table", None) is not None:
        # What else it has are operations of their own.
        return AddColumn(table, read_column(op.column))

    return from_arguments.add_column(
        None, op.table_name, copied_column(op.column), schema=op.schema
    )


def _drop_column(op: Any, table: TableName) -> DropColumn:
    was = _add_column(op._reverse, table) if op._reverse is not None else None
    return DropColumn(table, op.column_name, was=was, options=option_values(op.kw))


def _alter_column(op: Any, table: TableName) -> Operation:
    kw = {
        name: value
        for name, value in op.kw.items()
        if not name.startswith(("modify_", "existing_")) or "auto" in name
    }
    existing = ("type", "server_default", "nullable", "comment")
    return from_arguments.alter_column(
        op.table_name,
        op.column_name,
        schema=op.schema,
        nullable=op.modify_nullable,
        comment=op.modify_comment,
        server_default=op.modify_server_default,
        new_column_name=op.modify_name,
        type_=op.modify_type,
        **{f"existing_{each}": getattr(op, f"existing_{each}") for each in existing},
        **kw,
    )


def _drop_index(op: Any, table: TableName) -> DropIndex:
    if not op.table_name:
        return DropIndex(None, op.index_name, schema=op.schema, options=_of_index(op))
    if op._reverse is None:
        return DropIndex(table, op.index_name, options=_of_index(op))

    return DropIndex(table, op.index_name, was=read_index(op.to_index()))


def _of_index(op: Any) -> Options:
    return option_values({n: value for n, value in op.kw.items() if n != "unique"})


def _drop_constraint(op: Any, table: TableName) -> Operation:
    kind = {"primarykey": "primary"}.get(op.constraint_type, op.constraint_type)
    made = constraint_arguments.drop_constraint(
        op.constraint_name, op.table_name, kind, schema=op.schema
    )
    if op._reverse is None:
        return made

    return replace(made, was=read_constraint(op.to_constraint()))


_ROWS: Mapping[type, Callable[[Any, Any], Any]] = {
    NativeOp: lambda op, _: op.operation,
    ops.AddColumnOp: _add_column,
    ops.AddConstraintOp: lambda op, table: AddConstraint(
        table, read_constraint(op.to_constraint())
    ),
    ops.AlterColumnOp: _alter_column,
    ops.BulkInsertOp: lambda op, _: from_arguments.bulk_insert(
        op.table, op.rows, multiinsert=op.multiinsert
    ),
    ops.CreateIndexOp: lambda op, table: CreateIndex(table, read_index(op.to_index())),
    ops.CreateTableCommentOp: lambda op, table: _comment(op, table, op.comment),
    ops.CreateTableOp: lambda op, _: CreateTable(read_table(op.to_table())),
    ops.DropColumnOp: _drop_column,
    ops.DropConstraintOp: _drop_constraint,
    ops.DropIndexOp: _drop_index,
    ops.DropTableCommentOp: lambda op, table: _comment(op, table, None),
    ops.DropTableOp: lambda op, table: DropTable(
        table, was=None if op._reverse is None else read_table(op.to_table())
    ),
    ops.ExecuteSQLOp: lambda op, _: from_arguments.execute(
        op.sqltext, execution_options=op.execution_options
    ),
    ops.RenameTableOp: lambda op, table: RenameTable(table, op.new_table_name),
}
"""By a class of Alembic's: from an object and its table to our operation."""
