"""From the app: its databases, its folder, its settings."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from flask_migrations_ext.databases import databases_of
from flask_migrations_ext.project import current_project
from tests.apps import CREATE_USER
from tests.apps import files_in
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

ONLY_BINDS = {"SQLALCHEMY_DATABASE_URI": None}


def with_binds(folder: Path, models: str, *keys: str, **options: object) -> Project:
    """Return a project with a database file for each bind key."""
    binds = {key: str(sqlite_in(folder, key)) for key in keys}
    return new_project(folder, models, binds=binds, **options).with_folder()  # type: ignore[arg-type]  # passed on as they are


def titles(project: Project) -> list[tuple[str | None, ...]]:
    with project.app.app_context():
        return [target.bind_keys for target in databases_of(current_project())]


# -- binds -----------------------------------------------------------------


def test_an_app_with_one_database_has_one_target(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app")

    with project.app.app_context():
        [target] = databases_of(current_project())
        assert target.bind_keys == (None,)
        assert target.url == str(project.url)
        assert [list(metadata.tables) for metadata in target.metadata] == [["user"]]


def test_the_default_database_comes_first_then_the_binds_by_name(
    tmp_path: Path,
) -> None:
    project = with_binds(
        tmp_path / "app", USER + LOGS_MODEL + DASHED_MODEL, "my-visits", "logs"
    )

    assert titles(project) == [(None,), ("logs",), ("my-visits",)]


def test_a_bind_without_a_model_is_left_out(tmp_path: Path) -> None:
    """It may be a database that others migrate."""
    assert titles(with_binds(tmp_path / "app", USER, "logs")) == [(None,)]


def test_two_keys_with_one_url_are_one_database(tmp_path: Path) -> None:
    url = str(sqlite_in(tmp_path / "app", "shop"))
    project = new_project(tmp_path / "app", USER + LOGS_MODEL, binds={"logs": url})

    assert titles(project) == [(None, "logs")]


def test_databases_in_memory_are_each_their_own(tmp_path: Path) -> None:
    project = new_project(
        tmp_path / "app",
        USER + LOGS_MODEL,
        url="sqlite://",
        binds={"logs": "sqlite://"},
    )

    assert titles(project) == [(None,), ("logs",)]


def test_all_databases_are_migrated_by_one_history(tmp_path: Path) -> None:
    project = with_binds(
        tmp_path / "app", USER + LOGS_MODEL + DASHED_MODEL, "logs", "my-visits"
    )
    project.done("migrate", "-m", "all", "--rev-id", "a1")
    out = project.done("upgrade")

    assert out == (
        "1 revision applied: the database is at a1 (head).\n"
        "[logs] 1 revision applied: the database is at a1 (head).\n"
        "[my-visits] 1 revision applied: the database is at a1 (head).\n"
    )
    assert project.tables() == {"user"}
    assert project.tables("logs") == {"line"}
    assert project.tables("my-visits") == {"visit"}
    assert project.done("current") == (
        "a1 (head) (current)\n"
        "[logs] a1 (head) (current)\n"
        "[my-visits] a1 (head) (current)\n"
    )
    project.done("check")
    project.done("downgrade", "base")
    assert project.tables("my-visits") == set()


def test_sql_names_the_databases_apart(tmp_path: Path) -> None:
    project = with_binds(tmp_path / "app", USER + LOGS_MODEL, "logs")
    project.done("migrate", "--rev-id", "a1")
    first, second = project.done("upgrade", "--sql").split("-- database logs\n")

    assert "CREATE TABLE user" in first
    assert "CREATE TABLE line" not in first
    assert "CREATE TABLE line" in second
    assert "CREATE TABLE user" not in second


def test_a_bind_that_is_added_later_goes_through_the_whole_history(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "app"
    project = new_project(folder).with_folder()
    project.done("migrate", "--rev-id", "a1")
    project.done("upgrade")

    project = new_project(
        folder, USER + LOGS_MODEL, binds={"logs": str(sqlite_in(folder, "logs"))}
    )
    message = project.refused("migrate")
    assert "logs.sqlite is behind: it lacks 'a1'" in message

    project.done("upgrade")
    assert project.tables("logs") == set()
    project.done("migrate", "--rev-id", "a2")
    project.done("upgrade")
    assert project.tables("logs") == {"line"}
    assert project.tables() == {"user"}
    project.done("check")


@pytest.mark.parametrize("keys", [("logs",), ("logs", "my-visits")])
def test_an_app_with_binds_only(tmp_path: Path, keys: tuple[str, ...]) -> None:
    models = LOGS_MODEL + (DASHED_MODEL if "my-visits" in keys else "")
    project = with_binds(tmp_path / "app", models, *keys, config=ONLY_BINDS)
    project.done("migrate", "--rev-id", "a1")
    project.done("upgrade")

    assert [project.version(key) for key in keys] == [["a1"]] * len(keys)
    assert project.tables("logs") == {"line"}
    project.done("check")


def test_the_default_database_can_be_said_among_the_binds(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    config = {
        "SQLALCHEMY_DATABASE_URI": None,
        "SQLALCHEMY_BINDS": {None: str(sqlite_in(folder, "shop"))},
    }
    project = new_project(folder, config=config).with_folder()
    project.done("migrate")
    project.done("upgrade")

    assert project.tables() == {"user"}


def test_a_database_of_two_keys_is_migrated_once(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    url = str(sqlite_in(folder, "shop"))
    project = new_project(folder, USER + LOGS_MODEL, binds={"logs": url}).with_folder()
    project.done("migrate", "--rev-id", "a1")
    project.done("upgrade")

    assert project.tables() == {"user", "line"}
    project.done("check")
    project.done("downgrade")
    assert project.tables() == set()


def test_a_script_without_a_parameter_is_about_the_default_database(
    tmp_path: Path,
) -> None:
    project = with_binds(tmp_path / "app", USER + LOGS_MODEL, "logs")
    project.script("a1", upgrade=CREATE_USER)
    project.done("upgrade")

    assert (project.tables(), project.tables("logs")) == ({"user"}, set())
    assert (project.version(), project.version("logs")) == (["a1"], ["a1"])


def test_a_script_with_one_is_called_for_every_database(tmp_path: Path) -> None:
    project = with_binds(tmp_path / "app", USER + LOGS_MODEL, "logs")
    project.script(
        "a1",
        parameters="bind_key",
        upgrade='op.execute(f"CREATE TABLE of_{bind_key} (id INTEGER)")',
    )
    project.done("upgrade")

    assert project.tables() == {"of_None"}
    assert project.tables("logs") == {"of_logs"}


def test_a_failure_in_one_database_keeps_the_others_and_says_where(
    tmp_path: Path,
) -> None:
    project = with_binds(tmp_path / "app", USER + LOGS_MODEL, "logs")
    project.script(
        "a1",
        parameters="bind_key",
        upgrade=f"{CREATE_USER}\nif bind_key:\n    raise ValueError(bind_key)",
    )
    message = project.refused("upgrade", changes=True)

    assert "ValueError: logs" in message
    assert (project.version(), project.version("logs")) == (["a1"], [])
    assert project.tables("logs") == set()


# -- several apps ----------------------------------------------------------


def test_one_migrate_serves_several_apps(tmp_path: Path) -> None:
    """What one app is given does not reach the other."""
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    from flask_migrations_ext import Migrate

    migrate = Migrate(compare_type=False)
    projects = []
    for name, render_as_batch in (("a", False), ("b", None)):
        (folder := tmp_path / name).mkdir()
        app = Flask(name, root_path=str(folder))
        url = sqlite_in(folder, name)
        app.config["SQLALCHEMY_DATABASE_URI"] = str(url)
        db = SQLAlchemy(app)
        migrate.init_app(app, db, render_as_batch=render_as_batch)
        projects.append(Project(folder, app, url))

    for project in projects:
        project.with_folder().script("a1", upgrade=CREATE_USER)
        project.done("upgrade")
    settings = []
    for project in projects:
        assert project.tables() == {"user"}
        with project.app.app_context():
            settings.append(current_project().settings)
            project.app.extensions["sqlalchemy"].engine.dispose()

    assert [each.render_as_batch for each in settings] == [False, True]
    assert [each.compare_type for each in settings] == [False, False]


# -- the folder ------------------------------------------------------------


def package_app(root: Path) -> Path:
    """Return the folder of an app that is a package in a package."""
    package = root / "src" / "site"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package.parent / "__init__.py").touch()
    return package


@pytest.mark.parametrize("place", ["beside", "root", "cwd"])
def test_a_folder_is_found_beside_the_app_in_the_project_or_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    package = package_app(tmp_path / "project")
    (cwd := tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(cwd)
    where = {"beside": package, "root": tmp_path / "project", "cwd": cwd}[place]
    project = new_project(package)
    project.done("init", "-d", str(where / "migrations"))

    with project.app.app_context():
        assert current_project().directory == where / "migrations"


def test_the_nearest_folder_wins_and_a_stranger_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = package_app(tmp_path)
    monkeypatch.chdir(tmp_path)
    project = new_project(package)
    project.done("init", "-d", str(tmp_path / "migrations"))
    (package / "migrations").mkdir()
    (package / "migrations" / "birds.txt").touch()

    with project.app.app_context():
        assert current_project().directory == tmp_path / "migrations"


def test_a_new_folder_is_made_beside_the_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    project = new_project(tmp_path / "app")
    project.done("init")

    assert (tmp_path / "app" / "migrations" / "versions").is_dir()


@pytest.mark.parametrize("way", ["Migrate", "init_app", "config", "Path"])
def test_a_folder_can_be_absolute(tmp_path: Path, way: str) -> None:
    place = tmp_path / "far" / "away"
    project = new_project(
        tmp_path / "app",
        arguments={
            "Migrate": f"directory={str(place)!r}",
            "Path": f"directory=Path({str(place)!r})",
        }.get(way, ""),
        set_up="db.init_app(app)\nmigrate.init_app(app, db"
        + (f", directory={str(place)!r})" if way == "init_app" else ")"),
        config={"MIGRATE_DIRECTORY": str(place)} if way == "config" else {},
    )
    project.done("init")

    assert (place / "versions").is_dir()


# -- settings --------------------------------------------------------------


def test_what_is_said_later_wins(tmp_path: Path) -> None:
    project = new_project(
        tmp_path / "app",
        arguments="version_table='one', file_template='one', timezone='one'",
        set_up="db.init_app(app)\n"
        "migrate.init_app(app, db, file_template='two', timezone='two')",
        config={"MIGRATE_TIMEZONE": "UTC"},
    )

    with project.app.app_context():
        settings = current_project().settings
    assert (settings.version_table, settings.file_template, settings.timezone) == (
        "one",
        "two",
        "UTC",
    )


def test_the_version_table_can_have_another_name(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", config={"MIGRATE_VERSION_TABLE": "steps"})
    project.with_folder().chain("a1").done("upgrade")

    assert project.rows("SELECT version_num FROM steps") == [("a1",)]
    assert "steps" in project.done("upgrade", "--sql")


def test_models_can_be_named_to_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "app"
    name = "models_of_test_databases"
    project = new_project(folder, "", arguments=f"models={name!r}")
    (folder / f"{name}.py").write_text(
        "from flask import current_app\n"
        "db = current_app.extensions['sqlalchemy']\n" + USER
    )
    monkeypatch.syspath_prepend(folder)

    assert "user" in project.with_folder().run("migrate").err


def test_a_setting_with_a_typing_error_is_warned_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    project = new_project(tmp_path / "app", config={"MIGRATE_VERSION_TABEL": "x"})
    with caplog.at_level(logging.WARNING, logger="flask_migrations_ext"):
        project.with_folder().chain("a1").done("upgrade")

    assert caplog.messages[-1] == (
        "there is no setting 'version_tabel'; did you mean 'version_table'?"
    )
    # Once for each command that ran, not for each database or layer.
    assert len(caplog.messages) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("include_object=3", "setting 'include_object': takes a function, not 3"),
        ("models=3", "setting 'models': takes a list of names, not 3"),
        ("file_template='%(nope)s'", "has no token 'nope'"),
        ("timezone='Mars/Olympus'", "there is no time zone 'Mars/Olympus'"),
    ],
)
def test_a_setting_that_makes_no_sense(
    tmp_path: Path, arguments: str, message: str
) -> None:
    project = new_project(tmp_path / "app", arguments=arguments)
    (project.versions).mkdir(parents=True)

    assert message in project.refused("revision", "-m", "x")


def test_looking_writes_no_file(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app").with_folder().chain("a1")
    before = files_in(project.folder)
    for command in (
        "heads",
        "history -i",
        "current",
        "show",
        "branches",
        "upgrade --sql",
    ):
        project.done(*command.split())

    assert files_in(project.folder) == before
