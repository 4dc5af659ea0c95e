"""Apps without Flask-SQLAlchemy: Flask-SQLAlchemy-Lite, or SQLAlchemy alone."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import flask_migrate
import pytest
import sqlalchemy as sa

from flask_migrations_ext import MigrationError
from flask_migrations_ext import upgrade
from flask_migrations_ext.commands.reports import RunReport
from tests.apps import load_app
from tests.apps import Project
from tests.apps import sqlite_in

MODELS = """\
from pathlib import Path

import sqlalchemy as sa
from flask import current_app
from flask import Flask
from flask_migrations_ext import Migrate
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm import mapped_column


class Base(DeclarativeBase):
    pass


class LogsBase(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    id = mapped_column(sa.Integer, primary_key=True)


class Line(LogsBase):
    __tablename__ = "line"
    id = mapped_column(sa.Integer, primary_key=True)

{top}

def create_app():
    app = Flask("shop", root_path=str(Path(__file__).parent))
{body}
    return app
"""

THEIRS = str(Path(flask_migrate.__file__).parent / "templates" / "flask")

LITE = """
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy.pool import NullPool

db = SQLAlchemy(engine_options={"poolclass": NullPool})
"""


def project_of(folder: Path, body: str, top: str = "") -> Project:
    """Return the project of an app that is set up by some lines of code."""
    folder.mkdir()
    text = MODELS.format(top=top, body=indent(body, "    "))
    (folder / "shop.py").write_text(text)
    return Project(folder, load_app(folder), sqlite_in(folder, "shop"))


def tables(url: sa.URL) -> set[str]:
    engine = sa.create_engine(url)
    found = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    return found - {"alembic_version"}


# -- SQLAlchemy alone ------------------------------------------------------

ONE = {
    "an engine": "Migrate(app, engines=sa.create_engine(url), metadatas=Base.metadata)",
    "a URL and a base class": "Migrate(app, engines=url, metadatas=Base)",
    "functions that ask the app": "app.config['URL'] = url\n"
    "Migrate(app, engines=lambda: current_app.config['URL'], metadatas=lambda: Base)",
    "init_app": "Migrate(metadatas=Base).init_app(app, engines=url)",
    "the settings of the app": "app.config.update(MIGRATE_ENGINES=url,"
    " MIGRATE_METADATAS=Base)\nMigrate(app)",
}


@pytest.mark.parametrize("way", ONE)
def test_an_app_says_its_database_and_its_models(tmp_path: Path, way: str) -> None:
    url = sqlite_in(tmp_path / "app", "shop")
    project = project_of(tmp_path / "app", f"url = {str(url)!r}\n{ONE[way]}")
    project.with_folder()
    project.done("migrate", "--rev-id", "a1")
    project.done("upgrade")

    assert tables(url) == {"user"}
    project.done("check")
    assert project.done("current") == "a1 (head) (current)\n"
    # One database needs no telling apart.
    (written,) = project.versions.glob("a1_*.py")
    assert "bind_key" not in written.read_text()


def test_an_app_may_have_several_databases(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    urls = {name: str(sqlite_in(folder, name)) for name in ("default", "logs", "old")}
    project = project_of(
        folder,
        f"Migrate(app, engines={urls!r},"
        " metadatas={'default': Base, 'logs': [LogsBase]})",
    ).with_folder()
    project.done("migrate", "--rev-id", "a1")

    assert project.done("upgrade") == (
        "1 revision applied: the database is at a1 (head).\n"
        "[logs] 1 revision applied: the database is at a1 (head).\n"
    )
    assert tables(sqlite_in(folder, "logs")) == {"line"}
    assert not (folder / "old.sqlite").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "has no SQLAlchemy extension; call db.init_app(app)"),
        ("engines='sqlite://'", "Migrate(app, db, metadatas=Base.metadata)"),
        ("metadatas=Base", "Migrate(app, engines=…, metadatas=…)"),
        ("engines=3, metadatas=Base", "setting 'engines': takes an engine"),
        (
            "engines={'logs': 'sqlite://'}, metadatas=Base",
            "has models for the default database, which is none of the databases of"
            " the app: 'logs'",
        ),
        ("engines=lambda: {}, metadatas={}", "the app has no database to migrate"),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, arguments: str, message: str) -> None:
    project = project_of(tmp_path / "app", f"Migrate(app, {arguments})").with_folder()
    project.chain("a1")

    assert message in project.refused("upgrade")


# -- Flask-SQLAlchemy-Lite -------------------------------------------------


@pytest.fixture
def lite() -> None:
    pytest.importorskip("flask_sqlalchemy_lite")


def lite_project(folder: Path, engines: dict[str, str], migrate: str) -> Project:
    return project_of(
        folder,
        f"app.config['SQLALCHEMY_ENGINES'] = {engines!r}\ndb.init_app(app)\n{migrate}",
        LITE,
    )


@pytest.mark.usefixtures("lite")
@pytest.mark.parametrize("passed", ["app, db", "app"])
def test_flask_sqlalchemy_lite_has_the_engines(tmp_path: Path, passed: str) -> None:
    folder = tmp_path / "app"
    urls = {name: str(sqlite_in(folder, name)) for name in ("default", "logs")}
    project = lite_project(
        folder, urls, f"Migrate({passed}, metadatas={{None: Base, 'logs': LogsBase}})"
    ).with_folder()
    project.done("migrate", "--rev-id", "a1")
    project.done("upgrade")

    assert (project.tables("default"), project.tables("logs")) == ({"user"}, {"line"})
    project.done("check")
    project.done("downgrade", "--bind", "logs")
    assert (project.tables("default"), project.tables("logs")) == ({"user"}, set())


@pytest.mark.usefixtures("lite")
def test_it_has_no_models_and_that_is_said(tmp_path: Path) -> None:
    url = str(sqlite_in(tmp_path / "app", "shop"))
    project = lite_project(tmp_path / "app", {"default": url}, "Migrate(app, db)")
    message = project.with_folder().refused("migrate")

    assert "Migrate(app, db, metadatas=Base.metadata)" in message


@pytest.mark.usefixtures("lite")
@pytest.mark.parametrize("template", ["plain", THEIRS])
def test_metadata_that_was_hung_on_it_by_hand_counts(
    tmp_path: Path, template: str
) -> None:
    """Flask-Migrate works that way, and its folders go on."""
    url = str(sqlite_in(tmp_path / "app", "shop"))
    project = lite_project(
        tmp_path / "app",
        {"default": url},
        "db.metadata = Base.metadata\nMigrate(app, db)",
    ).with_folder(template)
    project.done("migrate")
    project.done("upgrade")

    assert project.tables("default") == {"user"}


def test_nothing_but_sqlalchemy_has_to_be_installed(tmp_path: Path) -> None:
    """Neither extension is imported by an app that has none."""
    url = str(sqlite_in(tmp_path / "app", "shop"))
    project = project_of(
        tmp_path / "app", f"Migrate(app, engines={url!r}, metadatas=Base)"
    ).with_folder()
    program = (
        "import sys\n"
        "for name in ('flask_sqlalchemy', 'flask_sqlalchemy_lite', 'greenlet'):\n"
        "    sys.modules[name] = None\n"
        "import shop, flask_migrations_ext\n"
        "with shop.create_app().app_context():\n"
        "    flask_migrations_ext.migrate(rev_id='a1')\n"
        "    flask_migrations_ext.upgrade()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=project.folder, capture_output=True
    )

    assert ran.returncode == 0, ran.stderr
    assert tables(sa.make_url(url)) == {"user"}


# -- asynchronous drivers --------------------------------------------------


def async_project(folder: Path, url: sa.URL, how: str) -> Project:
    text = repr(url.render_as_string(hide_password=False))
    bodies = {
        "Flask-SQLAlchemy-Lite": f"app.config['SQLALCHEMY_ASYNC_ENGINES'] = "
        f"{{'default': {text}}}\ndb.init_app(app)\nMigrate(app, db, metadatas=Base)",
        "an engine": "from sqlalchemy.ext.asyncio import create_async_engine\n"
        f"Migrate(app, engines=create_async_engine({text}), metadatas=Base)",
    }
    return project_of(folder, bodies[how], LITE if "Lite" in how else "")


@pytest.mark.usefixtures("lite")
@pytest.mark.parametrize("how", ["Flask-SQLAlchemy-Lite", "an engine"])
def test_an_asynchronous_engine_is_used_as_it_is(
    tmp_path: Path, postgresql_url: sa.URL, how: str
) -> None:
    project = async_project(tmp_path / "app", postgresql_url, how)
    project.with_folder("flask" if how == "an engine" else "plain")
    project.done("migrate", "--rev-id", "a1")
    project.done("upgrade")
    assert tables(postgresql_url) == {"user"}

    project.done("check")
    assert "CREATE TABLE" in project.done("upgrade", "--sql")
    project.script("a2", "a1", upgrade='op.execute("nonsense")')
    assert "failed" in project.refused("upgrade", changes=True)
    assert project.done("current") == "a1 (current)\n"
    project.done("downgrade")
    assert tables(postgresql_url) == set()


@pytest.mark.usefixtures("lite")
def test_it_cannot_be_waited_for_within_an_event_loop(
    tmp_path: Path, postgresql_url: sa.URL
) -> None:
    project = async_project(tmp_path / "app", postgresql_url, "an engine")
    project.with_folder().chain("a1")

    async def directly() -> RunReport:
        return upgrade()

    async def in_a_thread() -> RunReport:
        return await asyncio.to_thread(upgrade)

    with project.app.app_context():
        with pytest.raises(MigrationError, match="await asyncio.to_thread"):
            asyncio.run(directly())
        [run] = asyncio.run(in_a_thread()).databases

    assert run.after == ("a1",)
