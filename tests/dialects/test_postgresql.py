"""What only PostgreSQL has: enums with names, casts, indexes made concurrently."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from flask_migrations_ext.dialects.postgresql.dialect import PostgreSQL
from flask_migrations_ext.dialects.registry import rules_for
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


def altered(name: str, becomes: Any, *, schema: str | None = None, **said: Any) -> Any:
    return made.alter_column(TableName("t", schema), name, type_=becomes, **said)


def test_the_sequence_of_a_serial_grows_with_its_column(
    connection: sa.Connection,
) -> None:
    run(connection, table(sa.Column("c", sa.Integer, primary_key=True)))
    kind = sa.text("SELECT data_type FROM pg_sequences WHERE sequencename = 't_c_seq'")
    assert str(connection.scalar(kind)) == "integer"

    run(connection, altered("c", sa.BigInteger(), existing_type=sa.Integer()))

    assert str(connection.scalar(kind)) == "bigint"


def test_an_identity_takes_its_sequence_along(connection: sa.Connection) -> None:
    run(connection, table(sa.Column("c", sa.Integer, sa.Identity())))

    run(connection, altered("c", sa.BigInteger()))

    kind = sa.text("SELECT data_type FROM pg_sequences WHERE sequencename = 't_c_seq'")
    assert str(connection.scalar(kind)) == "bigint"


@pytest.mark.parametrize(
    ("identity", "numbers"),
    [
        (sa.Identity(), [7, 8]),
        (sa.Identity(start=5, increment=5), [7, 12]),
        (sa.Identity(start=100), [7, 100]),
        (sa.Identity(start=-1, increment=-1), [-1, 7]),
    ],
)
def test_a_column_with_rows_becomes_an_identity_that_counts_on(
    connection: sa.Connection, identity: sa.Identity, numbers: list[int]
) -> None:
    run(
        connection,
        table(sa.Column("c", sa.Integer, nullable=False), sa.Column("x", sa.Integer)),
    )
    connection.execute(sa.text("INSERT INTO t VALUES (7, 0)"))

    run(connection, made.alter_column(TableName("t"), "c", server_default=identity))
    connection.execute(sa.text("INSERT INTO t (x) VALUES (1)"))

    found = connection.scalars(sa.text("SELECT c FROM t ORDER BY c"))
    assert list(found) == numbers


def test_a_generated_column_gets_another_type(connection: sa.Connection) -> None:
    """It has no default that could go, and no values that could be converted."""
    computed = sa.Computed("a * 2", persisted=True)
    run(
        connection,
        table(sa.Column("a", sa.Integer), sa.Column("c", sa.Integer, computed)),
    )

    run(connection, altered("c", sa.BigInteger()))
    run(connection, altered("c", sa.Text(), existing_type=sa.BigInteger()))

    assert isinstance(column(connection)["type"], sa.Text)
    assert column(connection)["computed"]["persisted"]


def test_text_becomes_an_interval(connection: sa.Connection) -> None:
    run(connection, table(sa.Column("c", sa.Text)))
    connection.execute(sa.text("INSERT INTO t VALUES ('90 minutes')"))

    run(connection, altered("c", sa.Interval(), existing_type=sa.Text()))

    assert isinstance(column(connection)["type"], postgresql.INTERVAL)
    hours = connection.scalar(sa.text("SELECT extract(epoch FROM c) / 3600 FROM t"))
    assert float(hours or 0) == 1.5


def test_models_turn_text_into_an_interval_by_a_cast_to_one() -> None:
    rules = rules_for(postgresql.dialect())  # type: ignore[no-untyped-call]  # its class is not typed
    found, wanted = (
        read_table(sa.Table("t", sa.MetaData(), sa.Column("c", kind))).columns[0]
        for kind in (sa.Text, sa.Interval)
    )

    assert rules.conversion(found, wanted) == (("postgresql_using", "c::INTERVAL"),)


def test_the_comment_of_the_table_that_is_meant_is_taken_away(
    connection: sa.Connection,
) -> None:
    connection.execute(sa.text("CREATE SCHEMA foo"))
    for schema in (None, "foo"):
        run(connection, table(sa.Column("c", sa.Integer, comment="x"), schema=schema))

    run(
        connection,
        made.alter_column(TableName("t", "foo"), "c", comment=None),
    )

    inspector = sa.inspect(connection)
    comments = [
        inspector.get_columns("t", schema=schema)[0]["comment"]
        for schema in (None, "foo")
    ]
    assert comments == ["x", None]


def test_a_system_column_is_not_made(connection: sa.Connection) -> None:
    run(
        connection,
        table(sa.Column("a", sa.Integer), sa.Column("xmin", sa.Integer, system=True)),
    )

    assert [each["name"] for each in sa.inspect(connection).get_columns("t")] == ["a"]
