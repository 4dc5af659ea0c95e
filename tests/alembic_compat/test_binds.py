"""Folders of Flask-Migrate's template for several databases: what fails there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa

from tests.apps import LOGS_MODEL
from tests.apps import new_project
from tests.apps import Project
from tests.apps import SET_UP
from tests.apps import sqlite_in
from tests.apps import USER
from tests.databases.servers import Server

TEMPLATE = Path(flask_migrate.__file__).parent / "templates" / "flask-multidb"

DASHED_MODEL = """
class Visit(db.Model):
    __bind_key__ = "my-visits"
    id = db.Column(db.Integer, primary_key=True)
"""

# Flask-SQLAlchemy's, which that env.py asks first.
pytestmark = pytest.mark.filterwarnings("ignore:'get_engine' is deprecated")


def with_binds(folder: Path, models: str, *keys: str, **config: object) -> Project:
    """Return the project of an app with these binds."""
    binds = {key: str(sqlite_in(folder, key)) for key in keys}
    return new_project(folder, models, binds=binds, config=config)


def written(folder: Path, models: str, *keys: str) -> Project:
    project = with_binds(folder, models, *keys)
    return project.with_folder(str(TEMPLATE))


def disposed(project: Project) -> None:
    """Close the connections that the app keeps to its binds."""
    with project.app.app_context():
        for engine in project.app.extensions["sqlalchemy"].engines.values():
            engine.dispose()


def migrated(project: Project, rev_id: str) -> str:
    """Write a revision and apply it; return its text."""
    project.done("migrate", "-m", "new", "--rev-id", rev_id)
    project.done("upgrade")
    project.done("check")
    return (project.versions / f"{rev_id}_new.py").read_text()


def test_a_dashed_name_becomes_a_function_that_is_found(tmp_path: Path) -> None:
    project = written(tmp_path / "app", USER + DASHED_MODEL, "my-visits", "my_visits")
    text = migrated(project, "a1")

    assert "def upgrade_my_visits_():" in text
    assert 'globals()["upgrade_my-visits"] = upgrade_my_visits' in text
    assert project.tables("my-visits") == {"visit"}
    assert project.tables() == {"user"}
    project.done("downgrade", "--bind", "my-visits")
    assert (project.version(), project.version("my-visits")) == (["a1"], [])


def test_flask_migrate_runs_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = written(tmp_path / "app", USER + DASHED_MODEL, "my-visits")
    migrated(project, "a1")
    disposed(project)
    for name in ("shop", "my-visits"):
        (project.folder / f"{name}.sqlite").unlink()
    shop = project.folder / "shop.py"
    shop.write_text(shop.read_text().replace("flask_migrations_ext", "flask_migrate"))
    ran = project.flask("db", "upgrade")

    assert ran.status == 0, ran.err
    assert project.tables("my-visits") == {"visit"}


def test_a_bind_that_is_added_later_passes_the_revisions_before(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "app"
    migrated(written(folder, USER + LOGS_MODEL, "logs"), "a1")
    project = with_binds(folder, USER + LOGS_MODEL + DASHED_MODEL, "logs", "my-visits")
    assert "is behind: it lacks 'a1'" in project.refused("migrate", changes=True)
    project.done("upgrade")
    migrated(project, "a2")
    assert project.tables("my-visits") == {"visit"}

    # And on a new set of databases, from the start and back.
    disposed(project)
    for name in ("shop", "logs", "my-visits"):
        (folder / f"{name}.sqlite").unlink()
    project.done("upgrade")
    assert project.tables("logs") == {"line"}
    project.done("downgrade", "base")
    assert project.tables("my-visits") == set()


def test_without_env_py_its_revisions_go_on(tmp_path: Path) -> None:
    """Each bind is then a database of its own."""
    project = written(tmp_path / "app", USER + LOGS_MODEL, "logs")
    migrated(project, "a1")
    (project.migrations / "env.py").unlink()
    project.done("downgrade", "base", "--bind", "logs")

    assert (project.tables(), project.tables("logs")) == ({"user"}, set())
    assert project.done("upgrade") == (
        "Nothing to upgrade: the database is at a1 (head).\n"
        "[logs] 1 revision applied: the database is at a1 (head).\n"
    )

    disposed(project)
    longer = USER + LOGS_MODEL + "    later = db.Column(db.Integer)\n"
    project = with_binds(tmp_path / "app", longer, "logs")
    text = migrated(project, "a2")
    assert "later" in text.partition("def upgrade_logs")[2].partition("\ndef ")[0]
    assert project.rows("SELECT later FROM line", "logs") == []


def test_binds_come_to_a_folder_for_one_database(tmp_path: Path) -> None:
    """Its env.py knows of one only, which is said; without it, all take part."""
    folder = tmp_path / "app"
    project = new_project(folder).with_folder(str(TEMPLATE.with_name("flask")))
    migrated(project, "a1")
    project = with_binds(folder, USER + LOGS_MODEL, "logs")
    ran = project.run("migrate")
    assert "Database 'logs' has models, but env.py does not run on it" in ran.err

    (project.migrations / "env.py").unlink()
    project.done("upgrade")
    text = migrated(project, "a2")
    assert "def upgrade(bind_key: str | None):" in text
    assert (project.tables(), project.tables("logs")) == ({"user"}, {"line"})


def test_an_app_with_binds_only_is_told_to_do_without_env_py(tmp_path: Path) -> None:
    project = with_binds(
        tmp_path / "app", LOGS_MODEL, "logs", SQLALCHEMY_DATABASE_URI=None
    ).with_folder(str(TEMPLATE))
    message = project.refused("upgrade")
    assert "the default database of the app, which has binds only" in message

    shutil.rmtree(project.migrations)
    project.with_folder()
    project.done("migrate")
    project.done("upgrade")
    assert project.tables("logs") == {"line"}


def test_two_binds_with_one_url_are_refused_and_do_not_hang(
    tmp_path: Path, postgresql_server: Server, postgresql_url: sa.URL
) -> None:
    url = postgresql_url.render_as_string(hide_password=False)
    project = new_project(
        tmp_path / "app",
        USER + LOGS_MODEL,
        url=url,
        binds={"logs": url},
    ).with_folder(str(TEMPLATE))
    message = project.refused("upgrade")
    assert "Two binds with one URL are one database" in message
    assert (postgresql_url.password or "?") not in message

    shutil.rmtree(project.migrations)
    project.with_folder()
    project.done("migrate")
    project.done("upgrade")
    assert project.tables() == {"user", "line"}
    disposed(project)


def test_two_databases_in_memory_are_two(tmp_path: Path) -> None:
    project = new_project(
        tmp_path / "app",
        USER + LOGS_MODEL,
        url="sqlite://",
        binds={"logs": "sqlite://"},
        config={"SQLALCHEMY_ENGINE_OPTIONS": {}},
    ).with_folder(str(TEMPLATE))
    migrated(project, "a1")

    assert (project.tables(), project.tables("logs")) == ({"user"}, {"line"})
    disposed(project)


# -- its transactions, on SQLite -------------------------------------------

FOREIGN_KEYS_ON = """
def switch_foreign_keys_on(connection, record):
    connection.execute("PRAGMA foreign_keys=ON")
"""

LISTENING = """
with app.app_context():
    for engine in db.engines.values():
        sa.event.listen(engine, "connect", switch_foreign_keys_on)
"""

PARENT_AND_CHILD = """
op.create_table(
    "author",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(10)),
)
op.create_table(
    "book",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("author_id", sa.Integer, sa.ForeignKey("author.id", ondelete="CASCADE")),
)
op.execute("INSERT INTO author (id) VALUES (1)")
op.execute("INSERT INTO book (id, author_id) VALUES (1, 1), (2, 1)")
"""

REBUILD = """
with op.batch_alter_table("author") as batch_op:
    batch_op.alter_column("name", type_=sa.Text(), nullable=True)
    batch_op.drop_column("name")
"""


@pytest.fixture
def rebuilding(tmp_path: Path) -> Iterator[Project]:
    """Return a project that rebuilds a table which others point to, in both."""
    folder = tmp_path / "app"
    project = new_project(
        folder,
        "import sqlalchemy as sa\n" + FOREIGN_KEYS_ON + USER + LOGS_MODEL,
        binds={"logs": str(sqlite_in(folder, "logs"))},
        # As apps have it: a connection outlives its command.
        config={"SQLALCHEMY_ENGINE_OPTIONS": {}},
        set_up=SET_UP + LISTENING,
    ).with_folder(str(TEMPLATE))
    for id, parent, upgrade in (("a1", None, PARENT_AND_CHILD), ("a2", "a1", REBUILD)):
        project.script(id, parent, parameters="engine_name", upgrade=upgrade)
    yield project
    disposed(project)


@pytest.mark.parametrize("targets", [["a1", "a2"], ["a2"]])
def test_a_rebuild_in_its_transaction_loses_no_row(
    rebuilding: Project, targets: list[str]
) -> None:
    project = rebuilding
    for target in targets:
        ran = project.run("upgrade", target)
        assert ran.status == 0, ran.err
        assert ran.err.count("-> a2") <= 2  # once for each

    for key in (None, "logs"):
        assert project.rows("SELECT id, author_id FROM book", key) == [(1, 1), (2, 1)]
        assert project.rows("SELECT * FROM author", key) == [(1,)]
        assert project.version(key) == ["a2"]
        # The app gets its connection back as it was.
        assert project.rows("PRAGMA foreign_keys", key) == [(1,)]


def test_a_rebuild_that_leaves_rows_without_a_parent_is_rolled_back(
    rebuilding: Project,
) -> None:
    rebuilding.script(
        "a2",
        "a1",
        parameters="engine_name",
        upgrade=f"{REBUILD}\nop.execute('DELETE FROM author')",
    )
    rebuilding.done("upgrade", "a1")
    message = rebuilding.refused("upgrade", changes=True)

    assert "would point to rows that do not exist" in message
    assert rebuilding.rows("SELECT * FROM author", "logs") == [(1, None)]
    assert rebuilding.rows("PRAGMA foreign_keys") == [(1,)]
    assert rebuilding.version() == ["a1"]


def test_when_one_fails_the_other_is_as_before(rebuilding: Project) -> None:
    """Its tables, too: with Flask-Migrate they would be half changed."""
    rebuilding.script(
        "a1",
        parameters="engine_name",
        upgrade=f"{PARENT_AND_CHILD}\nif engine_name:\n    op.execute('nonsense')",
    )
    message = rebuilding.refused("upgrade", "a1", changes=True)

    assert "failed in database 'logs'" in message
    assert "the default database: what ran there is env.py's" in message
    assert (rebuilding.tables(), rebuilding.tables("logs")) == (set(), set())
    assert (rebuilding.version(), rebuilding.version("logs")) == ([], [])
