"""Errors about the state of a database, and what it refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..wording import counted
from ..wording import first_listed
from ..wording import listed
from .base import declared
from .base import MigrationError

TEMPORARY = 75
"""The exit status of what is worth another try, and has changed nothing."""


class DatabaseError(MigrationError):
    """A database is not there, or not in the state that was needed."""


@declared
class CannotConnect(DatabaseError):
    """A connection could not be opened.

    :param url: the URL with its password hidden.
    """

    url: str
    reason: str
    advice: str

    def _message(self) -> str:
        return f"cannot connect to {self.url}: {self.reason}; {self.advice}"


@declared
class NoScratchDatabase(DatabaseError):
    """A database to try things out in cannot be made.

    :param url: the one that it was to be beside, with its password hidden.
    """

    url: str
    reason: str

    def _message(self) -> str:
        return (
            f"cannot make a scratch database beside {self.url}: {self.reason}; the user"
            " needs the right to create databases there"
        )


@declared
class CannotRedirect(DatabaseError):
    """The engine of an app goes to its own database, wherever it is sent.

    :param url: that database, with its password hidden.
    """

    url: str

    def _message(self) -> str:
        return (
            f"the engine for {self.url} makes its connections by itself, so that tests"
            " would change that database; nothing was changed. Let it have the URL, in"
            " place of creator=…"
        )


@declared
class NotScratch(DatabaseError):
    """A test was about to migrate a database that is no scratch database.

    :param url: that database, with its password hidden.
    """

    url: str

    def _message(self) -> str:
        return (
            f"env.py migrates {self.url}, which is no scratch database of the tests;"
            " nothing was changed. Let it take its engine from the app"
        )


@declared
class CannotReplay(DatabaseError):
    """A revision does not run on a database that the ones before it have made."""

    revision: str
    path: Path | None
    reason: str

    def _message(self) -> str:
        where = f" ({self.path})" if self.path else ""
        return (
            f"the history cannot be replayed from nothing: revision '{self.revision}'"
            f"{where} fails on a scratch database: {self.reason}\n  No database of"
            " yours was touched. What it needs, such as rows or a table that was made"
            " elsewhere, an earlier revision has to make"
        )


@declared
class NoRevisionMatches(DatabaseError):
    """No revision makes the tables that a database has.

    :param nearest: the one that differs least; None if that is an empty database.
    :param differences: what would make the database like it, a line for each.
    """

    url: str
    nearest: str | None
    differences: Sequence[str]

    def _message(self) -> str:
        lines = "\n".join(f"  {line}" for line in self.differences)
        place = f"revision '{self.nearest}'" if self.nearest else "an empty database"
        stamp = f"flask db stamp --purge {self.nearest or 'base'}"
        return (
            f"no revision has the tables of the database {self.url}; the nearest is"
            f" {place}. To be like it:\n{lines}\n  nothing was changed. Do that by"
            f" hand, then '{stamp}'"
        )


@declared
class DatabaseLocked(DatabaseError):
    """Others use a database, and did not stop while we waited."""

    reason: str

    exit_status = TEMPORARY

    def _message(self) -> str:
        return (
            f"{self.reason}: another process or connection reads or writes it, and did"
            " not finish in time. Let it finish, or stop it, then run the command again"
        )


@declared
class StatementFailed(DatabaseError):
    """A database refused what was asked of it outside of any revision."""

    url: str
    reason: str
    sql: str | None = None

    def _message(self) -> str:
        return (
            f"the database {self.url} refused: {self.reason}{_statement(self.sql)}\n"
            "  no revision was running; what was done before stays"
        )


@declared
class UnknownDatabaseRevision(DatabaseError):
    """The database is at a revision that no file has.

    :param records: what is recorded of such revisions, a line for each.
    :param parents: the revisions that these came after.
    """

    identifiers: Sequence[str]
    url: str
    heads: Sequence[str]
    records: Sequence[str] = ()
    parents: Sequence[str] = ()

    def _message(self) -> str:
        lines = "".join(f"\n  {each}" for each in self.records)
        advice = (
            "what it did is undone, say so with 'flask db stamp --purge"
            f" {' '.join(self.parents)}'"
            if self.parents
            else "the schema is known to match a revision, say so with 'flask db stamp"
            " --purge REVISION'"
        )
        return (
            f"the database {self.url} is at revision {listed(self.identifiers)},"
            f" which no file has (heads here: {listed(self.heads) or 'none'}); fetch"
            f" the missing file from version control, or, if {advice}{lines}"
        )


@declared
class BehindHead(DatabaseError):
    """The database lacks revisions, so that it cannot be compared with the models."""

    url: str
    missing: Sequence[str]
    heads: Sequence[str] = ()

    def _message(self) -> str:
        # With several heads, a plain upgrade would ask which is meant.
        target = " heads" if len(self.heads) > 1 else ""
        return (
            f"the database {self.url} is behind: it lacks"
            f" {first_listed(self.missing, 5)}; run 'flask db upgrade{target}' first"
        )


@declared
class NotAtHead(DatabaseError):
    """``current --check-heads`` found the database somewhere else."""

    url: str
    current: Sequence[str]
    heads: Sequence[str]

    def _message(self) -> str:
        return (
            f"the database {self.url} is at {listed(self.current) or 'no revision'},"
            f" not at {listed(self.heads)}; run 'flask db upgrade heads'"
        )


@declared
class StillPending(DatabaseError):
    """A database lacks revisions that another process was to apply.

    :param pending: the ids of the revisions, in order.
    """

    url: str
    pending: Sequence[str]
    seconds: float

    exit_status = TEMPORARY

    def _message(self) -> str:
        waited = f"after {self.seconds:g} s" if self.seconds else "at once"
        return (
            f"the database {self.url} still lacks {first_listed(self.pending, 5)}; gave"
            f" up {waited}. Run 'flask db upgrade' where that is to be done, or see"
            " what became of it there"
        )


@declared
class DifferencesFound(DatabaseError):
    """``check`` found that the database and the models differ.

    :param differences: a line for each, as a person would say it.
    :param by_hand: those among them that ``migrate`` writes nothing for.
    :param heads: those of the history.
    """

    differences: Sequence[str]
    by_hand: Sequence[str] = ()
    heads: Sequence[str] = ()

    def _message(self) -> str:
        lines = "\n".join(f"  {line}" for line in (*self.differences, *self.by_hand))
        return f"the models and the database differ:\n{lines}\n{self._advice()}"

    def _advice(self) -> str:
        # A revision has one parent, and several heads leave the choice open.
        joined = "join the heads with 'flask db merge', then " * (len(self.heads) > 1)
        if not self.differences:
            return (
                f"{joined}write what it takes by hand: 'flask db revision';"
                " 'flask db migrate' writes nothing for it"
            )

        rest = "; what it says nothing of is for you to write" * bool(self.by_hand)
        return f"{joined}write a revision with 'flask db migrate'{rest}"


@declared
class ConcurrentChange(DatabaseError):
    """The version table changed under a running migration.

    :param applied: the revisions that ran before, in the same run.
    """

    expected: str
    found: Sequence[str]
    applied: Sequence[str] = ()

    def _message(self) -> str:
        wanted = f"'{self.expected}'" if self.expected else "nothing"
        return (
            f"the version table should hold {wanted} and holds"
            f" {listed(self.found) or 'nothing'};"
            " another process migrates this database: let it finish, then run again"
        )


@declared
class StepFailed(DatabaseError):
    """A revision failed while it ran.

    :param state: what the database looks like now, in words.
    :param sql: the statement that failed, if one did.
    :param database: its bind keys; empty for the default one.
    """

    revision: str
    direction: str
    path: Path | None
    line: int | None
    reason: str
    state: str
    sql: str | None = None
    applied: Sequence[str] = ()
    database: str = ""

    def _message(self) -> str:
        line = f", line {self.line}" if self.line else ""
        where = f" ({self.path}{line})" if self.path or line else ""
        place = f" in database '{self.database}'" if self.database else ""
        return (
            f"{self.direction} of revision '{self.revision}' failed{place}{where}:"
            f" {self.reason}{_statement(self.sql)}\n  {self.state}"
        )


@declared
class Protected(DatabaseError):
    """A protected database would lose something, and nobody has said its name.

    :param losses: a line for each.
    """

    url: str
    name: str
    losses: Sequence[str]

    def _message(self) -> str:
        lines = "".join(f"\n  {each}" for each in self.losses)
        return (
            f"the database {self.url} is protected, and nothing was changed; if this is"
            f" what you mean, say its name: '--yes-i-mean {self.name}'{lines}"
        )


@declared
class LockTaken(DatabaseError):
    """Another process migrates a database, for longer than we wait.

    :param holder: who that is, in words.
    """

    url: str
    holder: str
    seconds: float

    exit_status = TEMPORARY

    def _message(self) -> str:
        waited = f"after {self.seconds:g} s" if self.seconds else "at once"
        return (
            f"the database {self.url} is being migrated by {self.holder}; gave up"
            f" {waited}, and changed nothing. Let it finish, then run the command"
            " again, or wait longer with '--wait'"
        )


@declared
class CannotLock(DatabaseError):
    """A database refuses what keeps two processes from migrating it at once."""

    url: str
    reason: str

    def _message(self) -> str:
        return (
            f"cannot lock the database {self.url} against other migrations:"
            f" {self.reason}; nothing was changed. The lock takes one connection more;"
            " where the server has no such locks, set MIGRATE_LOCK = False, and migrate"
            " in one place only"
        )


@declared
class LockLost(DatabaseError):
    """The session that held the lock has ended, so that others may have begun."""

    url: str

    def _message(self) -> str:
        return (
            f"the connection that held the lock of the database {self.url} was lost, so"
            " that another process may migrate it now; what was done until here stays."
            " Run the command again to go on"
        )


@declared
class RolledBack(DatabaseError):
    """A script rolled back what it had done, and came to its end all the same.

    :param count: how many statements are undone.
    """

    count: int

    def _message(self) -> str:
        return (
            f"the script rolled back {counted(self.count, 'statement')} by itself, so"
            " that not all it does is done; to try something out, use"
            " 'with op.get_bind().begin_nested():'"
        )


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, or the signal that asks a process to end.

    No :class:`MigrationError`: what a program does with its errors is not to hold
    up who wants it to stop.

    :param exit_status: what a shell expects of a process that ended so.
    """

    def __init__(self, message: str, exit_status: int) -> None:
        self.exit_status = exit_status
        super().__init__(message)


class StepInterrupted(Interrupted):
    """It came while a revision ran.

    :param failure: what was interrupted, and in what state the database is.
    """

    def __init__(self, failure: StepFailed, exit_status: int) -> None:
        self.failure = failure
        super().__init__(str(failure), exit_status)


def _statement(sql: str | None) -> str:
    return f"\n  SQL: {sql}" if sql else ""
