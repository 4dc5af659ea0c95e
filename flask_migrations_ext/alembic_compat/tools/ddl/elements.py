"""``alembic.ddl.base``: statements that change tables, for plug-ins that say others.

With ``@compiles(AddColumn, "name")`` a plug-in says how a database of its own has it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import DDLElement
from sqlalchemy.sql.elements import quoted_name


class AlterTable(DDLElement):
    """Change a table."""

    # As SQLAlchemy's own statements, it can be kept compiled.
    inherit_cache = False

    def __init__(self, table_name: str, schema: str | None = None) -> None:
        self.table_name = table_name
        self.schema = schema


class RenameTable(AlterTable):
    def __init__(
        self, old_table_name: str, new_table_name: str, schema: str | None = None
    ) -> None:
        super().__init__(old_table_name, schema=schema)
        self.new_table_name = new_table_name


class AlterColumn(AlterTable):
    """Change a column."""

    def __init__(
        self,
        name: str,
        column_name: str,
        schema: str | None = None,
        existing_type: Any = None,
        existing_nullable: bool | None = None,
        existing_server_default: Any = None,
        existing_comment: str | None = None,
    ) -> None:
        super().__init__(name, schema=schema)
        self.column_name = column_name
        self.existing_type = (
            None if existing_type is None else sa.types.to_instance(existing_type)
        )
        self.existing_nullable = existing_nullable
        self.existing_server_default = existing_server_default
        self.existing_comment = existing_comment


class ColumnNullable(AlterColumn):
    def __init__(self, name: str, column_name: str, nullable: bool, **kw: Any) -> None:
        super().__init__(name, column_name, **kw)
        self.nullable = nullable


class ColumnType(AlterColumn):
    def __init__(self, name: str, column_name: str, type_: Any, **kw: Any) -> None:
        super().__init__(name, column_name, **kw)
        self.type_ = sa.types.to_instance(type_)


class ColumnName(AlterColumn):
    def __init__(self, name: str, column_name: str, newname: str, **kw: Any) -> None:
        super().__init__(name, column_name, **kw)
        self.newname = newname


class ColumnDefault(AlterColumn):
    def __init__(self, name: str, column_name: str, default: Any, **kw: Any) -> None:
        super().__init__(name, column_name, **kw)
        self.default = default


class ComputedColumnDefault(ColumnDefault):
    """Change the expression of a computed column."""


class IdentityColumnDefault(ColumnDefault):
    """Change the identity of a column."""

    def __init__(
        self, name: str, column_name: str, default: Any, impl: Any = None, **kw: Any
    ) -> None:
        super().__init__(name, column_name, default, **kw)
        self.impl = impl


class ColumnComment(AlterColumn):
    def __init__(self, name: str, column_name: str, comment: Any, **kw: Any) -> None:
        super().__init__(name, column_name, **kw)
        self.comment = comment


class AddColumn(AlterTable):
    def __init__(
        self,
        name: str,
        column: sa.Column[Any],
        schema: str | None = None,
        if_not_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        super().__init__(name, schema=schema)
        self.column = column
        self.if_not_exists = if_not_exists


class DropColumn(AlterTable):
    def __init__(
        self,
        name: str,
        column: sa.Column[Any],
        schema: str | None = None,
        if_exists: bool | None = None,
    ) -> None:
        super().__init__(name, schema=schema)
        self.column = column
        self.if_exists = if_exists


# -- pieces of SQL ---------------------------------------------------------


def quote_dotted(name: str | quoted_name, quote: Any) -> str | quoted_name:
    """Return a name of several parts, with each part quoted where it has to be."""
    if isinstance(name, quoted_name):
        return quote(name)  # type: ignore[no-any-return]  # of the compiler

    return ".".join(quote(part) for part in name.split("."))


def format_table_name(compiler: Any, name: str, schema: str | None) -> str:
    """Return the name of a table as the database writes it."""
    quote = compiler.preparer.quote
    return f"{quote_dotted(schema, quote)}.{quote(name)}" if schema else quote(name)


def format_column_name(compiler: Any, name: str) -> str:
    """Return the name of a column as the database writes it."""
    return compiler.preparer.quote(name)  # type: ignore[no-any-return]  # of the compiler


def format_server_default(compiler: Any, default: Any) -> str | None:
    """Return what stands after ``DEFAULT``."""
    column: sa.Column[Any] = sa.Column("c", sa.types.NULLTYPE, server_default=default)
    return compiler.get_column_default_string(column)  # type: ignore[no-any-return]  # of the compiler


def format_type(compiler: Any, type_: Any) -> str:
    """Return a type as the database writes it."""
    return compiler.dialect.type_compiler_instance.process(type_)  # type: ignore[no-any-return]  # of the compiler


def alter_table(compiler: Any, name: str, schema: str | None) -> str:
    """Return how such a statement begins."""
    return f"ALTER TABLE {format_table_name(compiler, name, schema)}"


def alter_column(compiler: Any, name: str) -> str:
    """Return the part that names a column."""
    return f"ALTER COLUMN {format_column_name(compiler, name)}"


def add_column(compiler: Any, column: sa.Column[Any], **kw: Any) -> str:
    """Return the part that adds a column."""
    hedge = "IF NOT EXISTS " if kw.get("if_not_exists") else ""
    text = f"ADD COLUMN {hedge}{compiler.get_column_specification(column)}"
    inside = " ".join(compiler.process(each) for each in column.constraints)
    return f"{text} {inside}" if inside else text


def drop_column(
    compiler: Any, name: str, if_exists: bool | None = None, **kw: Any
) -> str:
    """Return the part that drops a column."""
    hedge = "IF EXISTS " if if_exists else ""
    return f"DROP COLUMN {hedge}{format_column_name(compiler, name)}"


# -- as most databases say it ----------------------------------------------


@compiles(RenameTable)
def visit_rename_table(element: RenameTable, compiler: Any, **kw: Any) -> str:
    begin = alter_table(compiler, element.table_name, element.schema)
    new = format_table_name(compiler, element.new_table_name, element.schema)
    return f"{begin} RENAME TO {new}"


@compiles(AddColumn)
def visit_add_column(element: AddColumn, compiler: Any, **kw: Any) -> str:
    said = add_column(compiler, element.column, if_not_exists=element.if_not_exists)
    return f"{alter_table(compiler, element.table_name, element.schema)} {said}"


@compiles(DropColumn)
def visit_drop_column(element: DropColumn, compiler: Any, **kw: Any) -> str:
    said = drop_column(compiler, str(element.column.name), element.if_exists)
    return f"{alter_table(compiler, element.table_name, element.schema)} {said}"


def _begin(element: AlterColumn, compiler: Any) -> str:
    table = alter_table(compiler, element.table_name, element.schema)
    return f"{table} {alter_column(compiler, element.column_name)}"


@compiles(ColumnNullable)
def visit_column_nullable(element: ColumnNullable, compiler: Any, **kw: Any) -> str:
    verb = "DROP" if element.nullable else "SET"
    return f"{_begin(element, compiler)} {verb} NOT NULL"


@compiles(ColumnType)
def visit_column_type(element: ColumnType, compiler: Any, **kw: Any) -> str:
    return f"{_begin(element, compiler)} TYPE {format_type(compiler, element.type_)}"


@compiles(ColumnName)
def visit_column_name(element: ColumnName, compiler: Any, **kw: Any) -> str:
    table = alter_table(compiler, element.table_name, element.schema)
    old = format_column_name(compiler, element.column_name)
    return f"{table} RENAME {old} TO {format_column_name(compiler, element.newname)}"


@compiles(ColumnDefault)
def visit_column_default(element: ColumnDefault, compiler: Any, **kw: Any) -> str:
    if element.default is None:
        return f"{_begin(element, compiler)} DROP DEFAULT"

    said = format_server_default(compiler, element.default)
    return f"{_begin(element, compiler)} SET DEFAULT {said}"


@compiles(ComputedColumnDefault)
def visit_computed_column(
    element: ComputedColumnDefault, compiler: Any, **kw: Any
) -> str:
    raise sa.exc.CompileError(
        "a database has no word to change the expression of a computed column; drop the"
        " column and add it again"
    )


@compiles(IdentityColumnDefault)
def visit_identity_column(
    element: IdentityColumnDefault, compiler: Any, **kw: Any
) -> str:
    raise sa.exc.CompileError(
        "a database has no word in general to change the identity of a column"
    )
