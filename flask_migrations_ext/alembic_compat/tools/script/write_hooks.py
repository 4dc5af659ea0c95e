"""``alembic.script.write_hooks``: functions as hooks on new files."""

from __future__ import annotations

from ....scripts.hooks import register

__all__ = ["register", "REVISION_SCRIPT_TOKEN"]

REVISION_SCRIPT_TOKEN = "REVISION_SCRIPT_FILENAME"
