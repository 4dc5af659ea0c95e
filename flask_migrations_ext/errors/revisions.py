"""Errors about revisions: which there are, and which one is meant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..wording import first_listed
from ..wording import listed
from .base import declared
from .base import MigrationError


class RevisionError(MigrationError):
    """The revisions, or what was asked of them, do not make sense."""


class UnresolvedTarget(RevisionError):
    """What was asked for is not one revision, or one place, that there is."""


@declared
class RevisionNotFound(UnresolvedTarget):
    """No revision has this id, prefix or label.

    :param needed_by: the id of the revision that names it, if one does.
    :param similar: ids that look alike, to suggest.
    """

    identifier: str
    needed_by: str | None = None
    similar: Sequence[str] = ()

    def _message(self) -> str:
        if self.needed_by is not None:
            return (
                f"no revision '{self.identifier}', needed by '{self.needed_by}';"
                " is its file missing? Restore it from version control, or correct"
                f" down_revision or depends_on of '{self.needed_by}'"
            )

        there = (
            f"did you mean {listed(self.similar, 'or')}?"
            if self.similar
            else "'flask db history' lists what there is"
        )
        return f"no revision or branch '{self.identifier}'; {there}"


@declared
class AmbiguousRevision(UnresolvedTarget):
    """A partial id matches more than one revision."""

    identifier: str
    matches: Sequence[str]

    def _message(self) -> str:
        return (
            f"'{self.identifier}' is short for more than one revision:"
            f" {first_listed(self.matches, 3)}; give more of the id"
        )


@declared
class DuplicateRevision(RevisionError):
    """Two files have the same revision id, or a new one would have that of another."""

    identifier: str
    paths: Sequence[Path | None] = ()

    def _message(self) -> str:
        where = listed(path for path in self.paths if path is not None)
        how_often, advice = (
            ("already", "choose another id")
            if len(self.paths) == 1
            else ("twice", "give one of them another id, or delete the copy")
        )
        place = f": in {where}" if where else ""
        return f"revision '{self.identifier}' exists {how_often}{place}; {advice}"


@declared
class DuplicateLabel(RevisionError):
    """Two revisions claim the same branch label, or a label equals an id."""

    label: str
    revisions: Sequence[str]

    def _message(self) -> str:
        return (
            f"branch label '{self.label}' is claimed by revisions"
            f" {listed(self.revisions)}; a label belongs to one branch"
        )


@declared
class CyclicRevisions(RevisionError):
    """Revisions descend from, or depend on, themselves."""

    identifiers: Sequence[str]

    def _message(self) -> str:
        circle = " -> ".join([*self.identifiers, self.identifiers[0]])
        return (
            f"revisions form a circle: {circle};"
            " correct down_revision or depends_on in one of their files"
        )


@declared
class IllegalRevisionId(RevisionError):
    """A revision id or branch label has a form that cannot be stored or typed."""

    identifier: str
    reason: str

    def _message(self) -> str:
        return f"'{self.identifier}' cannot name a revision: {self.reason}"


@declared
class InvalidTarget(UnresolvedTarget):
    """A target such as ``+2`` or ``branch@head`` cannot be followed."""

    target: str
    reason: str

    def _message(self) -> str:
        return f"cannot follow '{self.target}': {self.reason}"


@declared
class MultipleHeads(RevisionError):
    """One head was asked for, and there are several."""

    heads: Sequence[str]
    target: str = "head"

    def _message(self) -> str:
        return (
            f"'{self.target}' is not one revision: there are {len(self.heads)} heads,"
            f" {listed(self.heads)}; join them with 'flask db merge heads',"
            " go to all of them with 'heads', or name one"
        )


@declared
class CannotRebase(RevisionError):
    """The revisions of a branch cannot be put behind another one.

    :param revision: the head of the branch; None if nothing tells which it is.
    """

    revision: str | None
    reason: str

    def _message(self) -> str:
        what = f"'{self.revision}'" if self.revision else "anything"
        return f"cannot rebase {what}: {self.reason}; nothing was changed"


@declared
class HeadFileDiffers(RevisionError):
    """The file HEAD of a migrations folder says another end of the history.

    :param said: the ids in the file.
    """

    path: Path
    said: Sequence[str]
    heads: Sequence[str]

    def _message(self) -> str:
        return (
            f"{self.path} says that the history ends at {listed(self.said) or 'base'},"
            f" and it ends at {listed(self.heads) or 'base'}; after a merge of"
            " branches, put one behind the other with 'flask db rebase', which writes"
            " the file, or write the ids into it"
        )


@declared
class NotAnAncestor(RevisionError):
    """A range was asked for whose ends are not on one line of descent."""

    lower: str
    upper: str

    def _message(self) -> str:
        return (
            f"revision '{self.lower}' is not an ancestor of '{self.upper}';"
            " 'flask db history' shows how they descend"
        )
