"""The lock of a database: of many processes that would migrate it, one does.

The others wait, look again, and mostly find that nothing is left to do.
"""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa

from ..dialects.dialect import Dialect
from ..dialects.lock import SessionLock
from ..errors import CannotLock
from ..errors import LockLost
from ..errors import LockTaken
from ..errors.failure import Failure
from ..schema.model import TableName

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
        return pauses(self.seconds)


def pauses(seconds: float) -> Iterator[None]:
    """Yield as often as there is time to try, and wait in between, longer each time."""
    until = time.monotonic() + seconds
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

    def __init__(
        self, is_held: Callable[[], bool] | None = None, url: str = ""
    ) -> None:
        self._is_held = is_held
        self._url = url

    def check(self) -> None:
        """See that it is still ours.

        :raises LockLost: if it is not: others may have begun.
        """
        if self._is_held is None:
            return

        try:
            held = self._is_held()
        except sa.exc.DBAPIError:
            held = False
        if not held:
            raise LockLost(self._url)


@contextmanager
def locked(
    connection: sa.Connection,
    dialect: Dialect,
    version_table: TableName,
    waiting: Waiting,
    url: str,
    *,
    by_row: bool = False,
) -> Iterator[HeldLock]:
    """Hold the lock of a version table within the block.

    :param url: the database, to be named.
    :param by_row: whether it is a row, also where the server seems to have better.
    :raises LockTaken: if others do, for longer than is waited.
    :raises CannotLock: if the database refuses the session that would hold it.
    """
    if dialect.session_lock is None:
        with dialect.waiting(connection, waiting.seconds, waiting.on_wait):
            yield HeldLock()
        return

    was_in_transaction = connection.in_transaction()
    kind = dialect.session_lock
    table = f"{version_table.schema or ''}.{version_table.name}"
    name = f"{kind.scope(connection)}/{table}"
    if not was_in_transaction:
        connection.rollback()
    with session_of_its_own(connection.engine, url) as session:
        lock = _lock(kind, session, by_row)(session, name, version_table)
        _take(lock, waiting, url)
        with renewed(lock) as is_held:
            lock.catch_up(connection)
            yield HeldLock(is_held, url)


def _lock(
    kind: type[SessionLock], session: sa.Connection, by_row: bool
) -> type[SessionLock]:
    if kind.row is not None and (by_row or kind.is_private(session)):
        return kind.row

    return kind


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


@contextmanager
def renewed(lock: SessionLock) -> Iterator[Callable[[], bool]]:
    """Keep a lock within the block, and give it back; yield what asks if it is ours.

    An asynchronous driver answers in its own thread only: there, asking renews.
    """
    alone = threading.Lock()
    ended = threading.Event()

    def is_held() -> bool:
        with alone:
            return lock.is_held()

    def renew() -> None:
        while not ended.wait(lock.renewed_every):
            # What cannot be reached now is asked again; who owns it asks as well.
            with alone, suppress(sa.exc.DBAPIError):
                if not lock.renew():
                    return

    thread = None
    if lock.renewed_every is not None and not lock.connection.dialect.is_async:
        thread = threading.Thread(target=renew, name="migration lock", daemon=True)
        thread.start()
    try:
        yield is_held
    finally:
        ended.set()
        if thread is not None:
            thread.join()
        with suppress(sa.exc.DBAPIError):
            lock.release()
