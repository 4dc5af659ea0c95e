"""``current``, ``status`` and ``wait``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from ..commands import state
from ..commands.reports import DatabaseStatus
from ..commands.reports import RevisionStatus
from ..commands.reports import StatusReport
from ..wording import listed
from . import printing
from .options import all_x_args
from .options import bind_option
from .options import chosen_directory
from .options import command
from .options import format_option
from .options import timeout_option
from .options import verbose_option
from .options import x_arg_option

PENDING = 3
"""What ``status --check`` ends with where revisions are pending."""


@command("current")
@verbose_option
@click.option(
    "-c",
    "--check-heads",
    is_flag=True,
    help="Fail unless the database is at all heads.",
)
@bind_option
def current(
    directory: str | None, verbose: bool, check_heads: bool, bind: tuple[str, ...]
) -> None:
    """Show where the database is."""
    found = state.current(
        chosen_directory(directory),
        verbose=verbose,
        check_heads=check_heads,
        x_arg=all_x_args(),
        bind=bind,
    )
    for each in found:
        if each.entries or each.unknown or verbose:
            printing.result(printing.state(each, verbose=verbose))
        if not (each.entries or each.unknown):
            printing.message(
                f"{printing.where(each.title)}No revision has been applied yet."
            )
        if each.pending:
            printing.message(
                f"{printing.where(each.title)}"
                f"{printing.behind(each.pending, each.heads)}"
            )


@command("status")
@click.option("--check", is_flag=True, help="End with 3 if a revision is pending.")
@format_option
@bind_option
@x_arg_option
def status(
    directory: str | None,
    check: bool,
    form: str,
    bind: tuple[str, ...],
    x_arg: tuple[str, ...],
) -> None:
    """List the revisions, applied or pending."""
    report = state.status(
        chosen_directory(directory), x_arg=all_x_args(x_arg), bind=bind
    )
    if form == "json":
        printing.result(json.dumps(_as_json(report), indent=2))
    else:
        for each in report.databases:
            _print_status(each, alone=len(report.databases) == 1)

    if check:
        _end_with(report)


def _end_with(report: StatusReport) -> None:
    for each in report.databases:
        state.refuse_unknown(each)

    if any(each.pending for each in report.databases):
        click.get_current_context().exit(PENDING)


def _print_status(found: DatabaseStatus, *, alone: bool) -> None:
    if found.title or not alone:
        printing.result(f"Database {found.title or 'default'}: {found.url}")
    for line in _status_lines(found):
        printing.result(line)


def _status_lines(found: DatabaseStatus) -> Iterator[str]:
    for each in found.revisions:
        yield _status_line(each)
    if found.is_protected:
        yield "The database is protected."
    for gone in found.gone:
        yield f"No file has the revision {gone}."
    if any(each.is_applied is None for each in found.revisions):
        yield (
            f"The database is at {listed(found.unknown)}, which no file has, so that"
            " what else it has cannot be told."
        )
    elif found.pending:
        yield printing.behind(len(found.pending), found.heads)
    elif not found.revisions:
        yield printing.with_own_name(printing.nothing_at("head"))
    else:
        yield "Nothing is pending."


_BOXES = {True: ("[X]", "green"), False: ("[ ]", None), None: ("[?]", "yellow")}


def _status_line(each: RevisionStatus) -> str:
    box, colour = _BOXES[each.is_applied]
    half = click.style(" (half-applied)", fg="red") * each.is_half_applied
    message = f" {each.entry.revision.message}" if each.entry.revision.message else ""
    when = f" · {each.applied.when}" if each.applied else ""
    marked = f"{printing.short(each.entry)}{half}"

    return f"{click.style(box, fg=colour)} {marked}{message}{when}"


def _as_json(report: StatusReport) -> dict[str, Any]:
    return {
        "databases": [
            {
                "name": each.title or "default",
                "url": each.url,
                "at": each.at,
                "heads": each.heads,
                "pending": [one.entry.id for one in each.pending],
                "unknown": each.unknown,
                "is_protected": each.is_protected,
                "gone": [one.id for one in each.gone],
                "revisions": [_revision_as_json(one) for one in each.revisions],
            }
            for each in report.databases
        ]
    }


def _revision_as_json(each: RevisionStatus) -> dict[str, Any]:
    entry = each.entry
    return {
        "id": entry.id,
        "message": entry.revision.message,
        "path": str(entry.revision.path),
        "parents": entry.parents,
        "depends_on": entry.dependencies,
        "labels": entry.labels,
        "is_head": entry.is_head,
        "is_applied": each.is_applied,
        "is_half_applied": each.is_half_applied,
        "is_edited": entry.is_edited,
        "applied_at": each.applied.at if each.applied else None,
        "applied_by": each.applied.by if each.applied else None,
        "seconds": each.applied.seconds if each.applied else None,
    }


@command("wait")
@timeout_option
@bind_option
@x_arg_option
def wait(
    directory: str | None,
    timeout: float | None,
    bind: tuple[str, ...],
    x_arg: tuple[str, ...],
) -> None:
    """Wait until another process has applied all revisions."""
    report = state.wait(
        chosen_directory(directory),
        timeout,
        x_arg=all_x_args(x_arg),
        bind=bind,
        on_wait=lambda what: printing.message(f"Waiting: {what}"),
    )
    for each in report.databases:
        printing.result(printing.arrived(each))
