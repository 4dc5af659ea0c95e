"""The plug-in for tests of an app: what is right passes, and each fault is caught."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.apps import CREATE_USER
from tests.apps import DROP_USER
from tests.apps import new_project
from tests.apps import Project
from tests.apps import sqlite_in
from tests.apps import USER
from tests.testing.projects import CONFTEST
from tests.testing.projects import Outcome
from tests.testing.projects import run_tests

READY = {
    "test_one_head",
    "test_upgrade_from_nothing",
    "test_models_match",
    "test_all_models_imported",
    "test_up_down_up",
    "test_downgrade_leaves_nothing",
    "test_scripts_compile_offline",
}

SAMPLE = """\
import os

import pytest
from sample_app import create_app

pytest_plugins = ["flask_migrations_ext.testing"]


@pytest.fixture
def app():
    return create_app({"SQLALCHEMY_DATABASE_URI": os.environ["SHOP_URL"]})
"""

SAMPLE_TESTS = """\
from sample_app.extensions import db
from sample_app.models import Author


def test_the_app_means_the_migrated_database(migrated_db, app):
    migrated_db.insert("author", {"name": "Ada"})
    with app.app_context():
        assert db.session.query(Author).one().name == "Ada"


def test_each_test_has_a_database_of_its_own(migrated_db):
    assert migrated_db.rows("author") == []
    migrated_db.insert("author", {"name": "Ada"})


def test_a_data_migration_with_rows(at_revision):
    shop = at_revision("5e83b9d2047c")
    shop.insert("customer", {"email": "a@example.org", "name": "Ada King"})
    shop.upgrade("+1")
    assert shop.rows("customer")[0]["last_name"] == "King"


def test_empty(migrator):
    assert [run.after for run in migrator.upgrade("1f0c9a7d3e52").databases] == [
        ("1f0c9a7d3e52",)
    ]
"""
SAMPLE_NAMES = {
    "test_the_app_means_the_migrated_database",
    "test_each_test_has_a_database_of_its_own",
    "test_a_data_migration_with_rows",
    "test_empty",
}


def test_the_sample_app_holds_on_every_database(
    tmp_path: Path, database_url: sa.URL
) -> None:
    (tmp_path / "conftest.py").write_text(SAMPLE, "utf-8")
    (tmp_path / "test_shop.py").write_text(SAMPLE_TESTS, "utf-8")
    url = database_url.render_as_string(hide_password=False)
    before = what_is_there(database_url)

    ran = run_tests(tmp_path, SHOP_URL=url)

    # Names are taken apart in Python: that is SQL text only where there is a database
    # in memory to ask.
    assert ran.of("FAILED") == ran.of("ERROR") == set(), ran.text
    assert ran.of("PASSED") | {"test_scripts_compile_offline"} == (READY | SAMPLE_NAMES)
    assert "not tested with rows" not in ran.text
    assert what_is_there(database_url) == before


def what_is_there(url: sa.URL) -> list[str]:
    """Return the tables of a database, which the tests are not to touch."""
    if url.get_backend_name() == "sqlite":
        return [str(Path(url.database or "").exists())]

    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    return sa.inspect(engine).get_table_names()


def test_what_is_migrated_once_is_copied(tmp_path: Path) -> None:
    """Within a run and by the next one, until a script changes."""
    project = new_project(tmp_path).with_folder()
    counted = "with open('runs', 'a') as file:\n    file.write('x')"
    project.script("a1", upgrade=f"{counted}\n{CREATE_USER}", downgrade=DROP_USER)
    (tmp_path / "conftest.py").write_text(
        CONFTEST.replace("testing", "testing.fixtures"), "utf-8"
    )
    (tmp_path / "test_own.py").write_text(
        "import pytest\n\n\n@pytest.mark.parametrize('n', range(3))\n"
        "def test_own(migrated_db, n):\n"
        "    migrated_db.insert('user', {'id': 1})\n"
        "    assert len(migrated_db.rows('user')) == 1\n"
    )
    runs = tmp_path / "runs"
    ran = run_tests(tmp_path)
    assert ran.tests == {"test_own": "PASSED"}, ran.text
    first = runs.read_text()
    ran_again = run_tests(tmp_path)
    second = runs.read_text()
    project.script("b2", "a1", upgrade=counted)
    run_tests(tmp_path)

    assert ran_again.tests == ran.tests
    assert (first, second, runs.read_text()) == ("x", "x", "xxx")
    # What is replaced is dropped.
    kept = list((tmp_path / ".pytest_cache" / "flask_migrations").glob("*.db"))
    assert len(kept) == 1


# -- faults ----------------------------------------------------------------

MODELS = """
class Person(db.Model):
    __table_args__ = (
        db.CheckConstraint("length(code) = 3 AND code <> 'abc'", name="code"),
        db.UniqueConstraint("is_admin", "born"),
    )
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(40), nullable=False)
    code = db.Column(db.String(8), nullable=False)
    kind = db.Column(db.Enum("new", "old", name="kind"), nullable=False)
    is_admin = db.Column(db.Boolean, nullable=False)
    born = db.Column(db.Date, nullable=False)
    boss_id = db.Column(db.ForeignKey("person.id"))


class Badge(db.Model):
    person_id = db.Column(db.ForeignKey("person.id"), primary_key=True)
    person = db.relationship(Person)
    number = db.Column(db.Numeric(6, 2), nullable=False, unique=True)
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An app with two tables that are made as the models say."""
    project = new_project(tmp_path, MODELS).with_folder()
    (tmp_path / "conftest.py").write_text(CONFTEST, "utf-8")
    project.done("migrate", "--rev-id", "a1", "-m", "people")
    return project


# Of a table as a person rebuilds it who has not thought of all rows.
COPY = """
op.execute("CREATE TABLE copy (person_id INTEGER NOT NULL, number NUMERIC(6, 2) NOT"
           " NULL, PRIMARY KEY (person_id), FOREIGN KEY(person_id) REFERENCES"
           " person (id), UNIQUE (number))")
op.execute("INSERT INTO copy SELECT person_id, number $ FROM badge"
           " ORDER BY person_id LIMIT 1")
op.drop_table("badge")
op.rename_table("copy", "badge")
"""


def caught(ran: Outcome, name: str, *words: str) -> None:
    assert ran.tests[name] == "FAILED", ran.text
    assert [word for word in words if word not in ran.text] == []


def test_a_history_without_faults(project: Project) -> None:
    project.script(
        "b2",
        "a1",
        upgrade="op.create_index('by_name', 'person', ['name'])",
        downgrade="op.drop_index('by_name', 'person')",
    )
    project.script("c3", "b2", downgrade="raise NotImplementedError")
    (project.folder / "shop.py").write_text(
        (project.folder / "shop.py")
        .read_text("utf-8")
        .replace(
            "db.UniqueConstraint(",
            "db.Index('by_name', 'name'),\n        db.UniqueConstraint(",
        )
    )

    ran = run_tests(project.folder)

    assert ran.of("FAILED") == ran.of("ERROR") == set(), ran.text
    assert READY - ran.of("PASSED") == {
        "test_downgrade_leaves_nothing",
        "test_scripts_compile_offline",
    }
    assert "revision 'c3' says that it cannot be undone" in ran.text
    assert "undone: 'c3', irreversible" in ran.text


def test_what_a_downgrade_leaves_and_what_revisions_lose(project: Project) -> None:
    """All faults are told in one run, each with revision, table and key."""
    project.script("b2", "a1", upgrade="op.create_index('i', 'person', ['name'])")
    project.script(
        "c3",
        "b2",
        upgrade=COPY.replace("$", ""),
        downgrade=COPY.replace("$", "").replace("LIMIT 1", ""),
    )
    project.script(
        "d4",
        "c3",
        upgrade="op.drop_column('person', 'kind')",  # with rows, it cannot come back
        downgrade="op.add_column('person',"
        " sa.Column('kind', sa.Enum('new', 'old', name='kind'), nullable=False))",
    )
    project.script(
        "e5",
        "d4",
        upgrade="op.add_column('badge', sa.Column('x', sa.Integer, nullable=False))",
        downgrade="op.drop_column('badge', 'x')",
    )

    ran = run_tests(project.folder, "-k", "up_down_up or leaves")

    caught(
        ran,
        "test_up_down_up",
        "revision 'b2', downgrade leaves a trace; to be as it was: ",
        "revision 'c3', upgrade with rows: table 'badge', person_id = 2: the row is",
        "revision 'd4', downgrade",
        "revision 'e5', upgrade with rows: upgrade of revision 'e5' failed",
    )
    assert "revision 'a1'" not in ran.text
    assert "revision 'b2', upgrade" not in ran.text
    # All tables go in the end, and what belongs to them.
    assert ran.tests["test_downgrade_leaves_nothing"] == "PASSED"


def test_a_value_that_a_revision_changes(project: Project) -> None:
    """Unless it says so: an UPDATE of its own is what it is for."""
    copy = COPY.replace("$", "{}").replace(" LIMIT 1", "")
    project.script("b2", "a1", upgrade="op.execute('UPDATE person SET name = 7')")
    project.script("c3", "b2", upgrade=copy.format("+ 1"), downgrade=copy.format("- 1"))

    ran = run_tests(project.folder, "-k", "up_down_up")

    caught(ran, "test_up_down_up", "table 'badge', person_id = 1: 'number' was ")
    assert "'b2'" not in ran.text


def test_heads_and_models(project: Project) -> None:
    project.script("b2", "a1")
    project.script("c3", "a1")
    folder = project.folder / "reports"
    folder.mkdir()
    (folder / "models.py").write_text(
        "from shop import db\n\n\nclass Report(db.Model):\n"
        "    id = db.Column(db.Integer, primary_key=True)\n"
    )
    text = (project.folder / "shop.py").read_text("utf-8")
    (project.folder / "shop.py").write_text(
        text.replace("db.String(40)", "db.String(50)")
    )

    ran = run_tests(project.folder)

    caught(ran, "test_one_head", "the history has 2 heads: 'b2' and 'c3'")
    caught(ran, "test_models_match", "person.name")
    caught(ran, "test_all_models_imported", "model 'Report' in ", "models.py, line 4")
    assert ran.tests["test_up_down_up"] == "PASSED"


def test_a_table_that_takes_no_row_is_named(tmp_path: Path) -> None:
    project = new_project(tmp_path, USER).with_folder()
    (tmp_path / "conftest.py").write_text(CONFTEST, "utf-8")
    condition = "code LIKE 'a%z' AND length(code) = 9 AND substr(code, 3, 1) = 'q'"
    project.script(
        "a1",
        upgrade=f"""
            op.create_table("user", sa.Column("id", sa.Integer, primary_key=True),
                            sa.Column("name", sa.String(80)))
            op.create_table("odd", sa.Column("code", sa.String(9), nullable=False),
                            sa.CheckConstraint({condition!r}, name="secret"))
            """,
        downgrade="op.drop_table('odd')\nop.drop_table('user')",
    )

    ran = run_tests(tmp_path, "-k", "up_down_up")
    with (tmp_path / "conftest.py").open("a", encoding="utf-8") as file:
        file.write(
            "\n\n@pytest.fixture(scope='session')\ndef migrations_values():\n"
            "    return {'odd': {'code': ['abqdefghz']}}\n"
        )
    helped = run_tests(tmp_path, "-k", "up_down_up")

    assert ran.tests == helped.tests == {"test_up_down_up": "PASSED"}, ran.text
    assert "in table 'odd' (" in ran.text
    assert "secret" in ran.text
    assert "not tested with rows" not in helped.text


# -- other extensions, other ways ------------------------------------------

LITE = """
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy_lite import SQLAlchemy
from pathlib import Path
from sqlalchemy.orm import DeclarativeBase, mapped_column

from flask_migrations_ext import Migrate


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    id = mapped_column(sa.Integer, primary_key=True)


{set_up}
"""

WITH_LITE = """
db = SQLAlchemy()


def create_app():
    app = Flask("shop", root_path=str(Path(__file__).parent))
    app.config["SQLALCHEMY_ENGINES"] = {{"default": {url!r}}}
    db.init_app(app)
    Migrate(app, metadatas=Base)
    return app


def count(app, migrated_db):
    with app.app_context():
        return db.session.execute(sa.select(sa.func.count(User.id))).scalar()
"""

WITHOUT = """
def create_app():
    app = Flask("shop", root_path=str(Path(__file__).parent))
    Migrate(app, engines={url!r}, metadatas=Base)
    return app


def count(app, migrated_db):
    with migrated_db.engine.connect() as connection:
        return connection.execute(sa.select(sa.func.count(User.id))).scalar()
"""


@pytest.mark.parametrize("set_up", [WITH_LITE, WITHOUT], ids=["lite", "alone"])
def test_apps_without_flask_sqlalchemy(tmp_path: Path, set_up: str) -> None:
    url = sqlite_in(tmp_path, "never")
    (tmp_path / "shop.py").write_text(
        LITE.format(set_up=set_up.format(url=str(url))), "utf-8"
    )
    (tmp_path / "conftest.py").write_text(CONFTEST, "utf-8")
    (tmp_path / "test_own.py").write_text(
        "from shop import count\n\n\n"
        "def test_own(app, migrated_db):\n"
        "    migrated_db.insert('user', {'id': 1})\n"
        "    assert count(app, migrated_db) == 1\n"
    )
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions / "a1.py").write_text(
        "import sqlalchemy as sa\nfrom flask_migrations_ext import op\n"
        "revision = 'a1'\ndown_revision = None\n"
        "def upgrade():\n"
        "    op.create_table('user', sa.Column('id', sa.Integer, primary_key=True))\n"
        "def downgrade():\n    op.drop_table('user')\n"
    )

    ran = run_tests(tmp_path, "-n", "2")

    assert ran.of("PASSED") == {*READY, "test_own"}, ran.text
    assert not (tmp_path / "never.sqlite").exists()


def test_an_env_file_with_a_database_of_its_own_is_stopped(project: Project) -> None:
    """Its database is not the tests' to change."""
    project.env(
        f"""
        import sqlalchemy as sa
        from flask_migrations_ext import context

        engine = sa.create_engine({str(sqlite_in(project.folder, "own"))!r})
        with engine.connect() as connection:
            context.configure(connection=connection)
            context.run_migrations()
        """
    )

    ran = run_tests(project.folder, "-k", "from_nothing or up_down_up")

    assert ran.of("PASSED") == set()
    assert "own.sqlite, which is no scratch database" in ran.text
    engine = sa.create_engine(sqlite_in(project.folder, "own"))
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
