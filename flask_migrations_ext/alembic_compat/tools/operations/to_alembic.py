"""From our operations to Alembic's operation objects, for functions of a project."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect

from ....autogenerate.compare.enums import created_by
from ....autogenerate.describe import describe
from ....errors import Irreversible
from ....operations.base import Operation
from ....operations.columns import AddColumn
from ....operations.columns import AlterColumn
from ....operations.columns import ColumnFacts
from ....operations.columns import DropColumn
from ....operations.constraints import AddConstraint
from ....operations.constraints import DropConstraint
from ....operations.enums import CreateEnum
from ....operations.indexes import CreateIndex
from ....operations.indexes import DropIndex
from ....operations.rows import InsertRows
from ....operations.sql import ExecuteSql
from ....operations.tables import CommentTable
from ....operations.tables import CreateTable
from ....operations.tables import DropTable
from ....operations.tables import RenameTable
from ....schema.copies import copied_table
from ....schema.from_sqlalchemy import declared_constraints
from ....schema.from_sqlalchemy import read_constraint
from ....schema.model import Check
from ....schema.model import Column
from ....schema.model import Constraint
from ....schema.model import Exclude
from ....schema.model import ForeignKey
from ....schema.model import Index
from ....schema.model import KEPT
from ....schema.model import Kept
from ....schema.model import PrimaryKey
from ....schema.model import SqlType
from ....schema.model import Table
from ....schema.model import TableName
from ....schema.model import Unique
from ....schema.to_sqlalchemy import SQLAlchemyBuilder
from . import ops
from .operation import AlterTableOp
from .operation import MigrateOperation

_KINDS: Mapping[type[Constraint], str] = {
    ForeignKey: "foreignkey",
    PrimaryKey: "primarykey",
    Unique: "unique",
    Check: "check",
    Exclude: "exclude",
}


class NativeOp(MigrateOperation):
    """An operation for which Alembic has no class."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    def reverse(self) -> NativeOp:
        try:
            return NativeOp(self.operation.reversed())
        except Irreversible as error:
            raise NotImplementedError(str(error)) from None

    def to_diff_tuple(self) -> tuple[str, str]:
        return self.operation.verb, describe(self.operation)


def split(operations: Iterable[Operation]) -> list[Operation]:
    """Return the same with the indexes of tables as operations of their own.

    Enum types that a table or column brings along are left out: they need no word.
    """
    several = list(operations)
    brought = {
        key
        for each in several
        if isinstance(each, (CreateTable, AddColumn))
        for key in created_by(each)
    }
    return [
        part
        for each in several
        if not (isinstance(each, CreateEnum) and (each.schema, each.name) in brought)
        for part in _parts(each)
    ]


def _parts(operation: Operation) -> Iterator[Operation]:
    if isinstance(operation, CreateTable) and operation.table.indexes:
        table = operation.table
        yield replace(operation, table=replace(table, indexes=()))
        for index in table.indexes:
            yield CreateIndex(table.name, index, operation.if_not_exists)
    elif isinstance(operation, DropTable) and operation.was and operation.was.indexes:
        was = operation.was
        for index in was.indexes:
            yield DropIndex(operation.name, index.name, was=index)
        yield replace(operation, was=replace(was, indexes=()))
    else:
        yield operation


class OpsMaker:
    """Makes Alembic's objects; those of one table share SQLAlchemy's."""

    def __init__(self, sa_dialect: SADialect) -> None:
        self._build = SQLAlchemyBuilder(sa_dialect)
        self._copies: dict[int, sa.Table] = {}

    def objects(self, operations: Iterable[Operation]) -> list[MigrateOperation]:
        """Return the objects; neighbours that change one table are together."""
        found: list[MigrateOperation] = []
        for operation in split(operations):
            made = self.object_for(operation)
            table = _table_changed(operation)
            if table is None:
                found.append(made)
                continue

            last = found[-1] if found else None
            if not (
                isinstance(last, ops.ModifyTableOps)
                and TableName(last.table_name, last.schema) == table
            ):
                last = ops.ModifyTableOps(table.name, [], schema=table.schema)
                found.append(last)
            last.ops.append(made)

        return found

    def object_for(self, operation: Operation) -> MigrateOperation:
        """Return the object for one operation."""
        own = getattr(operation, "op", None)
        if isinstance(own, MigrateOperation):
            return own

        for kind in type(operation).__mro__:
            if kind in _ROWS:
                return self._object(_ROWS[kind], operation)

        return NativeOp(operation)

    def _object(self, row: Row, operation: Any) -> MigrateOperation:
        place = getattr(operation, "table", None) or getattr(operation, "name", None)
        made = row(self, operation, place)
        for flag in ("if_exists", "if_not_exists"):
            if hasattr(operation, flag):
                setattr(made, flag, getattr(operation, flag) or None)
        if isinstance(operation, (DropColumn, DropIndex)):
            made.kw.update(operation.options)
        return made

    # -- SQLAlchemy's elements ---------------------------------------------

    def _copy(self, table: sa.Table) -> sa.Table:
        # Functions of projects change what they get; the models are not theirs.
        if id(table) not in self._copies:
            metadata = sa.MetaData(naming_convention=table.metadata.naming_convention)
            copy = copied_table(table, metadata)
            copy.info.update(table.info)
            self._copies[id(table)] = copy

        return self._copies[id(table)]

    def table(self, table: Table) -> sa.Table:
        """Return a copy of the model's table, or one made of values."""
        if table.element is None:
            return self._build.table(replace(table, indexes=()))

        copy = self._copy(table.element)
        left: list[sa.Constraint] = []
        for each in declared_constraints(copy):
            if read_constraint(each) in table.constraints:
                continue
            left.append(each)
        names = [str(each.name) for each in copy.columns]
        if names != [each.name for each in table.columns]:
            return self._build.table(replace(table, indexes=()))

        for each in left:
            copy.constraints.discard(each)
        return copy

    def column(self, column: Column, table: TableName) -> sa.Column[Any]:
        """Return a column of such a table."""
        home = getattr(column.element, "table", None)
        if home is not None:
            for each in self._copy(home).columns:
                if each.name == column.name:
                    return each

        return self._build.column(column, table)

    def index(self, index: Index, table: TableName) -> sa.Index:
        """Return an index of such a table."""
        home = getattr(index.element, "table", None)
        if home is not None:
            for each in self._copy(home).indexes:
                if each.name == index.name:
                    return each

        return self._build.index(index, table)

    def constraint(self, constraint: Constraint, table: TableName) -> sa.Constraint:
        """Return a constraint of a table that has no more than its columns."""
        return self._build.constraint(constraint, table)

    def default(self, facts: ColumnFacts) -> Any:
        """Return SQLAlchemy's element; None for no default, False for not said."""
        said = {
            name: value
            for name in ("default", "identity", "computed")
            if not isinstance(value := getattr(facts, name), Kept)
        }
        given: dict[str, Any] = {n: v for n, v in said.items() if v is not None}
        if not given:
            return None if said else False

        type_ = SqlType.of(sa.Integer())
        built = self._build.column(Column("c", type_, **given), TableName("t"))
        return built.server_default


Row = Callable[[OpsMaker, Any, Any], MigrateOperation]


def _comment_table(
    make: OpsMaker, operation: CommentTable, table: TableName
) -> MigrateOperation:
    keywords: dict[str, Any] = {
        "schema": table.schema,
        "existing_comment": _or_none(operation.was),
    }
    if operation.comment is None:
        return ops.DropTableCommentOp(table.name, **keywords)

    return ops.CreateTableCommentOp(table.name, operation.comment, **keywords)


def _alter_column(
    make: OpsMaker, operation: AlterColumn, table: TableName
) -> MigrateOperation:
    becomes, was = operation.becomes, operation.was
    kw: dict[str, Any] = dict(operation.options)
    if was.autoincrement is not KEPT:
        kw["existing_autoincrement"] = was.autoincrement
    if becomes.autoincrement is not KEPT:
        kw["autoincrement"] = becomes.autoincrement

    return ops.AlterColumnOp(
        table.name,
        operation.name,
        schema=table.schema,
        existing_type=_type(was),
        existing_nullable=_or_none(was.nullable),
        existing_server_default=make.default(was),
        existing_comment=_or_none(was.comment),
        modify_type=_type(becomes),
        modify_nullable=_or_none(becomes.nullable),
        modify_server_default=make.default(becomes),
        modify_comment=False if becomes.comment is KEPT else becomes.comment,
        modify_name=operation.new_name,
        **kw,
    )


def _drop_table(
    make: OpsMaker, operation: DropTable, name: TableName
) -> MigrateOperation:
    if operation.was is None:
        return ops.DropTableOp(name.name, schema=name.schema)

    return ops.DropTableOp.from_table(make.table(operation.was))


def _drop_column(
    make: OpsMaker, operation: DropColumn, table: TableName
) -> MigrateOperation:
    if operation.was is None:
        return ops.DropColumnOp(table.name, operation.name, schema=table.schema)

    return ops.DropColumnOp.from_column_and_tablename(
        table.schema, table.name, make.column(operation.was.column, table)
    )


def _drop_index(make: OpsMaker, operation: DropIndex, _: Any) -> MigrateOperation:
    table, was = operation.table, operation.was
    if table is not None and was is not None:
        return ops.DropIndexOp.from_index(make.index(was, table))

    name = table.name if table is not None else None
    schema = table.schema if table is not None else operation.schema
    return ops.DropIndexOp(operation.name, name, schema=schema)


def _drop_constraint(
    make: OpsMaker, operation: DropConstraint, table: TableName
) -> MigrateOperation:
    was, kind = operation.was, operation.kind
    if was is None:
        said = _KINDS[kind] if kind else None
        return ops.DropConstraintOp(
            operation.name, table.name, said, schema=table.schema
        )

    made = ops.DropConstraintOp.from_constraint(make.constraint(was, table))
    made.constraint_name = operation.name
    return made


_ROWS: Mapping[type[Operation], Row] = {
    AddColumn: lambda make, operation, table: ops.AddColumnOp(
        table.name, make.column(operation.column, table), schema=table.schema
    ),
    AddConstraint: lambda make, operation, table: ops.AddConstraintOp.from_constraint(
        make.constraint(operation.constraint, table)
    ),
    AlterColumn: _alter_column,
    CommentTable: _comment_table,
    CreateIndex: lambda make, operation, table: ops.CreateIndexOp.from_index(
        make.index(operation.index, table)
    ),
    CreateTable: lambda make, operation, _: ops.CreateTableOp.from_table(
        make.table(operation.table)
    ),
    DropColumn: _drop_column,
    DropConstraint: _drop_constraint,
    DropIndex: _drop_index,
    DropTable: _drop_table,
    ExecuteSql: lambda make, operation, _: ops.ExecuteSQLOp(
        operation.text if operation.statement is None else operation.statement,
        execution_options=dict(operation.execution_options) or None,
    ),
    InsertRows: lambda make, operation, _: ops.BulkInsertOp(
        operation.target,
        [dict(each) for each in operation.rows],
        multiinsert=operation.together,
    ),
    RenameTable: lambda make, operation, name: ops.RenameTableOp(
        name.name, operation.new_name, schema=name.schema
    ),
}
"""By a class of ours: from the maker, an operation and its table to Alembic's object.
"""

_OF_TABLES = (
    AddColumn,
    AddConstraint,
    AlterColumn,
    CommentTable,
    CreateIndex,
    DropColumn,
    DropConstraint,
    DropIndex,
)


def _table_changed(operation: Operation) -> TableName | None:
    own = getattr(operation, "op", None)
    if isinstance(own, AlterTableOp):
        return TableName(own.table_name, own.schema)

    return operation.table if isinstance(operation, _OF_TABLES) else None


def _type(facts: ColumnFacts) -> Any:
    return None if isinstance(facts.type, Kept) else facts.type.element


def _or_none(value: Any) -> Any:
    return None if value is KEPT else value
