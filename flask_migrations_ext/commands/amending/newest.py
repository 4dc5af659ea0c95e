"""The newest revision, as if it had not been written yet.

What it does, and what the models have got since, become one revision under its id. The
file as it was stays beside the new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import CannotAmend
from ...errors import CannotWrite
from ...errors import UnknownDatabaseRevision
from ...revisions.graph import RevisionGraph
from ...revisions.revision import Revision
from ..directives import NewScript
from ..session import ProjectSession
from .version_control import is_tracked

KEPT = ".amended"
"""What is put behind the name of the file as it was."""


def newest(session: ProjectSession) -> Revision:
    """Return the revision that may be written again.

    :raises CannotAmend: if there is none, or somebody else may have it.
    """
    heads = session.graph.heads
    if len(heads) != 1:
        reason = "there is none" if not heads else "there are several heads"
        raise CannotAmend("", reason)

    found = session.graph[heads[0]]
    if len(found.parents) > 1:
        raise CannotAmend(found.id, "it merges branches")
    if found.path is None or found.path.suffix != ".py":
        raise CannotAmend(found.id, "its source is not there")
    if is_tracked(found.path):
        raise CannotAmend(
            found.id, "it is under version control, and others may have it"
        )

    return found


def without(session: ProjectSession, revision: Revision) -> ProjectSession:
    """Return the project as it was before a revision was written."""
    before = ProjectSession(session.project, session.folder)
    others = [each for each in session.graph.values() if each.id != revision.id]
    vars(before).update(graph=RevisionGraph(others))
    return before


def written_again(revision: Revision, message: str | None) -> NewScript:
    """Return the script that takes the place of a revision."""
    return NewScript(
        revision.id,
        message or revision.message,
        head=revision.parents[0] if revision.parents else "base",
        splice=True,
        branch_label=revision.labels,
        depends_on=revision.depends_on,
    )


@contextmanager
def unapplied(revision: Revision) -> Iterator[None]:
    """Say of a database that has the revision that it is in the way.

    :raises CannotAmend: if one has it.
    """
    try:
        yield
    except UnknownDatabaseRevision as error:
        if revision.id in error.identifiers:
            raise CannotAmend(revision.id, f"{error.url} has it") from error
        raise


@contextmanager
def set_aside(revision: Revision | None) -> Iterator[None]:
    """Let another file take the place of a revision's, unless the block fails.

    :raises CannotWrite: if the system refuses to rename its file.
    """
    if revision is None or revision.path is None:
        yield
        return

    path = revision.path
    aside = path.with_name(f"{path.name}{KEPT}")
    _move(path, aside)
    try:
        yield
    except BaseException:
        _move(aside, path)
        raise


def _move(path: Path, to: Path) -> None:
    try:
        path.replace(to)
    except OSError as error:
        raise CannotWrite(to, error.strerror or str(error)) from error
