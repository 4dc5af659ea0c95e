"""``flask run`` says in one line what an app lacks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.apps import new_project
from tests.apps import Project
from tests.guard.test_page import CREATE


def said_by_server(project: Project, *options: str, wanted: str) -> list[str]:
    """Return the lines with an asterisk of a server, up to one with these words."""
    server = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "shop", *options, "run", "--port=0"],
        cwd=project.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines: list[str] = []
    try:
        assert server.stderr is not None
        for line in server.stderr:
            lines.append(line.strip())
            if wanted in line:
                break
    finally:
        server.terminate()
        rest = server.communicate()[1]
    return [line for line in (*lines, *rest.splitlines()) if "flask " in line]


@pytest.mark.parametrize("options", [(), ("--debug",)])
def test_revisions_are_pending(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Once, also where a process reloads another."""
    project = new_project(tmp_path / "app").with_folder()
    project.script("a1", upgrade=CREATE)
    project.script("a2", "a1")

    assert said_by_server(project, *options, wanted="pending") == [
        "* 2 revisions are pending; run 'flask db upgrade'."
    ]


def test_models_have_changed(tmp_path: Path) -> None:
    """The command is called as the app calls it."""
    project = new_project(
        tmp_path / "app", arguments='command="store"', group="store"
    ).with_folder()
    project.script("a1")
    project.done("upgrade")

    assert said_by_server(project, wanted="changed") == [
        "* The models have changed, and no revision says so (1 difference);"
        " run 'flask store migrate'."
    ]
