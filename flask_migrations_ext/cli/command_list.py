"""The commands of the group by name, each imported when it is asked for."""

from __future__ import annotations

import click

_READING = ("list-templates", "show", "history", "heads", "branches", "graph")
_WRITING = ("init", "revision", "migrate", "edit", "merge", "check")
_MOVING = ("upgrade", "downgrade", "stamp", "ensure-version", "protect")

_STATE = ("current", "status", "wait", "repair")

_TEAMWORK = ("identify", "rebase")

NAMES = (*_READING, *_STATE, *_WRITING, *_MOVING, *_TEAMWORK, "adopt")

TASKS = {
    "Begin": ("init", "adopt", "list-templates"),
    "Write revisions": ("migrate", "revision", "merge", "rebase", "edit", "check"),
    "Move databases": (
        *("upgrade", "downgrade", "stamp", "ensure-version", "wait"),
        *("repair", "protect"),
    ),
    "See what is where": (
        *("status", "current", "identify", "history", "heads", "branches", "show"),
        "graph",
    ),
}
"""The commands by what they are for, those first that are needed first."""


def command_named(name: str) -> click.Command | None:
    """Return a command with all it needs, and nothing that others need."""
    if name in _READING:
        from . import reading as home
    elif name in _WRITING:
        from . import writing as home  # type: ignore[no-redef]  # one of them is
    elif name in _MOVING:
        from . import moving as home  # type: ignore[no-redef]  # one of them is
    elif name in _STATE:
        from . import state as home  # type: ignore[no-redef]  # one of them is
    elif name in _TEAMWORK:
        from .teams import teamwork as home  # type: ignore[no-redef]  # one of them is
    elif name == "adopt":
        from . import adopting as home  # type: ignore[no-redef]  # one of them is
    else:
        return None

    found: click.Command = getattr(home, name.replace("-", "_"))
    return found
