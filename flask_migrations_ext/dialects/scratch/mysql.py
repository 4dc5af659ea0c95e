"""Scratch databases of MySQL and MariaDB, which have no templates to copy."""

from __future__ import annotations

import sqlalchemy as sa

from .servers import ServerDatabases


class MysqlDatabases(ServerDatabases):
    """Databases on a server of MySQL or MariaDB."""

    are_schemas = True
    reached = "SELECT DATABASE()"

    def _creation(self, connection: sa.Connection, name: str) -> str:
        # What a table does not say of its text, it has from its database.
        found = connection.exec_driver_sql(
            "SELECT @@character_set_database, @@collation_database"
        ).one()
        return (
            f"{super()._creation(connection, name)}"
            f" CHARACTER SET {found[0]} COLLATE {found[1]}"
        )

    def copy(self, source: sa.URL, name: str) -> sa.URL | None:
        return None
