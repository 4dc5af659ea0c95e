"""A run at a terminal, and in a pipe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flask_migrations_ext.cli.progress import ProgressLines
from flask_migrations_ext.portion import Portion
from tests.apps import new_project
from tests.apps import Project
from tests.cli.pty_terminal import shown_at_terminal
from tests.cli.test_terminal import Terminal


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path / "app").with_folder().chain("a1", "a2")


def test_at_a_terminal_each_revision_ends_in_done(project: Project) -> None:
    project.script("a3", "a2", upgrade='raise ValueError("no")')

    shown = shown_at_terminal(["db", "upgrade"], project.folder)

    assert re.sub(r"\d\.\d s", "0.0 s", shown).startswith(
        "Running upgrade <base> -> a1, Revision a1 ... \x1b[32mdone\x1b[0m (0.0 s)\n"
        "Running upgrade a1 -> a2, Revision a2 ... \x1b[32mdone\x1b[0m (0.0 s)\n"
        "Running upgrade a2 -> a3, Revision a3 ... \n"
        "\x1b[31m\x1b[1mError:\x1b[0m upgrade of revision 'a3' failed"
    )


def test_a_terminal_without_colours_gets_none(project: Project) -> None:
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        shown = shown_at_terminal(["db", "upgrade"], project.folder, **{name: value})
        assert "\x1b" not in shown
        assert "Revision a2 ... done (" in shown
        project.done("downgrade", "base")


def test_a_pipe_gets_the_lines_as_ever(project: Project) -> None:
    ran = project.flask("db", "upgrade")

    assert ran.err == (
        "Running upgrade <base> -> a1, Revision a1\n"
        "Running upgrade a1 -> a2, Revision a2\n"
    )
    assert ran.out == "2 revisions applied: the database is at a2 (head).\n"


def test_quiet_says_nothing_but_errors(project: Project) -> None:
    assert project.run("upgrade", "-q") == project.run("upgrade", "--quiet")
    assert project.run("downgrade", "-q", "base").err == ""
    assert project.version() == []
    assert "no revision" in project.refused("upgrade", "-q", "nowhere").lower()
    assert "CREATE TABLE" in project.done("upgrade", "-q", "--sql")


def test_long_work_has_a_bar_with_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    lines = ProgressLines()
    lines._began -= 5
    with lines.shown():
        lines.advanced(Portion("rebuild of table user", 250, 1000, "rows"))
        lines.advanced(Portion("rebuild of table user", 500, 1000, "rows"))
        lines.advanced(Portion("index ix, building", 3, 10, "blocks"))

    shown = terminal.getvalue()
    assert "rebuild of table user  [######------------------]  250/1000" in shown
    assert re.search(r"500/1000  00:00:\d\d  rows", shown)
    assert re.search(r"3/10  00:00:1\d  blocks", shown)
