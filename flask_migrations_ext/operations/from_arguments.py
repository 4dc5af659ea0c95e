"""Operations from the arguments of ``op`` functions: tables, columns, rows, SQL.

Each function with the name of one of ``op`` has its parameters and its docstring as
well, and returns what that carries out. The names and meanings are those of existing
scripts; indexes and constraints are in ``constraint_arguments``.
https://alembic.sqlalchemy.org/en/latest/ops.html
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set
from typing import Any

import sqlalchemy as sa

from ..errors import InvalidArgument
from ..errors import UnknownOption
from ..schema.copies import copied_column
from ..schema.from_sqlalchemy import is_plain_column
from ..schema.from_sqlalchemy import option_values
from ..schema.from_sqlalchemy import read_column
from ..schema.from_sqlalchemy import read_table
from ..schema.model import Constraint
from ..schema.model import Index
from ..schema.model import KEPT
from ..schema.model import Kept
from ..schema.model import PrimaryKey
from ..schema.model import SqlType
from ..schema.model import TableName
from ..schema.to_sqlalchemy import NamingConvention
from . import server_default_arguments as server_default_of
from .base import Operation
from .columns import AddColumn
from .columns import AlterColumn
from .columns import ColumnFacts
from .columns import DropColumn
from .enums import CreateEnum
from .enums import DropEnum
from .rows import InsertRows
from .sql import ExecuteSql
from .tables import CommentTable
from .tables import DropTable
from .tables import RebuildOptions
from .tables import RenameTable

log = logging.getLogger("flask_migrations_ext.op")

_ALTER_COLUMN = frozenset(
    {
        *("nullable", "comment", "server_default", "new_column_name", "type_"),
        *("existing_type", "existing_server_default", "existing_nullable"),
        *("existing_comment", "autoincrement", "existing_autoincrement", "schema"),
        *("insert_before", "insert_after"),
    }
)
_RECREATE = ("auto", "always", "never")
_DROP_COLUMN = frozenset({"schema", "if_exists"})
_OF_DATABASES = ("using", "drop_default", "drop_check", "drop_foreign_key")
"""What follows the name of a kind of database and ``_``, where SQLAlchemy has none."""


# -- tables ----------------------------------------------------------------


def sa_table_of(
    name: str,
    items: Iterable[sa.schema.SchemaItem],
    *,
    schema: str | None,
    convention: NamingConvention | None,
    **keywords: Any,
) -> sa.Table:
    """Return the SQLAlchemy table that ``create_table`` describes.

    Its constraints are named by the convention. Columns that belong to a table
    already are copied.
    """
    names = None if convention is None else dict(convention)
    return sa.Table(
        name,
        sa.MetaData(naming_convention=names),
        *(_unattached(item) for item in items),
        schema=schema,
        **keywords,
    )


def _unattached(item: Any) -> Any:
    if isinstance(item, sa.Column) and getattr(item, "table", None) is not None:
        return copied_column(item)

    return item


def drop_table(
    table_name: str,
    *,
    schema: str | None = None,
    if_exists: bool = False,
    **keywords: Any,
) -> DropTable:
    """Drop a table and its rows."""
    return DropTable(TableName(table_name, schema), if_exists=if_exists)


def rename_table(
    old_table_name: str, new_table_name: str, *, schema: str | None = None
) -> RenameTable:
    """Give a table another name."""
    return RenameTable(TableName(old_table_name, schema), new_table_name)


def create_table_comment(
    table_name: str,
    comment: str | None,
    *,
    existing_comment: str | None = None,
    schema: str | None = None,
) -> CommentTable:
    """Set the comment of a table."""
    was = KEPT if existing_comment is None else existing_comment
    return CommentTable(TableName(table_name, schema), comment, was=was)


def drop_table_comment(
    table_name: str,
    *,
    existing_comment: str | None = None,
    schema: str | None = None,
) -> CommentTable:
    """Remove the comment of a table."""
    return create_table_comment(
        table_name, None, existing_comment=existing_comment, schema=schema
    )


def rebuild_options(
    *,
    recreate: str = "auto",
    copy_from: sa.Table | None = None,
    table_args: Iterable[Any] = (),
    table_kwargs: Mapping[str, Any] | None = None,
    reflect_args: Iterable[Any] = (),
    reflect_kwargs: Mapping[str, Any] | None = None,
    partial_reordering: Iterable[Sequence[str]] = (),
    naming_convention: NamingConvention | None = None,
) -> RebuildOptions:
    """Return what a block asks of a rebuild.

    :raises UnknownOption: if ``recreate`` is no way to go about it.
    :raises InvalidArgument: if ``table_args`` has more than constraints and indexes.
    """
    if recreate not in _RECREATE:
        raise UnknownOption(
            "recreate", f"'{recreate}' is none of {', '.join(_RECREATE)}"
        )

    given = tuple(table_args)
    for each in given:
        if not isinstance(each, sa.Constraint | sa.Index):
            raise InvalidArgument("table_args", "constraints and indexes", each)

    return RebuildOptions(
        recreate=recreate,
        copy_from=None if copy_from is None else _beside_referents(copy_from),
        table_args=given,
        table_options=option_values(table_kwargs or {}),
        reflect_args=tuple(reflect_args),
        partial_reordering=tuple(tuple(group) for group in partial_reordering),
        naming_convention=naming_convention,
    )


def _beside_referents(table: sa.Table) -> sa.Table:
    """Return a table, or a copy where its foreign keys find what they point to.

    Its ``MetaData`` need not have that: of other tables, it takes the names alone.
    """
    if all(_is_resolved(each) for each in table.foreign_keys):
        return table

    metadata = sa.MetaData(naming_convention=table.metadata.naming_convention)
    copy = table.to_metadata(metadata)
    for each in copy.foreign_keys:
        name, _, column = each.target_fullname.rpartition(".")
        schema, _, plain = name.rpartition(".")
        found = metadata.tables.get(name)
        if found is None:
            found = sa.Table(plain, metadata, schema=schema or None)
        if column not in found.columns:
            found.append_column(sa.Column(column, sa.types.NULLTYPE))

    return copy


def _is_resolved(key: sa.ForeignKey) -> bool:
    try:
        return key.column is not None
    except sa.exc.NoReferenceError:
        return False


# -- columns ---------------------------------------------------------------


def add_column(
    convention: NamingConvention | None,
    /,
    table_name: str,
    column: sa.Column[Any],
    *,
    schema: str | None = None,
    if_not_exists: bool = False,
    inline_references: bool = False,
    inline_primary_key: bool = False,
) -> AddColumn:
    """Add a column, with the constraints and the index that it declares."""
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    if not is_plain_column(column):
        stub = sa_table_of(table_name, [column], schema=schema, convention=convention)
        read = read_table(stub)
        column = next(iter(stub.columns))
        # The key that ``primary_key=True`` makes is the column's own affair.
        made = (each for each in read.constraints if not isinstance(each, PrimaryKey))
        constraints, indexes = tuple(made), read.indexes

    return AddColumn(
        TableName(table_name, schema),
        read_column(column),
        constraints=constraints,
        indexes=indexes,
        if_not_exists=if_not_exists,
        inline_references=inline_references,
        inline_primary_key=inline_primary_key,
    )


def drop_column(
    table_name: str,
    column_name: str,
    *,
    schema: str | None = None,
    if_exists: bool = False,
    **options: Any,
) -> DropColumn:
    """Drop a column and its values."""
    _warn_of_unknown("drop_column", options, _DROP_COLUMN)
    return DropColumn(
        TableName(table_name, schema),
        column_name,
        if_exists=if_exists,
        options=option_values(options),
    )


def alter_column(
    table_name: str,
    column_name: str,
    *,
    nullable: bool | None = None,
    comment: str | bool | None = False,
    server_default: Any = False,
    new_column_name: str | None = None,
    type_: Any = None,
    existing_type: Any = None,
    existing_server_default: Any = False,
    existing_nullable: bool | None = None,
    existing_comment: str | None = None,
    autoincrement: bool | str | None = None,
    existing_autoincrement: bool | str | None = None,
    schema: str | None = None,
    **options: Any,
) -> AlterColumn:
    """Change a column: its name, type, nullability, default, comment.

    What is left out stays as it is: where None means "none", False means "not said".
    The arguments that begin with ``existing_`` say what is known of it from before.

    :param options: keywords of one kind of database, such as ``postgresql_using``.
    """
    becomes = ColumnFacts(
        type=_type(type_),
        nullable=_or_kept(nullable),
        comment=KEPT if isinstance(comment, bool) else comment,
        autoincrement=_or_kept(autoincrement),
        **server_default_of.change(server_default, existing_server_default),
    )
    was = ColumnFacts(
        type=_type(existing_type),
        nullable=_or_kept(existing_nullable),
        comment=_or_kept(existing_comment),
        autoincrement=_or_kept(existing_autoincrement),
        **server_default_of.known(server_default, existing_server_default),
    )
    _warn_of_unknown("alter_column", options, _ALTER_COLUMN)
    name = _name_of(column_name)

    return AlterColumn(
        TableName(table_name, schema),
        name,
        becomes=becomes,
        was=was,
        new_name=new_column_name if new_column_name != name else None,
        options=option_values(options),
    )


def _name_of(column: Any) -> str:
    if not isinstance(column, sa.Column):
        return column  # type: ignore[no-any-return]  # else it is a name

    # Scripts in the world give one, and nothing of it has ever been changed so.
    log.warning(
        "alter_column() takes the name of a column, and by keywords what is to change;"
        " of Column('%s') it takes the name alone",
        column.name,
    )
    return str(column.name)


def _type(given: Any) -> SqlType | Kept:
    return KEPT if given is None else SqlType.of(given)


def _or_kept(given: Any) -> Any:
    return KEPT if given is None else given


def _warn_of_unknown(
    function: str, options: Mapping[str, Any], known: Set[str]
) -> None:
    # Scripts in the world hold misspelt keywords that have always been passed
    # over; failing now would stop a history that used to run.
    own = {f"{each}_{said}" for each in sa.dialects.__all__ for said in _OF_DATABASES}
    for name in options.keys() - known - own:
        near = difflib.get_close_matches(name, known | own, n=1, cutoff=0.8)
        if near:
            log.warning(
                "%s() does not know the argument '%s'; did you mean '%s'?",
                function,
                name,
                near[0],
            )
        elif not _is_of_database(name):
            log.warning(
                "%s() does not know the argument '%s'; it is passed over",
                function,
                name,
            )


def _is_of_database(name: str) -> bool:
    """Return whether a keyword begins with the name of a kind of database."""
    try:
        sa.dialects.registry.load(name.partition("_")[0])
    except sa.exc.NoSuchModuleError:
        return False

    return True


# -- enum types ------------------------------------------------------------


def create_enum(
    name: str, values: Sequence[str], *, schema: str | None = None
) -> CreateEnum:
    """Create an enum type, if the database keeps such types and has it not yet.

    ``create_table`` and ``add_column`` do it by themselves for their columns.
    """
    return CreateEnum(name, tuple(values), schema)


def drop_enum(name: str, *, schema: str | None = None) -> DropEnum:
    """Drop an enum type, if the database keeps such types and has it."""
    return DropEnum(name, schema)


# -- rows and SQL ----------------------------------------------------------


def execute(
    sqltext: str | sa.Executable,
    *,
    execution_options: Mapping[str, Any] | None = None,
) -> ExecuteSql:
    """Execute a statement: text, or anything that SQLAlchemy executes.

    In text, ``:name`` stands for a parameter; a colon of its own is ``\\\\:``.
    """
    options = option_values(execution_options or {})

    if isinstance(sqltext, str):
        return ExecuteSql(sqltext, None, options)

    if not isinstance(sqltext, sa.Executable):
        raise InvalidArgument("sqltext", "SQL text or an SQLAlchemy statement", sqltext)

    return ExecuteSql(_text_of(sqltext), sqltext, options)


def _text_of(statement: sa.Executable) -> str:
    try:
        return str(statement)
    except AttributeError:
        # SQLAlchemy 2.1 cannot say CREATE TYPE without knowing for which database.
        return type(statement).__name__


def bulk_insert(
    table: sa.TableClause,
    rows: Iterable[Mapping[str, Any]],
    *,
    multiinsert: bool = True,
) -> InsertRows:
    """Insert rows into a table, or a table clause, given as mappings.

    :param multiinsert: False to send each row alone, with SQL expressions in it.
    """
    if not isinstance(table, sa.TableClause):
        raise InvalidArgument("table", "a table, such as sa.table(…) returns", table)

    name = TableName(str(table.name), getattr(table, "schema", None))
    return InsertRows(name, tuple(dict(row) for row in rows), table, multiinsert)


def inline_literal(
    value: Any, type_: sa.types.TypeEngine[Any] | None = None
) -> sa.BindParameter[Any]:
    """Return a value that is written into the SQL, not sent beside it."""
    return sa.literal(value, type_, literal_execute=True)


def invoke(operation: Operation) -> Operation:
    """Carry out an operation.

    :raises InvalidArgument: if it is none.
    """
    if not isinstance(operation, Operation):
        raise InvalidArgument("operation", "an Operation", operation)

    return operation
