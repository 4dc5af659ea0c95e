"""How long the commands take, against Alembic with Flask-Migrate, Django, and by hand.

    python benchmarks/commands.py [--rounds 5] [--largest 1000] [--only check]

Every command is a process of its own. What counts is its CPU time, user and system,
less that of the bare ``flask`` command of the same app; for what is done by hand, less
that of a bare ``python``. The tools take turns within one run; the figures are medians.
Servers' own time does not count. PostgreSQL and MariaDB are started as for the tests,
where they can be had.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.projects import models
from benchmarks.projects import OURS
from benchmarks.projects import PEER
from benchmarks.projects import Shape
from benchmarks.projects import statements
from benchmarks.projects import write_app
from benchmarks.projects import write_django
from benchmarks.projects import write_history
from tests.databases.servers import Server
from tests.databases.servers import ServerRoom
from tests.databases.servers import ServerUnavailable

Command = list[str]
Makers = dict[str, Callable[[], str]]
"""By the name of a kind of database, what makes an empty one; its URL, or none for a
file of its own."""

SIZES = (250, 500, 1000)
LENGTHS = (10, 1000, 5000)
FLASK = [sys.executable, "-m", "flask", "--app", "app"]


@dataclass
class Runner:
    """One way to do the work: what runs, where, what is put back before each time."""

    command: Command
    bare: Command
    folder: Path
    prepare: Callable[[], None] = lambda: None
    seconds: list[float] = field(default_factory=list)
    bare_seconds: list[float] = field(default_factory=list)

    def once(self) -> None:
        self.prepare()
        self.seconds.append(cpu_of(self.command, self.folder))
        self.bare_seconds.append(cpu_of(self.bare, self.folder))

    def median(self) -> float:
        return max(
            0.0,
            statistics.median(self.seconds) - statistics.median(self.bare_seconds),
        )


@dataclass(frozen=True)
class Result:
    """The median CPU seconds of each way to do one piece of work."""

    work: str
    size: int
    seconds: dict[str, float]


def cpu_of(command: Command, folder: Path) -> float:
    """Run a command, and return the CPU seconds of it and of what it started."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        if process.returncode:
            raise RuntimeError(f"{command} failed:\n{said.read().decode()}")

    return usage.ru_utime + usage.ru_stime


def measured(work: str, size: int, ways: dict[str, Runner], rounds: int) -> Result:
    """Run all ways in turns, and return their medians."""
    for number in range(rounds + 1):
        for runner in list(ways.values())[:: -1 if number % 2 else 1]:
            runner.once()
    for runner in ways.values():
        # The first time writes bytecode.
        del runner.seconds[0], runner.bare_seconds[0]
    result = Result(work, size, {name: way.median() for name, way in ways.items()})
    print(shown(result), flush=True)

    return result


def shown(result: Result) -> str:
    ours = result.seconds["ours"]
    parts = [f"{result.work}, {result.size:,}".ljust(48), f"ours {ours:7.3f} s"]
    for name, seconds in result.seconds.items():
        if name != "ours":
            ratio = f"{ours / seconds:6.2f} x" if seconds else "     - "
            parts.append(f"{name} {seconds:7.3f} s ({ratio})")

    return "  ".join(parts)


# -- projects --------------------------------------------------------------


def flask(folder: Path, *arguments: str) -> Command:
    return [*FLASK, *arguments]


def made(folder: Path, package: str, url: str, text: str = "") -> Path:
    write_app(folder, package, url, text)
    cpu_of([*FLASK, "db", "init"], folder)

    return folder


# One by one: in one transaction, a server may not have locks for so many.
CREATE_ALL = """
from app import app, db

with app.app_context(), db.engine.connect() as connection:
    db.metadata.create_all(connection.execution_options(isolation_level="AUTOCOMMIT"))
"""


def with_tables(folder: Path, package: str, url: str, tables: int) -> Path:
    """Return an app of which database and models are the same."""
    made(folder, package, url, models(tables))
    write_history(folder, 1)
    cpu_of([sys.executable, "-c", CREATE_ALL], folder)
    cpu_of([*FLASK, "db", "stamp", "head"], folder)

    return folder


def way(folder: Path, *arguments: str, **options: object) -> Runner:
    return Runner([*FLASK, "db", *arguments], [*FLASK, "bare"], folder, **options)  # type: ignore[arg-type]  # one of two


def by_hand(folder: Path, code: str, **options: object) -> Runner:
    python = [sys.executable, "-c"]
    return Runner([*python, code], [*python, "import sqlite3"], folder, **options)  # type: ignore[arg-type]  # one of two


# -- the work --------------------------------------------------------------


def check(place: Path, makers: Makers, size: int, rounds: int) -> Iterator[Result]:
    """Yield what it takes to see that nothing differs."""
    for name, make in makers.items():
        url, ways = make(), {}
        for label, package in {"ours": OURS, "Alembic": PEER}.items():
            folder = place / f"check-{name}-{size}-{label}"
            own = url or f"sqlite:///{folder / 'db.sqlite'}"
            if not url or label == "ours":
                with_tables(folder, package, own, size)
            else:
                # The same database: its tables are there already.
                made(folder, package, own, models(size))
                write_history(folder, 1)
            ways[label] = way(folder, "check")
        if name == "SQLite":
            folder = place / f"check-django-{size}"
            write_django(folder, size)
            manage = [sys.executable, "manage.py"]
            cpu_of([*manage, "makemigrations", "shop"], folder)
            ways["Django"] = Runner(
                [*manage, "makemigrations", "--check"], [*manage, "version"], folder
            )
        yield measured(f"check, tables, {name}", size, ways, rounds)


def looking(place: Path, size: int, rounds: int) -> Iterator[Result]:
    """Yield what the commands take that find nothing to do, at the last revision."""
    folders = {}
    for label, package in {"ours": OURS, "Alembic": PEER}.items():
        folder = place / f"looking-{size}-{label}"
        made(folder, package, f"sqlite:///{folder / 'db.sqlite'}")
        write_history(folder, size)
        cpu_of([*FLASK, "db", "stamp", "head"], folder)
        folders[label] = folder
    for command in ("heads", "history", "current", "upgrade"):
        ways = {label: way(folder, command) for label, folder in folders.items()}
        title = "upgrade, nothing to do" if command == "upgrade" else command
        yield measured(f"{title}, revisions", size, ways, rounds)


UPGRADE_BY_HAND = """
import json, sqlite3
from pathlib import Path

Path("hand.sqlite").unlink(missing_ok=True)
driver = sqlite3.connect("hand.sqlite", isolation_level=None)
driver.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
driver.execute("INSERT INTO alembic_version VALUES ('')")
for number, revision in enumerate(json.loads(Path("statements.json").read_text())):
    driver.execute("BEGIN IMMEDIATE")
    for statement in revision:
        driver.execute(statement)
    driver.execute("UPDATE alembic_version SET version_num = ?", (str(number),))
    driver.execute("COMMIT")
"""


def moving(place: Path, makers: Makers, size: int, rounds: int) -> Iterator[Result]:
    """Yield what it takes to run all revisions from nothing, and to undo them."""
    for name, make in makers.items():
        url, up, down = make(), {}, {}
        for label, package in {"ours": OURS, "Alembic": PEER}.items():
            folder = place / f"moving-{name}-{size}-{label}"
            file = folder / "db.sqlite"
            made(folder, package, url or f"sqlite:///{file}")
            write_history(folder, size)

            def to_base(
                folder: Path = folder, file: Path = file, url: str = url
            ) -> None:
                if file.exists():
                    file.unlink()
                elif url:
                    cpu_of([*FLASK, "db", "downgrade", "base"], folder)

            def to_head(folder: Path = folder) -> None:
                cpu_of([*FLASK, "db", "upgrade"], folder)

            up[label] = way(folder, "upgrade", prepare=to_base)
            down[label] = way(folder, "downgrade", "base", prepare=to_head)
        if not url:
            folder = place / f"moving-hand-{size}"
            folder.mkdir()
            text = json.dumps(statements(size))
            (folder / "statements.json").write_text(text)
            up["by hand"] = by_hand(folder, UPGRADE_BY_HAND)
        yield measured(f"upgrade from nothing, revisions, {name}", size, up, rounds)
        yield measured(f"downgrade base, revisions, {name}", size, down, rounds)


# -- all of it -------------------------------------------------------------


@contextmanager
def databases() -> Iterator[Makers]:
    """Yield what makes an empty database of each kind that can be had."""
    makers: Makers = {"SQLite": lambda: ""}
    room = ServerRoom.opened()
    try:
        for title, name in {"PostgreSQL": "postgresql", "MariaDB": "mariadb"}.items():
            try:
                server = room.server(name)
            except ServerUnavailable as error:
                print(f"without {title}: {error}", file=sys.stderr)
                continue
            makers[title] = partial(_url_of_new, server)
        yield makers
    finally:
        room.close()


def _url_of_new(server: Server) -> str:
    return server.create_database().render_as_string(hide_password=False)


def all_results(only: str, rounds: int, largest: int) -> Iterator[Result]:
    """Yield all results, of sizes up to one.

    :param largest: the number of tables, and of revisions that run; those that are only
        looked at are five times as many.
    """
    sizes = [size for size in SIZES if size <= largest] or [largest]
    lengths = [size for size in LENGTHS if size <= 5 * largest]
    with databases() as makers:
        for size in sizes:
            if only in ("", "check"):
                with tempfile.TemporaryDirectory() as name:
                    yield from check(Path(name), makers, size, rounds)
        for size in lengths:
            if only in ("", "looking"):
                with tempfile.TemporaryDirectory() as name:
                    yield from looking(Path(name), size, rounds)
        for size in sizes:
            if only in ("", "moving"):
                # What a server does itself is not counted: one size of it tells all.
                own = makers if size == sizes[0] else {"SQLite": makers["SQLite"]}
                with tempfile.TemporaryDirectory() as name:
                    yield from moving(Path(name), own, size, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--only", default="", choices=["", "check", "looking", "moving"]
    )
    parser.add_argument(
        "--largest", type=int, default=SIZES[-1], help="most tables, and revisions"
    )
    parser.add_argument("--json", type=Path, help="write the results here, too")
    arguments = parser.parse_args()
    results = [
        asdict(result)
        for result in all_results(arguments.only, arguments.rounds, arguments.largest)
    ]
    if arguments.json:
        machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
        found = {
            "machine": f"{machine}, Python {platform.python_version()}",
            "rounds": arguments.rounds,
            "shape": asdict(Shape()),
            "results": results,
        }
        arguments.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
