"""Scratch databases that a server has, each by its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from ...errors import NoScratchDatabase
from ...errors.failure import driver_error
from ...masking import shown_url
from ...masking import without_secrets_of
from .databases import ScratchDatabases


class ServerDatabases(ScratchDatabases):
    """Databases on the server of the app's one."""

    reached = ""
    """The query that tells the name of the one that a connection is at."""

    def create(self, name: str) -> sa.URL:
        with self._server() as connection:
            connection.exec_driver_sql(self._creation(connection, name))

        return self.url.set(database=name)

    def _creation(self, connection: sa.Connection, name: str) -> str:
        return f"CREATE DATABASE {self._quoted(connection, name)}"

    def drop(self, url: sa.URL) -> None:
        with self._server() as connection:
            self._drop(connection, self._quoted(connection, url.database or ""))

    def _drop(self, connection: sa.Connection, name: str) -> None:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")

    def reached_by(self, connection: sa.Connection) -> str:
        return str(connection.exec_driver_sql(self.reached).scalar())

    @contextmanager
    def _server(self) -> Iterator[sa.Connection]:
        """Yield a connection to the app's database, whose statements need no commit."""
        engine = sa.create_engine(
            self.url, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT"
        )
        try:
            with engine.connect() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            cause = (
                driver_error(error) if isinstance(error, sa.exc.DBAPIError) else error
            )
            reason = without_secrets_of(self.url, " ".join(str(cause).split()))
            raise NoScratchDatabase(shown_url(self.url), reason) from error

    @staticmethod
    def _quoted(connection: sa.Connection, name: str) -> str:
        return str(connection.dialect.identifier_preparer.quote(name))
