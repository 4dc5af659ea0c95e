"""All commands of the group, in the order that one meets them."""

from __future__ import annotations

import click

from . import adopting
from . import moving
from . import reading
from . import writing

COMMANDS: tuple[click.Command, ...] = (
    reading.list_templates,
    writing.init,
    writing.revision,
    writing.migrate,
    writing.edit,
    writing.merge,
    moving.upgrade,
    moving.downgrade,
    reading.show,
    reading.history,
    reading.heads,
    reading.branches,
    reading.current,
    moving.stamp,
    writing.check,
    moving.ensure_version,
    adopting.adopt,
)
