"""What Alembic would do with a history: its own planner, without files.

The version table is a real one, in SQLite. Where Alembic refuses, and where it
falls over, that is the answer, too.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from typing import TypeVar

import sqlalchemy as sa
from alembic.runtime.migration import HeadMaintainer
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import Revision as AlembicRevision
from alembic.script.revision import RevisionError as AlembicError
from alembic.script.revision import RevisionMap
from alembic.util import CommandError

from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.revisions.revision import Revision

Answer = TypeVar("Answer")

#: Each revision that runs, and the version table after it.
Moves = tuple[tuple[str, frozenset[str]], ...]


class No(Enum):
    """Why there is no answer."""

    REFUSED = "an error that tells what is wrong"
    FAILED = "a traceback"


def answer(ask: Callable[[], Answer]) -> Answer | No:
    """Return what Alembic answers, or that it does not."""
    try:
        with warnings.catch_warnings():
            # It warns where it guesses an answer.
            warnings.simplefilter("ignore", UserWarning)
            return ask()
    except (CommandError, AlembicError):
        return No.REFUSED
    except (
        AssertionError,
        AttributeError,
        IndexError,
        KeyError,
        TypeError,
        ValueError,
    ):
        return No.FAILED


class Alembic:
    """Alembic's answers about one history.

    :param as_written: take several dependencies in the order in which they were
        written; by itself Alembic takes them in the order of a set of strings, which
        is another one in each process.
    """

    def __init__(self, graph: RevisionGraph, *, as_written: bool = True) -> None:
        self.map = RevisionMap(
            lambda: [
                Script(
                    revision.id,
                    revision.parents or None,
                    dependencies=_dependencies(graph, revision) or None,
                    branch_labels=revision.labels or None,
                )
                for revision in graph.values()
            ]
        )
        self.folder = Folder(self.map)
        if as_written:
            for id in graph:
                known: Any = self.map.get_revision(id)
                known._normalized_resolved_dependencies = tuple(
                    sorted(
                        known._normalized_resolved_dependencies,
                        key=known._resolved_dependencies.index,
                    )
                )

    def upgrade(self, current: Iterable[str], target: str) -> Moves:
        heads: Any = tuple(current)
        return moves(heads, self.folder._upgrade_revs(target, heads))

    def downgrade(self, current: Iterable[str], target: str) -> Moves:
        heads: Any = tuple(current)
        return moves(heads, self.folder._downgrade_revs(target, heads))

    def stamp(self, current: Iterable[str], targets: Sequence[str]) -> frozenset[str]:
        heads = frozenset(current)
        steps: Any = self.folder._stamp_revs(tuple(targets), tuple(current))
        told = moves(heads, steps)
        return told[-1][1] if told else heads

    def offline(self, text: str, *, down: bool = False) -> Moves:
        """Return what a range does with ``--sql``."""
        if down and ":" not in text:
            raise CommandError("it wants a range")
        start, target = text.split(":", 2) if ":" in text else ("", text)
        known = [self.folder.get_revision(start)] if start not in ("", "base") else []
        heads = [each.revision for each in known]
        return self.downgrade(heads, target) if down else self.upgrade(heads, target)

    def history(self, text: str, current: Iterable[str] = ()) -> tuple[str, ...]:
        rows: Any = tuple(current)
        lower, upper = text.split(":")
        if upper == "current":
            upper = rows
        elif lower == "current":
            lower = rows
        walked = self.folder.walk_revisions(lower or "base", upper or "heads")
        return tuple(each.revision for each in walked)

    def new(self, heads: Sequence[str], *, splice: bool = False) -> tuple[str, ...]:
        """Return the parents of a revision that is put there."""
        try:
            self.folder.generate_revision("new", "", list(heads), splice=splice)
        except Written as written:
            return written.parents
        raise AssertionError("nothing was written")

    def branch_points(self) -> tuple[str, ...]:
        return tuple(
            each.revision
            for each in self.folder.walk_revisions()
            if each.is_branch_point
        )


def _dependencies(graph: RevisionGraph, revision: Revision) -> tuple[str, ...]:
    # Alembic does not know a file whose depends_on is the beginning of an id.
    known = {*graph, *graph.labelled}
    return tuple(
        name if name in known else graph.find(name).id for name in revision.depends_on
    )


class Written(Exception):
    """Alembic is about to write a file."""

    def __init__(self, parents: tuple[str, ...]) -> None:
        self.parents = parents


class Folder(ScriptDirectory):
    """Alembic's scripts, without files."""

    timezone = None
    _singular_version_location = Path("/")
    _version_locations = (Path("/"),)
    version_locations: Any = None

    def __init__(self, revision_map: RevisionMap) -> None:
        self.revision_map = revision_map
        self.dir = "/"

    def _generate_create_date(self) -> datetime:
        return datetime(2024, 1, 1)

    def _rev_path(self, *arguments: Any) -> Path:
        return Path("/file.py")

    def _generate_template(self, *arguments: Any, **words: Any) -> None:
        found = words["down_revision"]
        raise Written((found,) if isinstance(found, str) else tuple(found or ()))


class Script(AlembicRevision):
    """A revision whose file was read, as far as planning can tell."""

    module = SimpleNamespace(upgrade=None, downgrade=None)
    doc = ""


def moves(current: Iterable[str], steps: Iterable[Any]) -> Moves:
    """Return what the version table holds after each step."""
    context = version_table()
    connection = context.connection
    assert connection is not None
    connection.execute(context._version.delete())
    for id in current:
        connection.execute(context._version.insert().values(version_num=id))

    heads = HeadMaintainer(context, current)
    told = []
    for step in steps:
        heads.update_to_step(step)
        rows = connection.scalars(sa.select(context._version.c.version_num))
        revision = getattr(step, "revision", None)
        told.append((getattr(revision, "revision", ""), frozenset(rows)))
    return tuple(told)


@cache
def version_table() -> MigrationContext:
    engine = sa.create_engine("sqlite://")
    context = MigrationContext.configure(engine.connect())
    context._ensure_version_table()
    return context
