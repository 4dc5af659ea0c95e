"""A schema read in five statements is what SQLAlchemy's inspector and the texts say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.pool import StaticPool

from flask_migrations_ext.dialects.sqlite.comparison import SQLiteReader
from flask_migrations_ext.dialects.sqlite.definition import ConstraintText
from flask_migrations_ext.dialects.sqlite.definition import Kind
from flask_migrations_ext.dialects.sqlite.outline import constraints_in
from flask_migrations_ext.dialects.sqlite.parser import parse_table
from flask_migrations_ext.dialects.sqlite.tokens import folded
from flask_migrations_ext.schema.from_database import DatabaseReader
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import Computed
from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import Index
from flask_migrations_ext.schema.model import PrimaryKey
from flask_migrations_ext.schema.model import Schema
from flask_migrations_ext.schema.model import Table
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.model import Unique

from .sqlite_tables import create_tables
from .test_sqlite_table import FORMS

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
names = st.sampled_from(["a", "b b", "Order", "größe", "unique_code", "check", "x1"])
types = st.sampled_from(
    [
        *(sa.Integer(), sa.BigInteger(), sa.SmallInteger(), sa.Float(), sa.REAL()),
        *(sa.String(), sa.String(40), sa.Text(), sa.CHAR(3), sa.Unicode(9)),
        *(sa.Numeric(), sa.Numeric(10), sa.Numeric(10, 2), sa.Double()),
        *(sa.Date(), sa.DateTime(), sa.Time(), sa.Boolean(), sa.JSON()),
        *(sa.LargeBinary(), sa.Uuid(), sa.Enum("x", "y", name="letters")),
        sa.Boolean(create_constraint=True, name="truth"),
        sa.Enum("a,b", "c'", ")", name="e", create_constraint=True),
    ]
)
defaults: st.SearchStrategy[Any] = st.sampled_from(
    [None, None, "", "it's", "0", sa.text("0"), sa.text("(1 + 1)"), sa.func.now()]
)
actions = st.sampled_from([None, None, "CASCADE", "SET NULL", "RESTRICT"])


@st.composite
def metadatas(draw: Callable[..., Any]) -> sa.MetaData:
    """Return tables as apps declare them."""
    convention = draw(st.sampled_from([None, CONVENTION]))
    metadata = sa.MetaData(naming_convention=convention)
    for number in range(draw(st.integers(1, 3))):
        columns = draw(st.lists(names, min_size=1, max_size=4, unique_by=str.lower))
        table = sa.Table(
            draw(st.sampled_from(["t", "the table", "Order"])) + str(number),
            metadata,
            sa.Column("id", sa.Integer, primary_key=draw(st.booleans())),
            *(
                sa.Column(
                    name,
                    draw(types),
                    nullable=draw(st.booleans()),
                    unique=draw(st.booleans()),
                    index=draw(st.booleans()),
                    server_default=draw(defaults),
                )
                for name in columns
            ),
            sqlite_strict=False,
            sqlite_with_rowid=True,
        )
        # With two that are the same, no names can be told apart.
        if draw(st.booleans()):
            table.append_constraint(
                sa.UniqueConstraint("id", columns[0], name=draw(constraint_names))
            )
        if draw(st.booleans()):
            quoted = '"' + columns[0] + '"'
            table.append_constraint(
                sa.CheckConstraint(f"{quoted} <> ') ,'", name="condition")
            )
        if draw(st.booleans()):
            parents = list(metadata.tables.values())
            parent = draw(st.sampled_from(parents))
            key = sa.ForeignKeyConstraint(
                [columns[0]],
                [parent.c.id],
                name=draw(constraint_names),
                ondelete=draw(actions),
                onupdate=draw(actions),
                deferrable=draw(st.sampled_from([None, True])),
            )
            table.append_constraint(key)
        if draw(st.booleans()):
            sa.Index("many", table.c.id.desc(), table.c[columns[0]])

    return metadata


constraint_names = st.sampled_from([None, "plain", "Two words", "unique"])


def database() -> sa.Engine:
    return sa.create_engine("sqlite://", poolclass=StaticPool)


@given(metadatas())
def test_tables_of_apps_are_read_as_the_inspector_reads_them(
    metadata: sa.MetaData,
) -> None:
    engine = database()
    with engine.connect() as connection:
        try:
            metadata.create_all(connection)
        except (sa.exc.SQLAlchemyError, KeyError):
            assume(False)
        ours, theirs = both(connection)
    engine.dispose()

    assert ours == theirs


def both(connection: sa.Connection) -> tuple[Schema, Schema]:
    """Return a database as it is read here, and by the inspector."""
    ours = SQLiteReader(connection).read()
    theirs = DatabaseReader(connection).read()

    return Schema.of(map(told_by_both, ours.tables)), theirs


def told_by_both(table: Table) -> Table:
    """Return a table without the order of its indexes, which only ours tell."""
    indexes = [
        replace(
            index,
            parts=tuple(
                part
                if isinstance(part, str)
                else part.text.removesuffix(" DESC").strip('"')
                for part in index.parts
            ),
        )
        for index in table.indexes
    ]

    return replace(table, indexes=tuple(indexes))


@pytest.mark.parametrize("sql", [sql for sql, _, _ in FORMS])
def test_each_form_has_its_constraints(sql: str) -> None:
    check_constraints(sql)


@given(create_tables())
def test_the_constraints_in_a_text_are_those_of_the_whole_table(sql: str) -> None:
    """The quick way past columns and usual constraints finds what the slow one does."""
    check_constraints(sql)


def check_constraints(sql: str) -> None:
    kinds = {Kind.PRIMARY, Kind.UNIQUE, Kind.CHECK, Kind.FOREIGN, Kind.GENERATED}

    def told(constraint: ConstraintText) -> tuple[object, ...]:
        reference = constraint.reference
        is_check = constraint.kind is Kind.CHECK
        return (
            constraint.kind,
            constraint.name,
            None if is_check else constraint.columns,
            constraint.expression,
            reference and (reference.table, reference.deferrable, reference.initially),
        )

    slow = [told(each) for each in parse_table(sql).constraints if each.kind in kinds]
    quick = [told(each) for each in constraints_in(sql) if each.kind in kinds]

    assert quick == slow


@given(create_tables())
def test_any_table_is_read_as_its_text_and_its_pragmas_say(sql: str) -> None:
    engine = database()
    with engine.connect() as connection:
        try:
            connection.exec_driver_sql(sql)
        except sa.exc.OperationalError:
            assume(False)
        text = parse_table(sql)
        (table,) = SQLiteReader(connection).read().tables
    engine.dispose()
    keys = [each for each in table.constraints if isinstance(each, ForeignKey)]

    assert table.name.name == text.name
    assert [each.name for each in table.columns] == list(text.column_names)
    assert Counter(
        (each.name, folded(each.referent.name), tuple(map(folded, each.columns)))
        for each in keys
    ) == Counter(
        (each.name, folded(each.reference.table), tuple(map(folded, each.columns)))
        for each in text.foreign_keys
        if each.reference
    )
    assert Counter(
        each.condition.text for each in table.constraints if isinstance(each, Check)
    ) == Counter(each.expression for each in text.of_kind(Kind.CHECK))
    assert [
        each.computed.expression.text for each in table.columns if each.computed
    ] == [each.of_kind(Kind.GENERATED)[0].expression for each in text.generated_columns]
    assert dict(table.options) == {
        **({"sqlite_autoincrement": True} if text.has_autoincrement else {}),
        **({"sqlite_strict": True} if text.is_strict else {}),
        **({"sqlite_with_rowid": False} if text.without_rowid else {}),
    }


# Statements; what is read of the table t.
READ: list[tuple[str, object]] = [
    (
        "CREATE TABLE p (Id INTEGER PRIMARY KEY);"
        "CREATE TABLE t (a CONSTRAINT k REFERENCES P ON DELETE CASCADE, b, c,"
        " CONSTRAINT two FOREIGN KEY (b) REFERENCES p (id) DEFERRABLE,"
        " FOREIGN KEY (c) REFERENCES nowhere)",
        [
            ForeignKey(None, ("c",), TableName("nowhere")),
            ForeignKey("k", ("a",), TableName("P"), ("Id",), ondelete="CASCADE"),
            ForeignKey("two", ("b",), TableName("p"), ("id",), deferrable=True),
        ],
    ),
    (
        "CREATE TABLE t (A TEXT, CONSTRAINT k PRIMARY KEY (a), CONSTRAINT u UNIQUE (a)"
        " CHECK (a <> ')'))",
        [
            PrimaryKey("k", ("A",)),
            Unique("u", ("A",)),
            Check(None, Expression("a <> ')'")),
        ],
    ),
    (
        "CREATE TABLE t (a, [b c], CHECK(a) -- never )\n, /* UNIQUE (a) */"
        " UNIQUE ([b c]))",
        [Unique(None, ("b c",)), Check(None, Expression("a"))],
    ),
    (
        "CREATE TABLE t (a, b AS (a\n + 1) STORED); CREATE TEMP TABLE t (c UNIQUE)",
        [Computed(Expression("a\n + 1"), True)],
    ),
    (
        "CREATE TABLE t (a, b); CREATE UNIQUE INDEX i ON t (a DESC, lower(b) DESC)"
        " WHERE a > ':x' -- it; CREATE TEMP TABLE t (c)",
        [
            Index(
                "i",
                (Expression("a DESC"), Expression("lower(b) DESC")),
                unique=True,
                options=(("sqlite_where", Expression("a > ':x'")),),
            )
        ],
    ),
    ("CREATE VIRTUAL TABLE t USING fts5(a)", None),
]


@pytest.mark.parametrize(("statements", "said"), READ)
def test_what_patterns_would_miss_is_read(statements: str, said: object) -> None:
    engine = database()
    with engine.connect() as connection:
        for statement in statements.split(";"):
            connection.exec_driver_sql(statement)
        schema = SQLiteReader(connection).read()
    engine.dispose()
    table = schema.by_name.get(TableName("t"))
    found = table and [
        *table.constraints,
        *table.indexes,
        *(each.computed for each in table.columns if each.computed),
    ]

    assert found == said
    assert schema.by_name.keys() <= {TableName("t"), TableName("p")}


@pytest.mark.parametrize("tables", [1, 40])
def test_the_statements_do_not_grow_with_the_tables(tables: int) -> None:
    engine = database()
    said: list[str] = []
    with engine.connect() as connection:
        for number in range(tables):
            connection.exec_driver_sql(
                f"CREATE TABLE t{number} (a PRIMARY KEY, b UNIQUE REFERENCES t0)"
            )
            connection.exec_driver_sql(f"CREATE INDEX i{number} ON t{number} (a, b)")
        sa.event.listen(
            engine, "before_cursor_execute", lambda *given: said.append(given[2])
        )
        schema = SQLiteReader(connection).read()
    engine.dispose()

    assert len(schema.tables) == tables
    assert len(said) == 5
