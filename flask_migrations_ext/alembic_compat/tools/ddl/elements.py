"""``alembic.ddl.base``: statements that change tables, for plug-ins that say others.

With ``@compiles(AddColumn, "name")`` a plug-in says how a database of its own has it.
Without, they are said as our dialects say the operations that they stand for.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import DDLElement
from sqlalchemy.sql.elements import quoted_name

from ....dialects.dialect import Dialect
from ....dialects.registry import dialect_for
from ....dialects.registry import is_known
from ....dialects.standard import StandardSql
from ....operations import from_arguments
from ....operations.base import Operation
from ....schema.copies import copied_column
from ....schema.model import TableName
from ..constructors import Takes


class AlterTable(Takes, DDLElement, takes="table_name schema=None"):
    """Change a table."""

    # As SQLAlchemy's own statements, it can be kept compiled.
    inherit_cache = False


class RenameTable(
    AlterTable, takes="old_table_name:table_name new_table_name schema=None"
):
    """Give a table another name."""


_OF_COLUMN = (
    "name:table_name column_name schema=None existing_type=None existing_nullable=None"
    " existing_server_default=None existing_comment=None"
)
_CHANGING = _OF_COLUMN.replace("column_name", "column_name {}")


class AlterColumn(AlterTable, takes=_OF_COLUMN):
    """Change a column."""

    def _complete(self) -> None:
        for name in ("existing_type", "type_"):
            if getattr(self, name, None) is not None:
                setattr(self, name, sa.types.to_instance(getattr(self, name)))


class ColumnNullable(AlterColumn, takes=_CHANGING.format("nullable")):
    """Change whether a column may be NULL."""


class ColumnType(AlterColumn, takes=_CHANGING.format("type_")):
    """Change the type of a column."""


class ColumnName(AlterColumn, takes=_CHANGING.format("newname")):
    """Give a column another name."""


class ColumnDefault(AlterColumn, takes=_CHANGING.format("default")):
    """Change the default of a column."""


class ComputedColumnDefault(ColumnDefault):
    """Change the expression of a computed column."""


class IdentityColumnDefault(ColumnDefault, takes=_CHANGING.format("default impl=None")):
    """Change the identity of a column."""


class ColumnComment(AlterColumn, takes=_CHANGING.format("comment")):
    """Change the comment of a column."""


class AddColumn(
    AlterTable,
    takes="name:table_name column schema=None if_not_exists=None"
    " inline_references=None inline_primary_key=None",
):
    """Add a column."""


class DropColumn(AlterTable, takes="name:table_name column schema=None if_exists=None"):
    """Drop a column."""


# -- as our dialects say it ------------------------------------------------


def _change(name: str, attribute: str) -> Callable[[Any], Operation]:
    def change(element: Any) -> Operation:
        existing = ("type", "nullable", "server_default", "comment")
        return from_arguments.alter_column(
            element.table_name,
            element.column_name,
            schema=element.schema,
            **{f"existing_{e}": getattr(element, f"existing_{e}") for e in existing},
            **{name: getattr(element, attribute)},
        )

    return change


_OPERATIONS: Mapping[type[AlterTable], Callable[[Any], Operation]] = {
    AddColumn: lambda element: from_arguments.add_column(
        None,
        element.table_name,
        copied_column(element.column),
        schema=element.schema,
        if_not_exists=bool(element.if_not_exists),
        inline_references=bool(element.inline_references),
        inline_primary_key=bool(element.inline_primary_key),
    ),
    ColumnComment: _change("comment", "comment"),
    ColumnDefault: _change("server_default", "default"),
    ColumnName: _change("new_column_name", "newname"),
    ColumnNullable: _change("nullable", "nullable"),
    ColumnType: _change("type_", "type_"),
    DropColumn: lambda element: from_arguments.drop_column(
        element.table_name,
        str(element.column.name),
        schema=element.schema,
        if_exists=bool(element.if_exists),
    ),
    RenameTable: lambda element: from_arguments.rename_table(
        element.table_name, element.new_table_name, schema=element.schema
    ),
}


@compiles(AlterTable)
def as_our_dialects_do(element: Any, compiler: Any, **_: Any) -> str:
    """Return a statement as SQL, or several."""
    for kind in type(element).__mro__:
        if kind in _OPERATIONS:
            dialect = _dialect(compiler)
            operation = _OPERATIONS[kind](element)
            said = dialect.statements(operation, None)
            return ";\n".join(map(dialect.text, said))

    raise sa.exc.CompileError(f"{type(element).__name__} changes nothing by itself")


visit_add_column = visit_drop_column = visit_rename_table = as_our_dialects_do
visit_column_comment = visit_column_default = visit_column_name = as_our_dialects_do
visit_column_nullable = visit_column_type = as_our_dialects_do
visit_computed_column = visit_identity_column = as_our_dialects_do


def _dialect(compiler: Any) -> Dialect:
    found = compiler.dialect
    return dialect_for(found) if is_known(found.name) else StandardSql(found)


# -- pieces of SQL, for statements of a plug-in ----------------------------


def quote_dotted(name: str | quoted_name, quote: Any) -> str | quoted_name:
    """Return a name of several parts, with each part quoted where it has to be."""
    if isinstance(name, quoted_name):
        return quote(name)  # type: ignore[no-any-return]  # of the compiler

    return ".".join(quote(part) for part in name.split("."))


def format_table_name(compiler: Any, name: str, schema: str | None) -> str:
    """Return the name of a table as the database writes it."""
    return _dialect(compiler).table_text(TableName(name, schema))


def format_column_name(compiler: Any, name: str) -> str:
    """Return the name of a column as the database writes it."""
    return _dialect(compiler).quote(name)


def format_server_default(compiler: Any, default: Any) -> str | None:
    """Return what stands after ``DEFAULT``."""
    column: sa.Column[Any] = sa.Column("c", sa.types.NULLTYPE, server_default=default)
    return compiler.get_column_default_string(column)  # type: ignore[no-any-return]  # of the compiler


def format_type(compiler: Any, type_: Any) -> str:
    """Return a type as the database writes it."""
    return _dialect(compiler).type_text(sa.types.to_instance(type_))


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
