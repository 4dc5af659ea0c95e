"""``Migrate``: how it is set up on an app, and what it leaves there."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from flask_migrations_ext import Migrate
from tests.apps import new_project
from tests.apps import Project

WAYS = {
    "Migrate(app, db)": "db.init_app(app)\nMigrate(app, db)",
    "Migrate(app)": "db.init_app(app)\nMigrate(app)",
    "Migrate(app, db=db)": "db.init_app(app)\nMigrate(app, db=db)",
    "migrate.init_app(app, db)": "db.init_app(app)\nmigrate.init_app(app, db)",
    "migrate.init_app(app)": "db.init_app(app)\nmigrate.init_app(app)",
    "migrate before db": "migrate.init_app(app, db)\ndb.init_app(app)",
    "migrate before db, alone": "migrate.init_app(app)\ndb.init_app(app)",
    "Migrate(db=db)": "Migrate(db=db).init_app(app)\ndb.init_app(app)",
}


@pytest.mark.parametrize("way", WAYS)
def test_there_are_many_ways_to_set_it_up(tmp_path: Path, way: str) -> None:
    project = new_project(tmp_path / "app", set_up=WAYS[way]).with_folder()
    project.done("migrate")
    project.done("upgrade")

    assert project.tables() == {"user"}
    project.done("check")


def test_nothing_of_an_app_is_kept_on_it() -> None:
    migrate = Migrate()
    first, second = Flask("first"), Flask("second")
    migrate.init_app(first, directory="one", version_table="of_first")
    migrate.init_app(second)

    assert first.extensions["migrate"].directory == "one"
    assert second.extensions["migrate"].directory == "migrations"
    assert "version_table" not in second.extensions["migrate"].configure_args


def test_the_state_of_an_app_is_where_others_look_for_it() -> None:
    app, db = Flask("app"), object()
    migrate = Migrate(app, db, "place", include_schemas=True)
    state = app.extensions["migrate"]

    assert state.migrate is migrate
    assert state.db is db
    assert state.directory == "place"
    assert state.configure_args == {
        "compare_type": True,
        "render_as_batch": True,
        "include_schemas": True,
    }


def test_the_arguments_stand_in_the_order_of_flask_migrate() -> None:
    """For those who pass them by position."""
    app, db = Flask("app"), object()
    Migrate(app, db, "place", "one", False, False)
    state = app.extensions["migrate"]

    assert (state.db, state.directory) == (db, "place")
    assert set(app.cli.commands) >= {"one"}
    assert state.configure_args == {"compare_type": False, "render_as_batch": False}

    other = Flask("other")
    Migrate().init_app(other, db, "place", "two", False, False)
    assert other.extensions["migrate"].configure_args == state.configure_args
    assert set(other.cli.commands) >= {"two"}


def test_none_keeps_what_the_constructor_was_given() -> None:
    app = Flask("app")
    Migrate(command="one", directory="place", compare_type=False).init_app(
        app, None, None, None, None, None
    )
    state = app.extensions["migrate"]

    assert state.directory == "place"
    assert state.configure_args["compare_type"] is False
    assert "one" in app.cli.commands


def test_every_app_has_a_group_of_its_own() -> None:
    migrate, first, second = Migrate(), Flask("first"), Flask("second")
    migrate.init_app(first)
    migrate.init_app(second)

    assert first.cli.commands["db"] is not second.cli.commands["db"]


def test_an_old_env_py_finds_the_metadata(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app")

    assert list(project.app.extensions["migrate"].metadata.tables) == ["user"]


def test_setting_up_writes_nothing_and_connects_to_nothing(tmp_path: Path) -> None:
    """Also not with a server that is down, or a folder that is not there."""
    url = "postgresql+psycopg://me@127.0.0.1:1/shop"
    project: Project = new_project(tmp_path / "app", url=url)

    assert [path.name for path in project.folder.iterdir()] == ["shop.py"]
