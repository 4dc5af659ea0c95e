"""What a kind of database has to say to have others made beside it.

The one that an app is configured with is asked for no more than that.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from ...errors import NoScratchDatabase
from ...masking import shown_url


class ScratchDatabases:
    """Databases beside one that an app uses. Kinds that have such override all.

    :param url: the app's database, which stays as it is.
    :param folder: where they are, if they are files.
    """

    are_schemas = False
    """Whether a database is a schema: names of tables begin with it."""

    def __init__(self, url: sa.URL, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def create(self, name: str) -> sa.URL:
        """Return the URL of a new and empty database.

        :raises NoScratchDatabase: if there can be none.
        """
        raise NoScratchDatabase(
            shown_url(self.url), "there is no way to make one on this kind of database"
        )

    def at(self, database: str) -> sa.URL:
        """Return the URL of a database that was made here, by its name in URLs."""
        return self.url.set(database=database)

    def copy(self, source: sa.URL, name: str) -> sa.URL | None:
        """Return the URL of a new database with all that another one has.

        None if there is no quick way: then nothing is left of the attempt.

        :raises FileNotFoundError: if that one is a file, and is not there.
        """
        raise NotImplementedError

    def drop(self, url: sa.URL) -> None:
        """Drop a database that was made here, if it is there."""
        raise NotImplementedError

    def reached_by(self, connection: sa.Connection) -> str:
        """Return the name, as URLs have it, of the database that a connection is at."""
        raise NotImplementedError
