"""The databases of an app, each with a scratch database in its place."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import ExitStack
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from .. import signals
from ..databases import databases_of
from ..dialects.scratch.databases import ScratchDatabases
from ..dialects.scratch.kinds import scratch_databases
from ..errors import NotScratch
from ..execution.database import Database
from ..masking import shown_url
from ..project import current_project
from ..project import given_project
from ..project import Project
from .redirect import redirected

_PREFIX = "fme_test_"


@dataclass(frozen=True)
class ScratchApp:
    """An app, seen from its migrations, and where its databases can be made anew."""

    project: Project
    databases: tuple[Database, ...]
    makers: tuple[ScratchDatabases, ...]

    @classmethod
    def of(cls, app: object, folder: Path) -> ScratchApp:
        """Return what is to be known of an app.

        :param folder: where databases go that are files.
        :raises MigrationError: if it has no migrations, or no databases.
        """
        with app.app_context():  # type: ignore[attr-defined]  # it is Flask's
            return cls.of_project(current_project(), folder)

    @classmethod
    def of_project(cls, project: Project, folder: Path) -> ScratchApp:
        """Return what is to be known of a project."""
        # Another way to the app's database is a way to that one.
        here = project.settings.with_options({"database_uri": None})
        project = replace(project, settings=here)
        databases = databases_of(project)
        if project.settings.engines is not None:
            # They may be made anew each time that somebody asks.
            engines = {key: each.engine for each in databases for key in each.bind_keys}
            settings = project.settings.with_options({"engines": engines})
            project = replace(project, settings=settings)

        makers = tuple(scratch_databases(each.engine, folder) for each in databases)
        return cls(project, databases, makers)

    @contextmanager
    def active(self) -> Iterator[None]:
        """Let commands speak of this app within the block."""
        assert self.project.app is not None
        with self.project.app.app_context(), given_project(self.project):
            yield

    def create(self) -> tuple[sa.URL, ...]:
        """Return new and empty databases, one for each of the app's."""
        made: list[sa.URL] = []
        try:
            for maker in self.makers:
                made.append(maker.create(_new_name()))
        except BaseException:
            self.drop(made)
            raise

        return tuple(made)

    def copies(self, sources: Sequence[sa.URL]) -> tuple[sa.URL, ...] | None:
        """Return copies of databases; None if one cannot be copied."""
        made: list[sa.URL] = []
        try:
            for maker, source in zip(self.makers, sources, strict=True):
                copy = maker.copy(source, _new_name())
                if copy is None:
                    self.drop(made)
                    return None
                made.append(copy)
        except BaseException:
            self.drop(made)
            raise

        return tuple(made)

    def drop(self, urls: Sequence[sa.URL]) -> None:
        """Drop databases that were made here."""
        for maker, url in zip(self.makers, urls, strict=False):
            maker.drop(url)

    @contextmanager
    def moved_to(self, urls: Sequence[sa.URL]) -> Iterator[None]:
        """Let the app's engines mean these databases within the block."""
        with ExitStack() as stack:
            for database, url, maker in zip(
                self.databases, urls, self.makers, strict=True
            ):
                stack.enter_context(redirected(database.engine, url, maker))
            for signal in (
                *(signals.before_upgrade, signals.before_downgrade),
                signals.before_stamp,
            ):
                watch = signal.connected_to(_Watch(urls), self.project.app)
                stack.enter_context(watch)
            yield


def _new_name() -> str:
    return f"{_PREFIX}{secrets.token_hex(8)}"


class _Watch:
    """Refuses to touch any other database, which an ``env.py`` may open by itself."""

    def __init__(self, urls: Sequence[sa.URL]) -> None:
        self._known = {shown_url(each) for each in urls}

    def __call__(self, sender: object, *, url: str, **facts: object) -> None:
        if url not in self._known:
            raise NotScratch(url)
