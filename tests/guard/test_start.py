"""What an app does about its databases before it serves: upgrade, wait or check."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest
import sqlalchemy as sa
from flask import Flask

from flask_migrations_ext.errors import NotAtHead
from flask_migrations_ext.errors import StepFailed
from flask_migrations_ext.errors import StillPending
from flask_migrations_ext.errors import UnknownDatabaseRevision
from flask_migrations_ext.errors import UnknownOption
from tests.apps import CREATE_USER
from tests.apps import new_project
from tests.apps import Project

FACTORY_UPGRADES = """
db.init_app(app)
migrate.init_app(app, db)
app.add_url_rule("/", "front", lambda: "served")
migrate.on_start(app, "upgrade")
"""

SERVES = """
db.init_app(app)
migrate.init_app(app, db)
app.add_url_rule("/", "front", lambda: "served")
"""


def project_with(folder: Path, how: str | None, url: sa.URL | None = None) -> Project:
    project = new_project(
        folder, url=url, config={"MIGRATE_ON_START": how}, set_up=SERVES
    ).with_folder()
    project.script("a1", upgrade=CREATE_USER)
    project.script("b2", "a1")
    return project


def served(app: Flask) -> str:
    return app.test_client().get("/").text


@contextmanager
def statements_of(app: Flask) -> Iterator[list[str]]:
    """Yield what the app's default database is asked within the block."""
    said: list[str] = []

    def listen(*given: object) -> None:
        said.append(str(given[2]))

    with app.app_context():
        engine = app.extensions["sqlalchemy"].engines[None]
    sa.event.listen(engine, "before_cursor_execute", listen)
    yield said
    sa.event.remove(engine, "before_cursor_execute", listen)


# -- when ------------------------------------------------------------------


@pytest.mark.parametrize("command", ["--help", "routes", "db current"])
def test_no_command_of_flask_starts_it(tmp_path: Path, command: str) -> None:
    project = new_project(tmp_path / "app", set_up=FACTORY_UPGRADES)
    # The app that the tests have loaded was made outside of any command.
    (project.folder / "shop.sqlite").unlink(missing_ok=True)
    project.with_folder().script("a1", upgrade=CREATE_USER)
    ran = project.flask(*command.split())

    assert ran.status == 0, ran.err
    assert not (project.folder / "shop.sqlite").exists()


def test_a_new_app_can_make_its_folder(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", set_up=FACTORY_UPGRADES)
    ran = project.flask("db", "init")

    assert ran.status == 0, ran.err
    assert "nothing to" not in ran.err


def test_flask_run_starts_it(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", set_up=FACTORY_UPGRADES)
    project.with_folder().script("a1", upgrade=CREATE_USER)
    running = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "shop", "run", "--port", "0"],
        cwd=project.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    try:
        assert any("Running on" in line for line in running.stderr)
        assert project.version() == ["a1"]
    finally:
        running.kill()
        running.communicate()


def test_what_is_set_is_done_before_the_first_request(tmp_path: Path) -> None:
    project = project_with(tmp_path / "app", "upgrade")

    assert project.version() == []
    assert served(project.app) == "served"
    assert project.version() == ["b2"]


def test_nothing_is_the_default(tmp_path: Path) -> None:
    project = project_with(tmp_path / "app", None)

    assert served(project.app) == "served"
    assert project.version() == []


def test_threads_that_serve_first_wait_for_one(tmp_path: Path) -> None:
    project = project_with(tmp_path / "app", "upgrade")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(served, [project.app] * 8))

    assert answers == ["served"] * 8
    assert project.version() == ["b2"]


def test_what_the_factory_did_is_not_asked_again(tmp_path: Path) -> None:
    project = project_with(tmp_path / "app", "upgrade")
    project.app.extensions["migrate"].migrate.on_start(project.app)
    assert project.version() == ["b2"]

    with statements_of(project.app) as said:
        assert served(project.app) == "served"
    assert said == []


# -- what ------------------------------------------------------------------


@pytest.mark.parametrize("how", ["upgrade", "wait", "check"])
def test_at_its_head_a_database_is_asked_one_query(
    database_url: sa.URL, tmp_path: Path, how: str
) -> None:
    project = project_with(tmp_path / "app", how, database_url)
    project.done("upgrade")

    with statements_of(project.app) as said:
        served(project.app)
    assert len(said) == 1
    with statements_of(project.app) as said:
        served(project.app)
    assert said == []


def test_a_check_refuses_until_another_has_upgraded(tmp_path: Path) -> None:
    project = project_with(tmp_path / "app", "check")

    with pytest.raises(NotAtHead):
        served(project.app)
    assert project.version() == []
    project.done("upgrade")
    assert served(project.app) == "served"


def test_a_database_of_a_later_release_is_told_of(tmp_path: Path) -> None:
    project = project_with(tmp_path / "app", "check")
    project.done("upgrade")
    project.sql("UPDATE alembic_version SET version_num = 'later'")

    with pytest.raises(UnknownDatabaseRevision, match="later"):
        served(project.app)


def test_a_failing_revision_is_not_tried_by_each_request(tmp_path: Path) -> None:
    project = project_with(tmp_path / "app", "upgrade")
    tried = tmp_path / "tried"
    script = f"with open({str(tried)!r}, 'a') as f: f.write('x')\nraise ValueError"
    project.script("c3", "b2", upgrade=script)

    for _ in range(3):
        with pytest.raises(StepFailed, match="c3"):
            served(project.app)
    assert tried.read_text() == "x"
    assert project.version() == ["b2"]


def test_several_heads_are_all_reached(tmp_path: Path) -> None:
    project = project_with(tmp_path / "app", "upgrade")
    project.script("c3", "a1")

    assert served(project.app) == "served"
    assert project.version() == ["b2", "c3"]


def test_without_a_folder_one_line_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    project = new_project(
        tmp_path / "app", config={"MIGRATE_ON_START": "upgrade"}, set_up=SERVES
    )
    with caplog.at_level(logging.WARNING):
        assert served(project.app) == "served"

    [record] = caplog.records
    assert "nothing to upgrade at the start" in record.message
    assert "flask db init" in record.message
    assert "\n" not in record.message
    assert not (project.folder / "shop.sqlite").exists()


@pytest.mark.parametrize("how", ["yes", "", True])
def test_what_is_no_way_to_start_is_refused(tmp_path: Path, how: object) -> None:
    project = project_with(tmp_path / "app", None)
    project.app.config["MIGRATE_ON_START"] = how

    with pytest.raises(UnknownOption, match="'upgrade', 'wait', 'check'"):
        served(project.app)


def test_no_connection_is_left_open_for_forked_processes(
    postgresql_url: sa.URL, tmp_path: Path
) -> None:
    project = new_project(
        tmp_path / "app",
        url=postgresql_url,
        config={"SQLALCHEMY_ENGINE_OPTIONS": {}},
        set_up=SERVES,
    ).with_folder()
    project.chain("a1")
    project.app.extensions["migrate"].migrate.on_start(project.app, "upgrade")

    with project.app.app_context():
        pool = project.app.extensions["sqlalchemy"].engines[None].pool
    assert isinstance(pool, sa.QueuePool)
    assert pool.checkedin() + pool.checkedout() == 0


# -- flask db wait ---------------------------------------------------------


def test_wait_ends_when_another_has_upgraded(
    database_url: sa.URL, tmp_path: Path
) -> None:
    project = project_with(tmp_path / "app", None, database_url)
    waiting = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "shop", "db", "wait"],
        cwd=project.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert waiting.stderr is not None
    first = waiting.stderr.readline()
    project.done("upgrade")
    out, err = waiting.communicate()

    assert first.startswith("Waiting: the database ")
    assert first.endswith(" lacks 2 revisions\n")
    assert (waiting.returncode, out, err) == (0, "The database is at b2 (head).\n", "")


def test_wait_gives_up(tmp_path: Path) -> None:
    project = project_with(tmp_path / "app", "wait")
    message = project.refused("wait", "--timeout", "0.1s", status=75)

    assert "still lacks 'a1' and 'b2'; gave up after 0.1 s" in message
    project.app.config["MIGRATE_LOCK_WAIT"] = 0
    with pytest.raises(StillPending, match="at once"):
        served(project.app)


def test_wait_waits_for_a_server_that_is_not_there_yet(tmp_path: Path) -> None:
    url = "postgresql+psycopg://u:p@127.0.0.1:1/d?connect_timeout=1"
    project = project_with(tmp_path / "app", None, sa.make_url(url))
    ran = project.run("wait", "--timeout", "0.3s")

    assert ran.status == 1
    assert ran.err.startswith("Waiting: the database postgresql+psycopg://u:***@")
    assert ran.err.count("Waiting") == 1
    assert "Error: cannot connect" in ran.err


# -- migrate.status() ------------------------------------------------------


def test_an_app_can_be_asked_for_its_status(tmp_path: Path) -> None:
    project = project_with(tmp_path / "app", None)
    migrate = project.app.extensions["migrate"].migrate

    with project.app.app_context():
        assert not migrate.status().is_current
    project.done("upgrade")
    with project.app.app_context():
        assert migrate.status(bind="default").is_current


def test_many_threads_may_ask_at_once(tmp_path: Path) -> None:
    """A probe, or several, beside each other: nothing of a run is shared."""
    project = project_with(tmp_path / "app", None)
    project.done("upgrade", "a1")
    (project.migrations / "env.py").write_text(
        dedent(
            """
            from alembic import context
            from flask import current_app

            with current_app.extensions["migrate"].db.engine.connect() as connection:
                context.configure(connection=connection)
                with context.begin_transaction():
                    context.run_migrations()
            """
        )
    )
    migrate = project.app.extensions["migrate"].migrate

    def ask(_: int) -> list[str]:
        with project.app.app_context():
            [found] = migrate.status().databases
            return [each.entry.id for each in found.pending]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(40))) == [["b2"]] * 40
