"""What SQLAlchemy or our own script made on SQLite does not differ from its models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import SchemaItem

from flask_migrations_ext.autogenerate.compare.schema import comparison
from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata

Made = tuple[list[SchemaItem], dict[str, Any]]
Form = Callable[[], Made]


def form(*items: Callable[[], SchemaItem], **options: Any) -> Form:
    return lambda: ([each() for each in items], options)


def column(name: str, *arguments: Any, **options: Any) -> Callable[[], SchemaItem]:
    def made() -> SchemaItem:
        # A part of one table cannot be a part of another.
        return sa.Column(name, *map(copied, arguments), **options)

    return made


def copied(argument: Any) -> Any:
    found: Any = argument
    return found._copy() if isinstance(argument, SchemaItem) else argument


def index(*parts: Any, **options: Any) -> Callable[[], SchemaItem]:
    return lambda: sa.Index("ix", *parts, **options)


ID = column("id", sa.Integer, primary_key=True)
NAME = column("name", sa.String(20))
DATE: Any = sqlite.DATE
FORMS: dict[str, Form] = {
    # computed columns
    "computed": form(ID, column("c", sa.Integer, sa.Computed("id + 1"))),
    "computed over lines": form(
        ID, column("c", sa.Integer, sa.Computed("\n  id\n  + 1\n", persisted=True))
    ),
    "computed with quotes": form(
        ID, NAME, column("c", sa.Text, sa.Computed("name || ', (' || ' AS (x)'"))
    ),
    "computed case": form(
        ID,
        column("c", sa.Text, sa.Computed("CASE WHEN id > 1 THEN 'a' ELSE 'b' END")),
    ),
    "computed not null": form(
        ID, column("c", sa.Integer, sa.Computed("id * 2", False), nullable=False)
    ),
    # indexes
    "index collate": form(ID, NAME, index(sa.text("name COLLATE NOCASE"))),
    "index collate quoted": form(ID, NAME, index(sa.text('"name" collate "nocase"'))),
    "index collation": form(ID, NAME, index(sa.collate(sa.column("name"), "NOCASE"))),
    "index collate desc": form(ID, NAME, index(sa.text("name COLLATE RTRIM DESC"))),
    "index own collation": form(
        ID, column("name", sa.String(20, collation="NOCASE")), index("name")
    ),
    "index desc": form(ID, NAME, index(sa.text("name DESC"), "id")),
    "index desc element": form(ID, NAME, index(sa.column("name").desc())),
    "index asc": form(ID, NAME, index(sa.text("name ASC"))),
    "index asc element": form(ID, NAME, index(sa.column("name").asc())),
    "index function": form(ID, NAME, index(sa.func.lower(sa.column("name")))),
    "index function desc": form(ID, NAME, index(sa.text("lower(name) desc"))),
    "index expression": form(ID, NAME, index(sa.text("(id + 1)"), "name")),
    "index unique": form(ID, NAME, index("name", "id", unique=True)),
    "index where": form(ID, NAME, index("name", sqlite_where=sa.text("id > 1"))),
    "index where in": form(
        ID, NAME, index("name", sqlite_where=sa.column("name").in_(["a", "b:c"]))
    ),
    "index where lines": form(
        ID, NAME, index("name", sqlite_where=sa.text("id > 1\n AND name <> ''"))
    ),
    "index quoted": form(ID, column("a b", sa.Text), index("a b")),
    # keys
    "key unique": form(column("id", sa.Integer, primary_key=True, unique=True)),
    "text key unique": form(column("id", sa.String(9), primary_key=True, unique=True)),
    "key index": form(column("id", sa.Integer, primary_key=True, index=True)),
    "key without counting": form(
        column("id", sa.Integer, primary_key=True, autoincrement=False)
    ),
    "two keys": form(ID, column("b", sa.Integer, primary_key=True)),
    "key on null": form(ID, column("b", sa.Integer, primary_key=True, nullable=True)),
    "unique twice": form(ID, column("b", sa.Integer, unique=True, index=True)),
    "unique and named": form(
        ID,
        column("b", sa.Integer, unique=True),
        lambda: sa.UniqueConstraint("b", name="u"),
    ),
    "unique reordered": form(ID, NAME, lambda: sa.UniqueConstraint("name", "id")),
    # SQLite's own options
    "autoincrement": form(ID, sqlite_autoincrement=True),
    "strict": form(ID, column("b", sa.Text), sqlite_strict=True),
    "without rowid": form(ID, NAME, sqlite_with_rowid=False),
    "both": form(ID, column("b", sa.Text), sqlite_with_rowid=False, sqlite_strict=True),
    "on conflict key": form(
        column(
            "id", sa.Integer, primary_key=True, sqlite_on_conflict_primary_key="FAIL"
        )
    ),
    "on conflict not null": form(
        ID,
        column("b", sa.Text, nullable=False, sqlite_on_conflict_not_null="IGNORE"),
    ),
    "on conflict unique": form(
        ID, column("b", sa.Text, unique=True, sqlite_on_conflict_unique="REPLACE")
    ),
    "on conflict in constraints": form(
        ID,
        NAME,
        lambda: sa.UniqueConstraint("name", name="u", sqlite_on_conflict="IGNORE"),
        lambda: sa.CheckConstraint("id > 0", name="c", sqlite_on_conflict="FAIL"),
    ),
    # conditions
    "check": form(ID, lambda: sa.CheckConstraint("id > 0\n AND id < 9", name="c")),
    "check unnamed": form(ID, lambda: sa.CheckConstraint("id IN (1, 2)")),
    "check in": form(
        ID, lambda: sa.CheckConstraint(sa.column("id").in_([1, 2]), name="c")
    ),
    "check text": form(
        ID, NAME, lambda: sa.CheckConstraint("name LIKE '%)%' ESCAPE '\\'", name="c")
    ),
    "check column": form(column("id", sa.Integer, sa.CheckConstraint("id > 0"))),
    "boolean check": form(ID, column("b", sa.Boolean(True, name="c"))),
    "enum check": form(
        ID, column("b", sa.Enum("a'b", "c,d", name="e", create_constraint=True))
    ),
    # defaults
    "default text": form(ID, column("b", sa.Text, server_default="it's")),
    "default empty": form(ID, column("b", sa.Text, server_default="")),
    "default number": form(ID, column("b", sa.Integer, server_default="0")),
    "default number text": form(
        ID, column("b", sa.Integer, server_default=sa.text("0"))
    ),
    "default negative": form(
        ID, column("b", sa.Float, server_default=sa.text("-1.50"))
    ),
    "default expression": form(
        ID, column("b", sa.Text, server_default=sa.text("(lower('X') ||\n 'y')"))
    ),
    "default now": form(ID, column("b", sa.DateTime, server_default=sa.func.now())),
    "default current": form(
        ID, column("b", sa.DateTime, server_default=sa.func.current_timestamp())
    ),
    "default true": form(ID, column("b", sa.Boolean, server_default=sa.true())),
    "default null": form(ID, column("b", sa.Text, server_default=sa.null())),
    "default blob": form(
        ID, column("b", sa.LargeBinary, server_default=sa.text("x'00ff'"))
    ),
    "default strftime": form(
        ID,
        column("b", sa.Text, server_default=sa.text("(strftime('%Y', 'now'))")),
    ),
    # references
    "reference": form(
        ID,
        column(
            "b",
            sa.ForeignKey(
                "t.id", ondelete="CASCADE", onupdate="SET NULL", deferrable=True
            ),
        ),
    ),
    "reference deferred": form(
        ID, column("b", sa.ForeignKey("t.id", initially="DEFERRED", deferrable=True))
    ),
    "reference named": form(ID, column("b", sa.ForeignKey("t.id", name="k"))),
    "reference match": form(ID, column("b", sa.ForeignKey("t.id", match="FULL"))),
    "reference no action": form(
        ID, column("b", sa.ForeignKey("t.id", ondelete="NO ACTION"))
    ),
    "reference two": form(
        column("a", sa.Integer, primary_key=True),
        column("b", sa.Integer, primary_key=True),
        column("c", sa.Integer),
        column("d", sa.Integer),
        lambda: sa.ForeignKeyConstraint(["c", "d"], ["t.a", "t.b"]),
    ),
    # names
    "reserved": form(ID, column("order", sa.Text, index=True, unique=True)),
    "capitals": form(ID, column("Name", sa.Text, index=True)),
    "strange": form(ID, column('a "b" c', sa.Text, unique=True)),
    # types of SQLite
    **{
        f"type {type_!r}": form(ID, column("b", type_))
        for type_ in (
            *(DATE(storage_format="%(year)04d%(month)02d%(day)02d"),),
            *(sqlite.JSON(), sqlite.BLOB(), sqlite.REAL(), sqlite.NUMERIC(5, 2)),
            *(sa.Interval(), sa.PickleType(), sa.Uuid(), sa.Double(), sa.Float(5)),
            *(sa.Numeric(asdecimal=False), sa.Unicode(3), sa.UnicodeText(), sa.CHAR(1)),
            *(sa.Text(collation="NOCASE"), sa.BigInteger(), sa.SmallInteger()),
            *(sa.NCHAR(2), sa.NVARCHAR(2), sa.VARBINARY(2), sa.BINARY(2), sa.CLOB()),
            *(sa.TIMESTAMP(), sa.Time(), sa.DateTime(True), sa.Date(), sa.Boolean()),
            *(sa.DECIMAL(4, 1), sa.INTEGER(), sa.BIGINT(), sa.DOUBLE_PRECISION()),
        )
    },
}


def metadata(name: str, convention: dict[str, str] | None) -> sa.MetaData:
    found = sa.MetaData(naming_convention=convention)
    items, options = FORMS[name]()
    sa.Table("t", found, *items, **options)

    return found


def differences(connection: sa.Connection, models: sa.MetaData) -> list[str]:
    rules = rules_for(connection.dialect, connection)
    found = comparison(rules.read_database(connection), read_metadata(models), rules)

    return [*(describe(each) for each in found.operations), *found.notes]


CONVENTIONS: list[dict[str, str] | None] = [
    None,
    {
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
]


@pytest.mark.parametrize("convention", CONVENTIONS, ids=["unnamed", "named"])
@pytest.mark.parametrize("name", FORMS)
def test_what_was_made_from_models_does_not_differ(
    name: str, convention: dict[str, str] | None
) -> None:
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as connection:
        metadata(name, convention).create_all(connection)
        found = differences(connection, metadata(name, convention))
    engine.dispose()

    assert found == []


@pytest.mark.parametrize("convention", CONVENTIONS, ids=["unnamed", "named"])
@pytest.mark.parametrize("name", FORMS)
def test_what_our_operations_made_does_not_differ(
    name: str, convention: dict[str, str] | None
) -> None:
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as connection:
        models = metadata(name, convention)
        rules = rules_for(connection.dialect, connection)
        wanted = comparison(
            rules.read_database(connection), read_metadata(models), rules
        )
        dialect = dialect_for(connection.dialect, convention)
        for operation in wanted.operations:
            for statement in dialect.statements(operation, connection):
                connection.execute(statement.element)
        found = differences(connection, models)
    engine.dispose()

    assert wanted.operations
    assert found == []
