"""``flask db …``: parse, call a command, print what it returns. Decides nothing."""

from __future__ import annotations

from .group import db

__all__ = ["db"]
