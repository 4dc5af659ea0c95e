"""Comparisons and renderers from outside, for what this package does not know.

Filled while modules of a project are imported, as they define them.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import TypeVar

import sqlalchemy as sa

from ..dialects.comparison import ComparisonRules
from ..operations.base import Operation
from ..schema.model import Schema
from .options import CompareOptions
from .render.types import RenderContext


@dataclass(frozen=True)
class Comparing:
    """One database and its models, while they are compared.

    :param schemas: those that are looked at; None is the default one.
    :param imports: the lines that the new script is to begin with; may be added to.
    """

    connection: sa.Connection
    metadata: tuple[sa.MetaData, ...]
    database: Schema
    models: Schema
    schemas: tuple[str | None, ...]
    rules: ComparisonRules
    options: CompareOptions
    imports: set[str] = field(default_factory=set)


OwnComparison = Callable[[Comparing, tuple[Operation, ...]], Iterable[Operation]]
OwnRenderer = Callable[[Any, RenderContext], str | Sequence[str]]

_Comparison = TypeVar("_Comparison", bound=OwnComparison)
_Renderer = TypeVar("_Renderer", bound=OwnRenderer)
_TakesOver = Callable[[], Collection[str]]

_COMPARISONS: dict[OwnComparison, _TakesOver] = {}
_RENDERERS: dict[type[Operation], OwnRenderer] = {}
_DESCRIPTIONS: dict[type[Operation], Callable[[Any], str]] = {}


def register_comparison(
    function: _Comparison, *, takes_over: _TakesOver = tuple
) -> _Comparison:
    """Let a function see what was found, and return what is to be done.

    It gets what is compared and the operations so far, and returns those, changed or
    not, and its own. Usable as a decorator.

    :param takes_over: returns what need not be compared here any more: ``enums``.
    """
    _COMPARISONS[function] = takes_over
    return function


def register_renderer(
    kind: type[Operation], *, described: Callable[[Any], str] | None = None
) -> Callable[[_Renderer], _Renderer]:
    """Return a decorator for the function that writes operations of a class.

    It gets the operation and the context, adds to ``context.imports`` what the code
    needs, and returns it: text, or several.

    :param described: returns what an operation does, in a line for a person.
    """

    def register(function: _Renderer) -> _Renderer:
        _RENDERERS[kind] = function
        if described is not None:
            _DESCRIPTIONS[kind] = described
        return function

    return register


def is_taken_over(part: str) -> bool:
    """Return whether a comparison from outside does a part of ours."""
    return any(part in takes_over() for takes_over in _COMPARISONS.values())


def compared_outside(
    comparing: Comparing, operations: tuple[Operation, ...]
) -> tuple[Operation, ...]:
    """Return the operations after each comparison from outside has seen them."""
    for function in list(_COMPARISONS):
        operations = tuple(function(comparing, operations))

    return operations


def description_of(operation: Operation) -> Callable[[Any], str] | None:
    """Return what describes an operation, if something from outside does."""
    return _DESCRIPTIONS.get(type(operation))


def renderer_of(operation: Operation) -> OwnRenderer | None:
    """Return what writes an operation, if something from outside does."""
    return _RENDERERS.get(type(operation))
