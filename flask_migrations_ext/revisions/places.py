"""The place that a target names, and where a database stands."""

from __future__ import annotations

from collections.abc import Collection

from ..errors import InvalidTarget
from ..errors import MultipleHeads
from ..wording import listed
from .graph import RevisionGraph
from .steps import ahead
from .steps import branch_of
from .steps import line_back
from .steps import path_ahead
from .steps import too_few
from .target import Target


def locate_target(
    graph: RevisionGraph, target: Target, current: Collection[str]
) -> tuple[str, ...]:
    """Return the revisions that a target names, taken apart; none means base."""
    if target.from_database:
        return _located_from_database(graph, target, current)

    within = branch_of(graph, target)
    if target.steps > 0:
        choices = ahead(graph, _place(graph, target, within), within)
        path = path_ahead(graph, target, choices, within)
        if len(path) < target.steps:
            raise too_few(target, len(path), "after it")
        return (path[-1],)

    if target.steps < 0:
        start = single_place(graph, target)
        return _counted_back(graph, target, start)

    return _place(graph, target, within)


def _located_from_database(
    graph: RevisionGraph, target: Target, current: Collection[str]
) -> tuple[str, ...]:
    if target.steps < 0:
        return _counted_back(graph, target, only_top(graph, target, current))

    tops = _tops(graph, target, current)
    if not target.steps:
        return tops

    within = branch_of(graph, target)
    path = path_ahead(graph, target, ahead(graph, tops, within), within)
    if len(path) < target.steps:
        raise too_few(target, len(path), "to apply")
    return (path[-1],)


def _place(
    graph: RevisionGraph, target: Target, within: Collection[str] | None
) -> tuple[str, ...]:
    """Return what a target names before its steps, if any, are taken."""
    if target.place == "base":
        return ()

    if target.place in ("head", "heads"):
        heads = _heads(graph, target, within)
        if len(heads) > 1 and (target.place == "head" or target.steps):
            raise MultipleHeads(heads, target.text)
        return heads

    found = graph.find(target.place or "", within=within).id
    if within is not None and found not in within:
        raise InvalidTarget(
            target.text, f"revision '{found}' is not on branch '{target.branch}'"
        )
    return (found,)


def _heads(
    graph: RevisionGraph, target: Target, within: Collection[str] | None
) -> tuple[str, ...]:
    if within is not None:
        return tuple(id for id in graph.heads if id in within)

    # A head that another revision depends on comes with that one.
    return graph.effective_heads if target.place == "heads" else graph.heads


def single_place(graph: RevisionGraph, target: Target) -> str:
    """Return the one revision from where the steps of a target are counted."""
    found = _place(graph, target, branch_of(graph, target))
    if not found:
        raise InvalidTarget(target.text, "there is nothing before base")
    return found[0]


def _counted_back(graph: RevisionGraph, target: Target, start: str) -> tuple[str, ...]:
    """Return the revision so many steps before the start; none means base."""
    line = line_back(graph, target, start, -target.steps + 1)
    if len(line) < -target.steps:
        raise too_few(target, len(line), "down to base")
    return (line[-1],) if len(line) > -target.steps else ()


# -- where the database is -----------------------------------------------------


def _tops(
    graph: RevisionGraph, target: Target, current: Collection[str]
) -> tuple[str, ...]:
    """Return the newest applied revisions, of the target's branch if it has one."""
    rows = graph.tips(current)
    within = branch_of(graph, target)
    if within is None:
        return rows

    # A branch that another depends on has no row of its own.
    applied = graph.ancestors(current, dependencies=True) & within
    return tuple(sorted(id for id in applied if applied.isdisjoint(graph.children(id))))


def only_top(graph: RevisionGraph, target: Target, current: Collection[str]) -> str:
    """Return the one revision from where steps back are counted."""
    tops = _tops(graph, target, current)
    count = target.steps
    if not tops:
        raise InvalidTarget(target.text, "no revision is applied there")

    if len(tops) > 1:
        raise InvalidTarget(
            target.text,
            f"the database is at {listed(tops)}; say which to count from,"
            f" as in {listed([f'{top}@{count}' for top in tops[:2]], 'or')}",
        )

    (top,) = tops
    if target.branch is not None and top not in current:
        anchor = graph.find(target.branch)
        if top not in graph.descendants([anchor.id]) and not (
            graph.labels(top) & set(anchor.labels)
        ):
            raise InvalidTarget(
                target.text, f"no revision of branch '{target.branch}' is applied"
            )
    return top
