"""Database migrations for Flask and SQLAlchemy, with an engine of their own.

The names here are imported when they are used: web workers import the package to
set up the extension, and never migrate.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .adoption.command import adopt
    from .alembic_compat.projects.config import Config
    from .autogenerate.hooks import register_comparison
    from .autogenerate.hooks import register_renderer
    from .commands.moving import downgrade
    from .commands.moving import ensure_version
    from .commands.moving import stamp
    from .commands.moving import upgrade
    from .commands.planning.plan import planned_downgrade
    from .commands.planning.plan import planned_upgrade
    from .commands.reading import branches
    from .commands.reading import graph
    from .commands.reading import heads
    from .commands.reading import history
    from .commands.reading import list_templates
    from .commands.reading import show
    from .commands.repairing.repair import repair
    from .commands.state import current
    from .commands.state import status
    from .commands.state import wait
    from .commands.writing import check
    from .commands.writing import edit
    from .commands.writing import init
    from .commands.writing import merge
    from .commands.writing import migrate
    from .commands.writing import revision
    from .dialects.operation_registry import register_operation
    from .dialects.registry import register_dialect
    from .errors import MigrationError
    from .extension import Migrate
    from .guard.protect import protect
    from .rehearsal.identify import identify
    from .rehearsal.rebase import rebase

_HOMES = {
    "Config": "alembic_compat.projects.config",
    "Migrate": "extension",
    "MigrationError": "errors",
    "adopt": "adoption.command",
    "branches": "commands.reading",
    "check": "commands.writing",
    "current": "commands.state",
    "downgrade": "commands.moving",
    "edit": "commands.writing",
    "ensure_version": "commands.moving",
    "graph": "commands.reading",
    "heads": "commands.reading",
    "history": "commands.reading",
    "identify": "rehearsal.identify",
    "init": "commands.writing",
    "list_templates": "commands.reading",
    "merge": "commands.writing",
    "migrate": "commands.writing",
    "planned_downgrade": "commands.planning.plan",
    "planned_upgrade": "commands.planning.plan",
    "protect": "guard.protect",
    "rebase": "rehearsal.rebase",
    "register_comparison": "autogenerate.hooks",
    "register_dialect": "dialects.registry",
    "register_operation": "dialects.operation_registry",
    "register_renderer": "autogenerate.hooks",
    "repair": "commands.repairing.repair",
    "revision": "commands.writing",
    "show": "commands.reading",
    "stamp": "commands.moving",
    "status": "commands.state",
    "upgrade": "commands.moving",
    "wait": "commands.state",
}

__all__ = [
    "adopt",
    "branches",
    "check",
    "Config",
    "current",
    "downgrade",
    "edit",
    "ensure_version",
    "graph",
    "heads",
    "history",
    "identify",
    "init",
    "list_templates",
    "merge",
    "migrate",
    "Migrate",
    "MigrationError",
    "planned_downgrade",
    "planned_upgrade",
    "protect",
    "rebase",
    "register_comparison",
    "register_dialect",
    "register_operation",
    "register_renderer",
    "repair",
    "revision",
    "show",
    "stamp",
    "status",
    "upgrade",
    "wait",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")

    return getattr(import_module(f".{home}", __name__), name)
