"""How long MySQL and MariaDB wait: for tables, for rows, and for whom."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from ...masking import shown_query
from ..lock import SessionLimits

log = logging.getLogger("flask_migrations_ext")

_WAITS = ("lock_wait_timeout", "innodb_lock_wait_timeout")

# Who holds a table is not told without a plug-in; who has a transaction open may.
_BLOCKERS = sa.text("""
    SELECT p.id, p.user, p.host, p.command,
      TIMESTAMPDIFF(SECOND, t.trx_started, NOW()), p.info
    FROM information_schema.innodb_trx AS t
    JOIN information_schema.processlist AS p ON p.id = t.trx_mysql_thread_id
    WHERE p.id <> :session AND p.db <=> (
      SELECT db FROM information_schema.processlist WHERE id = :session)
    ORDER BY t.trx_started LIMIT 3
""")


class MySQLLimits(SessionLimits):
    """Set for the session, and set back: there is nothing smaller."""

    @contextmanager
    def of_run(self) -> Iterator[None]:
        with self._between_transactions():
            before = self._set()
        try:
            yield
        finally:
            if before and not (self.connection.closed or self.connection.invalidated):
                with self._between_transactions():
                    self._say(before)

    @contextmanager
    def _between_transactions(self) -> Iterator[None]:
        # Asking begins one, which a caller of ours has not begun.
        was_inside = self.connection.in_transaction()
        yield
        if not was_inside:
            self.connection.rollback()

    def session(self) -> int | None:
        driver: Any = self.connection.connection.driver_connection
        asked = getattr(driver, "thread_id", None)
        found = asked() if callable(asked) else getattr(driver, "connection_id", None)
        return found if isinstance(found, int) else None

    @classmethod
    def blockers(cls, connection: sa.Connection, session: int) -> Sequence[str]:
        rows = connection.execute(_BLOCKERS, {"session": session}).all()
        return [_blocker(*row) for row in rows]

    def _set(self) -> dict[str, float]:
        """Set what is limited; return what was there before."""
        limits = self.limits
        names = [*_WAITS] if limits.lock else []
        if limits.statement is not None:
            names.append(self._longest_statement)
        if not names:
            return {}

        before = self._asked(names)
        wanted: dict[str, float] = {
            name: math.ceil(limits.lock_of(before[name])) for name in names
        }
        if limits.statement is not None:
            wanted[self._longest_statement] = self._longest(limits.statement)
        self._say(wanted)
        if (found := self._asked(names)) != wanted:
            log.warning("the server has %s, not %s as was set", found, wanted)
        return before

    @property
    def _longest_statement(self) -> str:
        is_mariadb = getattr(self.connection.dialect, "is_mariadb", False)
        return "max_statement_time" if is_mariadb else "max_execution_time"

    def _longest(self, seconds: float) -> float:
        # One has seconds; the other milliseconds, and counts queries alone.
        return seconds if "statement" in self._longest_statement else seconds * 1000

    def _asked(self, names: Sequence[str]) -> dict[str, float]:
        asked = ", ".join(f"@@SESSION.{name}" for name in names)
        row = self.connection.exec_driver_sql(f"SELECT {asked}").one()
        return {name: float(each) for name, each in zip(names, row, strict=True)}

    def _say(self, values: Mapping[str, float]) -> None:
        said = (f"SESSION {name} = {value:g}" for name, value in values.items())
        self.connection.exec_driver_sql(f"SET {', '.join(said)}")


def _blocker(
    id: int, user: str, host: str, command: str, seconds: int | None, sql: str | None
) -> str:
    since = f", in a transaction for {seconds} s" if seconds is not None else ""
    doing = f": {shown_query(sql)}" if sql else f" ({command})"
    return f"{user} at {host}, server process {id}{since}{doing}"
