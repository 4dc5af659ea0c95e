"""The ``flask`` command as a process: streams, exit status, folders, entry point."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.apps import files_in
from tests.apps import new_project
from tests.apps import Project
from tests.apps import sqlite_in
from tests.apps import write_app

URL = "SQLALCHEMY_DATABASE_URI"


def failing_project(folder: Path, **what: object) -> Project:
    """Return a project whose app cannot be made."""
    folder.mkdir()
    write_app(folder, **what)  # type: ignore[arg-type]  # each test gives its own
    return Project(folder, None, None)  # type: ignore[arg-type]  # there is no app


def test_from_an_empty_folder_to_a_database_and_back(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app")

    init = project.flask("db", "init")
    assert (init.status, init.out.count("Generating")) == (0, 3)
    assert "Next: 'flask db migrate" in init.err

    migrate = project.flask("db", "migrate", "-m", "first tables")
    assert migrate.status == 0
    assert migrate.out.startswith(f"Generating {project.versions}")
    assert migrate.err == "Found: create table user (2 columns)\n"

    upgrade = project.flask("db", "upgrade")
    assert upgrade.status == 0
    assert upgrade.out.startswith("1 revision applied: the database is at ")
    assert upgrade.err.startswith("Running upgrade ")
    assert project.tables() == {"user"}

    check = project.flask("db", "check")
    assert (check.status, check.err) == (0, "")

    downgrade = project.flask("db", "downgrade", "-1")
    assert downgrade.status == 0
    assert project.tables() == set()


def test_an_error_is_one_message_on_stderr_and_status_1(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app").with_folder()
    ran = project.flask("db", "upgrade", "nope")

    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("Error: no revision or branch 'nope'")


def test_a_mistake_in_typing_is_status_2(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app")

    assert project.flask("db", "upgrade", "--nope").status == 2


def test_nothing_is_coloured_in_a_pipe(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app").with_folder().chain("a1", "a2")
    ran = [
        project.flask("db", *command)
        for command in (["upgrade"], ["history", "-i"], ["current"], ["upgrade", "x"])
    ]

    assert "a2 (head) (current)" in ran[1].out
    assert all("\x1b" not in each.out + each.err for each in ran)


def test_sql_on_stdout_is_only_sql(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app").with_folder().chain("a1")
    ran = project.flask("db", "upgrade", "--sql")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.rstrip().endswith("COMMIT;")


@pytest.mark.parametrize("where", [".", "inside"])
def test_the_folder_beside_the_app_is_found_from_anywhere(
    tmp_path: Path, where: str
) -> None:
    project = new_project(tmp_path / "app").with_folder().chain("a1")
    (cwd := tmp_path / "inside").mkdir()
    ran = project.flask("db", "heads", cwd=cwd, app=str(project.folder / "shop.py"))

    assert ran.out == "a1 (head)\n"


def test_variables_of_the_process_are_read(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app").with_folder().chain("a1")
    project.done("init", "-d", str(tmp_path / "other"))
    ran = project.flask("db", "heads", FLASK_DB_DIRECTORY=str(tmp_path / "other"))

    assert "There are no revisions yet" in ran.err


def test_the_editor_is_opened_with_the_file(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app").with_folder().chain("a1", "a2")
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "# seen" >> "$1"\n')
    editor.chmod(0o755)
    ran = project.flask("db", "edit", EDITOR=str(editor), VISUAL="")

    assert ran.status == 0
    assert (project.versions / "a2.py").read_text().endswith("# seen\n")
    assert "# seen" not in (project.versions / "a1.py").read_text()


# -- before there is an app ------------------------------------------------


def test_db_is_listed_among_the_commands_of_flask(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app")
    ran = project.flask("--help")

    assert ran.status == 0
    assert "Perform database migrations." in ran.out


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("foo://me:s3cret@host/x", "SQLAlchemy does not know"),
        ("postgresql+foo://me:s3cret@host/x", "SQLAlchemy does not know"),
        ("me:s3cret@host/x", "cannot be read"),
        ("postgresql://me:s3cret@host:port/x", "cannot be read"),
        ("", "cannot be read"),
        ("oracle+cx_Oracle://me:s3cret@host/x", "cx_Oracle"),
        (None, "Either 'SQLALCHEMY_DATABASE_URI' or 'SQLALCHEMY_BINDS' must be set"),
    ],
)
def test_a_url_that_breaks_the_app_is_told_in_one_line_without_the_password(
    tmp_path: Path, url: str | None, message: str
) -> None:
    config = {} if url is None else {URL: url}
    project = failing_project(tmp_path / "app", config=config)
    before = files_in(project.folder)
    ran = project.flask("db", "upgrade")

    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("Error: ")
    assert ran.err.count("\n") == 1
    assert message in ran.err
    assert "s3cret" not in ran.err
    assert files_in(project.folder) == before


def test_a_driver_that_is_not_there_is_named(tmp_path: Path) -> None:
    project = failing_project(
        tmp_path / "app", config={URL: "mssql+pyodbc://me:s3cret@host/x"}
    )
    ran = project.flask("db", "upgrade")

    assert (ran.status, ran.err.count("\n")) == (1, 1)
    assert "the driver 'pyodbc'" in ran.err
    assert "s3cret" not in ran.err


def test_an_app_without_migrate_is_told_what_to_add(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", set_up="db.init_app(app)")
    ran = project.flask("db", "upgrade")

    assert (ran.status, ran.err.count("\n")) == (1, 1)
    assert "set up Migrate(app, db)" in ran.err


@pytest.mark.parametrize(
    ("app", "message"),
    [(None, "Could not locate a Flask application"), ("nope", "Could not import")],
)
def test_without_an_app_flask_says_so(
    tmp_path: Path, app: str | None, message: str
) -> None:
    project = new_project(tmp_path / "app")
    (cwd := tmp_path / "empty").mkdir()
    ran = project.flask("db", "upgrade", app=app, cwd=cwd)

    assert ran.status == 1
    assert message in ran.err
    assert "Traceback" not in ran.err


def test_a_mistake_in_the_app_keeps_its_traceback(tmp_path: Path) -> None:
    """It is not about migrations: the place of the mistake is what helps."""
    project = failing_project(tmp_path / "app", set_up="raise ValueError('mine')")
    ran = project.flask("db", "upgrade")

    assert ran.status == 1
    assert "Traceback" in ran.err
    assert "ValueError: mine" in ran.err


def test_the_db_of_another_extension_runs_as_before(tmp_path: Path) -> None:
    theirs = "import click; app.cli.command('db')(lambda: click.echo('theirs'))"
    project = new_project(tmp_path / "app", set_up=f"db.init_app(app); {theirs}")

    assert project.flask("db").out == "theirs\n"


def test_a_group_of_another_name_is_found(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", arguments="command='one'")

    assert project.flask("one", "init").status == 0
    assert "no command 'db'" in project.flask("db", "init").err


def test_an_app_object_works_like_a_factory(tmp_path: Path) -> None:
    (folder := tmp_path / "app").mkdir()
    url = sqlite_in(folder, "shop")
    (folder / "wsgi.py").write_text(
        "from flask import Flask\n"
        "from flask_sqlalchemy import SQLAlchemy\n"
        "from flask_migrations_ext import Migrate\n"
        "app = Flask(__name__)\n"
        f"app.config['{URL}'] = {str(url)!r}\n"
        "db = SQLAlchemy(app)\n"
        "Migrate(app, db)\n"
    )
    project = Project(folder, None, url)  # type: ignore[arg-type]  # not loaded here

    assert project.flask("db", "init", app=None).status == 0
    assert (folder / "migrations" / "versions").is_dir()


# -- a bug of ours ---------------------------------------------------------


def test_a_bug_keeps_its_traceback(tmp_path: Path) -> None:
    """Here one of a dialect that somebody registered under the name of another."""
    broken = (
        "from flask_migrations_ext.dialects.sqlite.dialect import SQLite\n"
        "from flask_migrations_ext.dialects.registry import register\n"
        "\n"
        "@register\n"
        "class Broken(SQLite):\n"
        "    def table_text(self, name):\n"
        "        return super().table_text('no TableName')\n"
    )
    (folder := tmp_path / "app").mkdir()
    (folder / "broken.py").write_text(broken)
    write_app(
        folder,
        url=sqlite_in(folder, "shop"),
        set_up="import broken; db.init_app(app); migrate.init_app(app, db)",
    )
    project = Project(folder, None, None)  # type: ignore[arg-type]  # not loaded here
    assert project.flask("db", "init", "-t", "plain").status == 0
    project.script("a1", upgrade="op.rename_table('a', 'b')")
    ran = project.flask("db", "upgrade")

    assert ran.status == 1
    assert "Traceback" in ran.err
    assert "in table_text" in ran.err


def test_the_package_can_be_run_without_the_entry_point(tmp_path: Path) -> None:
    """As where it was put on the path, not installed."""
    project = new_project(tmp_path / "app")
    code = (
        "import shop\n"
        "result = shop.create_app().test_cli_runner().invoke(args=['db', 'init'])\n"
        "print(result.exit_code)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.folder,
        capture_output=True,
        text=True,
    )

    assert ran.stdout == "0\n"


def test_no_name_of_a_file_reaches_a_shell(tmp_path: Path) -> None:
    project = new_project(
        tmp_path / "a 'b' \" $(touch pwned) `touch pwned` ;touch pwned"
    )
    path = project.with_folder().script("a1")
    ran = project.flask("db", "edit", EDITOR="cat", VISUAL="")

    assert (ran.status, ran.out) == (0, path.read_text())
    assert [each.name for each in tmp_path.rglob("pwned")] == []
    failed = project.flask("db", "edit", EDITOR="false", VISUAL="")
    assert failed.status == 1
    assert failed.err == "Error: the editor 'false' ended with status 1\n"
