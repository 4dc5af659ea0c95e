"""``alembic.op``: our ``op``, and what only scripts for Alembic ask of it."""

from __future__ import annotations

from typing import Any

from .. import op as ours
from ..execution.current import running_executor
from .migration import MigrationContext
from .operations import is_registered
from .operations import Operations

__all__ = [
    "get_context",
    "implementation_for",
    "invoke",
    "register_operation",
]

register_operation = Operations.register_operation
implementation_for = Operations.implementation_for


def __getattr__(name: str) -> Any:
    if not is_registered(name):
        return getattr(ours, name)

    # One that the project has defined; which database it means is known later.
    def call(*arguments: Any, **keywords: Any) -> Any:
        return getattr(_operations(name), name)(*arguments, **keywords)

    return call


def get_context() -> MigrationContext:
    """Return what is known of the run."""
    return MigrationContext.of_executor(running_executor("op.get_context"))


def invoke(operation: Any) -> Any:
    """Carry out an operation that the project has defined."""
    return _operations("invoke").invoke(operation)


def _operations(asked_by: str) -> Operations:
    return Operations(MigrationContext.of_executor(running_executor(f"op.{asked_by}")))
