"""What apps call of Flask-Migrate: its extension, its settings, its functions."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import click
import flask_migrate
import flask_migrate.cli
import pytest

import flask_migrations_ext
from flask_migrations_ext import Migrate
from flask_migrations_ext.alembic_compat.projects.config import Config
from flask_migrations_ext.alembic_compat.projects.names import in_place
from flask_migrations_ext.errors import ConfigurationError
from tests.apps import new_project
from tests.apps import Project

FUNCTIONS = (
    *("list_templates", "init", "revision", "migrate", "edit", "merge", "upgrade"),
    *("downgrade", "show", "history", "heads", "branches", "current", "stamp", "check"),
)

ENV = """
from alembic import context
from flask import current_app

config = context.config
state = current_app.extensions["migrate"]
with state.db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=state.metadata,
        version_table=config.get_main_option("own_table") or "alembic_version",
        **state.configure_args,
    )
    state.configure_args["include_object"] = lambda *arguments: False
    state.configure_args["compare_type"] = None
    context.run_migrations()
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = new_project(tmp_path / "app").with_folder()
    (project.migrations / "env.py").write_text(ENV)
    return project


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_takes_what_it_took(name: str) -> None:
    """In the same order: people pass arguments by position."""
    theirs = inspect.signature(inspect.unwrap(getattr(flask_migrate, name)))
    ours = inspect.signature(getattr(flask_migrations_ext, name))
    positional = [
        parameter.name
        for parameter in ours.parameters.values()
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY
    ]

    assert positional[: len(theirs.parameters)] == list(theirs.parameters)


@pytest.mark.parametrize("name", ["__init__", "init_app", "get_config", "configure"])
def test_the_extension_takes_what_it_took(name: str) -> None:
    theirs = list(inspect.signature(getattr(flask_migrate.Migrate, name)).parameters)
    ours = list(inspect.signature(getattr(Migrate, name)).parameters)

    if name == "configure":
        assert len(ours) == len(theirs)
    else:
        assert [each.replace("options", "kwargs") for each in ours] == theirs


def test_the_extension_of_an_app_says_how_it_was_set_up(project: Project) -> None:
    state = project.app.extensions["migrate"]

    assert isinstance(state.migrate, Migrate)
    assert state.directory == "migrations"
    assert state.configure_args == {"compare_type": True, "render_as_batch": True}
    assert state.metadata is state.db.metadata


def test_functions_see_the_settings_in_their_order(project: Project) -> None:
    migrate = project.app.extensions["migrate"].migrate
    seen: list[str | None] = []

    @migrate.configure  # type: ignore[untyped-decorator]  # the app is not typed
    def first(config: Config) -> Config:
        config.set_main_option("own_table", "by_first")
        return config

    @migrate.configure  # type: ignore[untyped-decorator]
    def second(config: Config) -> Config:
        seen.append(config.get_main_option("own_table"))
        config.set_main_option("file_template", "by_second_%%(rev)s")
        return config

    project.done("revision", "--rev-id", "a1")
    project.done("upgrade")

    assert set(seen) == {"by_first"}
    assert (project.versions / "by_second_a1.py").is_file()
    assert project.tables() == {"by_first"}


def test_a_function_that_forgets_to_return_is_named(project: Project) -> None:
    migrate = project.app.extensions["migrate"].migrate
    migrate.configure(lambda config: None)

    assert "migrate.configure, returned None" in project.refused("heads")


def test_what_env_py_adds_to_the_options_lasts_for_one_run(project: Project) -> None:
    """That of Flask-Migrate does so, and the second run would see the first one's."""
    arguments = project.app.extensions["migrate"].configure_args
    before = dict(arguments.items())
    project.done("migrate", "--rev-id", "a1")

    assert arguments == before
    project.done("upgrade")
    project.done("check")


def test_an_older_env_py_may_say_the_defaults_beside_the_options(
    project: Project,
) -> None:
    """Flask-Migrate had none of them before version 4."""
    text = ENV.replace("**state", "compare_type=True, render_as_batch=True, **state")
    assert text != ENV
    project.env(text)
    project.done("migrate", "--rev-id", "a1")

    assert project.app.extensions["migrate"].configure_args["compare_type"] is True


def test_the_extension_is_there_though_nobody_passed_it(tmp_path: Path) -> None:
    """``Migrate(app)`` is enough for an env.py that asks for ``db``."""
    set_up = "db.init_app(app); migrate.init_app(app)"
    project = new_project(tmp_path / "app", set_up=set_up).with_folder()
    (project.migrations / "env.py").write_text(ENV)
    project.done("migrate")
    project.done("upgrade")

    assert project.tables() == {"user"}


def test_the_settings_can_be_asked_for(project: Project) -> None:
    migrate = project.app.extensions["migrate"].migrate
    with project.app.app_context():
        config = migrate.get_config(x_arg=["a=1"], opts=["autogenerate"])
        named = migrate.get_config(str(project.migrations), "b=2")

    assert config.get_main_option("script_location") == str(project.migrations)
    assert config.config_file_name == str(project.migrations / "alembic.ini")
    assert (config.cmd_opts.x, config.cmd_opts.autogenerate) == (["a=1"], True)
    assert named.cmd_opts.x == ["b=2"]


def test_the_folder_of_templates_can_be_another() -> None:
    assert Config(template_directory="mine").get_template_directory() == "mine"
    assert Path(Config().get_template_directory(), "flask", "env.py").is_file()


def test_settings_are_not_there_without_an_app() -> None:
    with pytest.raises(ConfigurationError, match="no app is active"):
        Migrate().get_config()


# -- names that are imported -------------------------------------------------


def test_commands_can_be_hung_on_the_group(project: Project) -> None:
    """``from flask_migrate.cli import db`` is there before there is an app."""
    with in_place():
        group = importlib.import_module("flask_migrate.cli").db

    group.command("seed")(lambda: click.echo("seeded"))
    try:
        assert project.done("seed") == "seeded\n"
        assert "seed" in project.done("--help")
        assert set(flask_migrate.cli.db.commands) <= {*group.list_commands(None)}
    finally:
        del group.commands["seed"]


def test_what_flask_migrate_has_can_be_imported() -> None:
    known = [
        name
        for name, value in vars(flask_migrate).items()
        if getattr(value, "__module__", "").startswith("flask_migrate")
    ]
    with in_place():
        ours = importlib.import_module("flask_migrate")
        for name in (*known, "alembic_version", "log"):
            assert getattr(ours, name) is not None
        with pytest.raises(ImportError, match="belonged to Flask-Script"):
            exec("from flask_migrate import MigrateCommand")
