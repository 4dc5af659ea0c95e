"""``alembic.script.revision``: revisions as objects, and the map of them all."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from ....errors import InvalidTarget
from ....errors import NotAnAncestor
from ....revisions import revision as ours
from ....revisions.graph import RevisionGraph
from ....revisions.plan import plan_downgrade
from ....revisions.resolve import resolve
from ....revisions.resolve import resolve_upgrade
from ....revisions.revision import check_name
from ....revisions.target import parse
from ...projects.exceptions import AmbiguousRevision
from ...projects.exceptions import CycleDetected
from ...projects.exceptions import DependencyCycleDetected
from ...projects.exceptions import DependencyLoopDetected
from ...projects.exceptions import LoopDetected
from ...projects.exceptions import MultipleHeads
from ...projects.exceptions import RangeNotAncestorError
from ...projects.exceptions import ResolutionError
from ...projects.exceptions import RevisionError
from ..util import not_none
from ..util import to_tuple

__all__ = [
    "AmbiguousRevision",
    "CycleDetected",
    "DependencyCycleDetected",
    "DependencyLoopDetected",
    "LoopDetected",
    "MultipleHeads",
    "not_none",
    "RangeNotAncestorError",
    "ResolutionError",
    "Revision",
    "RevisionError",
    "RevisionMap",
    "tuple_rev_as_scalar",
]

Ids = str | Iterable[str | None] | None

_RELATIVE = re.compile(r"(?:(?P<branch>.+)@)?(?P<steps>-\d+)")


class Revision:
    """A revision, with its place in the history once a map knows it.

    :param down_revision: the ids of the parents.
    :param dependencies: ids or labels of what it depends on.
    :param branch_labels: the labels that it declares.
    """

    def __init__(
        self,
        revision: str,
        down_revision: str | Iterable[str] | None,
        dependencies: str | Iterable[str] | None = None,
        branch_labels: str | Iterable[str] | None = None,
    ) -> None:
        self.known = ours.Revision(
            revision,
            to_tuple(down_revision, ()),
            to_tuple(dependencies, ()),
            to_tuple(branch_labels, ()),
        )
        self.graph: RevisionGraph | None = None

    def __repr__(self) -> str:
        below = tuple_rev_as_scalar(self.down_revision)
        return f"{type(self).__name__}({self.revision!r}, {below!r})"

    @classmethod
    def verify_rev_id(cls, revision: str) -> None:
        """Raise unless this can be the id of a revision."""
        check_name(revision)

    @property
    def revision(self) -> str:
        """The id."""
        return self.known.id

    @property
    def down_revision(self) -> str | tuple[str, ...] | None:
        """The ids of the parents."""
        return tuple_rev_as_scalar(self.known.parents)

    @property
    def dependencies(self) -> str | tuple[str, ...] | None:
        """What it depends on, as written."""
        return tuple_rev_as_scalar(self.known.depends_on)

    @property
    def nextrev(self) -> frozenset[str]:
        """The ids of those that descend from it."""
        if self.graph is None:
            return frozenset()

        return frozenset(self.graph.children(self.revision))

    @property
    def branch_labels(self) -> set[str]:
        """The labels of the branches that it is on."""
        if self.graph is None:
            return set(self.known.labels)

        return set(self.graph.labels(self.revision))

    @property
    def is_base(self) -> bool:
        """Whether it descends from none."""
        return not self.known.parents

    @property
    def is_head(self) -> bool:
        """Whether none descends from it."""
        return not self.nextrev

    @property
    def is_branch_point(self) -> bool:
        """Whether several descend from it."""
        return len(self.nextrev) > 1

    @property
    def is_merge_point(self) -> bool:
        """Whether it descends from several."""
        return len(self.known.parents) > 1

    # Not documented there, and asked for all the same.

    @property
    def _resolved_dependencies(self) -> tuple[str, ...]:
        return self.graph.dependencies(self.revision) if self.graph else ()

    @property
    def _versioned_down_revisions(self) -> tuple[str, ...]:
        return self.known.parents

    @property
    def _all_down_revisions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.known.parents + self._resolved_dependencies))

    @property
    def _all_nextrev(self) -> frozenset[str]:
        return frozenset(self.graph.needed_by(self.revision) if self.graph else ())

    @property
    def _is_real_head(self) -> bool:
        return not self._all_nextrev


class RevisionMap:
    """All revisions, and how they descend from each other.

    :param generator: returns them; called when something is asked first.
    """

    def __init__(self, generator: Callable[[], Iterable[Revision]]) -> None:
        self._generator = generator

    @cached_property
    def _loaded(self) -> tuple[dict[str, Revision], RevisionGraph]:
        made = list(self._generator())
        graph = RevisionGraph(each.known for each in made)
        for each in made:
            each.graph = graph

        return {each.revision: each for each in made}, graph

    @property
    def _known(self) -> dict[str, Revision]:
        return self._loaded[0]

    @property
    def graph(self) -> RevisionGraph:
        """The revisions in their order."""
        return self._loaded[1]

    @property
    def _revision_map(self) -> dict[Any, Revision | None]:
        known = self._known
        labelled = {label: known[id] for label, id in self.graph.labelled.items()}
        return {**known, **labelled, None: None, (): None}

    def add_revision(self, revision: Revision, _replace: bool = False) -> None:
        """Add a revision to those that there are.

        :param _replace: whether it takes the place of the one with its id.
        """
        there = dict(self._known)
        if _replace:
            there.pop(revision.revision, None)
        self._generator = lambda: [*there.values(), revision]
        del self._loaded

    # -- what is there -----------------------------------------------------

    @property
    def heads(self) -> tuple[str, ...]:
        """The ids that none descends from."""
        return self.graph.heads

    @property
    def bases(self) -> tuple[str, ...]:
        """The ids that descend from none."""
        return self.graph.bases

    @property
    def _real_heads(self) -> tuple[str, ...]:
        return self.graph.effective_heads

    @property
    def _real_bases(self) -> tuple[str, ...]:
        return tuple(id for id in self.graph if not self.graph.needs(id))

    def get_current_head(self, branch_label: str | None = None) -> str | None:
        """Return the id of the one head, of all or of a branch; None if there is none.

        :raises MultipleHeads: if there are several.
        """
        found = self.filter_for_lineage(self.heads, branch_label)
        if len(found) > 1:
            raise MultipleHeads(
                found, f"{branch_label}@head" if branch_label else "head"
            )

        return found[0] if found else None

    def get_revisions(self, id_: Ids) -> tuple[Revision, ...]:
        """Return what a target names, or several; none for ``base``.

        :raises ResolutionError: if it names nothing that there is.
        """
        return tuple(self._known[each] for each in self.ids(id_))

    def get_revision(self, id_: str | None) -> Revision | None:
        """Return the one revision that a target names; None for ``base``.

        :raises MultipleHeads: if it names several.
        :raises ResolutionError: if it names nothing that there is.
        """
        found = self.get_revisions(id_)
        if len(found) > 1:
            raise MultipleHeads([each.revision for each in found], id_ or "")

        return found[0] if found else None

    def ids(self, id_: Ids) -> tuple[str, ...]:
        """Return the ids of what a target names, or several."""
        if id_ is not None and not isinstance(id_, str):
            return tuple(found for each in id_ for found in self.ids(each))

        graph = self.graph
        if not id_ or (id_ in ("head", "heads") and not graph):
            return ()

        # Without a database, steps back are counted from the heads.
        back = _RELATIVE.fullmatch(id_)
        if back is None:
            return resolve(graph, parse(id_))

        heads = graph.effective_heads
        if back["branch"]:
            heads = tuple(id for id in heads if back["branch"] in graph.labels(id))
        found = (resolve(graph, parse(f"{head}{back['steps']}")) for head in heads)
        return tuple(dict.fromkeys(id for each in found for id in each))

    def filter_for_lineage(
        self,
        targets: Iterable[Any],
        check_against: str | None,
        include_dependencies: bool = False,
    ) -> tuple[Any, ...]:
        """Return those, ids or revisions, that are on one line with a target."""
        ends = list(self.ids(check_against))
        if check_against is not None and "@" in check_against:
            ends.append(self.graph.find(check_against.partition("@")[0]).id)
        if not ends:
            return tuple(targets)

        line = self._line(ends, include_dependencies)
        return tuple(
            each for each in targets if line.intersection(self.ids(_id_of(each)))
        )

    def _line(self, ids: Collection[str], dependencies: bool) -> frozenset[str]:
        graph = self.graph
        return graph.ancestors(ids, dependencies=dependencies) | graph.descendants(
            ids, dependencies=dependencies
        )

    # -- from one to the other ---------------------------------------------

    def iterate_revisions(
        self,
        upper: Ids,
        lower: Ids,
        implicit_base: bool = False,
        inclusive: bool = False,
        assert_relative_length: bool = True,
        select_for_downgrade: bool = False,
    ) -> Iterator[Revision]:
        """Yield the revisions of a range, newest first, without its lower end.

        :param implicit_base: also those, needed by the range, that do not descend from
            the lower end.
        :param inclusive: also the lower end.
        :param select_for_downgrade: those to undo, from ``upper`` to ``lower``.
        :raises RangeNotAncestorError: if the ends are not on one line.
        """
        if select_for_downgrade:
            chosen = self._undone(upper, lower, inclusive)
        else:
            chosen = self._needed(upper, lower, implicit_base, inclusive)
        for each in self.graph.newest_first(chosen):
            yield self._known[each.id]

    def _undone(self, upper: Ids, lower: Ids, inclusive: bool) -> Collection[str]:
        graph, current = self.graph, self.ids(upper)
        if inclusive and lower is not None:
            applied = graph.ancestors(current, dependencies=True)
            return applied & graph.descendants(self.ids(lower), dependencies=True)

        target = (
            lower if isinstance(lower, str) else "base" if not lower else list(lower)[0]
        )
        plan = plan_downgrade(graph, current, parse(target or "base"))
        return [each.revision.id for each in plan.steps]

    def _needed(
        self, upper: Ids, lower: Ids, implicit_base: bool, inclusive: bool
    ) -> Collection[str]:
        graph = self.graph
        starts = self._starts(lower)
        tops = self._tops(upper, lower, starts)
        needed = graph.ancestors(tops, dependencies=True)
        if not implicit_base and not needed.issuperset(starts):
            raise NotAnAncestor(_shown(lower), _shown(upper))

        chosen = set(needed - graph.ancestors(starts, dependencies=True))
        if inclusive:
            chosen.update(starts)
        if starts and not implicit_base:
            chosen &= graph.descendants(starts)
        return chosen

    def _starts(self, lower: Ids) -> tuple[str, ...]:
        try:
            return self.ids(lower)
        except InvalidTarget:
            if not isinstance(lower, str) or not _RELATIVE.fullmatch(lower):
                raise
            # More steps than there are revisions: the start of the history.
            return ()

    def _tops(self, upper: Ids, lower: Ids, starts: tuple[str, ...]) -> Collection[str]:
        graph = self.graph
        if isinstance(upper, str) and graph:
            tops = resolve_upgrade(graph, starts, parse(upper))
        else:
            tops = self.ids(upper)
        if not isinstance(lower, str) or "@" not in lower:
            return tops

        branch = graph.find(lower.partition("@")[0]).id
        return [id for id in tops if id in self._line([branch], False)]


def _id_of(target: Any) -> str:
    return target if isinstance(target, str) else str(target.revision)


def _shown(ids: Ids) -> str:
    return ids if isinstance(ids, str) else ", ".join(map(str, ids or ("base",)))


def is_revision(rev: Any) -> Revision:
    """Return a revision, and nothing else."""
    assert isinstance(rev, Revision)
    return rev


def tuple_rev_as_scalar(
    rev: str | Iterable[str] | None,
) -> str | tuple[str, ...] | None:
    """Return one id of several alone, and none as None."""
    several: tuple[str, ...] = to_tuple(rev, ())
    return several if len(several) > 1 else several[0] if several else None
