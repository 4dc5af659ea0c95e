"""What SQLite adds by itself, and where a rebuild keeps what would get lost then."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext.errors import UnsupportedOperation
from flask_migrations_ext.operations.from_arguments import rebuild_options
from flask_migrations_ext.operations.tables import AlterTable
from tests.operations.made import add_column
from tests.operations.made import create_primary_key

from .sqlite_runs import closed
from .sqlite_runs import database
from .sqlite_runs import definition
from .sqlite_runs import named
from .sqlite_runs import run
from .sqlite_runs import T

__all__ = ["closed"]  # the fixture is in use without being named

TABLES = """
    CREATE TABLE p (id INTEGER PRIMARY KEY);
    CREATE TABLE t (id INTEGER PRIMARY KEY, a INT);
    INSERT INTO t VALUES (1, 2);
"""
INLINE = "ALTER TABLE t ADD COLUMN n INTEGER CONSTRAINT fk REFERENCES p (id)"


def referring(**options: Any) -> sa.Column[int]:
    return sa.Column("n", sa.Integer, sa.ForeignKey("p.id", **options))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"name": "fk"},
        {"ondelete": "CASCADE"},
        {"deferrable": True, "initially": "DEFERRED"},
    ],
)
def test_sqlalchemy_reads_all_of_the_foreign_key_of_a_new_column(
    options: dict[str, Any],
) -> None:
    """At its column SQLAlchemy reads no name, and not what happens on delete."""
    engine = database(TABLES)

    said = run(engine, add_column(T, referring(**options), None))

    (key,) = sa.inspect(engine).get_foreign_keys("t")
    found = {**key["options"], "name": key["name"]}
    assert found == {"name": None, **options}
    assert len(said) == 1 or options
    assert named(engine, "t", "id", "a", "n") == [(1, 2, None)]


def test_a_foreign_key_stands_at_its_column_where_the_script_says_so() -> None:
    inline = add_column(T, referring(name="fk"), None, inline_references=True)
    plain = add_column(T, referring(name="fk"), None)
    never = AlterTable(T, (plain,), rebuild_options(recreate="never"))

    assert run(database(TABLES), inline) == [INLINE]
    assert run(database(TABLES), never) == [INLINE]


STRICT = "CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT; INSERT INTO t VALUES (1);"


@pytest.mark.parametrize(
    ("kind", "default", "value"),
    [
        (sa.Integer(), "7", 7),
        (sa.Text(), "7", "7"),
        (sa.Text(), sa.text("7"), "7"),
        (sa.REAL(), "1.5", 1.5),
        (sa.BLOB(), sa.null(), None),
    ],
)
def test_a_strict_table_gets_a_default_of_its_type(
    kind: sa.types.TypeEngine[object], default: object, value: object
) -> None:
    engine = database(STRICT)
    column: sa.Column[object] = sa.Column("n", kind, server_default=default)  # type: ignore[arg-type]  # what a default may be is not named

    said = run(engine, add_column(T, column, None))

    assert [each.partition(" n ")[0] for each in said] == ["ALTER TABLE t ADD COLUMN"]
    assert named(engine, "t", "n") == [(value,)]


@pytest.mark.parametrize(
    ("kind", "default"), [(sa.Integer(), "x"), (sa.Integer(), "1.5"), (sa.BLOB(), "x")]
)
def test_a_strict_table_refuses_a_default_of_another_type(
    kind: sa.types.TypeEngine[object], default: str
) -> None:
    """By itself, SQLite 3.40 adds it, and the table is corrupt from then on."""
    engine = database(STRICT)
    column = sa.Column("n", kind, server_default=default)

    with pytest.raises(sa.exc.IntegrityError, match="cannot store"):
        run(engine, add_column(T, column, None))

    never = rebuild_options(recreate="never")
    with pytest.raises(UnsupportedOperation, match="without a rebuild"):
        run(engine, AlterTable(T, (add_column(T, column, None),), never))

    assert definition(engine) == STRICT.partition(";")[0]


COUNTED = """
    CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT NOT NULL);
    INSERT INTO t VALUES (1, 2), (7, 8);
    DELETE FROM t WHERE id = 7;
"""


def test_a_key_that_gets_a_name_keeps_counting() -> None:
    engine = database(COUNTED)

    run(engine, create_primary_key(T, "pk", ["ID"]))
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO t (a) VALUES (9)")

    assert "CONSTRAINT pk PRIMARY KEY AUTOINCREMENT" in definition(engine)
    assert named(engine, "t", "id", "a") == [(1, 2), (8, 9)]
    assert sa.inspect(engine).get_pk_constraint("t")["name"] == "pk"


def test_a_key_on_another_column_does_not_count() -> None:
    engine = database(COUNTED)

    run(engine, create_primary_key(T, "pk", ["a"]))

    assert "AUTOINCREMENT" not in definition(engine)
    assert named(engine, "t", "id", "a") == [(1, 2)]
