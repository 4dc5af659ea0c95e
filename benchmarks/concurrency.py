"""Has many processes upgrade one database at once: each revision has to run once.

``python benchmarks/concurrency.py --on galera --revisions 50 --rounds 20``

Too heavy for the tests, which do it with a few (``tests/execution/test_lock.py``). On
``galera`` and ``pgbouncer`` the servers are started by :mod:`benchmarks.clusters`; on
``postgresql`` and ``mariadb`` by the tests' own keeper.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

# Run as a file, Python knows of its folder only: the imports below need the project's.
sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.clusters import galera  # noqa: E402
from benchmarks.clusters import pgbouncer  # noqa: E402
from tests.databases.servers import ServerRoom  # noqa: E402

KINDS = ("sqlite", "postgresql", "mariadb", "galera", "pgbouncer")

APP = """
import os

from flask import Flask
from flask_migrations_ext import Migrate
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {engine_options}
db = SQLAlchemy(app)
Migrate(app, db)
"""

REVISION = '''"""Revision {number}."""
from flask_migrations_ext import op
import sqlalchemy as sa

revision = "r{number}"
down_revision = {parent!r}


def upgrade():
    {first}
    op.create_table("t{number}", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO ran VALUES ({number})")


def downgrade():
    op.drop_table("t{number}")
'''


@dataclass(frozen=True)
class Outcome:
    """What a round came to.

    :param exits: how many processes ended with which status.
    :param ran: how often each revision ran.
    """

    exits: Counter[int]
    ran: Counter[int]
    words: tuple[str, ...]

    def is_right(self, revisions: int) -> bool:
        """Return whether all processes succeeded, and each revision ran once."""
        once = Counter(range(1, revisions + 1))
        return set(self.exits) == {0} and self.ran == once


def main() -> int:
    """Run the rounds, print a line for each; return 1 if one of them went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--on", choices=KINDS, nargs="+", default=KINDS)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--revisions", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=20)
    asked = parser.parse_args()
    # So that the servers are stopped, whoever ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for kind in asked.on:
            with servers(kind, folder / kind) as urls:
                started = time.monotonic()
                outcomes = list(rounds(kind, folder / kind, urls, asked))
                seconds = time.monotonic() - started
            bad = [each for each in outcomes if not each.is_right(asked.revisions)]
            wrong += len(bad)
            print(
                f"{kind}: {asked.processes} processes, {asked.revisions} revisions:"
                f" {len(outcomes) - len(bad)} of {len(outcomes)} rounds right,"
                f" {seconds / len(outcomes):.1f} s each"
            )
            for outcome in bad[:3]:
                print("  exits", dict(outcome.exits), *outcome.words[:2], sep="\n  ")

    return 1 if wrong else 0


@contextmanager
def servers(kind: str, folder: Path) -> Iterator[Sequence[sa.URL]]:
    """Yield the URLs that the processes take turns to connect to."""
    folder.mkdir()
    if kind == "sqlite":
        yield [sa.make_url("sqlite://")]
    elif kind == "galera":
        with galera(folder) as urls:
            yield urls
    else:
        room = ServerRoom.opened()
        try:
            server = room.server("mariadb" if kind == "mariadb" else "postgresql").url
            if kind == "pgbouncer":
                with pgbouncer(folder, server) as url:
                    yield [url]
            else:
                yield [server]
        finally:
            room.close()


def rounds(
    kind: str, folder: Path, urls: Sequence[sa.URL], asked: argparse.Namespace
) -> Iterator[Outcome]:
    """Yield what came of each round: every second one begins half-way."""
    app = project(folder / "app", asked.revisions, kind)
    for number in range(asked.rounds):
        places = database(folder, urls)
        if number % 2:
            applied = started(app, places[0], f"r{asked.revisions // 2}")
            applied.communicate()

        turns = [places[each % len(places)] for each in range(asked.processes)]
        running = [started(app, url, "head") for url in turns]
        ended = [(*each.communicate(), each.returncode) for each in running]
        with sa.create_engine(places[0], poolclass=NullPool).connect() as connection:
            ran = connection.exec_driver_sql("SELECT id FROM ran").scalars().all()

        yield Outcome(
            Counter(status for _, _, status in ended),
            Counter(ran),
            tuple(err[-600:] for _, err, status in ended if status),
        )


def project(folder: Path, revisions: int, kind: str) -> Path:
    """Write an app with a history; return its folder."""
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    # Prepared statements belong to a session, which PgBouncer changes.
    options = {"connect_args": {"prepare_threshold": None}}
    written = APP.format(engine_options=options if kind == "pgbouncer" else {})
    (folder / "app.py").write_text(written)
    ledger = 'op.create_table("ran", sa.Column("id", sa.Integer))'
    for number in range(1, revisions + 1):
        parent = f"r{number - 1}" if number > 1 else None
        first = ledger if number == 1 else ""
        text = REVISION.format(number=number, parent=parent, first=first)
        (versions / f"r{number}.py").write_text(text)

    return folder


def database(folder: Path, urls: Sequence[sa.URL]) -> list[sa.URL]:
    """Return the URLs of a new database, one for each server."""
    name = f"round_{uuid.uuid4().hex[:12]}"
    if urls[0].get_backend_name() == "sqlite":
        return [url.set(database=str(folder / f"{name}.db")) for url in urls]

    made = sa.create_engine(urls[0], poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with made.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")

    return [url.set(database=name) for url in urls]


def started(app: Path, url: sa.URL, target: str) -> subprocess.Popen[str]:
    """Return a process that upgrades."""
    said = url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "db", "upgrade", "--wait", "5m", target],
        cwd=app,
        env={**os.environ, "DATABASE_URL": said},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


if __name__ == "__main__":
    sys.exit(main())
