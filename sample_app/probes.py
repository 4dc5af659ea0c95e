"""What an orchestrator asks: whether the shop can serve."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from flask_migrations_ext import MigrationError

from .extensions import migrate

probes = Blueprint("probes", __name__)


@probes.get("/readyz")
def ready() -> tuple[dict[str, Any], int]:
    """Say whether the database is there, and has all revisions."""
    try:
        databases = migrate.status().databases
    except MigrationError:
        # The reason is for the log, not for whoever asks.
        return {"ready": False}, 503

    pending = sum(len(each.pending) for each in databases)
    is_ready = not pending
    return {"ready": is_ready, "pending": pending}, 200 if is_ready else 503
