"""What several commands take, and how arguments are read."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any
from typing import cast
from typing import TypeVar

import click
from click.shell_completion import CompletionItem
from flask.cli import ScriptInfo
from flask.cli import with_appcontext

from .refusal import refuse_empty

Command = TypeVar("Command", bound=Callable[..., Any])


class ShellCommand(click.Command):
    """A command that refuses what a shell makes of a variable that is not set."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        rest = super().parse_args(ctx, args)
        refuse_empty(ctx)
        return rest


class StepsCommand(ShellCommand):
    """A command whose argument may be ``-1``, which Click would take for an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            return super().parse_args(ctx, args)

        steps = [each for each in args if re.fullmatch(r"-[0-9]+", each)]
        others = [each for each in args if each not in steps]

        return super().parse_args(ctx, [*others, "--", *steps] if steps else args)


def command(
    name: str, *, kind: type[click.Command] = ShellCommand
) -> Callable[[Callable[..., Any]], click.Command]:
    """Return a decorator for a command that runs within the app's context."""

    def decorated(function: Callable[..., Any]) -> click.Command:
        made: click.Command = click.command(name, cls=kind)(
            directory_option(with_appcontext(function))
        )
        return made

    return decorated


def directory_option(function: Command) -> Command:
    """Add ``-d/--directory``."""
    return click.option(
        "-d",
        "--directory",
        help="The migrations folder, instead of the app's own.",
    )(function)


def x_arg_option(function: Command) -> Command:
    """Add ``-x/--x-arg``."""
    return click.option(
        "-x",
        "--x-arg",
        multiple=True,
        help="An argument for env.py; can be given several times.",
    )(function)


def bind_option(function: Command) -> Command:
    """Add ``--bind``."""
    return click.option(
        "--bind",
        multiple=True,
        help="This database alone; 'default' is the default one; can be repeated.",
    )(function)


_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([smh]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def _seconds(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> float | None:
    """Return a time such as ``90``, ``90s``, ``5m`` or ``1h`` in seconds."""
    if value is None:
        return None

    found = _DURATION.fullmatch(value.strip())
    if found is None:
        raise click.BadParameter(f"'{value}' is no time such as 90, 90s, 5m or 1h")

    return float(found[1]) * _SECONDS[found[2]]


def timeout_option(function: Command) -> Command:
    """Add ``--timeout``."""
    return click.option(
        "--timeout",
        callback=_seconds,
        help="How long to wait, such as 90s or 5m (default: 60s).",
    )(function)


def wait_options(function: Command) -> Command:
    """Add ``--wait`` and ``--no-wait``, which is to wait for no time at all."""

    @wraps(function)
    def waiting(
        *arguments: Any, wait: float | None, no_wait: bool, **options: Any
    ) -> Any:
        return function(*arguments, wait=0.0 if no_wait else wait, **options)

    for option in (
        click.option(
            "--no-wait",
            is_flag=True,
            help="Do not wait for another process that migrates the database.",
        ),
        click.option(
            "--wait",
            callback=_seconds,
            help="How long to wait for one, such as 90s or 5m (default: 60s).",
        ),
    ):
        waiting = option(waiting)
    return cast("Command", waiting)


def timeout_options(function: Command) -> Command:
    """Add ``--lock-timeout`` and ``--statement-timeout``."""
    function = click.option(
        "--statement-timeout",
        callback=_seconds,
        help="How long a statement may take, such as 15m.",
    )(function)
    return click.option(
        "--lock-timeout",
        callback=_seconds,
        help="How long a statement waits for tables that others use (default: 10s).",
    )(function)


def verbose_option(function: Command) -> Command:
    """Add ``-v/--verbose``."""
    return click.option("-v", "--verbose", is_flag=True, help="Show all there is.")(
        function
    )


def sql_options(function: Command) -> Command:
    """Add ``--sql`` and ``--tag``."""
    function = click.option("--tag", help="A word for env.py to read.")(function)
    return click.option(
        "--sql", is_flag=True, help="Print SQL instead of changing a database."
    )(function)


def file_options(function: Command) -> Command:
    """Add what says how a new revision is named, and where it goes."""
    for option in (
        click.option("--rev-id", help="The id, instead of a random one."),
        click.option("--version-path", help="The folder of the new file."),
        click.option(
            "--depends-on",
            multiple=True,
            help="A revision that has to be applied before; can be repeated.",
        ),
        click.option("--branch-label", help="A name for the branch it begins."),
        click.option(
            "--splice",
            is_flag=True,
            help="Allow a parent that is not a head, which begins a branch.",
        ),
        click.option(
            "--head",
            default="head",
            show_default=True,
            help="The parent, such as BRANCH@head; 'base' for none.",
        ),
        click.option("--sql", is_flag=True, help="Not for this command."),
        click.option("-m", "--message", help="What the revision does, in a few words."),
    ):
        function = option(function)

    return function


def offered_revisions(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return what a shell completes a target to: revisions, branches, words.

    Nothing where that cannot be found out: who types is not to be told of errors.
    """
    from ..commands.reading import targets

    with suppress(Exception):
        app = ctx.ensure_object(ScriptInfo).load_app()
        folder = ctx.params.get("directory") or _of_parent(ctx, "directory")
        with app.app_context():
            offered = targets(folder)
        return [
            CompletionItem(value, help=words)
            for value, words in offered
            if value.startswith(incomplete)
        ]
    return []


def chosen_directory(directory: str | None) -> str | None:
    """Return the folder given to the command, or else to the group."""
    return directory or _of_group("directory")


def all_x_args(x_arg: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return what was given with ``-x`` to the group and to the command."""
    return (*(_of_group("x_arg") or ()), *x_arg)


def _of_group(name: str) -> Any:
    return _of_parent(click.get_current_context(), name)


def _of_parent(ctx: click.Context, name: str) -> Any:
    return ctx.parent.params.get(name) if ctx.parent is not None else None


format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people, or for programs.",
)
