"""``flask db identify``: a database that nobody knows is found in its history."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

import flask_migrations_ext as migrations
from flask_migrations_ext.errors import CannotReplay
from sample_app import create_app
from sample_app.extensions import db
from tests.apps import CREATE_USER
from tests.apps import DROP_USER
from tests.apps import new_project
from tests.apps import Project


def test_each_revision_of_the_sample_app_is_found(database_url: sa.URL) -> None:
    url = database_url.render_as_string(hide_password=False)
    app = create_app({"SQLALCHEMY_DATABASE_URI": url})
    with app.app_context():
        ids = [each.id for each in reversed(migrations.history())]
        if database_url.get_backend_name() != "sqlite":
            ids = ids[2:5:2]
        found = []
        for id in ids:
            migrations.upgrade(revision=id)
            with db.engine.begin() as connection:
                connection.execute(sa.text("DELETE FROM alembic_version"))
            found.append(migrations.identify()[0])
            migrations.stamp(revision=id)
        tables = sa.inspect(db.engine).get_table_names()
        with db.engine.begin() as connection:
            connection.execute(sa.text("CREATE INDEX by_hand ON author (name)"))
        (changed,) = migrations.identify()
        db.engine.dispose()

    assert [[each.id for each in one.exact] for one in found] == [[id] for id in ids]
    assert {one.said for one in found} == {()}
    assert "alembic_version" in tables
    assert changed.exact == ()
    assert changed.nearest is not None and changed.nearest.id == ids[-1]
    assert len(changed.differences) == 1 and "by_hand" in changed.differences[0]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = new_project(tmp_path).with_folder()
    project.script("a1", upgrade=CREATE_USER, downgrade=DROP_USER, message="users")
    project.script(
        "b2", "a1", upgrade="op.add_column('user', sa.Column('name', sa.String(80)))"
    )
    project.script("c3", "b2", upgrade="op.execute('UPDATE user SET name = 1')")
    return project


def test_what_create_all_has_made(project: Project) -> None:
    """Two revisions look the same: rows tell, and a person."""
    with project.app.app_context():
        project.app.extensions["sqlalchemy"].create_all()
    before = project.state()

    text = project.done("identify")

    assert text == (
        "The database has the tables of b2, c3, which differ by rows only:"
        " 'flask db stamp' takes the one whose rows are there.\n"
    )
    assert project.state() == before


def test_an_answer_is_a_command(project: Project) -> None:
    assert project.done("identify") == (
        "The database has no tables: run 'flask db upgrade'.\n"
    )
    assert not (project.folder / "shop.sqlite").exists()

    project.done("upgrade", "a1")
    assert "is at a1, as its version table says" in project.done("identify")

    project.done("stamp", "b2")
    text = project.done("identify")
    assert text == (
        "The database has the tables of a1 (users). To say so: flask db stamp --purge"
        " a1\n"
    )
    project.done(*text.split("flask db ")[1].split())
    assert project.version() == ["a1"]


def test_no_revision_matches(project: Project) -> None:
    project.sql("CREATE TABLE other (id INTEGER PRIMARY KEY)")

    text = project.refused("identify")

    assert "the nearest is an empty database" in text
    assert "drop table other" in text


def test_a_history_that_cannot_be_replayed(project: Project) -> None:
    project.script("d4", "c3", upgrade="op.drop_table('legacy')")
    project.sql("CREATE TABLE other (id INTEGER PRIMARY KEY)")

    text = project.refused("identify")

    assert "revision 'd4'" in text and "legacy" in text
    with project.app.app_context(), pytest.raises(CannotReplay) as caught:
        migrations.identify()
    assert caught.value.revision == "d4"


def test_an_answer_before_the_fault_is_one(project: Project) -> None:
    project.done("upgrade", "a1")
    project.script("d4", "c3", upgrade="op.drop_table('legacy')")

    assert "is at a1" in project.done("identify")
