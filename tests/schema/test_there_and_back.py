"""From SQLAlchemy to values and back nothing is lost, and nothing is touched."""

from __future__ import annotations

import enum

import pytest
import sqlalchemy as sa

from flask_migrations_ext.dialects.literals import Literals
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata
from flask_migrations_ext.schema.from_sqlalchemy import read_table
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import ServerDefault
from flask_migrations_ext.schema.model import SqlType
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.to_sqlalchemy import SQLAlchemyBuilder

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

DIALECTS = [
    sa.make_url(f"{name}://").get_dialect()()
    for name in ("postgresql", "mysql", "sqlite")
]


class Color(enum.Enum):
    RED = 1
    BLUE = 2


def rich_table(metadata: sa.MetaData) -> sa.Table:
    table = sa.Table(
        "thing",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(20), unique=True, server_default="x'y:z%"),
        sa.Column("parent", sa.ForeignKey("thing.id", ondelete="CASCADE"), index=True),
        sa.Column("color", sa.Enum(Color, name="color"), comment="as painted"),
        sa.Column("flag", sa.Boolean(create_constraint=True, name="flag")),
        sa.Column("made", sa.DateTime(timezone=True), server_default=sa.text("'now'")),
        sa.Column("twice", sa.Integer, sa.Computed("id * 2", persisted=True)),
        sa.Column("serial", sa.Integer, sa.Identity(always=True, start=7)),
        sa.Column(
            "price", sa.Numeric(10, 2), sa.CheckConstraint("price >= 0", name="sold")
        ),
        sa.CheckConstraint("name <> 'a:b'", name="named"),
        sa.ForeignKeyConstraint(
            ["price", "parent"],
            ["elsewhere.other.a", "elsewhere.other.b"],
            deferrable=True,
            initially="DEFERRED",
        ),
        comment="of all kinds",
        mysql_engine="InnoDB",
    )
    sa.Index("ix_lower", sa.func.lower(table.c.name), postgresql_where=table.c.id > 3)
    return table


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_a_table_built_from_a_value_reads_as_that_value(dialect: sa.Dialect) -> None:
    table = read_table(rich_table(sa.MetaData(naming_convention=CONVENTION)))

    built = SQLAlchemyBuilder(dialect, CONVENTION).table(table)

    assert read_table(built) == table


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_building_leaves_the_metadata_of_the_app_as_it_was(dialect: sa.Dialect) -> None:
    metadata = sa.MetaData(naming_convention=CONVENTION)
    original = rich_table(metadata)
    before = read_table(original)
    builder = SQLAlchemyBuilder(dialect, CONVENTION)

    builder.table(before)
    for index in before.indexes:
        builder.index(index, before.name)
    for constraint in before.constraints:
        builder.constraint(constraint, before.name)

    assert list(metadata.tables) == ["thing"]
    assert read_table(original) == before


def test_a_check_that_stands_inside_a_column_is_read() -> None:
    price = sa.Column("price", sa.Integer, sa.CheckConstraint("price >= 0"))

    (check,) = read_table(sa.Table("t", sa.MetaData(), price)).of_kind(Check)

    assert check.condition.text == "price >= 0"


def test_tables_come_after_those_that_they_point_to() -> None:
    metadata = sa.MetaData()
    sa.Table("a", metadata, sa.Column("b_id", sa.ForeignKey("b.id")))
    sa.Table("b", metadata, sa.Column("id", sa.Integer, primary_key=True))

    names = [str(table.name) for table in read_metadata(metadata).tables]

    assert names == ["b", "a"]


def test_a_foreign_key_names_columns_as_the_database_does() -> None:
    metadata = sa.MetaData()
    sa.Table("b", metadata, sa.Column("identifier", sa.Integer, key="id"))
    a = sa.Table("a", metadata, sa.Column("b_id", sa.ForeignKey("b.id")))

    (key,) = (each for each in read_table(a).constraints)

    assert getattr(key, "referent_columns", None) == ("identifier",)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (sa.String(20), sa.String(20), True),
        (sa.String(20), sa.String(30), False),
        (sa.Integer, sa.Integer(), True),
        (sa.Integer(), sa.BigInteger(), False),
        (sa.Enum("a", "b", name="x"), sa.Enum("a", "b", name="x"), True),
        (sa.Enum("a", "b", name="x"), sa.Enum("a", "c", name="x"), False),
        (sa.DateTime(timezone=True), sa.DateTime(), False),
    ],
)
def test_types_are_equal_when_they_mean_the_same(
    one: object, other: object, equal: bool
) -> None:
    assert (SqlType.of(one) == SqlType.of(other)) is equal


def test_a_default_that_is_a_string_is_quoted_and_one_that_is_sql_is_not() -> None:
    dialect = DIALECTS[0]

    assert ServerDefault.of("it's").sql(Literals(dialect).expression) == "'it''s'"
    assert (
        ServerDefault.of(sa.text("now()")).sql(Literals(dialect).expression) == "now()"
    )
    assert ServerDefault.of("now()") != ServerDefault.of(sa.text("now()"))


@pytest.mark.parametrize(
    ("key", "name"),
    [("a", TableName("a")), ("s.a", TableName("a", "s"))],
)
def test_a_table_name_reads_what_it_writes(key: str, name: TableName) -> None:
    assert TableName.parse(key) == name
    assert str(name) == key
