"""Of many processes that would migrate a database, one does, and all succeed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

import flask_migrations_ext
from flask_migrations_ext.commands.locking import left_of
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.errors import ConcurrentChange
from flask_migrations_ext.errors import LockLost
from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.revisions.plan import Plan
from flask_migrations_ext.revisions.plan import plan_upgrade
from flask_migrations_ext.revisions.revision import Revision
from flask_migrations_ext.revisions.target import parse
from flask_migrations_ext.schema.model import TableName
from tests.apps import new_project
from tests.apps import Project
from tests.execution.others import held_by_another
from tests.execution.others import started

VERSIONS = TableName("alembic_version")
PROCESSES = 6
REVISIONS = 6

LEDGER = 'op.create_table("ran", sa.Column("id", sa.Integer))'


def note(number: int) -> str:
    return f'op.execute("INSERT INTO ran VALUES ({number})")'


CONCURRENTLY = """
with op.get_context().autocommit_block():
    op.create_index("ix_ran", "ran", ["id"], postgresql_concurrently=True)
"""


@pytest.fixture
def project(tmp_path: Path, database_url: sa.URL) -> Project:
    return new_project(tmp_path / "app", url=database_url).with_folder()


# -- many at once ----------------------------------------------------------


@pytest.mark.parametrize("applied", [0, 2], ids=["empty", "half-way"])
def test_each_revision_runs_once_and_all_processes_succeed(
    project: Project, applied: int
) -> None:
    for number in range(1, REVISIONS + 1):
        parts = [LEDGER] if number == 1 else [CONCURRENTLY] if number == 4 else []
        parents = f"r{number - 1}" if number > 1 else None
        project.script(f"r{number}", parents, upgrade="\n".join([*parts, note(number)]))
    if applied:
        project.done("upgrade", f"r{applied}")
    running = [started(project, "upgrade") for _ in range(PROCESSES)]
    ended = [(*each.communicate(), each.returncode) for each in running]

    assert [status for _, _, status in ended] == [0] * PROCESSES, ended
    assert Counter(row[0] for row in project.rows("SELECT id FROM ran")) == Counter(
        range(1, REVISIONS + 1)
    )
    assert project.version() == [f"r{REVISIONS}"]
    told = "".join(err for _, err, _ in ended)
    assert all(told.count(f"-> r{n}, ") == 1 for n in range(applied + 1, REVISIONS + 1))


# -- one that does not let go ----------------------------------------------


def test_when_the_wait_is_over_nothing_has_changed(project: Project) -> None:
    project.chain("a1", "a2")
    with held_by_another(project):
        for wait in (["--wait", "0.1s"], ["--no-wait"]):
            ran = project.run("upgrade", *wait)
            assert ran.status == 75, ran.err
            assert "correct the script" not in ran.err.lower()
            assert "run the command again" in ran.err

    assert project.version() == []
    project.done("upgrade")


@pytest.mark.parametrize("name", ["postgresql", "mariadb"])
def test_it_is_said_who_is_waited_for(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url: sa.URL = request.getfixturevalue(f"{name}_url")
    project = new_project(tmp_path / "app", url=url).with_folder().chain("a1")
    with held_by_another(project):
        ran = project.run("upgrade", "--no-wait")

    assert "Waiting: the database is being migrated by " in ran.err
    assert "server process" in ran.err
    assert ("flask db stamp on elsewhere" in ran.err) == (name == "postgresql")


@pytest.mark.parametrize("command", ["stamp", "downgrade"])
def test_every_command_that_writes_waits(project: Project, command: str) -> None:
    project.chain("a1", "a2").done("upgrade")
    with held_by_another(project):
        ran = project.run(command, "a1", "--no-wait")

    assert ran.status == 75, ran.err
    assert project.version() == ["a2"]


def test_a_version_table_that_is_made_beforehand_is_committed(
    project: Project,
) -> None:
    project.done("ensure-version")

    assert project.rows("SELECT version_num FROM alembic_version") == []


def test_who_has_nothing_to_do_does_not_wait(project: Project) -> None:
    project.chain("a1").done("upgrade")
    with held_by_another(project):
        assert "Nothing to upgrade" in project.done("upgrade", "--no-wait")


def test_the_lock_can_be_switched_off(on_server: Project) -> None:
    on_server.app.config["MIGRATE_LOCK"] = False
    on_server.chain("a1")
    with held_by_another(on_server):
        on_server.done("upgrade", "--no-wait")


@pytest.mark.parametrize("said", ["no", "rows", None, 2])
def test_what_says_no_kind_of_lock_is_refused(tmp_path: Path, said: object) -> None:
    project = new_project(tmp_path / "app").with_folder().chain("a1")
    project.app.config["MIGRATE_LOCK"] = said
    ran = project.run("upgrade")
    project.app.config["MIGRATE_LOCK"] = True

    assert ran.status == 1
    assert "takes True, False or 'row'" in ran.err
    assert project.version() == []


@pytest.mark.parametrize("wait", ["soon", "", "5 years", "-1"])
def test_a_wait_that_is_no_time_is_refused(tmp_path: Path, wait: str) -> None:
    project = new_project(tmp_path / "app").with_folder().chain("a1")
    ran = project.run("upgrade", f"--wait={wait}")

    assert ran.status == 2 or ran.status == 1
    assert project.version() == []


@pytest.fixture(params=["postgresql", "mariadb"])
def on_server(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    url: sa.URL = request.getfixturevalue(f"{request.param}_url")
    return new_project(tmp_path / "app", url=url).with_folder()


# -- a lock that is lost, or a caller's ------------------------------------


def test_who_has_lost_the_lock_stops(tmp_path: Path, postgresql_url: sa.URL) -> None:
    project = new_project(tmp_path / "app", url=postgresql_url).with_folder()
    project.chain("a1", "a2", "a3").done("upgrade", "a1")
    end = (
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        " AND database = (SELECT oid FROM pg_database WHERE datname=current_database())"
    )
    with project.app.app_context(), pytest.raises(LockLost):
        flask_migrations_ext.upgrade(on_step=lambda step: project.sql(end))

    assert project.version() == ["a2"]


IN_A_TRANSACTION = """
    from flask import current_app
    from flask_migrations_ext import context

    engine = current_app.extensions["sqlalchemy"].engine
    with engine.connect() as connection, connection.begin():
        context.configure(connection=connection)
        context.run_migrations()
        current_app.extensions["asked"](engine)
"""


def test_in_a_transaction_of_the_callers_it_is_held_until_that_ends(
    on_server: Project,
) -> None:
    on_server.chain("a1")
    on_server.env(IN_A_TRANSACTION)
    found: list[bool] = []

    def asked(engine: sa.Engine) -> None:
        kind = dialect_for(engine.dialect).session_lock
        assert kind is not None
        with engine.connect() as connection:
            name = f"{kind.scope(connection)}/.alembic_version"
            found.append(kind(connection, name, VERSIONS).take())

    on_server.app.extensions["asked"] = asked
    on_server.done("upgrade")
    with on_server.app.app_context():
        asked(on_server.app.extensions["sqlalchemy"].engine)

    assert found == [False, True]


# -- what is left of a plan ------------------------------------------------


def planned(*applied: str) -> tuple[RevisionGraph, Plan]:
    graph = RevisionGraph(
        [
            Revision("a1"),
            Revision("a2", parents=("a1",)),
            Revision("a3", parents=("a2",)),
            Revision("b1"),
        ]
    )
    return graph, plan_upgrade(graph, applied, parse("a3"))


@pytest.mark.parametrize(
    ("now", "left"),
    [((), ["a1", "a2", "a3"]), (("a1",), ["a2", "a3"]), (("a3",), [])],
)
def test_what_others_have_done_is_left_out(
    now: tuple[str, ...], left: list[str]
) -> None:
    _, plan = planned()
    rest = left_of(plan, now, None)

    assert [step.revision.id for step in rest.steps] == left
    assert rest.start == now


def test_a_plan_that_does_not_come_by_is_made_again_if_it_means_the_same() -> None:
    graph, plan = planned()
    now = ("b1",)
    rest = left_of(plan, now, lambda: plan_upgrade(graph, now, parse("a3")))

    assert [step.revision.id for step in rest.steps] == ["a1", "a2", "a3"]
    with pytest.raises(ConcurrentChange):
        left_of(plan, now, None)
