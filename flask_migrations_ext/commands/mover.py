"""Moving one database along a plan, under its lock."""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import partial
from typing import Any

from ..config import Settings
from ..dialects.lock import Limits
from ..environment import Configured
from ..errors import ConcurrentChange
from ..errors import MigrationError
from ..errors import StepInterrupted
from ..execution.executor import DatabaseExecutor
from ..execution.history import VersionTable
from ..execution.lock import patiently
from ..execution.runner import run_online
from ..execution.steps.runnable import RunnableStep
from ..record.keeping import Changes
from ..record.keeping import changes_of
from ..record.keeping import Keeper
from ..revisions.graph import RevisionGraph
from ..revisions.plan import Plan
from ..revisions.target import Target
from ..signals import told
from ..signals import ToldRevisions
from .locking import database_lock
from .locking import left_of
from .locking import OnWait
from .locking import waiting_for
from .planning.consent import Consent
from .reports import DatabaseRun
from .runnable import runnable
from .running import known_heads
from .running import version_table

log = logging.getLogger("flask_migrations_ext")

LOCK_TIMEOUT = 10.0
"""For how many seconds a statement waits for others, unless it is said otherwise."""

OnStep = Callable[[RunnableStep], None]
Planner = Callable[[RevisionGraph, Sequence[str], Target], Plan]


@dataclass(frozen=True)
class Patience:
    """What is put up with of others, in seconds, in place of what is set.

    :param on_hold_up: is called with who holds up a revision.
    """

    lock_timeout: float | None = None
    statement_timeout: float | None = None
    on_hold_up: OnWait | None = None

    def limits(self, settings: Settings) -> Limits:
        """Return how long the statements of a run may wait, and take."""
        said = _first(self.lock_timeout, settings.lock_timeout)
        return Limits(
            lock=LOCK_TIMEOUT if said is None else said,
            at_most=said is None,
            statement=_first(self.statement_timeout, settings.statement_timeout),
        )

    def told(self, who: str) -> None:
        """Tell who holds a revision up."""
        log.info("A revision waits: %s", who)
        if self.on_hold_up is not None:
            self.on_hold_up(who)


def _first(*values: float | None) -> float | None:
    return next((each for each in values if each is not None), None)


@dataclass(frozen=True)
class Mover:
    """How databases are moved: by which plan, and while nobody else does.

    :param sender: who sends the signals: the app.
    """

    command: str
    planner: Planner
    on_step: OnStep | None
    wait: float | None
    on_wait: OnWait | None
    patience: Patience = Patience()
    consent: Consent = Consent()
    sender: Any = None

    def move(
        self, configured: Configured, graph: RevisionGraph, target: Target
    ) -> DatabaseRun:
        """Move a database to a target; return what was done."""
        facts = {"database": configured.title, "url": configured.url}
        with told(self.command, self.sender, **facts) as said:
            run = said.more["run"] = self._move(configured, graph, target)

        return run

    def _move(
        self, configured: Configured, graph: RevisionGraph, target: Target
    ) -> DatabaseRun:
        waiting = waiting_for(configured, self.command, self.wait, self.on_wait)

        def now() -> tuple[str, ...]:
            return patiently(
                lambda: known_heads(configured, graph), configured.dialect, waiting
            )

        at = now()
        plan = self.planner(graph, at, target)
        changes = Changes({})
        # Nothing else is asked where nothing is to be done.
        if plan.steps or configured.settings.record:
            changes = changes_of(configured, graph, at)
        notes = changes.notes
        if not plan.steps:
            return replace(self._by(configured, plan), notes=notes)

        if changes.is_protected:
            # Not while others wait for the lock.
            self.consent.check_plan(configured, plan)
        done: list[str] = []
        with database_lock(configured, waiting) as lock:
            while True:
                heads = now()
                again = partial(self.planner, graph, heads, target)
                left = left_of(plan, heads, None if target.from_database else again)
                if changes.is_protected and not {*left.steps} <= {*plan.steps}:
                    self.consent.check_plan(configured, left)
                try:
                    run = self._by(configured, left, lock.check)
                except ConcurrentChange as error:
                    # Where a transaction is the lock, others have their turn between
                    # two of them.
                    if (
                        not configured.dialect.locks_by_transaction
                        or error.found == heads
                    ):
                        raise
                    done += error.applied
                    continue
                ours = [each for each in plan.steps if each.revision.id in done]
                return replace(run, steps=(*ours, *run.steps), notes=notes)

    def _by(
        self,
        configured: Configured,
        plan: Plan,
        check_lock: Callable[[], None] | None = None,
    ) -> DatabaseRun:
        return move_by(
            configured, plan, self.on_step, check_lock, self.patience, self.sender
        )


def move_by(
    configured: Configured,
    plan: Plan,
    on_step: OnStep | None = None,
    check_lock: Callable[[], None] | None = None,
    patience: Patience = Patience(),
    sender: Any = None,
) -> DatabaseRun:
    """Run a plan on a database; return what was done.

    :param check_lock: raises an error if others may have begun.
    :param patience: how long others are waited for.
    :param sender: who sends the signals.
    """
    connection = configured.connection
    assert connection is not None
    versions = version_table(configured)
    # All are loaded before the first one runs: a file that cannot be read
    # must not leave the database half way.
    asked = DatabaseExecutor(connection, configured.dialect)
    steps = runnable(plan, configured, asked)
    if plan.steps:
        versions.check_width(connection, [step.revision.id for step in plan.steps])
        if not configured.was_in_transaction:
            connection.rollback()

    at_once = _from_nothing(configured, plan, versions)
    limits = patience.limits(configured.settings)
    revisions = ToldRevisions(sender, configured.title, at_once, on_step)
    keeper = Keeper(configured, plan)

    def begins(step: RunnableStep) -> None:
        keeper.begins()
        revisions.begins(step)

    def ended(step: RunnableStep) -> None:
        keeper.ends(step)
        tell(configured, step)
        revisions.ends(step)

    try:
        run_online(
            steps,
            DatabaseExecutor(connection, configured.dialect, limits=limits),
            versions,
            begins,
            after_step=ended,
            before_step=check_lock,
            at_once=at_once,
            retry=configured.settings.retry,
            on_hold_up=patience.told,
        )
    except (MigrationError, StepInterrupted) as error:
        failure = getattr(error, "failure", error)
        revisions.stays(only=getattr(failure, "applied", ()))
        raise

    revisions.stays()
    return DatabaseRun(
        configured.title,
        configured.url,
        plan.start,
        plan.end,
        plan.steps,
        is_open=configured.was_in_transaction,
    )


def _from_nothing(configured: Configured, plan: Plan, versions: VersionTable) -> bool:
    """Return whether a plan builds a database that has nothing, all at once."""
    connection = configured.connection
    if (
        connection is None
        or configured.was_in_transaction
        or configured.settings.transaction_per_migration
        or not configured.dialect.savepoints
        or plan.start
        or len(plan.steps) < 2
    ):
        return False

    try:
        return versions.is_alone(connection)
    finally:
        connection.rollback()


def tell(configured: Configured, step: RunnableStep) -> None:
    """Call what is to be called after each revision."""
    for function in configured.settings.on_version_apply:
        function(
            ctx=configured,
            step=step,
            heads=set(step.heads),
            run_args=dict(configured.arguments),
        )
