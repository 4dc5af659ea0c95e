"""Runs a plan, a revision after the other, each in a transaction of its own.

A revision that fails leaves no trace where changes of tables can be rolled back;
the ones before it stay, and the version table says so.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from ..dialects.dialect import RestartStep
from ..errors import ConcurrentChange
from ..errors import DatabaseLocked
from ..errors import MigrationError
from ..errors import StepFailed
from ..errors import UnsupportedOperation
from .current import running
from .executor import DatabaseExecutor
from .executor import TextExecutor
from .failure_report import state_after
from .failures import hint_for
from .failures import is_of_database
from .failures import line_in
from .failures import reason_of
from .failures import statement_of
from .history import VersionTable

log = logging.getLogger("flask_migrations_ext")

_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class RunnableStep:
    """One revision to run, and where the database stands before and afterwards.

    ``title`` is how the log names it, ``run`` calls what the script defines;
    ``database`` is empty for the default one.
    """

    id: str
    verb: str
    title: str
    path: Path | None
    before: tuple[str, ...]
    heads: tuple[str, ...]
    run: Callable[[], None]
    parents: tuple[str, ...] = ()
    database: str = ""


def run_online(
    steps: Sequence[RunnableStep],
    executor: DatabaseExecutor,
    versions: VersionTable,
    on_step: Callable[[RunnableStep], None] | None = None,
    after_step: Callable[[RunnableStep], None] | None = None,
) -> None:
    """Run the steps on a database.

    :param on_step: is called with each step before it runs.
    :param after_step: is called with each step at the end of its transaction.

    :raises StepFailed: if one fails; it says what state the database is in.
    :raises ConcurrentChange: if another process moved the database meanwhile.
    """
    announced: set[str] = set()

    def announce(step: RunnableStep) -> None:
        # Once, even if it runs again.
        if step.id in announced:
            return
        announced.add(step.id)
        log.info("Running %s %s", step.verb, step.title)
        if on_step is not None:
            on_step(step)

    def run_all() -> None:
        done: list[str] = []
        for step in steps:
            announce(step)
            with _explained(step, executor, done):
                _run_step(step, executor, versions, after_step)
            done.append(step.id)

    if executor.external:
        _run_in_callers(run_all, executor)
    else:
        run_all()


def _run_in_callers(run: Callable[[], None], executor: DatabaseExecutor) -> None:
    """Run steps in the transaction of the caller: all of them, or none."""
    while True:
        try:
            with executor.dialect.joined(executor.connection):
                run()
            return
        except RestartStep as restart:
            prepare = restart.prepare
        executor.at_end_of_callers(prepare(executor.connection))


def _run_step(
    step: RunnableStep,
    executor: DatabaseExecutor,
    versions: VersionTable,
    after_step: Callable[[RunnableStep], None] | None,
) -> None:
    if executor.external:
        _attempt(step, executor, versions, after_step)
        return

    with ExitStack() as restored:
        while True:
            try:
                _attempt(step, executor, versions, after_step)
                return
            except RestartStep as restart:
                _refuse_restart(executor)
                prepare = restart.prepare
            restored.callback(prepare(executor.connection))


def _refuse_restart(executor: DatabaseExecutor) -> None:
    """Raise an error if what a step has done cannot be undone for another try."""
    if executor.committed:
        raise UnsupportedOperation(
            executor.dialect.title,
            "rebuild a table that others point to in a revision that has an"
            " autocommit_block() before it",
            "move the one or the other into a revision of its own",
        ) from None


def _attempt(
    step: RunnableStep,
    executor: DatabaseExecutor,
    versions: VersionTable,
    after_step: Callable[[RunnableStep], None] | None,
) -> None:
    with executor.transaction():
        found = versions.read(executor.connection)
        if found != tuple(sorted(step.before)):
            raise ConcurrentChange(", ".join(step.before), found)

        if not versions.exists(executor.connection):
            executor.run(versions.create())
            executor.forget()

        with running(executor):
            step.run()
        versions.move(executor.connection, step.before, step.heads)
        if after_step is not None:
            after_step(step)


def run_as_text(
    steps: Sequence[RunnableStep],
    executor: TextExecutor,
    versions: VersionTable,
    *,
    create_table: bool,
) -> None:
    """Write the steps as SQL text.

    :param create_table: whether the version table is to be created first.
    :raises StepFailed: if a script needs a live database.
    """
    if create_table:
        with executor.transaction():
            executor.run(versions.create())

    for step in steps:
        with executor.transaction():
            executor.comment(f"Running {step.verb} {step.title}")
            with _explained(step, executor, []), running(executor):
                step.run()
            write_move(executor, versions, step.before, step.heads)


def write_move(
    executor: TextExecutor,
    versions: VersionTable,
    before: Sequence[str],
    after: Sequence[str],
) -> None:
    """Write what moves the version table from one set of ids to another."""
    for change in versions.changes(before, after):
        executor.run(change.statement)


@contextmanager
def _explained(
    step: RunnableStep, executor: DatabaseExecutor | TextExecutor, done: Sequence[str]
) -> Iterator[None]:
    try:
        yield
    except ConcurrentChange:
        raise
    except Exception as error:
        if _is_our_bug(error, executor):
            raise

        raise StepFailed(
            revision=step.id,
            direction=step.verb,
            path=step.path,
            line=line_in(error, step.path) if step.path else None,
            reason=f"{reason_of(error)}{hint_for(error)}",
            state=_state(step, executor, done, error),
            sql=statement_of(error),
            applied=done,
            database=step.database,
        ) from error


def _is_our_bug(error: Exception, executor: DatabaseExecutor | TextExecutor) -> bool:
    if isinstance(error, (MigrationError, sa.exc.SQLAlchemyError)):
        return False

    if is_of_database(error, executor.sa_dialect):
        return False

    last = traceback.extract_tb(error.__traceback__)[-1]
    return Path(last.filename).resolve().is_relative_to(_PACKAGE)


def _state(
    step: RunnableStep,
    executor: DatabaseExecutor | TextExecutor,
    done: Sequence[str],
    error: Exception,
) -> str:
    if isinstance(executor, TextExecutor):
        return "nothing was written"

    failed = statement_of(error)
    if isinstance(error, DatabaseLocked):
        # It says itself what to do, and there is nothing wrong with the script.
        return state_after(executor, step.before, step.heads, done, failed, advice="")

    return state_after(executor, step.before, step.heads, done, failed)
