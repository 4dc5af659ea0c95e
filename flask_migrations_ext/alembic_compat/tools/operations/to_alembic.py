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
_OPTION = {True: True, False: None}


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
            if kind in _MAKERS:
                made: MigrateOperation = _MAKERS[kind](self, operation)
                return made

        return NativeOp(operation)

    # -- SQLAlchemy's elements ---------------------------------------------

    def _copy(self, table: sa.Table) -> sa.Table:
        # Functions of projects change what they get; the models are not theirs.
        if id(table) not in self._copies:
            metadata = sa.MetaData(naming_convention=table.metadata.naming_convention)
            copy = table.to_metadata(metadata)
            copy.info.update(table.info)
            self._copies[id(table)] = copy

        return self._copies[id(table)]

    def _table(self, table: Table) -> sa.Table:
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

    def _column(self, column: Column, table: TableName) -> sa.Column[Any]:
        home = getattr(column.element, "table", None)
        if home is not None:
            for each in self._copy(home).columns:
                if each.name == column.name:
                    return each

        return self._build.column(column, table)

    def _index(self, index: Index, table: TableName) -> sa.Index:
        home = getattr(index.element, "table", None)
        if home is not None:
            for each in self._copy(home).indexes:
                if each.name == index.name:
                    return each

        return self._build.index(index, table)

    def _default(self, facts: ColumnFacts) -> Any:
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

    # -- one maker for each kind -------------------------------------------

    def create_table(self, operation: CreateTable) -> ops.CreateTableOp:
        made = ops.CreateTableOp.from_table(self._table(operation.table))
        made.if_not_exists = _OPTION[operation.if_not_exists]
        return made

    def drop_table(self, operation: DropTable) -> ops.DropTableOp:
        name = operation.name
        if operation.was is None:
            made = ops.DropTableOp(name.name, schema=name.schema)
        else:
            made = ops.DropTableOp.from_table(self._table(operation.was))
        made.if_exists = _OPTION[operation.if_exists]
        return made

    def rename_table(self, operation: RenameTable) -> ops.RenameTableOp:
        name = operation.name
        return ops.RenameTableOp(name.name, operation.new_name, schema=name.schema)

    def comment_table(self, operation: CommentTable) -> MigrateOperation:
        table, was = operation.table, operation.was
        existing = None if isinstance(was, Kept) else was
        if operation.comment is None:
            return ops.DropTableCommentOp(
                table.name, schema=table.schema, existing_comment=existing
            )

        return ops.CreateTableCommentOp(
            table.name,
            operation.comment,
            schema=table.schema,
            existing_comment=existing,
        )

    def add_column(self, operation: AddColumn) -> ops.AddColumnOp:
        table = operation.table
        made = ops.AddColumnOp.from_column_and_tablename(
            table.schema, table.name, self._column(operation.column, table)
        )
        made.if_not_exists = _OPTION[operation.if_not_exists]
        return made

    def drop_column(self, operation: DropColumn) -> ops.DropColumnOp:
        table, was = operation.table, operation.was
        if was is None:
            made = ops.DropColumnOp(table.name, operation.name, schema=table.schema)
        else:
            made = ops.DropColumnOp.from_column_and_tablename(
                table.schema, table.name, self._column(was.column, table)
            )
        made.if_exists = _OPTION[operation.if_exists]
        made.kw.update(operation.options)
        return made

    def alter_column(self, operation: AlterColumn) -> ops.AlterColumnOp:
        becomes, was, table = operation.becomes, operation.was, operation.table
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
            existing_server_default=self._default(was),
            existing_comment=_or_none(was.comment),
            modify_type=_type(becomes),
            modify_nullable=_or_none(becomes.nullable),
            modify_server_default=self._default(becomes),
            modify_comment=False if becomes.comment is KEPT else becomes.comment,
            modify_name=operation.new_name,
            **kw,
        )

    def create_index(self, operation: CreateIndex) -> ops.CreateIndexOp:
        index = self._index(operation.index, operation.table)
        made = ops.CreateIndexOp.from_index(index)
        made.if_not_exists = _OPTION[operation.if_not_exists]
        return made

    def drop_index(self, operation: DropIndex) -> ops.DropIndexOp:
        table, was = operation.table, operation.was
        if table is None or was is None:
            name = table.name if table is not None else None
            schema = table.schema if table is not None else operation.schema
            made = ops.DropIndexOp(operation.name, name, schema=schema)
        else:
            made = ops.DropIndexOp.from_index(self._index(was, table))
        made.if_exists = _OPTION[operation.if_exists]
        made.kw.update(operation.options)
        return made

    def add_constraint(self, operation: AddConstraint) -> ops.AddConstraintOp:
        built = self._build.constraint(operation.constraint, operation.table)
        return ops.AddConstraintOp.from_constraint(built)

    def drop_constraint(self, operation: DropConstraint) -> ops.DropConstraintOp:
        table, was, kind = operation.table, operation.was, operation.kind
        if was is None:
            made = ops.DropConstraintOp(
                operation.name,
                table.name,
                _KINDS[kind] if kind else None,
                schema=table.schema,
            )
        else:
            built = self._build.constraint(was, table)
            made = ops.DropConstraintOp.from_constraint(built)
            made.constraint_name = operation.name
        made.if_exists = _OPTION[operation.if_exists]
        return made

    def execute_sql(self, operation: ExecuteSql) -> ops.ExecuteSQLOp:
        statement = operation.statement
        return ops.ExecuteSQLOp(
            operation.text if statement is None else statement,
            execution_options=dict(operation.execution_options) or None,
        )

    def insert_rows(self, operation: InsertRows) -> ops.BulkInsertOp:
        rows = [dict(each) for each in operation.rows]
        return ops.BulkInsertOp(operation.target, rows, multiinsert=operation.together)


_MAKERS: Mapping[type[Operation], Callable[[OpsMaker, Any], MigrateOperation]] = {
    AddColumn: OpsMaker.add_column,
    AddConstraint: OpsMaker.add_constraint,
    AlterColumn: OpsMaker.alter_column,
    CommentTable: OpsMaker.comment_table,
    CreateIndex: OpsMaker.create_index,
    CreateTable: OpsMaker.create_table,
    DropColumn: OpsMaker.drop_column,
    DropConstraint: OpsMaker.drop_constraint,
    DropIndex: OpsMaker.drop_index,
    DropTable: OpsMaker.drop_table,
    ExecuteSql: OpsMaker.execute_sql,
    InsertRows: OpsMaker.insert_rows,
    RenameTable: OpsMaker.rename_table,
}

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
