"""``status``: what is applied and what is pending, for people, programs and probes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_migrations_ext import status
from tests.apps import LOGS_MODEL
from tests.apps import new_project
from tests.apps import Project
from tests.apps import sqlite_in


@pytest.fixture
def branched(tmp_path: Path) -> Project:
    """Return a project with these revisions, and a database at ``c3``.

    ::

        a1 -- b2 (blue) -- d5
          \\-- c3 ---------/
    """
    project = new_project(tmp_path / "app").with_folder()
    project.script("a1", message="Begin")
    project.script("b2", "a1", labels=("blue",), message="To the left")
    project.script("c3", "a1", message="To the right")
    project.script("d5", ("b2", "c3"), message="Join")
    project.done("upgrade", "c3")
    return project


def test_each_revision_is_a_line(branched: Project) -> None:
    assert branched.done("status").splitlines() == [
        "[X] a1 (branchpoint) Begin",
        "[X] c3 (current) To the right",
        "[ ] b2 (blue) To the left",
        "[ ] d5 (blue) (head) (mergepoint) Join",
        "2 pending; run 'flask db upgrade'",
    ]

    branched.done("upgrade")
    lines = branched.done("status").splitlines()
    assert [line[:6] for line in lines[:4]] == ["[X] a1", "[X] c3", "[X] b2", "[X] d5"]
    assert lines[4:] == ["Nothing is pending."]


def test_what_is_pending_is_what_an_upgrade_runs(branched: Project) -> None:
    with branched.app.app_context():
        [found] = status().databases
    ran = branched.run("upgrade").err

    assert [each.entry.id for each in found.pending] == ["b2", "d5"]
    assert ran.index("-> b2") < ran.index("-> d5")
    assert "-> c3" not in ran


def test_check_ends_with_3_while_something_is_pending(branched: Project) -> None:
    assert branched.run("status", "--check").status == 3
    assert branched.run("status").status == 0

    branched.done("upgrade")
    assert branched.run("status", "--check").status == 0


def test_several_heads_are_advised_to_be_reached_together(branched: Project) -> None:
    (branched.versions / "d5.py").unlink()

    assert "1 pending; run 'flask db upgrade heads'" in branched.done("status")


def test_programs_read_json(branched: Project) -> None:
    [found] = json.loads(branched.done("status", "--format", "json"))["databases"]

    assert found["name"] == "default"
    assert found["at"] == ["c3"]
    assert found["heads"] == ["d5"]
    assert found["pending"] == ["b2", "d5"]
    applied = {each["id"]: each["is_applied"] for each in found["revisions"]}
    assert applied == {"a1": True, "c3": True, "b2": False, "d5": False}
    assert found["revisions"][2]["labels"] == ["blue"]


def test_below_a_revision_without_a_file_the_rest_cannot_be_told(
    branched: Project,
) -> None:
    branched.sql("UPDATE alembic_version SET version_num = 'gone'")
    ran = branched.run("status", "--check")

    assert ran.status == 1
    assert [line[:3] for line in ran.out.splitlines()[:4]] == ["[?]"] * 4
    assert "at 'gone', which no file has" in ran.out
    assert "revision 'gone', which no file has" in ran.err
    assert branched.run("status").status == 0
    [found] = json.loads(branched.done("status", "--format", "json"))["databases"]
    assert (found["unknown"], found["pending"]) == (["gone"], [])
    assert "pending" not in branched.run("current").err


def test_each_database_has_its_lines(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    logs = sqlite_in(folder, "logs").render_as_string()
    project = new_project(folder, models=LOGS_MODEL, binds={"logs": logs})
    project.with_folder().script("a1", parameters="bind_key")
    project.done("upgrade", "--bind", "logs")

    lines = project.done("status").splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "Database default",
        "[ ] a1 (head) Revision a1",
        "1 pending; run 'flask db upgrade'",
        "Database logs",
        "[X] a1 (head) (current) Revision a1",
        "Nothing is pending.",
    ]
    assert project.done("status", "--bind", "logs").startswith("Database logs: ")
    with project.app.app_context():
        assert not status().is_current
        assert status(bind="logs").is_current


def test_a_group_of_another_name_advises_its_own(tmp_path: Path) -> None:
    project = new_project(
        tmp_path / "app", arguments="command='schema'", group="schema"
    ).with_folder()

    assert "'flask schema migrate'" in project.done("status")
    project.script("a1")
    assert "run 'flask schema upgrade'" in project.done("status")


def test_looking_leaves_no_database_behind(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app").with_folder().chain("a1", "b2")

    assert project.run("status", "--check").status == 3
    assert not (project.folder / "shop.sqlite").exists()


def test_current_says_how_much_is_pending(branched: Project) -> None:
    ran = branched.run("current")

    assert ran.out == "c3 (current)\n"
    assert ran.err == "2 pending; run 'flask db upgrade'\n"
    branched.done("upgrade")
    assert branched.run("current").err == ""


# -- what it costs ---------------------------------------------------------


@contextmanager
def statements_of(project: Project) -> Iterator[list[str]]:
    """Yield what the app's default database is asked within the block."""
    said: list[str] = []

    def listen(*given: object) -> None:
        said.append(str(given[2]))

    with project.app.app_context():
        engine = project.app.extensions["sqlalchemy"].engines[None]
        sa.event.listen(engine, "before_cursor_execute", listen)
        yield said
        sa.event.remove(engine, "before_cursor_execute", listen)


@pytest.mark.parametrize("command", ["current", "upgrade"])
def test_a_database_at_its_head_is_asked_one_query(
    database_url: sa.URL, tmp_path: Path, command: str
) -> None:
    project = new_project(tmp_path / "app", url=database_url).with_folder()
    project.chain("a1", "b2", "c3").done("upgrade")

    with statements_of(project) as said:
        project.done(command)

    [query] = said
    assert query.startswith("SELECT alembic_version.version_num")


def test_an_empty_database_is_no_error(database_url: sa.URL, tmp_path: Path) -> None:
    """Its first answer is a refusal, which may end a transaction."""
    project = new_project(tmp_path / "app", url=database_url).with_folder()
    project.chain("a1", "b2")

    assert project.done("status").splitlines()[-1].startswith("2 pending")
    project.done("upgrade")
    assert project.version() == ["b2"]
