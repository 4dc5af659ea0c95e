"""What SQLite alters by itself needs no look at the text of the table."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext.dialects.sqlite.parser import parse_table
from flask_migrations_ext.errors import MigrationError
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.operations.indexes import DropIndex
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import DropTable
from flask_migrations_ext.operations.tables import RebuildOptions
from flask_migrations_ext.operations.tables import RenameTable
from flask_migrations_ext.schema.model import Index
from flask_migrations_ext.schema.model import TableName
from tests.operations.made import add_column
from tests.operations.made import alter_column

from .sqlite_runs import closed
from .sqlite_runs import CONVENTION
from .sqlite_runs import database
from .sqlite_runs import dump
from .sqlite_runs import run
from .sqlite_runs import T
from .sqlite_runs import TABLE

__all__ = ["closed"]  # the fixture is in use without being named

INDEXED = TABLE + "CREATE INDEX i ON t (a); CREATE TABLE gone (a);"


def block(*operations: Operation, **options: Any) -> AlterTable:
    return AlterTable(T, operations, RebuildOptions(**options))


def added(*arguments: Any, **options: Any) -> Operation:
    return add_column(T, sa.Column("n", *arguments, **options), None)


# Operations, and how many statements they take with the looks before them.
NATIVE: list[tuple[list[Operation], int]] = [
    ([added(sa.Integer())], 2),
    ([added(sa.Integer(), index=True)], 3),
    ([added(sa.Integer(), nullable=False, server_default="0")], 2),
    ([added(sa.Integer(), sa.ForeignKey("o.id"))], 2),
    ([added(sa.Boolean(create_constraint=True, name="c"))], 2),
    ([added(sa.Integer(), sa.Computed("a + 1"))], 2),
    ([alter_column(T, "a", new_column_name="z")], 2),
    ([alter_column(T, "a", new_column_name="A")], 2),
    ([CreateIndex(T, Index("j", ("a", "b")))], 1),
    ([DropIndex(T, "i")], 1),
    ([RenameTable(T, "u")], 1),
    ([DropTable(TableName("gone"))], 2),
]


# What begins and ends a transaction, asks for its settings, or is of a statement.
_AROUND = ("BEGIN", "COMMIT", "PRAGMA legacy_alter_table", "-- ")


@pytest.mark.parametrize("in_block", [False, True])
@pytest.mark.parametrize(("operations", "looks"), NATIVE)
def test_no_table_is_parsed_for_what_sqlite_does_by_itself(
    operations: list[Operation], looks: int, in_block: bool
) -> None:
    altered = not isinstance(operations[0], RenameTable | DropTable)
    engine = database(INDEXED)
    told: list[str] = []
    with engine.connect() as connection:
        # The driver's part as well: looks do not come by way of SQLAlchemy.
        driver: Any = connection.connection.dbapi_connection
        driver.set_trace_callback(told.append)
    parse_table.cache_clear()

    run(engine, *([block(*operations)] if in_block and altered else operations))

    said = [each for each in told if not each.startswith(_AROUND)]
    assert parse_table.cache_info().misses == 0
    assert len(said) == looks, said


# What the quick way must leave to the slow one, besides.
OTHERS: list[list[Operation]] = [
    [added(sa.Integer(), unique=True)],
    [added(sa.Integer(), sa.Computed("a + 1", persisted=True))],
    [added(sa.Integer(), sa.ForeignKey("o.id", ondelete="CASCADE"))],
    [added(sa.Integer(), nullable=False)],
    [
        # A table without rows: they would tell the time.
        add_column(
            TableName("gone"),
            sa.Column("n", sa.DateTime(), server_default=sa.func.now()),
            None,
        )
    ],
    [added(sa.Text(), server_default=sa.text("(1 + 1)"))],
    [add_column(T, sa.Column("A", sa.Integer()), None)],
    [add_column(T, sa.Column("a", sa.Integer()), None, if_not_exists=True)],
    [alter_column(T, "gone", new_column_name="z")],
    [alter_column(T, "a", new_column_name="B")],
    [alter_column(T, "a", new_column_name="z", nullable=False)],
    [
        block(
            added(sa.Integer()),
            alter_column(T, "n", new_column_name="m"),
            alter_column(T, "n", nullable=True, type_=sa.Text()),
            CreateIndex(T, Index("j", ("n", "a"))),
        )
    ],
    [
        block(
            alter_column(T, "a", new_column_name="z"),
            alter_column(T, "b", new_column_name="a"),
            added(sa.Integer(), sa.ForeignKey("o.id")),
            naming_convention=CONVENTION,
        )
    ],
    [block(added(sa.Integer()), recreate="always")],
    [block(added(sa.Integer()), recreate="never")],
    [add_column(TableName("nowhere"), sa.Column("a", sa.Integer()), None)],
    [add_column(TableName("v"), sa.Column("n", sa.Integer()), None)],
    [add_column(TableName("hidden"), sa.Column("n", sa.Integer()), None)],
    [
        add_column(
            TableName("strict"),
            sa.Column("n", sa.Integer(), server_default="x"),
            None,
        )
    ],
]
SCHEMA = (
    INDEXED
    + "CREATE VIEW v AS SELECT a FROM t; CREATE TABLE hidden (a);"
    + "CREATE TEMP TABLE hidden (a); CREATE TABLE strict (a INT) STRICT;"
)


@pytest.mark.parametrize(
    "operations", [*(given for given, _ in NATIVE), *OTHERS], ids=str
)
def test_the_quick_way_does_what_the_slow_one_does(operations: list[Operation]) -> None:
    def after(*, slowly: bool) -> tuple[str, str]:
        engine = database(SCHEMA)
        with engine.connect() as connection:
            if slowly:
                # It cannot be asked what tables there are.
                connection.dialect.server_version_info = (3, 36)
        try:
            run(engine, *operations)
        except MigrationError as error:
            return dump(engine), f"{type(error).__name__} {error}"
        return dump(engine), ""

    assert after(slowly=False) == after(slowly=True)
