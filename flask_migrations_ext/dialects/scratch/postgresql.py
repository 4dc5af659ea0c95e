"""Scratch databases of PostgreSQL, which copies one from another as a template."""

from __future__ import annotations

import sqlalchemy as sa

from .servers import ServerDatabases

# Copying files beats writing each block to the log. Older servers know no other way.
_HAS_STRATEGIES = (15,)


class PostgresqlDatabases(ServerDatabases):
    """Databases on a server of PostgreSQL."""

    reached = "SELECT current_database()"

    def copy(self, source: sa.URL, name: str) -> sa.URL:
        with self._server() as connection:
            template = self._quoted(connection, source.database or "")
            version = connection.dialect.server_version_info or ()
            strategy = " STRATEGY file_copy" if version >= _HAS_STRATEGIES else ""
            made = self._creation(connection, name)
            connection.exec_driver_sql(f"{made} TEMPLATE {template}{strategy}")

        return self.url.set(database=name)

    def _drop(self, connection: sa.Connection, name: str) -> None:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
