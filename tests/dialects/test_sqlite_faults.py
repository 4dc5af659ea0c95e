"""A rebuild that is cut off anywhere leaves the file as it was: texts, rows, rowids."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from flask_migrations_ext.operations.base import Operation

from .sqlite_matrix import FEATURES
from .sqlite_matrix import OPERATIONS
from .sqlite_matrix import POINTING
from .sqlite_matrix import script
from .sqlite_runs import run

SEVERAL = [OPERATIONS[name] for name in ("many", "unique column", "order")]
MORE_ROWS = """
    INSERT INTO parent (id, code, note)
        WITH RECURSIVE s (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM s WHERE i < 600)
        SELECT i, 'code ' || i, CAST(zeroblob(50) AS TEXT) || i || 'ä' FROM s;
    INSERT INTO log VALUES (x'00ff'), (1.5), (NULL), ('''"'), (-9223372036854775808);
    ANALYZE;
"""


class Interruption(BaseException):
    """Not an Exception: as Ctrl+C is not."""


@contextmanager
def opened(path: Path, journal: str = "DELETE") -> Iterator[sa.Engine]:
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=NullPool)

    @sa.event.listens_for(engine, "connect")
    def connected(driver: Any, _record: object) -> None:
        driver.execute("PRAGMA foreign_keys=ON")
        driver.execute(f"PRAGMA journal_mode={journal}")
        # Pages go to the file long before the end.
        driver.execute("PRAGMA cache_size=10")

    yield engine
    engine.dispose()


def contents(path: Path) -> list[Any]:
    """Return all that a file holds, as a program sees it that opens it anew."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("PRAGMA integrity_check").fetchall()
        found += connection.execute("PRAGMA foreign_key_check").fetchall()
        found += connection.execute("SELECT * FROM sqlite_master").fetchall()
        tables = connection.execute(
            "SELECT name, sql LIKE '%WITHOUT ROWID%' FROM sqlite_master"
            " WHERE type = 'table'"
        ).fetchall()
        for name, without_rowid in tables:
            listed = "*" if without_rowid else "rowid, *"
            for row in connection.execute(f'SELECT {listed} FROM "{name}" ORDER BY 1'):
                # 1 and 1.0 are equal, and not the same.
                found.append((name, repr(row)))

    return found


@pytest.fixture(params=["view", "autoincrement", "without rowid", "stored"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            script(POINTING["composite"], FEATURES[request.param]) + MORE_ROWS
        )

    return path


@pytest.mark.parametrize("operation", SEVERAL, ids=["many", "unique", "order"])
def test_a_failure_at_any_statement_leaves_the_file(
    path: Path, operation: Operation
) -> None:
    before = contents(path)
    failing = 0
    done = False
    with opened(path) as engine:
        while not done:

            def fail(number: int, failing: int = failing) -> None:
                if number == failing:
                    raise Interruption

            try:
                run(engine, operation, before=fail)
                done = True
            except Interruption:
                assert contents(path) == before
            failing += 1

    assert failing > 8
    assert contents(path) != before


@pytest.mark.parametrize("journal", ["DELETE", "WAL", "TRUNCATE"])
def test_a_crash_at_any_statement_leaves_the_file(
    path: Path, journal: str, tmp_path: Path
) -> None:
    before = contents(path)
    crashed = tmp_path / "crashed"
    looked = 0

    def crash(_number: int) -> None:
        # What a process leaves on the disk that is gone from one moment to the next.
        nonlocal looked
        shutil.rmtree(crashed, ignore_errors=True)
        crashed.mkdir()
        for file in tmp_path.glob("shop.sqlite*"):
            # The index of a WAL is memory that processes share; a new one is made.
            if not file.name.endswith("-shm"):
                shutil.copyfile(file, crashed / file.name)
        assert contents(crashed / "shop.sqlite") == before
        looked += 1

    with opened(path, journal) as engine:
        run(engine, OPERATIONS["many"], before=crash)

    assert looked > 8
    assert contents(path) != before
