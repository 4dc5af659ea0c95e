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
from ....operations.constraints import DropConstraint
from ....operations.indexes import CreateIndex
from ....operations.indexes import DropIndex
from ....operations.tables import CommentTable
from ....operations.tables import CreateTable
from ....operations.tables import DropTable
from ....operations.tables import RenameTable
from ....schema.from_sqlalchemy import option_values
from ....schema.from_sqlalchemy import read_column
from ....schema.from_sqlalchemy import read_constraint
from ....schema.from_sqlalchemy import read_index
from ....schema.from_sqlalchemy import read_table
from ....schema.model import KEPT
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
    for kind in type(op).__mro__:
        if kind in _READERS:
            return _READERS[kind](op)

    return None


def _create_table(op: ops.CreateTableOp) -> Operation:
    return CreateTable(read_table(op.to_table()), if_not_exists=bool(op.if_not_exists))


def _drop_table(op: ops.DropTableOp) -> Operation:
    return DropTable(
        TableName(op.table_name, op.schema),
        if_exists=bool(op.if_exists),
        was=read_table(op.to_table()) if op._reverse is not None else None,
    )


def _rename_table(op: ops.RenameTableOp) -> Operation:
    return RenameTable(TableName(op.table_name, op.schema), op.new_table_name)


def _comment_table(op: ops.CreateTableCommentOp) -> Operation:
    was = KEPT if op.existing_comment is None else op.existing_comment
    return CommentTable(TableName(op.table_name, op.schema), op.comment, was=was)


def _drop_comment(op: ops.DropTableCommentOp) -> Operation:
    was = KEPT if op.existing_comment is None else op.existing_comment
    return CommentTable(TableName(op.table_name, op.schema), None, was=was)


def _add_column(op: ops.AddColumnOp) -> AddColumn:
    table = TableName(op.table_name, op.schema)
    if getattr(op.column, "table", None) is not None:
        # What else it has are operations of their own.
        made = AddColumn(table, read_column(op.column))
    else:
        made = from_arguments.add_column(
            None, op.table_name, op.column._copy(), schema=op.schema
        )

    return replace(
        made,
        if_not_exists=bool(op.if_not_exists),
        inline_references=bool(op.inline_references),
        inline_primary_key=bool(op.inline_primary_key),
    )


def _drop_column(op: ops.DropColumnOp) -> Operation:
    return DropColumn(
        TableName(op.table_name, op.schema),
        op.column_name,
        if_exists=bool(op.if_exists),
        was=_add_column(op._reverse) if op._reverse is not None else None,
        options=option_values(op.kw),
    )


def _alter_column(op: ops.AlterColumnOp) -> Operation:
    kw = {
        name: value
        for name, value in op.kw.items()
        if not name.startswith(("modify_", "existing_")) or "auto" in name
    }
    return from_arguments.alter_column(
        op.table_name,
        op.column_name,
        schema=op.schema,
        nullable=op.modify_nullable,
        comment=op.modify_comment,
        server_default=op.modify_server_default,
        new_column_name=op.modify_name,
        type_=op.modify_type,
        existing_type=op.existing_type,
        existing_server_default=op.existing_server_default,
        existing_nullable=op.existing_nullable,
        existing_comment=op.existing_comment,
        **kw,
    )


def _create_index(op: ops.CreateIndexOp) -> Operation:
    return CreateIndex(
        TableName(op.table_name, op.schema),
        read_index(op.to_index()),
        if_not_exists=bool(op.if_not_exists),
    )


def _drop_index(op: ops.DropIndexOp) -> Operation:
    table = TableName(op.table_name, op.schema) if op.table_name else None
    known = op._reverse is not None and table is not None
    own = {} if known else {n: v for n, v in op.kw.items() if n != "unique"}
    return DropIndex(
        table,
        op.index_name,
        schema=None if table else op.schema,
        if_exists=bool(op.if_exists),
        was=read_index(op.to_index()) if known else None,
        options=option_values(own),
    )


def _add_constraint(op: ops.AddConstraintOp) -> Operation:
    constraint = read_constraint(op.to_constraint())
    return AddConstraint(TableName(op.table_name, op.schema), constraint)


def _drop_constraint(op: ops.DropConstraintOp) -> Operation:
    kind = op.constraint_type
    made = constraint_arguments.drop_constraint(
        op.constraint_name,
        op.table_name,
        "primary" if kind == "primarykey" else kind,
        schema=op.schema,
        if_exists=bool(op.if_exists),
    )
    if op._reverse is None:
        return made

    was = read_constraint(op.to_constraint())
    return DropConstraint(made.table, made.name, made.kind, made.if_exists, was)


def _execute(op: ops.ExecuteSQLOp) -> Operation:
    return from_arguments.execute(op.sqltext, execution_options=op.execution_options)


def _insert(op: ops.BulkInsertOp) -> Operation:
    return from_arguments.bulk_insert(op.table, op.rows, multiinsert=op.multiinsert)


_READERS: Mapping[type, Callable[[Any], Operation]] = {
    NativeOp: lambda op: op.operation,
    ops.AddColumnOp: _add_column,
    ops.AddConstraintOp: _add_constraint,
    ops.AlterColumnOp: _alter_column,
    ops.BulkInsertOp: _insert,
    ops.CreateIndexOp: _create_index,
    ops.CreateTableCommentOp: _comment_table,
    ops.CreateTableOp: _create_table,
    ops.DropColumnOp: _drop_column,
    ops.DropConstraintOp: _drop_constraint,
    ops.DropIndexOp: _drop_index,
    ops.DropTableCommentOp: _drop_comment,
    ops.DropTableOp: _drop_table,
    ops.ExecuteSQLOp: _execute,
    ops.RenameTableOp: _rename_table,
}
