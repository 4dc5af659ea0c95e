"""Migrations folders: recognised, listed, created."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flask_migrations_ext.errors import CannotWrite
from flask_migrations_ext.errors import FileExists
from flask_migrations_ext.errors import FolderMissing
from flask_migrations_ext.errors import NotAMigrationsFolder
from flask_migrations_ext.errors import TemplateFailed
from flask_migrations_ext.errors import UnreadableScript
from flask_migrations_ext.scripts.folder import create_folder
from flask_migrations_ext.scripts.folder import MigrationsFolder
from flask_migrations_ext.scripts.folder import templates


def filled(folder: Path, *names: str, text: str = "") -> Path:
    """Return the folder with files of these names in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def listed(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() + "/" * path.is_dir()
        for path in folder.rglob("*")
    )


# -- recognised ------------------------------------------------------------


@pytest.mark.parametrize("sign", ["versions/ab12.py", "script.py.mako", "env.py"])
def test_one_sign_makes_a_migrations_folder(tmp_path: Path, sign: str) -> None:
    MigrationsFolder(filled(tmp_path, sign)).check()


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    folder = MigrationsFolder(tmp_path / "migrations")

    with pytest.raises(FolderMissing, match="flask db init"):
        folder.check()
    with pytest.raises(FolderMissing):
        folder.read_revisions()


def test_another_folder_is_told(tmp_path: Path) -> None:
    folder = MigrationsFolder(filled(tmp_path, "app.py"))

    with pytest.raises(NotAMigrationsFolder, match=r"no versions folder, script\.py"):
        folder.script_files()


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    with pytest.raises(NotAMigrationsFolder):
        MigrationsFolder(filled(tmp_path, "migrations") / "migrations").check()


def test_a_location_of_the_users_own_is_a_sign(tmp_path: Path) -> None:
    MigrationsFolder(tmp_path, (filled(tmp_path / "deep"),)).check()


def test_a_folder_without_versions_is_an_empty_history(tmp_path: Path) -> None:
    folder = MigrationsFolder(filled(tmp_path, "env.py"))

    assert folder.script_files() == ()
    assert folder.read_revisions() == ()


def test_env_and_template_are_the_users_or_none_and_ours(tmp_path: Path) -> None:
    bare = MigrationsFolder(filled(tmp_path / "bare", "versions/x.py"))
    full = MigrationsFolder(filled(tmp_path / "full", "env.py", "script.py.mako"))

    assert bare.env_path is None
    assert bare.template_path.is_file()
    assert tmp_path not in bare.template_path.parents
    assert full.env_path == tmp_path / "full" / "env.py"
    assert full.template_path == tmp_path / "full" / "script.py.mako"


# -- listed ----------------------------------------------------------------


def test_script_files_are_the_python_files_by_name(tmp_path: Path) -> None:
    versions = filled(
        tmp_path / "versions",
        *("b.py", "a.py", "__init__.py", "__init__x.py", ".#a.py", "a.pyc", "a.py~"),
        *("note.txt", "deep/c.py", "__pycache__/d.py"),
    )
    (versions / "folder.py").mkdir()

    files = MigrationsFolder(tmp_path).script_files()

    assert files == (versions / "a.py", versions / "b.py")


def test_a_recursive_folder_is_searched_to_the_bottom(tmp_path: Path) -> None:
    versions = filled(tmp_path / "versions", "b.py", "2024/05/a.py", "__pycache__/d.py")

    files = MigrationsFolder(tmp_path, recursive=True).script_files()

    assert files == (versions / "2024/05/a.py", versions / "b.py")


def test_a_file_found_twice_counts_once(tmp_path: Path) -> None:
    first = filled(tmp_path / "first", "b.py", "c.py")
    second = filled(tmp_path / "second", "a.py")
    (second / "b.py").symlink_to(first / "b.py")
    linked = tmp_path / "linked"
    linked.symlink_to(first)
    locations = (first, second, linked, tmp_path / "gone", first)

    files = MigrationsFolder(tmp_path, locations).script_files()

    assert files == (second / "a.py", first / "b.py", first / "c.py")


def test_revisions_come_by_file_name_and_duplicates_stay(tmp_path: Path) -> None:
    versions = filled(tmp_path / "versions", "b.py", "a.py", text="revision = 'same'")
    filled(versions, "shared.py", text="def add_audit(): pass")

    revisions = MigrationsFolder(tmp_path).read_revisions()

    assert [(found.id, found.path) for found in revisions] == [
        ("same", versions / "a.py"),
        ("same", versions / "b.py"),
    ]


def test_a_header_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    filled(tmp_path / "versions", "a.py", text="revision = =")

    with pytest.raises(UnreadableScript, match=r"a\.py, line 1"):
        MigrationsFolder(tmp_path).read_revisions()


# -- created ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "files"),
    [
        ("flask", ["README", "env.py", "script.py.mako"]),
        ("plain", ["README", "script.py.mako"]),
    ],
)
def test_init_writes_the_template(
    tmp_path: Path, template: str, files: list[str]
) -> None:
    directory = tmp_path / "deep" / "migrations"

    written = create_folder(directory, template)

    assert sorted(written) == [directory / name for name in files]
    assert listed(directory) == [*files, "versions/"]
    assert listed(tmp_path / "deep") == sorted(
        ["migrations/", *(f"migrations/{name}" for name in listed(directory))]
    )
    MigrationsFolder(directory).check()
    assert MigrationsFolder(directory).read_revisions() == ()


def test_init_fills_an_empty_folder_in_place(tmp_path: Path) -> None:
    filled(tmp_path / "real")
    (tmp_path / "migrations").symlink_to(tmp_path / "real")

    create_folder(tmp_path / "migrations")

    assert (tmp_path / "migrations").is_symlink()
    assert "env.py" in listed(tmp_path / "real")


def test_init_as_a_package(tmp_path: Path) -> None:
    written = create_folder(tmp_path / "m", "plain", package=True)

    assert tmp_path / "m/__init__.py" in written
    assert tmp_path / "m/versions/__init__.py" in written
    assert (tmp_path / "m/versions/__init__.py").read_bytes() == b""


@pytest.mark.parametrize("name", ["env.py", ".hidden"])
def test_init_never_writes_into_a_used_folder(tmp_path: Path, name: str) -> None:
    filled(tmp_path / "m", name, text="mine")

    with pytest.raises(FileExists, match="not empty"):
        create_folder(tmp_path / "m")

    assert listed(tmp_path) == ["m/", f"m/{name}"]
    assert (tmp_path / "m" / name).read_text() == "mine"


def test_init_never_replaces_a_file(tmp_path: Path) -> None:
    filled(tmp_path, "m", text="mine")

    with pytest.raises(FileExists, match="is a file"):
        create_folder(tmp_path / "m")

    assert (tmp_path / "m").read_text() == "mine"


@pytest.mark.parametrize("template", ["nope", "..", "", "flask.x"])
def test_an_unknown_template_is_told_with_those_there_are(
    tmp_path: Path, template: str
) -> None:
    with pytest.raises(TemplateFailed, match="there are flask, plain"):
        create_folder(tmp_path / "m", template)

    assert listed(tmp_path) == []


def test_a_template_of_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = filled(
        tmp_path / "own",
        *("script.py.mako", "versions/.gitkeep", "__pycache__/env.pyc", ".git/HEAD"),
        text="${kept}",
    )
    (own / "alembic.ini.mako").write_text("script_location = ${script_location}\n")
    monkeypatch.chdir(tmp_path)
    expected = ["alembic.ini", "script.py.mako", "versions/", "versions/.gitkeep"]

    create_folder(tmp_path / "by_path", own)
    create_folder(tmp_path / "by_text", "./own")

    assert listed(tmp_path / "by_path") == expected
    assert listed(tmp_path / "by_text") == expected
    assert (tmp_path / "by_path/script.py.mako").read_text() == "${kept}"
    assert (
        tmp_path / "by_path/alembic.ini"
    ).read_text() == f"script_location = {tmp_path / 'by_path'}\n"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "has no script.py.mako"),
        ({"script.py.mako": "", "a.ini.mako": "x\n${nope}"}, "line 2: "),
        ({"script.py.mako": "", "a.ini.mako": "x\n${1/0}"}, "line 2: ZeroDivision"),
        ({"script.py.mako": "", "a.ini.mako": "% if"}, "line 1: "),
    ],
)
def test_a_broken_template_leaves_nothing_behind(
    tmp_path: Path, files: dict[str, str], reason: str
) -> None:
    own = filled(tmp_path / "own")
    for name, text in files.items():
        filled(own, name, text=text)

    with pytest.raises(TemplateFailed, match=reason):
        create_folder(tmp_path / "m", own)

    assert not (tmp_path / "m").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["own"]


def test_a_missing_template_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(TemplateFailed, match="no such folder"):
        create_folder(tmp_path / "m", tmp_path / "own")


@pytest.mark.parametrize("exists", [False, True])
def test_a_failure_half_way_leaves_nothing_behind(tmp_path: Path, exists: bool) -> None:
    """A file named like the folder for revisions cannot be written."""
    own = filled(tmp_path / "own", "a", "b/c", "script.py.mako", "versions")
    if exists:
        filled(tmp_path / "m")

    with pytest.raises(CannotWrite):
        create_folder(tmp_path / "m", own)

    assert sorted(os.listdir(tmp_path)) == (["m", "own"] if exists else ["own"])
    assert not exists or listed(tmp_path / "m") == []


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    filled(tmp_path, "file")

    with pytest.raises(CannotWrite, match="nothing was written"):
        create_folder(tmp_path / "file" / "m")


def test_templates_come_with_their_synopsis() -> None:
    assert [name for name, _ in templates()] == ["flask", "plain"]
    assert all(synopsis.startswith("Flask, with") for _, synopsis in templates())
