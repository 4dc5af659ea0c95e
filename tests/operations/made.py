"""Operations made as ``op`` makes them, of a table that is given as a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from flask_migrations_ext.operations import constraint_arguments
from flask_migrations_ext.operations import from_arguments
from flask_migrations_ext.operations.columns import AddColumn
from flask_migrations_ext.operations.columns import AlterColumn
from flask_migrations_ext.operations.constraints import AddConstraint
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.to_sqlalchemy import NamingConvention


def add_column(
    table: TableName,
    column: sa.Column[Any],
    convention: NamingConvention | None,
    before: str | None = None,
    after: str | None = None,
    **options: Any,
) -> AddColumn:
    added = from_arguments.add_column(
        convention, table.name, column, schema=table.schema, **options
    )
    return replace(added, before=before, after=after)


def alter_column(
    table: TableName,
    name: str,
    before: str | None = None,
    after: str | None = None,
    **changes: Any,
) -> AlterColumn:
    altered = from_arguments.alter_column(
        table.name, name, schema=table.schema, **changes
    )
    return replace(altered, before=before, after=after)


def create_index(
    table: TableName,
    name: str | None,
    parts: Sequence[Any],
    convention: NamingConvention | None,
    **options: Any,
) -> CreateIndex:
    return constraint_arguments.create_index(
        convention, name, table.name, parts, schema=table.schema, **options
    )


def create_primary_key(
    table: TableName, name: str | None, columns: Sequence[str], **options: Any
) -> AddConstraint:
    return constraint_arguments.create_primary_key(
        name, table.name, columns, schema=table.schema, **options
    )
