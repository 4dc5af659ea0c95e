"""Locks and limits of a session: what each server has for who waits for whom."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa


class SessionLock:
    """A lock by name, asked for and never waited for.

    Waiting in the server keeps a transaction open there, which ``CREATE INDEX
    CONCURRENTLY`` waits for in turn.

    :param connection: one of its own, that commits each statement. The lock is held
        until it ends, however the process does.
    :param name: what is locked.
    """

    def __init__(self, connection: sa.Connection, name: str) -> None:
        self.connection = connection
        self.name = name

    @classmethod
    def scope(cls, connection: sa.Connection) -> str:
        """Return what tells the place that a connection works in from others."""
        raise NotImplementedError

    def introduce(self, who: str) -> None:
        """Have the server know who we are, and keep the session though it idles."""

    def take(self) -> bool:
        """Take the lock; return whether it was free."""
        raise NotImplementedError

    def is_held(self) -> bool:
        """Return whether it is still ours."""
        raise NotImplementedError

    def holder(self) -> str | None:
        """Return who holds it, in words; None if nobody does or it is not told."""
        raise NotImplementedError

    def digest(self) -> bytes:
        """Return the name as bytes of one length."""
        return hashlib.sha256(self.name.encode()).digest()


@dataclass(frozen=True)
class Limits:
    """For how many seconds a statement may wait for others, and how long it may take.

    :param lock: to wait; zero: as the server does.
    :param at_most: whether a shorter wait that the connection has is left to it.
    :param statement: to take; none: as long as it takes.
    """

    lock: float = 0.0
    at_most: bool = False
    statement: float | None = None

    def lock_of(self, present: float) -> float:
        """Return how long to wait where it is ``present`` now; zero is without end."""
        if not self.lock or (self.at_most and 0 < present < self.lock):
            return present

        return self.lock


class SessionLimits:
    """The limits of one session; here, of a server that knows none.

    :param connection: the one that migrates, which may be a caller's: when the block
        or the transaction ends, it is as it was.
    """

    def __init__(self, connection: sa.Connection, limits: Limits) -> None:
        self.connection = connection
        self.limits = limits

    @contextmanager
    def of_run(self) -> Iterator[None]:
        """Limit what the session does within the block."""
        yield

    def of_transaction(self) -> None:
        """Limit the transaction that has begun."""

    def outside(self, sql: str) -> None:
        """Limit a statement outside of any transaction, unless it holds up nobody."""

    def outside_ended(self) -> None:
        """Take back what :meth:`outside` has set."""

    def session(self) -> int | None:
        """Return how the server knows the session, without asking it."""
        return None

    @classmethod
    def blockers(cls, connection: sa.Connection, session: int) -> Sequence[str]:
        """Return who holds a session up now, in words.

        :param connection: another one.
        """
        return ()
