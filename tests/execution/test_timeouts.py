"""Others are in the way: they are named, waited for, and never blamed on the script."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import flask_migrations_ext
from flask_migrations_ext.dialects.lock import Limits
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.errors import StepFailed
from flask_migrations_ext.errors import UnknownOption
from flask_migrations_ext.execution.executor import DatabaseExecutor
from flask_migrations_ext.execution.steps import watch
from tests.apps import CREATE_USER
from tests.apps import new_project
from tests.apps import Project

COLUMN = 'op.add_column("user", sa.Column("name", sa.String(20)))'


@pytest.fixture(params=["postgresql", "mariadb"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    url: sa.URL = request.getfixturevalue(f"{request.param}_url")
    project = new_project(tmp_path / "app", url=url).with_folder()
    project.script("a1", upgrade=CREATE_USER)
    project.done("upgrade")
    project.script("a2", "a1", upgrade=COLUMN)
    return project


class Held:
    """A table that another transaction reads, until it is let go."""

    def __init__(self, url: sa.URL) -> None:
        self.engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        self.connection = self.engine.connect()
        table = self.engine.dialect.identifier_preparer.quote("user")
        self.connection.exec_driver_sql(
            f"SELECT id FROM {table} WHERE 'a-secret-value' <> ''"
        ).all()

    def let_go(self) -> None:
        self.connection.rollback()


@contextmanager
def held(project: Project) -> Iterator[Held]:
    other = Held(project.url)
    try:
        yield other
    finally:
        other.connection.close()
        other.engine.dispose()


def upgrade(project: Project, **options: Any) -> None:
    with project.app.app_context():
        flask_migrations_ext.upgrade(**options)


def test_when_the_budget_is_spent_it_is_temporary_and_nobodys_fault(
    project: Project,
) -> None:
    project.app.config["MIGRATE_RETRY"] = 0
    with held(project):
        ran = project.run("upgrade", "--lock-timeout", "0.2s")

    assert ran.status == 75, ran.err
    assert "others use what it needs" in ran.err
    assert "correct the script" not in ran.err.lower()
    assert project.version() == ["a1"]
    project.done("upgrade")


def test_what_others_held_up_is_tried_again_when_they_are_gone(
    project: Project,
) -> None:
    told: list[str] = []
    with held(project) as other:

        def on_hold_up(who: str) -> None:
            told.append(who)
            other.let_go()

        upgrade(project, lock_timeout=0.2, on_hold_up=on_hold_up)

    assert len(told) == 1
    assert "trying again in" in told[0]
    assert project.version() == ["a2"]


def test_it_is_said_who_holds_a_revision_up(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "PATIENCE", 0.0)
    told: list[str] = []
    with held(project) as other:

        def on_hold_up(who: str) -> None:
            told.append(who)
            other.let_go()

        driver: Any = other.connection.connection.driver_connection
        is_mariadb = project.url.get_backend_name() == "mariadb"
        session = driver.thread_id() if is_mariadb else driver.info.backend_pid
        upgrade(project, lock_timeout=60, on_hold_up=on_hold_up)

    assert len(told) == 1
    assert f"server process {session}" in told[0]
    assert " s" in told[0]
    assert "a-secret-value" not in told[0]
    assert project.version() == ["a2"]


def test_a_statement_that_takes_too_long_may_take_longer(project: Project) -> None:
    sleep = {"postgresql": "pg_sleep", "mariadb": "sleep"}[
        project.url.get_backend_name()
    ]
    project.script(
        "a2", "a1", upgrade=f'op.execute("SELECT {sleep}(5) FROM (SELECT 1) t")'
    )
    ran = project.run("upgrade", "--statement-timeout", "0.2s")

    assert ran.status == 1
    assert "--statement-timeout" in ran.err
    assert "correct the script" not in ran.err.lower()


@pytest.mark.parametrize("name", ["postgresql", "mariadb"])
@pytest.mark.parametrize("begun", [False, True], ids=["ours", "the caller's"])
def test_the_limits_are_on_the_connection_while_it_runs_and_no_longer(
    name: str, begun: bool, request: pytest.FixtureRequest
) -> None:
    url: sa.URL = request.getfixturevalue(f"{name}_url")
    engine = sa.create_engine(url)
    ask = {
        "postgresql": "SELECT current_setting('lock_timeout'),"
        " current_setting('statement_timeout')",
        "mariadb": "SELECT @@lock_wait_timeout, @@max_statement_time",
    }[name]
    inside = {"postgresql": ("2500ms", "7s"), "mariadb": (3, 7)}[name]
    with engine.connect() as connection:
        before = connection.exec_driver_sql(ask).one()
        if not begun:
            connection.rollback()
        executor = DatabaseExecutor(
            connection, dialect_for(engine.dialect), limits=Limits(2.5, statement=7)
        )
        with executor.limits.of_run(), executor.transaction():
            seen = connection.exec_driver_sql(ask).one()
        after = connection.exec_driver_sql(ask).one()
    engine.dispose()

    assert tuple(seen) == inside
    assert after == before


def test_a_shorter_wait_of_the_connection_is_left_to_it(
    postgresql_engine: sa.Engine,
) -> None:
    ask = "SELECT current_setting('lock_timeout')"
    limits = Limits(10, at_most=True)
    with postgresql_engine.connect() as connection:
        seen = []
        for own in ("500ms", "1min", "0"):
            connection.exec_driver_sql(f"SET lock_timeout = '{own}'")
            connection.commit()
            executor = DatabaseExecutor(
                connection, dialect_for(connection.dialect), limits=limits
            )
            with executor.transaction():
                seen.append(connection.exec_driver_sql(ask).scalar())

    assert seen == ["500ms", "10s", "10s"]


def test_what_runs_concurrently_waits_without_end_and_the_rest_of_a_block_does_not(
    postgresql_engine: sa.Engine,
) -> None:
    seen = []

    @sa.event.listens_for(postgresql_engine, "after_cursor_execute")
    def after(*arguments: Any) -> None:
        connection, cursor, sql = arguments[:3]
        if sql.startswith(("CREATE INDEX", "COMMENT")):
            cursor.execute("SELECT current_setting('lock_timeout')")
            seen.append(cursor.fetchone()[0])

    with postgresql_engine.connect() as connection:
        executor = DatabaseExecutor(
            connection, dialect_for(connection.dialect), limits=Limits(2)
        )
        with executor.transaction():
            connection.exec_driver_sql("CREATE TABLE t (id INTEGER)")
            with executor.autocommit_block():
                for sql in (
                    "COMMENT ON TABLE t IS 'a'",
                    "CREATE INDEX CONCURRENTLY i ON t (id)",
                    "COMMENT ON TABLE t IS 'b'",
                ):
                    connection.exec_driver_sql(sql)
        after_all = connection.exec_driver_sql("SHOW lock_timeout").scalar()

    assert seen == ["2s", "0", "2s"]
    assert after_all == "0"


def test_two_that_met_in_a_deadlock_both_succeed(
    tmp_path: Path, postgresql_url: sa.URL
) -> None:
    """The server gives one of them up, which then goes second."""
    project = new_project(tmp_path / "app", url=postgresql_url).with_folder()
    project.script("a1", upgrade=CREATE_USER)
    project.done("upgrade")
    serialization = (
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'tries') THEN"
        " RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END IF; END $$"
    )
    project.script("a2", "a1", upgrade=f"op.execute({serialization!r})\n{COLUMN}")
    told: list[str] = []

    def on_hold_up(who: str) -> None:
        told.append(who)
        project.sql("CREATE TABLE tries (id INTEGER)")

    upgrade(project, on_hold_up=on_hold_up)

    assert len(told) == 1
    assert project.version() == ["a2"]


def test_an_error_of_the_script_is_not_tried_again(project: Project) -> None:
    project.script("a2", "a1", upgrade='op.execute("SELECT nothing FROM nowhere")')
    told: list[str] = []
    with pytest.raises(StepFailed):
        upgrade(project, on_hold_up=told.append)

    assert told == []


@pytest.mark.parametrize("value", ["soon", -1, float("inf"), None])
def test_what_is_no_number_of_seconds_is_refused(tmp_path: Path, value: object) -> None:
    project = new_project(tmp_path / "app").with_folder()
    project.app.config["MIGRATE_RETRY"] = value
    ran = project.run("upgrade")

    assert ran.status == 1
    assert "takes a number of seconds" in ran.err
    assert UnknownOption.__name__ not in ran.err
