"""The locks of PostgreSQL: an advisory one, and a row behind a pooler."""

from __future__ import annotations

import struct
from typing import Any
from typing import ClassVar

import sqlalchemy as sa

from ...schema.model import TableName
from ..lock import LeasedRow
from ..lock import Recovery
from ..lock import SessionLock

_TAKE = sa.text("SELECT pg_try_advisory_lock(:high, :low)")

_OF_LOCK = """
    SELECT {what} FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND l.classid::bigint = CAST(:high AS bigint) & 4294967295
      AND l.objid::bigint = CAST(:low AS bigint) & 4294967295
"""
_HOLDER = sa.text(
    _OF_LOCK.format(
        what="a.pid, a.application_name, host(a.client_addr),"
        " extract(epoch FROM clock_timestamp() - a.backend_start)::int"
    )
)
_IS_HELD = sa.text(_OF_LOCK.format(what="1") + " AND a.pid = pg_backend_pid()")


class PostgreSQLRow(LeasedRow):
    """A row of a table, for whom a pooler stands between."""

    now: ClassVar[str] = "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"


class AdvisoryLock(SessionLock):
    """A lock of the session, for one schema of a database."""

    row: ClassVar[type[SessionLock] | None] = PostgreSQLRow

    @classmethod
    def scope(cls, connection: sa.Connection) -> str:
        return str(connection.execute(sa.text("SELECT current_schema()")).scalar())

    @classmethod
    def is_private(cls, session: sa.Connection) -> bool:
        return _is_pooled(session)

    def introduce(self, who: str) -> None:
        named = sa.text("SELECT set_config('application_name', :who, false)")
        self.connection.execute(named, {"who": who[:63]})
        # Since version 14 a server may end sessions that idle, as this one does.
        kept = sa.text(
            "SELECT set_config(name, '0', false) FROM pg_settings"
            " WHERE name = 'idle_session_timeout'"
        )
        self.connection.execute(kept).all()

    def take(self) -> bool:
        return bool(self.connection.execute(_TAKE, self._key()).scalar())

    def is_held(self) -> bool:
        return self.connection.execute(_IS_HELD, self._key()).first() is not None

    def holder(self) -> str | None:
        found = self.connection.execute(_HOLDER, self._key()).first()
        if found is None:
            return None

        pid, application, address, seconds = found
        who = f"'{application}'" if application else "a process"
        where = f" at {address}" if address else ""
        return f"{who}{where} (server process {pid}), for {seconds or 0} s"

    def _key(self) -> dict[str, int]:
        high, low = struct.unpack(">ii", self.digest()[:8])
        return {"high": high, "low": low}


def _is_pooled(connection: sa.Connection) -> bool:
    """Return whether somebody stands between us and the server: PgBouncer, say.

    The driver was told another process of the server, when it connected, than the one
    that answers. False where the driver does not tell.
    https://www.postgresql.org/docs/current/protocol-message-formats.html
    (BackendKeyData)
    """
    driver: Any = connection.connection.driver_connection
    told = getattr(getattr(driver, "info", None), "backend_pid", None)
    for name in ("get_backend_pid", "get_server_pid"):
        ask = getattr(driver, name, None)
        if told is None and ask is not None:
            told = ask()

    return told is not None and told != _answering(connection)


def _answering(connection: sa.Connection) -> object:
    return connection.execute(sa.text("SELECT pg_backend_pid()")).scalar()


_UNFINISHED = sa.text("""
    SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
    FROM pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_class AS t ON t.oid = i.indrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE NOT i.indisvalid AND c.relname = :index AND t.relname = :table
      AND n.nspname = coalesce(:schema, current_schema())
""")


class PostgreSQLRecovery(Recovery):
    """An index that is built CONCURRENTLY, and broken off, stays as INVALID."""

    @classmethod
    def drop_unfinished(
        cls, connection: sa.Connection, table: TableName, index: str
    ) -> bool:
        values = {"index": index, "table": table.name, "schema": table.schema}
        name = connection.execute(_UNFINISHED, values).scalar()
        if name is None:
            return False

        # Where a transaction is open, its table is locked for a moment.
        inside = connection.connection.dbapi_connection
        outside = bool(getattr(inside, "autocommit", False))
        how = "CONCURRENTLY " if outside else ""
        connection.exec_driver_sql(f"DROP INDEX {how}{name}".replace("%", "%%"))
        return True
