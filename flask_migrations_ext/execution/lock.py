"""The lock of a database: of many processes that would migrate it, one does.

The others wait, look again, and mostly find that nothing is left to do.
"""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa

from ..dialects.dialect import Dialect
from ..dialects.lock import SessionLock
from ..errors import CannotLock
from ..errors import LockLost
from ..errors import LockTaken
from ..errors.failure import Failure

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 2.0

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Waiting:
    """How long is waited for others, and who is told that it is.

    :param command: what the others are told that we do.
    :param on_wait: is called once, with who holds the lock.
    """

    seconds: float
    command: str
    on_wait: Callable[[str], None]

    def pauses(self) -> Iterator[None]:
        """Yield as often as there is time to try, and wait in between."""
        until = time.monotonic() + self.seconds
        pause = _FIRST_PAUSE
        while True:
            yield
            left = until - time.monotonic()
            if left <= 0:
                return

            # Not all at once, where many were started at once.
            time.sleep(min(left, pause * random.uniform(0.5, 1.5)))  # noqa: S311 - no secret
            pause = min(pause * 1.5, _LONGEST_PAUSE)


class HeldLock:
    """The lock while we have it; of a database without one, nothing."""

    def __init__(self, lock: SessionLock | None = None, url: str = "") -> None:
        self._lock = lock
        self._url = url

    def check(self) -> None:
        """See that it is still ours.

        :raises LockLost: if it is not: others may have begun.
        """
        if self._lock is None:
            return

        try:
            held = self._lock.is_held()
        except sa.exc.DBAPIError:
            held = False
        if not held:
            raise LockLost(self._url)


@contextmanager
def locked(
    connection: sa.Connection,
    dialect: Dialect,
    version_table: str,
    waiting: Waiting,
    url: str,
) -> Iterator[HeldLock]:
    """Hold the lock of a version table within the block.

    :param url: the database, to be named.
    :raises LockTaken: if others do, for longer than is waited.
    :raises CannotLock: if the database refuses the session that would hold it.
    """
    if dialect.session_lock is None:
        with dialect.waiting(connection, waiting.seconds, waiting.on_wait):
            yield HeldLock()
        return

    was_in_transaction = connection.in_transaction()
    name = f"{dialect.session_lock.scope(connection)}/{version_table}"
    if not was_in_transaction:
        connection.rollback()
    with session_of_its_own(connection.engine, url) as session:
        lock = dialect.session_lock(session, name)
        _take(lock, waiting, url)
        yield HeldLock(lock, url)


@contextmanager
def session_of_its_own(engine: sa.Engine, url: str) -> Iterator[sa.Connection]:
    """Open a connection that commits each statement, and is in no pool of the app.

    :raises CannotLock: if that fails.
    """
    # Made as those of the app, and not taken from it: its pool may hold just one.
    own = sa.Engine(engine.pool.recreate(), engine.dialect, engine.url)
    try:
        session = own.connect().execution_options(isolation_level="AUTOCOMMIT")
    except sa.exc.DBAPIError as error:
        raise CannotLock(url, str(error.orig)) from error

    try:
        with session:
            yield session
    finally:
        own.dispose()


def _take(lock: SessionLock, waiting: Waiting, url: str) -> None:
    told = False
    try:
        lock.introduce(f"{waiting.command} on {socket.gethostname()} ({os.getpid()})")
        for _ in waiting.pauses():
            if lock.take():
                return

            if not told:
                told = True
                waiting.on_wait(lock.holder() or "another process")
        holder = lock.holder() or "another process"
    except sa.exc.DBAPIError as error:
        raise CannotLock(url, str(error.orig)) from error

    raise LockTaken(url, holder, waiting.seconds)


def patiently(ask: Callable[[], Answer], dialect: Dialect, waiting: Waiting) -> Answer:
    """Return the answer of a database that others may hold for a moment.

    :raises DBAPIError: what it says at last.
    """
    refusal: BaseException | None = None
    for _ in waiting.pauses():
        try:
            return ask()
        except sa.exc.DBAPIError as error:
            if dialect.failure(error) is not Failure.LOCKED:
                raise
            refusal = error

    assert refusal is not None
    raise refusal
