"""``alembic.op``: our ``op``, and what only scripts for Alembic ask of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any

from .. import op as ours
from ..execution.current import running
from ..execution.current import running_executor
from .migration import MigrationContext
from .operations import batch
from .operations.batch import BatchOperations
from .operations.implementations import are_replaced
from .operations.interface import is_registered
from .operations.interface import Operations
from .operations.interface import Routed

__all__ = [
    "batch_alter_table",
    "get_context",
    "implementation_for",
    "invoke",
    "register_operation",
]

register_operation = Operations.register_operation
implementation_for = Operations.implementation_for


def __getattr__(name: str) -> Any:
    if not is_registered(name):
        found = getattr(ours, name)
        return _routed(found) if are_replaced() and callable(found) else found

    # One that the project has defined; which database it means is known later.
    def call(*arguments: Any, **keywords: Any) -> Any:
        return getattr(_operations(name), name)(*arguments, **keywords)

    return call


def _routed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of ours that asks the project's implementations first."""

    @wraps(function)
    def call(*arguments: Any, **keywords: Any) -> Any:
        operations = _operations(function.__name__)
        with running(Routed(operations._executor, operations)):
            return function(*arguments, **keywords)

    return call


def batch_alter_table(
    *arguments: Any, **keywords: Any
) -> AbstractContextManager[BatchOperations]:
    """Collect alterations of one table, and do them together at the block's end."""
    context = MigrationContext.of_executor(running_executor("op.batch_alter_table"))
    return batch.batch_alter_table(context, *arguments, **keywords)


def get_context() -> MigrationContext:
    """Return what is known of the run."""
    return MigrationContext.of_executor(running_executor("op.get_context"))


def invoke(operation: Any) -> Any:
    """Carry out an operation that the project has defined."""
    return _operations("invoke").invoke(operation)


def _operations(asked_by: str) -> Operations:
    return Operations(MigrationContext.of_executor(running_executor(f"op.{asked_by}")))
