"""Protected databases: what may lose data is refused, unless their name is said."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.apps import CREATE_USER
from tests.apps import DROP_USER
from tests.apps import LOGS_MODEL
from tests.apps import new_project
from tests.apps import Project
from tests.apps import sqlite_in

HARMLESS = [
    CREATE_USER.replace("user", "other"),
    "op.add_column('user', sa.Column('age', sa.Integer))",
    "op.execute('SELECT 1')",
    "op.get_bind().execute(sa.text('SELECT 1')).all()",
]
DESTROYING = [
    DROP_USER,
    "op.drop_column('user', 'name')",
    "with op.batch_alter_table('user') as batch:\n    batch.drop_column('name')",
    "op.execute('DELETE FROM \"user\"')",
    # What is behind a question cannot be told without asking it.
    f"if op.get_bind().execute(sa.text('SELECT 1')).scalar():\n    {DROP_USER}",
    "op.get_bind().execute(sa.text('DELETE FROM \"user\"'))",
]


def protected(folder: Path, url: sa.URL | None = None) -> Project:
    project = new_project(folder, url=url).with_folder()
    column = "op.add_column('user', sa.Column('name', sa.String(80)))"
    project.script("a1", upgrade=f"{CREATE_USER}\n{column}", downgrade=DROP_USER)
    project.script("b2", "a1", message="Second")
    project.done("upgrade")
    project.done("protect")
    return project


def test_a_downgrade_is_refused(database_url: sa.URL, tmp_path: Path) -> None:
    project = protected(tmp_path / "app", database_url)
    name = Path(str(database_url.database)).name

    message = project.refused("downgrade", "base")
    assert f"the database {project.url} is protected" in message
    assert "downgrade of 'b2', Second" in message
    assert f"'--yes-i-mean {name}'" in message
    project.refused("downgrade", "--yes-i-mean", "another")
    project.done("downgrade", "--yes-i-mean", name)
    assert project.version() == ["a1"]


@pytest.mark.parametrize("upgrade", DESTROYING)
def test_an_upgrade_that_destroys_is_refused(tmp_path: Path, upgrade: str) -> None:
    project = protected(tmp_path / "app")
    project.script("c3", "b2", upgrade=upgrade)

    assert "'c3'" in project.refused("upgrade")
    project.done("upgrade", "--yes-i-mean", "shop.sqlite")
    assert project.version() == ["c3"]


@pytest.mark.parametrize("upgrade", HARMLESS)
def test_another_upgrade_runs(tmp_path: Path, upgrade: str) -> None:
    project = protected(tmp_path / "app")
    project.script("c3", "b2", upgrade=upgrade, downgrade=DROP_USER)

    project.done("upgrade")
    assert project.version() == ["c3"]


def test_the_mark_goes_only_if_it_is_meant(
    database_url: sa.URL, tmp_path: Path
) -> None:
    project = protected(tmp_path / "app", database_url)
    name = Path(str(database_url.database)).name

    assert "The database is protected." in project.done("status")
    assert "its protection" in project.refused("protect", "--off")
    said = project.done("protect", "--off", "--yes-i-mean", name)
    assert said == f"The database '{name}' is not protected any more.\n"
    project.done("downgrade")
    assert "protected" not in project.done("status")


def test_to_look_away_from_the_record_does_not_help(tmp_path: Path) -> None:
    project = protected(tmp_path / "app")
    project.app.config["MIGRATE_RECORD"] = False

    project.refused("downgrade")


def test_each_database_is_meant_by_itself(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    logs = sqlite_in(folder, "logs").render_as_string()
    project = new_project(folder, models=LOGS_MODEL, binds={"logs": logs})
    project.with_folder().script("a1", parameters="bind_key")
    project.done("upgrade")
    project.done("protect", "--bind", "logs")

    project.done("downgrade", "--bind", "default")
    message = project.refused(
        "downgrade", "--bind", "logs", "--yes-i-mean", "shop.sqlite"
    )
    assert "--yes-i-mean logs.sqlite" in message


@pytest.mark.parametrize("typed, status", [("shop.sqlite", 0), ("shop", 1), ("", 1)])
def test_at_a_terminal_the_name_is_asked_for(
    tmp_path: Path, typed: str, status: int
) -> None:
    project = protected(tmp_path / "app")
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "shop", "db", "downgrade"],
        cwd=project.folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while b"Type its name to go on: " not in shown:
        shown += os.read(ours, 1000)
    os.write(ours, f"{typed}\n".encode())
    while True:
        try:
            shown += os.read(ours, 1000)
        except OSError:
            break
    os.close(ours)

    assert running.wait() == status
    assert b"downgrade of 'b2', Second" in shown
    assert project.version() == (["a1"] if status == 0 else ["b2"])
