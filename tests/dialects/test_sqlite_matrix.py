"""Every rebuild, with all that may point to a table or hang on it: nothing is lost.

The databases and operations are in ``sqlite_matrix``. A table that was changed is
compared with one that was not, at rest and in what happens to its rows afterwards.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext.dialects.sqlite.tokens import quote
from flask_migrations_ext.operations.base import Operation

from .sqlite_matrix import Feature
from .sqlite_matrix import FEATURES
from .sqlite_matrix import OPERATIONS
from .sqlite_matrix import POINTING
from .sqlite_matrix import Pointing
from .sqlite_matrix import script
from .sqlite_runs import closed
from .sqlite_runs import database
from .sqlite_runs import driver_of
from .sqlite_runs import rows_of
from .sqlite_runs import run
from .sqlite_runs import text_of

__all__ = ["closed"]  # the fixture is in use without being named

pytestmark = pytest.mark.pairs("matrix")

OTHERS = ("log", "child", "grandchild")
AFTERWARDS = (
    "INSERT INTO log VALUES ('x')",
    "UPDATE parent SET {code} = 'zwei' WHERE id = 2",
    "UPDATE parent SET {code} = 'ONE' WHERE id = 2",
    "INSERT INTO parent (id, {code}, n) VALUES (9, 'ONE', 9)",
    "INSERT INTO parent (id, {code}, n) VALUES (10, 'ten', 500 /* n_small */)",
    "INSERT INTO parent (id, {code}, n) VALUES (1001, 'much', 10)",
    "INSERT INTO parent ({code}, n) VALUES ('number', 11)",
    "INSERT INTO child (id, p) VALUES (77, 99)",
    "DELETE FROM child WHERE id = 9",
    "DELETE FROM parent WHERE id = 2",
    "DELETE FROM parent WHERE id = 1",
)
"""What is tried afterwards: constraints, cascades and triggers answer, or do not."""


@pytest.mark.parametrize("foreign_keys", [True, False], ids=["on", "off"])
@pytest.mark.parametrize("pointing", POINTING.values(), ids=POINTING)
@pytest.mark.parametrize("feature", FEATURES.values(), ids=FEATURES)
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_nothing_is_lost(
    operation: Operation, feature: Feature, pointing: Pointing, foreign_keys: bool
) -> None:
    untouched, changed = (
        database(script(pointing, feature), foreign_keys=foreign_keys) for _ in range(2)
    )

    run(changed, operation)
    if code_of(changed) != "code":
        # SQLite itself is right about names in views and triggers.
        driver_of(untouched).execute('ALTER TABLE parent RENAME code TO "order"')

    assert_nothing_missing(changed, untouched)
    assert texts_of(changed).items() >= texts_of(untouched).items()
    assert feature.mark in text_of(changed, "parent")
    driver = driver_of(changed)
    assert driver.execute("PRAGMA foreign_keys").fetchone() == (foreign_keys,)
    assert driver.execute("PRAGMA legacy_alter_table").fetchone() == (0,)
    assert driver.execute("PRAGMA foreign_key_check").fetchall() == []
    assert driver.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    tried = [
        statement.format(code=code_of(changed))
        for statement in AFTERWARDS
        if "n_small" not in statement or "n_small" in text_of(changed, "parent")
    ]
    happened = [what_happens(changed, statement) for statement in tried]
    expected = [what_happens(untouched, statement) for statement in tried]

    assert happened == expected
    assert_nothing_missing(changed, untouched)


def assert_nothing_missing(changed: sa.Engine, untouched: sa.Engine) -> None:
    for table in OTHERS:
        assert rows_of(changed, table) == rows_of(untouched, table)
    now, before = values_of(changed), values_of(untouched)
    assert len(now) == len(before)
    for row, old in zip(now, before, strict=True):
        assert row.items() >= {(k, v) for k, v in old.items() if k in row}
    gone = before[0].keys() - now[0].keys() if before else set()
    assert gone <= {"note", "up"}
    for view in views_of(changed):
        assert rows(changed, f"SELECT * FROM {view}") == rows(
            untouched, f"SELECT * FROM {view}"
        )
    if "AUTOINCREMENT" in text_of(changed, "parent"):
        counts = "SELECT * FROM sqlite_sequence"
        assert rows(changed, counts) == rows(untouched, counts)


def values_of(engine: sa.Engine) -> list[dict[str, Any]]:
    """Return the rows of the table by the old names, numbers in TEXT as numbers."""
    names = columns_of(engine)
    plain = "WITHOUT ROWID" in text_of(engine, "parent")
    listed = ", ".join([*([] if plain else ["rowid"]), *map(quote, names)])
    cursor = driver_of(engine).execute(f"SELECT {listed} FROM parent ORDER BY id")
    # The rowid has the name of the key that it is.
    keys = [column[0] for column in cursor.description]
    found = [dict(zip(keys, row, strict=True)) for row in cursor]
    for row in found:
        # An operation makes it a text.
        row["o"] = row["o"] and int(row["o"])
        row.pop("new", None)
        # The default is what some operations change.
        if row["id"] not in (1, 2, 7):
            for name in ("n", "o", "note"):
                row.pop(name, None)

    return found


def columns_of(engine: sa.Engine) -> list[str]:
    sql = "SELECT name FROM pragma_table_xinfo('parent')"

    return [name for (name,) in driver_of(engine).execute(sql)]


def texts_of(engine: sa.Engine) -> dict[str, str]:
    """Return the texts of all that is there, except of the table itself."""
    sql = "SELECT name, sql FROM sqlite_master WHERE name <> 'parent' AND sql NOT NULL"

    return dict(driver_of(engine).execute(sql).fetchall())


def views_of(engine: sa.Engine) -> list[str]:
    found = driver_of(engine).execute(
        "SELECT name FROM sqlite_master WHERE type = 'view'"
    )

    return [name for (name,) in found]


def rows(engine: sa.Engine, sql: str) -> list[Any]:
    return sorted(driver_of(engine).execute(sql), key=repr)


def code_of(engine: sa.Engine) -> str:
    return "code" if "code" in columns_of(engine) else '"order"'


def what_happens(engine: sa.Engine, statement: str) -> str:
    """Try a change, and return how it ended."""
    driver = driver_of(engine)
    try:
        with driver:
            done = driver.execute(statement)
    except sqlite3.IntegrityError as error:
        return f"{statement}: {error}"

    return f"{statement}: {done.rowcount}"
