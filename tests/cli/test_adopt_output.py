"""What ``flask db adopt`` prints, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.apps import new_project
from tests.apps import Project

ENV = """
    from alembic import context
    from flask import current_app

    state = current_app.extensions["migrate"]
    with state.db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=state.db.metadata,
            version_table="own",
            **state.configure_args,
        )
        context.run_migrations()
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = new_project(tmp_path / "app").with_folder().chain("a1", "a2")
    project.script("b2", "a1", upgrade='op.drop_index("ix", if_exists=True)')
    project.script("b3", "b2", upgrade="import alembic.nothing")
    project.script("b4", "b3", upgrade='op.drop_index("iy", "t", if_exists=True)')
    project.env(ENV)
    return project


def test_what_was_found_is_a_result_and_what_to_do_a_message(project: Project) -> None:
    (project.migrations / "alembic.ini").write_text(
        "[alembic]\nsqlalchemy.url = postgresql://me:secret@db/shop\n[handlers]\nkeys=\n"
    )
    ran = project.run("adopt")

    assert ran.status == 0
    assert ran.out.splitlines() == [
        f"Folder: {project.migrations}",
        "Made by: Flask-Migrate 2.7 to 3.0",
        "Revisions: 5, heads: a2, b4",
        "Branches: from a1",
        "Revisions are in: versions",
        "alembic.ini: sqlalchemy.url = postgresql://me:***@db/shop"
        " (is not read: the databases are those of the app)",
        "alembic.ini: [loggers] (are passed over: logging is the app's)",
        "versions/b3.py, line 14: there is no alembic.nothing",
        "versions/b2.py, line 14: drop_index() and 1 more;"
        " see 'if-exists' in docs/differences.md",
        "versions/b2.py, line 14: drop_index();"
        " see 'index-without-table' in docs/differences.md",
        f"Database {project.url} is at <base>",
        "To do: env.py is replaced by ours",
        "To do: alembic.ini is removed",
        "To do: version_table='own' is carried over",
    ]
    assert ran.err == "Nothing was changed; 'flask db adopt --write' does it.\n"


def test_it_says_what_it_did_and_what_it_put_back(project: Project) -> None:
    before = project.state()
    done = project.done("adopt", "--write")
    assert done.splitlines()[-3:] == [
        "Done: env.py is replaced by ours",
        "Done: version_table='own' is carried over",
        f"The originals are in {project.migrations / 'before_adopt'}",
    ]
    assert "flask db adopt --undo" in project.run("adopt").err

    undone = project.done("adopt", "--undo")
    assert undone == f"Put back {project.migrations / 'env.py'}\n"
    assert project.state() == before
    assert "has replaced nothing" in project.refused("adopt", "--undo")


def test_what_would_be_lost_is_shown_and_refused(project: Project) -> None:
    with (project.migrations / "env.py").open("a") as file:
        file.write("print(connection)\n")
    found = project.run("adopt")

    assert "  line 14: print(connection)  (it uses print)" in found.out.splitlines()
    assert "--write" not in found.err
    assert "line 14: print(connection)" in project.refused("adopt", "--write")
    project.done("adopt", "--write", "--replace-env")
    assert "print" not in (project.migrations / "env.py").read_text()


def test_options_that_do_not_go_together_are_refused(project: Project) -> None:
    assert "--undo" in project.refused("adopt", "--undo", "--write")
    assert "add it" in project.refused("adopt", "--replace-env")


def test_it_takes_arguments_for_env_py(project: Project) -> None:
    project.env("""
        from flask_migrations_ext import context

        assert context.get_x_argument() == ["a=1"]
        for target in context.targets():
            with context.configured(target):
                context.run_migrations()
    """)

    assert "is at <base>" in project.done("adopt", "-x", "a=1")
    assert "AssertionError" in project.run("adopt").err
