"""What is there and cannot be used is refused: nothing is passed over in silence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flask_migrations_ext.errors import CannotRead
from flask_migrations_ext.errors import UnknownOption
from flask_migrations_ext.scripts.folder import MigrationsFolder
from flask_migrations_ext.scripts.header import header_of
from flask_migrations_ext.scripts.hooks import run_hooks
from tests.apps import new_project


def folder_instead(path: Path) -> None:
    path.mkdir(parents=True)


def file_instead(path: Path) -> None:
    path.write_text("")


def dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


def circular(path: Path) -> None:
    path.symlink_to(path)


def pipe(path: Path) -> None:
    os.mkfifo(path)


INSTEAD_OF_A_FILE = [folder_instead, dangling, circular, pipe]
INSTEAD_OF_A_FOLDER = [file_instead, dangling, circular, pipe]
FORMS = [
    *[
        (name, put)
        for name in ("env.py", "script.py.mako")
        for put in INSTEAD_OF_A_FILE
    ],
    *[("versions", put) for put in INSTEAD_OF_A_FOLDER],
    *[("versions/a1_x.py", put) for put in INSTEAD_OF_A_FILE if put != folder_instead],
]


@pytest.mark.parametrize(("name", "put"), FORMS)
def test_a_part_of_a_folder(
    tmp_path: Path, name: str, put: Callable[[Path], None]
) -> None:
    if name != "versions":
        (tmp_path / "versions").mkdir()
    (tmp_path / "README").write_text("")
    put(tmp_path / name)

    with pytest.raises(CannotRead, match=f"cannot use {tmp_path / name}: "):
        MigrationsFolder(tmp_path).read_revisions()


@pytest.mark.parametrize("put", [dangling, circular])
def test_the_folder_itself(tmp_path: Path, put: Callable[[Path], None]) -> None:
    put(tmp_path / "migrations")

    with pytest.raises(CannotRead):
        MigrationsFolder(tmp_path / "migrations").check()


@pytest.mark.parametrize("put", INSTEAD_OF_A_FILE)
@pytest.mark.parametrize("name", ["migrations/alembic.ini", "alembic.ini"])
def test_a_settings_file(
    tmp_path: Path, name: str, put: Callable[[Path], None]
) -> None:
    project = new_project(tmp_path / "app").with_folder()
    put(project.folder / name)

    message = project.refused("heads")

    assert f"cannot use {project.folder / name}: " in message


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
@pytest.mark.parametrize("name", ["", "versions", "versions/a1_x.py", "alembic.ini"])
def test_what_may_not_be_read(tmp_path: Path, name: str) -> None:
    project = new_project(tmp_path / "app").with_folder()
    (project.versions / "a1_x.py").write_text("revision = 'a1'\n")
    (project.versions.parent / "alembic.ini").write_text("[alembic]\n")
    unreadable = project.versions.parent / name
    unreadable.chmod(0)
    try:
        message = project.refused("heads")
    finally:
        unreadable.chmod(0o700)

    assert "ermission denied" in message


LINE_ENDS = ["\n", "\r\n", "\r"]


@pytest.mark.parametrize("end", LINE_ENDS, ids=repr)
def test_a_header_with_any_line_ends(end: str) -> None:
    lines = ['"""Say hello."""', "", "revision = 'a1'", "down_revision = 'b2'", ""]
    revision = header_of(end.join(lines).encode(), Path("a1.py"))

    assert revision is not None
    assert (revision.id, revision.parents) == ("a1", ("b2",))


@pytest.mark.parametrize("text", ["\frevision = 'a1'\n", "\f\fdef upgrade(): pass\n"])
def test_a_page_break_stands_before_a_header(text: str) -> None:
    revision = header_of(text.encode(), Path("a1a1a1a1_x.py"))

    assert revision is not None


@pytest.mark.parametrize("options", ['"x', "'", "a\\"])
def test_options_of_a_hook_that_do_not_end(tmp_path: Path, options: str) -> None:
    hook = {"name": "h", "type": "exec", "executable": "true", "options": options}

    with pytest.raises(UnknownOption, match="options of the hook 'h' cannot be taken"):
        run_hooks([hook], tmp_path / "a.py")
