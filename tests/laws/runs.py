"""Runs the script of a case as the commands do: on a database, and as SQL text."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from typing import Any

import psycopg
import pymysql
import sqlalchemy as sa
from pymysql.constants import CLIENT
from sqlalchemy.engine import Dialect

from flask_migrations_ext.autogenerate.compare.schema import comparison
from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.execution.current import running_executor
from flask_migrations_ext.execution.executor import DatabaseExecutor
from flask_migrations_ext.execution.history import VersionTable
from flask_migrations_ext.execution.runner import run_online
from flask_migrations_ext.execution.steps.as_text import run_as_text
from flask_migrations_ext.execution.steps.runnable import RunnableStep
from flask_migrations_ext.execution.text_executor import TextExecutor
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata

from .case import Case
from .case import Rows

Run = Callable[[], object]

SA_DIALECTS: dict[str, Dialect] = {
    url.get_backend_name(): sa.create_engine(url).dialect
    for url in map(
        sa.make_url, ("sqlite://", "postgresql+psycopg://", "mariadb+pymysql://")
    )
}
"""SQLAlchemy's dialects, none of them ever connected."""


# -- databases ------------------------------------------------------------------------


@contextmanager
def engine_for(url: sa.URL) -> Iterator[sa.Engine]:
    """Return an engine with all foreign keys in force."""
    name = url.get_backend_name()
    # Nobody listens on this machine, and PyMySQL prepares for it at length.
    arguments = {"ssl_disabled": True} if name == "mariadb" else {}
    engine = sa.create_engine(url, connect_args=arguments)
    if name == "sqlite":
        sa.event.listen(engine, "connect", _switch_foreign_keys_on)
    try:
        yield engine
    finally:
        engine.dispose()


def _switch_foreign_keys_on(driver: Any, _record: object) -> None:
    driver.execute("PRAGMA foreign_keys=ON")


def make(engine: sa.Engine, metadata: sa.MetaData, rows: Rows | None = None) -> None:
    """Make a database of these tables, with rows if they are given."""
    with engine.begin() as connection:
        for schema in {table.schema for table in metadata.tables.values()} - {None}:
            connection.execute(sa.schema.CreateSchema(str(schema)))
        metadata.create_all(connection)
        for name, mappings in (rows or {}).items():
            if name in metadata.tables:
                connection.execute(metadata.tables[name].insert(), list(mappings))


def difference(engine: sa.Engine, metadata: sa.MetaData) -> tuple[Operation, ...]:
    """Return what makes a database look like these models."""
    with engine.connect() as connection:
        rules = rules_for(connection.dialect, connection)
        schemas = sorted({table.schema for table in metadata.tables.values()}, key=str)
        found = comparison(
            rules.read_database(connection, schemas),
            read_metadata(metadata),
            rules,
        )

    # With operations, a note may warn of them; without, it tells of a difference.
    assert found.operations or found.notes == ()

    return found.operations


def said(operations: tuple[Operation, ...]) -> list[str]:
    """Return operations in words, for a test to show."""
    return [describe(each) for each in operations]


# -- runs -----------------------------------------------------------------------------


def step(run: Run, before: tuple[str, ...] = ()) -> RunnableStep:
    """Return the next revision of a history in one line."""
    number = f"{int(max(before, default='0')) + 1}"
    return RunnableStep(
        id=number,
        verb="upgrade",
        title=f"-> {number}, the case",
        path=None,
        before=before,
        heads=(number,),
        run=lambda: void(run()),
    )


def void(_result: object) -> None:
    """Return nothing: a script may be a lambda that returns something."""


def carry_out(engine: sa.Engine, run: Run) -> None:
    """Run a script on a database, as ``upgrade`` does."""
    with engine.connect() as connection:
        before = VersionTable().read(connection)
        connection.rollback()
        executor = DatabaseExecutor(connection, dialect_for(connection.dialect))
        run_online([step(run, before)], executor, VersionTable())


def execute_all(*operations: Operation) -> Run:
    """Return a script of these operations."""

    def run() -> None:
        for operation in operations:
            running_executor("the law").execute(operation)

    return run


def as_text(url: sa.URL, case: Case) -> str:
    """Return the script of a case as SQL text, as ``upgrade --sql`` does."""
    engine = sa.create_engine(url)
    dialect = dialect_for(engine.dialect)
    with dialect.scratch() as connection:
        follower = None
        if connection is not None:
            # Without the rows: of these, SQL text knows nothing.
            case.start.create_all(connection)
            connection.commit()
            follower = DatabaseExecutor(connection, dialect)
        executor = TextExecutor(dialect, follower)
        run_as_text([step(case.script)], executor, VersionTable(), create_table=True)

    return "\n".join(executor.lines)


# -- SQL text, fed to a database as a file is -----------------------------------------


def feed(url: sa.URL, text: str) -> None:
    """Let the driver alone read SQL text; SQLAlchemy and we have no part in it."""
    {"sqlite": _feed_sqlite, "postgresql": _feed_postgresql, "mariadb": _feed_mariadb}[
        url.get_backend_name()
    ](url, text)


def _feed_sqlite(url: sa.URL, text: str) -> None:
    with closing(sqlite3.connect(str(url.database))) as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.executescript(text)


def _feed_postgresql(url: sa.URL, text: str) -> None:
    with psycopg.connect(**_login(url, "dbname"), autocommit=True) as connection:
        # COMMIT without BEGIN is no error there.
        said: list[str] = []
        connection.add_notice_handler(
            lambda notice: said.append(f"{notice.severity}: {notice.message_primary}")
        )
        # What cannot be in a transaction cannot be in one message with others either.
        for part in _outside_of_transactions_alone(text):
            connection.execute(part)

    assert [each for each in said if each.startswith("WARNING")] == []


def _outside_of_transactions_alone(text: str) -> list[str]:
    parts = [""]
    for line in text.splitlines(keepends=True):
        if line == "BEGIN;\n":
            parts.append("")
        parts[-1] += line
        if line == "COMMIT;\n":
            parts.append("")

    return [part for part in parts if part.strip()]


def _feed_mariadb(url: sa.URL, text: str) -> None:
    login = _login(url, "database")
    options: Any = {"client_flag": CLIENT.MULTI_STATEMENTS, "ssl_disabled": True}
    with (
        closing(pymysql.connect(**login, **options)) as db,
        db.cursor() as cursor,
    ):
        cursor.execute(text)
        # A statement that fails says so when its result is asked for.
        while cursor.nextset():
            pass
        db.commit()


def _login(url: sa.URL, database: str) -> dict[str, Any]:
    return {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        database: url.database,
    }
