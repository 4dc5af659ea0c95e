"""``render_item`` is asked for every kind of object, with SQLAlchemy's own."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate.api import render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import CreateTableOp
from alembic.operations.ops import UpgradeOps

from flask_migrations_ext.autogenerate.compare.schema import compare
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.script import render_reversed
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import AddColumn
from flask_migrations_ext.operations.tables import CreateTable
from flask_migrations_ext.operations.tables import DropTable
from flask_migrations_ext.schema.from_sqlalchemy import read_column
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata
from flask_migrations_ext.schema.from_sqlalchemy import read_table
from flask_migrations_ext.schema.model import TableName

METADATA = sa.MetaData()
ABOVE = sa.Table("above", METADATA, sa.Column("id", sa.Integer, primary_key=True))
TABLE = sa.Table(
    *("t", METADATA, sa.Column("id", sa.Integer, primary_key=True)),
    sa.Column("a", sa.String(9), server_default="x"),
    sa.Column("b", sa.Integer, sa.Computed("id + 1")),
    sa.Column("c", sa.Integer, sa.ForeignKey("above.id", name="fk")),
    sa.UniqueConstraint("a", name="uq"),
    sa.CheckConstraint("id > 0", name="ck"),
)
KINDS = {
    "column": sa.Column,
    "type": sa.types.TypeEngine,
    "server_default": sa.FetchedValue,
    "primary_key": sa.PrimaryKeyConstraint,
    "foreign_key": sa.ForeignKeyConstraint,
    "unique": sa.UniqueConstraint,
    "check": sa.CheckConstraint,
}
"""What the documentation of Alembic names, and of which class it is."""


class Asked:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self, answers: dict[str, str | None] | None = None) -> None:
        self.answers = answers or {}
        self.objects: list[tuple[str, Any]] = []

    def __call__(self, kind: str, element: Any, context: Any) -> str | bool | None:
        self.objects.append((kind, element))
        return self.answers.get(kind, False)

    def seen(self) -> set[tuple[str, type, str | None]]:
        return {
            (kind, type(element), getattr(element, "name", None))
            for kind, element in self.objects
        }


def options(asked: Asked) -> RenderOptions:
    dialect = dialect_for(sa.make_url("sqlite://").get_dialect()())
    return RenderOptions(render_item=asked, dialect=dialect)


def from_database(connection: sa.Connection) -> list[Operation]:
    """Return what drops tables of which no model is known."""
    METADATA.create_all(connection)
    rules = rules_for(connection.dialect, connection)
    return list(
        compare(rules.read_database(connection), read_metadata(sa.MetaData()), rules)
    )


def test_what_alembic_asks_is_asked(sqlite_engine: sa.Engine) -> None:
    theirs: Any = Asked()
    ours = Asked()
    with sqlite_engine.connect() as connection:
        render_python_code(
            UpgradeOps([CreateTableOp.from_table(TABLE)]),
            render_item=theirs,
            migration_context=MigrationContext.configure(connection),
        )

    render([CreateTable(read_table(TABLE))], options(ours))

    assert {kind for kind, _ in theirs.objects} == KINDS.keys()
    assert ours.seen() == theirs.seen()


def test_the_objects_of_the_models_are_shown() -> None:
    asked = Asked()

    render([CreateTable(read_table(TABLE))], options(asked))

    for kind, element in asked.objects:
        assert isinstance(element, KINDS[kind])
    mine = {id(each) for each in (*TABLE.columns, *TABLE.constraints)}
    mine |= {id(each.server_default) for each in TABLE.columns if each.server_default}
    shown = {id(element) for kind, element in asked.objects if kind != "type"}
    assert shown == mine


def test_objects_are_made_of_what_no_model_knows(sqlite_engine: sa.Engine) -> None:
    asked = Asked()
    with sqlite_engine.connect() as connection:
        operations = from_database(connection)

    render_reversed(operations, options(asked))

    assert any(isinstance(each, DropTable) for each in operations)
    assert {kind for kind, _ in asked.objects} == KINDS.keys()
    for kind, element in asked.objects:
        assert isinstance(element, KINDS[kind])
        if isinstance(element, sa.Column):
            assert str(element.table) in ("t", "above")


@pytest.mark.parametrize("kind", KINDS)
def test_the_app_writes_what_it_answers(kind: str) -> None:
    text = render(
        [CreateTable(read_table(TABLE))], options(Asked({kind: f"mine.{kind}()"}))
    ).text

    assert f"mine.{kind}()" in text


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"type"}))
def test_none_leaves_it_out(kind: str) -> None:
    word = {
        "column": "Column(",
        "server_default": "server_default",
        "primary_key": "PrimaryKeyConstraint",
        "foreign_key": "ForeignKeyConstraint",
        "unique": "UniqueConstraint",
        "check": "CheckConstraint",
    }[kind]

    text = render([CreateTable(read_table(TABLE))], options(Asked({kind: None}))).text

    assert word in render([CreateTable(read_table(TABLE))]).text
    assert word not in text


def test_a_new_column_is_shown_on_its_table() -> None:
    asked = Asked()
    column = read_column(sa.Column("n", sa.Integer, server_default="1"))

    render([AddColumn(TableName("t"), column)], options(asked))

    assert [kind for kind, _ in asked.objects] == ["column", "server_default", "type"]
