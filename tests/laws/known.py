"""Operations with all that a database knows of what they take away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import AddColumn
from flask_migrations_ext.operations.columns import AlterColumn
from flask_migrations_ext.operations.columns import ColumnFacts
from flask_migrations_ext.operations.columns import DropColumn
from flask_migrations_ext.operations.constraints import DropConstraint
from flask_migrations_ext.operations.enums import DropEnum
from flask_migrations_ext.operations.indexes import DropIndex
from flask_migrations_ext.operations.sequences import DropSequence
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import CommentTable
from flask_migrations_ext.operations.tables import DropTable
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import KEPT
from flask_migrations_ext.schema.model import NumberSequence
from flask_migrations_ext.schema.model import PrimaryKey
from flask_migrations_ext.schema.model import Schema
from flask_migrations_ext.schema.model import Table
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.model import Unique


def with_past(
    operation: Operation, schema: Schema, enums: dict[str, tuple[str, ...]]
) -> Operation:
    """Return the operation with ``was`` from the schema that it finds.

    :param enums: the values of enum types, by name.
    """
    match operation:
        case DropTable():
            return replace(operation, was=schema.by_name.get(operation.name))
        case DropEnum():
            return replace(operation, was=enums.get(operation.name))
        case DropSequence():
            return replace(operation, was=NumberSequence(operation.name))
        case AlterTable():
            inner = tuple(
                with_past(each, schema, enums) for each in operation.operations
            )
            return replace(operation, operations=inner)

    name: Any = getattr(operation, "table", None)
    table = schema.by_name.get(name) if isinstance(name, TableName) else None

    return operation if table is None else _of_table(operation, table)


def _of_table(operation: Operation, table: Table) -> Operation:
    match operation:
        case DropColumn():
            column = table.column(operation.name)
            added = None if column is None else AddColumn(table.name, column)
            return replace(operation, was=added)
        case AlterColumn():
            return _altered(operation, table)
        case DropConstraint():
            kinds = (PrimaryKey, Unique, ForeignKey, Check)
            kind = operation.kind or kinds
            found = [each for each in table.constraints if isinstance(each, kind)]
            named = [each for each in found if each.name == operation.name]
            # MariaDB has one name for all primary keys.
            alone = found if operation.kind is PrimaryKey else []
            was = next(iter(named or alone), None)
            return replace(operation, was=was and replace(was, name=operation.name))
        case DropIndex():
            indexes = (each for each in table.indexes if each.name == operation.name)
            return replace(operation, was=next(indexes, None))
        case CommentTable():
            return replace(operation, was=table.comment)
        case _:
            return operation


def _altered(operation: AlterColumn, table: Table) -> Operation:
    column = table.column(operation.name)
    if column is None:
        return operation

    # The type stays in the script's words: the database has fewer.
    said = operation.was.type
    was = ColumnFacts(
        type=column.type if said is KEPT else said,
        nullable=column.nullable,
        default=column.default,
        comment=column.comment,
    )
    return replace(operation, was=was)
