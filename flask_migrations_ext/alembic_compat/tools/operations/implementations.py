"""Which function of a project carries out which operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..autogenerate.dispatch import Dispatcher

OperationCall = Callable[..., Any]

# Filled while modules of a project are imported, as they define their operations.
implementations = Dispatcher()


def implementation_of(operation: Any, dialect_name: str) -> OperationCall | None:
    """Return the function of a project that carries out an operation, or None."""
    try:
        return implementations.dispatch(operation, dialect_name)
    except ValueError:
        return None
