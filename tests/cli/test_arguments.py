"""What can be typed after ``flask db``: arguments, options, defaults, variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask

from flask_migrations_ext.cli.group import MigrationGroup
from tests.apps import new_project
from tests.apps import Project

FILE = {
    "-m/--message": None,
    "--sql": False,
    "--head": "head",
    "--splice": False,
    "--branch-label": None,
    "--version-path": None,
    "--rev-id": None,
    "--depends-on": (),
}
SQL = {"--sql": False, "--tag": None}
WAIT = {"--wait": None, "--no-wait": False}
X = {"-x/--x-arg": ()}
RUN = {
    "--plan": False,
    "--yes-i-mean": (),
    "-q/--quiet": False,
    "--lock-timeout": None,
    "--statement-timeout": None,
}
BIND = {"--bind": ()}
ANSWERS = {
    "--rename": (),
    "--no-rename": (),
    "--default": (),
    "--drop": (),
    "--keep": (),
    "--answers": None,
    "--yes": False,
    "--format": "text",
}

# What Flask-Migrate has, by its names and defaults, and what is added to it.
COMMANDS: dict[str, dict[str, Any]] = {
    "init": {"--multidb": False, "-t/--template": None, "--package": False},
    "revision": {**FILE, **ANSWERS, **BIND, "--autogenerate": False},
    "migrate": {**FILE, **ANSWERS, **BIND, **X, "--empty": False, "--amend": False},
    "edit": {**BIND, "revision": "head"},
    "merge": {
        "-m/--message": None,
        "--branch-label": None,
        "--rev-id": None,
        "--splice": False,
        "revisions": (),
    },
    "upgrade": {**SQL, **BIND, **X, **WAIT, **RUN, "revision": "head"},
    "downgrade": {**SQL, **BIND, **X, **WAIT, **RUN, "revision": "-1"},
    "show": {**BIND, "revision": "head"},
    "history": {
        **BIND,
        "-r/--rev-range": None,
        "-v/--verbose": False,
        "-i/--indicate-current": False,
    },
    "heads": {
        "-v/--verbose": False,
        "--resolve-dependencies": False,
        "--check": False,
    },
    "identify": {**BIND},
    "rebase": {"--onto": None, "revision": None},
    "repair": {
        "--done": None,
        "--undone": None,
        "--forget": None,
        **WAIT,
        **BIND,
        **X,
    },
    "branches": {"-v/--verbose": False},
    "current": {**BIND, "-v/--verbose": False, "-c/--check-heads": False},
    "graph": {"--format": "mermaid", "--no-databases": False, **BIND},
    "protect": {"--off": False, "--yes-i-mean": (), **BIND, **X},
    "wait": {"--timeout": None, **BIND, **X},
    "status": {"--check": False, "--format": "text", **BIND, **X},
    "stamp": {**SQL, **BIND, **WAIT, "--purge": False, "revisions": ()},
    "check": {"--format": "text", **BIND, **X},
    "adopt": {
        "--write": False,
        "--undo": False,
        "--replace-env": False,
        **X,
    },
    "ensure-version": {"--sql": False, **BIND, **WAIT},
}

ENV_THAT_TELLS = """
    import json
    from pathlib import Path

    from flask_migrations_ext import context

    told = Path(__file__).with_name("told.json")
    told.write_text(json.dumps([context.get_x_argument(), context.get_tag_argument()]))
    for target in context.targets():
        with context.configured(target):
            context.run_migrations()
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path / "app").with_folder()


def group_of(app: Flask) -> tuple[MigrationGroup, click.Context]:
    group = app.cli.commands["db"]
    assert isinstance(group, MigrationGroup)
    return group, click.Context(group)


def options_of(command: click.Command) -> dict[str, Any]:
    """Return the values when nothing is typed, by name."""
    context = command.make_context(command.name, [])
    return {
        "/".join(parameter.opts): context.params[str(parameter.name)]
        for parameter in command.params
    }


def told(project: Project) -> object:
    import json

    return json.loads((project.migrations / "told.json").read_text())


# -- names and defaults ----------------------------------------------------


def test_there_are_all_commands_of_flask_migrate_and_one_more(project: Project) -> None:
    group, context = group_of(project.app)

    assert set(group.list_commands(context)) == {*COMMANDS, "list-templates"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_its_options_with_their_defaults(
    project: Project, name: str
) -> None:
    group, context = group_of(project.app)
    command = group.get_command(context, name)
    assert command is not None

    assert options_of(command) == {"-d/--directory": None, **COMMANDS[name]}


def test_list_templates_takes_nothing(project: Project) -> None:
    group, context = group_of(project.app)
    command = group.get_command(context, "list-templates")

    assert command is not None
    assert options_of(command) == {}


@pytest.mark.parametrize("name", [*COMMANDS, "list-templates"])
def test_every_command_and_option_is_explained(project: Project, name: str) -> None:
    group, context = group_of(project.app)
    command = group.get_command(context, name)
    assert command is not None

    assert command.help
    assert [
        option.name
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ] == []


def test_help_lists_the_commands_and_exits_with_0(project: Project) -> None:
    ran = project.run("--help")

    assert ran.status == 0
    assert "ensure-version" in ran.out


@pytest.mark.parametrize(
    "arguments", [("nope",), ("upgrade", "--nope"), ("upgrade", "a", "b")]
)
def test_what_click_does_not_understand_exits_with_2(
    project: Project, arguments: tuple[str, ...]
) -> None:
    assert project.run(*arguments).status == 2


def test_a_command_of_the_users_keeps_its_place(project: Project) -> None:
    """People hang commands of their own on the group, even of the same name."""
    group, _ = group_of(project.app)

    @group.command("heads")
    def heads() -> None:
        click.echo("mine")

    @group.command("seed")
    def seed() -> None:
        click.echo("seeded")

    assert project.done("heads") == "mine\n"
    assert project.done("seed") == "seeded\n"


# -- steps back ------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (("downgrade",), ["a2"]),
        (("downgrade", "-1"), ["a2"]),
        (("downgrade", "-2"), ["a1"]),
        (("downgrade", "--", "-2"), ["a1"]),
        (("downgrade", "-3"), []),
        (("downgrade", "-x", "a=1", "-2", "--tag", "t"), ["a1"]),
        (("-x", "a=1", "downgrade", "-d", "{migrations}", "-2"), ["a1"]),
        (("downgrade", "head-1"), ["a2"]),
        (("downgrade", "base"), []),
    ],
)
def test_downgrade_takes_steps_that_look_like_options(
    project: Project, arguments: tuple[str, ...], left: list[str]
) -> None:
    project.chain("a1", "a2", "a3").done("upgrade")
    project.done(*(each.format(migrations=project.migrations) for each in arguments))

    assert project.version() == left


@pytest.mark.parametrize(
    ("range_", "found"),
    [
        ("-2:", ["a3", "a2", "a1"]),
        ("-1:", ["a3", "a2"]),
        ("-1:a2", ["a2", "a1"]),
        ("a1:a2", ["a2", "a1"]),
        (":a1", ["a1"]),
        ("a3:", ["a3"]),
        ("a1:+1", ["a2", "a1"]),
        ("current:", ["a3", "a2"]),
    ],
)
def test_history_takes_ranges_that_look_like_options(
    project: Project, range_: str, found: list[str]
) -> None:
    project.chain("a1", "a2", "a3").done("upgrade", "a2")
    lines = project.done("history", "-r", range_).splitlines()

    assert [line.partition(" -> ")[2][:2] for line in lines] == found


# -- the folder ------------------------------------------------------------


def test_the_folder_can_be_given_to_the_group_or_to_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = new_project(tmp_path / "app")
    monkeypatch.chdir(project.folder)
    project.done("-d", "one", "init")
    project.done("init", "--directory", "two")
    project.done("-d", "one", "revision", "--rev-id", "a1")
    project.done("-d", "one", "revision", "-d", "two", "--rev-id", "a2")

    assert "a1" in project.done("-d", "one", "heads")
    assert "a2" in project.done("heads", "-d", "two")


@pytest.mark.parametrize("variable", ["FLASK_DB_DIRECTORY", "FLASK_DB_HEADS_DIRECTORY"])
def test_the_folder_can_be_given_by_a_variable(
    project: Project, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder)
    project.chain("a1")
    project.done("init", "-d", "other")
    project.done("revision", "-d", "other", "--rev-id", "b1")

    assert project.run("heads").out == "a1 (head)\n"
    assert project.run("heads", **{variable: "other"}).out == "b1 (head)\n"


def test_a_folder_that_was_typed_is_looked_for_in_the_working_directory_first(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the app there is one of the same name."""
    project.chain("a1")
    monkeypatch.chdir(tmp_path)
    project.done("init", "-d", "migrations")

    assert (tmp_path / "migrations").is_dir()
    assert project.done("heads", "-d", "migrations") == ""
    assert project.done("heads") == "a1 (head)\n"


# -- arguments for env.py --------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("upgrade",), []),
        (("upgrade", "-x", "a=1"), ["a=1"]),
        (("-x", "a=1", "upgrade"), ["a=1"]),
        (("-x", "a=1", "upgrade", "-x", "b=2", "--x-arg", "c"), ["a=1", "b=2", "c"]),
        (("-x", "a=1", "downgrade", "base"), ["a=1"]),
        (("-x", "a=1", "migrate"), ["a=1"]),
        (("-x", "a=1", "revision", "--autogenerate"), ["a=1"]),
        (("-x", "a=1", "check"), ["a=1"]),
        (("check", "-x", "a=1"), ["a=1"]),
        (("-x", "a=1", "current"), ["a=1"]),
        (("-x", "a=1", "stamp"), ["a=1"]),
        (("-x", "a=1", "history", "-i"), ["a=1"]),
        (("-x", "a=1", "show", "current"), ["a=1"]),
        (("-x", "a=1", "ensure-version"), ["a=1"]),
    ],
)
def test_each_argument_reaches_env_py_once(
    project: Project, arguments: tuple[str, ...], expected: list[str]
) -> None:
    project.env(ENV_THAT_TELLS)
    project.chain("a1")
    project.run(*arguments)

    assert told(project) == [expected, None]


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("FLASK_DB_X_ARG", "a=1 b=2", ["a=1", "b=2"]),
        ("FLASK_DB_UPGRADE_X_ARG", "a=1", ["a=1"]),
    ],
)
def test_arguments_can_be_given_by_a_variable(
    project: Project, variable: str, value: str, expected: list[str]
) -> None:
    project.env(ENV_THAT_TELLS)
    project.chain("a1")
    project.run("upgrade", **{variable: value})

    assert told(project) == [expected, None]


@pytest.mark.parametrize("command", ["upgrade", "downgrade", "stamp"])
def test_the_tag_reaches_env_py(project: Project, command: str) -> None:
    project.chain("a1").done("upgrade")
    project.env(ENV_THAT_TELLS)
    project.done(command, "--tag", "blue")

    assert told(project) == [[], "blue"]


def test_a_flag_can_be_given_by_a_variable(project: Project) -> None:
    project.chain("a1")

    assert "Path:" in project.run("history", FLASK_DB_HISTORY_VERBOSE="1").out


def test_a_group_of_another_name_has_variables_of_its_own(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", arguments="command='one'", group="one")
    project.with_folder().chain("a1")

    assert "Path:" not in project.run("history", FLASK_DB_HISTORY_VERBOSE="1").out
    assert "Path:" in project.run("history", FLASK_ONE_HISTORY_VERBOSE="1").out


def test_messages_name_the_group_as_it_is_called(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", arguments="command='one'", group="one")

    assert "create it with 'flask one init'" in project.refused("upgrade")
    assert "'flask one migrate" in project.run("init").err
    assert "'flask one migrate'" in project.run("heads").err
