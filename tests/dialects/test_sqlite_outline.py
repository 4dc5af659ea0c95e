from __future__ import annotations

import sqlite3

import pytest

from flask_migrations_ext.dialects.sqlite.outline import parse_index
from flask_migrations_ext.errors import UnreadableDefinition

# Statement; what it indexes; all columns it uses; its condition.
INDEXES: list[tuple[str, list[str], list[str], str | None]] = [
    ("CREATE INDEX i ON t (a)", ["a"], ["a"], None),
    (
        "CREATE UNIQUE INDEX i ON t(A DESC, 'b' COLLATE nocase asc )",
        ["A", "'b' COLLATE nocase"],
        ["A", "b"],
        None,
    ),
    (
        "CREATE INDEX a ON t ([c d] COLLATE rtrim, a /* x */)",
        ["[c d] COLLATE rtrim", "a"],
        ["c d", "a"],
        None,
    ),
    (
        "CREATE INDEX i ON t (lower(b), a) WHERE a > 0 ;",
        ["lower(b)", "a"],
        ["b", "a"],
        "a > 0 ;",
    ),
    (
        "CREATE INDEX i ON t (a + 1, (b), coalesce(a, b) DESC)",
        ["a + 1", "(b)", "coalesce(a, b)"],
        ["a", "b"],
        None,
    ),
    (
        "CREATE INDEX i ON t (a) WHERE b LIKE 'a' AND t.b > 'b' -- x",
        ["a"],
        ["a", "b"],
        "b LIKE 'a' AND t.b > 'b'",
    ),
    (
        "CREATE INDEX i ON t (a) WHERE CASE WHEN end THEN b ELSE a END /* b */",
        ["a"],
        ["a", "end", "b"],
        "CASE WHEN end THEN b ELSE a END",
    ),
    ("CREATE INDEX main.i ON t (end ASC) -- a", ["end"], ["end"], None),
]


@pytest.mark.parametrize(("sql", "terms", "used", "condition"), INDEXES)
def test_an_index_says_what_it_is_on(
    sql: str, terms: list[str], used: list[str], condition: str | None
) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute('CREATE TABLE t (a INT, b TEXT, "end" INT, [c d] TEXT)')
    connection.execute(sql)
    connection.close()
    index = parse_index(sql)

    assert index.terms == tuple(terms)
    assert index.columns == tuple(used)
    assert index.condition == condition


def test_what_is_not_an_index_is_refused() -> None:
    with pytest.raises(UnreadableDefinition):
        parse_index("CREATE TABLE t (a)")
