"""What compiles operations from outside, and those of ours that someone does otherwise.

Whoever writes an operation of their own registers a function for it, for all
databases or for some. It is asked before the methods of a dialect are.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from typing import Any
from typing import TypeVar

from ..operations.base import Operation

StatementCompiler = Callable[[Any, Any, Any], Iterable[Any]]
"""``compile(operation, dialect, connection)`` yields statements of the dialect.

The connection is None when SQL text is written.
"""

Compiler = TypeVar("Compiler", bound=StatementCompiler)

# Filled while modules are imported, as they define their operations.
_COMPILERS: dict[tuple[str, str | None], StatementCompiler] = {}
_OPERATIONS: dict[str, type[Operation]] = {}


def register_operation(
    operation: type[Operation], *databases: str
) -> Callable[[Compiler], Compiler]:
    """Return a decorator for the function that makes statements of an operation.

    Scripts can then call ``op.<verb>(…)`` with the arguments of the class.

    :param databases: the names of those that it is for, as SQLAlchemy's dialects have
        them; none for all that have no function of their own.
    """

    def register(compiler: Compiler) -> Compiler:
        _OPERATIONS[operation.verb] = operation
        for name in databases or (None,):
            _COMPILERS[operation.verb, name] = compiler
        return compiler

    return register


def registered_operation(verb: str) -> type[Operation] | None:
    """Return the class that was registered for a verb, or None."""
    return _OPERATIONS.get(verb)


def compiler_for(
    operation: Operation, databases: Iterable[str]
) -> StatementCompiler | None:
    """Return what was registered for an operation, for the first of the names."""
    for name in (*databases, None):
        if (operation.verb, name) in _COMPILERS:
            return _COMPILERS[operation.verb, name]

    return None
