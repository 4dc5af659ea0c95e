"""Several databases, each of which can be chosen, and can fail, by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

import flask_migrations_ext
from flask_migrations_ext.errors import StepFailed
from flask_migrations_ext.errors import UnknownBind
from tests.apps import LOGS_MODEL
from tests.apps import new_project
from tests.apps import Project
from tests.apps import sqlite_in
from tests.apps import USER

DASHED_MODEL = """
class Visit(db.Model):
    __bind_key__ = "my-visits"
    id = db.Column(db.Integer, primary_key=True)
"""

OF_ITS_OWN = 'op.execute(f"CREATE TABLE of_{str(bind_key)[-4:]} (id INTEGER)")'

ENV_OF_ITS_OWN = """
    import sqlalchemy as sa
    from flask import current_app
    from flask_migrations_ext import context

    for name, url in {urls}.items():
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            context.configure(connection=connection)
            context.run_migrations(engine_name=name)
        engine.dispose()
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project with three databases, and a bind that no model belongs to."""
    folder = tmp_path / "app"
    binds = {key: str(sqlite_in(folder, key)) for key in ("logs", "my-visits", "old")}
    return new_project(
        folder, USER + LOGS_MODEL + DASHED_MODEL, binds=binds
    ).with_folder()


@pytest.fixture
def with_history(project: Project) -> Project:
    """Return it with two revisions, each of which makes a table in each database."""
    project.script(
        "a1",
        parameters="bind_key",
        upgrade=OF_ITS_OWN,
        downgrade=OF_ITS_OWN.replace("CREATE", "DROP").replace(" (id INTEGER)", ""),
    )
    project.script("a2", "a1", parameters="bind_key")
    return project


def versions(project: Project, *keys: str | None) -> list[list[str]]:
    return [project.version(key) for key in keys or (None, "logs", "my-visits")]


# -- one is chosen ---------------------------------------------------------


def test_one_database_is_moved_and_the_others_stay(with_history: Project) -> None:
    project = with_history
    assert project.done("upgrade", "--bind", "my-visits") == (
        "[my-visits] 2 revisions applied: the database is at a2 (head).\n"
    )
    assert versions(project) == [[], [], ["a2"]]
    assert project.tables("my-visits") == {"of_sits"}

    project.done("upgrade")
    project.done("downgrade", "--bind", "logs")
    project.done("downgrade", "--bind", "default", "base")
    assert versions(project) == [[], ["a1"], ["a2"]]

    assert project.done("upgrade") == (
        "2 revisions applied: the database is at a2 (head).\n"
        "[logs] 1 revision applied: the database is at a2 (head).\n"
        "[my-visits] Nothing to upgrade: the database is at a2 (head).\n"
    )


def test_several_are_chosen_by_repeating_it(with_history: Project) -> None:
    with_history.done("upgrade", "--bind", "logs", "--bind", "default")

    assert versions(with_history) == [["a2"], ["a2"], []]


def test_a_variable_of_the_environment_chooses(with_history: Project) -> None:
    ran = with_history.run("upgrade", FLASK_DB_UPGRADE_BIND="logs my-visits")

    assert ran.status == 0
    assert versions(with_history) == [[], ["a2"], ["a2"]]


def test_one_that_no_model_belongs_to_can_be_chosen(with_history: Project) -> None:
    """Perhaps its last model has just been deleted."""
    with_history.done("upgrade", "--bind", "old")

    assert with_history.tables("old") == {"of_old"}
    assert versions(with_history, None, "logs", "old") == [[], [], ["a2"]]


def test_all_commands_that_ask_a_database_can_be_told_which(
    with_history: Project,
) -> None:
    project = with_history
    project.done("stamp", "a1", "--bind", "logs")
    assert versions(project) == [[], ["a1"], []]
    project.done("ensure-version", "--bind", "my-visits")

    assert project.done("current", "--bind", "logs") == "[logs] a1 (current)\n"
    assert "a1 (current), Revision a1" in project.done("history", "-i", "--bind=logs")
    assert "(current)" not in project.done("history", "-i")
    assert "Revision a1" in project.done("show", "current", "--bind", "logs")
    assert "is behind: it lacks 'a2'" in project.refused("check", "--bind", "logs")
    assert project.run("current", "-c", "--bind", "logs").status == 1
    project.done("stamp", "head")
    assert "create table line" in project.refused("check", "--bind", "logs")


def test_a_revision_is_written_for_the_one_that_is_chosen(project: Project) -> None:
    project.done("migrate", "-m", "one", "--rev-id", "a1", "--bind", "my-visits")
    text = (project.versions / "a1_one.py").read_text()
    assert 'bind_key == "my-visits"' in text
    assert "user" not in text
    project.done("upgrade")
    project.done("check", "--bind", "my-visits")
    assert "create table user" in project.refused("check")

    project.done("revision", "-m", "by", "--rev-id", "a2", "--bind", "my-visits")
    text = (project.versions / "a2_by.py").read_text()
    assert 'if bind_key == "my-visits":\n        pass\n' in text
    project.done("upgrade")


def test_each_has_a_part_of_the_sql_text(with_history: Project) -> None:
    everything = with_history.done("upgrade", "--sql")
    one = with_history.done("upgrade", "--sql", "--bind", "logs")

    assert everything.count("CREATE TABLE of_") == 3
    assert one.startswith("-- database logs\n")
    assert one.strip() in everything
    assert "of_None" not in one
    for command in (["stamp", "--sql"], ["ensure-version", "--sql"]):
        parts = with_history.done(*command).split("-- database ")
        assert [part.splitlines()[0] for part in parts[1:]] == ["logs", "my-visits"]


def test_a_name_that_there_is_not(with_history: Project) -> None:
    message = with_history.refused("upgrade", "--bind", "lgos")

    assert message == (
        "the app has no database 'lgos' to choose; there is 'default', 'logs' and"
        " 'my-visits'\n"
    )


def test_functions_take_a_name_or_several(with_history: Project) -> None:
    with with_history.app.app_context():
        report = flask_migrations_ext.upgrade(bind="logs")
        assert [run.title for run in report.databases] == ["logs"]
        states = flask_migrations_ext.current(bind=["default", "logs"])
        assert [(x.title, len(x.entries)) for x in states] == [("", 0), ("logs", 1)]
        with pytest.raises(UnknownBind):
            flask_migrations_ext.downgrade(bind="nope")


def test_default_is_the_bind_of_that_name_if_there_is_one(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    project = new_project(
        folder,
        USER + LOGS_MODEL.replace('"logs"', '"default"'),
        binds={"default": str(sqlite_in(folder, "other"))},
    ).with_folder()
    project.chain("a1")
    project.done("upgrade", "--bind", "default")
    assert versions(project, None, "default") == [[], ["a1"]]

    project.done("upgrade")
    assert versions(project, None, "default") == [["a1"], ["a1"]]


def test_an_env_py_with_databases_of_its_own_can_be_asked_for_one(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "app"
    urls = {name: str(sqlite_in(folder, name)) for name in ("one", "two")}
    project = new_project(folder).with_folder()
    project.script("a1", parameters="engine_name")
    project.env(ENV_OF_ITS_OWN.format(urls=urls))
    project.done("upgrade", "--bind", "two")
    engines = [sa.create_engine(url) for url in urls.values()]
    assert [sa.inspect(x).has_table("alembic_version") for x in engines] == [0, 1]
    for engine in engines:
        engine.dispose()

    assert project.done("current") == "[two] a1 (head) (current)\n"
    message = project.refused("upgrade", "--bind", "three")
    assert "there is 'one' and 'two'" in message


# -- one fails -------------------------------------------------------------


def test_when_one_fails_the_message_says_where_each_is(with_history: Project) -> None:
    project = with_history
    project.script("a3", "a2", parameters="bind_key", upgrade="pass")
    path = project.script("a2", "a1", parameters="bind_key", upgrade="pass")
    text = path.read_text()
    project.done("upgrade", "--bind", "my-visits", "a1")
    path.write_text(
        text.replace("pass", "if bind_key == 'logs': op.execute('nonsense')", 1)
    )
    message = project.refused("upgrade", changes=True)

    assert message.startswith("upgrade of revision 'a2' failed in database 'logs' (")
    assert message.endswith(
        "the database is at a1; before it, 1 revision of this run stayed. Correct the"
        " script, then run the command again\n"
        "  the default database is at a3; 3 revisions of this run stayed\n"
        "  database 'my-visits' was not reached\n"
    )
    assert versions(project) == [["a3"], ["a1"], ["a1"]]

    path.write_text(text)
    assert project.done("upgrade") == (
        "Nothing to upgrade: the database is at a3 (head).\n"
        "[logs] 2 revisions applied: the database is at a3 (head).\n"
        "[my-visits] 2 revisions applied: the database is at a3 (head).\n"
    )


def test_one_that_cannot_be_reached_stops_the_ones_after_it(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    binds = {
        "logs": str(sqlite_in(folder / "nowhere", "logs")),
        "my-visits": str(sqlite_in(folder, "visits")),
    }
    project = new_project(folder, USER + LOGS_MODEL + DASHED_MODEL, binds=binds)
    project.with_folder().chain("a1")
    message = project.refused("upgrade", changes=True)

    assert "cannot connect to" in message
    assert message.endswith(
        "\n  the default database is at a1; 1 revision of this run stayed\n"
        "  database 'my-visits' was not reached\n"
    )
    project.done("upgrade", "--bind", "my-visits")
    assert versions(project, None, "my-visits") == [["a1"], ["a1"]]


def test_the_error_holds_what_the_message_says(with_history: Project) -> None:
    with_history.script(
        "a3", "a2", parameters="bind_key", upgrade="op.execute('nonsense')"
    )
    with with_history.app.app_context():
        with pytest.raises(StepFailed) as caught:
            flask_migrations_ext.upgrade(bind=["logs", "my-visits"])

    assert caught.value.database == "logs"
    assert caught.value.elsewhere == ("database 'my-visits' was not reached",)


# -- only binds ------------------------------------------------------------


@pytest.fixture
def only_binds(tmp_path: Path) -> Project:
    folder = tmp_path / "app"
    binds = {key: str(sqlite_in(folder, key)) for key in ("logs", "my-visits")}
    return new_project(
        folder,
        LOGS_MODEL + DASHED_MODEL,
        binds=binds,
        config={"SQLALCHEMY_DATABASE_URI": None},
    ).with_folder()


def test_without_a_default_database_a_script_says_which_it_is_about(
    only_binds: Project,
) -> None:
    """Else it would be applied nowhere, and noted everywhere."""
    path = only_binds.script("a1", upgrade='op.execute("CREATE TABLE a (id INTEGER)")')
    message = only_binds.refused("upgrade")
    assert f"cannot run {path}: its upgrade() does not say which database" in message

    path.unlink()
    only_binds.chain("a1", "a2").done("upgrade")
    assert versions(only_binds, "logs", "my-visits") == [["a2"], ["a2"]]
    assert only_binds.done("history", "-i").count("(current)") == 1
    assert "Revision a2" in only_binds.done("show", "current")
    assert "there is 'logs' and 'my-visits'" in only_binds.refused(
        "upgrade", "--bind", "default"
    )


# -- on servers ------------------------------------------------------------


def test_a_default_on_postgresql_and_a_bind_on_mariadb(
    tmp_path: Path, postgresql_url: sa.URL, mariadb_url: sa.URL
) -> None:
    project = new_project(
        tmp_path / "app",
        USER + LOGS_MODEL,
        url=postgresql_url,
        binds={"logs": mariadb_url.render_as_string(hide_password=False)},
    ).with_folder()
    project.done("migrate", "--rev-id", "a1")
    text = project.done("upgrade", "--sql")
    assert "id SERIAL" in text.partition("-- database logs")[0]
    assert "AUTO_INCREMENT" in text.partition("-- database logs")[2]

    project.done("upgrade")
    project.done("check")
    assert (project.tables(), project.tables("logs")) == ({"user"}, {"line"})

    create = "op.create_table('new', sa.Column('id', sa.Integer()))"
    project.script(
        "a2",
        "a1",
        parameters="bind_key",
        upgrade=f"{create}\nif bind_key:\n    op.execute('nonsense')",
    )
    message = project.refused("upgrade", changes=True)
    assert "MariaDB cannot roll back changes of tables" in message
    assert "the default database is at a2; 1 revision of this run stayed" in message
    assert versions(project, None, "logs") == [["a2"], ["a1"]]

    drop = "op.drop_table('new')"
    project.script("a2", "a1", parameters="bind_key", upgrade=create, downgrade=drop)
    project.done("upgrade")
    assert project.tables("logs") == {"line", "new"}
    project.done("downgrade", "--bind", "logs", "base")
    assert (project.tables("logs"), versions(project, None)) == (set(), [["a2"]])
    with project.app.app_context():
        project.app.extensions["sqlalchemy"].engines["logs"].dispose()
