"""``current``, ``status``, ``wait`` and ``repair``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from ..commands import state
from ..commands.repairing.repair import HalfDone
from ..commands.repairing.repair import repair as repaired
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
from .options import wait_options
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


@command("repair")
@click.option(
    "--done",
    "how",
    flag_value="done",
    help="Say that the statement in doubt is done.",
)
@click.option(
    "--undone",
    "how",
    flag_value="undone",
    help="Say that it is not, and is to run.",
)
@click.option(
    "--forget",
    "how",
    flag_value="forget",
    help="Say that all was undone, or finished, by hand.",
)
@wait_options
@bind_option
@x_arg_option
def repair(
    directory: str | None,
    how: str | None,
    wait: float | None,
    bind: tuple[str, ...],
    x_arg: tuple[str, ...],
) -> None:
    """Show what a revision that stopped half-way has done; say what is so."""
    found = repaired(
        chosen_directory(directory),
        how,
        x_arg=all_x_args(x_arg),
        bind=bind,
        wait=wait,
        on_wait=printing.tell_who_is_waited_for,
    )
    for each in found:
        for line in _half_done_lines(each):
            printing.result(line)
        if each.entries and how is not None:
            printing.message(f"{printing.where(each.title)}{_said(each, how)}")


def _half_done_lines(found: HalfDone) -> Iterator[str]:
    where = printing.where(found.title)
    if not found.entries:
        yield f"{where}No revision is half applied."
        return

    first = found.entries[0]
    yield f"{where}{first.direction} of revision {first.revision} stopped half-way:"
    for each in found.entries:
        is_doubted = each is found.in_doubt
        sign = click.style("in doubt", fg="yellow") if is_doubted else "done    "
        yield f"  {sign} {each.ordinal}. {each.what}"
    doubt = found.in_doubt
    if doubt is not None and doubt.before is not None:
        yield from _state(f"table {doubt.on} before it", doubt.before)
        yield from _state(f"table {doubt.on} now", found.found)


def _state(title: str, text: str | None) -> Iterator[str]:
    yield f"  {title}:"
    for line in (text or "(not there)").splitlines():
        yield f"    {line}"


def _said(found: HalfDone, how: str) -> str:
    first = found.entries[0]
    if how == "forget":
        return (
            f"Forgotten. If it was finished by hand, say so with 'flask db stamp"
            f" {first.revision}'; if it was undone, it can run from its start."
        )

    return f"Noted as {how}: 'flask db {first.direction}' goes on from there."
