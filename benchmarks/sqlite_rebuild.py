"""How long a rebuild of a SQLite table takes, against the same SQL by hand.

    python benchmarks/sqlite_rebuild.py [--rows 1000000] [--rounds 5]

Both run in turns in one process, on copies of one file. "By hand" are the statements
that the engine sends to change something, on the bare driver, and the one
``PRAGMA foreign_key_check`` that SQLite's documentation asks for where other tables
point to the one that is rebuilt. What the engine checks besides is what is measured.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from flask_migrations_ext import op
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.execution.executor import DatabaseExecutor
from flask_migrations_ext.execution.history import VersionTable
from flask_migrations_ext.execution.runner import run_online
from flask_migrations_ext.execution.steps.runnable import RunnableStep

TABLES = """
    CREATE TABLE author (
        id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL, born INTEGER,
        note TEXT, created DATETIME);
    CREATE INDEX by_name ON author (name);
    CREATE INDEX by_born ON author (born);
    WITH RECURSIVE number (n) AS
        (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {rows})
    INSERT INTO author SELECT n, 'author ' || (n * 7919 % {rows}), 1900 + n % 100,
        'some words about number ' || n, '2026-01-01 00:00:00' FROM number;
"""
CHILDREN = """
    CREATE TABLE book (id INTEGER PRIMARY KEY,
        author_id INTEGER NOT NULL REFERENCES author (id) ON DELETE CASCADE);
    INSERT INTO book SELECT id, id * {factor} % {rows} + 1 FROM author;
"""


def nullable() -> None:
    op.alter_column("author", "born", existing_type=sa.Integer(), nullable=False)


def several() -> None:
    with op.batch_alter_table("author") as batch:
        batch.alter_column("born", type_=sa.String(4), nullable=False)
        batch.alter_column("created", type_=sa.Text())
        batch.add_column(sa.Column("rank", sa.Integer(), server_default="0"))
        batch.create_check_constraint("born_late", "born > '1800'")


@dataclass(frozen=True)
class Case:
    """What is measured: tables, and a script that changes one of them."""

    title: str
    tables: str
    script: Callable[[], None]
    factor: int = 1

    @property
    def has_children(self) -> bool:
        return CHILDREN in self.tables


CASES = (
    Case("NOT NULL, nothing points to the table", TABLES, nullable),
    Case("two types, a column and a CHECK at once", TABLES, several),
    Case("NOT NULL, as many rows point to it, in order", TABLES + CHILDREN, nullable),
    Case(
        "NOT NULL, as many rows point to it, at random",
        TABLES + CHILDREN,
        nullable,
        factor=7919,
    ),
)


# -- what is compared -----------------------------------------------------------------


def build(path: Path, case: Case, rows: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(case.tables.format(rows=rows, factor=case.factor))


def with_engine(path: Path, case: Case) -> list[str]:
    """Migrate as ``flask db upgrade`` does; return the statements that were sent."""
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=NullPool)

    @sa.event.listens_for(engine, "connect")
    def switch_on(driver: sqlite3.Connection, _record: object) -> None:
        driver.execute("PRAGMA foreign_keys=ON")

    step = RunnableStep("1", "upgrade", "1", None, (), ("1",), case.script)
    with engine.connect() as connection:
        executor = DatabaseExecutor(connection, dialect_for(connection.dialect))
        run_online([step], executor, VersionTable())
    engine.dispose()

    return [text for text in executor.executed if "alembic_version" not in text]


def by_hand(path: Path, statements: Sequence[str], checked: bool) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("PRAGMA legacy_alter_table=ON")
        for statement in statements:
            connection.execute(statement)
        if checked:
            assert not connection.execute("PRAGMA foreign_key_check").fetchall()
        connection.execute("COMMIT")


def measured(task: Callable[[], object]) -> float:
    start = time.perf_counter()
    task()

    return time.perf_counter() - start


def ratios(case: Case, rows: int, rounds: int, folder: Path) -> list[list[float]]:
    """Return for each round the seconds of the engine and those by hand."""
    build(small := folder / "small", case, 100)
    statements = with_engine(small, case)
    build(base := folder / "base", case, rows)
    copy = folder / "copy"
    tasks = [
        lambda: with_engine(copy, case),
        lambda: by_hand(copy, statements, case.has_children),
    ]
    seconds = []
    for number in range(rounds):
        found = [0.0, 0.0]
        # Each goes first as often as the other.
        for which in (0, 1) if number % 2 else (1, 0):
            shutil.copyfile(base, copy)
            found[which] = measured(tasks[which])
        seconds.append(found)

    return seconds


# -- memory ---------------------------------------------------------------------------


def peak_of_a_process(rows: int, number: int) -> float:
    """Return the megabytes that a process needs to migrate a database, at most."""
    command = [sys.executable, __file__, "--peak", str(number), "--rows", str(rows)]

    return float(subprocess.check_output(command, text=True))


def peak(rows: int, case: Case, folder: Path) -> float:
    # Made by another process: this one is to do nothing but migrate.
    path = folder / "base"
    code = (
        "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])"
    )
    sql = case.tables.format(rows=rows, factor=case.factor)
    subprocess.run([sys.executable, "-c", code, path, sql], check=True)
    with_engine(path, case)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    return used / (1024 * 1024 if sys.platform == "darwin" else 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peak", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    rows, rounds = arguments.rows, arguments.rounds
    with tempfile.TemporaryDirectory() as name:
        if arguments.peak is not None:
            print(peak(rows, CASES[arguments.peak], Path(name)))
            return

    print(f"{rows:,} rows, {rounds} rounds, SQLite {sqlite3.sqlite_version}\n")
    print("engine   by hand   ratio   memory at a tenth of the rows, and at all")
    for number, case in enumerate(CASES):
        with tempfile.TemporaryDirectory() as name:
            seconds = ratios(case, rows, rounds, Path(name))
        ours, theirs = (min(column) for column in zip(*seconds, strict=True))
        ratio = statistics.median(a / b for a, b in seconds)
        tenth, full = (peak_of_a_process(n, number) for n in (rows // 10, rows))
        print(
            f"{ours:5.2f} s   {theirs:5.2f} s   {ratio:5.2f}"
            f"   {tenth:.0f} MB, {full:.0f} MB   {case.title}",
            flush=True,
        )


if __name__ == "__main__":
    main()
