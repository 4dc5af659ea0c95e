"""What only PostgreSQL has: enums with names, casts, indexes made concurrently."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from flask_migrations_ext.dialects.postgresql.dialect import PostgreSQL
from flask_migrations_ext.errors import DataAtRisk
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import AddColumn
from flask_migrations_ext.operations.constraints import DropConstraint
from flask_migrations_ext.operations.enums import CreateEnum
from flask_migrations_ext.operations.enums import DropEnum
from flask_migrations_ext.operations.tables import CreateTable
from flask_migrations_ext.operations.tables import DropTable
from flask_migrations_ext.schema.from_sqlalchemy import read_table
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.model import Unique
from tests.operations import made

T = TableName("t")


@pytest.fixture
def connection(postgresql_engine: sa.Engine) -> Iterator[sa.Connection]:
    with postgresql_engine.connect() as connection:
        yield connection


def run(connection: sa.Connection, *operations: Operation) -> None:
    dialect = PostgreSQL(connection.dialect)
    for operation in operations:
        for statement in dialect.statements(operation, connection):
            connection.execute(statement.element)


def table(*items: Any, name: str = "t", schema: str | None = None) -> CreateTable:
    return CreateTable(read_table(sa.Table(name, sa.MetaData(), *items, schema=schema)))


def add_column(column: sa.Column[Any]) -> AddColumn:
    return made.add_column(T, column, None)


def enums(connection: sa.Connection) -> dict[str, list[str]]:
    found: Any = sa.inspect(connection)
    return {each["name"]: each["labels"] for each in found.get_enums("*")}


def column(connection: sa.Connection, name: str = "c") -> Any:
    columns = sa.inspect(connection).get_columns("t")
    return next(each for each in columns if each["name"] == name)


def test_two_tables_share_an_enum(connection: sa.Connection) -> None:
    enum = sa.Enum("a", "b", name="e")

    run(
        connection,
        table(sa.Column("c", enum)),
        table(sa.Column("c", sa.ARRAY(enum)), name="u"),
        add_column(sa.Column("d", enum)),
    )

    assert enums(connection) == {"e": ["a", "b"]}


def test_an_enum_lives_in_its_own_schema(connection: sa.Connection) -> None:
    connection.execute(sa.schema.CreateSchema("s"))
    other = sa.Enum("a", name="e", schema="s")

    run(
        connection,
        table(sa.Column("c", sa.Enum("a", "b", name="e"))),
        table(sa.Column("c", other), schema="s"),
    )
    found: Any = sa.inspect(connection)

    assert [each["labels"] for each in found.get_enums("public")] == [["a", "b"]]
    assert [each["labels"] for each in found.get_enums("s")] == [["a"]]


def test_an_enum_in_a_decorator_and_in_a_variant_is_created(
    connection: sa.Connection,
) -> None:
    class Decorated(sa.types.TypeDecorator[str]):
        impl = sa.Enum("a", name="decorated")
        cache_ok = True

    varied = sa.String(5).with_variant(
        postgresql.ENUM("b", name="varied"), "postgresql"
    )

    run(connection, table(sa.Column("c", Decorated()), sa.Column("d", varied)))

    assert enums(connection) == {"decorated": ["a"], "varied": ["b"]}


def test_a_domain_is_created_with_its_table(connection: sa.Connection) -> None:
    domain = postgresql.DOMAIN("positive", sa.Integer, check="VALUE > 0")

    run(connection, table(sa.Column("c", domain)), add_column(sa.Column("d", domain)))

    with pytest.raises(sa.exc.IntegrityError):
        connection.exec_driver_sql("INSERT INTO t VALUES (-1)")


def test_an_enum_that_lacks_values_stops_the_migration(
    connection: sa.Connection,
) -> None:
    run(connection, CreateEnum("e", ("a", "c")))

    with pytest.raises(DataAtRisk, match="ALTER TYPE e ADD VALUE 'b'"):
        run(connection, table(sa.Column("c", sa.Enum("a", "b", name="e"))))


def test_an_enum_that_has_more_values_is_taken(connection: sa.Connection) -> None:
    run(
        connection,
        CreateEnum("e", ("a", "b")),
        table(sa.Column("c", sa.Enum("a", name="e"))),
    )

    assert enums(connection) == {"e": ["a", "b"]}


def test_an_enum_outlives_its_table_and_is_dropped_by_name(
    connection: sa.Connection,
) -> None:
    run(connection, table(sa.Column("c", sa.Enum("a", name="e"))), DropTable(T))

    assert enums(connection) == {"e": ["a"]}

    run(connection, DropEnum("e"), DropEnum("e"))

    assert enums(connection) == {}


@pytest.mark.parametrize("known", [True, False])
def test_a_string_becomes_an_enum_and_keeps_its_rows_and_default(
    connection: sa.Connection, known: bool
) -> None:
    existing: Any = {"existing_server_default": "a"} if known else {}
    run(connection, table(sa.Column("c", sa.String(5), server_default="a")))
    connection.exec_driver_sql("INSERT INTO t VALUES ('b'), (DEFAULT)")

    run(
        connection,
        made.alter_column(
            T,
            "c",
            type_=sa.Enum("a", "b", name="e"),
            existing_type=sa.String(5),
            **existing,
        ),
    )

    assert column(connection)["default"] == "'a'::e"
    assert connection.scalars(sa.text("SELECT c::text FROM t")).all() == ["b", "a"]


@pytest.mark.parametrize("known", [True, False])
def test_an_enum_becomes_another_and_lets_go_of_the_old_one(
    connection: sa.Connection, known: bool
) -> None:
    default = sa.text("'a'::old")
    existing: Any = {"existing_server_default": default} if known else {}
    old = sa.Enum("a", name="old")
    run(connection, table(sa.Column("c", old, server_default="a")))

    run(
        connection,
        made.alter_column(
            T, "c", type_=sa.Enum("a", "b", name="new"), existing_type=old, **existing
        ),
        DropEnum("old"),
    )

    assert column(connection)["default"] == "'a'::new"
    assert enums(connection) == {"new": ["a", "b"]}


@pytest.mark.parametrize(
    ("before", "default", "value", "after", "expected"),
    [
        (sa.String(5), "7", "'5'", sa.Integer(), (5, 7)),
        (sa.Text(), "1.5", "'2.5'", sa.Numeric(5, 1), (2.5, 1.5)),
        (sa.Text(), "2020-01-01", "'2020-01-02'", sa.Date(), None),
        (sa.Boolean(), sa.true(), "false", sa.BigInteger(), (0, 1)),
        (sa.BigInteger(), sa.text("0"), "5", sa.Boolean(), (True, False)),
        (sa.Text(), "{}", "'[1]'", postgresql.JSONB(), ([1], {})),
        (sa.Integer(), sa.text("7"), "5", sa.String(5), ("5", "7")),
    ],
    ids=str,
)
def test_a_type_that_needs_a_cast_gets_one(
    connection: sa.Connection,
    before: Any,
    default: Any,
    value: str,
    after: Any,
    expected: Any,
) -> None:
    run(connection, table(sa.Column("c", before, server_default=default)))
    connection.exec_driver_sql(f"INSERT INTO t VALUES ({value})")

    run(
        connection,
        made.alter_column(T, "c", type_=after, existing_type=before),
    )
    connection.exec_driver_sql("INSERT INTO t DEFAULT VALUES")
    rows = tuple(connection.scalars(sa.text("SELECT c FROM t")))

    assert rows == expected or expected is None


def test_a_string_that_is_too_long_is_refused_and_not_cut(
    connection: sa.Connection,
) -> None:
    run(connection, table(sa.Column("c", sa.String(9))))
    connection.exec_driver_sql("INSERT INTO t VALUES ('123456')")

    with pytest.raises(sa.exc.DataError):
        run(
            connection,
            made.alter_column(T, "c", type_=sa.String(5), existing_type=sa.String(9)),
        )


@pytest.mark.parametrize(
    "was",
    [
        Unique(None, ("c",)),
        ForeignKey(None, ("c",), TableName("t"), ("id",)),
        Check(None, Expression("c > 0")),
    ],
    ids=lambda was: type(was).__name__,
)
def test_a_constraint_without_a_name_is_found_by_what_it_says(
    connection: sa.Connection, was: Any
) -> None:
    run(
        connection,
        table(
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("c", sa.Integer, sa.ForeignKey("t.id"), unique=True),
            sa.CheckConstraint("c > 0"),
            sa.CheckConstraint("c < 9"),
        ),
    )
    kind = {Unique: "u", ForeignKey: "f", Check: "c"}[type(was)]
    count = sa.text(
        "SELECT count(*) FROM pg_constraint"
        " WHERE conrelid = 't'::regclass AND contype = :kind"
    )
    before = connection.scalar(count, {"kind": kind})

    run(connection, DropConstraint(T, None, was=was))

    assert connection.scalar(count, {"kind": kind}) == before - 1
    assert "c < 9" in str(sa.inspect(connection).get_check_constraints("t"))


def test_a_concurrent_index_is_made_where_there_is_no_transaction(
    postgresql_engine: sa.Engine,
) -> None:
    engine = postgresql_engine.execution_options(isolation_level="AUTOCOMMIT")
    create = made.create_index(T, "i", ["c"], None, postgresql_concurrently=True)
    with engine.connect() as connection:
        run(connection, table(sa.Column("c", sa.Integer)))
        run(connection, create)

        assert sa.inspect(connection).has_index("t", "i")

        run(connection, create.reversed())

        assert not sa.inspect(connection).has_index("t", "i")


def test_what_is_there_already_is_left_alone_if_asked(
    connection: sa.Connection,
) -> None:
    items = sa.Column("c", sa.Integer, index=True), sa.Column("d", sa.Text)
    create = CreateTable(
        read_table(sa.Table("t", sa.MetaData(), *items, comment="x")), True
    )
    add = made.add_column(
        T,
        sa.Column("e", sa.Integer, unique=True, index=True, comment="x"),
        None,
        if_not_exists=True,
    )

    run(connection, create, create, add, add)

    assert len(sa.inspect(connection).get_indexes("t")) == 2
