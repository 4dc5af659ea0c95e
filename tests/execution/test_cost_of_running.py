"""Law: what a revision costs besides its own statements does not grow, and is little.

It is counted in calls of Python functions and in statements: both are the same on every
machine.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

import flask_migrations_ext
from flask_migrations_ext.errors import MigrationError
from tests.apps import new_project
from tests.apps import Project
from tests.autogenerate.test_growth import calls
from tests.autogenerate.test_growth import refuse_growth

UP = """
with op.batch_alter_table("{table}") as batch_op:
    batch_op.add_column(sa.Column("more_{place}", sa.Integer(), nullable=True))
    batch_op.create_index("by_more_{place}", ["more_{place}"])
"""
DOWN = """
with op.batch_alter_table("{table}") as batch_op:
    batch_op.drop_index("by_more_{place}")
    batch_op.drop_column("more_{place}")
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path / "app").with_folder()


def long_history(project: Project, count: int) -> None:
    """Write revisions: each fourth makes a table, those between add a column."""
    parent = None
    for place in range(count):
        table, up, down = f"made_{place - place % 4}", UP, DOWN
        if place % 4 == 0:
            up = 'op.create_table("{table}", sa.Column("id", sa.Integer()))'
            down = 'op.drop_table("{table}")'
        project.script(
            id := f"{place:04}",
            parent,
            upgrade=up.format(table=table, place=place),
            downgrade=down.format(table=table, place=place),
        )
        parent = id


@pytest.fixture
def said(project: Project) -> Counter[str]:
    """Count what SQLite is told, by its first two words; the driver's part as well."""
    counter: Counter[str] = Counter()

    def count(statement: str) -> None:
        counter[" ".join(statement.split()[:2])] += 1

    def note(driver: sqlite3.Connection, _record: object) -> None:
        driver.set_trace_callback(count)

    with project.app.app_context():
        sa.event.listen(engine_of(project), "connect", note)
    return counter


def engine_of(project: Project) -> sa.Engine:
    engine: sa.Engine = project.app.extensions["sqlalchemy"].engine
    return engine


def test_a_revision_costs_no_more_in_a_long_history(project: Project) -> None:
    up, down = [], []
    for size in (40, 80, 160):
        long_history(project, size)
        with project.app.app_context():
            up.append(calls(flask_migrations_ext.upgrade))
            down.append(calls(lambda: flask_migrations_ext.downgrade(revision="base")))

    refuse_growth(up)
    refuse_growth(down)
    assert (up[2] - up[1]) / 80 < 1900
    assert (down[2] - down[1]) / 80 < 2350


def test_the_version_table_costs_one_statement(
    project: Project, said: Counter[str]
) -> None:
    long_history(project, 40)
    with project.app.app_context():
        flask_migrations_ext.upgrade()

        assert said["UPDATE alembic_version"] == 39
        assert said["INSERT INTO"] == 1
        assert said["SELECT alembic_version.version_num"] <= 1
        said.clear()
        flask_migrations_ext.downgrade(revision="base")

    assert said["UPDATE alembic_version"] == 39
    assert said["DELETE FROM"] == 1
    assert said["SELECT alembic_version.version_num"] <= 3
    assert said["PRAGMA legacy_alter_table=0"] == 0


NOT_TO_RUN = """
open("ran", "w").close()
op.execute("CREATE TABLE d (b)")
"""


def test_it_is_read_again_where_another_connection_has_been(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder)
    project.script("1", upgrade='op.execute("CREATE TABLE a (b)")')
    project.script("2", "1", upgrade='op.execute("CREATE TABLE c (b)")')
    project.script("3", "2", upgrade=NOT_TO_RUN)
    with project.app.app_context():
        flask_migrations_ext.upgrade(revision="1")
        elsewhere = sqlite3.connect(str(project.url.database))

        def move(_connection: object) -> None:
            elsewhere.execute("UPDATE alembic_version SET version_num = '9'")
            elsewhere.commit()

        @sa.event.listens_for(engine_of(project), "after_cursor_execute")
        def wait(*arguments: object) -> None:
            # Of what is committed after the second revision.
            if "CREATE TABLE c" in str(arguments[2]):
                sa.event.listen(engine_of(project), "commit", move)

        with pytest.raises(MigrationError, match="9"):
            flask_migrations_ext.upgrade()
        elsewhere.close()

    assert not Path("ran").exists()


def test_it_is_read_again_where_a_script_has_written_to_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder)
    project.script("1", upgrade='op.execute("CREATE TABLE a (b)")')
    project.script(
        "2", "1", upgrade="op.execute(\"INSERT INTO alembic_version VALUES ('7')\")"
    )
    project.script("3", "2", upgrade=NOT_TO_RUN)
    with project.app.app_context():
        flask_migrations_ext.upgrade(revision="1")

        with pytest.raises(MigrationError) as info:
            flask_migrations_ext.upgrade()

    assert "7" in str(info.value)
    assert not Path("ran").exists()
