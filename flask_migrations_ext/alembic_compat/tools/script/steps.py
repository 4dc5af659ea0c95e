"""The steps of a run, as plug-ins get and return them."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from ....errors import ConfigurationError
from ....revisions.plan import Direction
from ....revisions.plan import Plan
from ....revisions.plan import plan_of
from ....revisions.plan import Stamp
from ....revisions.plan import Step
from .revision_map import Revision
from .revision_map import RevisionMap
from .version_step import is_forward
from .version_step import MigrationInfo

__all__ = ["MigrationStep", "plan_from", "RevisionStep", "stamps_in", "StampStep"]


class MigrationStep:
    """A step from one state of the version table to another."""

    is_upgrade: bool
    is_stamp = False
    doc: str | None = None
    from_revisions: tuple[str, ...] = ()
    to_revisions: tuple[str, ...] = ()

    @classmethod
    def upgrade_from_script(
        cls, revision_map: RevisionMap, script: Revision
    ) -> RevisionStep:
        """Return the step that applies a revision."""
        return RevisionStep(revision_map, script, True)

    @classmethod
    def downgrade_from_script(
        cls, revision_map: RevisionMap, script: Revision
    ) -> RevisionStep:
        """Return the step that undoes a revision."""
        return RevisionStep(revision_map, script, False)

    @property
    def is_downgrade(self) -> bool:
        """Whether it goes back."""
        return not self.is_upgrade

    @property
    def name(self) -> str:
        """What it does, in a word."""
        if self.is_stamp:
            return "stamp_revision"

        return "upgrade" if self.is_upgrade else "downgrade"

    @property
    def from_revisions_no_deps(self) -> tuple[str, ...]:
        """Where it starts, by descent alone."""
        return self.from_revisions

    @property
    def to_revisions_no_deps(self) -> tuple[str, ...]:
        """Where it ends, by descent alone."""
        return self.to_revisions

    @property
    def short_log(self) -> str:
        """It as a line, without what the revision says of itself."""
        below, above = map(", ".join, (self.from_revisions, self.to_revisions))
        return f"{self.name} {below} -> {above}"

    def __str__(self) -> str:
        return f"{self.short_log}, {self.doc}" if self.doc else self.short_log


class RevisionStep(MigrationStep):
    """A revision that is to be applied, or undone."""

    def __init__(
        self, revision_map: RevisionMap, revision: Revision, is_upgrade: bool
    ) -> None:
        self.revision_map = revision_map
        self.revision = revision
        self.is_upgrade = is_upgrade

    @classmethod
    def of(cls, revision_map: RevisionMap, step: Step) -> RevisionStep:
        """Return a step of ours as such."""
        known = revision_map.get_revision(step.revision.id)
        assert known is not None
        return cls(revision_map, known, step.direction is Direction.UPGRADE)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.revision.revision!r},"
            f" is_upgrade={self.is_upgrade})"
        )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, RevisionStep)
            and other.revision.revision == self.revision.revision
            and other.is_upgrade == self.is_upgrade
        )

    __hash__ = None  # type: ignore[assignment]  # as there: they are compared only

    @property
    def doc(self) -> str | None:  # type: ignore[override]  # read only here
        """What the revision says of itself."""
        return getattr(self.revision, "doc", None)

    @property
    def migration_fn(self) -> Any:
        """What the script defines for it."""
        return getattr(getattr(self.revision, "module", None), self.name)

    @property
    def from_revisions(self) -> tuple[str, ...]:  # type: ignore[override]  # read only here
        """Where it starts."""
        below, above = self._ends
        return below if self.is_upgrade else above

    @property
    def to_revisions(self) -> tuple[str, ...]:  # type: ignore[override]  # read only here
        """Where it ends."""
        below, above = self._ends
        return above if self.is_upgrade else below

    @property
    def _ends(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.revision._all_down_revisions, (self.revision.revision,)

    @property
    def info(self) -> MigrationInfo:
        """It, as ``on_version_apply`` gets it."""
        return MigrationInfo(
            self.revision_map,
            self.is_upgrade,
            False,
            self.revision.revision,
            self.revision._all_down_revisions,
        )


class StampStep(MigrationStep):
    """A change of the version table alone."""

    is_stamp = True

    def __init__(
        self,
        from_: str | Iterable[str] | None,
        to_: str | Iterable[str] | None,
        is_upgrade: bool,
        branch_move: bool = False,
        revision_map: RevisionMap | None = None,
    ) -> None:
        self.from_revisions = _several(from_)
        self.to_revisions = _several(to_)
        self.is_upgrade = is_upgrade
        self.branch_move = branch_move
        self.revision_map = revision_map
        self.doc = None

    @classmethod
    def of(cls, revision_map: RevisionMap, stamp: Stamp) -> StampStep:
        """Return a plan of ours as one such step."""
        forward = is_forward(revision_map, stamp.removed, stamp.added)
        return cls(stamp.removed, stamp.added, forward, False, revision_map)

    def moved(self, heads: Iterable[str]) -> tuple[str, ...]:
        """Return what the version table holds after it, sorted."""
        kept = set(heads).difference(self.from_revisions)
        return tuple(sorted(kept.union(self.to_revisions)))

    @property
    def info(self) -> MigrationInfo:
        """It, as ``on_version_apply`` gets it."""
        ends = (self.to_revisions, self.from_revisions)
        up, down = ends if self.is_upgrade else ends[::-1]
        return MigrationInfo(self.revision_map, self.is_upgrade, True, up, down)


def _several(ids: str | Iterable[str] | None) -> tuple[str, ...]:
    return (ids,) if isinstance(ids, str) else tuple(ids or ())


def stamps_in(steps: Sequence[Any]) -> bool:
    """Return whether these steps change the version table alone.

    :raises ConfigurationError: if some do, and others run revisions.
    """
    kinds = {isinstance(each, StampStep) for each in steps}
    if len(kinds) > 1:
        raise ConfigurationError("either all steps of a run are stamps, or none is")

    return kinds == {True}


def plan_from(graph: Any, heads: Sequence[str], steps: Sequence[Any]) -> Plan:
    """Return the plan that steps make, for a database at these heads.

    :raises ConfigurationError: if one is no step.
    """
    moves = []
    for each in steps:
        if isinstance(each, Step):
            moves.append((each.revision.id, each.direction))
        elif isinstance(each, RevisionStep):
            way = Direction.UPGRADE if each.is_upgrade else Direction.DOWNGRADE
            moves.append((each.revision.revision, way))
        else:
            raise ConfigurationError(
                "the function of an EnvironmentContext returns steps, such as those of"
                f" ScriptDirectory._upgrade_revs(), not {each!r}"
            )

    return plan_of(graph, heads, moves)
