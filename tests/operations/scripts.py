"""Runs what a script says: on a database, or as SQL text for any kind of database."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.executor import DatabaseExecutor
from flask_migrations_ext.execution.executor import Recorder
from flask_migrations_ext.execution.text_executor import TextExecutor
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.schema.to_sqlalchemy import NamingConvention

Script = Callable[[], object]

URLS = {
    "sqlite": "sqlite://",
    "postgresql": "postgresql+psycopg://",
    "mysql": "mysql+pymysql://",
    "mariadb": "mariadb+pymysql://",
    "mssql": "mssql+pyodbc://",
    "oracle": "oracle+oracledb://",
}


def sa_dialect(name: str) -> Dialect:
    """Return SQLAlchemy's dialect; its driver may be missing."""
    return sa.make_url(URLS[name]).get_dialect()()


def text_executor(
    name: str, convention: NamingConvention | None = None
) -> TextExecutor:
    return TextExecutor(dialect_for(sa_dialect(name), convention), None)


def steps(*scripts: Script) -> Script:
    """Return the scripts as one."""

    def run() -> None:
        for script in scripts:
            script()

    return run


def written(
    script: Script, name: str, convention: NamingConvention | None = None
) -> list[str]:
    """Return the statements of a script as text, each on one line."""
    executor = text_executor(name, convention)
    with running(executor):
        script()

    return [" ".join(line.split()) for line in executor.lines]


def carried_out(script: Script, engine: sa.Engine) -> None:
    """Run a script on a database, in a transaction."""
    with engine.connect() as connection:
        executor = DatabaseExecutor(connection, dialect_for(connection.dialect))
        with executor.transaction(), running(executor):
            script()


def recorded(script: Script) -> list[Operation]:
    """Return the operations of a script."""
    recorder = Recorder()
    with running(recorder):
        script()

    return recorder.operations
