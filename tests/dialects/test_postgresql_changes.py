"""Inherited tables and sequences on PostgreSQL: made, changed and taken back."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext import op
from flask_migrations_ext.autogenerate.compare.schema import comparison
from flask_migrations_ext.autogenerate.compare.schema import Difference
from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.autogenerate.render.script import Body
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.script import render_reversed
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.executor import DatabaseExecutor
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata

Build = Callable[[sa.MetaData], object]
Made = Callable[[], sa.Column[Any]]


def nothing(metadata: sa.MetaData) -> None:
    """An app without models."""


def family(
    *added: Made, own: Iterable[Made] = (), says_again: bool = True, child: bool = True
) -> Build:
    """Return a table and one that inherits from it, whose name comes before.

    :param says_again: whether the models say the columns of both, as mapped classes do.
    """

    def build(metadata: sa.MetaData) -> None:
        def columns() -> list[sa.Column[Any]]:
            key = sa.Column("id", sa.Integer, primary_key=True)
            return [key, sa.Column("x", sa.String(20)), *(each() for each in added)]

        parent = sa.Table("parent", metadata, *columns())
        if child:
            sa.Table(
                *("child", metadata, *(columns() if says_again else ())),
                *(sa.Column("e", sa.Integer), *(each() for each in own)),
                postgresql_inherits="parent",
            ).add_is_dependent_on(parent)

    return build


def three_generations(metadata: sa.MetaData) -> None:
    for name, above in [("c", None), ("b", "c"), ("a", "b")]:
        said = {} if above is None else {"postgresql_inherits": [above]}
        table: Any = sa.Table
        table(name, metadata, sa.Column(f"of_{name}", sa.Integer), **said)
        if above is not None:
            metadata.tables[name].add_is_dependent_on(metadata.tables[above])


def with_references(metadata: sa.MetaData) -> None:
    """A circle through a foreign key: nothing but the key can be left for later."""
    sa.Table(
        *("parent", metadata, sa.Column("id", sa.Integer, primary_key=True)),
        sa.Column("child_id", sa.ForeignKey("child.id", name="fk", use_alter=True)),
    )
    sa.Table(
        *("child", metadata, sa.Column("id", sa.Integer, primary_key=True)),
        postgresql_inherits="parent",
    ).add_is_dependent_on(metadata.tables["parent"])


def table(*columns: Made) -> Build:
    return lambda metadata: sa.Table(
        *("t", metadata, sa.Column("id", sa.Integer, primary_key=True)),
        *(each() for each in columns),
    )


def numbered(metadata: sa.MetaData) -> None:
    numbers = sa.Sequence("numbers", start=5, metadata=metadata)
    table(lambda: number(server_default=numbers.next_value()))(metadata)


def counted(metadata: sa.MetaData) -> None:
    key = sa.Column("id", sa.Integer, sa.Sequence("numbers"), primary_key=True)
    sa.Table("t", metadata, key)


def number(**keywords: Any) -> sa.Column[Any]:
    return sa.Column("n", sa.Integer, **keywords)


def long_number() -> sa.Column[Any]:
    return sa.Column("n", sa.BigInteger)


def required() -> sa.Column[Any]:
    return number(nullable=False, server_default="3")


CHANGES: dict[str, tuple[Build, Build]] = {
    "family": (nothing, family()),
    "family-said-once": (nothing, family(says_again=False)),
    "generations": (nothing, three_generations),
    "circle": (nothing, with_references),
    "child": (family(child=False), family()),
    "column": (family(), family(number)),
    "column-said-once": (family(says_again=False), family(number, says_again=False)),
    "column-of-child": (family(), family(own=[number])),
    "type": (family(number), family(long_number)),
    "not-null": (family(number), family(required)),
    "index": (family(number), family(lambda: number(index=True))),
    "sequence": (nothing, numbered),
    "sequence-of-a-new-column": (table(), numbered),
    "sequence-of-a-column": (table(number), numbered),
    "sequence-in-python": (nothing, counted),
    "sequence-alone": (
        nothing,
        lambda metadata: sa.Sequence("Q", schema="public", metadata=metadata),
    ),
}


@pytest.fixture
def connection(postgresql_engine: sa.Engine) -> Iterator[sa.Connection]:
    with postgresql_engine.connect() as connection:
        yield connection


def difference(connection: sa.Connection, build: Build) -> Difference:
    metadata = sa.MetaData()
    build(metadata)
    rules = rules_for(connection.dialect, connection)
    models = read_metadata(metadata, rules.write)
    found = comparison(rules.read_database(connection), models, rules)
    connection.rollback()
    return found


def said(found: Difference) -> list[str]:
    return [*map(describe, found.operations), *found.notes]


def run(connection: sa.Connection, body: Body) -> None:
    lines = ["import sqlalchemy as sa", *body.imports, "def change():", body.text]
    names: dict[str, Any] = {"op": op}
    exec(compile("\n".join(lines), "<script>", "exec"), names)
    executor = DatabaseExecutor(connection, dialect_for(connection.dialect))
    with executor.transaction(), running(executor):
        names["change"]()


@pytest.mark.parametrize("way", ["there", "back"])
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_goes_and_comes_back(
    connection: sa.Connection, name: str, way: str
) -> None:
    before, after = CHANGES[name][:: 1 if way == "there" else -1]
    metadata = sa.MetaData()
    before(metadata)
    metadata.create_all(connection)
    connection.commit()
    assert said(difference(connection, before)) == []
    operations = difference(connection, after).operations
    options = RenderOptions(dialect=dialect_for(connection.dialect))

    run(connection, render(operations, options))
    assert said(difference(connection, after)) == []

    run(connection, render_reversed(operations, options))
    assert said(difference(connection, before)) == []


def test_a_sequence_counts_as_its_model_says(connection: sa.Connection) -> None:
    run(connection, render(difference(connection, numbered).operations))

    connection.exec_driver_sql("INSERT INTO t (id) VALUES (1), (2)")

    found = connection.exec_driver_sql("SELECT n FROM t ORDER BY id")
    assert found.scalars().all() == [5, 6]


def test_a_sequence_that_no_model_mentions_stays(connection: sa.Connection) -> None:
    run(connection, render(difference(connection, numbered).operations))

    gone = difference(connection, nothing).operations

    assert [describe(each) for each in gone] == ["drop table t"]


def test_sequences_for_others_come_with_their_columns_on_sqlite(
    sqlite_engine: sa.Engine, connection: sa.Connection
) -> None:
    with sqlite_engine.connect() as other:
        body = render(difference(other, counted).operations)
        run(other, body)
        assert said(difference(other, counted)) == []

    run(connection, body)

    assert said(difference(connection, counted)) == []
    assert connection.scalar(sa.text("SELECT nextval('numbers')")) == 1
