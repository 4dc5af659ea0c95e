"""Streams, folders and settings that are not as one expects: no traceback."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flask_migrations_ext.cli.refusal import Refusal
from tests.apps import new_project
from tests.apps import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path / "app").with_folder().chain("a1", "a2", "a3")


def shell(project: Project, line: str, **environment: str) -> tuple[int, str]:
    """Run a line with ``$flask``, as a person does; return its status and stderr."""
    command = f"{sys.executable} -m flask --app {project.folder / 'shop.py'}"
    ran = subprocess.run(
        ["sh", "-c", line.replace("$flask", command)],
        cwd=project.folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stderr


needs_full = pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="it is Linux that has a full device"
)


@needs_full
def test_a_progress_line_does_not_decide(project: Project) -> None:
    assert shell(project, "$flask db upgrade 2> /dev/full")[0] == 0
    assert project.version() == ["a3"]

    assert shell(project, "$flask db downgrade base 2>&1 | head -c 1") == (0, "")
    assert project.version() == []


@needs_full
def test_a_result_that_cannot_be_written_is_an_error(project: Project) -> None:
    status, err = shell(project, "$flask db heads > /dev/full")

    assert (status, err) == (
        1,
        "Error: the output cannot be written: No space left on device\n",
    )
    # What was asked for has been done.
    assert shell(project, "$flask db upgrade > /dev/full 2>&1")[0] == 1
    assert project.version() == ["a3"]


def test_a_character_that_stdout_cannot_show_is_described(project: Project) -> None:
    project.script("a4", "a3", message="caf\u00e9 \u2028")
    status, _ = shell(
        project, "$flask db history | grep 'caf.xe9'", PYTHONIOENCODING="ascii"
    )

    assert status == 0


@pytest.mark.parametrize("command", ["heads", "upgrade", "current", "migrate"])
def test_a_working_directory_that_is_gone(
    project: Project, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flask itself needs one before it gets here, but an app may leave it."""
    project.done("upgrade")
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    project.done(command)
    assert "no migrations folder" in project.refused("-d", "there", command)


class Terminal(io.StringIO):
    """A terminal that takes colours."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("value", "colours"), [("", True), ("1", False)])
def test_no_color_is_heeded(
    value: str, colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", value)
    terminal = Terminal()
    Refusal("x").show(terminal)

    assert ("\x1b[" in terminal.getvalue()) is colours


def as_each(name: str, *values: Any) -> list[tuple[str, Any]]:
    return [(name, value) for value in values]


WRONG: list[tuple[str, Any]] = [
    *(("TRUNCATE_SLUG_LENGTH", "x"), ("TRUNCATE_SLUG_LENGTH", [1])),
    *as_each("POST_WRITE_HOOKS", 5, "black", [1], ["x"]),
    *as_each("TEMPLATE_ARGS", 5, "x", [1]),
    *as_each("ON_VERSION_APPLY", 5, "x", [1]),
    *as_each("TIMEZONE", 5, [], "nowhere"),
    *as_each("OUTPUT_ENCODING", 5, None, "nothing"),
    *(("UPGRADE_TOKEN", 5), ("DOWNGRADE_TOKEN", None), ("USER_MODULE_PREFIX", 1)),
    *(("ALEMBIC_MODULE_PREFIX", 5), ("SQLALCHEMY_MODULE_PREFIX", [])),
    *(("INCLUDE_OBJECT", 5), ("INCLUDE_NAME", "x"), ("RENDER_ITEM", 5)),
    *(("PROCESS_REVISION_DIRECTIVES", 5), ("MODELS", 5), ("VERSION_LOCATIONS", 5)),
    *(("FILE_TEMPLATE", "%(nothing)s"), ("FILE_TEMPLATE", "%"), ("ENGINES", 5)),
    *(("METADATAS", 5), ("VERSION_TABLE_SCHEMA", 5), ("MODELS", ["not a module"])),
]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=str)
def test_a_setting_of_the_wrong_kind(tmp_path: Path, name: str, value: Any) -> None:
    project = new_project(tmp_path / "app").with_folder()
    project.app.config[f"MIGRATE_{name}"] = value

    assert name.lower() in project.refused("migrate", "-m", "x")
