from __future__ import annotations

import sqlite3

import pytest
from hypothesis import assume
from hypothesis import given

from flask_migrations_ext.dialects.sqlite.definition import Kind
from flask_migrations_ext.dialects.sqlite.definition import Reference
from flask_migrations_ext.dialects.sqlite.definition import TableText
from flask_migrations_ext.dialects.sqlite.parser import parse_table
from flask_migrations_ext.dialects.sqlite.tokens import folded
from flask_migrations_ext.errors import UnreadableDefinition
from flask_migrations_ext.errors import UnsupportedOperation

from .sqlite_tables import create_tables
from .sqlite_tables import facts
from .sqlite_tables import facts_of
from .sqlite_tables import quoted
from .sqlite_tables import stored

# Statement; names of the columns; kinds of all constraints.
FORMS = [
    ("CREATE TABLE t(a)", "a", ""),
    ("create table t ( a , b ) ;", "a b", ""),
    ("CREATE TABLE t(a int, b int, unique(a) check(b>0))", "a b", "u c"),
    ("CREATE TABLE t(a int, b int, check(a) check(b>0))", "a b", "c c"),
    ("CREATE TABLE t(a int, constraint x check(a) unique(a))", "a", "c u"),
    ("CREATE TABLE t('a' 'x', b, FOREIGN KEY('a') REFERENCES 't'('b'))", "a b", "f"),
    (
        "CREATE TABLE t(a int constraint x, b, constraint z, unique('b'))",
        "a b",
        "n n u",
    ),
    ("CREATE TABLE t(a constraint x constraint y not null)", "a", "n nn"),
    ("CREATE TABLE t(a references p not null deferrable)", "a", "f nn d"),
    ("CREATE TABLE t(a references p not deferrable initially deferred)", "a", "f"),
    ("CREATE TABLE t(a INTEGER, PRIMARY KEY (a AUTOINCREMENT))", "a", "p"),
    ("CREATE TABLE t(a int, b text generated always as (a) stored)", "a b", "g"),
    ("CREATE TABLE t(a int generated always, b text as (a))", "a b", "g"),
    ("CREATE TABLE t(a default -5, b default (1), c default +1)", "a b c", "= = ="),
    ("CREATE TABLE t(a default foo not null, b default x'00')", "a b", "= nn ="),
    (
        "CREATE TABLE t(a int null on conflict fail, check(a) on conflict fail)",
        "a",
        "0 c",
    ),
    ("CREATE TABLE t(a int primary key desc on conflict ignore unique)", "a", "p u"),
    ("CREATE TABLE t(a collate nocase, unique(a collate rtrim desc))", "a", "~ u"),
    ("CREATE TABLE t(a /* ,) */ int -- '\n, [b] -- \"\n)", "a b", ""),
    ('CREATE TABLE "t"("a""b" "my type", `c` [x](10,-2))', 'a"b c', ""),
    (
        "CREATE TABLE t(key, desc, end, like, generated)",
        "key desc end like generated",
        "",
    ),
    ("CREATE TABLE t(a int, check (a) check (a>1), primary key(a))", "a", "c c p"),
    ("CREATE TABLE t(a int primary key) without rowid, strict -- x\n", "a", "p"),
]
KINDS = {
    "p": Kind.PRIMARY,
    "u": Kind.UNIQUE,
    "c": Kind.CHECK,
    "f": Kind.FOREIGN,
    "nn": Kind.NOT_NULL,
    "0": Kind.NULL,
    "=": Kind.DEFAULT,
    "~": Kind.COLLATE,
    "g": Kind.GENERATED,
    "d": Kind.DEFERRABLE,
    "n": Kind.NAME,
}


@pytest.mark.parametrize(("sql", "columns", "kinds"), FORMS)
def test_a_form_of_table_is_read_and_written_as_it_was(
    sql: str, columns: str, kinds: str
) -> None:
    table = parse_table(sql)

    assert facts_of(sql, "t"), "SQLite must accept it"
    assert list(table.column_names) == columns.split(" ")
    assert [c.kind for c in table.constraints] == [KINDS[k] for k in kinds.split()]
    assert table.render() == sql


@given(create_tables())
def test_any_table_that_sqlite_keeps_is_written_back_without_a_change(sql: str) -> None:
    connection = sqlite3.connect(":memory:")
    try:
        try:
            connection.execute(sql)
        except sqlite3.OperationalError:
            assume(False)
        table = parse_table(stored(connection))
        before = facts(connection, table.name)

        assert table.render() == stored(connection)
        assert_says_what_sqlite_says(table, connection)

        copy = f"_copy_{table.name}"
        connection.execute(table.render(name=copy))

        assert facts(connection, copy) == before
        assert parse_table(stored(connection, copy)).name == copy
    finally:
        connection.close()


def assert_says_what_sqlite_says(
    table: TableText, connection: sqlite3.Connection
) -> None:
    name = quoted(table.name)
    rows = connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
    keys = connection.execute(f"PRAGMA foreign_key_list({name})").fetchall()
    indexes = connection.execute(f"PRAGMA index_list({name})").fetchall()
    tables = connection.execute("PRAGMA table_list").fetchall()
    kinds = [index[3] for index in indexes]
    (options,) = [row[4:] for row in tables if folded(row[1]) == folded(table.name)]
    primary = [row[1] for row in sorted(rows, key=lambda r: r[5]) if row[5]]
    has_alias = bool(primary) and not options[0] and "pk" not in kinds
    sequence = any(row[1] == "sqlite_sequence" for row in tables)

    assert [c.name for c in table.columns] == [row[1] for row in rows]
    assert [c.is_generated for c in table.columns] == [row[6] in (2, 3) for row in rows]
    assert [
        any(g.stored for g in c.of_kind(Kind.GENERATED)) for c in table.columns
    ] == [row[6] == 3 for row in rows]
    assert [folded(c) for c in table.primary_key] == [folded(c) for c in primary]
    assert table.without_rowid == bool(options[0])
    assert table.is_strict == bool(options[1])
    assert table.has_autoincrement == sequence
    assert (table.rowid_alias is not None) == has_alias
    assert len(table.foreign_keys) == len({row[0] for row in keys})
    assert {folded(each) for each in referred_tables(table)} == {
        folded(row[2]) for row in keys
    }


def test_a_column_has_all_its_pieces() -> None:
    table = parse_table(
        "CREATE TABLE t (a VARCHAR (10) /* x */ CONSTRAINT n NOT NULL ON CONFLICT FAIL"
        " DEFAULT (1 + 1) COLLATE NOCASE UNIQUE CHECK (length(a) > b),"
        " b INT AS (a || 'x') STORED)"
    )
    not_null, default, collate, unique, check = table.column("A").constraints
    (generated,) = table.column("b").constraints

    assert table.column("a").type == "VARCHAR (10)"
    assert (not_null.name, not_null.conflict) == ("n", "FAIL")
    assert not_null.lead == " /* x */ "
    assert default.expression == table.column("a").default == "(1 + 1)"
    assert collate.collation == "NOCASE"
    assert unique.columns == ("a",)
    assert (check.expression, check.columns) == ("length(a) > b", ("a", "b"))
    assert (generated.expression, generated.stored) == ("a || 'x'", True)
    assert table.generated_columns == (table.column("b"),)
    assert table.find_column("c") is None


def test_a_foreign_key_has_all_its_pieces() -> None:
    table = parse_table(
        "CREATE TABLE t (a, b REFERENCES q, CONSTRAINT k FOREIGN KEY (a, [b])"
        " REFERENCES 'p'(x, \"y\") ON DELETE SET NULL ON UPDATE no  action"
        " MATCH full NOT DEFERRABLE INITIALLY deferred)"
    )
    short, key = table.foreign_keys

    assert short.reference == Reference("q")
    assert key.columns == ("a", "b")
    assert key.reference == Reference(
        "p",
        ("x", "y"),
        on_delete="SET NULL",
        on_update="NO ACTION",
        match="full",
        deferrable=False,
        initially="DEFERRED",
    )
    assert referred_tables(table) == ["q", "p"]


@pytest.mark.parametrize(
    ("definition", "alias"),
    [
        ("a INTEGER PRIMARY KEY", "a"),
        ("a integer, b, PRIMARY KEY (A DESC)", "a"),
        ('a "INTEGER" PRIMARY KEY', "a"),
        ("a INTEGER PRIMARY KEY DESC", None),
        ("a INT PRIMARY KEY", None),
        ("a INTEGER, b, PRIMARY KEY (a, b)", None),
        ("a INTEGER", None),
    ],
)
def test_the_alias_of_the_rowid_is_the_one_sqlite_uses(
    definition: str, alias: str | None
) -> None:
    sql = f"CREATE TABLE t ({definition})"
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(sql)
        connection.execute("INSERT INTO t (rowid) VALUES (7)")
        is_alias = connection.execute("SELECT a FROM t").fetchone()[0] == 7
    finally:
        connection.close()
    found = parse_table(sql).rowid_alias

    assert (None if found is None else found.name) == alias
    assert is_alias == (alias is not None)


def test_mentions_are_the_constraints_that_use_a_column() -> None:
    table = parse_table(
        "CREATE TABLE t (a INT NOT NULL, b INT CHECK (b > a), c AS (b + 1),"
        " d REFERENCES T (a), UNIQUE (b, A), CHECK (c), PRIMARY KEY (a))"
    )

    assert [c.text for c in table.mentions("a")] == [
        "NOT NULL",
        "CHECK (b > a)",
        "REFERENCES T (a)",
        "UNIQUE (b, A)",
        "PRIMARY KEY (a)",
    ]


def test_a_foreign_key_without_columns_uses_the_primary_key() -> None:
    table = parse_table("CREATE TABLE t (a INT PRIMARY KEY, b REFERENCES t)")

    assert [c.text for c in table.mentions("a")] == ["PRIMARY KEY", "REFERENCES t"]


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("CREATE TEMP TABLE IF NOT EXISTS main.[a b] (x)", "a b"),
        ("CREATE TEMPORARY TABLE temp (x)", "temp"),
        ("CREATE TABLE if (x)", "if"),
    ],
)
def test_the_head_of_a_statement_is_read(sql: str, name: str) -> None:
    table = parse_table(sql)

    assert table.name == name
    assert table.render() == sql


def test_under_another_name_the_own_name_leaves_expressions_and_stays_in_keys() -> None:
    table = parse_table(
        'CREATE TABLE t (a REFERENCES t (a), CHECK ("T".a > 0 AND main . t . a < t.a))'
    )

    assert table.render(name="new one") == (
        'CREATE TABLE "new one" (a REFERENCES t (a), CHECK (a > 0 AND a < a))'
    )
    assert table.render(name="T") == table.render()


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "SELECT 1",
        "CREATE VIEW t AS SELECT 1",
        "CREATE TABLE t AS SELECT 1",
        "CREATE TABLE t (a",
        "CREATE TABLE t ()",
        "CREATE TABLE t (a, )",
        "CREATE TABLE t (a, CHECK (a), b)",
        "CREATE TABLE t (a CHECK a)",
        "CREATE TABLE t (a NOT)",
        "CREATE TABLE t (a UNIQUE b)",
    ],
)
def test_what_is_not_a_table_is_refused(sql: str) -> None:
    with pytest.raises(UnreadableDefinition):
        parse_table(sql)


def test_a_virtual_table_cannot_be_altered() -> None:
    with pytest.raises(UnsupportedOperation, match="virtual table"):
        parse_table("CREATE VIRTUAL TABLE t USING fts5(a)")


def referred_tables(table: TableText) -> list[str]:
    return [key.reference.table for key in table.foreign_keys if key.reference]
