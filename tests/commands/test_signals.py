"""Signals: who listens hears of each database and each revision, in order, no more."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import flask_migrations_ext
from flask_migrations_ext import signals
from flask_migrations_ext.errors import StepFailed
from tests.apps import LOGS_MODEL
from tests.apps import new_project
from tests.apps import Project
from tests.apps import sqlite_in
from tests.apps import USER

EVERY = {
    name: signal
    for name, signal in vars(signals).items()
    if name.startswith(("before_", "after_"))
}


@pytest.fixture
def project(tmp_path: Path, database_url: sa.URL) -> Project:
    return new_project(tmp_path, "", url=database_url).with_folder().chain("a1", "b2")


@contextmanager
def heard(project: Project) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Yield what the signals of the app say, in order."""
    found: list[tuple[str, dict[str, Any]]] = []

    def listener(name: str) -> Any:
        def hear(sender: Any, **facts: Any) -> None:
            assert sender is project.app
            found.append((name, facts))

        return hear

    with ExitStack() as listening, project.app.app_context():
        for name, signal in EVERY.items():
            listening.enter_context(signal.connected_to(listener(name), project.app))
        yield found


def names_of(found: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return [
        f"{name} {facts['step'].id}" if "step" in facts else name
        for name, facts in found
    ]


def test_each_command_tells_of_itself_and_of_its_revisions(project: Project) -> None:
    with heard(project) as said:
        flask_migrations_ext.upgrade()
        up = names_of(said)
        durations = [facts["duration"] for name, facts in said if "after" in name]
        databases = {facts["database"] for _, facts in said}
        run = said[-1][1]["run"]
        said.clear()
        flask_migrations_ext.downgrade(revision="a1")
        down = names_of(said)
        said.clear()
        flask_migrations_ext.stamp(revision="b2")
        flask_migrations_ext.migrate()
        rest = said.copy()

    # What is built from nothing is committed at once, where that can be.
    assert sorted(up) == sorted(
        [
            "before_upgrade",
            *("before_revision a1", "after_revision a1"),
            *("before_revision b2", "after_revision b2"),
            "after_upgrade",
        ]
    )
    assert (up[0], up[-1]) == ("before_upgrade", "after_upgrade")
    assert all(each >= 0 for each in durations)
    assert databases == {""}
    assert [step.revision.id for step in run.steps] == ["a1", "b2"]
    assert down == [
        *("before_downgrade", "before_revision b2", "after_revision b2"),
        "after_downgrade",
    ]
    assert names_of(rest) == [
        *("before_stamp", "after_stamp", "before_migrate", "after_migrate")
    ]
    assert rest[1][1]["run"].after == ("b2",)
    assert rest[3][1]["report"].path is None


def test_a_revision_is_told_when_it_is_committed(project: Project) -> None:
    """Not those that a failure takes back with it."""
    project.done("upgrade")
    project.script("c3", "b2")
    project.script("d4", "c3", upgrade="raise ValueError('no')")
    at: list[list[str]] = []

    with heard(project) as said, pytest.raises(StepFailed):

        def look(sender: Any, **facts: Any) -> None:
            at.append(project.version())

        with signals.after_revision.connected_to(look):
            flask_migrations_ext.upgrade()

    assert names_of(said) == [
        *("before_upgrade", "before_revision c3"),
        *("after_revision c3", "before_revision d4"),
    ]
    assert at == [["c3"]]


@pytest.mark.parametrize("name", ["before_upgrade", "before_revision"])
@pytest.mark.parametrize("error", [ValueError, OSError])
def test_what_comes_before_may_refuse(
    tmp_path: Path, name: str, error: type[Exception]
) -> None:
    project = new_project(tmp_path, "").with_folder().chain("a1")

    def refuse(sender: Any, **facts: Any) -> None:
        raise error("not today")

    with project.app.app_context(), EVERY[name].connected_to(refuse):
        with pytest.raises(Exception, match="not today"):
            flask_migrations_ext.upgrade()

    assert project.version() == []


def test_what_comes_after_undoes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    project = new_project(tmp_path, "").with_folder().chain("a1", "b2")

    def fail(sender: Any, **facts: Any) -> None:
        raise ValueError("the metrics are down")

    with heard(project) as said, caplog.at_level(logging.ERROR):
        with signals.after_revision.connected_to(fail):
            flask_migrations_ext.upgrade()

    assert names_of(said)[-1] == "after_upgrade"
    assert project.version() == ["b2"]
    assert [each.getMessage() for each in caplog.records] == (
        ["a receiver of the signal 'after-revision' failed"] * 2
    )


def test_each_database_is_told_by_its_name(tmp_path: Path) -> None:
    project = new_project(
        tmp_path, USER + LOGS_MODEL, binds={"logs": str(sqlite_in(tmp_path, "logs"))}
    ).with_folder()
    project.script("a1", parameters="bind_key")

    with heard(project) as said:
        flask_migrations_ext.upgrade()

    databases = [f["database"] for name, f in said if name == "after_revision"]
    assert databases == ["", "logs"]
