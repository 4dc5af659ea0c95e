from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from flask_migrations_ext.dialects.sqlite.dependents import index_mentions
from flask_migrations_ext.dialects.sqlite.dependents import rename_in_index
from flask_migrations_ext.dialects.sqlite.dependents import rename_in_trigger
from flask_migrations_ext.dialects.sqlite.tokens import folded
from flask_migrations_ext.dialects.sqlite.tokens import tokenize
from flask_migrations_ext.errors import UnreadableDefinition

SCHEMA = """
    CREATE TABLE t (a INT, b TEXT, "end" INT, [c d] TEXT);
    CREATE TABLE u (x INT, b TEXT);
"""
# Statement; keys; all columns it uses.
INDEXES: list[tuple[str, list[str | None], list[str]]] = [
    ("CREATE INDEX i ON t (a)", ["a"], ["a"]),
    ("CREATE UNIQUE INDEX i ON t(A DESC, 'b' COLLATE nocase)", ["A", "b"], ["A", "b"]),
    ("CREATE INDEX a ON t ([c d] COLLATE b, a)", ["c d", "a"], ["c d", "a"]),
    ("CREATE INDEX i ON t (lower(b), a) WHERE a > 0", [None, "a"], ["b", "a"]),
    ("CREATE INDEX i ON t (a + 1, (b))", [None, None], ["a", "b"]),
    ("CREATE INDEX i ON t (a) WHERE b LIKE 'a' AND t.b > 'b'", ["a"], ["a", "b"]),
    (
        "CREATE INDEX i ON t (a) WHERE CASE WHEN end THEN b ELSE a END /* b */",
        ["a"],
        ["a", "end", "b"],
    ),
    ("CREATE INDEX main.i ON t (end ASC) -- a", ["end"], ["end"]),
]


@pytest.mark.parametrize(("sql", "keys", "used"), INDEXES)
def test_an_index_mentions_its_columns(
    sql: str, keys: list[str | None], used: list[str]
) -> None:
    index = index_mentions(sql)

    assert index.table == "t"
    assert index.keys == tuple(keys)
    assert index.columns == tuple(used)
    assert index.is_unique == ("UNIQUE" in sql)
    assert index.is_partial == ("WHERE" in sql)


@pytest.mark.parametrize("column", ["a", "b", "end", "c d"])
@pytest.mark.parametrize("sql", [sql for sql, _, _ in INDEXES])
def test_a_rename_in_an_index_is_what_sqlite_itself_makes_of_it(
    sql: str, column: str
) -> None:
    if "COLLATE b" in sql:
        sql = sql.replace("COLLATE b", "COLLATE rtrim")
    ours, native = renamed_by_both(sql, column, rename_in_index)

    assert meaning(ours) == meaning(native)


def test_a_collation_and_an_index_of_the_same_name_stay() -> None:
    sql = "CREATE INDEX a ON t (b COLLATE a, a)"

    assert rename_in_index(sql, "a", "n") == "CREATE INDEX a ON t (b COLLATE a, n)"


def test_what_is_not_an_index_is_refused() -> None:
    with pytest.raises(UnreadableDefinition):
        index_mentions("CREATE TABLE t (a)")


TRIGGERS = [
    "CREATE TRIGGER r AFTER UPDATE OF a, b ON t BEGIN SELECT 1; END",
    "CREATE TRIGGER r AFTER INSERT ON t WHEN new.a > 0 AND NEW.[b] <> 'b'"
    " BEGIN INSERT INTO u (x, b) VALUES (new.a, NEW.b); END",
    "CREATE TRIGGER r BEFORE DELETE ON t FOR EACH ROW WHEN old.a IS NOT NULL"
    ' BEGIN UPDATE t SET a = a + 1, end = 2 WHERE a = old.a AND t."end" > 1; END',
    "CREATE TRIGGER r AFTER INSERT ON u"
    " BEGIN DELETE FROM t WHERE a = new.x AND b = new.b; END",
    "CREATE TRIGGER r AFTER INSERT ON u BEGIN UPDATE u SET b = new.b; END",
    "CREATE TRIGGER r AFTER INSERT ON u"
    " BEGIN INSERT INTO u SELECT k.a, k.b FROM t AS k JOIN u ON k.a = u.x"
    " GROUP BY k.a ORDER BY k.a DESC; END",
    "CREATE TRIGGER r AFTER INSERT ON u"
    " BEGIN INSERT INTO t (a, b, end) VALUES (1, 'a', CASE WHEN 1 THEN 2 END); END",
]


@pytest.mark.parametrize("column", ["a", "b", "end"])
@pytest.mark.parametrize("sql", TRIGGERS)
def test_a_rename_in_a_trigger_is_what_sqlite_itself_makes_of_it(
    sql: str, column: str
) -> None:
    def renamed(text: str, old: str, new: str) -> str:
        return rename_in_trigger(text, "t", old, new)

    ours, native = renamed_by_both(sql, column, renamed)

    assert meaning(ours) == meaning(native)


def test_a_bare_name_of_another_table_is_renamed_too() -> None:
    """The limit that the docstring admits: names are not resolved."""
    sql = (
        "CREATE TRIGGER r AFTER INSERT ON u"
        " BEGIN DELETE FROM t; UPDATE u SET b = 1; END"
    )

    assert rename_in_trigger(sql, "t", "b", "n").endswith("UPDATE u SET n = 1; END")


def renamed_by_both(
    sql: str, column: str, rename: Callable[[str, str, str], str]
) -> tuple[str, str]:
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(SCHEMA)
        connection.execute(sql)
        query = "SELECT sql FROM sqlite_master WHERE type IN ('index', 'trigger')"
        ours = rename(connection.execute(query).fetchone()[0], column, "n1")
        connection.execute(f'ALTER TABLE t RENAME COLUMN "{column}" TO n1')

        return ours, connection.execute(query).fetchone()[0]
    finally:
        connection.close()


def meaning(sql: str) -> list[str]:
    return [folded(t.name) for t in tokenize(sql) if not t.is_trivia]
