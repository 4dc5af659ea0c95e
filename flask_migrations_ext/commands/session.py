"""The app's migrations folder, opened for a command.

Light: what needs a database is in :mod:`.running`.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from ..config import Settings
from ..errors import FolderMissing
from ..project import current_project
from ..project import Project
from ..revisions.graph import RevisionGraph
from ..scripts.folder import MigrationsFolder
from .reports import Entry

Directory = str | Path | None
XArguments = str | Sequence[str] | None
Binds = str | Sequence[str] | None


@dataclass(frozen=True)
class ProjectSession:
    """A project whose folder is there."""

    project: Project
    folder: MigrationsFolder

    @property
    def settings(self) -> Settings:
        return self.project.settings

    @cached_property
    def graph(self) -> RevisionGraph:
        """The revisions, from the headers of their files."""
        return RevisionGraph(self.folder.read_revisions(self.project.around))

    def look_in(self, locations: Sequence[Path]) -> None:
        """Find the revisions in other folders, from when an ``env.py`` says so on."""
        folder = replace(self.folder, version_locations=tuple(locations))
        vars(self).update(folder=folder)
        vars(self).pop("graph", None)

    def entry(
        self,
        identifier: str,
        current: Collection[str] = (),
        edited: Collection[str] = (),
    ) -> Entry:
        """Return a revision with its place in the history."""
        graph = self.graph

        return Entry(
            revision=graph[identifier],
            parents=graph.parents(identifier),
            children=graph.children(identifier),
            dependencies=graph.dependencies(identifier),
            labels=tuple(sorted(graph.labels(identifier))),
            is_head=not graph.children(identifier),
            is_effective_head=not graph.needed_by(identifier),
            is_current=identifier in current,
            is_edited=identifier in edited,
        )


def several(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return none, one or more texts as a tuple."""
    if given is None:
        return ()

    return (given,) if isinstance(given, str) else tuple(given)


def open_project(directory: Directory = None) -> ProjectSession:
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
        sourceless=project.settings.sourceless,
    )
    try:
        folder.check()
    except FolderMissing as error:
        raise FolderMissing(error.directory, project.elsewhere) from None

    return ProjectSession(project, folder)


def _location(directory: Path, location: str) -> Path:
    path = Path(location)
    return path if path.is_absolute() else directory / path
