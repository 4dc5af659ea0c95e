"""Programs that run on each new file, and what is said if they fail."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flask_migrations_ext.errors import HookFailed
from flask_migrations_ext.errors import UnknownOption
from flask_migrations_ext.scripts.hooks import register
from flask_migrations_ext.scripts.hooks import run_hooks

TOUCH = "from pathlib import Path; import sys; Path(sys.argv[-1]).write_text('done')"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a file.py"
    path.write_text("new")
    return path


def test_a_program_gets_the_file(path: Path) -> None:
    hook = {
        "name": "touch",
        "type": "exec",
        "executable": sys.executable,
        "options": f'-c "{TOUCH}" REVISION_SCRIPT_FILENAME',
    }
    run_hooks([hook], path)

    assert path.read_text() == "done"


def test_a_module_runs_where_it_is_asked_to(tmp_path: Path, path: Path) -> None:
    (tmp_path / "touch.py").write_text(TOUCH)
    run_hooks([{"type": "module", "module": "touch", "cwd": str(tmp_path)}], path)

    assert path.read_text() == "done"


def test_a_command_of_a_package_gets_the_file(path: Path) -> None:
    path.write_text("${1 + 1}")
    hook = {
        "type": "console_scripts",
        "entrypoint": "mako-render",
        "options": "--output-file REVISION_SCRIPT_FILENAME REVISION_SCRIPT_FILENAME",
    }
    run_hooks([hook], path)

    assert path.read_text() == "2"


def test_without_a_place_for_it_the_file_comes_first(path: Path) -> None:
    hook = {"type": "exec", "executable": sys.executable, "options": "--of-the-script"}
    path.write_text("import sys; sys.exit(' '.join(sys.argv[1:]))")

    with pytest.raises(HookFailed, match="--of-the-script"):
        run_hooks([hook], path)


@pytest.mark.parametrize(
    "hook",
    [
        {},
        {"type": "exec"},
        {"type": "module", "module": ""},
        {"type": "console_scripts"},
        {"type": "console_scripts", "entrypoint": "no-such-command"},
        {"type": "unknown"},
    ],
)
def test_what_is_not_complete_is_refused(hook: dict[str, str], path: Path) -> None:
    with pytest.raises(UnknownOption, match="post_write_hooks"):
        run_hooks([hook], path)


def test_a_program_that_fails_is_named_with_what_it_said(path: Path) -> None:
    code = "import sys; print('line 3 is too long'); sys.exit(4)"
    hook = {
        "name": "lint",
        "type": "exec",
        "executable": sys.executable,
        "options": f'-c "{code}" REVISION_SCRIPT_FILENAME',
    }
    with pytest.raises(HookFailed, match="status 4") as caught:
        run_hooks([hook], path)

    assert "hook 'lint' failed" in str(caught.value)
    assert "line 3 is too long" in str(caught.value)
    assert path.read_text() == "new"


def test_a_program_that_is_not_there_is_named(path: Path) -> None:
    hook = {"name": "lint", "type": "exec", "executable": "no-such-program"}

    with pytest.raises(HookFailed, match="No such file"):
        run_hooks([hook], path)


def test_a_function_of_the_project_is_a_type_of_its_own(path: Path) -> None:
    @register("sign")
    def sign(filename: str, options: dict[str, str]) -> None:
        Path(filename).write_text(f"{options['_hook_name']}: {options['by']}")

    run_hooks([{"name": "first", "type": "sign", "by": "us"}], path)

    assert path.read_text() == "first: us"


def test_a_function_that_fails_is_named(path: Path) -> None:
    @register("fails")
    def fails(filename: str, options: dict[str, str]) -> None:
        raise KeyError("by")

    with pytest.raises(HookFailed, match="hook 'mine' failed on .*KeyError: 'by'"):
        run_hooks([{"name": "mine", "type": "fails"}], path)
