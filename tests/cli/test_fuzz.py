"""Whatever is typed: no traceback, no code, and files where they belong.

The commands run on a real app, with options, arguments, settings and environment
variables drawn from what shells, people and attackers make of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st

from flask_migrations_ext.cli.command_list import command_named
from flask_migrations_ext.cli.command_list import NAMES
from tests.apps import files_in
from tests.apps import new_project
from tests.apps import Project

# Run as code, each would leave a file behind.
CODE = 'open("pwned", "w")'
ODD = (
    *("", " ", "-", "--", "@", ":", "+", "a b", "head", "heads", "base", "current"),
    *("a1", "a2", "a", "left", "left@head", "-1", "+1", "a1:a2", ":", "a1:", "+" * 99),
    *("9" * 5000, "-" + "9" * 5000, "head-" + "9" * 30, "x" * 300, "../../x", "/", "."),
    *(f'x"""\n{CODE}\n"""', f"x'''\n{CODE}\n'''", f"\\\n{CODE}", f"${{{CODE}}}"),
    *(f"% {CODE}", f"<% {CODE} %>", f"{{{{{CODE}}}}}", f"\n{CODE}\n", f"'+{CODE}+'"),
    *(
        "\x00",
        "\udcff",
        "\u2028",
        "\u202e",
        "\x1b[31m",
        "\r\n",
        "caf\u00e9",
        "__init__",
    ),
    *(
        "__init__",
        ".#lock",
        "feature/x",
        "x\\",
        "%s",
        "%(x)s",
        "%",
        "default",
        "logs",
        "yes",
        "#",
    ),
)
TEXTS = st.sampled_from(ODD) | st.text(max_size=12)

# These replace the folder, or make one: they have a test of their own.
OF_FOLDERS = ("adopt", "init")


# Nobody else will do what this one waits for.
ENDS = {"wait": ["--timeout", "0"]}

# Done, refused, not understood, and given up after waiting.
STATUSES = (0, 1, 2, 3, 4, 75)

# What opens a file and changes nothing.
EDITORS = {"EDITOR": "true", "VISUAL": "true"}


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """Draw a command with some of its options, and some arguments."""
    name = draw(st.sampled_from([each for each in NAMES if each not in OF_FOLDERS]))
    command = command_named(name)
    assert command is not None
    line = ["-x", draw(TEXTS)] if draw(st.integers(0, 9)) == 0 else []
    line.append(name)
    options = _options(command)
    chosen = st.lists(st.sampled_from(options), max_size=3) if options else st.just([])
    for option in draw(chosen):
        line.append(max(option.opts, key=len))
        if not option.is_flag:
            line.append(draw(TEXTS))
    if any(isinstance(each, click.Argument) for each in command.params):
        line += draw(st.lists(TEXTS, max_size=2))
    return [*line, *ENDS.get(name, ())]


def _options(command: click.Command) -> list[click.Option]:
    return [
        each
        for each in command.params
        # A folder of one's own choice is one to write in.
        if isinstance(each, click.Option) and each.name != "directory"
    ]


#: Settings whose values are texts, and which no function has to be made for.
SETTINGS = (
    *("FILE_TEMPLATE", "TIMEZONE", "OUTPUT_ENCODING", "VERSION_TABLE", "MODELS"),
    *("VERSION_TABLE_SCHEMA", "TRUNCATE_SLUG_LENGTH", "POST_WRITE_HOOKS", "ENGINES"),
    *("VERSION_LOCATIONS", "TEMPLATE_ARGS", "ON_VERSION_APPLY", "INCLUDE_OBJECT"),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("outside") / "app"
    project = new_project(folder).with_folder().chain("a1")
    project.script("a2", "a1", labels=("left",))
    with pytest.MonkeyPatch.context() as patch:
        # What code would write without a path lands here.
        here = folder.parent / "here" / "and" / "deeper"
        here.mkdir(parents=True)
        patch.chdir(here)
        yield project


def run_and_look(project: Project, line: list[str], **environment: str) -> None:
    outside = project.folder.parent
    before = _outside(project, outside)
    known = set(project.done("history").splitlines())

    # A traceback would be raised here.
    ran = project.run(*line, **EDITORS, **environment)

    assert ran.status in STATUSES
    # What was there is found again, and so is what was written.
    kept = ".amended"  # what a revision was, in case it is wanted back
    files = (path for path in project.versions.glob("*") if path.is_file())
    written = [path for path in files if path.suffix != kept]
    shown = project.done("history").splitlines()
    assert len(shown) == len(written) >= len(known)
    # What was written runs, and is no more than it was asked to be.
    project.run("upgrade", "heads")
    assert _outside(project, outside) == before


def _outside(project: Project, outside: Path) -> dict[str, bytes]:
    return {
        name: content
        for name, content in files_in(outside).items()
        if not name.startswith("app/migrations/") and "sqlite" not in name
    }


def _cleaned(project: Project) -> None:
    kept = {"a1", "a2"}
    for path in project.versions.iterdir():
        if path.is_file() and path.stem.split("_")[0] not in kept:
            path.unlink()
    project.run("stamp", "--purge", "a1")


common = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@common
@given(command_lines())
def test_a_command_line(project: Project, line: list[str]) -> None:
    _cleaned(project)
    run_and_look(project, line)


@common
@given(st.sampled_from(SETTINGS), TEXTS, st.sampled_from(["migrate", "upgrade"]))
def test_a_setting(project: Project, name: str, value: str, command: str) -> None:
    _cleaned(project)
    key = f"MIGRATE_{name}"
    project.app.config[key] = value
    try:
        ran = project.run(command)
    finally:
        del project.app.config[key]

    assert ran.status in (0, 1)
    assert not (Path.cwd() / "pwned").exists()


@common
@given(
    st.sampled_from(["REVISION_REV_ID", "REVISION_MESSAGE", "UPGRADE_BIND", "X_ARG"]),
    TEXTS.filter(lambda text: "\x00" not in text),
)
def test_an_environment_variable(project: Project, name: str, value: str) -> None:
    _cleaned(project)
    command = "upgrade" if "UPGRADE" in name else "revision"
    run_and_look(project, [command], **{f"FLASK_DB_{name}": value})


@st.composite
def lines_about_folders(draw: st.DrawFn) -> tuple[list[str], str | None]:
    """Draw a command with the folder that it is about; those that make one often."""
    every = [name for name in NAMES if "directory" in _names(name)]
    name = draw(st.sampled_from(OF_FOLDERS) | st.sampled_from(every))
    command = command_named(name)
    assert command is not None
    folder = draw(st.none() | st.sampled_from(["migrations", "new"]) | FOLDERS)
    line = [name] if folder is None else [name, "--directory", folder]
    options = _options(command)
    for option in draw(st.lists(st.sampled_from(options), max_size=3)):
        line.append(max(option.opts, key=len))
        if not option.is_flag:
            values = TEXTS if option.name != "template" else TEXTS | TEMPLATES
            line.append(draw(values))
    return [*line, *ENDS.get(name, ())], folder


def _names(name: str) -> set[str | None]:
    command = command_named(name)
    return {each.name for each in command.params} if command is not None else set()


# Relative to a folder that is deep enough to climb out of nothing of ours.
FOLDERS = TEXTS.filter(lambda text: text == "/" or not text.startswith("/"))
TEMPLATES = st.sampled_from(["flask", "plain", "aioflask", "./new", "./migrations"])


@settings(common, max_examples=80)
@given(lines_about_folders())
def test_a_folder_that_is_chosen(
    project: Project, drawn: tuple[list[str], str | None]
) -> None:
    line, folder = drawn
    outside = project.folder.parent
    _cleaned(project)
    before = _of_files(outside)

    ran = project.run(*line, **EDITORS)

    assert ran.status in STATUSES
    after = _of_files(outside)
    changed = [name for name in before | after if before.get(name) != after.get(name)]
    try:
        allowed = Path.cwd() / folder if folder is not None else project.migrations
        # What a folder is turned into, its settings file beside it says, too.
        places = [outside / "app/migrations", outside / "app/alembic.ini", allowed]
        assert all(_is_within(outside / name, places) for name in changed), changed
        assert not any(Path(name).name == "pwned" for name in changed)
    finally:
        _restore(outside, before, changed)


def _of_files(outside: Path) -> dict[str, bytes]:
    return {
        name: content
        for name, content in files_in(outside).items()
        if "sqlite" not in name and "__pycache__" not in name
    }


def _is_within(path: Path, places: list[Path]) -> bool:
    return any(
        os.path.commonpath([os.path.normpath(path), os.path.normpath(place)])
        == os.path.normpath(place)
        for place in places
    )


def _restore(outside: Path, before: dict[str, bytes], changed: list[str]) -> None:
    for name in changed:
        if name in before:
            (outside / name).parent.mkdir(parents=True, exist_ok=True)
            (outside / name).write_bytes(before[name])
        else:
            (outside / name).unlink()
    # Of a new folder, those within it are left, and would be in the way of the next.
    for path in sorted(Path.cwd().rglob("*"), reverse=True):
        if path.is_dir():
            path.rmdir()
