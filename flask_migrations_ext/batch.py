"""What scripts call inside ``with op.batch_alter_table(…) as batch_op:``."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from dataclasses import replace
from functools import wraps
from typing import Any
from typing import cast
from typing import Concatenate
from typing import ParamSpec
from typing import Protocol
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.sql.elements import conv

from .execution.async_bridge import awaited
from .execution.current import running_executor
from .operations import constraint_arguments
from .operations import from_arguments
from .operations.base import Operation
from .operations.sql import ExecuteSql
from .operations.tables import AlterTable
from .operations.tables import RebuildOptions
from .schema.model import TableName
from .schema.to_sqlalchemy import NamingConvention

P = ParamSpec("P")
NameT = TypeVar("NameT", contravariant=True)

# The names of parameters are kept for those who pass them by name: a Concatenate alone
# would make positions of them.


class _OfTable(Protocol[P]):
    def __call__(
        self, table_name: str, *args: P.args, **kwargs: P.kwargs
    ) -> Operation: ...


class _OfIndex(Protocol[NameT, P]):
    def __call__(
        self, index_name: NameT, table_name: str, *args: P.args, **kwargs: P.kwargs
    ) -> Operation: ...


class _OfNewIndex(Protocol[NameT, P]):
    def __call__(
        self,
        convention: NamingConvention | None,
        /,
        index_name: NameT,
        table_name: str,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Operation: ...


class _OfConstraint(Protocol[NameT, P]):
    def __call__(
        self, constraint_name: NameT, table_name: str, *args: P.args, **kwargs: P.kwargs
    ) -> Operation: ...


class _OfForeignKey(Protocol[NameT, P]):
    def __call__(
        self,
        constraint_name: NameT,
        source_table: str,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Operation: ...


class _IndexCall(Protocol[NameT, P]):
    def __call__(
        self, index_name: NameT, *args: P.args, **kwargs: P.kwargs
    ) -> None: ...


class _IndexMethod(Protocol[NameT, P]):
    def __get__(self, batch: BatchOperations, kind: type) -> _IndexCall[NameT, P]: ...


class _ConstraintCall(Protocol[NameT, P]):
    def __call__(
        self, constraint_name: NameT, *args: P.args, **kwargs: P.kwargs
    ) -> None: ...


class _ConstraintMethod(Protocol[NameT, P]):
    def __get__(
        self, batch: BatchOperations | None, kind: type
    ) -> _ConstraintCall[NameT, P]: ...


def _collected(
    make: Callable[P, Operation],
) -> Callable[Concatenate[BatchOperations, P], None]:
    """Return a method that keeps the operation of its arguments for the block's end."""

    @wraps(make)
    def method(
        batch: BatchOperations, *arguments: P.args, **keywords: P.kwargs
    ) -> None:
        batch._operations.append(make(*arguments, **keywords))

    return _shown_as(method, make, hidden=())


def _of_table(make: _OfTable[P]) -> Callable[Concatenate[BatchOperations, P], None]:
    """Return a method for an operation whose first argument is the table."""
    return _without_table(make, 0)


def _of_index(make: _OfIndex[NameT, P]) -> _IndexMethod[NameT, P]:
    """Return a method for an operation of the name of an index, and then the table."""
    return cast("_IndexMethod[NameT, P]", _without_table(make, 1))


def _of_new_index(make: _OfNewIndex[NameT, P]) -> _IndexMethod[NameT, P]:
    return cast("_IndexMethod[NameT, P]", _without_table(make, 1))


def _of_constraint(make: _OfConstraint[NameT, P]) -> _ConstraintMethod[NameT, P]:
    """Return the same for the name of a constraint."""
    return cast("_ConstraintMethod[NameT, P]", _without_table(make, 1))


def _of_foreign_key(make: _OfForeignKey[NameT, P]) -> _ConstraintMethod[NameT, P]:
    return cast("_ConstraintMethod[NameT, P]", _without_table(make, 1))


def _without_table(make: Callable[..., Operation], place: int) -> Callable[..., None]:
    # The table is the block's, and so are its schema and the convention.
    parameters = list(inspect.signature(make).parameters)
    named = parameters[0] == "convention"
    table = parameters[place + named]
    schema = "source_schema" if "source_schema" in parameters else "schema"

    @wraps(make)
    def method(batch: BatchOperations, *arguments: Any, **keywords: Any) -> None:
        keywords[schema] = batch._table.schema
        if len(arguments) < place:
            keywords[table] = batch._table.name
        else:
            arguments = (*arguments[:place], batch._table.name, *arguments[place:])
        first = (batch._convention,) if named else ()
        batch._operations.append(make(*first, *arguments, **keywords))

    return _shown_as(method, make, hidden=("convention", table, schema))


def _shown_as(
    method: Callable[..., None],
    make: Callable[..., Operation],
    hidden: Collection[str],
) -> Callable[..., None]:
    # For help() and editors.
    made = inspect.signature(make)
    shown = [each for each in made.parameters.values() if each.name not in hidden]
    method.__module__ = __name__
    setattr(  # noqa: B010 - mypy knows no such name of functions
        method,
        "__signature__",
        made.replace(parameters=[_SELF, *shown], return_annotation=None),
    )
    return method


_SELF = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)


class BatchOperations:
    """Collects alterations of one table; each method adds one.

    The methods are named like the functions of ``op``, without the table.
    """

    def __init__(self, table: TableName, convention: NamingConvention | None) -> None:
        self._table = table
        self._convention = convention
        self._operations: list[Operation] = []

    def collected(self, rebuild: RebuildOptions) -> Iterator[Operation]:
        """Yield the operations: alterations in groups, statements between them."""
        # What a rebuild is to start from, and to add, is said to the first one only.
        later = replace(
            rebuild,
            recreate="never" if rebuild.recreate == "never" else "auto",
            copy_from=None,
            table_args=(),
            table_options=(),
        )

        group: list[Operation] = []
        for operation in (*self._operations, None):
            if operation is not None and not isinstance(operation, ExecuteSql):
                group.append(operation)
                continue

            alone = rebuild.recreate == "always" or (
                rebuild.table_args or rebuild.table_options
            )
            if group or (operation is None and alone):
                yield AlterTable(self._table, tuple(group), rebuild)
                rebuild, group = later, []
            if operation is not None:
                yield operation

    # -- columns -----------------------------------------------------------

    def add_column(
        self,
        column: sa.Column[Any],
        *,
        insert_before: str | None = None,
        insert_after: str | None = None,
        if_not_exists: bool = False,
        inline_references: bool = False,
        inline_primary_key: bool = False,
    ) -> None:
        """Add a column; its place is kept where the table is rebuilt."""
        added = from_arguments.add_column(
            self._convention,
            self._table.name,
            column,
            schema=self._table.schema,
            if_not_exists=if_not_exists,
            inline_references=inline_references,
            inline_primary_key=inline_primary_key,
        )
        self._operations.append(
            replace(added, before=insert_before, after=insert_after)
        )

    def alter_column(
        self,
        column_name: str,
        *,
        insert_before: str | None = None,
        insert_after: str | None = None,
        **changes: Any,
    ) -> None:
        """Change a column; arguments as of ``op.alter_column``."""
        altered = from_arguments.alter_column(
            self._table.name, column_name, schema=self._table.schema, **changes
        )
        self._operations.append(
            replace(altered, before=insert_before, after=insert_after)
        )

    drop_column = _of_table(from_arguments.drop_column)

    # -- indexes -----------------------------------------------------------

    create_index = _of_new_index(constraint_arguments.create_index)
    drop_index = _of_index(constraint_arguments.drop_index)

    # -- constraints -------------------------------------------------------

    create_primary_key = _of_constraint(constraint_arguments.create_primary_key)
    create_unique_constraint = _of_constraint(
        constraint_arguments.create_unique_constraint
    )
    create_foreign_key = _of_foreign_key(constraint_arguments.create_foreign_key)
    create_check_constraint = _of_constraint(
        constraint_arguments.create_check_constraint
    )
    create_exclude_constraint = _of_constraint(
        constraint_arguments.create_exclude_constraint
    )
    drop_constraint = _of_constraint(constraint_arguments.drop_constraint)

    # -- comments, SQL, and around -----------------------------------------

    create_table_comment = _of_table(from_arguments.create_table_comment)
    drop_table_comment = _of_table(from_arguments.drop_table_comment)
    execute = _collected(from_arguments.execute)
    invoke = _collected(from_arguments.invoke)

    def inline_literal(
        self, value: Any, type_: sa.types.TypeEngine[Any] | None = None
    ) -> sa.BindParameter[Any]:
        """Return a value that is written into the SQL."""
        return from_arguments.inline_literal(value, type_)

    def f(self, name: str) -> conv:
        """Return a name that is final."""
        return conv(name)

    def get_bind(self) -> sa.Connection:
        """Return the connection that the migration runs on."""
        return running_executor("batch_op.get_bind").bind

    def run_async(
        self,
        async_function: Callable[..., Awaitable[Any]],
        *args: Any,
        **kw_args: Any,
    ) -> Any:
        """Run a coroutine function on the database, at once: the block comes later."""
        connection = running_executor("batch_op.run_async").connection
        return awaited(connection, async_function, *args, **kw_args)
