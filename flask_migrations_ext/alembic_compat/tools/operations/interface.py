"""``alembic.operations``: ``op`` for a connection of one's own, and new operations."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import sqlalchemy as sa

from .... import op as ours
from ....errors import UnknownOption
from ....execution.current import running
from ....execution.executor import Executor
from ....operations.base import Operation
from ...projects import additions
from ..migration import MigrationContext
from ..util import constraint_name_defined
from ..util import constraint_name_string
from . import ops
from .batch import AbstractOperations
from .batch import batch_alter_table
from .batch import BatchOperations
from .batch import BatchOperationsImpl
from .containers import MigrationScript
from .from_alembic import operations_of
from .from_alembic import ProjectsOperation
from .from_alembic import read
from .implementations import implementation_of
from .implementations import implementations
from .implementations import OperationCall
from .methods import OF_OPERATIONS
from .methods import offer
from .operation import MigrateOperation
from .to_alembic import OpsMaker

__all__ = [
    "AbstractOperations",
    "BatchOperations",
    "BatchOperationsImpl",
    "constraint_name_defined",
    "constraint_name_string",
    "MigrateOperation",
    "MigrationScript",
    "Operations",
    "ops",
]

_BUILT_IN = frozenset(getattr(ops, name) for name in ops.__all__)


class Operations(AbstractOperations):
    """The functions of ``op``, on the database of a context."""

    _to_impl = implementations

    def __init__(self, migration_context: MigrationContext, impl: Any = None):
        self.migration_context = migration_context
        self._executor = migration_context.executor()
        self._impl = impl

    @classmethod
    @contextmanager
    def context(cls, migration_context: MigrationContext) -> Iterator[Operations]:
        """Let ``op`` mean the database of a context within the block."""
        operations = cls(migration_context)
        with running(operations._executor):
            yield operations

    # -- what projects add -------------------------------------------------

    @classmethod
    def register_operation(
        cls, name: str, sourcename: str | None = None
    ) -> Callable[[type], type]:
        """Add a function to ``op``: the class method of a class, as a decorator."""

        def register(operation: type) -> type:
            additions.functions[name] = getattr(operation, sourcename or name)
            return operation

        return register

    @classmethod
    def implementation_for(
        cls, op_cls: type, replace: bool = False
    ) -> Callable[[OperationCall], OperationCall]:
        """Say how operations of a class are carried out, as a decorator.

        :param replace: whether it may take the place of what is there; so it can for
            a class of ``alembic.operations.ops``, too.
        :raises ValueError: if there is something, and ``replace`` is not said.
        """
        if op_cls in _BUILT_IN and not replace:
            raise ValueError(
                f"there is an implementation of {op_cls.__name__} already; to put"
                " this one in its place, say replace=True"
            )

        if op_cls in _BUILT_IN:
            additions.replaced.add(op_cls)
        return cls._to_impl.dispatch_for(op_cls, replace=replace)

    # -- what is done ------------------------------------------------------

    @property
    def impl(self) -> Any:
        """What says operations to the database."""
        return self._impl if self._impl is not None else self.migration_context.impl

    def invoke(self, operation: Any) -> Any:
        """Carry out an operation.

        :raises UnknownOption: if nothing says how.
        """
        own = implementation_of(operation, self.migration_context.dialect.name)
        if own is not None:
            with running(self._executor):
                return own(self, operation)

        if isinstance(operation, ops.OpContainer):
            for each in operation.ops:
                self.invoke(each)
            return None

        if isinstance(operation, Operation):
            return self._executor.execute(operation)

        found = read(operation) if isinstance(operation, MigrateOperation) else None
        if found is None:
            raise UnknownOption(
                type(operation).__name__,
                "nothing carries out this operation; register a function with"
                " @Operations.implementation_for",
            )
        if isinstance(operation, ops.CreateTableOp):
            return self._create_table(operation)
        return self._executor.execute(found)

    def _create_table(self, operation: ops.CreateTableOp) -> sa.Table:
        (found,) = operations_of([operation])
        self._executor.execute(found)
        return operation.to_table(self.migration_context)

    def get_bind(self) -> sa.Connection:
        """Return the connection."""
        return self._executor.bind

    def get_context(self) -> MigrationContext:
        """Return the context."""
        return self.migration_context

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in additions.functions:
            return partial(additions.functions[name], self)

        return partial(self._call, getattr(ours, name))

    def _call(
        self, function: Callable[..., Any], *arguments: Any, **keywords: Any
    ) -> Any:
        if function is ours.batch_alter_table:
            return self._batch(*arguments, **keywords)

        with running(self._executor):
            return function(*arguments, **keywords)

    @contextmanager
    def _batch(self, *arguments: Any, **keywords: Any) -> Iterator[BatchOperations]:
        context = self.migration_context
        with (
            running(self._executor),
            batch_alter_table(context, *arguments, **keywords) as batch,
        ):
            yield batch


offer(
    Operations,
    (
        *(name for name, _ in OF_OPERATIONS.values()),
        *("batch_alter_table", "f", "inline_literal", "run_async"),
    ),
)


# -- where a project carries out what we could ------------------------------


class Routed:
    """An executor that leaves to a project's functions what they are for.

    :param executor: carries out everything else.
    """

    def __init__(self, executor: Executor, operations: Operations) -> None:
        self._executor = executor
        self._operations = operations

    def execute(self, operation: Operation) -> None:
        dialect = self._executor.sa_dialect
        if isinstance(operation, ProjectsOperation):
            self._operations.invoke(operation.op)
            return

        made = OpsMaker(dialect).object_for(operation)
        if implementation_of(made, dialect.name) is None:
            self._executor.execute(operation)
        else:
            self._operations.invoke(made)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._executor, name)
