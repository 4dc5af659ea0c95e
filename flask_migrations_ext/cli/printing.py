"""How reports look: results on stdout, messages on stderr, colour on a terminal."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from collections.abc import Sequence

import click

from ..commands.reports import CheckReport
from ..commands.reports import DatabaseRun
from ..commands.reports import DatabaseState
from ..commands.reports import DatabaseStatus
from ..commands.reports import Entry
from ..commands.reports import RevisionReport
from ..errors import DifferencesFound
from ..wording import counted
from .refusal import as_called
from .terminal import tell
from .terminal import write


def result(text: str) -> None:
    """Print what was asked for."""
    write(text)


def message(text: str) -> None:
    """Print what a person should know, apart from what was asked for."""
    tell(with_own_name(text))


def with_own_name(text: str) -> str:
    """Return a text that says ``flask db …`` with the name of the group that runs."""
    # An env.py may run migrations in a thread, which Click knows nothing of.
    context = click.get_current_context(silent=True)
    group = context.parent if context else None
    return as_called(text, group.info_name if group else None)


def as_json(report: RevisionReport) -> str:
    """Return what was written, for a program to read."""
    return json.dumps(
        {
            "revisions": [
                {"id": each.id, "path": str(each.path), "message": each.message}
                for each in report.all
            ],
            "differences": list(report.differences),
            "losses": dict(report.losses),
            "notes": list(report.notes),
        },
        indent=2,
    )


def check_as_json(found: CheckReport | DifferencesFound) -> str:
    """Return what a comparison has found, for a program to read."""
    if isinstance(found, DifferencesFound):
        said = {"differences": found.differences, "by_hand": found.by_hand}
    else:
        said = {"differences": (), "by_hand": (), "notes": found.notes}

    return json.dumps({"notes": (), **said}, indent=2, default=list)


def hint(text: str) -> None:
    """Print what comes next, to a person: not into a pipe, nor a log."""
    if sys.stderr.isatty():
        message(text)


def difference(text: str, lost: str | None = None) -> str:
    """Return a difference of models, in red where it destroys something.

    :param lost: what that is, with how much of it there is.
    """
    destroys = lost or re.match(r"(\[.*?\] )?drop (table|column) ", text)
    said = f"{text}; loses {lost}" if lost else text
    return click.style(said, fg="red") if destroys else said


def _id(identifier: str) -> str:
    return click.style(identifier, fg="yellow")


def ids(identifiers: Iterable[str]) -> str:
    """Return ids, or ``<base>``."""
    return ", ".join(map(_id, identifiers)) or "<base>"


def marks(entry: Entry) -> str:
    """Return labels and what is special about a revision, in brackets."""
    found: list[str] = []
    if entry.labels:
        found.append(f"({', '.join(entry.labels)})")
    if entry.is_head:
        found.append(click.style("(head)", fg="green"))
    if entry.is_effective_head and not entry.is_head:
        found.append("(effective head)")
    if entry.is_branch_point:
        found.append("(branchpoint)")
    if entry.is_merge_point:
        found.append("(mergepoint)")
    if entry.is_current:
        found.append(click.style("(current)", fg="cyan"))
    if entry.is_edited:
        found.append(click.style("(edited)", fg="red"))

    return "".join(f" {each}" for each in found)


def short(entry: Entry) -> str:
    """Return an id with its marks."""
    return f"{_id(entry.id)}{marks(entry)}"


def line(entry: Entry) -> str:
    """Return a revision as a line of the history."""
    return f"{ids(entry.parents)} -> {short(entry)}, {entry.revision.message}"


def full(entry: Entry) -> str:
    """Return all that a revision says of itself."""
    name = "Merges" if entry.is_merge_point else "Parent"
    lines = [f"Rev: {short(entry)}", f"{name}: {ids(entry.parents)}"]
    if entry.dependencies:
        lines.append(f"Also depends on: {ids(entry.dependencies)}")
    if entry.is_branch_point:
        lines.append(f"Branches into: {ids(entry.children)}")
    lines.append(f"Path: {entry.revision.path}")
    lines.append("")
    lines.extend(
        f"    {text}" if text else "" for text in entry.revision.doc.splitlines()
    )

    return "\n".join(lines) + "\n"


def nothing_at(target: str) -> str:
    """Return that no revision is where somebody looked."""
    if target in ("head", "heads"):
        return "There are no revisions yet; write one with 'flask db migrate'."

    return f"There is no revision at '{target}'."


def branch(entry: Entry, children: Iterable[Entry]) -> str:
    """Return a branch point and what branches from it."""
    indent = " " * (len(entry.id) + 1)
    lines = [short(entry), *(f"{indent}-> {short(child)}" for child in children)]

    return "\n".join(lines)


def waited_for(holder: str) -> str:
    """Return who migrates the database meanwhile."""
    return f"Waiting: the database is being migrated by {holder}"


def tell_who_is_waited_for(holder: str) -> None:
    """Say who migrates the database meanwhile."""
    message(waited_for(holder))


def where(title: str) -> str:
    """Return a prefix that names a database, if it is not the default one."""
    return f"[{title}] " if title else ""


def state(found: DatabaseState, *, verbose: bool) -> str:
    """Return where a database is."""
    prefix = where(found.title)
    unknown = [f"{prefix}{_id(each)} (no file has it)" for each in found.unknown]
    if not verbose:
        known = [f"{prefix}{short(entry)}" for entry in found.entries]
        return "\n".join([*known, *unknown])

    head = f"{prefix}Current revision(s) for {found.url}:"
    return "\n".join([head, *(full(entry) for entry in found.entries), *unknown])


def moved(run: DatabaseRun, verb: str, heads: tuple[str, ...]) -> str:
    """Return what a run did to a database."""
    prefix = where(run.title)
    at = _position(run.after, heads)
    if not run.steps:
        return nothing_to_move(run.title, run.after, verb, heads)

    revisions = counted(len(run.steps), "revision")
    past = {"upgrade": "applied", "downgrade": "undone"}[verb]
    if run.is_open:
        return (
            f"{prefix}{revisions} {past} in a transaction that env.py commits or rolls"
            f" back: with it, the database is at {at}."
        )

    return f"{prefix}{revisions} {past}: the database is at {at}."


def arrived(found: DatabaseStatus) -> str:
    """Return that a database has all revisions."""
    return f"{where(found.title)}The database is at {_position(found.at, found.heads)}."


def behind(pending: int, heads: Sequence[str]) -> str:
    """Return how many revisions a database lacks, and what brings them."""
    # With several heads, a plain upgrade would ask which is meant.
    target = " heads" if len(heads) > 1 else ""
    return with_own_name(f"{pending} pending; run 'flask db upgrade{target}'")


def nothing_to_move(
    title: str, at: tuple[str, ...], verb: str, heads: tuple[str, ...]
) -> str:
    """Return that a database is where it is to be."""
    if not heads:
        return f"{where(title)}Nothing to {verb}. {nothing_at('head')}"

    return (
        f"{where(title)}Nothing to {verb}: the database is at {_position(at, heads)}."
    )


def stamped(run: DatabaseRun, heads: tuple[str, ...]) -> str:
    """Return where a database is said to be now."""
    at = _position(run.after, heads)
    if run.before == run.after:
        return f"{where(run.title)}Nothing to stamp: the database is at {at}."

    return f"{where(run.title)}Stamped: {ids(run.before)} -> {at}."


def _position(identifiers: tuple[str, ...], heads: tuple[str, ...]) -> str:
    if not identifiers:
        return "base"

    at_head = " (head)" if set(identifiers) == set(heads) else ""
    return f"{ids(identifiers)}{at_head}"
