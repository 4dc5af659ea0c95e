"""Errors about a revision that stopped half-way, as the journal tells."""

from __future__ import annotations

from .base import declared
from .databases import DatabaseError

_SHOWN_LINES = 40


@declared
class HalfApplied(DatabaseError):
    """Another revision has to come to its end before this one.

    :param direction: in which it stopped, ``upgrade`` or ``downgrade``.
    :param asked: the revision that was to run.
    """

    revision: str
    direction: str
    asked: str

    def _message(self) -> str:
        return (
            f"{self.direction} of revision '{self.revision}' stopped half-way, and a"
            f" part of it stayed; '{self.asked}' is not the one to run now, and was not"
            f" touched. Go on with it first: 'flask db {self.direction}"
            f" {self._target()}';"
            " 'flask db repair' shows what it has done"
        )

    def _target(self) -> str:
        return self.revision if self.direction == "upgrade" else "-1"


@declared
class CannotNote(DatabaseError):
    """A database refuses the table that tells what a half-applied revision has done.

    :param sql: what makes the table.
    """

    revision: str
    table: str
    reason: str
    sql: str

    def _message(self) -> str:
        return (
            f"what revision '{self.revision}' does cannot be rolled back if it stops"
            f" half-way, and the table {self.table}, which tells how to go on then,"
            f" cannot be made: {self.reason}; nothing of the revision stayed. Have"
            " MIGRATE_DATABASE_URI name one who may make and drop tables, or have such"
            " a one make this one, with the right to read and write it:\n"
            f"  {self.sql}"
        )


@declared
class RevisionEdited(DatabaseError):
    """The script of a half-applied revision is not the one that was begun.

    :param ordinal: which operation of it.
    :param did: what it did then.
    :param now: what it says there now.
    """

    revision: str
    direction: str
    ordinal: int
    did: str
    now: str

    def _message(self) -> str:
        return (
            f"{self.direction} of revision '{self.revision}' stopped half-way, and its"
            f" script has changed where it was done already: operation {self.ordinal}"
            f" was '{self.did}', and now the script {self.now}. Put it back as it was"
            " up to there, and change what follows; 'flask db repair' shows what is"
            " done"
        )


@declared
class UndoneByHand(DatabaseError):
    """What a half-applied revision has done is not there any more.

    :param what: the statement that did it, in short.
    """

    revision: str
    direction: str
    what: str

    def _message(self) -> str:
        return (
            f"{self.direction} of revision '{self.revision}' stopped half-way after"
            f" '{self.what}', of which nothing is there any more, so that what follows"
            " would be wrong. If all that the revision did was undone by hand, say"
            " 'flask db repair --forget', and run the command again; else put it back"
        )


@declared
class InDoubt(DatabaseError):
    """Nobody knows whether a statement came to its end before its process did.

    :param what: the statement, in short.
    :param table: the one that it changes; empty if that is not known.
    :param before: how that was defined before; None if that is not known.
    :param found: how it is now.
    """

    revision: str
    direction: str
    what: str
    table: str
    before: str | None
    found: str | None

    def _message(self) -> str:
        return (
            f"{self.direction} of revision '{self.revision}' was ended in the middle of"
            f" '{self.what}', and what the database holds does not tell whether that is"
            f" done.\n{self._states()}"
            "  If it is done, say 'flask db repair --done'; if not, 'flask db repair"
            " --undone'. Then run the command again: it goes on from there"
        )

    def _states(self) -> str:
        if self.before is None:
            return ""

        states = (("before it", self.before), ("now", self.found))
        return "".join(
            f"  The table '{self.table}' {when}:\n{_indented(text)}\n"
            for when, text in states
        )


def _indented(text: str | None) -> str:
    lines = (text or "(not there)").splitlines()
    more = ["…"] if len(lines) > _SHOWN_LINES else []
    return "\n".join(f"    {line}" for line in [*lines[:_SHOWN_LINES], *more])


@declared
class NothingInDoubt(DatabaseError):
    """There is nothing half applied to say something of."""

    how: str

    def _message(self) -> str:
        if self.how == "forget":
            return "no revision is half applied, so there is nothing to forget"

        return (
            "of no statement is it in doubt whether it is done; 'flask db repair' shows"
            " what is"
        )
