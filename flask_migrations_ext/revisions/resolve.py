"""Which revisions a target means, in a graph and for a database."""

from __future__ import annotations

from collections.abc import Collection

from ..errors import InvalidTarget
from ..errors import MultipleHeads
from ..wording import listed
from .graph import RevisionGraph
from .revision import Revision
from .target import Target


def resolve(
    graph: RevisionGraph, target: Target, current: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the revisions that a target names; none means base.

    :param current: where the database is.
    """
    if target.from_database:
        return _located_from_database(graph, target, current)

    within = branch_of(graph, target)
    if target.steps > 0:
        choices = ahead(graph, _start_of_steps(graph, target, within), within)
        path = path_ahead(graph, target, choices, within)
        if len(path) < target.steps:
            raise too_few(target, len(path), "after it")
        return (path[-1],)

    if target.steps < 0:
        start = single_place(graph, target)
        return _counted_back(graph, target, start)

    return _start_of_steps(graph, target, within)


def resolve_one(
    graph: RevisionGraph, target: Target, current: Collection[str] = ()
) -> Revision:
    """Return the one revision that a target names.

    :raises MultipleHeads: if it names several.
    :raises InvalidTarget: if it names none.
    """
    found = resolve(graph, target, current)
    if len(found) > 1:
        raise MultipleHeads(found, target.text)

    if not found:
        raise InvalidTarget(target.text, "there is no revision there")

    return graph[found[0]]


def resolve_upgrade(
    graph: RevisionGraph, current: Collection[str], target: Target
) -> tuple[str, ...]:
    """Return the revisions that must be applied to have upgraded to the target."""
    if target.from_database and target.steps < 0:
        raise InvalidTarget(
            target.text,
            "upgrade goes forward; to undo, run"
            f" 'flask db downgrade {target.text.strip()}'",
        )

    return resolve(graph, target, current)


def resolve_downgrade(
    graph: RevisionGraph, current: Collection[str], target: Target
) -> tuple[str, ...]:
    """Return the oldest revisions to undo, so as to have downgraded to the target.

    Whatever needs them has to be undone, too.
    """
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

    stay = _applied_only(target, resolve(graph, target, current), applied, current)
    oldest = [
        child
        for id in stay
        for child in graph.children(id)
        if child in applied and (within is None or child in within)
    ]
    if stay and not oldest and not set(stay) & set(graph.tips(current)):
        raise InvalidTarget(
            target.text,
            f"nothing that is applied there descends from {listed(stay)};"
            " name a revision on the line that you want to undo",
        )

    return tuple(oldest)


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


# -- places and steps -------------------------------------------------------


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


def _start_of_steps(
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
    found = _start_of_steps(graph, target, branch_of(graph, target))
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


def branch_of(graph: RevisionGraph, target: Target) -> frozenset[str] | None:
    """Return the revisions on the branch of a target, if it names one."""
    if target.branch is None:
        return None
    return graph.lineage(graph.find(target.branch).id)


def ahead(
    graph: RevisionGraph, ids: Collection[str], within: Collection[str] | None
) -> tuple[str, ...]:
    """Return what comes after these revisions; after none, the bases."""
    found = [child for id in ids for child in graph.children(id)]
    choices = dict.fromkeys(found if ids else graph.bases)
    return tuple(id for id in choices if within is None or id in within)


def path_ahead(
    graph: RevisionGraph,
    target: Target,
    choices: tuple[str, ...],
    within: Collection[str] | None,
) -> list[str]:
    """Return as many revisions as the target has steps, or as there are."""
    path: list[str] = []
    while choices and len(path) < target.steps:
        if len(choices) > 1:
            raise InvalidTarget(
                target.text,
                f"the way divides into {listed(choices)}; name one of them,"
                " or take all with 'heads'",
            )
        path += choices
        choices = ahead(graph, choices, within)
    return path


def line_back(
    graph: RevisionGraph, target: Target, start: str, length: int
) -> list[str]:
    """Return a line of this many revisions, or as there are, start included."""
    within = branch_of(graph, target)
    line = [start]
    while len(line) < length:
        parents = [
            id for id in graph.parents(line[-1]) if within is None or id in within
        ]
        if not parents:
            break
        if len(parents) > 1:
            raise InvalidTarget(
                target.text,
                f"revision '{line[-1]}' joins {listed(parents)}; name one of them",
            )
        line += parents
    return line


def too_few(target: Target, count: int, where: str) -> InvalidTarget:
    """Return the error that says how many revisions there are."""
    there = {0: "no revision is", 1: "only 1 revision is"}.get(
        count, f"only {count} revisions are"
    )
    return InvalidTarget(target.text, f"{there} left {where}")
