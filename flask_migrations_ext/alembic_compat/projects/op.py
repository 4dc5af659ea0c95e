"""``alembic.op``: our ``op``, and what only scripts for Alembic ask of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from ... import op as ours
from ...execution.current import running
from ...execution.current import running_executor
from . import additions
from .on_demand import tool

__all__ = [
    "batch_alter_table",
    "get_context",
    "implementation_for",
    "invoke",
    "register_operation",
]


def __getattr__(name: str) -> Any:
    if name not in additions.functions:
        found = getattr(ours, name)
        return _routed(found) if additions.replaced and callable(found) else found

    # One that the project has defined; which database it means is known later.
    def call(*arguments: Any, **keywords: Any) -> Any:
        return getattr(_operations(name), name)(*arguments, **keywords)

    return call


def _routed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of ours that asks the project's implementations first."""

    @wraps(function)
    def call(*arguments: Any, **keywords: Any) -> Any:
        operations = _operations(function.__name__)
        with running(_interface().Routed(operations._executor, operations)):
            return function(*arguments, **keywords)

    return call


def batch_alter_table(*arguments: Any, **keywords: Any) -> Any:
    """Collect alterations of one table, and do them together at the block's end."""
    return _operations("batch_alter_table").batch_alter_table(*arguments, **keywords)


def get_context() -> Any:
    """Return what is known of the run, a ``MigrationContext``."""
    return _context("get_context")


def invoke(operation: Any) -> Any:
    """Carry out an operation that the project has defined."""
    return _operations("invoke").invoke(operation)


def register_operation(*arguments: Any) -> Any:
    """Add a function to ``op``: the class method of a class, as a decorator."""
    return _interface().Operations.register_operation(*arguments)


def implementation_for(*arguments: Any, **keywords: Any) -> Any:
    """Say how operations of a class are carried out, as a decorator."""
    return _interface().Operations.implementation_for(*arguments, **keywords)


def _operations(asked_by: str) -> Any:
    return _interface().Operations(_context(asked_by))


def _context(asked_by: str) -> Any:
    found = tool("migration").MigrationContext
    return found.of_executor(running_executor(f"op.{asked_by}"))


def _interface() -> Any:
    return tool("operations.interface")
