"""``upgrade``, ``downgrade``, ``stamp`` and ``ensure-version``."""

from __future__ import annotations

import click

from ..commands import moving
from ..commands.reports import RunReport
from ..execution.runner import RunnableStep
from . import printing
from .options import all_x_args
from .options import bind_option
from .options import chosen_directory
from .options import command
from .options import sql_options
from .options import StepsCommand
from .options import x_arg_option


def _announce(step: RunnableStep) -> None:
    database = printing.where(step.database)
    printing.message(f"{database}Running {step.verb} {step.title}")


def _print_run(report: RunReport, verb: str) -> None:
    if report.sql is not None:
        printing.result(report.sql)

    for run in report.databases:
        printing.result(printing.moved(run, verb, report.heads))


@command("upgrade", kind=StepsCommand)
@sql_options
@bind_option
@x_arg_option
@click.argument("revision", default="head")
def upgrade(
    directory: str | None,
    sql: bool,
    tag: str | None,
    bind: tuple[str, ...],
    x_arg: tuple[str, ...],
    revision: str,
) -> None:
    """Apply revisions, up to REVISION (default: head)."""
    report = moving.upgrade(
        chosen_directory(directory),
        revision,
        sql=sql,
        tag=tag,
        x_arg=all_x_args(x_arg),
        bind=bind,
        on_step=_announce,
    )
    _print_run(report, "upgrade")


@command("downgrade", kind=StepsCommand)
@sql_options
@bind_option
@x_arg_option
@click.argument("revision", default="-1")
def downgrade(
    directory: str | None,
    sql: bool,
    tag: str | None,
    bind: tuple[str, ...],
    x_arg: tuple[str, ...],
    revision: str,
) -> None:
    """Undo revisions, down to REVISION (default: -1)."""
    report = moving.downgrade(
        chosen_directory(directory),
        revision,
        sql=sql,
        tag=tag,
        x_arg=all_x_args(x_arg),
        bind=bind,
        on_step=_announce,
    )
    _print_run(report, "downgrade")


@command("stamp", kind=StepsCommand)
@sql_options
@click.option(
    "--purge", is_flag=True, help="Delete what the version table holds first."
)
@bind_option
@click.argument("revisions", nargs=-1)
def stamp(
    directory: str | None,
    sql: bool,
    tag: str | None,
    purge: bool,
    bind: tuple[str, ...],
    revisions: tuple[str, ...],
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
    )
    if report.sql is not None:
        printing.result(report.sql)

    for run in report.databases:
        printing.result(printing.stamped(run, report.heads))


@command("ensure-version")
@click.option("--sql", is_flag=True, help="Print SQL instead of changing a database.")
@bind_option
def ensure_version(directory: str | None, sql: bool, bind: tuple[str, ...]) -> None:
    """Create the version table, if it is not there."""
    report = moving.ensure_version(
        chosen_directory(directory), sql=sql, x_arg=all_x_args(), bind=bind
    )
    if report.sql is not None:
        printing.result(report.sql)

    for run in report.databases:
        printing.result(f"{printing.where(run.title)}The version table is there.")
