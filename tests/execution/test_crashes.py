"""A run that is killed at any point is gone on with, as if nothing had been.

Each database is looked at after a clean run, and after one that was killed and run once
more: the same tables, the same rows, the same version, and no journal left.

``FLASK_MIGRATIONS_KILLS=all`` kills at every point; by default it is a sample.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.apps import new_project
from tests.apps import Project
from tests.execution.crashes import is_killed_at
from tests.execution.crashes import points_of

SAMPLE = 6

JOURNAL = "alembic_version_journal"

CREATE = """
op.create_table(
    "parent",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(20), index=True),
)
op.execute("INSERT INTO parent (id, name) VALUES (1, 'a')")
op.bulk_insert(sa.table("parent", sa.column("id")), [{"id": 2}, {"id": 3}])
op.create_table("gone", sa.Column("id", sa.Integer, primary_key=True))
"""

CHANGE = """
op.add_column("parent", sa.Column("size", sa.Integer))
op.execute("UPDATE parent SET size = id")
op.get_bind().execute(sa.text("INSERT INTO parent (id, size) VALUES (4, 4)"))
op.create_table(
    "child",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id", name="fk_parent")),
)
op.execute("INSERT INTO child SELECT id, id FROM parent")
with op.batch_alter_table("parent") as batch:
    batch.alter_column("name", type_=sa.String(40), existing_type=sa.String(20))
op.rename_table("gone", "kept")
op.drop_index("ix_parent_name", "parent")
"""

BLOCK = """
op.execute("INSERT INTO kept (id) VALUES (1)")
with op.get_context().autocommit_block():
    op.create_index("ix_size", "parent", ["size"]{concurrently})
    op.execute("INSERT INTO kept (id) VALUES (2)")
    op.get_bind().execute(sa.text("INSERT INTO kept (id) VALUES (3)"))
op.execute("INSERT INTO kept (id) VALUES (4)")
op.create_table("last", sa.Column("id", sa.Integer, primary_key=True))
op.execute("INSERT INTO last (id) SELECT id FROM kept")
"""

UNDO_CHANGE = """
op.create_index("ix_parent_name", "parent", ["name"])
op.rename_table("kept", "gone")
op.drop_table("child")
op.execute("DELETE FROM parent WHERE id = 4")
op.drop_column("parent", "size")
"""
UNDO_BLOCK = """
op.drop_table("last")
with op.get_context().autocommit_block():
    op.drop_index("ix_size", "parent")
op.execute("DELETE FROM kept")
"""


def written(folder: Path, url: sa.URL) -> Project:
    project = new_project(folder, url=url).with_folder()
    is_postgresql = url.get_backend_name() == "postgresql"
    concurrently = ", postgresql_concurrently=True" if is_postgresql else ""
    project.script("a1", upgrade=CREATE)
    project.script("a2", "a1", upgrade=CHANGE, downgrade=UNDO_CHANGE)
    project.script(
        "a3",
        "a2",
        upgrade=BLOCK.format(concurrently=concurrently),
        downgrade=UNDO_BLOCK,
    )
    return project


@pytest.fixture
def project(tmp_path: Path, database_url: sa.URL) -> Project:
    return written(tmp_path / "app", database_url)


def looks(project: Project) -> object:
    """Return all that a database holds, to be compared."""
    with project.app.app_context():
        engine = project.app.extensions["sqlalchemy"].engines[None]
        with engine.connect() as connection:
            found = {
                name: table_of(connection, name)
                for name in sorted(sa.inspect(connection).get_table_names())
            }
    # Killed when all was done but this, its table is empty; the next run drops it.
    if found.get(JOURNAL, (None,))[-1] == []:
        del found[JOURNAL]
    return found


def table_of(connection: sa.Connection, name: str) -> tuple[object, ...]:
    inspector = sa.inspect(connection)
    rows = connection.exec_driver_sql(f"SELECT * FROM {name}").all()
    return (
        [
            (each["name"], str(each["type"]), each["nullable"], each["default"])
            for each in inspector.get_columns(name)
        ],
        sorted(
            (str(each["name"]), str(each["column_names"]))
            for each in inspector.get_indexes(name)
        ),
        [each["referred_table"] for each in inspector.get_foreign_keys(name)],
        sorted(map(str, rows)),
    )


def cleared(project: Project) -> None:
    """Empty a database."""
    with project.app.app_context():
        engine = project.app.extensions["sqlalchemy"].engines[None]
        with engine.begin() as connection:
            names = sa.inspect(connection).get_table_names()
            for name in sorted(names, key=lambda each: each != "child"):
                connection.exec_driver_sql(f"DROP TABLE {name}")


def chosen(points: int) -> list[int]:
    if os.environ.get("FLASK_MIGRATIONS_KILLS") == "all":
        return list(range(1, points + 1))

    # Another sample each time, and one of which any can be tried again.
    return sorted(random.sample(range(1, points + 1), min(SAMPLE, points)))


def test_an_upgrade_that_is_killed_anywhere_is_gone_on_with(project: Project) -> None:
    points = points_of(project, "upgrade")
    clean = looks(project)
    for point in chosen(points):
        cleared(project)
        # The first run may come by one point more: it asks what later ones know.
        assert is_killed_at(point, project, "upgrade") or point == points, point
        ran = project.run("upgrade")
        assert ran.status == 0, (point, points, ran.err)
        assert looks(project) == clean, (point, points)


def test_a_downgrade_that_is_killed_anywhere_is_gone_on_with(project: Project) -> None:
    project.done("upgrade")
    points = points_of(project, "downgrade", "a1")
    clean = looks(project)
    for point in chosen(points):
        cleared(project)
        project.done("upgrade")
        killed = is_killed_at(point, project, "downgrade", "a1")
        assert killed or point == points, point
        ran = project.run("downgrade", "a1")
        assert ran.status == 0, (point, points, ran.err)
        assert looks(project) == clean, (point, points)
