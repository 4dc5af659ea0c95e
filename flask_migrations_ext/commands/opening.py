"""The app's migrations folder and databases, opened for a command."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from .. import context
from ..config import Settings
from ..context import Configured
from ..context import Environment
from ..errors import ConfigurationError
from ..errors import StatementFailed
from ..errors import UnknownDatabaseRevision
from ..errors import UnusableScript
from ..execution.failures import is_of_database
from ..execution.failures import line_in
from ..execution.failures import reason_of
from ..execution.failures import statement_of
from ..execution.history import VersionTable
from ..revisions.graph import RevisionGraph
from ..revisions.locate import locate
from ..scripts.folder import MigrationsFolder
from ..scripts.loader import run_file
from ..targets import current_project
from ..targets import Project
from .reports import Entry

Directory = str | Path | None
XArguments = str | Sequence[str] | None


@dataclass(frozen=True)
class Opened:
    """A project whose folder is there."""

    project: Project
    folder: MigrationsFolder

    @property
    def settings(self) -> Settings:
        return self.project.settings

    @cached_property
    def graph(self) -> RevisionGraph:
        """The revisions, from the headers of their files."""
        return RevisionGraph(self.folder.read_revisions())

    def entry(self, identifier: str, current: Collection[str] = ()) -> Entry:
        """Return a revision with its place in the history."""
        graph = self.graph

        return Entry(
            revision=graph[identifier],
            parents=graph.parents(identifier),
            children=graph.children(identifier),
            dependencies=graph.dependencies(identifier),
            labels=tuple(sorted(graph.labels(identifier))),
            is_head=identifier in graph.heads,
            is_effective_head=identifier in graph.effective_heads,
            is_current=identifier in current,
        )

    def run(
        self,
        work: Callable[[Configured], None],
        *,
        offline: bool = False,
        reading: bool = False,
        x_arg: XArguments = None,
        tag: str | None = None,
        revision: str | None = None,
        autogenerate: bool = False,
        output: list[str] | None = None,
    ) -> None:
        """Do the work on each database that ``env.py``, or the app, names.

        :param reading: whether databases are only looked at.
        :param revision: the target that was typed, for ``env.py`` to ask.
        :param autogenerate: whether that is to compare databases with the models.
        :param output: takes the SQL text, a part after the other.
        :raises UnusableScript: if ``env.py`` fails, or runs nothing.
        """
        done: list[Configured] = []

        def work_and_note(configured: Configured) -> None:
            done.append(configured)
            try:
                work(configured)
            except Exception as error:
                if not is_of_database(error, configured.dialect.sa_dialect):
                    raise
                raise StatementFailed(
                    configured.url, reason_of(error), statement_of(error)
                ) from error

        environment = Environment(
            settings=self.settings,
            find_targets=self.project.targets,
            work=work_and_note,
            directory=self.folder.directory,
            located=lambda target: locate(self.graph, target),
            offline=offline,
            reading=reading,
            x_arguments=_several(x_arg),
            tag=tag,
            revision=revision,
            autogenerate=autogenerate,
            output=[] if output is None else output,
        )
        with self.project.around(), context.entered(environment):
            if self.folder.env_path is None:
                _run_built_in()
            else:
                _run_env(self.folder.env_path)

        if not done:
            raise UnusableScript(
                self.folder.env_path,
                "it did not call context.run_migrations() for any database",
            )


def _run_env(path: Path) -> None:
    try:
        run_file(path)
    except sa.exc.SQLAlchemyError as error:
        # Its own connections are for it to open; that they fail is for us to say.
        line = line_in(error, path)
        where = f"line {line}: " if line else ""
        raise UnusableScript(path, f"{where}{reason_of(error)}") from error


def _run_built_in() -> None:
    targets = context.targets()
    if not targets:
        raise ConfigurationError(
            "the app has no database to migrate: it has no default one, and no model"
            " belongs to a bind"
        )

    for target in targets:
        with context.configured(target):
            context.run_migrations()


def _several(x_arg: XArguments) -> tuple[str, ...]:
    if x_arg is None:
        return ()

    return (x_arg,) if isinstance(x_arg, str) else tuple(x_arg)


def open_project(directory: Directory = None) -> Opened:
    """Return the app's project, with its folder.

    :param directory: a folder in place of the configured one.
    :raises FolderMissing: if there is none.
    :raises NotAMigrationsFolder: if it holds no migrations.
    """
    project = current_project(directory)
    locations = tuple(
        _location(project.directory, each)
        for each in project.settings.version_locations
    )
    folder = MigrationsFolder(
        project.directory,
        locations,
        recursive=project.settings.recursive_version_locations,
    )
    folder.check()

    return Opened(project, folder)


def _location(directory: Path, location: str) -> Path:
    path = Path(location)
    return path if path.is_absolute() else directory / path


def version_table(configured: Configured) -> VersionTable:
    """Return the version table as it is set up for a database."""
    settings = configured.settings
    return VersionTable(
        settings.version_table,
        settings.version_table_schema,
        settings.version_table_pk,
    )


def known_heads(configured: Configured, graph: RevisionGraph) -> tuple[str, ...]:
    """Return the ids in the version table; none when SQL text is written.

    :raises UnknownDatabaseRevision: if there is one that no file has.
    """
    if configured.connection is None:
        return ()

    found = version_table(configured).read(configured.connection)
    # Reading begins a transaction; each revision needs one of its own.
    if not configured.was_in_transaction:
        configured.connection.rollback()

    check_known(configured, found, graph)
    return found


def check_known(
    configured: Configured, ids: Sequence[str], graph: RevisionGraph
) -> None:
    """Refuse a database at a revision that no file has.

    :raises UnknownDatabaseRevision: if one of the ids is unknown.
    """
    unknown = [each for each in ids if each not in graph]
    if unknown:
        raise UnknownDatabaseRevision(unknown, configured.url, graph.heads)
