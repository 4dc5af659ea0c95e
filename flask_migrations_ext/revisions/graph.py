"""How revisions descend from, and depend on, each other."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cached_property
from functools import reduce
from operator import or_
from types import MappingProxyType

from ..errors import AmbiguousRevision
from ..errors import CyclicRevisions
from ..errors import DuplicateLabel
from ..errors import DuplicateRevision
from ..errors import RevisionNotFound
from .order import Edges
from .order import edges_between
from .order import followed_down
from .order import reversed_edges
from .revision import Revision

# Short ids such as '1', '2', '10' are chosen by hand; abbreviating them would
# make '1' mean '10' as soon as the file of '1' is deleted.
_SHORTEST_ABBREVIATED = 4


class RevisionGraph(Mapping[str, Revision]):
    """All revisions by id, in the order given, and the lines between them.

    Two kinds of lines: a revision *descends* from its parents
    (``down_revision``), and it *depends* on others (``depends_on``). It *needs*
    both to be applied before it. Nothing changes after construction.

    :raises DuplicateRevision: if two revisions have the same id.
    :raises DuplicateLabel: if two claim the same label, or a label is an id.
    :raises RevisionNotFound: if one needs a revision that is not there.
    :raises CyclicRevisions: if one needs itself, however far away.
    """

    def __init__(self, revisions: Iterable[Revision] = ()) -> None:
        self._revisions = _by_id(revisions)
        self._labelled = _by_label(self._revisions)
        self._abbreviable = sorted(
            name
            for name in (*self._revisions, *self._labelled)
            if len(name) >= _SHORTEST_ABBREVIATED
        )
        self._parents: Edges = {
            revision.id: tuple(self._parent_ids(revision)) for revision in self.values()
        }
        self._dependencies: Edges = {
            revision.id: tuple(self._dependency_ids(revision))
            for revision in self.values()
        }
        self._children = reversed_edges(self._parents)
        self._dependents = reversed_edges(self._dependencies)
        self._needs = _joined(self._parents, self._dependencies)
        self._needed_by = _joined(self._children, self._dependents)
        self._sorted = self._each_before_its_needs()

    def __getitem__(self, id: str) -> Revision:
        return self._revisions[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._revisions)

    def __len__(self) -> int:
        return len(self._revisions)

    def __repr__(self) -> str:
        return f"<RevisionGraph of {len(self)}, heads {', '.join(self.heads)}>"

    # -- the ends and the forks ------------------------------------------------

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Revisions that no other descends from."""
        return tuple(id for id in self if not self._children[id])

    @cached_property
    def effective_heads(self) -> tuple[str, ...]:
        """Heads that no other depends on: the version table when all is applied."""
        return tuple(id for id in self if not self._needed_by[id])

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """Revisions that descend from no other."""
        return tuple(id for id in self if not self._parents[id])

    @cached_property
    def branch_points(self) -> tuple[str, ...]:
        """Revisions that more than one descends from, newest first."""
        return tuple(
            each.id for each in self.newest_first() if len(self._children[each.id]) > 1
        )

    @cached_property
    def merge_points(self) -> tuple[str, ...]:
        """Revisions that descend from more than one."""
        return tuple(id for id in self if len(self._parents[id]) > 1)

    # -- one step from a revision ----------------------------------------------

    def parents(self, id: str) -> tuple[str, ...]:
        """Return the revisions that this one descends from."""
        return self._parents[id]

    def children(self, id: str) -> tuple[str, ...]:
        """Return the revisions that descend from this one."""
        return self._children[id]

    def dependencies(self, id: str) -> tuple[str, ...]:
        """Return the revisions that this one depends on, as full ids."""
        return self._dependencies[id]

    def dependents(self, id: str) -> tuple[str, ...]:
        """Return the revisions that depend on this one."""
        return self._dependents[id]

    def needs(self, id: str) -> tuple[str, ...]:
        """Return the parents and dependencies of this revision."""
        return self._needs[id]

    def needed_by(self, id: str) -> tuple[str, ...]:
        """Return the children and dependents of this revision."""
        return self._needed_by[id]

    def labels(self, id: str) -> frozenset[str]:
        """Return the labels of the branches that this revision belongs to.

        A label holds for all that descend from the revision that declares it,
        and back to where the branch left another one, or others were merged.
        """
        return self._belonging[id]

    @property
    def labelled(self) -> Mapping[str, str]:
        """Each branch label, and the revision that declares it."""
        return MappingProxyType(self._labelled)

    # -- many steps ------------------------------------------------------------

    def ancestors(
        self, ids: Iterable[str], *, dependencies: bool = False
    ) -> frozenset[str]:
        """Return these revisions and all that they descend from.

        :param dependencies: also follow ``depends_on``: all that must be applied.
        :raises RevisionNotFound: if an id is unknown.
        """
        return self._reach(ids, self._needs if dependencies else self._parents)

    def descendants(
        self, ids: Iterable[str], *, dependencies: bool = False
    ) -> frozenset[str]:
        """Return these revisions and all that descend from them.

        :param dependencies: also follow ``depends_on``: all that breaks without them.
        :raises RevisionNotFound: if an id is unknown.
        """
        return self._reach(ids, self._needed_by if dependencies else self._children)

    def lineage(self, id: str) -> frozenset[str]:
        """Return what this revision descends from, and what descends from it."""
        return self.ancestors([id]) | self.descendants([id])

    def tips(self, ids: Collection[str]) -> tuple[str, ...]:
        """Return those of the revisions that no other of them needs, sorted.

        This is what the version table holds when they are applied.

        :raises RevisionNotFound: if an id is unknown.
        """
        self._check(ids)
        below = self.ancestors(
            (need for id in ids for need in self._needs[id]), dependencies=True
        )
        return tuple(sorted(set(ids) - below))

    def newest_first(self, ids: Iterable[str] | None = None) -> tuple[Revision, ...]:
        """Return these revisions, or all, each before whatever it needs.

        A branch is followed to where others join it, and these before it goes on;
        with several heads, the first one given comes first.

        :raises RevisionNotFound: if an id is unknown.
        """
        chosen = set(self if ids is None else ids)
        self._check(chosen)
        needs, needed_by = self._needs_once, self._needed_once_by
        if len(chosen) < len(self):
            needs = edges_between(self._with_the_way_between(chosen), needs)
            needed_by = reversed_edges(needs)
        tops = [id for id in self if id in needs and not needed_by[id]]
        ordered = followed_down(tops, needs, needed_by)
        return tuple(self[id] for id in ordered if id in chosen)

    def oldest_first(self, ids: Iterable[str] | None = None) -> tuple[Revision, ...]:
        """Return these revisions, or all, each after whatever it needs."""
        return self.newest_first(ids)[::-1]

    def find(
        self, identifier: str, *, within: Collection[str] | None = None
    ) -> Revision:
        """Return the revision with this id, branch label or partial id.

        :param within: let a partial id mean only one of these.
        :raises RevisionNotFound: if there is none.
        :raises AmbiguousRevision: if a partial id could mean several.
        """
        if identifier in self._revisions:
            return self._revisions[identifier]

        if identifier in self._labelled:
            return self._revisions[self._labelled[identifier]]

        matches = self._starting_with(identifier)
        if within is not None:
            matches = [id for id in matches if id in within]

        if not matches:
            raise RevisionNotFound(identifier, similar=self._similar_to(identifier))

        if len(matches) > 1:
            raise AmbiguousRevision(identifier, matches)

        return self._revisions[matches[0]]

    # -- how it is built -------------------------------------------------------

    def _parent_ids(self, revision: Revision) -> Iterator[str]:
        for parent in dict.fromkeys(revision.parents):
            if parent not in self._revisions:
                raise RevisionNotFound(parent, needed_by=revision.id)
            yield parent

    def _dependency_ids(self, revision: Revision) -> Iterator[str]:
        try:
            found = [self.find(name).id for name in revision.depends_on]
        except RevisionNotFound as error:
            raise RevisionNotFound(error.identifier, needed_by=revision.id) from None

        yield from dict.fromkeys(found)

    def _each_before_its_needs(self) -> list[str]:
        """Return all ids in some such order.

        :raises CyclicRevisions: if there is no such order.
        """
        waiting = {id: len(self._needed_by[id]) for id in self}
        ready = [id for id in self if not waiting[id]]
        ordered = []
        while ready:
            id = ready.pop()
            ordered.append(id)
            for need in self._needs[id]:
                waiting[need] -= 1
                if not waiting[need]:
                    ready.append(need)

        if len(ordered) < len(self):
            raise CyclicRevisions(self._circle({id for id in self if waiting[id]}))

        return ordered

    def _circle(self, waiting: Collection[str]) -> list[str]:
        # Whoever still waits is needed by another that waits, so going from one
        # to the next never ends, and must come back to where it has been.
        here = next(id for id in self if id in waiting)
        path: dict[str, None] = {}
        while here not in path:
            path[here] = None
            here = next(id for id in self._needed_by[here] if id in waiting)

        walked = list(path)
        circle = walked[walked.index(here) :]
        return [circle[0], *reversed(circle[1:])]

    @cached_property
    def _needs_once(self) -> Edges:
        """What each revision needs, without what its ancestors depend on already."""
        several = [id for id in self if len(self._dependents[id]) > 1]
        if not several:
            return self._needs

        # A bit for each that several depend on: one number says which of them the
        # ancestors of a revision depend on.
        bits = {id: 1 << position for position, id in enumerate(several)}
        before: dict[str, int] = {}
        upon: dict[str, int] = {}
        needed = dict(self._needs)
        for id in reversed(self._sorted):
            parents = self._parents[id]
            before[id] = _together(before[each] | upon[each] for each in parents)
            upon[id] = _together(bits.get(each, 0) for each in self._dependencies[id])
            if before[id] & upon[id]:
                needed[id] = tuple(
                    need
                    for need in self._needs[id]
                    if need in parents or not bits.get(need, 0) & before[id]
                )

        return needed

    def _with_the_way_between(self, ids: Collection[str]) -> Collection[str]:
        # Whoever asks for a part of the history mostly asks for all between two
        # places; then this changes nothing.
        return self.ancestors(ids, dependencies=True) & self.descendants(
            ids, dependencies=True
        )

    @cached_property
    def _needed_once_by(self) -> Edges:
        return reversed_edges(self._needs_once)

    @cached_property
    def _belonging(self) -> dict[str, frozenset[str]]:
        declared = {id: set(revision.labels) for id, revision in self.items()}
        for revision in self.values():
            for ancestor in self._back_to_the_branch_point(revision):
                declared[ancestor].update(revision.labels)

        belonging: dict[str, frozenset[str]] = {}
        for id in reversed(self._sorted):
            revision = self[id]
            sources = [belonging[parent] for parent in self._parents[revision.id]]
            belonging[revision.id] = _union(sources, declared[revision.id])

        return belonging

    def _back_to_the_branch_point(self, revision: Revision) -> Iterator[str]:
        id = revision.id
        while revision.labels and self._is_inside_a_branch(id) and self._parents[id]:
            (id,) = self._parents[id]
            if self._is_inside_a_branch(id):
                yield id

    def _is_inside_a_branch(self, id: str) -> bool:
        return len(self._parents[id]) < 2 and len(self._needed_by[id]) < 2

    def _reach(self, ids: Iterable[str], edges: Edges) -> frozenset[str]:
        reached = set(ids)
        self._check(reached)
        ahead = list(reached)
        while ahead:
            for id in edges[ahead.pop()]:
                if id not in reached:
                    reached.add(id)
                    ahead.append(id)
        return frozenset(reached)

    def _check(self, ids: Iterable[str]) -> None:
        for id in sorted(set(ids) - self._revisions.keys()):
            raise RevisionNotFound(id, similar=self._similar_to(id))

    def _starting_with(self, prefix: str) -> list[str]:
        """Return the ids that this begins, or whose label it begins."""
        matches = []
        start = bisect_left(self._abbreviable, prefix)
        for name in self._abbreviable[start:]:
            if not prefix or not name.startswith(prefix):
                break
            matches.append(self._labelled.get(name, name))
        return list(dict.fromkeys(matches))

    def _similar_to(self, identifier: str) -> list[str]:
        return get_close_matches(identifier, [*self._revisions, *self._labelled])


def _by_id(revisions: Iterable[Revision]) -> dict[str, Revision]:
    found: dict[str, Revision] = {}
    for revision in revisions:
        other = found.setdefault(revision.id, revision)
        if other is not revision:
            raise DuplicateRevision(revision.id, (other.path, revision.path))
    return found


def _by_label(revisions: Mapping[str, Revision]) -> dict[str, str]:
    found: dict[str, str] = {}
    for revision in revisions.values():
        for label in revision.labels:
            other = label if label in revisions else found.get(label, revision.id)
            if other != revision.id or label in revisions:
                raise DuplicateLabel(label, (other, revision.id))
            found[label] = revision.id
    return found


def _together(bits: Iterable[int]) -> int:
    return reduce(or_, bits, 0)


def _joined(first: Edges, second: Edges) -> Edges:
    return {id: tuple(dict.fromkeys((*first[id], *second[id]))) for id in first}


def _union(sources: Sequence[frozenset[str]], own: Collection[str]) -> frozenset[str]:
    # One shared set for a whole branch keeps thousands of revisions cheap.
    largest = max(sources, key=len, default=frozenset())
    if largest.issuperset(own) and all(largest.issuperset(other) for other in sources):
        return largest
    return frozenset(own).union(*sources)
