"""Keeping the record of a database while it moves, and asking it afterwards."""

from __future__ import annotations

import getpass
import socket
import time
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from datetime import UTC
from pathlib import Path

from ..environment import Configured
from ..execution.executor import DatabaseExecutor
from ..execution.steps.runnable import RunnableStep
from ..revisions.graph import RevisionGraph
from ..revisions.plan import Plan
from ..revisions.revision import Revision
from ..schema.model import TableName
from .applied import Applied
from .fingerprint import digest_of
from .fingerprint import fingerprint_of
from .table import RecordTable


def record_of(configured: Configured) -> RecordTable | None:
    """Return the record of a database; None if there is none, or none is wanted."""
    connection = configured.connection
    if connection is None or configured.settings.record is False:
        return None

    found = RecordTable(_version_table(configured), connection)
    return found if found.exists() else None


def made_record_of(configured: Configured) -> RecordTable:
    """Return the record of a database, made if it is not there; commits."""
    connection = configured.connection
    assert connection is not None
    found = RecordTable(_version_table(configured), connection)
    is_there = found.exists()
    if not configured.was_in_transaction:
        connection.rollback()
    if not is_there:
        with DatabaseExecutor(connection, configured.dialect).transaction():
            found.create()

    return found


def _version_table(configured: Configured) -> TableName:
    settings = configured.settings
    return TableName(settings.version_table, settings.version_table_schema)


class Keeper:
    """Remembers the revisions of one run, where that is wanted.

    :param plan: what is run.
    """

    def __init__(self, configured: Configured, plan: Plan) -> None:
        self._revisions = {step.revision.id: step.revision for step in plan.steps}
        self._begun = 0.0
        self._table: RecordTable | None = None
        if not plan.steps:
            return

        if configured.settings.record:
            self._table = made_record_of(configured)
        else:
            self._table = record_of(configured)
            if configured.connection and not configured.was_in_transaction:
                configured.connection.rollback()

    def begins(self) -> None:
        """Start to count the time."""
        self._begun = time.monotonic()

    def ends(self, step: RunnableStep) -> None:
        """Remember a step, or forget it, at the end of its transaction."""
        if self._table is None:
            return

        if step.verb == "upgrade":
            self._table.write(self._applied(self._revisions[step.id]))
        else:
            self._table.forget([step.id])

    def _applied(self, revision: Revision) -> Applied:
        source = _source_of(revision.path)
        return Applied(
            id=revision.id,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            by=_who(),
            seconds=round(time.monotonic() - self._begun, 3),
            message=revision.message,
            file="/".join(revision.path.parts[-2:]) if revision.path else "",
            parents=revision.parents,
            digest=digest_of(source),
            fingerprint=fingerprint_of(source) or "",
        )


@dataclass(frozen=True)
class Changes:
    """What became of the scripts that a database has applied.

    :param known: what is remembered, by the ids of revisions; nothing without a record.
    :param edited: the ids of those that mean something else now.
    :param gone: those that no file has any more.
    :param is_protected: whether the database is marked as one not to be lost.
    """

    known: Mapping[str, Applied]
    edited: tuple[str, ...] = ()
    gone: tuple[Applied, ...] = ()
    is_protected: bool = False

    def below(self, ids: Iterable[str], graph: RevisionGraph) -> frozenset[str] | None:
        """Return what comes before revisions that no file has; None if not recorded.

        Not all that a database has need be recorded: it may have been begun later.
        """
        waiting, seen, tips = list(ids), set[str](), set[str]()
        while waiting:
            id = waiting.pop()
            if id in graph:
                tips.add(id)
            elif id not in self.known:
                return None
            elif id not in seen:
                seen.add(id)
                waiting += self.known[id].parents

        recorded = self.known.keys() & graph.keys()
        return graph.ancestors(tips | recorded, dependencies=True)

    @property
    def notes(self) -> tuple[str, ...]:
        """A line for each, for people."""
        edited = (
            f"'{id}' was edited since it was applied {self.known[id].at}; what it does"
            " now is not in the database"
            for id in self.edited
        )
        gone = (f"no file has the revision {each} any more" for each in self.gone)
        return (*edited, *gone)


def changes_of(
    configured: Configured, graph: RevisionGraph, at: Collection[str]
) -> Changes:
    """Return what became of the scripts that a database has applied.

    :param at: where the database is.
    """
    connection = configured.connection
    if connection is None:
        return Changes({})

    if not configured.was_in_transaction:
        # To see what others have made since it was asked first.
        connection.rollback()
    record = RecordTable(_version_table(configured), connection)
    known, is_protected = record.read() if record.exists() else ({}, False)
    if not configured.was_in_transaction:
        connection.rollback()
    if configured.settings.record is False:
        known = {}

    has = graph.ancestors([each for each in at if each in graph], dependencies=True)
    return Changes(
        known,
        tuple(
            each.id
            for each in graph.oldest_first(has & known.keys())
            if _is_edited(each, known[each.id])
        ),
        tuple(each for id, each in sorted(known.items()) if id not in graph),
        is_protected,
    )


def _is_edited(revision: Revision, applied: Applied) -> bool:
    source = _source_of(revision.path)
    if not applied.fingerprint or digest_of(source) == applied.digest:
        return False

    return fingerprint_of(source) != applied.fingerprint


def forget_others(
    configured: Configured, graph: RevisionGraph, at: Collection[str]
) -> None:
    """Forget the revisions that a database is said not to have any more.

    :param at: where it is said to be.
    """
    record = record_of(configured)
    if record is not None:
        has = graph.ancestors(at, dependencies=True)
        known, _ = record.read()
        record.forget(known.keys() - has)


def _source_of(path: Path | None) -> bytes:
    if path is not None:
        with suppress(OSError):
            return path.read_bytes()
    return b""


def _who() -> str:
    try:
        name = getpass.getuser()
    # Before Python 3.13, each of its ways has an error of its own.
    except (OSError, KeyError, ImportError):
        name = "somebody"
    return f"{name}@{socket.gethostname()}"
