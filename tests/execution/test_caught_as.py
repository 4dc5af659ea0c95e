"""What a revision raised is caught by who migrates, as what it was."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import flask_migrations_ext
from flask_migrations_ext.errors import StepFailed
from tests.apps import new_project
from tests.apps import Project

TABLE = 'op.create_table("mug", sa.Column("id", sa.Integer, primary_key=True))'
OWN = """
class Own(LookupError):
    def __init__(self, a, b): self.a = a
raise Own("x", "y")
"""
RAISED: dict[str, tuple[str, type[Exception]]] = {
    "rows": ('op.execute("INSERT INTO mug VALUES (1), (1)")', sa.exc.IntegrityError),
    "syntax": ('op.execute("SELEKT secret")', sa.exc.DBAPIError),
    "nowhere": ('op.execute("INSERT INTO nowhere VALUES (1)")', sa.exc.DBAPIError),
    "batch": (
        'with op.batch_alter_table("mug") as b: b.drop_column("gone")',
        sa.exc.DBAPIError,
    ),
    "argument": ('op.execute("SELECT :a")', Exception),
    "compile": (
        "op.execute(sa.select(sa.bindparam('a', object(), literal_execute=True)))",
        Exception,
    ),
    "runtime": ('raise RuntimeError("no")', RuntimeError),
    "own": (OWN, LookupError),
    "file": ('open("/nowhere/at/all")', FileNotFoundError),
    "bytes": ('b"\\xff".decode()', UnicodeDecodeError),
    "key": ('{}["a"]', KeyError),
    "import": ("import nowhere_at_all", ModuleNotFoundError),
    "iteration": ("next(iter([]))", StepFailed),
    "attribute": ("None.a", StepFailed),
    "exit": ("raise SystemExit(3)", StepFailed),
    "property": (
        "class Odd(ValueError):\n    state = property(lambda self: 1)\nraise Odd",
        StepFailed,
    ),
}


@pytest.fixture
def project(tmp_path: Path, database_url: sa.URL) -> Project:
    made = new_project(tmp_path / "app", url=database_url).with_folder()
    made.script("a1", upgrade=TABLE)
    made.done("upgrade")
    return made


def fails(project: Project, script: str) -> Any:
    project.script("a2", "a1", upgrade=script)
    with project.app.app_context(), pytest.raises(Exception) as caught:
        flask_migrations_ext.upgrade()
    return caught.value


def test_it_is_caught_as_what_was_raised(project: Project) -> None:
    said = {}
    for name, (script, kind) in RAISED.items():
        error = fails(project, script)
        said[name] = isinstance(error, StepFailed), isinstance(error, kind)
        assert "upgrade of revision 'a2' failed" in str(error)
        assert error.revision == "a2"
        for again in (copy.copy(error), pickle.loads(pickle.dumps(error))):
            assert isinstance(again, StepFailed)
            assert str(again) == str(error)

    assert said == dict.fromkeys(RAISED, (True, True))
    assert project.version() == ["a1"]


def test_it_has_what_the_driver_said(project: Project) -> None:
    error = fails(project, 'op.execute("SELEKT 1")')

    driver = project.url.get_dialect().import_dbapi()
    assert isinstance(error, sa.exc.DBAPIError)
    assert isinstance(error.orig, driver.Error)
    assert error.statement == "SELEKT 1"
    assert error.params is None


def test_what_is_written_as_text_is_caught_too(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app").with_folder()
    project.script("a1", upgrade='raise RuntimeError("no")')

    with project.app.app_context(), pytest.raises(RuntimeError) as caught:
        flask_migrations_ext.upgrade(sql=True)

    assert isinstance(caught.value, StepFailed)
