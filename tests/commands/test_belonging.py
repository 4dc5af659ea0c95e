"""Models that belong to no database are named, by the commands that compare."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.apps import CREATE_USER
from tests.apps import LOGS_MODEL
from tests.apps import new_project
from tests.apps import Project
from tests.apps import sqlite_in
from tests.apps import USER

OTHER_BASE = """
from sqlalchemy.orm import DeclarativeBase


class OtherBase(DeclarativeBase):
    pass


class Stranger(OtherBase):
    __tablename__ = "stranger"
    id = db.Column(db.Integer, primary_key=True)
"""
COMMANDS = ("migrate", "check", "revision --autogenerate")
ENV = """
from flask_migrations_ext import context

for target in context.targets():
    with context.configured(target):
        context.run_migrations()
"""


def refused(project: Project, command: str) -> str:
    message = project.refused(*command.split())

    assert "models that belong to no database" in message
    return message


def named(message: str) -> str:
    """Return a message in small letters: a class that is gone is told by its table.

    Within one process, nobody else holds the classes of an app.
    """
    return message.lower()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_bind_key_that_the_app_does_not_have(tmp_path: Path, command: str) -> None:
    project = new_project(tmp_path / "app", USER + LOGS_MODEL).with_folder()
    message = refused(project, command)

    assert "'line': the app has no database 'logs', its __bind_key__" in named(message)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_bind_key_where_there_are_only_binds(tmp_path: Path, command: str) -> None:
    folder = tmp_path / "app"
    project = new_project(
        folder,
        USER + LOGS_MODEL,
        binds={"logs": str(sqlite_in(folder, "logs"))},
        config={"SQLALCHEMY_DATABASE_URI": None},
    ).with_folder()

    said = named(refused(project, command))
    assert "'user': the app has no default database" in said


def test_the_model_is_named_while_there_is_one(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", USER + LOGS_MODEL).with_folder()

    assert "model 'Line': the app has no" in project.flask("db", "check").err


def test_another_base_class(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", USER + OTHER_BASE).with_folder()

    for command in COMMANDS:
        ran = project.flask("db", *command.split())
        assert ran.status == 1
        assert "model 'Stranger': its base class is none of those" in ran.err
        assert "metadatas=[db.metadata, Base.metadata]" in ran.err
    assert list(project.versions.iterdir()) == []


def test_a_table_without_a_model(tmp_path: Path) -> None:
    table = 'db.Table("links", db.Column("id", db.Integer), bind_key="nowhere")'
    project = new_project(tmp_path / "app", f"{USER}\n{table}\n").with_folder()

    assert "table 'links': the app has no database 'nowhere'" in refused(
        project, "migrate"
    )


def test_an_env_py_may_leave_a_base_class_out_but_not_in_silence(
    tmp_path: Path,
) -> None:
    project = new_project(tmp_path / "app", USER + OTHER_BASE).with_folder()
    project.env(ENV)
    ran = project.flask("db", "migrate")

    assert ran.status == 0
    assert "Left out: model 'Stranger': its base class" in ran.err


def test_what_needs_no_models_does_not_ask(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", USER + LOGS_MODEL).with_folder()
    project.script("a1", upgrade=CREATE_USER)

    assert "1 revision applied" in project.done("upgrade")
