"""The locks of MySQL and MariaDB: one by name, and a row in a cluster."""

from __future__ import annotations

import re
from typing import Any
from typing import ClassVar

import sqlalchemy as sa

from ...errors.failure import number_of
from ..lock import LeasedRow
from ..lock import Recovery
from ..lock import SessionLock

_HOLDER = sa.text(
    "SELECT id, user, host, time FROM information_schema.processlist"
    " WHERE id = IS_USED_LOCK(:name)"
)


class MySQLRow(LeasedRow):
    """A row of a table, for the nodes of a cluster."""

    now: ClassVar[str] = "UNIX_TIMESTAMP()"

    def catch_up(self, connection: sa.Connection) -> None:
        # A node may be behind the one that has agreed to the lock.
        if getattr(connection.dialect, "is_mariadb", False):
            waited = "SET STATEMENT wsrep_sync_wait = 15 FOR SELECT 1"
            connection.execute(sa.text(waited)).all()


class NamedLock(SessionLock):
    """A lock of the session. Names are those of the whole server, and short."""

    row: ClassVar[type[SessionLock] | None] = MySQLRow

    @classmethod
    def scope(cls, connection: sa.Connection) -> str:
        return str(connection.execute(sa.text("SELECT DATABASE()")).scalar())

    @classmethod
    def is_private(cls, session: sa.Connection) -> bool:
        return _is_shared(session)

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


# Locks by name are those of one node.
# https://mariadb.com/kb/en/mariadb-galera-cluster-known-limitations/
# https://dev.mysql.com/doc/refman/8.4/en/group-replication-limitations.html
_CLUSTER = sa.text(
    "SHOW GLOBAL VARIABLES WHERE variable_name IN"
    " ('wsrep_on', 'group_replication_group_name')"
)


def _is_shared(connection: sa.Connection) -> bool:
    """Return whether a lock by name would not be everybody's.

    So it is in a cluster of Galera or of MySQL, and where a proxy stands between: it
    gives another session than the one that the driver was told of.
    """
    found = connection.execute(_CLUSTER).all()
    if any(value not in ("", "OFF", "0") for _, value in found):
        return True

    driver: Any = connection.connection.driver_connection
    ask = getattr(driver, "thread_id", None)
    told = ask() if callable(ask) else getattr(driver, "connection_id", None)

    return told is not None and told != _answering(connection)


def _answering(connection: sa.Connection) -> object:
    return connection.execute(sa.text("SELECT CONNECTION_ID()")).scalar()


# The next number changes with each row.
_COUNTER = re.compile(r" AUTO_INCREMENT=\d+")
_NO_SUCH_TABLE = (1146, 1049)


class MySQLRecovery(Recovery):
    """A change of a table is done or not, and its definition tells."""

    @classmethod
    def definition(cls, connection: sa.Connection, table: str) -> str | None:
        try:
            asked = f"SHOW CREATE TABLE {table}".replace("%", "%%")
            row = connection.exec_driver_sql(asked).one()
        except sa.exc.DBAPIError as error:
            if number_of(error) in _NO_SUCH_TABLE:
                return ""
            raise

        return _COUNTER.sub("", str(row[1]))
