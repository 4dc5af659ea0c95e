from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_migrations_ext.dialects.sqlite.tokens import column_uses
from flask_migrations_ext.dialects.sqlite.tokens import FALLBACK
from flask_migrations_ext.dialects.sqlite.tokens import joined
from flask_migrations_ext.dialects.sqlite.tokens import names_equal
from flask_migrations_ext.dialects.sqlite.tokens import quote
from flask_migrations_ext.dialects.sqlite.tokens import quoted_like
from flask_migrations_ext.dialects.sqlite.tokens import RESERVED
from flask_migrations_ext.dialects.sqlite.tokens import tokenize
from flask_migrations_ext.dialects.sqlite.tokens import TokenKind
from flask_migrations_ext.dialects.sqlite.tokens import unquote

from .sqlite_tables import create_tables
from .sqlite_tables import names

PIECES = "' '' \" \"\" ` [ ] ( ) , . ; -- /* */ \n a é 1 .5 1e5 x x'0A' - > | = ? : $ _"
fragments = st.lists(st.sampled_from(PIECES.split(" ")))


@given(st.one_of(st.text(), fragments.map("".join), create_tables()))
def test_the_tokens_of_any_text_join_to_the_text(text: str) -> None:
    assert "".join(token.text for token in tokenize(text)) == text


@pytest.mark.parametrize(
    ("sql", "kinds"),
    [
        ("a\"b\"`c`[d]'e'", "word quoted quoted quoted string"),
        ("'it''s' \"a\"\"b\" [it's]", "string space quoted space quoted"),
        ("x'00ff' X'' x 'a'", "blob space blob space word space string"),
        ("1 1.5 .5 1e-3 0xFF 1_000", " space ".join(["number"] * 6)),
        ("a--b\nc", "word comment space word"),
        ("/* ' \n */-/*", "comment punctuation comment"),
        ("a->>'b'||c<>d", "word punctuation string punctuation word punctuation word"),
        ("größe naïve$1 _x", "word space word space word"),
        (":a @b $c ?1", "variable space variable space variable space variable"),
        ("(a,b);", "punctuation word punctuation word punctuation punctuation"),
        ("\ufeffCREATE", "space word"),
    ],
)
def test_tokens_are_those_of_sqlite(sql: str, kinds: str) -> None:
    assert [str(token.kind) for token in tokenize(sql)] == kinds.split()


@given(names)
def test_a_quoted_name_is_that_name_to_sqlite(name: str) -> None:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(f"CREATE TABLE {quote(name)} (x)")
        found = connection.execute("SELECT name FROM sqlite_master").fetchone()[0]
    finally:
        connection.close()

    assert found == name
    assert unquote(quote(name)) == name


@given(names, st.sampled_from(["a", '"a"', "`a`", "[a]", "'a'"]))
def test_a_name_in_given_quotes_is_one_token_and_that_name(
    name: str, pattern: str
) -> None:
    (token,) = tokenize(quoted_like(name, pattern))

    assert token.kind in (TokenKind.WORD, TokenKind.QUOTED)
    assert token.name == name


@pytest.mark.parametrize("word", sorted(RESERVED | FALLBACK))
def test_a_keyword_is_quoted_and_is_reserved_only_if_sqlite_refuses_it(
    word: str,
) -> None:
    connection = sqlite3.connect(":memory:")
    try:
        # First it would be a constraint without columns, to SQLite.
        connection.execute(f"CREATE TABLE t (first_one, {word} INT)")
        names_it = [row[1] for row in connection.execute("PRAGMA table_info(t)")]
    except sqlite3.OperationalError:
        names_it = []
    finally:
        connection.close()

    assert (word not in names_it) == (word in RESERVED)
    assert quote(word.lower()) == f'"{word.lower()}"'


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("Id", "iD", True),
        ("É", "é", False),
        ("a b", "A B", True),
        ("K", "\u212a", False),
        ("a", "b", False),
    ],
)
def test_names_compare_without_case_in_ascii_only(
    one: str, other: str, equal: bool
) -> None:
    assert names_equal(one, other) is equal


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (["a", "b"], "a b"),
        (["a", "(", "b", ")"], "a(b)"),
        (["-- x", "b"], "-- x\nb"),
        (["-- x", "\n b"], "-- x\n b"),
        (['"a"', '"b"'], '"a" "b"'),
        (["x", "'00'"], "x '00'"),
        (["-", "-1"], "- -1"),
        ([" ", " "], "  "),
        (["", "a", ""], "a"),
    ],
)
def test_parts_are_kept_apart_only_where_they_would_merge(
    parts: list[str], text: str
) -> None:
    assert joined(parts) == text


@pytest.mark.parametrize(
    ("expression", "used"),
    [
        ("a > 0 AND \"B\" < 'c'", ["a", "B"]),
        ("length(a) = abs ( b )", ["a", "b"]),
        ("t.a = main.t.[b c]", ["a", "b c"]),
        ("a COLLATE nocase = 'x' COLLATE \"my\"", ["a"]),
        ("CAST(a AS varchar(10)) = CAST(b AS unsigned big int)", ["a", "b"]),
        ("CASE WHEN end THEN end ELSE end END > end", ["end"] * 4),
        ("like LIKE glob AND match MATCH 'x'", ["like", "glob", "match"]),
        ("a ISNULL OR b NOTNULL OR c IS NOT NULL", ["a", "b", "c"]),
        ("a > current_date AND b < CURRENT_TIMESTAMP", ["a", "b"]),
        ("a -> 'x' ->> b", ["a", "b"]),
        ("true AND a IN (1, b, 'c', x'00')", ["true", "a", "b"]),
        ("key DESC", ["key"]),
    ],
)
def test_an_expression_uses_these_columns(expression: str, used: list[str]) -> None:
    tokens = tokenize(expression)

    assert [use.name for use in column_uses(tokens, 0, len(tokens))] == used
