"""Primary keys, counting columns, and indexes that foreign keys need, as they change.

Each change is written as a script, run on a table with rows, undone and done again.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext import op
from flask_migrations_ext.autogenerate.compare.schema import comparison
from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.autogenerate.render.script import Body
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.script import render_reversed
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.executor import DatabaseExecutor
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata
from flask_migrations_ext.schema.model import Index
from flask_migrations_ext.schema.model import TableName

Build = Callable[[sa.MetaData], object]


Part = Callable[[], sa.schema.SchemaItem]


def table(name: str, *parts: Part) -> Build:
    def build(metadata: sa.MetaData) -> None:
        sa.Table(name, metadata, *(each() for each in parts))

    return build


def both(*builds: Build) -> Build:
    def build(metadata: sa.MetaData) -> None:
        for each in builds:
            each(metadata)

    return build


def column(name: str, kind: Any, **keywords: Any) -> Part:
    return lambda: sa.Column(name, kind, **{"nullable": False, **keywords})


def key_to(name: str, target: str, column: str, **keywords: Any) -> Part:
    return lambda: sa.ForeignKeyConstraint([column], [target], name, **keywords)


def index(name: str, *columns: str, **keywords: Any) -> Part:
    return lambda: sa.Index(name, *columns, **keywords)


ID = column("id", sa.Integer, primary_key=True)
PLAIN_ID = column("id", sa.Integer)
TEXT_ID = column("id", sa.String(20), primary_key=True)
CODE = column("code", sa.String(20))
CODE_KEY = column("code", sa.String(20), primary_key=True)
LEFT = table("lefts", ID)
RIGHT = table("rights", ID)


def association(*parts: Part, key: bool, ondelete: str | None = None) -> Build:
    return both(
        LEFT,
        RIGHT,
        table(
            "t",
            *parts,
            column("l", sa.Integer, primary_key=key),
            column("r", sa.Integer, primary_key=key),
            key_to("fl", "lefts.id", "l", ondelete=ondelete),
            key_to("fr", "rights.id", "r", ondelete=ondelete),
        ),
    )


def child(kind: Any) -> Build:
    return table("child", ID, column("t_id", kind), key_to("fk_child", "t.id", "t_id"))


def indexed(*indexes: Part) -> Build:
    plain = [column("l", sa.Integer), column("m", sa.Integer)]
    return both(LEFT, table("t", ID, *plain, key_to("fl", "lefts.id", "l"), *indexes))


CHANGES: dict[str, tuple[Build, Build]] = {
    "a key of numbers becomes one of words": (
        table("t", ID, CODE),
        table("t", TEXT_ID, CODE),
    ),
    "a key that others point to becomes one of words": (
        both(table("t", ID, CODE), child(sa.Integer)),
        both(table("t", TEXT_ID, CODE), child(sa.String(20))),
    ),
    "a key grows that others point to": (
        both(table("t", ID, CODE), child(sa.Integer)),
        both(
            table("t", column("id", sa.BigInteger, primary_key=True), CODE),
            child(sa.BigInteger),
        ),
    ),
    "a counted key is another column": (
        table("t", ID, CODE),
        table("t", PLAIN_ID, CODE_KEY),
    ),
    "a counted key gets a companion": (
        table("t", ID, CODE),
        table("t", ID, CODE_KEY),
    ),
    "a counted key goes": (table("t", ID, CODE), table("t", CODE_KEY)),
    "a counted key goes, and none comes": (table("t", ID, CODE), table("t", CODE)),
    "a key stops counting": (
        table("t", ID, CODE),
        table(
            "t",
            column("id", sa.Integer, primary_key=True, autoincrement=False),
            CODE,
        ),
    ),
    "an association gets a number": (
        association(key=True),
        association(ID, key=False),
    ),
    "an association gets another key, its foreign keys too": (
        association(key=True),
        association(ID, key=False, ondelete="CASCADE"),
    ),
    "an association gets a number that is a part": (
        association(key=True),
        association(
            column("n", sa.Integer, primary_key=True, server_default="1"), key=True
        ),
    ),
    "an index of a foreign key grows": (
        indexed(index("ix", "l")),
        indexed(index("ix", "l", "m")),
    ),
    "an index of a foreign key becomes unique": (
        indexed(index("ix", "l")),
        indexed(index("ix", "l", unique=True)),
    ),
    "an index of a foreign key becomes a constraint": (
        indexed(index("ix", "l", "m")),
        indexed(lambda: sa.UniqueConstraint("l", "m", name="ix")),
    ),
    "an index of a foreign key has another name": (
        indexed(index("ix", "l", "m")),
        indexed(index("ix_other", "l", "m")),
    ),
    "an index of a foreign key turns round": (
        indexed(index("ix", "l", "m")),
        indexed(index("ix", "m", "l")),
    ),
}
BACK = {f"{name}, back": (after, before) for name, (before, after) in CHANGES.items()}
# The other way round, the server has no index but this one, and it is left alone.
CHANGES["an index of a foreign key comes"] = (indexed(), indexed(index("ix", "l", "m")))
# Foreign keys of other tables, and those that go and come, take more statements.
OF_SEVERAL = ("others point to", "its foreign keys too")
VALUES = {"id": 1, "l": 1, "r": 1, "m": 1, "n": 1, "code": "1", "t_id": 1}


def difference(connection: sa.Connection, metadata: sa.MetaData) -> list[Operation]:
    rules = rules_for(connection.dialect, connection)
    found = comparison(rules.read_database(connection), read_metadata(metadata), rules)
    connection.rollback()
    return list(found.operations)


def run(connection: sa.Connection, body: Body) -> list[str]:
    """Run a script, and return what it changed."""
    statements: list[str] = []
    lines = ["import sqlalchemy as sa", *body.imports, "def change():", body.text]
    names: dict[str, object] = {"op": op}
    exec(compile("\n".join(lines), "<script>", "exec"), names)
    change = names["change"]
    assert callable(change)
    executor = DatabaseExecutor(connection, dialect_for(connection.dialect))

    def note(*arguments: object) -> None:
        if str(arguments[2]).startswith(("ALTER", "DROP", "CREATE")):
            statements.append(str(arguments[2]))

    sa.event.listen(connection, "before_cursor_execute", note)
    with executor.transaction(), running(executor):
        change()
    sa.event.remove(connection, "before_cursor_execute", note)
    return statements


def fill(connection: sa.Connection, metadata: sa.MetaData) -> None:
    for each in metadata.sorted_tables:
        row = {column.name: VALUES[column.name] for column in each.columns}
        connection.execute(each.insert(), row)
    connection.commit()


def models(build: Build) -> sa.MetaData:
    metadata = sa.MetaData()
    build(metadata)
    return metadata


@pytest.fixture
def connection(mariadb_engine: sa.Engine) -> Iterator[sa.Connection]:
    with mariadb_engine.connect() as connection:
        yield connection


@pytest.mark.parametrize("batch", [True, False], ids=["block", "plain"])
@pytest.mark.parametrize("name", [*CHANGES, *BACK])
def test_a_change_is_done_and_undone(
    connection: sa.Connection, name: str, batch: bool
) -> None:
    before, after = map(models, {**CHANGES, **BACK}[name])
    before.create_all(connection)
    fill(connection, before)
    operations = difference(connection, after)
    assert operations
    options = RenderOptions(
        render_as_batch=batch, dialect=dialect_for(connection.dialect)
    )

    for turn in (render, render_reversed, render):
        said = run(connection, turn(operations, options))
        if batch and not any(words in name for words in OF_SEVERAL):
            assert len(said) == 1
        wanted = before if turn is render_reversed else after

        assert [describe(each) for each in difference(connection, wanted)] == []
        for each in wanted.tables:
            assert connection.scalar(sa.text(f"SELECT count(*) FROM {each}")) == 1
        connection.rollback()


def test_a_block_that_is_refused_leaves_the_table_as_it_was(
    connection: sa.Connection,
) -> None:
    before, after = models(association(key=True)), models(association(ID, key=False))
    before.create_all(connection)
    fill(connection, before)
    connection.exec_driver_sql("ALTER TABLE t ADD COLUMN code INT")
    shown = connection.exec_driver_sql("SHOW CREATE TABLE t").one()
    operations = [
        *difference(connection, after),
        CreateIndex(TableName("t"), Index("ix", ("nothing",))),
    ]

    with pytest.raises(sa.exc.OperationalError, match="nothing"):
        run(connection, render(operations))

    assert connection.exec_driver_sql("SHOW CREATE TABLE t").one() == shown
