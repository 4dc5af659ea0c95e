"""Where no session can lock for all, a row does: taken, renewed, lost, run out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
import sqlalchemy as sa

import flask_migrations_ext
from flask_migrations_ext.dialects.lock import SessionLock
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.errors import LockLost
from flask_migrations_ext.execution.lock import renewed
from flask_migrations_ext.schema.model import TableName
from tests.apps import new_project
from tests.apps import Project
from tests.execution.others import started

ROWS = "SELECT holder, token, expires_at FROM alembic_version_lock"


@pytest.fixture(params=["postgresql", "mariadb"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    url: sa.URL = request.getfixturevalue(f"{request.param}_url")
    app = new_project(tmp_path / "app", url=url, config={"MIGRATE_LOCK": "row"})
    return app.with_folder()


@pytest.fixture
def session(project: Project) -> Iterator[sa.Connection]:
    engine = sa.create_engine(project.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def row(
    session: sa.Connection, who: str = "flask db stamp on elsewhere"
) -> SessionLock:
    kind = dialect_for(session.dialect).session_lock
    assert kind is not None
    assert kind.row is not None
    versions = TableName("alembic_version")
    lock = kind.row(session, f"{kind.scope(session)}/.alembic_version", versions)
    lock.introduce("flask db stamp on elsewhere")
    return lock


def test_of_many_processes_one_migrates_and_all_succeed(project: Project) -> None:
    ledger = 'op.create_table("ran", sa.Column("id", sa.Integer))'
    note = 'op.execute("INSERT INTO ran VALUES ({})")'
    project.script("r1", None, upgrade=f"{ledger}\n{note.format(1)}")
    project.script("r2", "r1", upgrade=note.format(2))
    running = [started(project, "upgrade") for _ in range(4)]
    ended = [(*each.communicate(), each.returncode) for each in running]

    assert [status for _, _, status in ended] == [0] * 4, ended
    assert project.rows("SELECT id FROM ran ORDER BY id") == [(1,), (2,)]
    assert project.rows(ROWS)[0][1:] == ("", 0)


def test_it_is_said_who_holds_it_and_nothing_has_changed(
    project: Project, session: sa.Connection
) -> None:
    project.chain("a1")
    assert row(session).take()
    ran = project.run("upgrade", "--no-wait")

    assert ran.status == 75
    assert "migrated by flask db stamp on elsewhere, for " in ran.err
    assert project.version() == []


def test_it_ends_by_itself_when_its_holder_has_died(
    project: Project, session: sa.Connection
) -> None:
    project.chain("a1")
    dead = row(session)
    assert dead.take()
    assert not row(session).take()
    session.exec_driver_sql(
        "UPDATE alembic_version_lock SET expires_at = expires_at - 31"
    )

    project.done("upgrade", "--no-wait")

    assert project.version() == ["a1"]
    assert not dead.renew()


def test_who_has_lost_it_stops(project: Project) -> None:
    project.chain("a1", "a2", "a3").done("upgrade", "a1")
    taken = "UPDATE alembic_version_lock SET token = 'another'"
    with project.app.app_context(), pytest.raises(LockLost):
        flask_migrations_ext.upgrade(on_step=lambda step: project.sql(taken))

    assert project.version() == ["a2"]
    assert project.rows(ROWS)[0][1] == "another"


def test_it_is_renewed_while_its_owner_waits(
    session: sa.Connection, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = row(session)
    assert lock.take()
    done = threading.Event()
    renew = lock.renew

    def watched() -> bool:
        held = renew()
        done.set()
        return held

    monkeypatch.setattr(lock, "renew", watched)
    monkeypatch.setattr(type(lock), "renewed_every", 0.01)
    project.sql("UPDATE alembic_version_lock SET expires_at = 1")
    with renewed(lock):
        assert done.wait(timeout=60)
        assert project.rows(ROWS)[0][2] > 1

    assert project.rows(ROWS)[0][1:] == ("", 0)


def test_a_direct_connection_to_one_server_needs_none(session: sa.Connection) -> None:
    kind = dialect_for(session.dialect).session_lock
    assert kind is not None
    assert not kind.is_private(session)


def test_its_table_is_no_difference(project: Project) -> None:
    project.done("migrate", "-m", "users")
    project.done("upgrade")

    assert project.rows(ROWS) != []
    assert "No new upgrade operations detected." in project.done("check")


class Elsewhere:
    """A connection whose driver was told another server process than answers."""

    backend_pid: ClassVar[int] = -1


@pytest.mark.parametrize("name", ["postgresql", "mariadb"])
def test_a_server_between_is_noticed(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    url: sa.URL = request.getfixturevalue(f"{name}_url")
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        kind = dialect_for(engine.dialect).session_lock
        assert kind is not None
        driver = type(connection.connection.driver_connection)
        told = {"postgresql": "info", "mariadb": "thread_id"}[name]
        other = {"postgresql": Elsewhere(), "mariadb": lambda self: -1}[name]
        monkeypatch.setattr(driver, told, other)
        assert kind.is_private(connection)
        monkeypatch.undo()
        assert not kind.is_private(connection)
    engine.dispose()
