"""``alembic``."""

from __future__ import annotations

__version__ = "1.20.1"
"""The release whose names these are."""
