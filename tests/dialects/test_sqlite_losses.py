"""Rows that do not fit into what a SQLite table is to become stop the change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext.errors import DataAtRisk
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.constraints import AddConstraint
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import RebuildOptions
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import PrimaryKey
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.model import Unique
from tests.operations.made import add_column
from tests.operations.made import alter_column

from .sqlite_runs import closed
from .sqlite_runs import database
from .sqlite_runs import driver_of
from .sqlite_runs import dump
from .sqlite_runs import named
from .sqlite_runs import run

__all__ = ["closed"]  # the fixture is in use without being named


@dataclass(frozen=True)
class Conversion:
    old: str
    value: str
    type: Any
    becomes: Any
    """What is read afterwards; None if the change is refused."""


CONVERSIONS = [
    Conversion("TEXT", "'12'", sa.Integer(), 12),
    Conversion("TEXT", "'-3'", sa.BigInteger(), -3),
    Conversion("TEXT", "'1.0'", sa.Integer(), 1),
    Conversion("TEXT", "'9007199254740993'", sa.Integer(), 9007199254740993),
    Conversion("TEXT", "'9223372036854775807'", sa.Integer(), 2**63 - 1),
    Conversion("TEXT", "'9007199254740993'", sa.Float(), None),
    Conversion("TEXT", "'9007199254740993'", sa.Numeric(), 9007199254740993),
    Conversion("TEXT", "'4.62522957124309e+16'", sa.Numeric(), None),
    Conversion("TEXT", "'4.62522957124309e+16'", sa.DateTime(), None),
    Conversion("TEXT", "'4.62522957124309e+16'", sa.Float(), 4.62522957124309e16),
    Conversion("TEXT", "'1.0e+20'", sa.Numeric(), 1e20),
    Conversion("TEXT", "'-0'", sa.Float(), None),
    Conversion("TEXT", "'a'", sa.Integer(), None),
    Conversion("TEXT", "''", sa.Integer(), None),
    Conversion("TEXT", "'007'", sa.Integer(), None),
    Conversion("TEXT", "'1.5'", sa.Integer(), None),
    Conversion("TEXT", "' 5'", sa.Integer(), None),
    Conversion("TEXT", "'1e3'", sa.Integer(), None),
    Conversion("TEXT", "'99999999999999999999'", sa.Integer(), None),
    Conversion("TEXT", "'true'", sa.Boolean(), None),
    Conversion("TEXT", "'1.50'", sa.Numeric(10, 2), 1.5),
    Conversion("TEXT", "'007'", sa.Numeric(), None),
    Conversion("TEXT", "'0.1'", sa.Float(), 0.1),
    Conversion("TEXT", "'12345678901234567'", sa.Float(), None),
    Conversion("TEXT", "'2024-01-31'", sa.Date(), "2024-01-31"),
    Conversion(
        "TEXT", "'2024-01-31 10:00:00.5'", sa.DateTime(), "2024-01-31 10:00:00.5"
    ),
    Conversion("TEXT", "'007'", sa.DateTime(), None),
    Conversion("TEXT", "'{\"a\": 1}'", sa.JSON(), '{"a": 1}'),
    Conversion("TEXT", "'päd'", sa.LargeBinary(), "päd".encode()),
    Conversion("TEXT", "'00'", sa.String(5), "00"),
    Conversion("INTEGER", "12", sa.Text(), "12"),
    Conversion("INTEGER", "9007199254740993", sa.Float(), None),
    Conversion("INTEGER", "2", sa.Float(), 2.0),
    Conversion("INTEGER", "1", sa.Boolean(), 1),
    Conversion("INTEGER", "1", sa.LargeBinary(), None),
    Conversion("REAL", "0.1", sa.Text(), "0.1"),
    Conversion("REAL", "1.0/3", sa.Text(), None),
    Conversion("REAL", "2.0", sa.Integer(), 2),
    Conversion("REAL", "2.5", sa.Integer(), None),
    Conversion("REAL", "9e99", sa.Integer(), None),
    Conversion("BLOB", "x'ff'", sa.Text(), None),
    Conversion("BLOB", "x'ff'", sa.Integer(), None),
    Conversion("DATETIME", "'2024-01-31'", sa.Text(), "2024-01-31"),
    Conversion("DATETIME", "'2024-01-31'", sa.Integer(), None),
]


@pytest.mark.parametrize(
    "case", CONVERSIONS, ids=lambda c: f"{c.old} {c.value} to {c.type!r}"
)
def test_a_type_changes_only_if_each_value_survives(case: Conversion) -> None:
    engine = database(
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, v {case.old});"
        f"INSERT INTO t VALUES (1, NULL), (4, {case.value});"
    )
    before = dump(engine)
    change = alter_column(TableName("t"), "v", type_=case.type)

    if case.becomes is None:
        with pytest.raises(DataAtRisk, match=r"1 row of table 't'.*\(id: 4\)"):
            run(engine, change)
        assert dump(engine) == before
    else:
        run(engine, change)
        assert repr(named(engine, "t", "id", "v")) == repr(
            [(1, None), (4, case.becomes)]
        )


T = TableName("t")


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (
            alter_column(T, "a", nullable=False),
            r"1 row of table 't' has NULL in column 'a'.*\(id: 2\)",
        ),
        (
            add_column(T, sa.Column("n", sa.Integer(), nullable=False), None),
            "table 't' has 3 rows, and the new column 'n'.*server_default",
        ),
        (
            AddConstraint(T, Unique("once", ("b",))),
            r"1 value of \(b\) in table 't' occurs more than once \('x'\).*'once'",
        ),
        (
            AddConstraint(T, PrimaryKey("pk", ("b",))),
            "1 row of table 't' has NULL in column 'b'",
        ),
        (
            AddConstraint(T, PrimaryKey("pk", ("a",))),
            "NULL in column 'a'",
        ),
        (
            AddConstraint(T, Check("small", Expression("a < 2"))),
            r"1 row of table 't' has values that the new CHECK 'small'.*\(id: 3\)",
        ),
        (
            AddConstraint(T, ForeignKey("fk", ("a",), TableName("o"), ("id",))),
            r"1 row of table 't' has values in \(a\) that are not in table 'o'.*'fk'",
        ),
        (
            AddConstraint(T, ForeignKey("fk", ("a",), TableName("gone"), ("id",))),
            r"2 rows of table 't' have values in \(a\) that are not in table 'gone'",
        ),
    ],
)
@pytest.mark.parametrize("foreign_keys", [True, False])
def test_rows_that_do_not_fit_stop_an_alteration_before_it_begins(
    operation: Operation, said: str, foreign_keys: bool
) -> None:
    engine = database(
        "CREATE TABLE o (id INTEGER PRIMARY KEY); INSERT INTO o VALUES (1);"
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT);"
        "INSERT INTO t VALUES (1, 1, 'x'), (2, NULL, 'x'), (3, 5, NULL);",
        foreign_keys=foreign_keys,
    )
    before = dump(engine)

    with pytest.raises(DataAtRisk, match=said):
        run(engine, operation)

    assert dump(engine) == before


def test_rows_that_pointed_nowhere_before_do_not_stop_a_rebuild() -> None:
    engine = database(
        "CREATE TABLE o (id INTEGER PRIMARY KEY);"
        "CREATE TABLE t (a INTEGER REFERENCES o (id)); INSERT INTO t VALUES (7);",
        foreign_keys=True,
    )

    run(engine, alter_column(T, "a", nullable=False))

    assert named(engine, "t", "a") == [(7,)]


def test_rows_of_other_tables_that_pointed_nowhere_before_do_not_either() -> None:
    engine = database(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 2);"
        "CREATE TABLE c (t INTEGER REFERENCES t ON DELETE CASCADE);"
        "INSERT INTO c VALUES (1), (7);",
        foreign_keys=True,
    )

    run(engine, alter_column(T, "a", nullable=False))

    assert named(engine, "c", "t") == [(1,), (7,)]
    assert "NOT NULL" in dump(engine)
    assert driver_of(engine).execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_no_key_is_made_up_for_a_row_without_one() -> None:
    engine = database(
        "CREATE TABLE t (a PRIMARY KEY, b); INSERT INTO t VALUES (NULL, 1), (7, 2);"
    )
    before = dump(engine)

    # An INTEGER PRIMARY KEY is the rowid, and takes the next one in place of NULL.
    with pytest.raises(DataAtRisk, match="1 row of table 't' has NULL in column 'a'"):
        run(engine, alter_column(T, "a", type_=sa.Integer()))

    assert dump(engine) == before
    run(engine, alter_column(T, "a", type_=sa.Text()))
    assert named(engine, "t", "a", "b") == [(None, 1), ("7", 2)]


@pytest.mark.parametrize(
    ("strict", "survives"), [("", False), (" STRICT", True)], ids=["any", "strict any"]
)
def test_any_is_a_number_but_in_a_strict_table(strict: str, survives: bool) -> None:
    engine = database(
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT){strict};"
        "INSERT INTO t VALUES (1, '007');"
    )
    change = alter_column(T, "a", type_=AnyType())

    if survives:
        run(engine, change)
    else:
        with pytest.raises(DataAtRisk, match="a value in column 'a' that ANY cannot"):
            run(engine, change)

    assert named(engine, "t", "id", "a") == [(1, "007")]


class AnyType(sa.types.UserDefinedType[Any]):
    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "ANY"


COPY = sa.Table(
    "t",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("a", sa.Integer),
)


def test_copy_from_does_not_forget_a_column_with_values() -> None:
    engine = database(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b);"
        "INSERT INTO t VALUES (1, 2, NULL), (4, 5, 6);"
    )
    before = dump(engine)
    block = AlterTable(
        T, (alter_column(T, "a", nullable=False),), RebuildOptions(copy_from=COPY)
    )
    said = r"1 row of table 't' has a value in column 'b', which copy_from.*\(id: 4\)"

    with pytest.raises(DataAtRisk, match=said):
        run(engine, block)

    assert dump(engine) == before
    driver_of(engine).execute("UPDATE t SET b = NULL").connection.commit()
    run(engine, block)
    assert named(engine, "t", "id", "a") == [(1, 2), (4, 5)]
