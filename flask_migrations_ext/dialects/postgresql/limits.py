"""How long PostgreSQL waits, ``lock_timeout`` and ``statement_timeout``; for whom."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from ...masking import shown_query
from ..lock import SessionLimits
from .transaction import runs_outside

log = logging.getLogger("flask_migrations_ext")

# The columns are computed in order: what was there comes first.
_SET_LOCK = (
    "SELECT current_setting('lock_timeout'), current_setting('statement_timeout'),"
    " set_config('lock_timeout', CASE WHEN :at_most AND"
    " extract(epoch FROM current_setting('lock_timeout')::interval)"
    " BETWEEN 0.0005 AND :lock THEN current_setting('lock_timeout')"
    " ELSE CAST(:lock_ms AS text) END, :local)"
)
_SET_STATEMENT = (
    ", set_config('statement_timeout', CAST(:statement_ms AS text), :local)"
)
_ASK = sa.text("SELECT current_setting('lock_timeout')")
_RETURN = sa.text(
    "SELECT set_config('lock_timeout', :lock, :local),"
    " set_config('statement_timeout', :statement, :local)"
)

_BLOCKERS = sa.text("""
    SELECT a.pid, a.application_name, a.state,
      extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.query_start))::int
        AS seconds,
      a.query
    FROM unnest(pg_blocking_pids(:session)) AS b (pid)
    JOIN pg_stat_activity AS a ON a.pid = b.pid
    ORDER BY seconds DESC NULLS LAST LIMIT 3
""")


class PostgreSQLLimits(SessionLimits):
    """Set in each transaction: a server between may give each to another session."""

    _before: tuple[str, str] | None = None

    @contextmanager
    def of_run(self) -> Iterator[None]:
        # A transaction that is there already is a caller's, and goes on after us.
        found = self._set(local=True) if self.connection.in_transaction() else None
        yield
        if found is not None:
            self._set_back(found[0], found[1], local=True)

    def of_transaction(self) -> None:
        self._set(local=True)

    def outside(self, sql: str) -> None:
        # What runs concurrently waits for all transactions there are, and holds up
        # nobody meanwhile. Broken off, it would leave an index that is of no use.
        if runs_outside(sql):
            self.outside_ended()
        elif self._before is None and (found := self._set(local=False)):
            before, self._before = found[:2], found[:2]
            now = self.connection.execute(_ASK).scalar()
            if now != found[2]:
                log.warning(
                    "lock_timeout is %s, not %s as was set: a server between hands the"
                    " session to others; connect directly to migrate (was %s)",
                    now,
                    found[2],
                    before[0],
                )

    def outside_ended(self) -> None:
        before, self._before = self._before, None
        if before is not None:
            self._set_back(*before, local=False)

    def _set_back(self, lock: str, statement: str, *, local: bool) -> None:
        values = {"lock": lock, "statement": statement, "local": local}
        self.connection.execute(_RETURN, values).all()

    def session(self) -> int | None:
        driver: Any = self.connection.connection.driver_connection
        asked = getattr(driver, "get_server_pid", None)
        if asked is not None:
            return int(asked())

        found = getattr(getattr(driver, "info", None), "backend_pid", None)
        return None if found is None else int(found)

    @classmethod
    def blockers(cls, connection: sa.Connection, session: int) -> Sequence[str]:
        rows = connection.execute(_BLOCKERS, {"session": session}).all()
        return [_blocker(*row) for row in rows]

    def _set(self, *, local: bool) -> tuple[str, str, str] | None:
        """Set the limits; return what was there of both, and what one is now."""
        limits = self.limits
        if not limits.lock and limits.statement is None:
            return None

        values: dict[str, object] = {
            "at_most": limits.at_most or not limits.lock,
            "lock": limits.lock or 1e9,
            "lock_ms": round(limits.lock * 1000),
            "local": local,
        }
        sql = _SET_LOCK
        if limits.statement is not None:
            sql += _SET_STATEMENT
            values["statement_ms"] = round(limits.statement * 1000)
        row = self.connection.execute(sa.text(sql), values).one()
        return str(row[0]), str(row[1]), str(row[2])


def _blocker(
    pid: int,
    application: str | None,
    state: str | None,
    seconds: int | None,
    sql: str | None,
) -> str:
    who = f"'{application}', " if application else ""
    since = f" for {seconds} s" if seconds is not None else ""
    doing = f": {shown_query(sql)}" if sql else ""
    return f"{who}server process {pid}, {state or 'at work'}{since}{doing}"
