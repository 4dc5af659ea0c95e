"""Runs a plan, a revision after the other, each in a transaction of its own.

A revision that fails leaves no trace where changes of tables can be rolled back;
the ones before it stay, and the version table says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import ExitStack
from contextlib import suppress

from ..dialects.dialect import RestartStep
from ..errors import ConcurrentChange
from ..errors import RolledBack
from ..errors import UnsupportedOperation
from ..errors.failure import Failure
from .current import running
from .executor import DatabaseExecutor
from .failures import is_of_database
from .history import VersionTable
from .journal.journal import Journal
from .journal.table import JournalTable
from .signals import ended_by_signals
from .steps.explanation import explained
from .steps.progress import Clock
from .steps.retries import Retries
from .steps.runnable import RunnableStep
from .steps.watch import watched

log = logging.getLogger("flask_migrations_ext")


def run_online(
    steps: Sequence[RunnableStep],
    executor: DatabaseExecutor,
    versions: VersionTable,
    on_step: Callable[[RunnableStep], None] | None = None,
    after_step: Callable[[RunnableStep], None] | None = None,
    *,
    before_step: Callable[[], None] | None = None,
    at_once: bool = False,
    retry: float = 0.0,
    on_hold_up: Callable[[str], None] = log.info,
) -> None:
    """Run the steps on a database.

    :param on_step: is called with each step before it runs.
    :param after_step: is called with each step at the end of its transaction.
    :param before_step: is called before each transaction, and may refuse it.
    :param at_once: whether one transaction may hold all, as nothing was there before.
        One that fails is rolled back alone, and those before it stay.
    :param retry: for how many seconds steps are tried again that others held up.
    :param on_hold_up: is called with who holds up a step, and when it is tried again.

    :raises StepFailed: if one fails; it says what state the database is in.
    :raises StepInterrupted: if Ctrl-C or a signal came while one ran.
    :raises ConcurrentChange: if another process moved the database meanwhile.
    """
    if not steps:
        return

    if not (executor.external or executor.scratch):
        beside = JournalTable(versions.name)
        executor.journal = Journal(
            beside, executor.connection, executor.dialect, executor.log
        )
    retries = Retries(executor.dialect, retry, on_hold_up)
    run = _Run(executor, versions, on_step, after_step, before_step, retries)
    with (
        ended_by_signals(),
        executor.limits.of_run(),
        watched(executor, on_hold_up),
    ):
        if executor.external:
            run.in_callers(steps)
        else:
            with executor.listening():
                run.each(run.at_once(steps) if at_once else steps)
            run.end()


class _Run:
    """One run of steps on a database."""

    def __init__(
        self,
        executor: DatabaseExecutor,
        versions: VersionTable,
        on_step: Callable[[RunnableStep], None] | None,
        after_step: Callable[[RunnableStep], None] | None,
        before_step: Callable[[], None] | None,
        retries: Retries,
    ) -> None:
        self._retries = retries
        self._executor = executor
        self._versions = versions
        self._on_step = on_step
        self._after_step = after_step
        self._before_step = before_step
        self._announced: set[str] = set()
        self._clock = Clock()
        self._done: list[str] = []
        self._table_is_there = False
        self._stands_at: tuple[int | None, tuple[str, ...]] = (None, ())

    def each(self, steps: Sequence[RunnableStep]) -> None:
        """Run each step in a transaction of its own."""
        for step in steps:
            if self._before_step is not None:
                self._before_step()
            if not self._executor.dialect.locks_by_transaction:
                self._announce(step)
            with self._explained(step):
                self._run_alone(step)
            self._table_is_there = True
            self._finish(step)

    def end(self) -> None:
        """Take away what is needed only while revisions run."""
        journal = self._executor.journal
        if journal is not None and not self._executor.dialect.transactional_ddl:
            journal.end()

    def in_callers(self, steps: Sequence[RunnableStep]) -> None:
        """Run steps in the transaction of the caller: all of them, or none."""
        executor = self._executor
        while True:
            try:
                with executor.dialect.joined(executor.connection):
                    for step in steps:
                        self._announce(step)
                        with self._explained(step):
                            self._attempt(step)
                        self._finish(step)
                return
            except RestartStep as restart:
                prepare = restart.prepare
                self._done.clear()
                self._table_is_there = False
            executor.at_end_of_callers(prepare(executor.connection))

    # -- all in one transaction --------------------------------------------

    def at_once(self, steps: Sequence[RunnableStep]) -> Sequence[RunnableStep]:
        """Run steps in one transaction; return those that want one of their own.

        What a script commits by itself, it commits for those before it as well: from
        there on each has its own. So has one that the database refuses here, as
        perhaps it only minds what is not committed yet.
        """
        failed: BaseException | None = None
        step = steps[0]
        try:
            with self._executor.transaction():
                self._enter(step)
                for step in steps:
                    self._announce(step)
                    failed = self._run_in_savepoint(step)
                    if failed is None:
                        self._finish(step)
                    self._refuse_loss()
                    if failed is not None or self._executor.log.ends:
                        break
        except BaseException as error:
            log = self._executor.log
            if not log.kept_before:
                # Nothing is left of any.
                lost, self._done = self._done, []
                if lost and (log.ends or self._is_of_database(error)):
                    return steps
            with self._explained(step):
                if not isinstance(error, RestartStep):
                    raise
                self._refuse_restart()

        self._table_is_there = True
        if failed is not None and not self._wants_its_own(failed):
            with self._explained(step):
                raise failed

        return steps[len(self._done) :]

    def _run_in_savepoint(self, step: RunnableStep) -> BaseException | None:
        """Run a step; return what it raised, if that is rolled back."""
        executor = self._executor
        executor.set_savepoint()
        executor.forget()
        try:
            self._perform(step)
            if not executor.log.ends:
                executor.release_savepoint()
        except BaseException as error:
            executor.log.settle(error)
            if executor.log.ends or executor.connection.invalidated:
                raise
            if executor.journal is not None:
                executor.journal.abandon()
            executor.return_to_savepoint()
            return error

        return None

    def _refuse_loss(self) -> None:
        # A script that rolls back by itself does so with those before it, too.
        if self._executor.log.ends[:1] == ["rollback"] and len(self._done) > 1:
            raise RolledBack(len(self._done))

    def _wants_its_own(self, error: BaseException) -> bool:
        return isinstance(error, RestartStep) or self._is_of_database(error)

    def _is_of_database(self, error: BaseException) -> bool:
        return is_of_database(error, self._executor.sa_dialect)

    # -- one step ----------------------------------------------------------

    def _announce(self, step: RunnableStep) -> None:
        # Once, even if it runs again.
        if step.id in self._announced:
            return

        self._announced.add(step.id)
        self._clock.start(step)
        # A line that nobody can read any more does not decide over a database.
        with suppress(OSError, UnicodeError):
            log.info("Running %s %s", step.verb, step.title)
        if self._on_step is not None:
            with suppress(OSError, UnicodeError):
                self._on_step(step)

    def _finish(self, step: RunnableStep) -> None:
        self._done.append(step.id)
        self._clock.stop(step)

    def _run_alone(self, step: RunnableStep) -> None:
        with ExitStack() as restored:
            while True:
                try:
                    with self._executor.transaction():
                        self._attempt(step)
                    return
                except RestartStep as restart:
                    self._refuse_restart()
                    prepare = restart.prepare
                except Exception as error:
                    if not (self._can_go_on and self._retries.waited(error)):
                        raise
                    continue
                restored.callback(prepare(self._executor.connection))

    @property
    def _can_go_on(self) -> bool:
        """Whether a step may be tried again: what it has done is undone, or noted."""
        committed = self._executor.committed
        journal = self._executor.journal
        return not committed or (journal is not None and journal.covers(committed))

    def _refuse_restart(self) -> None:
        """Raise an error if what a step has done cannot be undone for another try."""
        if self._executor.committed:
            raise UnsupportedOperation(
                self._executor.dialect.title,
                "rebuild a table that others point to in a revision that has an"
                " autocommit_block() before it",
                "move the one or the other into a revision of its own",
            ) from None

    def _attempt(self, step: RunnableStep) -> None:
        with self._executor.transaction():
            if not self._is_known_to_be_at(step.before):
                self._enter(step)
            # Only now is it sure that no other process runs it.
            self._announce(step)
            self._perform(step)
            self._keep_in_mind(step)

    def _is_known_to_be_at(self, heads: tuple[str, ...]) -> bool:
        """Return whether we left the database there, and nobody came since."""
        mark, known = self._stands_at
        if mark is None or not self._table_is_there or known != heads:
            return False

        return mark == self._executor.foreign_commits()

    def _keep_in_mind(self, step: RunnableStep) -> None:
        """Keep where the database stands, unless the script may have moved it."""
        log, name = self._executor.log, self._versions.table.name
        ours = sum(1 for _ in self._versions.changes(step.before, step.heads))
        said = sum(name in sql for sql in log.executed)
        is_ours = not log.ends and said <= ours
        mark = self._executor.foreign_commits() if is_ours else None
        self._stands_at = (mark, step.heads)

    def _enter(self, step: RunnableStep) -> None:
        """See that the database is where the step begins.

        :raises ConcurrentChange: if it is elsewhere.
        """
        connection = self._executor.connection
        known = self._table_is_there or self._versions.exists(connection)
        found = self._versions.rows(connection) if known else ()
        if found != tuple(sorted(step.before)):
            raise ConcurrentChange(", ".join(step.before), found)

        if not known:
            self._executor.run(self._versions.create())
            self._executor.forget()

    def _perform(self, step: RunnableStep) -> None:
        executor = self._executor
        journal = executor.journal
        if journal is not None:
            journal.open(step.id, step.verb)
        with running(executor):
            try:
                step.run()
            except Exception as error:
                self._prepare_for(error)
                raise
        executor.log.settle()
        if journal is not None:
            journal.close()
        if executor.log.discarded:
            raise RolledBack(executor.log.discarded)
        if "rollback" in executor.log.ends and not self._table_is_there:
            # Before anything of its own, it has rolled back what was ours.
            if not self._versions.exists(executor.connection):
                executor.run(self._versions.create())

        self._versions.move(executor.connection, step.before, step.heads)
        if journal is not None:
            journal.finish()
        if self._after_step is not None:
            self._after_step(step)

    def _prepare_for(self, error: Exception) -> None:
        """Have the step begin again where it used what has to be committed first.

        :raises RestartStep: if that is why it failed, and nothing is committed yet.
        """
        executor = self._executor
        if executor.dialect.failure(error) is not Failure.UNCOMMITTED:
            return

        prepare = executor.dialect.done_first(executor.executed)
        if prepare is not None and not (executor.committed or executor.external):
            raise RestartStep(prepare) from error

    @contextmanager
    def _explained(self, step: RunnableStep) -> Iterator[None]:
        try:
            yield
        except RestartStep:
            raise
        except BaseException as error:
            explanation = explained(
                error, step, self._executor, self._versions, self._done
            )
            if explanation is error:
                raise
            raise explanation from error
