"""Which settings files count: what a person names, and where it says that they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.apps import new_project
from tests.apps import Project


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An app whose folder only a settings file can name."""
    project = new_project(tmp_path / "app").with_folder()
    project.chain("a1")
    project.migrations.rename(tmp_path / "history")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prod.ini").write_text(
        "[alembic]\nscript_location = history\nfile_template = prod_%%(rev)s\n"
        "[staging]\nscript_location = history\nfile_template = staging_%%(rev)s\n"
    )
    return project


def named(project: Project, *arguments: str, **environment: str) -> str:
    """Return the name of the file that ``revision`` writes with these options."""
    ran = project.run(*arguments, "revision", "--rev-id", "b2", **environment)
    assert ran.status == 0, ran.err
    [path] = (project.folder.parent / "history" / "versions").glob("*b2*.py")
    path.unlink()
    return path.name


def test_a_person_may_name_the_settings_file(elsewhere: Project) -> None:
    (elsewhere.folder.parent / "other.ini").write_text(
        "[alembic]\nscript_location = nowhere\n"
    )

    assert named(elsewhere, "--config", "prod.ini") == "prod_b2.py"
    assert named(elsewhere, "-c", "prod.ini", "-n", "staging") == "staging_b2.py"
    assert named(elsewhere, ALEMBIC_CONFIG="prod.ini") == "prod_b2.py"
    # What is typed wins.
    assert (
        named(elsewhere, "-c", "prod.ini", ALEMBIC_CONFIG="other.ini") == "prod_b2.py"
    )
    assert named(elsewhere, "-n", "staging", ALEMBIC_CONFIG="prod.ini").startswith("st")


def test_of_two_named_files_the_ini_file_wins(elsewhere: Project) -> None:
    toml = elsewhere.folder.parent / "pyproject.toml"
    toml.write_text(
        '[tool.alembic]\nscript_location = "history"\ntruncate_slug_length = 1\n'
        'file_template = "toml_%%(rev)s"\n'
    )
    both = ("-c", "prod.ini", "-c", str(toml))

    assert named(elsewhere, "-c", str(toml)) == "toml_b2.py"
    assert named(elsewhere, *both) == "prod_b2.py"
    assert "one ini file and one" in elsewhere.refused(
        "-c", "prod.ini", "-c", "other.ini", "heads"
    )


def test_a_named_file_that_is_not_there_is_told(elsewhere: Project) -> None:
    assert "no settings file nope.ini" in elsewhere.refused("-c", "nope.ini", "heads")


def test_a_folder_may_be_in_a_package(
    elsewhere: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = elsewhere.folder.parent
    (parent / "history").rename(elsewhere.folder / "history")
    (parent / "of_package.ini").write_text("[alembic]\nscript_location = app:history\n")
    monkeypatch.syspath_prepend(str(parent))

    assert elsewhere.done("-c", "of_package.ini", "heads") == "a1 (head)\n"
    (parent / "wrong.ini").write_text("[alembic]\nscript_location = no.such:history\n")
    assert "'no.such' in the settings" in elsewhere.refused("-c", "wrong.ini", "heads")
