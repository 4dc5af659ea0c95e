"""Constructors said in a row: of operation objects and of statements."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Callable
from collections.abc import Iterator
from inspect import Parameter
from inspect import Signature
from typing import Any


class Takes:
    """Base of classes whose constructor keeps its arguments as attributes.

    ``class Rename(Takes, takes="old new * schema")`` has ``old``, ``new`` and, by
    keyword, ``schema``, as :func:`_parameters` reads it.
    """

    def __init_subclass__(cls, takes: str | None = None, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if takes is not None:
            cls.__init__ = _constructor(takes)  # type: ignore[method-assign]  # of the class that is being made

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        if arguments or keywords:
            raise TypeError(f"{type(self).__name__}() takes no arguments")

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{type(self).__name__} has no attribute '{name}'")

    def _complete(self) -> None:
        """Make of the arguments what they are for."""


def _constructor(takes: str) -> Callable[..., None]:
    attributes = {name: attribute for name, attribute, _, _ in _parameters(takes)}
    signature = Signature(
        [
            Parameter(name, kind, default=default)
            for name, _, kind, default in _parameters(takes)
        ]
    )

    def __init__(self: Takes, *arguments: Any, **keywords: Any) -> None:
        given = signature.bind(*arguments, **keywords)
        given.apply_defaults()
        for name, value in given.arguments.items():
            setattr(self, attributes[name], value)
        self._complete()

    return __init__


def _parameters(takes: str) -> Iterator[tuple[str, str, Any, Any]]:
    """Yield the name of each parameter, its attribute, its kind and its default.

    They are written as in Python, without commas; those behind ``*`` are None if
    nothing is said, and behind a colon stands an attribute of another name.
    """
    kind: Any = Parameter.POSITIONAL_OR_KEYWORD
    for each in takes.split():
        said, has_default, default = each.partition("=")
        name, _, attribute = said.partition(":")
        if name == "*":
            kind = Parameter.KEYWORD_ONLY
        elif name == "**kw":
            yield "kw", "kw", Parameter.VAR_KEYWORD, Parameter.empty
        else:
            usual = None if kind is Parameter.KEYWORD_ONLY else Parameter.empty
            value = literal_eval(default) if has_default else usual
            yield name, attribute or name, kind, value
