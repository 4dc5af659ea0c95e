"""How far a run is: told to who listens, while it goes on."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import flask_migrations_ext
from flask_migrations_ext.execution.steps.progress import listening
from flask_migrations_ext.execution.steps.runnable import RunnableStep
from flask_migrations_ext.portion import Portion
from tests.apps import new_project

NUMBERS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {0})"
    " INSERT INTO member SELECT i, 'name ' || i FROM n"
)
CREATE = (
    'op.create_table("member", sa.Column("id", sa.Integer, primary_key=True),'
    ' sa.Column("name", sa.String(80)))'
)
# As slow as a table with very many rows would be.
SLOW = """
CREATE FUNCTION slowly(i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_sleep(0.02); RETURN i; END $$
"""


class Heard:
    """Keeps what it is told, and then fails."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, float]] = []
        self.portions: list[Portion] = []

    def finished(self, step: RunnableStep, seconds: float) -> None:
        self.steps.append((step.id, seconds))
        raise ValueError("nobody is to mind")

    def advanced(self, portion: Portion) -> None:
        self.portions.append(portion)
        raise ValueError("nobody is to mind")


def upgrade(app: Any) -> Heard:
    heard = Heard()
    with app.app_context(), listening(heard):
        flask_migrations_ext.upgrade()
    return heard


def test_a_rebuild_tells_how_many_rows_it_has_copied(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app").with_folder()
    project.script("a1", upgrade=CREATE)
    project.done("upgrade")
    project.sql(NUMBERS.format(700_000))
    project.script(
        "a2", "a1", upgrade='op.alter_column("member", "name", nullable=False)'
    )
    project.script("a3", "a2")

    heard = upgrade(project.app)

    assert [each for each, _ in heard.steps] == ["a2", "a3"]
    assert all(seconds >= 0 for _, seconds in heard.steps)
    assert {(each.what, each.total, each.unit) for each in heard.portions} == {
        ("rebuild of table member", 700_000, "rows")
    }
    done = [each.done for each in heard.portions]
    assert all(a <= b for a, b in pairwise(done))
    assert 0 < done[0] <= done[-1] <= 700_000
    assert project.rows("SELECT count(*) FROM member") == [(700_000,)]


def test_postgresql_shows_how_far_an_index_is(
    tmp_path: Path, postgresql_url: sa.URL
) -> None:
    project = new_project(tmp_path / "app", url=postgresql_url).with_folder()
    project.script("a1", upgrade=CREATE)
    project.done("upgrade")
    project.sql(SLOW)
    project.sql("INSERT INTO member SELECT i, 'x' FROM generate_series(1, 120) AS i")
    project.script(
        "a2",
        "a1",
        upgrade='op.create_index("ix", "member", [sa.text("slowly(id)")])',
    )

    heard = upgrade(project.app)

    assert [each for each, _ in heard.steps] == ["a2"]
    assert heard.portions
    assert {each.what.partition(",")[0] for each in heard.portions} == {"index ix"}
    assert all(0 <= each.done <= each.total for each in heard.portions)


def test_what_is_no_loop_is_not_told(tmp_path: Path) -> None:
    """A statement of a script's own is none of ours to explain."""
    project = new_project(tmp_path / "app").with_folder()
    project.script("a1", upgrade=CREATE)
    project.script("a2", "a1", upgrade='op.execute("SELECT 1")')

    assert upgrade(project.app).portions == []
