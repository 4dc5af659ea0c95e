"""An operation in one line, as a person would say it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from ..masking import shown_sql
from ..operations.base import Operation
from ..operations.columns import AddColumn
from ..operations.columns import AlterColumn
from ..operations.columns import DropColumn
from ..operations.constraints import AddConstraint
from ..operations.constraints import DropConstraint
from ..operations.enums import CreateEnum
from ..operations.enums import DropEnum
from ..operations.indexes import CreateIndex
from ..operations.indexes import DropIndex
from ..operations.rows import InsertRows
from ..operations.sequences import CreateSequence
from ..operations.sequences import DropSequence
from ..operations.sql import ExecuteSql
from ..operations.tables import AlterTable
from ..operations.tables import CommentTable
from ..operations.tables import CreateTable
from ..operations.tables import DropTable
from ..operations.tables import RenameTable
from ..schema.model import Check
from ..schema.model import Column
from ..schema.model import Constraint
from ..schema.model import Exclude
from ..schema.model import Expression
from ..schema.model import ForeignKey
from ..schema.model import Index
from ..schema.model import Kept
from ..schema.model import PrimaryKey
from ..schema.model import ServerDefault
from ..schema.model import SqlType
from ..schema.model import TableName
from ..schema.model import Unique
from ..wording import counted
from .compare.conversions import ConvertColumn
from .compare.conversions import FillRows
from .compare.conversions import FreeColumn
from .compare.conversions import ReversibleSql
from .hooks import description_of
from .render.own_types import is_own

_KINDS: Mapping[type[Constraint], str] = {
    ForeignKey: "foreign key",
    PrimaryKey: "primary key",
    Unique: "unique constraint",
    Check: "check constraint",
    Exclude: "exclude constraint",
}


def describe(operation: Operation) -> str:
    """Return what an operation does: ``add column book.title (String(200))``."""
    described = DESCRIPTIONS.get(type(operation)) or description_of(operation)
    return (
        described(operation)
        if described is not None
        else operation.verb.replace("_", " ")
    )


def _create_table(operation: CreateTable) -> str:
    columns = counted(len(operation.table.columns), "column")
    return f"create table {operation.table.name} ({columns})"


def _add_column(operation: AddColumn) -> str:
    column = operation.column
    return f"add column {operation.table}.{column.name} ({_column(column)})"


def _column(column: Column) -> str:
    said = [_type(column.type)]
    if not column.nullable:
        said.append("not null")
    if column.default is not None:
        said.append(f"default {_default(column.default)}")
    if column.computed is not None:
        said.append("computed")

    return ", ".join(said)


def _type(sql_type: SqlType) -> str:
    element: Any = sql_type.element
    if is_own(element):
        # What its attributes hold is the app's own affair.
        return type(element).__name__

    length = getattr(element, "length", None)
    if length is not None and repr(element) == f"{type(element).__name__}({length=})":
        return f"{type(element).__name__}({length})"

    return repr(element).removesuffix("()")


def _default(default: ServerDefault) -> str:
    text = default.expression.text
    return repr(text) if default.literal else text


def _alter_column(operation: AlterColumn) -> str:
    becomes, was = operation.becomes, operation.was
    said: list[str] = []
    if operation.new_name is not None:
        said.append(f"rename to {operation.new_name}")
    if not isinstance(becomes.type, Kept):
        old = "" if isinstance(was.type, Kept) else f" from {_type(was.type)}"
        said.append(f"type{old} to {_type(becomes.type)}")
    if not isinstance(becomes.nullable, Kept):
        said.append("nullable" if becomes.nullable else "not null")
    if not isinstance(becomes.default, Kept):
        default = becomes.default
        said.append(f"default {_default(default)}" if default else "no default")
    if not isinstance(becomes.comment, Kept):
        said.append(f"comment {becomes.comment!r}" if becomes.comment else "no comment")
    if not isinstance(becomes.autoincrement, Kept):
        said.append(f"autoincrement {becomes.autoincrement}")

    if not isinstance(becomes.identity, Kept):
        said.append("identity" if becomes.identity else "no identity")
    if not isinstance(becomes.computed, Kept):
        computed = becomes.computed
        said.append(f"as {computed.expression.text}" if computed else "not computed")

    return f"alter column {operation.table}.{operation.name}: {', '.join(said)}"


def _constraint(table: TableName, constraint: Constraint) -> str:
    name = f" {constraint.name}" if constraint.name else ""
    if isinstance(constraint, Check):
        return f"check constraint{name} on {table} ({constraint.condition.text})"

    if isinstance(constraint, Exclude):
        parts = ", ".join(
            f"{part if isinstance(part, str) else part.text} {operator}"
            for part, operator in constraint.elements
        )
        return f"exclude constraint{name} on {table} ({parts})"

    columns = ", ".join(constraint.mentioned)
    said = f"{_KINDS[type(constraint)]}{name} on {table} ({columns})"
    if isinstance(constraint, ForeignKey):
        remote = ", ".join(constraint.referent_columns)
        said += f" to {constraint.referent} ({remote})"
        said += f" on delete {constraint.ondelete}" if constraint.ondelete else ""

    return said


def _drop_constraint(operation: DropConstraint) -> str:
    if operation.was is not None:
        return f"drop {_constraint(operation.table, operation.was)}"

    kind = _KINDS[operation.kind] if operation.kind else "constraint"
    return f"drop {kind} {operation.name} on {operation.table}"


def _index(table: TableName, index: Index) -> str:
    parts = ", ".join(
        part.text if isinstance(part, Expression) else part for part in index.parts
    )
    kind = "unique index" if index.unique else "index"

    return f"{kind} {index.name} on {table} ({parts})"


def _drop_index(operation: DropIndex) -> str:
    if operation.was is not None and operation.table is not None:
        return f"drop {_index(operation.table, operation.was)}"

    return f"drop index {operation.name}"


def _comment_table(operation: CommentTable) -> str:
    if operation.comment is None:
        return f"remove the comment of table {operation.table}"

    return f"comment table {operation.table}: {operation.comment!r}"


def _enum(operation: CreateEnum | DropEnum) -> str:
    name = str(TableName(operation.name, operation.schema))
    if isinstance(operation, DropEnum):
        return f"drop enum type {name}"

    return f"create enum type {name} ({', '.join(operation.values)})"


def _alter_table(operation: AlterTable) -> str:
    options = operation.rebuild.table_options
    said = [f"{name} {value}" for name, value in options]
    inner = "; ".join([*said, *(describe(each) for each in operation.operations)])
    return f"alter table {operation.table}: {inner}"


def _execute(operation: ExecuteSql) -> str:
    return f"execute {' '.join(shown_sql(operation.text).split())}"


DESCRIPTIONS: Mapping[type[Operation], Callable[[Any], str]] = {
    AddColumn: _add_column,
    AddConstraint: lambda o: f"add {_constraint(o.table, o.constraint)}",
    AlterColumn: _alter_column,
    ConvertColumn: _alter_column,
    FreeColumn: _alter_column,
    AlterTable: _alter_table,
    CommentTable: _comment_table,
    CreateEnum: _enum,
    CreateIndex: lambda o: f"create {_index(o.table, o.index)}",
    CreateSequence: lambda o: f"create sequence {o.sequence.name}",
    CreateTable: _create_table,
    DropColumn: lambda o: f"drop column {o.table}.{o.name}",
    DropConstraint: _drop_constraint,
    DropEnum: _enum,
    DropIndex: _drop_index,
    DropSequence: lambda o: f"drop sequence {o.name}",
    DropTable: lambda o: f"drop table {o.name}",
    ExecuteSql: _execute,
    ReversibleSql: _execute,
    FillRows: _execute,
    InsertRows: lambda o: f"insert {len(o.rows)} rows into {o.table}",
    RenameTable: lambda o: f"rename table {o.name} to {o.new_name}",
}
