"""SQL text for SQLite: foreign keys are off where a rebuild needs it, not elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import sqlalchemy as sa

from flask_migrations_ext import op
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.executor import DatabaseExecutor
from flask_migrations_ext.execution.text_executor import TextExecutor

TABLES = """
    CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT);
    CREATE TABLE c (id INTEGER PRIMARY KEY,
                    p_id INTEGER REFERENCES p (id) ON DELETE CASCADE);
"""
ROWS = "INSERT INTO p VALUES (1, 'a'), (2, 'b'); INSERT INTO c VALUES (1, 1), (2, 2);"
OFF = "PRAGMA foreign_keys=OFF;\n"


def written(*revisions: Callable[[], object]) -> str:
    """Return the revisions as text, each in a transaction of its own."""
    dialect = dialect_for(sa.create_engine("sqlite://").dialect)
    with dialect.scratch() as connection:
        assert connection is not None
        for statement in TABLES.split(";")[:-1]:
            connection.exec_driver_sql(statement)
        connection.commit()
        executor = TextExecutor(dialect, DatabaseExecutor(connection, dialect))
        for revision in revisions:
            with executor.transaction(), running(executor):
                revision()

    return "".join(executor.lines)


def left_by(text: str) -> list[tuple[object, ...]]:
    """Return the rows of ``c`` after the text, in an app with foreign keys on."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(TABLES + ROWS + "PRAGMA foreign_keys=ON;")
        connection.executescript(text)
        return connection.execute("SELECT * FROM c").fetchall()


def delete() -> None:
    op.execute("DELETE FROM p WHERE id = 1")


def rebuild() -> None:
    op.alter_column("p", "n", nullable=False)


def test_a_delete_cascades_as_in_a_live_run() -> None:
    text = written(delete)

    assert text.startswith("BEGIN IMMEDIATE;\n")
    assert left_by(text) == [(2, 2)]


def test_a_rebuild_takes_no_rows_along() -> None:
    text = written(rebuild)

    assert text.startswith(f"{OFF}BEGIN IMMEDIATE;\n")
    assert left_by(text) == [(1, 1), (2, 2)]


def test_each_transaction_has_what_it_needs() -> None:
    text = written(delete, rebuild)

    assert text.index("DELETE") < text.index(OFF) < text.index("DROP TABLE")
    assert left_by(text) == [(2, 2)]


def test_a_block_outside_of_transactions_has_what_it_needs() -> None:
    def in_pieces() -> None:
        delete()
        with op.get_context().autocommit_block():
            rebuild()
        op.execute("INSERT INTO p VALUES (3, 'c')")

    text = written(in_pieces)

    first, second = (i for i in range(len(text)) if text.startswith("COMMIT;\n", i))
    assert first < text.index(OFF) < text.index("DROP TABLE") < second
    assert left_by(text) == [(2, 2)]
