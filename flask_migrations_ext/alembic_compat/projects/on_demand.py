"""The one way from here to ``tools``: a module by its name, when something asks for it.

A folder whose scripts and ``env.py`` ask for no more than Alembic's core loads none.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

_PARENT = (__package__ or "").rpartition(".")[0]
_PRODUCT = _PARENT.rpartition(".")[0]


def tool(name: str) -> Any:
    """Return a module of ``tools``."""
    return module(f"tools.{name}")


def module(name: str) -> ModuleType:
    """Return a module of ``projects`` or ``tools``."""
    return importlib.import_module(f".{name}", _PARENT)


def product() -> ModuleType:
    """Return the package with the names that an app imports."""
    return importlib.import_module(_PRODUCT)


def later(
    name: str, maker: str, function: Callable[..., Any], *told: Any
) -> Callable[..., Any]:
    """Return what a function of ``tools`` makes of one, once that is called."""

    @wraps(function)
    def call(*arguments: Any, **keywords: Any) -> Any:
        return getattr(tool(name), maker)(function, *told)(*arguments, **keywords)

    return call
