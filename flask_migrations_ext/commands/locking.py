"""Moving a database while nobody else does, and what is left to do after waiting."""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import ExitStack

from ..environment import Configured
from ..errors import ConcurrentChange
from ..execution.executor import DatabaseExecutor
from ..execution.lock import HeldLock
from ..execution.lock import locked
from ..execution.lock import Waiting
from ..execution.signals import ended_by_signals
from ..execution.signals import interrupted
from ..revisions.plan import Plan
from ..schema.model import TableName
from .running import version_table

log = logging.getLogger("flask_migrations_ext")

OnWait = Callable[[str], None]


def waiting_for(
    configured: Configured, command: str, wait: float | None, on_wait: OnWait | None
) -> Waiting:
    """Return how long a command waits for others.

    :param wait: how many seconds, in place of what is set.
    """
    seconds = configured.settings.lock_wait if wait is None else wait

    def told(holder: str) -> None:
        log.info("Waiting for %s, up to %g s", holder, seconds)
        if on_wait is not None:
            on_wait(holder)

    return Waiting(float(seconds), f"flask db {command}", told)


@contextmanager
def database_lock(configured: Configured, waiting: Waiting) -> Iterator[HeldLock]:
    """Hold the lock of the database that is configured within the block.

    In a transaction of the caller's, until that ends: what it did is not to be seen
    before.

    :raises LockTaken: if others hold it for too long.
    :raises Interrupted: if we are told to stop meanwhile.
    """
    connection = configured.connection
    if connection is None or not configured.settings.lock:
        yield HeldLock()
        return

    table = version_table(configured).table
    taken = locked(
        connection,
        configured.dialect,
        TableName(str(table.name), table.schema),
        waiting,
        configured.url,
        by_row=configured.settings.lock == "row",
    )
    with ended_by_signals(), ExitStack() as held:
        try:
            lock = held.enter_context(taken)
        except KeyboardInterrupt as stop:
            what = f"while it waited for the database {configured.url}"
            raise interrupted(stop, f"{what}: nothing was changed there") from stop
        try:
            yield lock
        finally:
            if configured.was_in_transaction and connection.in_transaction():
                executor = DatabaseExecutor(connection, configured.dialect)
                executor.at_end_of_callers(held.pop_all().close)


def left_of(plan: Plan, now: Sequence[str], again: Callable[[], Plan] | None) -> Plan:
    """Return what is left of a plan where another process may have done a part.

    :param now: where the database is.
    :param again: makes a new plan; None if it would mean something else now.
    :raises ConcurrentChange: if the plan does not come by there.
    """
    at = sorted(now)
    if at == sorted(plan.end):
        return Plan(tuple(now))

    for position, step in enumerate(plan.steps):
        if at == sorted(step.before):
            return Plan(tuple(now), plan.steps[position:])

    if again is None:
        raise ConcurrentChange(", ".join(plan.start), now)

    return again()
