"""At which revision a database is, by its tables, whatever its version table says."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..commands.session import Binds
from ..commands.session import Directory
from ..commands.session import several
from ..errors import CannotReplay
from ..errors import MigrationError
from ..errors import StepFailed
from ..execution.bind_keys import chosen
from ..execution.database import Database
from ..execution.history import VersionTable
from ..project import current_project
from ..revisions.plan import Direction
from ..revisions.revision import Revision
from .migrator import Migrator
from .scratch import ScratchApp
from .snapshots import Snapshot
from .snapshots import snapshot_of


@dataclass(frozen=True)
class Identity:
    """Where a database is, by its tables.

    :param title: its bind keys; empty for the default database.
    :param said: what its version table holds.
    :param exact: the revisions that have just its tables, oldest first; they follow
        each other, and all but the first change no table. Empty if there is none.
    :param nearest: the one that differs least; None for a database without tables.
    :param differences: what would make the database like that, a line for each.
    """

    title: str
    url: str
    said: tuple[str, ...]
    exact: tuple[Revision, ...] = ()
    nearest: Revision | None = None
    differences: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it has no tables, as before the first revision."""
        return not self.exact and self.nearest is None and not self.differences


def identify(
    directory: Directory = None, *, bind: Binds = None
) -> tuple[Identity, ...]:
    """Return where each database is, by comparing it with what the revisions make.

    The history is replayed on scratch databases; the app's own are looked at only.

    :param bind: the name of one database, or of several; none: all.
    :raises CannotReplay: if a revision does not run on a database that has nothing but
        what the ones before it made, and no earlier one is the answer.
    :raises NoScratchDatabase: if there can be no database to replay it in.
    """
    with tempfile.TemporaryDirectory() as folder:
        project = current_project(directory)
        migrator = Migrator(ScratchApp.of_project(project, Path(folder)))
        wanted = chosen(migrator.scratch.databases, several(bind))
        there = looks(migrator)
        searches = [_Search(snapshot) for snapshot, _ in there]
        _replay(migrator, searches)

        return tuple(
            search.identity(database, said)
            for database, search, (_, said) in zip(
                migrator.scratch.databases, searches, there, strict=True
            )
            if database in wanted
        )


class _Search:
    """One database, and the revisions that have been seen beside it."""

    def __init__(self, there: Snapshot) -> None:
        self.there = there
        self.exact: list[Revision] = []
        self.is_over = False
        self.fewest: tuple[str, ...] | None = None
        self.nearest: Revision | None = None

    def see(self, revision: Revision | None, made: Snapshot) -> None:
        differences = self.there.differences(made)
        if not differences and revision is not None:
            if self.is_over:
                # It was there before, and comes back: what is later is meant.
                self.exact.clear()
            self.exact.append(revision)
        self.is_over = bool(differences)
        if self.fewest is None or len(differences) <= len(self.fewest):
            self.fewest, self.nearest = differences, revision

    def identity(self, database: Database, said: tuple[str, ...]) -> Identity:
        if self.exact:
            return Identity(database.title, database.url, said, tuple(self.exact))

        return Identity(
            *(database.title, database.url, said, ()),
            *(self.nearest, self.fewest or ()),
        )


def looks(migrator: Migrator) -> list[tuple[Snapshot, tuple[str, ...]]]:
    """Return what each database looks like, and what its version table says."""
    return [_look(migrator, each) for each in migrator.scratch.databases]


def _look(migrator: Migrator, database: Database) -> tuple[Snapshot, tuple[str, ...]]:
    settings = migrator.scratch.project.settings
    table = VersionTable(settings.version_table, settings.version_table_schema)
    with database.looked_at() as connection:
        found = snapshot_of(connection, settings), table.read(connection)
        connection.rollback()
        return found


def _replay(migrator: Migrator, searches: list[_Search]) -> None:
    with migrator.on_new_databases():
        _see_all(migrator, searches, None)
        for revision in migrator.graph.oldest_first():
            try:
                migrator.step(revision.id, Direction.UPGRADE)
            except MigrationError as error:
                if all(search.exact for search in searches):
                    return
                raise _unreplayed(revision, error) from error
            _see_all(migrator, searches, revision)


def _unreplayed(revision: Revision, error: MigrationError) -> CannotReplay:
    reason = error.reason if isinstance(error, StepFailed) else str(error)
    return CannotReplay(revision.id, revision.path, reason)


def _see_all(
    migrator: Migrator, searches: list[_Search], revision: Revision | None
) -> None:
    for search, made in zip(searches, migrator.snapshots(), strict=True):
        search.see(revision, made)
