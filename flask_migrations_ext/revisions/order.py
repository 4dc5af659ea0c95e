"""In what order revisions are told and run: a line to its end, then the next.

Alembic's order, as far as it has one, so that the same history reads the same.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence

#: From the id of a revision to the ids at the other end of its edges.
Edges = Mapping[str, tuple[str, ...]]


def followed_down(tops: Sequence[str], needs: Edges, needed_by: Edges) -> list[str]:
    """Return all of a history, each revision before whatever it needs.

    A line is followed until something else above has to come first; then that is.
    Where a line divides, its first part takes its place, and the others wait
    behind all lines.

    :param tops: where the lines start, the one to begin with first.
    :param needs: the edges to follow, of exactly the revisions that are wanted.
    :param needed_by: the same edges from the other end.
    """
    waiting = {id: len(needed_by[id]) for id in needs}
    lines = list(tops)
    on_lines = set(tops)
    ordered: dict[str, None] = {}
    above: dict[str, set[str]] = {}
    at = 0
    while lines:
        id = lines[at]
        if waiting[id]:
            if id not in above:
                above[id] = _waited_for(id, ordered, needed_by)
            at = next(at for at, top in enumerate(lines) if top in above[id])
            continue

        ordered[id] = None
        for need in needs[id]:
            waiting[need] -= 1

        further = [need for need in needs[id] if need not in on_lines]
        on_lines.remove(id)
        on_lines.update(further)
        lines[at : at + 1] = further[:1]
        lines += further[1:]
        if not further:
            at = max(at - 1, 0)

    return list(ordered)


def edges_between(ids: Collection[str], edges: Edges) -> Edges:
    """Return the edges that have both ends among these revisions."""
    return {id: tuple(other for other in edges[id] if other in ids) for id in ids}


def reversed_edges(edges: Edges) -> Edges:
    """Return the same edges from their other end."""
    found: dict[str, list[str]] = {id: [] for id in edges}
    for id, others in edges.items():
        for other in others:
            found[other].append(id)
    return {id: tuple(others) for id, others in found.items()}


def _waited_for(id: str, ordered: Collection[str], needed_by: Edges) -> set[str]:
    """Return all that still has to come before a revision.

    Whatever has had its turn has nothing above it that has not: there the search can
    end, and what it finds once holds until the revision itself has its turn.
    """
    above: set[str] = set()
    ahead = [id]
    while ahead:
        for other in needed_by[ahead.pop()]:
            if other not in above and other not in ordered:
                above.add(other)
                ahead.append(other)
    return above
