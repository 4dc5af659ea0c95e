"""The command group of one app.

Light on purpose: web workers import it and never migrate. What the commands need is
imported when one is asked for (docs/decisions/0006-lazy-at-two-doors.md).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup
from flask.cli import run_command
from flask.cli import ScriptInfo
from flask.helpers import get_debug_flag

from ..config import SettingsFiles
from ..config import with_settings_files
from ..errors import Interrupted
from ..errors import MigrationError
from .command_list import command_named
from .command_list import NAMES
from .command_list import TASKS
from .refusal import as_called
from .refusal import Refusal
from .refusal import refuse_empty


class MigrationGroup(AppGroup):
    """The group: its commands appear when they are asked for.

    An error that a person can mend is one line, and exit status 1. An error of ours
    keeps its traceback.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*NAMES, *self.commands, *db.commands})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        # What a user has hung on the group under the same name stays.
        return (
            db.commands.get(cmd_name)
            or super().get_command(ctx, cmd_name)
            or command_named(cmd_name)
        )

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """List the commands by what they are for."""
        listed = {name for names in TASKS.values() for name in names}
        others = [name for name in self.list_commands(ctx) if name not in listed]
        for task, names in (*TASKS.items(), ("Other commands", others)):
            found = [(name, self.get_command(ctx, name)) for name in names]
            rows = [
                (name, each.get_short_help_str(formatter.width - 24))
                for name, each in found
                if each is not None and not each.hidden
            ]
            if rows:
                with formatter.section(task):
                    formatter.write_dl(rows, col_max=18)

    def invoke(self, ctx: click.Context) -> Any:
        refuse_empty(ctx)
        named = SettingsFiles(
            tuple(ctx.params.pop("config", ())), ctx.params.pop("name", "alembic")
        )
        try:
            with with_settings_files(named):
                return super().invoke(ctx)
        except MigrationError as error:
            raise Refusal(
                as_called(str(error), ctx.info_name), error.exit_status
            ) from error
        except KeyboardInterrupt as stop:
            told = _as_told(stop)
            text = as_called(str(told), ctx.info_name)
            raise Refusal(text, told.exit_status) from stop


def _as_told(stop: KeyboardInterrupt) -> Interrupted:
    """Return an interruption with what it says; one that says nothing met nothing."""
    from ..execution.signals import interrupted

    if isinstance(stop, Interrupted):
        return stop

    return interrupted(stop, "while no revision ran; what was done before stays")


def migration_group(name: str) -> MigrationGroup:
    """Return a group of this name with all commands."""
    return MigrationGroup(
        name,
        params=[
            click.Option(
                ["-d", "--directory"],
                help="The migrations folder, instead of the app's own.",
            ),
            click.Option(
                ["-x", "--x-arg"],
                multiple=True,
                help="An argument for env.py; can be given several times.",
            ),
            click.Option(
                ["-c", "--config"],
                multiple=True,
                help="An alembic.ini or a pyproject.toml, in place of what is found.",
            ),
            click.Option(
                ["-n", "--name"],
                default="alembic",
                show_default=True,
                help="The section of the ini file.",
            ),
        ],
        help="Perform database migrations.",
    )


def is_served() -> bool:
    """Return whether no command of ``flask`` runs, or ``flask run`` does.

    Other programs use Click, too, and serve: uvicorn, Celery.
    """
    context = click.get_current_context(silent=True)
    if context is None or context.find_object(ScriptInfo) is None:
        return True

    while context is not None:
        if context.command is run_command:
            return True
        context = context.parent
    return False


def app_is_made(app: Flask) -> Callable[[], bool] | None:
    """Return what tells whether ``flask run`` has all of an app that it is to serve.

    None if it is not that command which makes the app, or not the process that serves:
    the one that reloads the others says nothing.
    """
    context = click.get_current_context(silent=True)
    if context is None or context.command is not run_command:
        return None

    reloads = context.params.get("reload")
    reloads = get_debug_flag() if reloads is None else reloads
    if reloads and os.environ.get("WERKZEUG_RUN_MAIN") != "true":
        return None

    info = context.find_object(ScriptInfo)
    # There is no public way to see that the function that makes an app has ended.
    return lambda: getattr(info, "_loaded_app", app) is app


db = migration_group("db")
"""For code to hang commands of its own on: the group of every app has them, too."""
