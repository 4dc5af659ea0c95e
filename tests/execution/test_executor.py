"""What carries out operations: on a database, as text, into a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql

from flask_migrations_ext import op
from flask_migrations_ext.dialects.dialect import Statements
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.standard import StandardSql
from flask_migrations_ext.errors import NeedsDatabase
from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.executor import DatabaseExecutor
from flask_migrations_ext.execution.executor import Recorder
from flask_migrations_ext.execution.text_executor import TextExecutor
from flask_migrations_ext.operations.sql import ExecuteSql

# SQLAlchemy leaves these without annotations.
KINDS: dict[str, Any] = {"postgresql": postgresql.dialect, "mysql": mysql.dialect}


@pytest.fixture
def executor(connection: sa.Connection) -> Iterator[DatabaseExecutor]:
    executor = DatabaseExecutor(connection, dialect_for(connection.dialect))
    with running(executor):
        yield executor


@pytest.fixture(params=["postgresql", "mysql"])
def text(request: pytest.FixtureRequest) -> Iterator[TextExecutor]:
    executor = TextExecutor(dialect_for(KINDS[request.param]()), None)
    with running(executor):
        yield executor


# -- on a database ---------------------------------------------------------


def test_it_remembers_what_changed_something(executor: DatabaseExecutor) -> None:
    with executor.transaction():
        op.execute("CREATE TABLE t (id INTEGER)")
        op.get_bind().execute(sa.text("INSERT INTO t VALUES (1)"))
        op.get_bind().execute(sa.text("SELECT id FROM t")).all()

    assert executor.executed == [
        "CREATE TABLE t (id INTEGER)",
        "INSERT INTO t VALUES (1)",
    ]


def test_op_runs_at_once_and_a_block_at_its_end(executor: DatabaseExecutor) -> None:
    def columns() -> list[str]:
        return [each["name"] for each in sa.inspect(op.get_bind()).get_columns("t")]

    with executor.transaction():
        op.create_table("t", sa.Column("id", sa.Integer))
        assert columns() == ["id"]

        with op.batch_alter_table("t") as block:
            block.add_column(sa.Column("more", sa.Integer))
            assert columns() == ["id"]

        assert columns() == ["id", "more"]


def test_a_dialect_sees_what_its_last_statement_did(connection: sa.Connection) -> None:
    seen: list[bool] = []

    class Looking(StandardSql):
        def execute_sql(
            self, operation: ExecuteSql, connection: sa.Connection | None
        ) -> Statements:
            assert connection is not None
            yield self.raw("CREATE TABLE first (id INTEGER)")
            seen.append(sa.inspect(connection).has_table("first"))

    executor = DatabaseExecutor(connection, Looking(connection.dialect))
    executor.execute(ExecuteSql("SELECT 1"))

    assert seen == [True]


def test_the_next_transaction_starts_anew(executor: DatabaseExecutor) -> None:
    with executor.transaction():
        op.execute("CREATE TABLE t (id INTEGER)")
    with executor.transaction():
        op.execute("DROP TABLE t")

    assert executor.executed == ["DROP TABLE t"]


def test_after_a_transaction_it_listens_no_more(executor: DatabaseExecutor) -> None:
    with executor.transaction():
        pass
    executor.connection.execute(sa.text("CREATE TABLE t (id INTEGER)"))
    executor.connection.commit()

    assert executor.executed == []


def test_an_inner_transaction_is_a_part_of_the_outer_one(
    executor: DatabaseExecutor,
) -> None:
    with executor.transaction():
        with executor.transaction():
            op.execute("CREATE TABLE t (id INTEGER)")
        op.execute("INSERT INTO t VALUES (1)")

    assert len(executor.executed) == 2


def test_a_block_outside_commits_and_begins_again(executor: DatabaseExecutor) -> None:
    class Failed(Exception):
        pass

    with pytest.raises(Failed), executor.transaction():
        op.execute("CREATE TABLE t (id INTEGER)")
        with op.get_context().autocommit_block():
            op.execute("INSERT INTO t VALUES (1)")
        op.execute("INSERT INTO t VALUES (2)")
        raise Failed

    assert (len(executor.executed), executor.committed) == (3, 2)
    found = executor.connection.execute(sa.text("SELECT id FROM t")).scalars().all()
    assert found == [1]


def test_a_failing_block_counts_what_it_did(executor: DatabaseExecutor) -> None:
    with pytest.raises(sa.exc.DBAPIError), executor.transaction():
        op.execute("CREATE TABLE t (id INTEGER)")
        with op.get_context().autocommit_block():
            op.execute("INSERT INTO t VALUES (1)")
            op.execute("INSERT INTO nowhere VALUES (1)")

    assert executor.committed == 2


def test_a_block_on_its_own_leaves_no_transaction(executor: DatabaseExecutor) -> None:
    level = executor.connection.get_isolation_level()
    executor.connection.rollback()
    with executor.autocommit_block():
        op.execute("CREATE TABLE t (id INTEGER)")

    assert not executor.connection.in_transaction()
    assert executor.connection.get_isolation_level() == level


# -- as text ---------------------------------------------------------------


def test_text_has_its_transactions_written_into_it(text: TextExecutor) -> None:
    with text.transaction():
        op.execute("CREATE TABLE t (id INTEGER)")
        with op.get_context().autocommit_block():
            op.execute("ANALYZE t")
        text.comment("one\ntwo")

    statements = [line.strip() for line in text.lines]
    if text.dialect.transactional_ddl:
        assert statements == [
            "BEGIN;",
            "CREATE TABLE t (id INTEGER);",
            "COMMIT;",
            "ANALYZE t;",
            "BEGIN;",
            "-- one\n-- two",
            "COMMIT;",
        ]
    else:
        assert statements == [
            "CREATE TABLE t (id INTEGER);",
            "ANALYZE t;",
            "-- one\n-- two",
        ]


@pytest.mark.parametrize("kind", ["text", "recorder"])
def test_what_needs_a_database_is_refused(kind: str) -> None:
    executor = TextExecutor(dialect_for(KINDS["postgresql"]()), None)
    with running(executor if kind == "text" else Recorder()) as recording:
        with pytest.raises(NeedsDatabase, match=r"op\.get_bind\(\)"):
            _ = recording.connection
        assert op.get_context().as_sql


def test_a_recorder_has_no_bind() -> None:
    with running(Recorder()), pytest.raises(NeedsDatabase, match=r"op\.get_bind\(\)"):
        op.get_bind()


def test_a_select_that_is_executed_for_its_effect_is_written(
    text: TextExecutor,
) -> None:
    op.execute(sa.select(sa.func.lower("A")))

    assert [line.strip() for line in text.lines] == ["SELECT lower('A') AS lower_1;"]


# -- into a list -----------------------------------------------------------


def test_a_recorder_keeps_operations_in_order() -> None:
    recorder = Recorder({"ix": "ix_%(table_name)s"})
    with running(recorder):
        op.drop_table("a")
        with op.get_context().autocommit_block():
            op.drop_table("b")

    assert [each.verb for each in recorder.operations] == ["drop_table"] * 2
    assert recorder.naming_convention == {"ix": "ix_%(table_name)s"}
