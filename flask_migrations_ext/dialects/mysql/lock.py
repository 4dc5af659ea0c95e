"""The lock by name of MySQL and MariaDB, ``GET_LOCK``."""

from __future__ import annotations

import sqlalchemy as sa

from ..lock import SessionLock

_HOLDER = sa.text(
    "SELECT id, user, host, time FROM information_schema.processlist"
    " WHERE id = IS_USED_LOCK(:name)"
)


class NamedLock(SessionLock):
    """A lock of the session. Names are those of the whole server, and short."""

    @classmethod
    def scope(cls, connection: sa.Connection) -> str:
        return str(connection.execute(sa.text("SELECT DATABASE()")).scalar())

    def introduce(self, who: str) -> None:
        # A session that idles is ended after a time, and the lock with it.
        self.connection.execute(sa.text("SET SESSION wait_timeout = 2147483"))

    def take(self) -> bool:
        return bool(self._asked("SELECT GET_LOCK(:name, 0)"))

    def is_held(self) -> bool:
        return bool(self._asked("SELECT IS_USED_LOCK(:name) = CONNECTION_ID()"))

    def holder(self) -> str | None:
        found = self.connection.execute(_HOLDER, {"name": self._key()}).first()
        if found is None:
            return None

        id, user, host, seconds = found
        return f"{user} at {host} (server process {id}), for {seconds} s"

    def _asked(self, sql: str) -> object:
        return self.connection.execute(sa.text(sql), {"name": self._key()}).scalar()

    def _key(self) -> str:
        return f"flask-migrations-ext:{self.digest().hex()[:40]}"
