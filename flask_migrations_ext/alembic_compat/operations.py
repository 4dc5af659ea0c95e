"""``alembic.operations``: ``op`` for a connection of one's own, and new operations."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import sqlalchemy as sa

from .. import op as ours
from ..batch import BatchOperations
from ..commands.directives import NewOperations
from ..commands.directives import NewScript
from ..errors import UnknownOption
from ..execution.current import running
from ..operations.base import Operation
from .migration import MigrationContext

__all__ = [
    "BatchOperations",
    "DowngradeOps",
    "is_registered",
    "MigrateOperation",
    "MigrationScript",
    "OpContainer",
    "Operations",
    "UpgradeOps",
]


# For annotations; the operations in them are ours.
MigrationScript = NewScript
OpContainer = UpgradeOps = DowngradeOps = NewOperations


class MigrateOperation:
    """Base of operations that projects define; subclasses hold what they need."""

    def reverse(self) -> MigrateOperation:
        """Return what undoes it.

        :raises NotImplementedError: unless a subclass says how.
        """
        raise NotImplementedError(f"{type(self).__name__} has no reverse()")


OperationCall = Callable[..., Any]

# Filled while modules of a project are imported, as they define their operations.
_BY_NAME: dict[str, OperationCall] = {}
_BY_CLASS: dict[type, OperationCall] = {}


def is_registered(name: str) -> bool:
    """Return whether a project has added a function of this name to ``op``."""
    return name in _BY_NAME


class Operations:
    """The functions of ``op``, on the database of a context."""

    def __init__(self, migration_context: MigrationContext, _unused: Any = None):
        self.migration_context = migration_context
        self._executor = migration_context.executor()

    @classmethod
    @contextmanager
    def context(cls, migration_context: MigrationContext) -> Iterator[Operations]:
        """Let ``op`` mean the database of a context within the block."""
        operations = cls(migration_context)
        with running(operations._executor):
            yield operations

    @classmethod
    def register_operation(
        cls, name: str, sourcename: str | None = None
    ) -> Callable[[type], type]:
        """Add a function to ``op``: the class method of a class, as a decorator."""

        def register(operation: type) -> type:
            _BY_NAME[name] = getattr(operation, sourcename or name)
            return operation

        return register

    @classmethod
    def implementation_for(
        cls, op_cls: type, replace: bool = False
    ) -> Callable[[OperationCall], OperationCall]:
        """Say how operations of a class are carried out, as a decorator."""

        def register(function: OperationCall) -> OperationCall:
            _BY_CLASS[op_cls] = function
            return function

        return register

    def invoke(self, operation: Any) -> Any:
        """Carry out an operation.

        :raises UnknownOption: if nothing says how.
        """
        if isinstance(operation, Operation):
            return self._executor.execute(operation)

        for kind in type(operation).__mro__:
            if kind in _BY_CLASS:
                with running(self._executor):
                    return _BY_CLASS[kind](self, operation)

        raise UnknownOption(
            type(operation).__name__,
            "nothing carries out this operation; register a function with"
            " @Operations.implementation_for",
        )

    def get_bind(self) -> sa.Connection:
        """Return the connection."""
        return self._executor.connection

    def get_context(self) -> MigrationContext:
        """Return the context."""
        return self.migration_context

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in _BY_NAME:
            return partial(_BY_NAME[name], self)

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
        with (
            running(self._executor),
            ours.batch_alter_table(*arguments, **keywords) as batch,
        ):
            yield batch
