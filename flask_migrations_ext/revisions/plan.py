"""Which revisions run, in what order, and where the database stands after each."""

from __future__ import annotations

from bisect import bisect_left
from bisect import insort
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..errors import InvalidTarget
from .graph import RevisionGraph
from .resolve import resolve
from .resolve import resolve_downgrade
from .resolve import resolve_upgrade
from .revision import RESERVED_WORDS
from .revision import Revision
from .target import Target


class Direction(StrEnum):
    """Whether a revision is applied or undone."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"


@dataclass(frozen=True)
class Step:
    """One revision to run.

    :param before: what the version table holds before it, sorted.
    :param heads: what it holds afterwards, sorted. A revision that another needs
        is not in it: that it is applied goes without saying.
    """

    revision: Revision
    direction: Direction
    before: tuple[str, ...]
    heads: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The steps from one state of a database to another."""

    start: tuple[str, ...]
    steps: tuple[Step, ...] = ()

    @property
    def end(self) -> tuple[str, ...]:
        """What the version table holds when all is done."""
        return self.steps[-1].heads if self.steps else self.start


@dataclass(frozen=True)
class Stamp:
    """What the version table holds, and shall hold, while no revision runs.

    :param purge: empty the table first, whatever it holds.
    """

    start: tuple[str, ...]
    end: tuple[str, ...]
    purge: bool = False

    @property
    def removed(self) -> tuple[str, ...]:
        """Rows to delete."""
        return tuple(id for id in self.start if self.purge or id not in self.end)

    @property
    def added(self) -> tuple[str, ...]:
        """Rows to insert after that."""
        return tuple(id for id in self.end if self.purge or id not in self.start)


def plan_upgrade(
    graph: RevisionGraph, current: Collection[str], target: Target
) -> Plan:
    """Return the steps that apply the target, and all it needs, to a database.

    :param current: what the version table holds.
    :raises RevisionNotFound: if that, or the target, is unknown.
    :raises InvalidTarget: if the target is not ahead, or could be several.
    :raises MultipleHeads: if the target is ``head`` and there are several.
    """
    applied = graph.ancestors(current, dependencies=True)
    wanted = graph.ancestors(resolve_upgrade(graph, current, target), dependencies=True)
    revisions = graph.oldest_first(wanted - applied)
    return plan_of(graph, current, [(each.id, Direction.UPGRADE) for each in revisions])


def plan_downgrade(
    graph: RevisionGraph, current: Collection[str], target: Target
) -> Plan:
    """Return the steps that undo what came after the target.

    Branches that do not need what is undone stay as they are.

    :param current: what the version table holds.
    :raises RevisionNotFound: if that, or the target, is unknown.
    :raises InvalidTarget: if the target is not behind, or could be several.
    """
    applied = graph.ancestors(current, dependencies=True)
    oldest = resolve_downgrade(graph, current, target)
    undone = graph.descendants(oldest, dependencies=True) & applied
    revisions = graph.newest_first(undone)
    return plan_of(
        graph, current, [(each.id, Direction.DOWNGRADE) for each in revisions]
    )


def plan_of(
    graph: RevisionGraph,
    current: Collection[str],
    moves: Iterable[tuple[str, Direction]],
) -> Plan:
    """Return the steps that run these revisions, one after the other.

    :param current: what the version table holds.
    :raises RevisionNotFound: if that is unknown.
    :raises InvalidTarget: if one cannot run where the one before it leaves off.
    """
    start = before = tuple(sorted(current))
    rows = list(graph.tips(current))
    applied = set(graph.ancestors(current, dependencies=True))
    steps = []
    for id, direction in moves:
        if direction is Direction.UPGRADE:
            _apply(graph, id, rows, applied)
        else:
            _undo(graph, id, rows, applied)
        heads = tuple(rows)
        steps.append(Step(graph[id], direction, before, heads))
        before = heads

    return Plan(start, tuple(steps))


def plan_stamp(
    graph: RevisionGraph,
    current: Collection[str],
    targets: Sequence[Target],
    *,
    purge: bool = False,
) -> Stamp:
    """Return what the version table holds once the database is said to be there.

    Heads on the lines of the targets, before or after them, give way; others stay.

    :param current: what the version table holds; with ``purge``, anything.
    :raises InvalidTarget: if a target is relative to the database.
    """
    start = tuple(sorted(current))
    rows = set() if purge else set(graph.tips(current))
    ends: set[str] = set()
    for target in targets:
        if target.from_database:
            raise InvalidTarget(
                target.text,
                "stamp sets where the database is, so it cannot start from there",
            )
        named = resolve(graph, target)
        rows -= _related(graph, named) if named else _left_at_base(graph, target, rows)
        ends.update(named)

    return Stamp(start, graph.tips(rows | ends), purge)


def applied(graph: RevisionGraph, current: Collection[str]) -> tuple[Revision, ...]:
    """Return the revisions that a database has, oldest first."""
    return graph.oldest_first(graph.ancestors(current, dependencies=True))


def missing(graph: RevisionGraph, current: Collection[str]) -> tuple[Revision, ...]:
    """Return the revisions that a database lacks, oldest first."""
    return graph.oldest_first(
        graph.keys() - graph.ancestors(current, dependencies=True)
    )


# The rows are kept in order: with many branches, sorting them once for each revision
# would take longer than all else.


def _apply(graph: RevisionGraph, id: str, rows: list[str], applied: set[str]) -> None:
    if id in applied or not applied.issuperset(graph.needs(id)):
        raise InvalidTarget(id, "it is applied already, or what it needs is not")

    applied.add(id)
    # A row that something further away needs has gone with that already.
    for need in graph.needs(id):
        at = _row(need, rows)
        if at is not None:
            del rows[at]
    insort(rows, id)


def _undo(graph: RevisionGraph, id: str, rows: list[str], applied: set[str]) -> None:
    at = _row(id, rows)
    if at is None:
        raise InvalidTarget(id, "it is not applied, or another needs it that is")

    applied.remove(id)
    del rows[at]
    for need in graph.needs(id):
        if applied.isdisjoint(graph.needed_by(need)):
            insort(rows, need)


def _row(id: str, rows: Sequence[str]) -> int | None:
    at = bisect_left(rows, id)
    return at if at < len(rows) and rows[at] == id else None


def _related(graph: RevisionGraph, ids: Collection[str]) -> frozenset[str]:
    return graph.ancestors(ids, dependencies=True) | graph.descendants(
        ids, dependencies=True
    )


def _left_at_base(
    graph: RevisionGraph, target: Target, rows: Collection[str]
) -> frozenset[str]:
    """Return the rows that go when a branch, or all, is said to be at base."""
    place = None if target.place in RESERVED_WORDS else target.place
    branch = target.branch or place
    if branch is None:
        return frozenset(rows)

    anchor = graph.find(branch).id
    return graph.ancestors([anchor]) | graph.descendants([anchor], dependencies=True)
