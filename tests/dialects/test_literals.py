"""A value that is written into SQL is stored as one that is sent beside it."""

from __future__ import annotations

import datetime
import decimal
import enum
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql

from flask_migrations_ext.dialects.dialect import Dialect
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.operations.rows import InsertRows
from flask_migrations_ext.schema.model import TableName


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Reversed(sa.types.TypeDecorator[bytes]):
    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return None if value is None else value[::-1]


NEW_YEAR = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)

EVERYWHERE: list[tuple[str, Any, list[Any]]] = [
    ("integer", sa.Integer(), [5, -7, None]),
    ("string", sa.String(50), ["it's", "a\\'b", "50% %s", ":x \\: \n\t", "", "ünï"]),
    ("text", sa.Text(), ["-- x", "; /* */", '"`']),
    ("boolean", sa.Boolean(), [True, False, None]),
    ("date", sa.Date(), [datetime.date(2020, 1, 2)]),
    (
        "datetime",
        sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"),
        [datetime.datetime(2020, 1, 2, 3, 4, 5, 6), datetime.datetime(2020, 1, 2)],
    ),
    ("time", sa.Time(), [datetime.time(1, 2, 3)]),
    ("interval", sa.Interval(), [datetime.timedelta(days=1, seconds=3)]),
    ("numeric", sa.Numeric(10, 2), [decimal.Decimal("1.50"), decimal.Decimal("-3")]),
    ("float", sa.Float(53), [1e-7, -1.5, 1e20]),
    ("binary", sa.LargeBinary(), [b"\x00\xff'\\%", b"", None]),
    ("decorated", Reversed(), [b"\x00\xff'", None]),
    ("pickle", sa.PickleType(), [{"a": [1]}, None]),
    ("json", sa.JSON(), [{"a": ["it's", "b\\c%", None]}, "x", 5, [], None]),
    ("json_null", sa.JSON(none_as_null=True), [None, {"a": 1}]),
    ("uuid", sa.Uuid(), [uuid.UUID(int=5), None]),
    ("enum", sa.Enum(Colour, name="colour"), [Colour.RED, None]),
    ("words", sa.Enum("a", "it's 5%", name="words"), ["it's 5%"]),
]

ONLY: dict[str, list[tuple[str, Any, list[Any]]]] = {
    "sqlite": [],
    "postgresql": [
        ("special", sa.Float(), [float("nan"), float("inf"), float("-inf")]),
        ("not_a_number", sa.Numeric(), [decimal.Decimal("NaN")]),
        (
            "moment",
            sa.DateTime(True),
            [datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC)],
        ),
        ("numbers", sa.ARRAY(sa.Integer), [[1, None], [], [[1], [2]], None]),
        (
            "strings",
            postgresql.ARRAY(sa.String),
            [["it's", 'a"b\\c,{}', "", "NULL", None, "5%"]],
        ),
        ("enums", sa.ARRAY(sa.Enum("a", "b", name="letters")), [["a", "b"]]),
        ("dates", sa.ARRAY(sa.Date), [[datetime.date(2020, 1, 2)]]),
        ("blobs", sa.ARRAY(sa.LargeBinary), [[b"\x00'\\"]]),
        ("booleans", sa.ARRAY(sa.Boolean), [[True, False]]),
        ("jsons", postgresql.ARRAY(postgresql.JSONB), [[{"a": "it's"}, [1], "x"]]),
        ("jsonb", postgresql.JSONB(), [{"a": 1}, None]),
        ("address", postgresql.INET(), ["1.2.3.4"]),
        ("numbers_in", postgresql.INT4RANGE(), [postgresql.Range(1, 5)]),
        (
            "several",
            postgresql.INT4MULTIRANGE(),
            [[postgresql.Range(1, 5), postgresql.Range(7, 9)]],
        ),
        ("span", postgresql.INTERVAL(), [datetime.timedelta(days=-1, microseconds=5)]),
    ],
    "mysql": [
        ("aware", sa.DateTime(), [NEW_YEAR]),
        ("duration", mysql.TIME(fsp=6), [datetime.timedelta(hours=30, microseconds=7)]),
        ("before", mysql.TIME(), [datetime.timedelta(hours=-30, minutes=-5)]),
        ("choice", mysql.SET("a", "b"), [{"a", "b"}]),
        ("year", mysql.YEAR(), [2020]),
    ],
}
ONLY["mariadb"] = ONLY["mysql"]


def inserted(
    connection: sa.Connection,
    table: sa.Table,
    rows: list[dict[str, Any]],
    dialect: Dialect,
    as_text: bool,
) -> list[Any]:
    operation = InsertRows(TableName(table.name), tuple(rows), table)
    for statement in dialect.statements(operation, None if as_text else connection):
        if not as_text:
            connection.execute(
                statement.element, [dict(row) for row in statement.parameters]
            )
            continue

        for row in statement.parameters:
            one = type(statement)(statement.element, (row,))
            connection.execute(dialect.raw(dialect.text(one)).element)

    found = list(connection.execute(sa.select(table).order_by(table.c.id)))
    connection.execute(sa.delete(table))
    return [repr(tuple(row)) for row in found]


def test_values_in_a_file_are_those_of_a_live_run(connection: sa.Connection) -> None:
    metadata = sa.MetaData()
    specimens = EVERYWHERE + ONLY[connection.dialect.name]
    table = sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, type_) for name, type_, _ in specimens),
    )
    metadata.create_all(connection)
    rows = [
        {name: values[at % len(values)] for name, _, values in specimens} | {"id": at}
        for at in range(6)
    ]
    dialect = dialect_for(connection.dialect)

    live = inserted(connection, table, rows, dialect, as_text=False)

    assert live == inserted(connection, table, rows, dialect, as_text=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_string_can_be_written(connection: sa.Connection, value: str) -> None:
    dialect = dialect_for(connection.dialect)

    selected = dialect.raw(f"SELECT {dialect.literal(value, sa.String())}").element

    assert connection.execute(selected).scalar() == value


@pytest.mark.parametrize("value", [5, 1.5, "it's", True, None, b"\x00"])
def test_a_value_without_a_type_is_written_by_its_class(
    connection: sa.Connection, value: Any
) -> None:
    dialect = dialect_for(connection.dialect)

    selected = dialect.raw(f"SELECT {dialect.literal(value)}").element

    assert connection.execute(selected).scalar() in (value, str(value))


def test_values_that_a_table_gives_by_itself_are_written_too(
    connection: sa.Connection,
) -> None:
    table = sa.Table(
        "t",
        sa.MetaData(),
        sa.Column("a", sa.Integer, default=5),
        sa.Column("b", sa.String(5), default=lambda: "x"),
        sa.Column("c", sa.Integer, default=sa.literal_column("1 + 1")),
        sa.Column("d", sa.Integer),
    )
    dialect = dialect_for(connection.dialect)
    operation = InsertRows(TableName("t"), ({"d": 1},), table)
    (statement,) = dialect.statements(operation, None)

    assert dialect.text(statement) == (
        "INSERT INTO t (a, b, c, d) VALUES (5, 'x', 1 + 1, 1)"
    )
