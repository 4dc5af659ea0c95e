"""What each server has for its sessions: locks, limits, and traces of a broken one."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from typing import ClassVar

import sqlalchemy as sa

from ..schema.model import TableName
from ..schema.own_tables import lock_table


class SessionLock:
    """A lock by name, asked for and never waited for.

    Waiting in the server keeps a transaction open there, which ``CREATE INDEX
    CONCURRENTLY`` waits for in turn.

    :param connection: one of its own, that commits each statement. The lock is held
        until it ends, however the process does.
    :param name: what is locked.
    :param version_table: the table that it is about.
    """

    row: ClassVar[type[SessionLock] | None] = None
    """What stands in for it where a session's lock is not everybody's."""

    renewed_every: ClassVar[float | None] = None
    """In how many seconds it has to be renewed; None if it lasts by itself."""

    def __init__(
        self, connection: sa.Connection, name: str, version_table: TableName
    ) -> None:
        self.connection = connection
        self.name = name
        self.version_table = version_table

    @classmethod
    def scope(cls, connection: sa.Connection) -> str:
        """Return what tells the place that a connection works in from others."""
        raise NotImplementedError

    @classmethod
    def is_private(cls, session: sa.Connection) -> bool:
        """Return whether others would not see such a lock of this session."""
        return False

    def introduce(self, who: str) -> None:
        """Have the server know who we are, and keep the session though it idles."""

    def take(self) -> bool:
        """Take the lock; return whether it was free."""
        raise NotImplementedError

    def is_held(self) -> bool:
        """Return whether it is still ours."""
        raise NotImplementedError

    def catch_up(self, connection: sa.Connection) -> None:
        """Have a connection see all that was done before the lock was taken."""

    def renew(self) -> bool:
        """Have it last longer; return whether it is still ours."""
        return self.is_held()

    def release(self) -> None:
        """Give it back, where the end of the session does not."""

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


LEASE = 30
"""For how many seconds a row is ours without a word from us."""

UNATTENDED = 900
"""The same where nobody can speak while a statement runs: with asynchronous drivers."""

_CREATE = """
CREATE TABLE IF NOT EXISTS {table} (
    name VARCHAR(64) NOT NULL PRIMARY KEY,
    token VARCHAR(32) NOT NULL,
    holder VARCHAR(200) NOT NULL,
    taken_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
)
"""
_KNOWN = "SELECT 1 FROM {table} WHERE name = :name"
_ADD = """
INSERT INTO {table} (name, token, holder, taken_at, expires_at)
VALUES (:name, :token, :holder, {now}, {now} + :lease)
"""
_TAKE = """
UPDATE {table}
SET token = :token, holder = :holder, taken_at = {now}, expires_at = {now} + :lease
WHERE name = :name AND expires_at < {now}
"""
_RENEW = """
UPDATE {table} SET expires_at = {now} + :lease WHERE name = :name AND token = :token
"""
_RELEASE = """
UPDATE {table} SET token = '', expires_at = 0 WHERE name = :name AND token = :token
"""
_HOLDER = """
SELECT holder, {now} - taken_at AS seconds FROM {table} WHERE name = :name
"""


class LeasedRow(SessionLock):
    """A row of a table beside the version table. Needs a connection, not a session.

    A cluster's nodes do not know each other's sessions, and a pooler lends a session
    to whoever comes next. A row is the same for all. As nobody gives it back for a
    process that died, it runs out, by the database's clock; who works on renews it
    meanwhile. Who was asleep for longer has lost it, and is told before the next
    revision; the version table, whose row is changed only from what it was, stops
    whoever did not ask.
    """

    now: ClassVar[str]
    """The database's clock: whole seconds."""

    renewed_every: ClassVar[float | None] = LEASE / 3

    def introduce(self, who: str) -> None:
        self._token = uuid.uuid4().hex
        is_async = self.connection.dialect.is_async
        self._said = {
            "name": self.digest().hex(),
            "token": self._token,
            "holder": who[:200],
            "lease": UNATTENDED if is_async else LEASE,
        }
        if not self._is_there():
            self._create()

    def take(self) -> bool:
        try:
            if self._changed(_TAKE):
                return True
            if self._run(_KNOWN).first() is not None:
                return False
            return self._changed(_ADD)
        except sa.exc.DBAPIError as error:
            # Others were quicker: by the key, or as the nodes of a cluster agreed.
            if error.connection_invalidated or self._run(_KNOWN).first() is None:
                raise
            return False

    def is_held(self) -> bool:
        return self.renew()

    def renew(self) -> bool:
        """Have it last from now on; return whether it is still ours."""
        return self._changed(_RENEW)

    def release(self) -> None:
        self._run(_RELEASE)

    def holder(self) -> str | None:
        found = self._run(_HOLDER).first()
        if found is None:
            return None

        return f"{found.holder}, for {found.seconds} s"

    # -- parts -------------------------------------------------------------

    def _is_there(self) -> bool:
        table = lock_table(self.version_table)
        inspector = sa.inspect(self.connection)
        return bool(inspector.has_table(table.name, schema=table.schema))

    def _create(self) -> None:
        try:
            self._run(_CREATE)
        except sa.exc.DBAPIError:
            # IF NOT EXISTS does not keep two that begin together apart.
            if not self._is_there():
                raise

    def _changed(self, sql: str) -> bool:
        return self._run(sql).rowcount == 1

    def _run(self, sql: str) -> sa.CursorResult[Any]:
        quote = self.connection.dialect.identifier_preparer
        table = lock_table(self.version_table)
        names = [quote.quote(part) for part in (table.schema, table.name) if part]
        statement = sa.text(sql.format(table=".".join(names), now=self.now))
        wanted = {name: self._said[name] for name in statement._bindparams}
        return self.connection.execute(statement, wanted)


class Recovery:
    """What a session that ended too soon may have left; here, nothing of its own."""

    @classmethod
    def definition(cls, connection: sa.Connection, table: str) -> str | None:
        """Return how a table is defined, as the server says it; None if it does not.

        :param table: its name as SQL. Empty is returned if it is not there.
        """
        return None

    @classmethod
    def drop_unfinished(
        cls, connection: sa.Connection, table: TableName, index: str
    ) -> bool:
        """Drop an index that was never finished; return whether there was one."""
        return False
