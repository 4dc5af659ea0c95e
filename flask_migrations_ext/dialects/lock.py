"""A lock that a session of a database holds until it ends: what each server has."""

from __future__ import annotations

import hashlib

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
