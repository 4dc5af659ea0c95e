"""What ``on_version_apply`` gets of a step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ....execution.steps.runnable import RunnableStep
from ..util import to_tuple
from .revision_map import Revision
from .revision_map import RevisionMap

__all__ = ["MigrationInfo"]


class MigrationInfo:
    """One step.

    :param up_revisions: the ids at its newer end.
    :param down_revisions: the ids at its older end; none is base.
    """

    def __init__(
        self,
        revision_map: RevisionMap | None,
        is_upgrade: bool,
        is_stamp: bool,
        up_revisions: str | Iterable[str],
        down_revisions: str | Iterable[str],
    ) -> None:
        self.revision_map: Any = revision_map
        self.is_upgrade = is_upgrade
        self.is_stamp = is_stamp
        self.up_revision_ids: tuple[str, ...] = to_tuple(up_revisions, ())
        self.down_revision_ids: tuple[str, ...] = to_tuple(down_revisions, ())

    @classmethod
    def of(cls, step: RunnableStep, revision_map: RevisionMap) -> MigrationInfo:
        """Return a step of ours as such."""
        if step.verb != "stamp":
            below = dict.fromkeys((*step.parents, *revision_map.graph.needs(step.id)))
            return cls(
                revision_map, step.verb == "upgrade", False, step.id, tuple(below)
            )

        gone = tuple(each for each in step.before if each not in step.heads)
        new = tuple(each for each in step.heads if each not in step.before)
        forward = is_forward(revision_map, gone, new)
        ends = (new, gone) if forward else (gone, new)
        return cls(revision_map, forward, True, *ends)

    @property
    def is_migration(self) -> bool:
        """Whether a revision runs."""
        return not self.is_stamp

    @property
    def up_revision_id(self) -> str | None:
        """The first id at its newer end."""
        return self.up_revision_ids[0] if self.up_revision_ids else None

    @property
    def source_revision_ids(self) -> tuple[str, ...]:
        """The ids that it starts from."""
        return self.down_revision_ids if self.is_upgrade else self.up_revision_ids

    @property
    def destination_revision_ids(self) -> tuple[str, ...]:
        """The ids that it leads to."""
        return self.up_revision_ids if self.is_upgrade else self.down_revision_ids

    @property
    def up_revision(self) -> Revision | None:
        """The first revision at its newer end."""
        found: Revision | None = self.revision_map.get_revision(self.up_revision_id)
        return found

    @property
    def up_revisions(self) -> tuple[Revision, ...]:
        """The revisions at its newer end."""
        return self._known(self.up_revision_ids)

    @property
    def down_revisions(self) -> tuple[Revision, ...]:
        """The revisions at its older end."""
        return self._known(self.down_revision_ids)

    @property
    def source_revisions(self) -> tuple[Revision, ...]:
        """The revisions that it starts from."""
        return self._known(self.source_revision_ids)

    @property
    def destination_revisions(self) -> tuple[Revision, ...]:
        """The revisions that it leads to."""
        return self._known(self.destination_revision_ids)

    def _known(self, ids: tuple[str, ...]) -> tuple[Revision, ...]:
        return tuple(self.revision_map.get_revisions(ids))


def is_forward(
    revision_map: RevisionMap, gone: Iterable[str], new: Iterable[str]
) -> bool:
    """Return whether a change of the version table goes forward."""
    graph = revision_map.graph
    known = [each for each in gone if each in graph]
    above = graph.descendants(known, dependencies=True)
    return not known or any(each in above for each in new)
