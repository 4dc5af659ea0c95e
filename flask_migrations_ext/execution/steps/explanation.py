"""The error that a person gets for a revision that failed: what, where, what next."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import CannotNote
from ...errors import ConcurrentChange
from ...errors import DatabaseLocked
from ...errors import HalfApplied
from ...errors import InDoubt
from ...errors import MigrationError
from ...errors import RevisionEdited
from ...errors import StepFailed
from ...errors import StepInterrupted
from ...errors import UndoneByHand
from ...errors.caught import caught_as
from ...errors.databases import TEMPORARY
from ...errors.failure import Failure
from ..executor import DatabaseExecutor
from ..failure_report import state_after
from ..failures import hint_for
from ..failures import is_our_bug
from ..failures import line_in
from ..failures import may_commit
from ..failures import reason_of
from ..failures import statement_of
from ..history import VersionTable
from ..signals import status_of
from .retries import passes
from .runnable import RunnableStep

_SAY_ALL = (CannotNote, HalfApplied, RevisionEdited, UndoneByHand, InDoubt)


def explained(
    error: BaseException,
    step: RunnableStep,
    executor: DatabaseExecutor,
    versions: VersionTable,
    done: Sequence[str],
) -> BaseException:
    """Return the error to raise for one that ended a step; itself if it says all.

    :param done: the revisions that ran before in the same run.
    """
    half_done = executor.log.committed > 0
    if isinstance(error, ConcurrentChange) and not half_done:
        error.applied = tuple(done)
        return error

    if isinstance(error, _SAY_ALL):
        return error

    if is_our_bug(error, executor.sa_dialect):
        return error

    found = _found(executor, versions)
    hint = hint_for(error, executor.dialect, _stamp(executor, step, found))
    failure = StepFailed(
        revision=step.id,
        direction=step.verb,
        path=step.path,
        line=line_in(error, step.path) if step.path else None,
        reason=f"{reason_of(error)}{hint}",
        state=state_after(executor, step.before, step.heads, done, error, found),
        sql=statement_of(error),
        applied=done,
        database=step.database,
    )
    if isinstance(error, KeyboardInterrupt):
        return StepInterrupted(failure, status_of(error))

    if _is_temporary(error, executor):
        failure.exit_status = MigrationError.exit_status if half_done else TEMPORARY
    return caught_as(failure, error)


def _is_temporary(error: BaseException, executor: DatabaseExecutor) -> bool:
    if isinstance(error, DatabaseLocked) or passes(error, executor.dialect):
        return True

    # Where nothing is rolled back, nobody knows what a lost connection left.
    lost = executor.dialect.failure(error) is Failure.DISCONNECTED
    return lost and executor.dialect.transactional_ddl


def _found(
    executor: DatabaseExecutor, versions: VersionTable
) -> tuple[str, ...] | None:
    """Return what the version table holds, now that all is rolled back."""
    connection = executor.connection
    if executor.external or connection.closed or connection.invalidated:
        return None

    try:
        found = versions.read(connection)
        connection.rollback()
    except Exception:
        # It has failed already; that it cannot be asked either is no news.
        return None
    return found


def _stamp(
    executor: DatabaseExecutor, step: RunnableStep, found: tuple[str, ...] | None
) -> str | None:
    """Return what to stamp if all that a step makes is there already.

    Not where a part of it may be what an earlier try has left: then the rest
    would never be done.
    """
    if (
        step.verb != "upgrade"
        or found != tuple(sorted(step.before))
        or executor.log.ends
        or not executor.dialect.transactional_ddl
        or may_commit(step.path)
    ):
        return None

    return " ".join(step.heads)
