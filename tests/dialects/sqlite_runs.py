"""Plays the runner for tests of the SQLite dialect: one revision, one transaction."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from flask_migrations_ext.dialects.dialect import RestartStep
from flask_migrations_ext.dialects.sqlite.dialect import SQLite
from flask_migrations_ext.dialects.sqlite.tokens import quote
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.schema.model import TableName

_opened: list[sa.Engine] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Close the databases of a test at its end."""
    yield
    close_databases()


def close_databases() -> None:
    """Close all that were opened: a test that makes hundreds needs none but one."""
    while _opened:
        _opened.pop().dispose()


def database(script: str, *, foreign_keys: bool = False) -> sa.Engine:
    """Return a database in memory, made by a script."""
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    _opened.append(engine)
    driver = driver_of(engine)
    driver.executescript(script)
    driver.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")

    return engine


def driver_of(engine: sa.Engine) -> Any:
    """Return the connection of the driver that all share."""
    with engine.connect() as connection:
        return connection.connection.dbapi_connection


def run(
    engine: sa.Engine,
    *operations: Operation,
    before: Callable[[int], None] = lambda number: None,
    **settings: Any,
) -> list[str]:
    """Carry out operations as one revision and return what was said.

    :param before: is called with the number of each statement before it is executed,
        and with one more after the last.
    """
    with engine.connect() as connection:
        dialect = SQLite(connection.dialect, **settings)
        with ExitStack() as restored:
            while True:
                try:
                    with dialect.transaction(connection):
                        return list(_executed(dialect, connection, operations, before))
                except RestartStep as restart:
                    prepare = restart.prepare
                restored.callback(prepare(connection))


def _executed(
    dialect: SQLite,
    connection: sa.Connection,
    operations: tuple[Operation, ...],
    before: Callable[[int], None],
) -> Iterator[str]:
    number = 0
    for operation in operations:
        for statement in dialect.statements(operation, connection):
            before(number)
            connection.execute(
                statement.element, [dict(row) for row in statement.parameters] or None
            )
            number += 1
            yield dialect.text(statement)
    before(number)


def dump(engine: sa.Engine) -> str:
    """Return all that a database holds: its texts and its rows with their rowids."""
    driver = driver_of(engine)
    lines = [repr(row) for row in driver.execute("SELECT * FROM sqlite_master")]
    for (table,) in driver.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    ).fetchall():
        lines += [f"{table}: {row!r}" for row in rows_of(engine, table)]

    return "\n".join(lines)


def rows_of(engine: sa.Engine, table: str) -> list[Any]:
    """Return all rows of a table, with their rowids where it has them."""
    driver = driver_of(engine)
    name = quote(table)
    try:
        return list(driver.execute(f"SELECT rowid AS _, * FROM {name} ORDER BY 1"))
    except driver.OperationalError:
        return list(driver.execute(f"SELECT * FROM {name} ORDER BY 1"))


def named(engine: sa.Engine, table: str, *columns: str) -> list[Any]:
    """Return some columns of a table, in the order of the first one."""
    listed = ", ".join(map(quote, columns))

    return list(
        driver_of(engine).execute(f"SELECT {listed} FROM {quote(table)} ORDER BY 1")
    )


def text_of(engine: sa.Engine, name: str) -> str:
    """Return the text that the database keeps of a table, index, view or trigger."""
    row = (
        driver_of(engine)
        .execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,))
        .fetchone()
    )

    return str(row[0])


T = TableName("t")

TABLE = """
    CREATE TABLE o (id INTEGER PRIMARY KEY);
    CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT NOT NULL DEFAULT 'x',
        c INTEGER REFERENCES o (id), UNIQUE (a), CONSTRAINT b_there CHECK (b <> ''));
    INSERT INTO o VALUES (1);
    INSERT INTO t VALUES (1, 10, 'u', 1), (2, 20, 'v', NULL);
"""
"""What most tests alter."""

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}


def definition(engine: sa.Engine) -> str:
    """Return the text of table ``t`` on one line."""
    return " ".join(text_of(engine, "t").split())
