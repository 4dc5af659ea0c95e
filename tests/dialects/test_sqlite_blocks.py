"""Several alterations of one SQLite table, and what a block says of the rebuild."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import DropColumn
from flask_migrations_ext.operations.constraints import AddConstraint
from flask_migrations_ext.operations.constraints import DropConstraint
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.operations.indexes import DropIndex
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import RebuildOptions
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import Index
from flask_migrations_ext.schema.model import Unique
from tests.operations.made import add_column
from tests.operations.made import alter_column

from .sqlite_runs import closed
from .sqlite_runs import CONVENTION
from .sqlite_runs import database
from .sqlite_runs import definition
from .sqlite_runs import driver_of
from .sqlite_runs import dump
from .sqlite_runs import named
from .sqlite_runs import run
from .sqlite_runs import T
from .sqlite_runs import TABLE
from .sqlite_runs import text_of

__all__ = ["closed"]  # the fixture is in use without being named


def block(*operations: Operation, **options: Any) -> AlterTable:
    return AlterTable(T, operations, RebuildOptions(**options))


def test_a_block_rebuilds_the_table_once() -> None:
    said = run(
        database(TABLE),
        block(
            alter_column(T, "a", nullable=False),
            alter_column(T, "b", new_column_name="name"),
            AddConstraint(T, Unique("uq", ("name", "new"))),
            alter_column(T, "c", new_column_name="new"),
            DropConstraint(T, "b_there"),
        ),
    )

    assert len([each for each in said if each.startswith("CREATE TABLE")]) == 1


def test_a_block_may_use_old_names_and_new_ones() -> None:
    engine = database(TABLE)

    run(
        engine,
        block(
            alter_column(T, "b", new_column_name="name"),
            alter_column(T, "b", nullable=True),
            AddConstraint(T, Unique("one", ("b", "a"))),
            AddConstraint(T, Unique("two", ("name", "c"))),
            CreateIndex(T, Index("i", ("b",))),
        ),
    )

    assert "one UNIQUE (name, a)" in definition(engine)
    assert "two UNIQUE (name, c)" in definition(engine)
    assert "(name)" in text_of(engine, "i")


def test_a_column_is_renamed_after_what_was_added_with_its_old_name() -> None:
    engine = database(TABLE)
    plain = add_column(T, sa.Column("n", sa.Integer()), None)
    checked = replace(plain, constraints=(Check(None, Expression("n < a")),))

    run(engine, block(checked, alter_column(T, "a", new_column_name="z")))

    assert "n < z" in definition(engine)


def test_a_column_takes_the_name_of_one_that_is_dropped() -> None:
    engine = database(TABLE)

    run(engine, block(DropColumn(T, "a"), alter_column(T, "c", new_column_name="a")))

    assert named(engine, "t", "id", "a") == [(1, 1), (2, None)]


def test_new_and_moved_columns_go_where_they_are_wanted() -> None:
    engine = database(TABLE)

    run(
        engine,
        block(
            replace(add_column(T, sa.Column("x", sa.Integer()), None), before="a"),
            add_column(T, sa.Column("y", sa.Integer()), None, after="id"),
            alter_column(T, "c", nullable=True, after="id"),
            partial_reordering=(("b", "a"),),
            recreate="always",
        ),
    )

    driver = driver_of(engine)
    names = [row[1] for row in driver.execute("PRAGMA table_info(t)")]
    assert sorted(names) == ["a", "b", "c", "id", "x", "y"]
    assert names.index("b") < names.index("a")
    assert names.index("id") < names.index("c")


def test_a_block_drops_and_makes_indexes() -> None:
    engine = database(TABLE + "CREATE INDEX i ON t (a);")

    run(
        engine,
        block(
            add_column(T, sa.Column("n", sa.Integer(), index=True), CONVENTION),
            DropIndex(T, "i"),
            CreateIndex(T, Index("i", ("n",))),
            CreateIndex(T, Index("j", ("n",))),
            DropIndex(T, "j"),
            alter_column(T, "a", nullable=False),
        ),
        naming_convention=CONVENTION,
    )

    assert "(n)" in text_of(engine, "i")
    assert "INDEX j" not in dump(engine)


def test_copy_from_stands_for_the_table_as_it_is() -> None:
    engine = database(TABLE)
    known = sa.Table(
        "t",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("a", sa.Integer()),
        sa.Column("b", sa.Text()),
        sa.Column("c", sa.Integer()),
    )

    run(engine, block(alter_column(T, "a", nullable=False), copy_from=known))

    assert "CHECK" not in definition(engine)
    assert named(engine, "t", "id", "a") == [(1, 10), (2, 20)]


def test_table_arguments_are_added_once() -> None:
    engine = database(TABLE)

    run(
        engine,
        block(
            recreate="always",
            table_args=(
                sa.CheckConstraint("b <> ''", name="b_there"),
                sa.CheckConstraint("a > 0", name="a_positive"),
                sa.UniqueConstraint("a"),
            ),
            table_options=(("sqlite_autoincrement", True),),
        ),
    )

    assert definition(engine).count("b_there") == 1
    assert definition(engine).count("UNIQUE") == 1
    assert "a_positive" in definition(engine)
    assert "AUTOINCREMENT" in definition(engine)


def test_table_options_change_the_kind_of_table() -> None:
    engine = database(TABLE)

    run(
        engine,
        block(
            recreate="always",
            table_options=(("sqlite_strict", True), ("sqlite_with_rowid", False)),
        ),
    )

    assert definition(engine).endswith("WITHOUT ROWID, STRICT")
    assert named(engine, "t", "id", "a") == [(1, 10), (2, 20)]


def test_a_column_becomes_the_key_of_a_table_without_one() -> None:
    engine = database("CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('x'), ('y');")

    run(
        engine,
        block(add_column(T, sa.Column("id", sa.Integer(), primary_key=True), None)),
    )

    assert named(engine, "t", "id", "a") == [(1, "x"), (2, "y")]


def test_a_column_that_takes_the_name_of_a_dropped_one_has_none_of_its_values() -> None:
    for old, always in (
        ("a INTEGER", False),
        ("a INTEGER NOT NULL", False),
        ("a", True),
    ):
        engine = database(
            f"CREATE TABLE t (id INTEGER PRIMARY KEY, {old});"
            "INSERT INTO t VALUES (1, 10), (2, 20);"
        )

        run(
            engine,
            block(
                DropColumn(T, "a"),
                add_column(T, sa.Column("a", sa.Text(), server_default="new"), None),
                recreate="always" if always else "auto",
            ),
        )

        assert named(engine, "t", "id", "a") == [(1, "new"), (2, "new")]
