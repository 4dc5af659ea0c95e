"""``MIGRATE_DATABASE_URI``: migrations connect as another user than the app."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.apps import CREATE_USER
from tests.apps import DROP_USER
from tests.apps import LOGS_MODEL
from tests.apps import new_project
from tests.apps import Project
from tests.apps import sqlite_in

TEMPLATE_OF_FLASK_MIGRATE = """
from alembic import context
from flask import current_app

with current_app.extensions["migrate"].db.engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


@pytest.fixture
def poor_url(postgresql_url: sa.URL) -> Iterator[sa.URL]:
    """Return the database as a user reaches it who may not create anything."""
    name = f"poor_{uuid4().hex[:8]}"
    owner = sa.create_engine(postgresql_url, poolclass=NullPool)
    with owner.begin() as connection:
        connection.execute(sa.text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
        connection.execute(sa.text(f"CREATE ROLE {name} LOGIN PASSWORD 's3cr3t'"))
    yield postgresql_url.set(username=name, password="s3cr3t")
    with owner.begin() as connection:
        connection.execute(sa.text(f"DROP OWNED BY {name}"))
        connection.execute(sa.text(f"DROP ROLE {name}"))


def project_as(folder: Path, app: sa.URL, migrations: object) -> Project:
    if isinstance(migrations, sa.URL):
        migrations = migrations.render_as_string(hide_password=False)
    config = {"MIGRATE_DATABASE_URI": migrations}
    return new_project(folder, url=app, config=config).with_folder()


def test_migrations_may_do_what_the_app_may_not(
    poor_url: sa.URL, postgresql_url: sa.URL, tmp_path: Path
) -> None:
    project = project_as(tmp_path / "app", poor_url, None)
    project.script("a1", upgrade=CREATE_USER, downgrade=DROP_USER)
    assert "permission denied" in project.refused("upgrade")

    owner = postgresql_url.render_as_string(hide_password=False)
    project.app.config["MIGRATE_DATABASE_URI"] = owner
    project.done("upgrade")
    assert "(current)" in project.done("status")
    shown = f"Current revision(s) for {postgresql_url}:"
    assert shown in project.done("current", "-v")
    project.done("downgrade")


def test_the_session_of_a_script_is_the_connection_of_the_run(
    poor_url: sa.URL, postgresql_url: sa.URL, tmp_path: Path
) -> None:
    """Which has made a table that no other sees yet, and holds a lock on it."""
    project = project_as(tmp_path / "app", poor_url, postgresql_url)
    asks = (
        "from flask import current_app\n"
        "session = current_app.extensions['sqlalchemy'].session\n"
        "session.execute(sa.text('INSERT INTO \"user\" VALUES (1)'))\n"
        "session.commit()"
    )
    project.script("a1", upgrade=f"{CREATE_USER}\n{asks}", downgrade=DROP_USER)

    assert "the rest depends on what is in the database" in (
        project.done("upgrade", "--plan")
    )
    project.done("upgrade")
    owner = sa.create_engine(postgresql_url, poolclass=NullPool)
    with owner.connect() as connection:
        assert connection.scalar(sa.text('SELECT count(*) FROM "user"')) == 1


def test_an_env_py_that_connects_as_the_app_is_refused(
    poor_url: sa.URL, postgresql_url: sa.URL, tmp_path: Path
) -> None:
    project = project_as(tmp_path / "app", poor_url, postgresql_url).chain("a1")
    (project.migrations / "env.py").write_text(TEMPLATE_OF_FLASK_MIGRATE)

    message = project.refused("upgrade")
    assert "env.py connects as the app does" in message
    assert "context.targets()" in message


def test_databases_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    logs = sqlite_in(folder, "logs").render_as_string()
    others = {"logs": sqlite_in(folder, "other").render_as_string()}
    project = new_project(
        folder,
        models=LOGS_MODEL,
        binds={"logs": logs},
        config={"MIGRATE_DATABASE_URI": others},
    ).with_folder()
    project.script("a1", parameters="bind_key")
    project.done("upgrade")

    assert project.version() == ["a1"]
    assert (folder / "other.sqlite").exists()
    assert not (folder / "logs.sqlite").exists()


@pytest.mark.parametrize(
    "value, message",
    [
        (7, "takes a database URL"),
        ({"default": 7}, "takes a database URL"),
        ({"nope": "sqlite://"}, "names 'nope', which is none of the app's databases"),
        ("s3cr3t", "it should look like"),
        ("nope://u:s3cr3t@h/d", "does not know this kind of database"),
    ],
)
def test_what_cannot_be_used_is_refused(
    tmp_path: Path, value: object, message: str
) -> None:
    project = new_project(tmp_path / "app").with_folder().chain("a1")
    project.app.config["MIGRATE_DATABASE_URI"] = value

    refusal = project.refused("upgrade")
    assert "database_uri" in refusal
    assert message in refusal
    assert "s3cr3t" not in refusal
