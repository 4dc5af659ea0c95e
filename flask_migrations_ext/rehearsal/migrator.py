"""An app's migrations on scratch databases, for tests to move them up and down."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from ..commands.mover import Mover
from ..commands.moving import downgrade
from ..commands.moving import upgrade
from ..commands.reports import CheckReport
from ..commands.reports import DatabaseRun
from ..commands.reports import RunReport
from ..commands.running import run
from ..commands.session import open_project
from ..commands.session import ProjectSession
from ..commands.writing import check
from ..environment import Configured
from ..errors import UnknownBind
from ..revisions.graph import RevisionGraph
from ..revisions.plan import Direction
from ..revisions.plan import Plan
from ..revisions.plan import plan_of
from ..revisions.target import BASE
from ..revisions.target import Target
from .scratch import ScratchApp
from .snapshots import Snapshot
from .snapshots import snapshot_of


class Migrator:
    """The migrations of an app, on scratch databases that it means for now."""

    def __init__(self, scratch: ScratchApp) -> None:
        self.scratch = scratch

    # -- databases ---------------------------------------------------------

    @property
    def engine(self) -> sa.Engine:
        """The engine of the app's first database, its default one if it has one."""
        return self.scratch.databases[0].engine

    @property
    def url(self) -> sa.URL:
        """The URL of the scratch database in its place."""
        return self.engine.url

    def engine_of(self, bind: str | None = None) -> sa.Engine:
        """Return the engine of a database by its bind key; None is the first one.

        :raises UnknownBind: if there is none.
        """
        if bind is None:
            return self.engine

        known: list[str] = []
        for database in self.scratch.databases:
            if bind in database.bind_keys:
                return database.engine
            known += [key for key in database.bind_keys if key]
        raise UnknownBind(bind, known)

    def insert(
        self, table: str, *rows: Mapping[str, Any], bind: str | None = None
    ) -> None:
        """Insert rows, each a mapping from the names of columns, and commit them."""
        engine = self.engine_of(bind)
        with engine.begin() as connection:
            found = _table(table, connection)
            for row in rows:
                connection.execute(found.insert().values(dict(row)))

    def rows(self, table: str, bind: str | None = None) -> list[dict[str, Any]]:
        """Return the rows of a table, sorted by its key."""
        with self.engine_of(bind).connect() as connection:
            found = _table(table, connection)
            chosen = sa.select(found).order_by(*found.primary_key.columns)
            return [dict(row) for row in connection.execute(chosen).mappings()]

    # -- moving ------------------------------------------------------------

    def upgrade(self, revision: str = "heads") -> RunReport:
        """Apply revisions up to a target; return what was applied."""
        with self.scratch.active():
            return upgrade(revision=revision)

    def downgrade(self, revision: str = "-1") -> RunReport:
        """Undo revisions down to a target; return what was undone."""
        with self.scratch.active():
            return downgrade(revision=revision)

    def upgrade_text(self, revision: str) -> str:
        """Return an upgrade as SQL text; the target may be a range."""
        with self.scratch.active():
            return upgrade(revision=revision, sql=True).sql or ""

    def downgrade_text(self, revision: str) -> str:
        """Return a downgrade as SQL text; the target is a range."""
        with self.scratch.active():
            return downgrade(revision=revision, sql=True).sql or ""

    def check(self) -> CheckReport:
        """Compare the databases with the models.

        :raises DifferencesFound: if they differ.
        """
        with self.scratch.active():
            return check()

    # -- the history -------------------------------------------------------

    @cached_property
    def session(self) -> ProjectSession:
        """The migrations folder."""
        with self.scratch.active():
            session = open_project()
            len(session.graph)
            return session

    @property
    def graph(self) -> RevisionGraph:
        """The revisions."""
        return self.session.graph

    @property
    def revisions(self) -> tuple[str, ...]:
        """The ids of all revisions, oldest first."""
        return tuple(each.id for each in self.graph.oldest_first())

    # -- one step at a time ------------------------------------------------

    def step(self, id: str, direction: Direction) -> list[DatabaseRun]:
        """Apply or undo one revision, whatever there is besides, on each database."""

        def planned(graph: RevisionGraph, at: Sequence[str], to: Target) -> Plan:
            return plan_of(graph, at, [(id, direction)])

        runs: list[DatabaseRun] = []
        app = self.scratch.project.app
        mover = Mover(direction.value, planned, None, None, None, sender=app)

        def work(configured: Configured) -> None:
            runs.append(mover.move(configured, self.graph, BASE))

        with self.scratch.active():
            run(self.session, work, runs=runs)
        return runs

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Return what each database looks like now."""
        return tuple(
            snapshot_of(connection, self.scratch.project.settings)
            for connection in self._connections()
        )

    def _connections(self) -> Iterator[sa.Connection]:
        for database in self.scratch.databases:
            with database.engine.connect() as connection:
                yield connection

    @contextmanager
    def on_new_databases(self) -> Iterator[None]:
        """Let the app's engines mean new and empty databases within the block."""
        urls = self.scratch.create()
        try:
            with self.scratch.moved_to(urls):
                yield
        finally:
            self.scratch.drop(urls)


def _table(name: str, connection: sa.Connection) -> sa.Table:
    schema, _, own = name.rpartition(".")
    return sa.Table(own, sa.MetaData(), schema=schema or None, autoload_with=connection)
