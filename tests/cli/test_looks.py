"""What a person meets at a terminal: help by task, completion, what comes next."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from flask_migrations_ext.cli.command_list import NAMES
from flask_migrations_ext.cli.command_list import TASKS
from tests.apps import new_project
from tests.apps import Project
from tests.cli.pty_terminal import shown_at_terminal


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = new_project(tmp_path / "app").with_folder()
    project.script("a1", labels=("shop",), message="first")
    project.script("b1", "a1", message="second")
    return project


def test_the_help_lists_each_command_once_under_its_task(project: Project) -> None:
    shown = project.done("--help")

    assert sorted(name for names in TASKS.values() for name in names) == sorted(NAMES)
    listed = re.findall(r"^  ([a-z-]+)  ", shown.partition("Begin:")[2], re.MULTILINE)
    assert sorted(listed) == sorted(NAMES)
    assert re.findall(r"^(\w.*):$", shown, re.MULTILINE)[1:] == [*TASKS]
    assert listed[0] == "init"


def test_commands_of_the_app_itself_come_last(project: Project) -> None:
    group = project.app.cli.commands["db"]
    assert isinstance(group, click.Group)
    group.add_command(click.Command("seed", help="Fill the tables."))

    assert project.done("--help").endswith(
        "Other commands:\n  seed  Fill the tables.\n"
    )


def completed(project: Project, line: str) -> list[str]:
    """Return what a shell offers at the end of a line."""
    words = f"flask --app shop {line}".split(" ")
    ran = subprocess.run(
        [Path(sys.executable).with_name("flask")],
        cwd=project.folder,
        env={
            **os.environ,
            "_FLASK_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(words),
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        text=True,
    )
    return [each.partition(",")[2] for each in ran.stdout.splitlines() if each]


def test_a_shell_completes_revisions_and_branches(project: Project) -> None:
    everything = ["head", "heads", "base", "current", "shop@head", "b1", "a1"]

    assert completed(project, "db upgrade ") == everything
    assert completed(project, "db stamp s") == ["shop@head"]
    assert completed(project, "db show b") == ["base", "b1"]
    assert completed(project, "db -d nowhere upgrade ") == []
    assert {"status", "stamp"} <= set(completed(project, "db st"))


def test_the_next_command_is_named_to_a_person(project: Project) -> None:
    project.done("upgrade")
    shown = shown_at_terminal(["db", "migrate", "-m", "users"], project.folder)

    assert re.sub(r"\w+_users", "x_users", shown) == (
        "Found: create table user (2 columns)\n"
        "Generating migrations/versions/x_users.py ...  done\n"
        "Look at it, then run 'flask db upgrade'.\n"
    )


def test_paths_begin_where_one_is(project: Project) -> None:
    path = project.script("c1", "b1", upgrade="1 / 0")
    shown = shown_at_terminal(["db", "upgrade"], project.folder)

    assert re.search(r"\(migrations/versions/c1.py, line \d+\)", shown)
    # A URL is no path, and a log may be read anywhere.
    assert f"({path}, line " in project.run("upgrade").err
    elsewhere = shown_at_terminal(["db", "current", "-v"], project.folder)
    assert f"sqlite:///{project.folder}" in elsewhere


def test_what_destroys_is_red(project: Project) -> None:
    project.script("c1", "b1", upgrade='op.drop_table("user")')
    plan = shown_at_terminal(["db", "upgrade", "--plan"], project.folder)
    ascii_only = shown_at_terminal(
        ["db", "upgrade", "--plan"], project.folder, PYTHONIOENCODING="ascii"
    )

    assert "  \x1b[31mdrop table user\x1b[0m\n" in plan
    assert ascii_only == plan


def test_lines_fit_the_terminal(project: Project) -> None:
    columns = ", ".join(f'"a_rather_long_name_{n}"' for n in range(9))
    project.script("c1", "b1", upgrade=f'op.create_index("ix", "user", [{columns}])')

    shown = shown_at_terminal(["db", "upgrade", "--plan"], project.folder)

    lines = re.sub(r"\x1b\[\d*m", "", shown).splitlines()
    assert max(map(len, lines)) <= 80
    assert max(map(len, project.done("upgrade", "--plan").splitlines())) > 200
