"""What migration scripts call: each function carries out one operation, at once.

Names and arguments are those of existing scripts, so that a file written for
Alembic reads the same. https://alembic.sqlalchemy.org/en/latest/ops.html
"""

from __future__ import annotations

import difflib
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import contextmanager
from typing import Any
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.sql.elements import conv

from .batch import BatchOperations
from .dialects.operation_registry import registered_operation
from .errors import UnknownFunction
from .execution.async_bridge import awaited
from .execution.current import running_executor
from .operations import from_arguments
from .operations.base import Operation
from .operations.enums import CreateEnum
from .operations.enums import DropEnum
from .operations.tables import CreateTable
from .operations.tables import DropTable
from .operations.tables import RenameTable
from .schema.from_sqlalchemy import read_table
from .schema.model import TableName
from .schema.to_sqlalchemy import NamingConvention


def _execute(operation: Operation) -> None:
    running_executor(f"op.{operation.verb}").execute(operation)


def _convention() -> NamingConvention | None:
    return running_executor("op").naming_convention


# -- tables ----------------------------------------------------------------


def create_table(
    table_name: str,
    *columns: sa.schema.SchemaItem,
    if_not_exists: bool = False,
    schema: str | None = None,
    **keywords: Any,
) -> sa.Table:
    """Create a table with its constraints and indexes, and return it.

    :param columns: columns, constraints and indexes, as ``sqlalchemy.Table`` takes.
    """
    table = from_arguments.sa_table_of(
        table_name, columns, schema=schema, convention=_convention(), **keywords
    )
    made = read_table(table, as_written=True)
    _execute(CreateTable(made, if_not_exists=if_not_exists))

    return table


def drop_table(
    table_name: str,
    *,
    schema: str | None = None,
    if_exists: bool = False,
    **keywords: Any,
) -> None:
    """Drop a table and its rows."""
    _execute(DropTable(TableName(table_name, schema), if_exists=if_exists))


def rename_table(
    old_table_name: str, new_table_name: str, *, schema: str | None = None
) -> None:
    """Give a table another name."""
    _execute(RenameTable(TableName(old_table_name, schema), new_table_name))


def create_table_comment(
    table_name: str,
    comment: str | None,
    *,
    existing_comment: str | None = None,
    schema: str | None = None,
) -> None:
    """Set the comment of a table."""
    _execute(
        from_arguments.comment_table(
            TableName(table_name, schema), comment, existing_comment
        )
    )


def drop_table_comment(
    table_name: str,
    *,
    existing_comment: str | None = None,
    schema: str | None = None,
) -> None:
    """Remove the comment of a table."""
    create_table_comment(
        table_name, None, existing_comment=existing_comment, schema=schema
    )


# -- columns ---------------------------------------------------------------


def add_column(
    table_name: str,
    column: sa.Column[Any],
    *,
    schema: str | None = None,
    if_not_exists: bool = False,
    inline_references: bool = False,
    inline_primary_key: bool = False,
) -> None:
    """Add a column, with the constraints and the index that it declares."""
    _execute(
        from_arguments.add_column(
            TableName(table_name, schema),
            column,
            _convention(),
            if_not_exists=if_not_exists,
            inline_references=inline_references,
            inline_primary_key=inline_primary_key,
        )
    )


def alter_column(
    table_name: str, column_name: str, *, schema: str | None = None, **changes: Any
) -> None:
    """Change a column: its name, type, nullability, default, comment.

    :param changes: ``nullable``, ``type_``, ``server_default``, ``comment``,
        ``new_column_name``, ``autoincrement``, what is known of it from before as
        ``existing_type``, ``existing_nullable`` and so on, and keywords of one kind
        of database such as ``postgresql_using``. What is left out stays as it is.
    """
    _execute(
        from_arguments.alter_column(
            TableName(table_name, schema), column_name, **changes
        )
    )


def drop_column(
    table_name: str,
    column_name: str,
    *,
    schema: str | None = None,
    if_exists: bool = False,
    **options: Any,
) -> None:
    """Drop a column and its values."""
    _execute(
        from_arguments.drop_column(
            TableName(table_name, schema), column_name, if_exists=if_exists, **options
        )
    )


# -- indexes ---------------------------------------------------------------


def create_index(
    index_name: str | None,
    table_name: str,
    columns: Sequence[str | sa.ColumnElement[Any] | sa.TextClause],
    *,
    schema: str | None = None,
    unique: bool = False,
    if_not_exists: bool = False,
    **options: Any,
) -> None:
    """Create an index on columns or expressions."""
    _execute(
        from_arguments.create_index(
            TableName(table_name, schema),
            index_name,
            columns,
            _convention(),
            unique=unique,
            if_not_exists=if_not_exists,
            **options,
        )
    )


def drop_index(
    index_name: str,
    table_name: str | None = None,
    *,
    schema: str | None = None,
    if_exists: bool = False,
    **options: Any,
) -> None:
    """Drop an index."""
    _execute(
        from_arguments.drop_index(
            TableName(table_name, schema) if table_name else None,
            index_name,
            schema=schema,
            if_exists=if_exists,
            **options,
        )
    )


# -- constraints -----------------------------------------------------------


def create_primary_key(
    constraint_name: str | None,
    table_name: str,
    columns: Sequence[str],
    *,
    schema: str | None = None,
    **options: Any,
) -> None:
    """Make columns the primary key of a table that has none."""
    _execute(
        from_arguments.create_primary_key(
            TableName(table_name, schema), constraint_name, columns, **options
        )
    )


def create_unique_constraint(
    constraint_name: str | None,
    table_name: str,
    columns: Sequence[str],
    *,
    schema: str | None = None,
    deferrable: bool | None = None,
    initially: str | None = None,
    **options: Any,
) -> None:
    """Demand that values of the columns occur once together."""
    _execute(
        from_arguments.create_unique_constraint(
            TableName(table_name, schema),
            constraint_name,
            columns,
            deferrable=deferrable,
            initially=initially,
            **options,
        )
    )


def create_foreign_key(
    constraint_name: str | None,
    source_table: str,
    referent_table: str,
    local_cols: Sequence[str],
    remote_cols: Sequence[str],
    *,
    onupdate: str | None = None,
    ondelete: str | None = None,
    deferrable: bool | None = None,
    initially: str | None = None,
    match: str | None = None,
    source_schema: str | None = None,
    referent_schema: str | None = None,
    **options: Any,
) -> None:
    """Demand that columns point to a row of another table."""
    _execute(
        from_arguments.create_foreign_key(
            TableName(source_table, source_schema),
            constraint_name,
            referent_table,
            local_cols,
            remote_cols,
            onupdate=onupdate,
            ondelete=ondelete,
            deferrable=deferrable,
            initially=initially,
            match=match,
            referent_schema=referent_schema,
            **options,
        )
    )


def create_check_constraint(
    constraint_name: str | None,
    table_name: str,
    condition: str | sa.ColumnElement[bool] | sa.TextClause,
    *,
    schema: str | None = None,
    **options: Any,
) -> None:
    """Demand that every row fulfils a condition."""
    _execute(
        from_arguments.create_check_constraint(
            TableName(table_name, schema), constraint_name, condition, **options
        )
    )


def create_exclude_constraint(
    constraint_name: str | None,
    table_name: str,
    *elements: tuple[Any, str],
    where: str | sa.ColumnElement[bool] | sa.TextClause | None = None,
    schema: str | None = None,
    using: str = "gist",
    deferrable: bool | None = None,
    initially: str | None = None,
    ops: Mapping[str, str] | None = None,
) -> None:
    """Demand that no two rows agree in all elements, each by its operator.

    :param elements: pairs of a column, or an expression, and an operator.
    """
    _execute(
        from_arguments.create_exclude_constraint(
            TableName(table_name, schema),
            constraint_name,
            elements,
            where=where,
            using=using,
            deferrable=deferrable,
            initially=initially,
            ops=ops,
        )
    )


def drop_constraint(
    constraint_name: str,
    table_name: str,
    type_: str | None = None,
    *,
    schema: str | None = None,
    if_exists: bool = False,
) -> None:
    """Drop a constraint.

    :param type_: ``foreignkey``, ``primary``, ``unique``, ``check`` or ``exclude``.
    """
    _execute(
        from_arguments.drop_constraint(
            TableName(table_name, schema),
            constraint_name,
            type_,
            if_exists=if_exists,
        )
    )


# -- enum types ------------------------------------------------------------


def create_enum(name: str, values: Sequence[str], *, schema: str | None = None) -> None:
    """Create an enum type, if the database keeps such types and has it not yet.

    ``create_table`` and ``add_column`` do it by themselves for their columns.
    """
    _execute(CreateEnum(name, tuple(values), schema))


def drop_enum(name: str, *, schema: str | None = None) -> None:
    """Drop an enum type, if the database keeps such types and has it."""
    _execute(DropEnum(name, schema))


# -- rows and SQL ----------------------------------------------------------


def execute(
    sqltext: str | sa.Executable,
    *,
    execution_options: Mapping[str, Any] | None = None,
) -> None:
    """Execute a statement: text, or anything that SQLAlchemy executes.

    In text, ``:name`` stands for a parameter; a colon of its own is ``\\:``.
    """
    _execute(from_arguments.execute(sqltext, execution_options))


def bulk_insert(
    table: sa.TableClause,
    rows: Iterable[Mapping[str, Any]],
    *,
    multiinsert: bool = True,
) -> None:
    """Insert rows into a table, or a table clause, given as mappings.

    :param multiinsert: False to send each row alone, with SQL expressions in it.
    """
    _execute(from_arguments.insert_rows(table, rows, together=multiinsert))


def inline_literal(
    value: Any, type_: sa.types.TypeEngine[Any] | None = None
) -> sa.BindParameter[Any]:
    """Return a value that is written into the SQL, not sent beside it."""
    return from_arguments.inline_literal(value, type_)


# -- operations of one's own -----------------------------------------------


def invoke(operation: Operation) -> None:
    """Carry out an operation.

    :raises InvalidArgument: if it is none.
    """
    _execute(from_arguments.operation(operation))


if not TYPE_CHECKING:
    # A misspelt name is to be found by type checkers.
    def __getattr__(name: str) -> Callable[..., None]:
        """Return the function for an operation that was registered from outside."""
        kind = registered_operation(name)
        if kind is None:
            raise UnknownFunction(name, difflib.get_close_matches(name, globals()))

        return lambda *arguments, **keywords: _execute(kind(*arguments, **keywords))


# -- around ----------------------------------------------------------------


@contextmanager
def batch_alter_table(
    table_name: str,
    schema: str | None = None,
    recreate: str = "auto",
    partial_reordering: Iterable[Sequence[str]] = (),
    copy_from: sa.Table | None = None,
    table_args: tuple[Any, ...] = (),
    table_kwargs: Mapping[str, Any] | None = None,
    reflect_args: tuple[Any, ...] = (),
    reflect_kwargs: Mapping[str, Any] | None = None,
    naming_convention: Mapping[str, Any] | None = None,
) -> Iterator[BatchOperations]:
    """Collect alterations of one table, and do them together at the block's end.

    On SQLite they are one rebuild of the table at most. If the block raises,
    nothing is done.
    """
    executor = running_executor("op.batch_alter_table")
    rebuild = from_arguments.rebuild_options(
        recreate=recreate,
        copy_from=copy_from,
        table_args=table_args,
        table_kwargs=table_kwargs,
        reflect_args=reflect_args,
        reflect_kwargs=reflect_kwargs,
        partial_reordering=partial_reordering,
        naming_convention=naming_convention,
    )
    batch = BatchOperations(
        TableName(table_name, schema), naming_convention or executor.naming_convention
    )

    yield batch

    for operation in batch.collected(rebuild):
        executor.execute(operation)


def f(name: str) -> conv:
    """Return a name that is final: no naming convention changes it."""
    return conv(name)


def get_bind() -> sa.Connection:
    """Return the connection that the migration runs on.

    While SQL text is written, it is one that writes what it executes. It has no rows:
    reading them, or anything else that takes a database, raises ``NeedsDatabase``.
    """
    return running_executor("op.get_bind").bind


def run_async(
    async_function: Callable[..., Awaitable[Any]], *args: Any, **kw_args: Any
) -> Any:
    """Run a coroutine function on an ``AsyncConnection`` of the database.

    The connection is its first argument, and its result is what is returned.

    :raises UnsupportedOperation: if the app's driver is not an asynchronous one.
    """
    connection = running_executor("op.run_async").connection
    return awaited(connection, async_function, *args, **kw_args)


class RunContext:
    """What is known of the run, for scripts: ``op.get_context()``."""

    @property
    def bind(self) -> sa.Connection:
        """The connection, as :func:`get_bind` returns it."""
        return running_executor("op.get_context").bind

    @property
    def connection(self) -> sa.Connection:
        """The same as ``bind``."""
        return self.bind

    @property
    def as_sql(self) -> bool:
        """Whether SQL text is written in place of changing a database."""
        return running_executor("op.get_context").offline

    @property
    def dialect(self) -> sa.Dialect:
        """SQLAlchemy's dialect of the database."""
        return running_executor("op.get_context").sa_dialect

    def autocommit_block(self) -> AbstractContextManager[None]:
        """Run a block outside of any transaction; what was done is committed first.

        For what a database refuses in a transaction, such as PostgreSQL's ``CREATE
        INDEX CONCURRENTLY``.
        """
        return running_executor("op.get_context").autocommit_block()


def get_context() -> RunContext:
    """Return what is known of the run."""
    running_executor("op.get_context")
    return RunContext()
