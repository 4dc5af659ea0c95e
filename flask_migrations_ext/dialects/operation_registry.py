"""How operations from outside are said, and those of ours that someone says otherwise.

Whoever writes an operation of their own registers a function for it, for all
databases or for some. It is asked before the methods of a dialect are.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from typing import Any
from typing import TypeVar

from ..operations.base import Operation

Say = Callable[[Any, Any, Any], Iterable[Any]]
"""``say(operation, dialect, connection)`` yields statements of the dialect.

The connection is None when SQL text is written.
"""

Saying = TypeVar("Saying", bound=Say)

# Filled while modules are imported, as they define their operations.
_SAYINGS: dict[tuple[str, str | None], Say] = {}
_OPERATIONS: dict[str, type[Operation]] = {}


def register_operation(
    operation: type[Operation], *databases: str
) -> Callable[[Saying], Saying]:
    """Return a decorator for the function that says an operation.

    Scripts can then call ``op.<verb>(…)`` with the arguments of the class.

    :param databases: the names of those that it is for, as SQLAlchemy's dialects have
        them; none for all that have no function of their own.
    """

    def register(say: Saying) -> Saying:
        _OPERATIONS[operation.verb] = operation
        for name in databases or (None,):
            _SAYINGS[operation.verb, name] = say
        return say

    return register


def registered_operation(verb: str) -> type[Operation] | None:
    """Return the class that was registered for a verb, or None."""
    return _OPERATIONS.get(verb)


def saying_of(operation: Operation, databases: Iterable[str]) -> Say | None:
    """Return what was registered for an operation, for the first of the names."""
    for name in (*databases, None):
        if (operation.verb, name) in _SAYINGS:
            return _SAYINGS[operation.verb, name]

    return None
