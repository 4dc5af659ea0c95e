"""What a revision that failed leaves behind, in words: where the database is now."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ConcurrentChange
from ..errors import DatabaseLocked
from ..errors.failure import Failure
from ..masking import shown_sql
from ..wording import counted
from .executor import DatabaseExecutor
from .failures import one_line

_OF_OTHERS = (Failure.LOCKED, Failure.DEADLOCK, Failure.DISCONNECTED)
_NO_FAULT = (*_OF_OTHERS, Failure.TIMED_OUT, Failure.FULL, Failure.FORBIDDEN)


def state_after(
    executor: DatabaseExecutor,
    before: Sequence[str],
    heads: Sequence[str],
    done: Sequence[str],
    error: BaseException,
    found: Sequence[str] | None,
) -> str:
    """Return where the database is, and what a person does next.

    :param before: what the version table held when the revision began.
    :param heads: what it would hold if the revision had come to its end.
    :param done: the revisions that ran before in the same run.
    :param found: what the version table holds now; None if it cannot be asked.
    """
    if executor.scratch:
        return "nothing was written, and no database was asked"

    earlier = _earlier(executor, done)
    log = executor.log
    at = _named(before if found is None else found)
    if log.committed:
        return _half_done(executor, before, heads, error, found, earlier)

    if executor.external:
        return _of_the_caller(executor, at) + earlier

    if _is_lost(executor, error):
        doubt = (
            ""
            if executor.dialect.transactional_ddl and "block" not in log.ends
            else ", and nobody knows whether the last statement came through"
        )
        return (
            "the connection was lost: the server rolls back what it had not committed"
            f"{doubt}; the database was at {at}{earlier}. Run the command again when"
            " the server is there"
        )

    outcome = (
        "it was rolled back and left no trace"
        if executor.dialect.transactional_ddl or log.executed or log.discarded
        else "nothing of it was done"
    )
    advice = _advice(executor, error)
    return f"{outcome}: the database is at {at}{earlier}. {advice}".rstrip(". ")


def _earlier(executor: DatabaseExecutor, done: Sequence[str]) -> str:
    if not done:
        return ""

    count = counted(len(done), "revision")
    if executor.external:
        return f"; before it, {count} ran in the same transaction"

    return f"; before it, {count} of this run stayed"


def _of_the_caller(executor: DatabaseExecutor, at: str) -> str:
    connection = executor.connection
    if connection.closed or connection.invalidated:
        return "the connection of the caller was lost, and its transaction with it"

    if executor.dialect.is_in_transaction(connection):
        return "the transaction is the caller's, to commit or to roll back"

    return (
        "the transaction, the caller's, was rolled back with all that ran in it:"
        f" the database is at {at}"
    )


def _half_done(
    executor: DatabaseExecutor,
    before: Sequence[str],
    heads: Sequence[str],
    error: BaseException,
    found: Sequence[str] | None,
    earlier: str,
) -> str:
    moved = found is not None and set(found) != set(before)
    version = (
        f"while the version table says {_named(found or ())}"
        if moved
        else f"while the version table still says {_named(before)}"
    )
    blamed = "correct the script and " if _may_be_wrong(executor, error) else ""
    if not moved and _is_noted(executor):
        again = f"{blamed}run the command again"
        return (
            f"{_reason(executor)}: {_listed(executor)}, {version}{earlier}."
            f" What is done is noted, and will not be done twice:"
            f" {again}, to go on where it stopped"
        )

    finish = (
        ""
        if moved or not _may_be_finished(executor, error)
        else "; or finish the revision by hand and run"
        f" 'flask db stamp {' '.join(heads) or 'base'}'"
    )
    return (
        f"{_reason(executor)}: {_listed(executor)}, {version}{earlier}."
        f" Undo this by hand, then {blamed}run the command again{finish}"
    )


def _is_noted(executor: DatabaseExecutor) -> bool:
    """Return whether the next run knows what this one has done."""
    journal, log = executor.journal, executor.log
    return journal is not None and not log.uncertain and journal.covers(log.committed)


def _may_be_finished(executor: DatabaseExecutor, error: BaseException) -> bool:
    # Who tries a half-done revision again meets what the first try has left: what
    # else is missing, then, is not in the list above.
    if isinstance(error, (ConcurrentChange, SystemExit)):
        return False

    return executor.dialect.failure(error) is not Failure.DUPLICATE


def _may_be_wrong(executor: DatabaseExecutor, error: BaseException) -> bool:
    """Return whether there may be something wrong with the script."""
    if isinstance(error, (KeyboardInterrupt, DatabaseLocked, ConcurrentChange)):
        return False

    return executor.dialect.failure(error) not in _NO_FAULT


def _advice(executor: DatabaseExecutor, error: BaseException) -> str:
    if isinstance(error, (DatabaseLocked, ConcurrentChange)):
        # They say themselves what to do.
        return ""

    if isinstance(error, KeyboardInterrupt):
        return "Run the command again to go on"

    if executor.dialect.failure(error) is Failure.TIMED_OUT:
        return (
            "The statement took longer than it may: allow it more with"
            " '--statement-timeout', or MIGRATE_STATEMENT_TIMEOUT, or have it do less"
        )

    if executor.dialect.failure(error) is Failure.FULL:
        return "There is no room for it: make some, then run the command again"

    if executor.dialect.failure(error) is Failure.FORBIDDEN:
        return (
            "Whoever is connected may not do that: grant it, or have"
            " MIGRATE_DATABASE_URI name one who may, then run the command again"
        )

    if executor.dialect.failure(error) in _OF_OTHERS:
        return (
            "Nothing is wrong with the script: others use what it needs. Let them"
            " finish, then run the command again"
        )

    return "Correct the script, then run the command again"


def _is_lost(executor: DatabaseExecutor, error: BaseException) -> bool:
    return (
        executor.connection.invalidated
        or executor.dialect.failure(error) is Failure.DISCONNECTED
    )


def _named(ids: Sequence[str]) -> str:
    return " and ".join(ids) or "base"


def _reason(executor: DatabaseExecutor) -> str:
    log = executor.log
    if not executor.dialect.transactional_ddl:
        return f"{executor.dialect.title} cannot roll back changes of tables"

    if not log.ended:
        return "autocommit_block() had committed a part of it"

    if log.uncertain:
        return "the script, or what it called, had ended the transaction by itself"

    return "the script had committed a part of it by itself"


def _listed(executor: DatabaseExecutor) -> str:
    log = executor.log
    stayed = log.executed[: log.committed]
    count = counted(len(stayed), "statement")
    perhaps = "perhaps " if log.uncertain else ""
    return (
        f"{perhaps}{count} of this revision stayed, the last one '{_shown(stayed[-1])}'"
    )


def _shown(text: str) -> str:
    text = one_line(shown_sql(text))
    return text if len(text) <= 120 else f"{text[:117]}..."
