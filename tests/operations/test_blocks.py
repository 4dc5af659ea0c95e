"""What a batch block says on each database; SQLite's own are in tests/dialects."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext import op
from flask_migrations_ext.errors import InvalidArgument
from flask_migrations_ext.errors import UnknownOption
from flask_migrations_ext.errors import UnsupportedOperation
from flask_migrations_ext.operations.tables import AlterTable

from .scripts import carried_out
from .scripts import recorded
from .scripts import written

SERVERS = ("postgresql", "mariadb", "mysql", "mssql", "oracle")


def block(*statements: str, **options: Any) -> None:
    with op.batch_alter_table("t", **options) as batch_op:
        batch_op.add_column(sa.Column("n", sa.Integer))
        for statement in statements:
            batch_op.execute(statement)
            batch_op.drop_column(statement)


def arguments() -> tuple[sa.Constraint | sa.Index, ...]:
    return (
        sa.CheckConstraint("a > 0", name="ck"),
        sa.UniqueConstraint("a", "b", name="uq"),
        sa.ForeignKeyConstraint(["a"], ["p.id"], name="fk"),
        sa.Index("ix", "b"),
    )


def test_the_arguments_of_a_block_are_added(engine: sa.Engine) -> None:
    """Where no table is rebuilt, they are no less part of what was asked for."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE p (id INTEGER NOT NULL PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER, b INTEGER)")

    carried_out(
        lambda: block(recreate="always", table_args=arguments()),
        engine,
    )

    inspector = sa.inspect(engine)
    assert [each["name"] for each in inspector.get_columns("t")] == ["a", "b", "n"]
    assert [each["name"] for each in inspector.get_check_constraints("t")] == ["ck"]
    assert [each["name"] for each in inspector.get_foreign_keys("t")] == ["fk"]
    (unique,) = inspector.get_unique_constraints("t")
    assert unique["column_names"] == ["a", "b"]
    assert "ix" in [each["name"] for each in inspector.get_indexes("t")]


@pytest.mark.parametrize("name", SERVERS)
def test_without_a_rebuild_there_is_nothing_to_add(name: str) -> None:
    """As on SQLite, where arguments are for the new table that there is not."""
    plain = written(block, name)

    assert written(lambda: block(table_args=arguments()), name) == plain


def test_a_statement_in_a_block_does_not_have_all_done_twice() -> None:
    check = sa.CheckConstraint("a > 0", name="ck")
    options: dict[str, Any] = {"recreate": "always", "table_args": [check]}

    first, statement, second = recorded(lambda: block("m", **options))

    assert isinstance(first, AlterTable)
    assert isinstance(second, AlterTable)
    assert statement == recorded(lambda: op.execute("m"))[0]
    assert (first.rebuild.recreate, second.rebuild.recreate) == ("always", "auto")
    assert (first.rebuild.table_args, second.rebuild.table_args) == ((check,), ())


def test_an_option_that_takes_a_new_table_is_refused() -> None:
    options = {"postgresql_inherits": "x", "sqlite_autoincrement": True}

    with pytest.raises(UnsupportedOperation, match="the option 'postgresql_inherits'"):
        written(lambda: block(recreate="always", table_kwargs=options), "postgresql")


@pytest.mark.parametrize("name", ["mysql", "mariadb"])
def test_a_table_gets_another_engine(name: str) -> None:
    options = {f"{name}_engine": "x", f"{name}_row_format": "DYNAMIC"}
    plain = written(block, name)

    said = written(lambda: block(table_kwargs=options), name)

    # SQLAlchemy 2.0 says options in the order of a set.
    options_said = said[0].removeprefix("ALTER TABLE t ").rstrip(";").split()
    assert sorted(options_said) == ["ENGINE=x", "ROW_FORMAT=DYNAMIC"]
    assert said[1:] == plain


@pytest.mark.parametrize("name", SERVERS)
def test_an_option_of_another_database_is_passed_over(name: str) -> None:
    options = {"sqlite_autoincrement": True}

    assert written(lambda: block(recreate="always", table_kwargs=options), name)


def test_what_is_no_argument_of_a_block_is_refused() -> None:
    column = sa.Column("a", sa.Integer)

    with pytest.raises(InvalidArgument, match="constraints and indexes"):
        recorded(lambda: block(table_args=[column]))
    with pytest.raises(UnknownOption, match="auto, always, never"):
        recorded(lambda: block(recreate="sometimes"))


@pytest.mark.parametrize("name", ["postgresql", "mssql", "oracle"])
def test_autoincrement_is_for_mysql(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    def script() -> None:
        op.alter_column("t", "a", autoincrement=True, existing_type=sa.Integer())

    with caplog.at_level(logging.WARNING, "flask_migrations_ext"):
        assert written(script, name) == []

    (message,) = caplog.messages
    assert "autoincrement is for MySQL and MariaDB" in message


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("postgresql", "ALTER TABLE t ADD COLUMN id SERIAL NOT NULL;"),
        ("mssql", "ALTER TABLE t ADD id INTEGER NOT NULL IDENTITY; GO"),
        ("mariadb", "ALTER TABLE t ADD COLUMN id INTEGER NOT NULL;"),
        ("oracle", "ALTER TABLE t ADD id INTEGER NOT NULL /"),
    ],
)
def test_a_column_declared_as_a_key_numbers_rows_where_it_can(
    name: str, said: str
) -> None:
    def script() -> None:
        op.add_column("t", sa.Column("id", sa.Integer, primary_key=True))

    # MySQL would make values up for rows that are there: the file says so.
    statements = [each for each in written(script, name) if not each.startswith("-- ")]
    assert statements == [said]
