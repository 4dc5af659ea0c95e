"""``identify`` and ``rebase``."""

from __future__ import annotations

import click

from ...errors import NoRevisionMatches
from ...rehearsal.identify import identify as identify_databases
from ...rehearsal.identify import Identity
from ...rehearsal.rebase import rebase as rebase_revisions
from ...wording import counted
from .. import printing
from ..options import bind_option
from ..options import chosen_directory
from ..options import command


@command("identify")
@bind_option
def identify(directory: str | None, bind: tuple[str, ...]) -> None:
    """Find out at which revision a database is, by its tables."""
    found = identify_databases(chosen_directory(directory), bind=bind)
    for each in found:
        if each.exact or each.is_empty:
            printing.result(_identified(each))
    for each in found:
        if not (each.exact or each.is_empty):
            nearest = each.nearest.id if each.nearest else None
            raise NoRevisionMatches(each.url, nearest, each.differences)


def _identified(found: Identity) -> str:
    prefix = printing.where(found.title)
    if found.is_empty:
        return f"{prefix}The database has no tables: run 'flask db upgrade'."

    known = [each.id for each in found.exact]
    if len(found.said) == 1 and found.said[0] in known:
        at = printing.ids(found.said)
        return f"{prefix}The database is at {at}, as its version table says."

    ids = printing.ids(known)
    if len(found.exact) > 1:
        return (
            f"{prefix}The database has the tables of {ids}, which differ by rows only:"
            " 'flask db stamp' takes the one whose rows are there."
        )

    (only,) = found.exact
    return (
        f"{prefix}The database has the tables of {ids} ({only.message}). To say so:"
        f" flask db stamp --purge {only.id}"
    )


@command("rebase")
@click.option("--onto", help="The head to follow; by default the only other one.")
@click.argument("revision", required=False)
def rebase(directory: str | None, revision: str | None, onto: str | None) -> None:
    """Put the branch of REVISION behind the other head, so that there is one line."""
    report = rebase_revisions(chosen_directory(directory), revision, onto)
    for table, reason in report.unfilled:
        printing.message(f"The orders were tried without rows in '{table}': {reason}")
    moved = printing.ids(each.id for each in report.moved)
    printing.result(
        f"{counted(len(report.moved), 'revision')} follow"
        f"{'s' * (len(report.moved) == 1)} {printing.ids([report.onto])} now: {moved}."
        f" Changed: {report.path}"
    )
