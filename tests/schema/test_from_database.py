"""What a database says of itself becomes values, in bulk."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from flask_migrations_ext.dialects.literals import Literals
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.schema.from_database import IncludeName
from flask_migrations_ext.schema.from_database import read_database
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import Index
from flask_migrations_ext.schema.model import PrimaryKey
from flask_migrations_ext.schema.model import Table
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.model import Unique


def make(connection: sa.Connection, tables: int = 0) -> None:
    metadata = sa.MetaData()
    sa.Table(
        "parent",
        metadata,
        sa.Column("a", sa.Integer, autoincrement=False),
        sa.Column("b", sa.Integer),
        sa.Column("name", sa.String(20), nullable=False, server_default="it's"),
        sa.PrimaryKeyConstraint("a", "b", name="pk_parent"),
        sa.UniqueConstraint("name", name="uq_name"),
        comment="of all",
    )
    sa.Table(
        "child",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.Integer, comment="first half"),
        sa.Column("b", sa.Integer),
        sa.Column("twice", sa.Integer, sa.Computed("a * 2", persisted=True)),
        sa.ForeignKeyConstraint(
            ["a", "b"], ["parent.a", "parent.b"], name="fk_child", ondelete="CASCADE"
        ),
        sa.CheckConstraint("a > 0", name="ck_a"),
        sa.Index("ix_ba", "b", "a", unique=True),
    )
    for number in range(tables):
        sa.Table(
            f"more_{number}", metadata, sa.Column("id", sa.Integer, primary_key=True)
        )
    metadata.create_all(connection)
    connection.execute(sa.text("CREATE VIEW seen AS SELECT a FROM child"))
    connection.commit()


def table(
    connection: sa.Connection, name: str, include_name: IncludeName | None = None
) -> Table:
    found = read_database(connection, include_name=include_name)
    return found.by_name[TableName(name)]


@contextmanager
def statements(connection: sa.Connection) -> Iterator[list[str]]:
    heard: list[str] = []

    def listen(*arguments: object) -> None:
        heard.append(str(arguments[2]))

    sa.event.listen(connection, "before_cursor_execute", listen)
    yield heard
    sa.event.remove(connection, "before_cursor_execute", listen)


def test_tables_are_read_and_views_are_not(connection: sa.Connection) -> None:
    make(connection)

    names = [str(each.name) for each in read_database(connection).tables]

    assert names == ["child", "parent"]


def test_columns_say_all_that_the_database_knows(connection: sa.Connection) -> None:
    make(connection)

    found = table(connection, "parent")
    name = found.column("name")

    assert name is not None
    assert name.nullable is False
    assert isinstance(name.type.element, sa.String)
    assert name.default is not None
    assert name.default.literal is False
    assert "'it''s'" in name.default.sql(Literals(connection.dialect).expression)
    assert [(each.name, each.primary_key) for each in found.columns] == [
        ("a", True),
        ("b", True),
        ("name", False),
    ]


def test_constraints_are_the_classes_that_models_give(
    connection: sa.Connection,
) -> None:
    make(connection)

    parent, child = table(connection, "parent"), table(connection, "child")

    assert parent.primary_key is not None
    assert parent.primary_key.columns == ("a", "b")
    assert [each.columns for each in parent.of_kind(Unique)] == [("name",)]
    assert list(child.of_kind(ForeignKey)) == [
        ForeignKey(
            "fk_child",
            ("a", "b"),
            TableName("parent"),
            ("a", "b"),
            ondelete="CASCADE",
        )
    ]
    assert [each.name for each in child.of_kind(Check)] == ["ck_a"]
    assert "ix_ba" in [each.name for each in child.indexes]


def test_an_index_keeps_the_order_of_its_columns(connection: sa.Connection) -> None:
    make(connection)

    found = [each for each in table(connection, "child").indexes if each.unique]

    assert [(each.name, each.parts) for each in found] == [("ix_ba", ("b", "a"))]


def test_a_computed_column_has_an_expression_and_no_default(
    connection: sa.Connection,
) -> None:
    make(connection)

    twice = table(connection, "child").column("twice")

    assert twice is not None
    assert twice.default is None
    assert twice.computed is not None
    assert twice.computed.persisted is True
    assert "* 2" in twice.computed.expression.text


def test_comments_are_read_where_there_are_any(connection: sa.Connection) -> None:
    make(connection)
    has_comments = rules_for(connection.dialect).dialect.has_comments

    column = table(connection, "child").column("a")

    assert column is not None
    assert column.comment == ("first half" if has_comments else None)
    assert table(connection, "parent").comment == ("of all" if has_comments else None)


def test_what_the_app_leaves_out_is_not_read(connection: sa.Connection) -> None:
    make(connection)
    left_out = {
        ("column", "twice"),
        ("index", "ix_ba"),
        ("unique_constraint", "uq_name"),
        ("unique_constraint", "ix_ba"),
        ("foreign_key_constraint", "fk_child"),
        ("check_constraint", "ck_a"),
    }
    parents: list[Mapping[str, str | None]] = []

    def include(name: str | None, kind: str, named: Mapping[str, str | None]) -> bool:
        parents.append(named)
        return (kind, name) not in left_out

    child = table(connection, "child", include)
    parent = table(connection, "parent", include)

    assert [each.name for each in child.columns] == ["id", "a", "b"]
    assert [type(each) for each in child.constraints] == [PrimaryKey]
    assert [type(each) for each in parent.constraints] == [PrimaryKey]
    assert "ix_ba" not in [each.name for each in child.indexes]
    assert {
        "schema_name": None,
        "table_name": "child",
        "schema_qualified_table_name": "child",
    } in parents


def test_a_table_that_is_left_out_costs_nothing(connection: sa.Connection) -> None:
    make(connection)

    found = read_database(
        connection, include_name=lambda name, kind, parents: name != "child"
    )

    assert [each.name.name for each in found.tables] == ["parent"]


def test_more_tables_need_no_more_statements(
    postgresql_engine: sa.Engine,
) -> None:
    with postgresql_engine.connect() as connection:
        make(connection)
        with statements(connection) as few:
            read_database(connection)
        make_more(connection, 10)
        with statements(connection) as many:
            read_database(connection)

    # The first time, something is asked about the connection, too.
    assert len(many) <= len(few)


def make_more(connection: sa.Connection, count: int) -> None:
    for number in range(count):
        connection.execute(sa.text(f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY)"))


def test_a_schema_that_is_named_is_read(postgresql_engine: sa.Engine) -> None:
    with postgresql_engine.connect() as connection:
        connection.execute(sa.text("CREATE SCHEMA other"))
        connection.execute(sa.text("CREATE TABLE other.thing (id INTEGER)"))

        found = read_database(connection, [None, "other"])

    assert [each.name for each in found.tables] == [TableName("thing", "other")]


def test_an_identity_is_read(postgresql_engine: sa.Engine) -> None:
    with postgresql_engine.connect() as connection:
        connection.execute(
            sa.text("CREATE TABLE t (id INTEGER GENERATED ALWAYS AS IDENTITY)")
        )
        column = table(connection, "t").column("id")

    assert column is not None
    assert column.identity is not None
    assert column.identity.always is True


def test_partitions_belong_to_their_table(postgresql_engine: sa.Engine) -> None:
    with postgresql_engine.connect() as connection:
        connection.execute(
            sa.text("CREATE TABLE sold (day DATE) PARTITION BY RANGE (day)")
        )
        connection.execute(
            sa.text(
                "CREATE TABLE sold_old PARTITION OF sold"
                " FOR VALUES FROM (MINVALUE) TO ('2020-01-01')"
            )
        )
        found = rules_for(connection.dialect).read_database(connection)

    assert [each.name.name for each in found.tables] == ["sold"]


def test_sqlite_reads_indexes_on_expressions(sqlite_engine: sa.Engine) -> None:
    with sqlite_engine.connect() as connection:
        connection.execute(sa.text("CREATE TABLE t (a TEXT, b TEXT)"))
        connection.execute(
            sa.text(
                "CREATE UNIQUE INDEX i ON t (lower(a || ','), b DESC) WHERE a <> 'x,y'"
            )
        )
        rules = rules_for(connection.dialect)
        (found,) = rules.read_database(connection).by_name[TableName("t")].indexes

    assert found == Index(
        "i",
        (Expression("lower(a || ',')"), Expression("b DESC")),
        unique=True,
        options=(("sqlite_where", Expression("a <> 'x,y'")),),
    )


def test_sqlite_leaves_out_what_a_virtual_table_keeps(
    sqlite_engine: sa.Engine,
) -> None:
    with sqlite_engine.connect() as connection:
        try:
            connection.execute(sa.text("CREATE VIRTUAL TABLE found USING fts5(words)"))
        except sa.exc.OperationalError:
            pytest.skip("this SQLite has no FTS5")
        rules = rules_for(connection.dialect)

        assert rules.read_database(connection).tables == ()
