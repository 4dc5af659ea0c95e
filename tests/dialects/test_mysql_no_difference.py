"""What is made on MariaDB, by the models or by our scripts, compares equal at once."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from flask_migrations_ext import op
from flask_migrations_ext.autogenerate.compare.schema import comparison
from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.autogenerate.render.script import Body
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.script import render_reversed
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.dialects.mysql.reader import Inspected
from flask_migrations_ext.dialects.mysql.reader import MariaDBCatalog
from flask_migrations_ext.dialects.mysql.reader import MySQLReader
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.executor import DatabaseExecutor
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.schema.from_database import DatabaseReader
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata
from flask_migrations_ext.schema.model import Table

from .mysql_tables import all_tables
from .mysql_types import all_types
from .mysql_types import declared
from .mysql_types import FORMS
from .mysql_types import Type

TYPES = dict(all_types())


@pytest.fixture
def connection(mariadb_engine: sa.Engine) -> Iterator[sa.Connection]:
    with mariadb_engine.connect() as connection:
        yield connection


def types() -> sa.MetaData:
    """Return tables of all types, with as many columns as their rows can have."""
    metadata = sa.MetaData()
    several = list(TYPES.items())
    for start in range(0, len(several), 10):
        columns = (sa.Column(*each) for each in several[start : start + 10])
        sa.Table(f"types_{start}", metadata, *columns)

    return metadata


def tables() -> sa.MetaData:
    metadata = sa.MetaData()
    all_tables(metadata)
    return metadata


def one(name: str, kind: Type) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(name, metadata, sa.Column("c", kind), sa.Column("d", sa.Integer))
    return metadata


def difference(connection: sa.Connection, metadata: sa.MetaData) -> list[Operation]:
    rules = rules_for(connection.dialect, connection)
    found = comparison(rules.read_database(connection), read_metadata(metadata), rules)
    connection.rollback()
    assert not found.notes
    return list(found.operations)


def run(connection: sa.Connection, body: Body) -> None:
    lines = ["import sqlalchemy as sa", *body.imports, "def change():", body.text]
    names: dict[str, Any] = {"op": op}
    exec(compile("\n".join(lines), "<script>", "exec"), names)
    executor = DatabaseExecutor(connection, dialect_for(connection.dialect))
    with executor.transaction(), running(executor):
        names["change"]()


MADE = {"types": types, "tables": tables}


def test_every_type_has_its_forms() -> None:
    assert {name for name, _ in declared()} == {*FORMS, "ENUM", "SET"}


@pytest.mark.parametrize("made", MADE)
def test_what_the_models_make_does_not_differ(
    connection: sa.Connection, made: str
) -> None:
    metadata = MADE[made]()
    metadata.create_all(connection)

    assert [describe(each) for each in difference(connection, metadata)] == []


@pytest.mark.parametrize("made", MADE)
def test_what_our_scripts_make_does_not_differ(
    connection: sa.Connection, made: str
) -> None:
    metadata = MADE[made]()
    options = RenderOptions(dialect=dialect_for(connection.dialect))
    come = difference(connection, metadata)

    run(connection, render(come, options))
    assert [describe(each) for each in difference(connection, metadata)] == []

    # And made again from what was read.
    go = difference(connection, sa.MetaData())
    run(connection, render(go, options))
    run(connection, render_reversed(go, options))
    assert [describe(each) for each in difference(connection, metadata)] == []


TEXTS = {
    name: kind
    for name, kind in TYPES.items()
    if name.startswith(("varchar_", "enum_", "set_", "text_"))
    and not isinstance(kind, mysql.ENUM | mysql.SET)
    or name.startswith(("enum_", "set_"))
    and {*getattr(kind, "enums", getattr(kind, "values", ()))} == {"a", "b"}
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_character_set_comes_and_goes(connection: sa.Connection, name: str) -> None:
    kind = TEXTS[name]
    plain: dict[str, Type] = {
        "varchar": sa.String(20),
        "text": sa.Text(),
        "enum": mysql.ENUM("a", "b"),
        "set": mysql.SET("a", "b"),
    }
    before = one("t", plain[name.partition("_")[0]])
    after = one("t", kind)
    before.create_all(connection)
    shown = connection.exec_driver_sql("SHOW CREATE TABLE t").one()
    operations = difference(connection, after)
    options = RenderOptions(dialect=dialect_for(connection.dialect))

    run(connection, render(operations, options))
    assert [describe(each) for each in difference(connection, after)] == []

    run(connection, render_reversed(operations, options))
    assert [describe(each) for each in difference(connection, before)] == []
    assert connection.exec_driver_sql("SHOW CREATE TABLE t").one() == shown

    run(connection, render(operations, options))
    run(connection, render(difference(connection, before), options))
    assert connection.exec_driver_sql("SHOW CREATE TABLE t").one() == shown


def test_what_is_not_said_stays(connection: sa.Connection) -> None:
    kind = mysql.ENUM("a", "b", collation="latin1_bin")
    metadata = one("t", kind)
    metadata.create_all(connection)
    run(
        connection,
        Body('    op.alter_column("t", "c", type_=sa.Enum("a", "b", "c"))'),
    )

    shown = connection.exec_driver_sql("SHOW CREATE TABLE t").one()[1]

    assert "enum('a','b','c') CHARACTER SET latin1 COLLATE latin1_bin" in shown


UNLIKE = {
    # It knows neither INET6 nor names with a quote nor what descends, and stumbles over
    # defaults that are more than a word.
    "types": {
        table.name
        for table in types().tables.values()
        if any(isinstance(each.type, mysql.INET4 | mysql.INET6) for each in table.c)
    },
    "tables": {
        "column_bit",
        "column_bit1",
        "column_bit2",
        "column_expr3",
        "column_expr4",
        "column_inet",
        "column_upn",
        "counted_by_sequence",
        "index_3",
        "index_11",
        "odd names, `quoted` 5%",
    },
}


@pytest.mark.parametrize("made", MADE)
def test_a_schema_is_read_as_the_inspector_reads_it(
    connection: sa.Connection, made: str
) -> None:
    MADE[made]().create_all(connection)
    reader = MySQLReader(connection)
    assert type(reader.inspector).__name__ == MariaDBCatalog.__name__
    slow = DatabaseReader(connection)
    inspected: Any = Inspected(connection)
    slow.inspector = inspected
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        theirs = slow.read()

    ours = reader.read()

    assert [each.name for each in ours.tables] == [each.name for each in theirs.tables]
    differing = {
        one.name.name
        for one, other in zip(ours.tables, theirs.tables, strict=True)
        if without_options(one) != without_options(other)
    }
    assert differing == UNLIKE[made]


def without_options(table: Table) -> Table:
    # The inspector also reads how a table is divided, which nobody compares.
    return replace(table, options=())


def test_the_number_of_statements_does_not_grow(connection: sa.Connection) -> None:
    statements: list[str] = []
    sa.event.listen(
        connection,
        "before_cursor_execute",
        lambda *arguments: statements.append(arguments[2]),
    )
    metadata = sa.MetaData()
    counts = []
    for wanted in (5, 20):
        for number in range(len(metadata.tables), wanted):
            sa.Table(
                f"t_{number}",
                metadata,
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("name", sa.String(20), index=True),
                sa.Column("kind", mysql.ENUM("a", "b", charset="latin1")),
            )
        metadata.create_all(connection)
        statements.clear()
        assert difference(connection, metadata) == []
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 10
