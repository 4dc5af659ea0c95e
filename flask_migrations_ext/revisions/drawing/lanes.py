"""Where each revision of a picture stands: a row for each, and lanes for lines.

As of ``git log --graph``: the newest is on top, and a line keeps its lane until it
reaches its revision, so that none crosses another revision. Each line is looked at
once.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from ..graph import RevisionGraph


@dataclass(frozen=True)
class Line:
    """A line from a revision down to one that it descends from, or depends on.

    :param lane: where it runs, from the row below the upper end on.
    """

    upper: str
    lower: str
    lane: int
    is_dependency: bool = False


@dataclass(frozen=True)
class Place:
    """A revision in the picture.

    :param databases: the titles of those that are at it.
    :param is_applied: whether all databases have it; None if that is not known.
    """

    id: str
    message: str
    row: int
    lane: int
    labels: tuple[str, ...] = ()
    is_head: bool = False
    databases: tuple[str, ...] = ()
    is_applied: bool | None = None


@dataclass(frozen=True)
class Picture:
    """The history, laid out; the newest revision first."""

    places: tuple[Place, ...]
    lines: tuple[Line, ...]
    width: int
    """How many lanes there are."""


Positions = Mapping[str, Collection[str]]
"""By the title of a database, the revisions that it is at."""


def laid_out(graph: RevisionGraph, positions: Positions | None = None) -> Picture:
    """Return the picture of a history.

    :param positions: where databases are; None if that is not known.
    """
    lanes = _Lanes()
    places: list[Place] = []
    lines: list[Line] = []
    applied = _applied(graph, positions)
    at = _databases_at(positions or {})

    for row, revision in enumerate(graph.newest_first()):
        lane = lanes.reached(revision.id)
        places.append(
            Place(
                id=revision.id,
                message=revision.message,
                row=row,
                lane=lane,
                labels=tuple(sorted(revision.labels)),
                is_head=not graph.children(revision.id),
                databases=tuple(at.get(revision.id, ())),
                is_applied=None if applied is None else revision.id in applied,
            )
        )
        for is_dependency, below in (
            (False, graph.parents(revision.id)),
            (True, graph.dependencies(revision.id)),
        ):
            for each in below:
                line = Line(revision.id, each, lanes.to(each, lane), is_dependency)
                lines.append(line)
        lanes.leave(lane)

    return Picture(tuple(places), tuple(lines), lanes.number)


def _applied(
    graph: RevisionGraph, positions: Positions | None
) -> Collection[str] | None:
    if not positions:
        return None

    found = [
        frozenset(graph.ancestors([x for x in at if x in graph], dependencies=True))
        for at in positions.values()
    ]
    return frozenset.intersection(*found)


def _databases_at(positions: Positions) -> Mapping[str, list[str]]:
    at: dict[str, list[str]] = {}
    for title, ids in positions.items():
        for each in ids:
            at.setdefault(each, []).append(title)

    return at


@dataclass
class _Lanes:
    """Which lanes lead to which revisions, the others being free."""

    number: int = 0
    _to: dict[str, int] = field(default_factory=dict)
    _free: list[int] = field(default_factory=list)
    _kept: set[int] = field(default_factory=set)

    def reached(self, identifier: str) -> int:
        """Return the lane that leads to a revision, or a new one; it is in use."""
        lane = self._to.pop(identifier, None)
        return self._new() if lane is None else lane

    def to(self, identifier: str, lane: int) -> int:
        """Return the lane of a line to a revision; its own, if that is not taken."""
        if identifier not in self._to:
            goes_on = lane not in self._kept
            self._to[identifier] = lane if goes_on else self._new()
            self._kept.add(self._to[identifier])

        return self._to[identifier]

    def leave(self, lane: int) -> None:
        """Free a lane, unless a line goes on in it."""
        if lane not in self._kept:
            heapq.heappush(self._free, lane)
        self._kept.clear()

    def _new(self) -> int:
        if self._free:
            return heapq.heappop(self._free)

        self.number += 1
        return self.number - 1
