"""What every new connection to the shop's database sets before it is used."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

ON_CONNECT = {
    # SQLite declares foreign keys and does not enforce them unless asked.
    "sqlite": "PRAGMA foreign_keys=ON",
    # DATETIME has no time zone here, so now() has to mean UTC.
    "mariadb": "SET time_zone = '+00:00'",
    "mysql": "SET time_zone = '+00:00'",
}


def prepare_connections(engine: sa.Engine) -> None:
    """Make each connection of this engine keep foreign keys and count in UTC."""
    statement = ON_CONNECT.get(engine.dialect.name)
    if statement is None:
        return

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute(statement)
        cursor.close()
