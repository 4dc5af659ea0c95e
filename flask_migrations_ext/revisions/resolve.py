"""Which revisions a target means, in a graph and for a database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ..errors import InvalidTarget
from ..errors import MultipleHeads
from ..errors import NotAnAncestor
from ..wording import listed
from .graph import RevisionGraph
from .places import locate_target
from .places import only_top
from .places import single_place
from .revision import Revision
from .steps import ahead
from .steps import branch_of
from .steps import line_back
from .steps import path_ahead
from .steps import too_few
from .target import parse
from .target import split_range
from .target import Target


def locate(
    graph: RevisionGraph, text: str, current: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the revisions that a target names; none means base.

    :param current: where the database is.
    """
    return locate_target(graph, parse(text), current)


def locate_one(
    graph: RevisionGraph, text: str, current: Collection[str] = ()
) -> Revision:
    """Return the one revision that a target names.

    :raises MultipleHeads: if it names several.
    :raises InvalidTarget: if it names none.
    """
    found = locate(graph, text, current)
    if len(found) > 1:
        raise MultipleHeads(found, text)

    if not found:
        raise InvalidTarget(text, "there is no revision there")

    return graph[found[0]]


def locate_upgrade(
    graph: RevisionGraph, current: Collection[str], text: str
) -> tuple[str, ...]:
    """Return the revisions that must be applied to have upgraded to the target."""
    target = parse(text)
    if target.from_database and target.steps < 0:
        raise InvalidTarget(
            text,
            f"upgrade goes forward; to undo, run 'flask db downgrade {text.strip()}'",
        )

    return locate_target(graph, target, current)


def locate_downgrade(
    graph: RevisionGraph, current: Collection[str], text: str
) -> tuple[str, ...]:
    """Return the oldest revisions to undo, so as to have downgraded to the target.

    Whatever needs them has to be undone, too.
    """
    target = parse(text)
    if target.from_database and target.steps:
        return _undone_from_database(graph, target, current)

    within = branch_of(graph, target)
    applied = graph.ancestors(current, dependencies=True)
    if target.place == "base" and not target.steps:
        on_branch = applied if within is None else applied & within
        return tuple(id for id in graph.bases if id in on_branch)

    if target.steps < 0:
        start = single_place(graph, target)
        line = line_back(graph, target, start, -target.steps + 1)
        if len(line) == -target.steps:
            # One step before the first of its line: to base, on this line only.
            return tuple(id for id in line[-1:] if id in applied)

    stay = _applied_only(
        target, locate_target(graph, target, current), applied, current
    )
    oldest = [
        child
        for id in stay
        for child in graph.children(id)
        if child in applied and (within is None or child in within)
    ]
    if stay and not oldest and not set(stay) & set(graph.tips(current)):
        raise InvalidTarget(
            text,
            f"nothing that is applied there descends from {listed(stay)};"
            " name a revision on the line that you want to undo",
        )

    return tuple(oldest)


def locate_history(
    graph: RevisionGraph, text: str = "", current: Collection[str] = ()
) -> tuple[Revision, ...]:
    """Return the revisions of a range, newest first, with both of its ends.

    It starts at base and ends at heads where nothing is said. Steps count from
    the other end, and stop at the end of the history. Revisions that others in it
    depend on belong to it, if they are after its start.

    :raises NotAnAncestor: if the ends are not on one line of descent.
    """
    lower_text, upper_text = split_range(text or ":")
    lower = parse(lower_text or "base")
    upper = parse(upper_text or "heads")
    lowers, uppers = _range_ends(graph, text, lower, upper, current)
    if not lowers:
        within = branch_of(graph, lower)
        ends = [id for id in uppers if within is None or id in within]
        return graph.newest_first(graph.ancestors(ends, dependencies=True))

    if graph.ancestors(uppers).isdisjoint(lowers):
        raise NotAnAncestor(lower_text, upper_text or "heads")

    needed = graph.ancestors(uppers, dependencies=True)
    return graph.newest_first(needed & graph.descendants(lowers))


def locate_offline(
    graph: RevisionGraph, text: str, *, start_required: bool = False
) -> tuple[tuple[str, ...], str]:
    """Return where a range for ``--sql`` starts, as heads, and its target.

    Without a start it is base; without an end, heads.

    :param start_required: refuse to guess the start, as downgrading must.
    """
    if ":" not in text and not start_required:
        return (), text

    start, end = split_range(text, example="START:END, as in head:base")
    if start_required and not (start and end):
        raise InvalidTarget(text, "downgrading with --sql needs START:END")

    origin = parse(start or "base")
    if origin.from_database:
        raise InvalidTarget(
            text, "with --sql nobody asks the database where it is; name the start"
        )

    return graph.tips(locate_target(graph, origin, ())), end or "heads"


# -- downgrades ----------------------------------------------------------------


def _undone_from_database(
    graph: RevisionGraph, target: Target, current: Collection[str]
) -> tuple[str, ...]:
    if target.steps > 0:
        typed = target.text.strip()
        raise InvalidTarget(
            target.text,
            f"downgrade goes back; to apply, run 'flask db upgrade {typed}'",
        )

    top = only_top(graph, target, current)
    line = line_back(graph, target, top, -target.steps)
    if len(line) < -target.steps:
        raise too_few(target, len(line), "to undo")
    return (line[-1],)


def _applied_only(
    target: Target,
    ids: tuple[str, ...],
    applied: Collection[str],
    current: Collection[str],
) -> tuple[str, ...]:
    lacking = [id for id in ids if id not in applied]
    if lacking:
        at = listed(sorted(current)) if current else "base"
        raise InvalidTarget(
            target.text,
            f"revision {listed(lacking)} is not applied: the database is at"
            f" {at}; to go forward, run 'flask db upgrade'",
        )
    return ids


# -- ranges --------------------------------------------------------------------


def _range_ends(
    graph: RevisionGraph,
    text: str,
    lower: Target,
    upper: Target,
    current: Collection[str],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if (lower.place is None and lower.steps > 0) or (
        upper.place is None and upper.steps < 0
    ):
        raise InvalidTarget(text, "only -N can start a range, and only +N can end it")

    if lower.place is None and upper.place is None:
        raise InvalidTarget(text, "one of the ends must name a place to count from")

    if lower.place is None:
        uppers = locate_target(graph, upper, current)
        return _counted_from(graph, lower, uppers), uppers

    lowers = locate_target(graph, lower, current)
    if upper.place is None:
        return lowers, _counted_from(graph, upper, lowers)

    if upper.steps > 0:
        start = locate_target(graph, replace(upper, steps=0), current)
        return lowers, _counted_from(graph, upper, start)

    return lowers, locate_target(graph, upper, current)


def _counted_from(
    graph: RevisionGraph, target: Target, others: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the end of a range that is given in steps from the other end."""
    within = branch_of(graph, target)
    on_branch = tuple(id for id in others if within is None or id in within)
    if others and not on_branch:
        raise InvalidTarget(
            target.text,
            f"revision {listed(others)} is not on branch '{target.branch}'",
        )

    if target.steps > 0:
        choices = ahead(graph, on_branch, within)
        path = path_ahead(graph, target, choices, within)
        return (path[-1],) if path else on_branch

    if len(on_branch) > 1:
        raise MultipleHeads(on_branch, target.text)

    if not on_branch:
        return ()

    line = line_back(graph, target, on_branch[0], -target.steps + 1)
    return (line[-1],) if len(line) > -target.steps else ()
