"""What migration scripts call: each function carries out one operation, at once.

Names and arguments are those of existing scripts, so that a file written for
Alembic reads the same. https://alembic.sqlalchemy.org/en/latest/ops.html
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import contextmanager
from functools import wraps
from typing import Any
from typing import Concatenate
from typing import ParamSpec
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.sql.elements import conv

from .batch import BatchOperations
from .dialects.operation_registry import registered_operation
from .dialects.registry import is_known
from .errors import InvalidArgument
from .errors import UnknownFunction
from .execution.async_bridge import awaited
from .execution.current import running_executor
from .operations import constraint_arguments
from .operations import from_arguments
from .operations import sequences
from .operations.base import Operation
from .operations.tables import CreateTable
from .schema.from_sqlalchemy import read_table
from .schema.model import TableName
from .schema.sql_text import RawType
from .schema.sql_text import SqlText
from .schema.to_sqlalchemy import NamingConvention

P = ParamSpec("P")


def _executed(make: Callable[P, Operation]) -> Callable[P, None]:
    """Return a function of ``op``: it carries out the operation of its arguments."""

    @wraps(make)
    def function(*arguments: P.args, **keywords: P.kwargs) -> None:
        operation = make(*arguments, **keywords)
        running_executor(f"op.{make.__name__}").execute(operation)

    return _in_op(function, 0)


def _executed_by_convention(
    make: Callable[Concatenate[NamingConvention | None, P], Operation],
) -> Callable[P, None]:
    """Return the same for an operation that the naming convention has a say in."""

    @wraps(make)
    def function(*arguments: P.args, **keywords: P.kwargs) -> None:
        executor = running_executor(f"op.{make.__name__}")
        executor.execute(make(executor.naming_convention, *arguments, **keywords))

    return _in_op(function, 1)


def _in_op(function: Callable[P, None], hidden: int) -> Callable[P, None]:
    # For help() and editors: what scripts call is here, and returns nothing.
    made = inspect.signature(function)
    shown = list(made.parameters.values())[hidden:]
    function.__module__ = __name__
    setattr(  # noqa: B010 - mypy knows no such name of functions
        function,
        "__signature__",
        made.replace(parameters=shown, return_annotation=None),
    )
    return function


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
    executor = running_executor("op.create_table")
    table = from_arguments.sa_table_of(
        table_name,
        columns,
        schema=schema,
        convention=executor.naming_convention,
        **keywords,
    )
    made = read_table(table, as_written=True)
    executor.execute(CreateTable(made, if_not_exists=if_not_exists))

    return table


drop_table = _executed(from_arguments.drop_table)
rename_table = _executed(from_arguments.rename_table)
create_table_comment = _executed(from_arguments.create_table_comment)
drop_table_comment = _executed(from_arguments.drop_table_comment)

# -- columns ---------------------------------------------------------------

add_column = _executed_by_convention(from_arguments.add_column)
alter_column = _executed(from_arguments.alter_column)
drop_column = _executed(from_arguments.drop_column)

# -- indexes and constraints -----------------------------------------------

create_index = _executed_by_convention(constraint_arguments.create_index)
drop_index = _executed(constraint_arguments.drop_index)
create_primary_key = _executed(constraint_arguments.create_primary_key)
create_unique_constraint = _executed(constraint_arguments.create_unique_constraint)
create_foreign_key = _executed(constraint_arguments.create_foreign_key)
create_check_constraint = _executed(constraint_arguments.create_check_constraint)
create_exclude_constraint = _executed(constraint_arguments.create_exclude_constraint)
drop_constraint = _executed(constraint_arguments.drop_constraint)

# -- enum types, sequences, rows, SQL --------------------------------------

create_enum = _executed(from_arguments.create_enum)
drop_enum = _executed(from_arguments.drop_enum)
create_sequence = _executed(sequences.create_sequence)
drop_sequence = _executed(sequences.drop_sequence)
execute = _executed(from_arguments.execute)
bulk_insert = _executed(from_arguments.bulk_insert)


def inline_literal(
    value: Any, type_: sa.types.TypeEngine[Any] | None = None
) -> sa.BindParameter[Any]:
    """Return a value that is written into the SQL, not sent beside it."""
    return from_arguments.inline_literal(value, type_)


# -- operations of one's own -----------------------------------------------

invoke = _executed(from_arguments.invoke)


if not TYPE_CHECKING:
    # A misspelt name is to be found by type checkers.
    def __getattr__(name: str) -> Callable[..., None]:
        """Return the function for an operation that was registered from outside."""
        kind = registered_operation(name)
        if kind is None:
            raise UnknownFunction(name, difflib.get_close_matches(name, globals()))

        def function(*arguments: Any, **keywords: Any) -> None:
            running_executor(f"op.{name}").execute(kind(*arguments, **keywords))

        return function


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


def text(sql: str, **others: str) -> sa.TextClause:
    """Return SQL text, and what other databases are told instead of it.

    It goes wherever SQLAlchemy takes a text clause: a condition, a default, the part of
    an index. A colon is only a colon; there are no parameters.

    :param others: by the names of SQLAlchemy's dialects, ``postgresql="…"``. What MySQL
        is told, MariaDB is told, too.
    :raises InvalidArgument: if no database has such a name.
    """
    for name in others:
        if not is_known(name):
            raise InvalidArgument(name, "the name of a dialect of SQLAlchemy's", name)

    return SqlText(sql, others)


def raw_type(sql: str) -> sa.types.TypeEngine[Any]:
    """Return a type by its text: ``geometry(POINT, 4326)``.

    Scripts that are written hold it where a class of the app's cannot be made again.
    """
    return RawType(sql)


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
