"""The database servers of one test run, and fresh databases on them.

A server belongs to the run that started it: it listens on a port of its own, keeps
its files in a temporary folder, and is gone when the run ends, however it ends.
Servers that were there before are never touched.
"""

from __future__ import annotations

import fcntl
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

SERVERS = ("postgresql", "mariadb")

PROJECT = Path(__file__).parents[2]


class ServerUnavailable(Exception):
    """A server that cannot be had on this machine, and why."""


@dataclass(frozen=True)
class Server:
    """A running database server. ``url`` is its administrator's."""

    name: str
    url: sa.URL

    def create_database(self) -> sa.URL:
        """Return the URL of a new and empty database with a name of its own."""
        name = f"test_{uuid.uuid4().hex[:16]}"
        # template0 can be copied at any time; template1 only while nobody looks at it.
        # Copying files beats writing each block to the log, three times and more.
        suffix = {
            "postgresql": "TEMPLATE template0 STRATEGY file_copy",
            "mariadb": "CHARACTER SET utf8mb4",
        }[self.name]
        self._run(f"CREATE DATABASE {name} {suffix}")
        return self.url.set(database=name)

    def drop_database(self, url: sa.URL) -> None:
        """Drop a database, and the connections that a test left open on it."""
        if self.name == "postgresql":
            self._run(f"DROP DATABASE IF EXISTS {url.database} WITH (FORCE)")
        else:
            self._disconnect(url)
            self._run(f"DROP DATABASE IF EXISTS {url.database}")

    def _disconnect(self, url: sa.URL) -> None:
        # An open transaction would make DROP DATABASE wait for it.
        sessions = self._run(
            f"SELECT id FROM information_schema.processlist WHERE db = '{url.database}'"
        )
        for session in sessions:
            with suppress(sa.exc.DBAPIError):  # it ended by itself
                self._run(f"KILL {session}")

    def _run(self, statement: str) -> list[object]:
        with administration(self.url).connect() as connection:
            result = connection.exec_driver_sql(statement)
            return list(result.scalars()) if result.returns_rows else []


@functools.cache
def administration(url: sa.URL) -> sa.Engine:
    """Return an engine that is made once: it asks a server for its abilities first."""
    return sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")


@dataclass(frozen=True)
class ServerRoom:
    """The servers of one run, shared by its processes: a folder, and file locks in it.

    The process that opens the room holds the lock ``alive``. Each server has a keeper
    (see :mod:`tests.databases.keeper`) that waits for this lock: it gets it when the
    owner closes the room or dies, and then stops its server.
    """

    directory: Path
    alive: IO[str] | None = None
    keepers: list[subprocess.Popen[str]] = field(default_factory=list)

    @classmethod
    def opened(cls) -> ServerRoom:
        """Return a new room. The caller owns it and has to close it."""
        directory = Path(tempfile.mkdtemp(prefix="fme-"))
        # Servers do not run as root, they have to get through to their own folder.
        directory.chmod(0o711)
        alive = (directory / "alive").open("w")
        # lockf, not flock: children made by fork must not keep the room open.
        fcntl.lockf(alive, fcntl.LOCK_EX)
        return cls(directory, alive)

    def server(self, name: str) -> Server:
        """Return a running server; the first call of all processes starts it.

        :raises ServerUnavailable: if it cannot be had on this machine.
        """
        folder = self.directory / name
        folder.mkdir(mode=0o711, exist_ok=True)
        report = folder / "report.json"
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not report.exists():
                report.touch(mode=0o600)
                report.write_text(self._started(name, folder))
        found = json.loads(report.read_text())
        if "url" not in found:
            raise ServerUnavailable(found["unavailable"])
        return Server(name, sa.make_url(found["url"]))

    def close(self) -> None:
        """Stop the servers, and return when they are gone with their files."""
        if self.alive is None:
            return
        self.alive.close()
        for kept in self.directory.glob("*/kept"):
            with suppress(FileNotFoundError), kept.open() as lock:
                fcntl.flock(lock, fcntl.LOCK_SH)
        for keeper in self.keepers:
            keeper.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _started(self, name: str, folder: Path) -> str:
        """Return the first words of a new keeper: JSON with its URL or its excuse."""
        if name in names_in("FLASK_MIGRATIONS_WITHOUT"):
            return json.dumps({"unavailable": "left out by FLASK_MIGRATIONS_WITHOUT"})
        with (folder / "kept").open("w") as kept:
            # The keeper inherits this lock, and holds it as long as it lives.
            fcntl.flock(kept, fcntl.LOCK_EX)
            keeper = subprocess.Popen(
                [sys.executable, "-m", "tests.databases.keeper", name, str(folder)],
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                text=True,
                pass_fds=[kept.fileno()],
                # Ctrl-C is for the tests; the keeper ends after them.
                start_new_session=True,
            )
        # Else the end of a still running Popen object would be a ResourceWarning.
        self.keepers.append(keeper)
        assert keeper.stdout is not None
        with keeper.stdout as words:
            return words.readline() or json.dumps({"unavailable": "its keeper died"})


def names_in(variable: str) -> tuple[str, ...]:
    """Return the names in an environment variable, which separates them by commas."""
    names = os.environ.get(variable, "").split(",")
    return tuple(name.strip() for name in names if name.strip())
