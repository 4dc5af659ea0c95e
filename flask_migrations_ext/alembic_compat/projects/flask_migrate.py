"""``flask_migrate``."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ...config import MigrateConfig as _MigrateConfig
from .config import Config
from .on_demand import product
from .package import __version__ as _alembic

__all__ = ["_MigrateConfig", "alembic_version", "catch_errors", "Config", "log"]

alembic_version = tuple(int(part) for part in _alembic.split("."))
log = logging.getLogger("flask_migrations_ext")


def catch_errors(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function as it is: errors are raised here, and end no process."""
    return function


def __getattr__(name: str) -> Any:
    if name == "MigrateCommand":
        # An AttributeError would come out without its text.
        raise ImportError(
            "there is no MigrateCommand: it belonged to Flask-Script, and Flask-Migrate"
            " has done without since its version 3; 'flask db' needs none"
        )

    return getattr(product(), name)
