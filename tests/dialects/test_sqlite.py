"""SQLite: real transactions, foreign keys, and what each operation says."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from flask_migrations_ext.dialects.dialect import RestartStep
from flask_migrations_ext.dialects.sqlite.dialect import SQLite
from flask_migrations_ext.errors import DataAtRisk
from flask_migrations_ext.errors import UnsupportedOperation
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import DropColumn
from flask_migrations_ext.operations.constraints import AddConstraint
from flask_migrations_ext.operations.from_arguments import execute
from flask_migrations_ext.operations.tables import CreateTable
from flask_migrations_ext.operations.tables import DropTable
from flask_migrations_ext.operations.tables import RenameTable
from flask_migrations_ext.schema.from_sqlalchemy import read_table
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import TableName
from tests.operations.made import add_column
from tests.operations.made import alter_column

from .sqlite_runs import closed
from .sqlite_runs import database
from .sqlite_runs import driver_of
from .sqlite_runs import dump
from .sqlite_runs import named
from .sqlite_runs import run
from .sqlite_runs import T

__all__ = ["closed"]  # the fixture is in use without being named


# -- transactions ----------------------------------------------------------


def by_default(url: str) -> sa.Engine:
    return sa.create_engine(url)


def by_events(url: str) -> sa.Engine:
    engine = sa.create_engine(url)
    sa.event.listen(
        engine, "connect", lambda driver, _: setattr(driver, "isolation_level", None)
    )
    sa.event.listen(engine, "begin", lambda each: each.exec_driver_sql("BEGIN"))

    return engine


def by_autocommit(url: str) -> sa.Engine:
    return sa.create_engine(url, isolation_level="AUTOCOMMIT")


def by_one_connection(url: str) -> sa.Engine:
    return sa.create_engine(url, poolclass=StaticPool)


def by_driver_off(url: str) -> sa.Engine:
    return sa.create_engine(url, connect_args={"autocommit": True})


def by_driver_on(url: str) -> sa.Engine:
    return sa.create_engine(url, connect_args={"autocommit": False})


WAYS = [by_default, by_events, by_autocommit, by_one_connection]
if sys.version_info >= (3, 12):
    WAYS += [by_driver_off, by_driver_on]


@contextlib.contextmanager
def opened(way: Callable[[str], sa.Engine], path: Path) -> Iterator[sa.Connection]:
    engine = way(f"sqlite:///{path}")
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.executescript(
            "CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO p VALUES"
            " (1, 'x'); CREATE TABLE c (p INTEGER REFERENCES p (id) ON DELETE CASCADE);"
            "INSERT INTO c VALUES (1);"
        )
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def mode(connection: sa.Connection) -> tuple[Any, Any]:
    driver: Any = connection.connection.dbapi_connection

    return driver.isolation_level, getattr(driver, "autocommit", None)


def stored(path: Path) -> tuple[list[str], list[int]]:
    with contextlib.closing(sqlite3.connect(path)) as other:
        names = other.execute("SELECT name FROM sqlite_master").fetchall()
        rows = other.execute("SELECT id FROM p").fetchall()

    return [name for (name,) in names], [id_ for (id_,) in rows]


@pytest.mark.parametrize("way", WAYS)
def test_a_transaction_is_committed_at_its_end(
    way: Callable[[str], sa.Engine], tmp_path: Path
) -> None:
    path = tmp_path / "app.db"
    with opened(way, path) as connection:
        before = mode(connection)
        with SQLite(connection.dialect).transaction(connection):
            connection.exec_driver_sql("CREATE TABLE new (a)")
            connection.exec_driver_sql("INSERT INTO p VALUES (2, 'y')")

        assert stored(path) == (["p", "c", "new"], [1, 2])
        assert mode(connection) == before
        assert not connection.in_transaction()


@pytest.mark.parametrize("way", WAYS)
def test_a_failure_rolls_back_tables_and_rows(
    way: Callable[[str], sa.Engine], tmp_path: Path
) -> None:
    path = tmp_path / "app.db"
    with opened(way, path) as connection:
        before = mode(connection)
        with pytest.raises(ConnectionError):
            with SQLite(connection.dialect).transaction(connection):
                connection.exec_driver_sql("CREATE TABLE new (a)")
                connection.exec_driver_sql("DELETE FROM p")
                connection.exec_driver_sql("DROP TABLE c")
                raise ConnectionError

        assert stored(path) == (["p", "c"], [1])
        assert mode(connection) == before
        assert not connection.in_transaction()


@pytest.mark.parametrize("way", WAYS)
def test_a_transaction_keeps_other_writers_out_from_its_start(
    way: Callable[[str], sa.Engine], tmp_path: Path
) -> None:
    path = tmp_path / "app.db"
    with opened(way, path) as connection:
        with contextlib.closing(sqlite3.connect(path, timeout=0)) as other:
            with SQLite(connection.dialect).transaction(connection):
                with pytest.raises(sqlite3.OperationalError, match="locked"):
                    other.execute("INSERT INTO p VALUES (3, 'z')")


@pytest.mark.parametrize("way", WAYS)
def test_foreign_keys_can_be_switched_off_and_on(
    way: Callable[[str], sa.Engine], tmp_path: Path
) -> None:
    with opened(way, tmp_path / "app.db") as connection:
        engine = connection.engine
        connection.close()

        @sa.event.listens_for(engine, "connect")
        def switch_on(driver: Any, _: Any) -> None:
            level, driver.isolation_level = driver.isolation_level, None
            autocommit = getattr(driver, "autocommit", None)
            if autocommit is False:
                driver.autocommit = True
            driver.execute("PRAGMA foreign_keys=ON")
            if autocommit is False:
                driver.autocommit = False
            driver.isolation_level = level

        engine.dispose()
        run(engine, alter_column(TableName("p"), "a", nullable=False))
        with engine.connect() as again:
            assert again.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert again.exec_driver_sql("SELECT count(*) FROM c").scalar() == 1
        engine.dispose()


# -- foreign keys ----------------------------------------------------------

PAIR = """
    CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT);
    CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON DELETE CASCADE);
    INSERT INTO p VALUES (1, 'x'), (2, 'y');
    INSERT INTO c VALUES (5, 1), (6, 2), (7, NULL);
"""
P, C = TableName("p"), TableName("c")


def test_foreign_keys_work_in_a_revision_that_rebuilds_nothing() -> None:
    engine = database(PAIR, foreign_keys=True)

    run(engine, execute("DELETE FROM p WHERE id = 1"))

    assert named(engine, "c", "id") == [(6,), (7,)]


def test_rows_that_a_revision_leaves_without_their_parents_stop_it() -> None:
    engine = database(PAIR, foreign_keys=True)
    before = dump(engine)

    with pytest.raises(DataAtRisk, match=r"1 foreign key of table 'c'.*rowid 5"):
        run(
            engine,
            execute("DELETE FROM p WHERE id = 1"),
            alter_column(P, "a", nullable=False),
        )

    assert dump(engine) == before


def test_old_orphans_stop_nothing_even_if_their_table_is_renamed() -> None:
    engine = database(PAIR + "DELETE FROM p WHERE id = 1;", foreign_keys=True)

    run(engine, alter_column(P, "a", nullable=False), RenameTable(C, "d"))

    assert named(engine, "d", "id") == [(5,), (6,), (7,)]


def test_a_parent_is_not_dropped_under_rows_that_point_to_it() -> None:
    engine = database(PAIR, foreign_keys=True)
    before = dump(engine)

    with pytest.raises(DataAtRisk, match="2 foreign keys of table 'c'"):
        run(engine, DropTable(P))

    assert dump(engine) == before


@pytest.mark.parametrize(
    "operations",
    [
        (DropTable(P), DropTable(C)),
        (DropTable(C), DropTable(P)),
        (DropTable(P), DropColumn(C, "p")),
        (DropTable(P), execute("UPDATE c SET p = NULL")),
    ],
)
def test_a_parent_is_dropped_with_all_that_points_to_it(
    operations: tuple[Operation, ...],
) -> None:
    engine = database(PAIR, foreign_keys=True)

    run(engine, *operations)

    assert "CREATE TABLE p" not in dump(engine)


def test_a_missing_table_is_dropped_if_exists() -> None:
    engine = database(PAIR, foreign_keys=True)

    run(engine, DropTable(TableName("gone"), if_exists=True))

    assert "CREATE TABLE p" in dump(engine)


def test_in_a_transaction_of_the_caller_nothing_with_foreign_keys_on_is_rebuilt() -> (
    None
):
    engine = database(PAIR, foreign_keys=True)
    before = dump(engine)

    with engine.begin() as connection:
        dialect = SQLite(connection.dialect)
        change = alter_column(P, "a", nullable=False)
        with pytest.raises(UnsupportedOperation, match="begun elsewhere.*ON"):
            list(dialect.statements(change, connection))

    assert dump(engine) == before


def test_foreign_keys_that_cannot_be_switched_off_stop_it() -> None:
    engine = database(PAIR, foreign_keys=True)

    with engine.connect() as connection:
        dialect = SQLite(connection.dialect)
        with pytest.raises(RestartStep) as restart:
            with dialect.transaction(connection):
                list(dialect.statements(DropTable(P), connection))
        driver_of(engine).set_authorizer(refuse_pragma)
        with pytest.raises(UnsupportedOperation, match="switch foreign_keys off"):
            restart.value.prepare(connection)
        driver_of(engine).set_authorizer(None)


def refuse_pragma(action: int, name: str | None, value: str | None, *_: Any) -> int:
    is_switch = action == sqlite3.SQLITE_PRAGMA and value is not None

    return sqlite3.SQLITE_IGNORE if is_switch else sqlite3.SQLITE_OK


# -- as text ---------------------------------------------------------------


def test_the_statements_as_text_give_the_same_database() -> None:
    table = sa.Table(
        "t",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("a", sa.String(5), nullable=False),
        sa.Column("up", sa.Integer(), sa.ForeignKey("t.id", ondelete="CASCADE")),
        sqlite_autoincrement=True,
    )
    operations = [
        CreateTable(read_table(table)),
        execute("INSERT INTO t (id, a, up) VALUES (1, '100%', 1), (5, '::', 1)"),
        alter_column(T, "a", nullable=True, server_default="50%"),
        AddConstraint(T, Check("a_ok", Expression("a LIKE '%' AND a <> ':b'"))),
        add_column(T, sa.Column("n", sa.Integer(), unique=True), None),
        DropColumn(T, "n"),
    ]
    live = database("", foreign_keys=True)
    run(live, *operations)
    scratch = database("")
    dialect = SQLite(scratch.dialect)
    said = run(scratch, *operations)
    around = [dialect.prelude_text(said), dialect.begin_text(), dialect.commit_text()]
    before, begin, commit = map(str, around)
    lines = [before, begin, *said, commit]

    from_file = database("", foreign_keys=True)
    driver_of(from_file).executescript(";\n".join(lines) + ";")

    assert dump(from_file) == dump(live)
