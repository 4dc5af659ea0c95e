"""``flask_migrate``."""

from __future__ import annotations

import importlib
import logging
from typing import Any

from .config import Config
from .package import __version__ as _alembic

__all__ = ["alembic_version", "Config", "log"]

alembic_version = tuple(int(part) for part in _alembic.split("."))
log = logging.getLogger("flask_migrations_ext")


def __getattr__(name: str) -> Any:
    product = (__package__ or "").rpartition(".")[0]
    return getattr(importlib.import_module(product), name)
