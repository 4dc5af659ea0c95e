"""``upgrade``, ``downgrade``, ``stamp``, ``ensure-version`` and ``protect``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from ..commands import moving
from ..commands.planning.consent import Danger
from ..commands.reports import RunReport
from ..guard import protect as protecting
from . import printing
from .options import all_x_args
from .options import bind_option
from .options import chosen_directory
from .options import command
from .options import offered_revisions
from .options import sql_options
from .options import StepsCommand
from .options import timeout_options
from .options import wait_options
from .options import x_arg_option
from .progress import ProgressLines

_meant_option = click.option(
    "--yes-i-mean",
    multiple=True,
    metavar="NAME",
    help="The name of a protected database that may lose something.",
)


def _name_typed(danger: Danger) -> str | None:
    """Return what a person types who is asked for the name of a database."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    printing.message(f"The database {danger.url} is protected:")
    for loss in danger.losses:
        printing.message(f"  {loss}")
    typed: str = click.prompt(
        "Type its name to go on", default="", show_default=False, err=True
    )
    return typed


def _print_run(report: RunReport, verb: str, *, quiet: bool) -> None:
    if report.sql is not None:
        printing.result(report.sql)

    for run in report.databases:
        for note in run.notes:
            printing.message(f"{printing.where(run.title)}{note}")
    for run in () if quiet else report.databases:
        printing.result(printing.moved(run, verb, report.heads))


def _moving_command(
    verb: str,
    move: Callable[..., RunReport],
    default: str,
    what: str,
) -> click.Command:
    def run(
        directory: str | None,
        x_arg: tuple[str, ...],
        revision: str,
        show_plan: bool,
        quiet: bool,
        yes_i_mean: tuple[str, ...],
        **options: Any,
    ) -> None:
        if show_plan:
            # It loads what running needs not.
            from .plans import print_plan

            folder, arguments = chosen_directory(directory), all_x_args(x_arg)
            print_plan(verb, folder, revision, arguments, **options)
            return

        lines = ProgressLines(quiet=quiet)
        with lines.shown():
            report = move(
                chosen_directory(directory),
                revision,
                x_arg=all_x_args(x_arg),
                on_step=lines.announce,
                on_wait=lambda holder: lines.say(printing.waited_for(holder)),
                on_hold_up=lambda who: lines.say(f"Waiting: {who}"),
                yes_i_mean=yes_i_mean,
                on_danger=_name_typed,
                **options,
            )
        _print_run(report, verb, quiet=quiet)

    run.__doc__ = f"{what} REVISION (default: {default})."
    revision = click.argument(
        "revision", default=default, shell_complete=offered_revisions
    )
    planned = click.option(
        "--plan",
        "show_plan",
        is_flag=True,
        help="Say what would run, with --sql its statements; change nothing.",
    )
    silent = click.option(
        "-q", "--quiet", is_flag=True, help="Print nothing but SQL and errors."
    )
    waits = wait_options(timeout_options(bind_option(x_arg_option(revision(run)))))
    decorated = sql_options(silent(planned(_meant_option(waits))))
    return command(verb, kind=StepsCommand)(decorated)


upgrade = _moving_command("upgrade", moving.upgrade, "head", "Apply revisions, up to")
downgrade = _moving_command(
    "downgrade", moving.downgrade, "-1", "Undo revisions, down to"
)


@command("stamp", kind=StepsCommand)
@sql_options
@click.option(
    "--purge", is_flag=True, help="Delete what the version table holds first."
)
@wait_options
@bind_option
@click.argument("revisions", nargs=-1, shell_complete=offered_revisions)
def stamp(
    directory: str | None,
    sql: bool,
    tag: str | None,
    purge: bool,
    bind: tuple[str, ...],
    revisions: tuple[str, ...],
    wait: float | None,
) -> None:
    """Say that the database is at REVISIONS (default: head); run nothing."""
    report = moving.stamp(
        chosen_directory(directory),
        revisions or "head",
        sql=sql,
        tag=tag,
        purge=purge,
        x_arg=all_x_args(),
        bind=bind,
        wait=wait,
        on_wait=printing.tell_who_is_waited_for,
    )
    if report.sql is not None:
        printing.result(report.sql)

    for run in report.databases:
        printing.result(printing.stamped(run, report.heads))


@command("ensure-version")
@click.option("--sql", is_flag=True, help="Print SQL instead of changing a database.")
@wait_options
@bind_option
def ensure_version(
    directory: str | None, sql: bool, bind: tuple[str, ...], wait: float | None
) -> None:
    """Create the version table, if it is not there."""
    report = moving.ensure_version(
        chosen_directory(directory),
        sql=sql,
        x_arg=all_x_args(),
        bind=bind,
        wait=wait,
        on_wait=printing.tell_who_is_waited_for,
    )
    if report.sql is not None:
        printing.result(report.sql)

    for run in report.databases:
        printing.result(f"{printing.where(run.title)}The version table is there.")


@command("protect")
@click.option("--off", is_flag=True, help="Take the mark away.")
@_meant_option
@bind_option
@x_arg_option
def protect(
    directory: str | None,
    off: bool,
    yes_i_mean: tuple[str, ...],
    bind: tuple[str, ...],
    x_arg: tuple[str, ...],
) -> None:
    """Mark the database: it loses nothing unless its name is said."""
    found = protecting.protect(
        chosen_directory(directory),
        off,
        x_arg=all_x_args(x_arg),
        bind=bind,
        yes_i_mean=yes_i_mean,
        on_danger=_name_typed,
    )
    for each in found:
        state = "protected" if each.is_protected else "not protected any more"
        printing.result(
            f"{printing.where(each.title)}The database '{each.name}' is {state}."
        )
