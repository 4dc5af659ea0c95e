"""Scratch databases that are files in a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import sqlalchemy as sa

from .databases import ScratchDatabases

# What a database keeps beside its file.
_COMPANIONS = ("", "-journal", "-wal", "-shm")


class FileDatabases(ScratchDatabases):
    """Files, each a database; also for one that lives in memory."""

    def create(self, name: str) -> sa.URL:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.at(str(self.folder / f"{name}.db"))

    def at(self, database: str) -> sa.URL:
        return self.url.set(database=database, query={})

    def copy(self, source: sa.URL, name: str) -> sa.URL:
        made = self.create(name)
        shutil.copyfile(source.database or "", made.database or "")
        return made

    def drop(self, url: sa.URL) -> None:
        for end in _COMPANIONS:
            Path(f"{url.database}{end}").unlink(missing_ok=True)

    def reached_by(self, connection: sa.Connection) -> str:
        found = connection.exec_driver_sql("PRAGMA database_list").all()
        return next((str(row[2]) for row in found if row[1] == "main"), "")
