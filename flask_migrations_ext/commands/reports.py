"""What the commands return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..record.applied import Applied
from ..revisions.plan import Step
from ..revisions.revision import Revision


@dataclass(frozen=True)
class Entry:
    """A revision, and its place in the history."""

    revision: Revision
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    is_head: bool = False
    is_effective_head: bool = False
    is_current: bool = False
    is_edited: bool = False
    """Whether its script means something else than when a database applied it."""

    @property
    def id(self) -> str:
        return self.revision.id

    @property
    def is_branch_point(self) -> bool:
        return len(self.children) > 1

    @property
    def is_merge_point(self) -> bool:
        return len(self.parents) > 1


@dataclass(frozen=True)
class DatabaseState:
    """Where one database is.

    :param title: its bind keys; empty for the default database.
    :param unknown: ids in its version table that no file has.
    :param pending: how many revisions it lacks; None if that cannot be told.
    :param heads: what a database holds that lacks none.
    """

    title: str
    url: str
    entries: tuple[Entry, ...]
    unknown: tuple[str, ...] = ()
    pending: int | None = None
    heads: tuple[str, ...] = ()


@dataclass(frozen=True)
class RevisionStatus:
    """A revision, as one database has it.

    :param is_applied: None if that cannot be told, as the database is at a revision
        that no file has.
    :param applied: when and by whom, where that is recorded.
    :param is_half_applied: whether a run stopped in the middle of it.
    """

    entry: Entry
    is_applied: bool | None
    applied: Applied | None = None
    is_half_applied: bool = False


@dataclass(frozen=True)
class DatabaseStatus:
    """What one database has of the revisions, and lacks.

    :param title: its bind keys; empty for the default database.
    :param at: the ids in its version table.
    :param heads: the ids in that of a database that has all revisions.
    :param revisions: all there are, each after those that it needs.
    :param gone: what it is recorded to have, and no file has any more.
    :param is_protected: whether it is marked as one not to be lost.
    """

    title: str
    url: str
    at: tuple[str, ...]
    heads: tuple[str, ...]
    revisions: tuple[RevisionStatus, ...]
    gone: tuple[Applied, ...] = ()
    is_protected: bool = False

    @property
    def pending(self) -> tuple[RevisionStatus, ...]:
        """The revisions that it lacks, in the order in which they would run."""
        return tuple(each for each in self.revisions if each.is_applied is False)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The ids in its version table that no file has."""
        known = {each.entry.id for each in self.revisions}
        return tuple(each for each in self.at if each not in known)

    @property
    def is_ahead(self) -> bool:
        """Whether it has all revisions, and others of a later release."""
        has_all = all(each.is_applied for each in self.revisions)
        return bool(self.unknown) and has_all and bool(self.revisions)


@dataclass(frozen=True)
class StatusReport:
    """What each database has of the revisions, and lacks."""

    databases: tuple[DatabaseStatus, ...]

    @property
    def is_current(self) -> bool:
        """Whether every database has all revisions, as far as can be told."""
        return all(
            each.is_ahead or set(each.at) == set(each.heads) for each in self.databases
        )


@dataclass(frozen=True)
class DatabaseRun:
    """What was done to one database.

    :param is_open: whether it is in a transaction that ``env.py`` is to end.
    :param notes: what became of scripts that it had applied before, a line for each.
    """

    title: str
    url: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    is_open: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunReport:
    """What was done to the databases, or the SQL text that would do it.

    :param heads: what a database holds that has all revisions.
    """

    databases: tuple[DatabaseRun, ...] = ()
    sql: str | None = None
    heads: tuple[str, ...] = ()


@dataclass(frozen=True)
class FolderReport:
    """A migrations folder that was created."""

    directory: Path
    files: tuple[Path, ...]


@dataclass(frozen=True)
class RevisionReport:
    """A revision that was written, or the reason why none was.

    :param revision: None if there was nothing to write.
    :param differences: a line for each difference that it removes.
    :param losses: those that take something away, each with what that is.
    :param notes: what a person should look at.
    :param more: what a ``process_revision_directives`` had written beside it.
    """

    revision: Revision | None = None
    differences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    more: tuple[Revision, ...] = ()
    losses: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls,
        written: Sequence[Revision],
        differences: tuple[str, ...] = (),
        notes: tuple[str, ...] = (),
        losses: tuple[tuple[str, str], ...] = (),
    ) -> RevisionReport:
        """Return the report of one revision, or of several."""
        return cls(written[0], differences, notes, tuple(written[1:]), losses)

    @property
    def all(self) -> tuple[Revision, ...]:
        """All revisions that were written."""
        return ((self.revision,) if self.revision else ()) + self.more

    @property
    def path(self) -> Path | None:
        return self.revision.path if self.revision else None


@dataclass(frozen=True)
class CheckReport:
    """The databases that were compared with the models, and do not differ."""

    databases: tuple[str, ...]
    notes: tuple[str, ...] = ()
