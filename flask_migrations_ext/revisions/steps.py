"""Steps from a revision to the next, and where the way divides."""

from __future__ import annotations

from collections.abc import Collection

from ..errors import InvalidTarget
from ..wording import listed
from .graph import RevisionGraph
from .target import Target


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
