"""What a table of MariaDB is as a whole, and which way its indexes go, changes."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.script import render_reversed
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.dialects.registry import dialect_for

from .test_mysql_no_difference import difference
from .test_mysql_no_difference import run

Part = Callable[[sa.Table], sa.ColumnElement[Any]] | sa.TextClause | str


def table(*parts: Part, unique: bool = False, **options: str) -> sa.MetaData:
    """Return a table with these options, an index on these parts and a reference."""
    metadata = sa.MetaData()
    said: dict[str, Any] = {f"mariadb_{name}": value for name, value in options.items()}
    sa.Table("above", metadata, sa.Column("id", sa.String(9), primary_key=True), **said)
    made = sa.Table(
        *("t", metadata, sa.Column("id", sa.Integer, primary_key=True)),
        sa.Column("above_id", sa.String(9), sa.ForeignKey("above.id", name="fk")),
        sa.Column("name", sa.String(20), unique=True),
        sa.Column("own", sa.String(9, collation="utf8mb4_bin")),
        sa.Column("choice", sa.Enum("a", "b", name="choice")),
        sa.Column("words", sa.Text),
        sa.Column("Odd Name", sa.Integer),
        **said,
    )
    if parts:
        on: list[Any] = [each(made) if callable(each) else each for each in parts]
        sa.Index("ix", *on, unique=unique)

    return metadata


def down(name: str) -> Part:
    return lambda made: made.c[name].desc()


CHANGES: dict[str, tuple[sa.MetaData, sa.MetaData]] = {
    "character set": (table(), table(default_charset="latin1")),
    "the same set": (table(charset="utf8"), table(charset="utf8mb4")),
    "collation": (table(), table(collate="utf8mb4_unicode_ci")),
    "both": (
        table(charset="latin1"),
        table(character_set="utf8mb4", collate="utf8mb4_bin"),
    ),
    "row format": (table(), table(row_format="COMPRESSED", key_block_size="8")),
    "another format": (table(row_format="COMPRESSED"), table(row_format="DYNAMIC")),
    "rows": (table(), table(max_rows="100", avg_row_length="10", min_rows="5")),
    "down": (table("name"), table(down("name"))),
    "down, unique": (table("name", unique=True), table(down("name"), unique=True)),
    "down, odd": (table("Odd Name"), table(down("Odd Name"), "name")),
    "down, begins": (table(), table(sa.text("words(10) DESC"))),
    "up": (table(sa.text("name DESC"), "own"), table("name", "own")),
    "another column": (table(down("name")), table(down("own"))),
}


@pytest.fixture
def connection(mariadb_engine: sa.Engine) -> Iterator[sa.Connection]:
    with mariadb_engine.connect() as connection:
        yield connection


def shown(connection: sa.Connection) -> list[str]:
    return [
        str(connection.exec_driver_sql(f"SHOW CREATE TABLE {name}").one()[1])
        for name in ("above", "t")
    ]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_goes_and_comes_back(connection: sa.Connection, name: str) -> None:
    before, after = CHANGES[name]
    after.create_all(connection)
    wanted = shown(connection)
    assert [describe(each) for each in difference(connection, after)] == []
    after.drop_all(connection)
    before.create_all(connection)
    was = shown(connection)
    operations = difference(connection, after)
    options = RenderOptions(dialect=dialect_for(connection.dialect))

    run(connection, render(operations, options))
    assert [describe(each) for each in difference(connection, after)] == []
    assert sorted_lines(shown(connection)) == sorted_lines(wanted)

    run(connection, render_reversed(operations, options))
    assert [describe(each) for each in difference(connection, before)] == []
    # What a table was given once more is said from then on.
    if not name.startswith(("row", "another f")):
        assert sorted_lines(shown(connection)) == sorted_lines(was)


def sorted_lines(tables: list[str]) -> list[list[str]]:
    # Indexes stand in the order in which they were made.
    return [sorted(line.rstrip(",") for line in each.splitlines()) for each in tables]


def test_the_engine_is_what_the_model_says(connection: sa.Connection) -> None:
    metadata = sa.MetaData()
    made = sa.Table("t", metadata, sa.Column("a", sa.Integer), mariadb_engine="MyISAM")
    metadata.create_all(connection)
    other = sa.MetaData()
    sa.Table("t", other, sa.Column("a", sa.Integer), mariadb_engine="innodb")

    operations = difference(connection, other)
    run(connection, render(operations))
    assert "ENGINE=InnoDB" in connection.exec_driver_sql("SHOW CREATE TABLE t").one()[1]
    run(connection, render_reversed(operations))

    assert difference(connection, metadata) == []
    assert made.kwargs["mariadb_engine"] == "MyISAM"


def test_what_the_model_does_not_say_is_nobodys(connection: sa.Connection) -> None:
    table(charset="latin1", row_format="COMPRESSED").create_all(connection)

    assert [describe(each) for each in difference(connection, table())] == []
