"""``db.session`` and models in a script, before and after changes of tables."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_migrations_ext import upgrade
from tests.apps import new_project
from tests.apps import Project

MODELS = """
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80))


# Models are known by weak references.
db.user = User
"""

DB = """from flask import current_app
db = current_app.extensions["sqlalchemy"]
User = db.user
"""

CREATE = (
    'op.create_table("user", sa.Column("id", sa.Integer, primary_key=True),'
    ' sa.Column("name", sa.String(80)))\n'
)


@pytest.fixture
def project(tmp_path: Path, database_url: sa.URL) -> Project:
    return new_project(tmp_path / "app", MODELS, url=database_url).with_folder()


def names(project: Project) -> list[str]:
    engine = sa.create_engine(project.url)
    with engine.connect() as connection:
        user = sa.table("user", sa.column("name"))
        result = list(connection.execute(sa.select(user.c.name)).scalars())
    engine.dispose()
    return result


SCRIPTS = {
    "after": CREATE + 'db.session.add(User(name="a"))\ndb.session.commit()',
    "before": CREATE
    + 'db.session.add(User(name="a"))\ndb.session.commit()\n'
    + 'op.add_column("user", sa.Column("age", sa.Integer))',
    "between": CREATE
    + 'db.session.add(User(name="b"))\ndb.session.commit()\n'
    + 'op.add_column("user", sa.Column("age", sa.Integer))\n'
    + 'assert User.query.count() == 1\nUser.query.one().name = "a"\n'
    + 'db.session.commit()\nop.create_index("ix", "user", ["age"])',
    "queries": CREATE
    + 'db.session.execute(sa.insert(User).values(name="a"))\n'
    + "assert db.session.scalars(sa.select(User.name)).all() == ['a']\n"
    + "db.session.commit()",
    "left open": CREATE
    + "assert User.query.all() == []\n"
    + 'op.add_column("user", sa.Column("age", sa.Integer))\n'
    + 'db.session.add(User(name="a"))\ndb.session.commit()',
    "rolled back": CREATE
    + 'db.session.add(User(name="b"))\ndb.session.flush()\ndb.session.rollback()\n'
    + 'db.session.add(User(name="a"))\ndb.session.commit()',
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_session_uses_the_connection_of_the_migration(
    project: Project, script: str
) -> None:
    project.script("a1", upgrade=DB + SCRIPTS[script])
    ran = project.run("upgrade")

    if script == "rolled back" and project.url.get_backend_name() in (
        "mysql",
        "mariadb",
    ):
        # A change of a table ends savepoints there, so that the session has none.
        assert "the script rolled back" in ran.err
        return

    assert ran.status == 0, ran.err
    assert names(project) == ["a"]


def test_what_it_has_done_is_undone_with_a_failed_revision(
    project: Project,
) -> None:
    project.script("a1", upgrade=CREATE)
    project.script(
        "b2",
        "a1",
        upgrade=DB + 'db.session.add(User(name="a"))\ndb.session.commit()\n1 / 0',
    )
    assert project.run("upgrade").status == 1

    assert names(project) == []


def test_a_session_of_the_caller_is_given_back(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", MODELS).with_folder()
    project.script(
        "a1", upgrade=DB + CREATE + "db.session.execute(sa.text('SELECT 1'))"
    )
    with project.app.app_context():
        db = project.app.extensions["sqlalchemy"]
        mine = db.session()
        upgrade()

        assert db.session() is mine
        db.session.remove()
