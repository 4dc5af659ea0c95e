"""Which revisions a range of the history holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ..errors import InvalidTarget
from ..errors import MultipleHeads
from ..errors import NotAnAncestor
from ..wording import listed
from .graph import RevisionGraph
from .resolve import ahead
from .resolve import branch_of
from .resolve import line_back
from .resolve import path_ahead
from .resolve import resolve
from .revision import Revision
from .target import EVERYTHING
from .target import Range
from .target import Target


def resolve_range(
    graph: RevisionGraph, asked: Range = EVERYTHING, current: Collection[str] = ()
) -> tuple[Revision, ...]:
    """Return the revisions of a range, newest first, with both of its ends.

    Steps count from the other end, and stop at the end of the history. Revisions that
    others in it depend on belong to it, if they are after its start.

    :raises NotAnAncestor: if the ends are not on one line of descent.
    """
    lowers, uppers = _ends(graph, asked, current)
    if not lowers:
        within = branch_of(graph, asked.start)
        ends = [id for id in uppers if within is None or id in within]
        return graph.newest_first(graph.ancestors(ends, dependencies=True))

    if graph.ancestors(uppers).isdisjoint(lowers):
        raise NotAnAncestor(asked.start.text, asked.end.text)

    needed = graph.ancestors(uppers, dependencies=True)
    return graph.newest_first(needed & graph.descendants(lowers))


def _ends(
    graph: RevisionGraph, asked: Range, current: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    lower, upper = asked.start, asked.end
    if (lower.place is None and lower.steps > 0) or (
        upper.place is None and upper.steps < 0
    ):
        raise InvalidTarget(
            asked.text, "only -N can start a range, and only +N can end it"
        )

    if lower.place is None and upper.place is None:
        raise InvalidTarget(
            asked.text, "one of the ends must name a place to count from"
        )

    if lower.place is None:
        uppers = resolve(graph, upper, current)
        return _counted_from(graph, lower, uppers), uppers

    lowers = resolve(graph, lower, current)
    if upper.place is None:
        return lowers, _counted_from(graph, upper, lowers)

    if upper.steps > 0:
        start = resolve(graph, replace(upper, steps=0), current)
        return lowers, _counted_from(graph, upper, start)

    return lowers, resolve(graph, upper, current)


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
