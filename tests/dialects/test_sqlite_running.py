"""``flask db upgrade`` rebuilds tables on SQLite, however the app connects to it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.apps import new_project
from tests.apps import Project

START = '''
for statement in """
    CREATE TABLE author (id INTEGER PRIMARY KEY, name VARCHAR(80), up INTEGER
        REFERENCES author (id) ON DELETE CASCADE);
    CREATE TABLE book (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL
        REFERENCES author (id) ON DELETE CASCADE);
    CREATE TABLE talk (id INTEGER PRIMARY KEY, author_id INTEGER
        REFERENCES author (id) ON DELETE SET NULL);
    CREATE INDEX by_name ON author (name);
    CREATE VIEW names AS SELECT name FROM author;
    INSERT INTO author VALUES (1, 'Ann', NULL), (2, 'Bob', 1);
    INSERT INTO book VALUES (1, 1), (2, 2), (3, 2);
    INSERT INTO talk VALUES (1, 1), (2, NULL)
""".split(";"):
    op.execute(statement)
'''
ALTER = 'op.alter_column("author", "name", existing_type=sa.String(80), nullable=False)'
SCRIPTS = {
    "without a block": f"""
        {ALTER}
        op.create_check_constraint("named", "author", "name <> ''")
    """,
    "with a block": """
        with op.batch_alter_table("author") as batch:
            batch.alter_column("name", existing_type=sa.String(80), nullable=False)
            batch.create_check_constraint("named", "name <> ''")
    """,
}
ROWS = (
    "SELECT 'a', id, up FROM author UNION ALL SELECT 'b', id, author_id FROM book"
    " UNION ALL SELECT 't', id, author_id FROM talk ORDER BY 1, 2"
)
FOUND = [
    ("a", 1, None),
    ("a", 2, 1),
    ("b", 1, 1),
    ("b", 2, 2),
    ("b", 3, 2),
    ("t", 1, 1),
    ("t", 2, None),
]

LISTENERS = """
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

{options}
db.init_app(app)
migrate.init_app(app, db)
with app.app_context():
    engine = db.engine

@sa.event.listens_for(engine, "connect")
def connected(driver, _record):
    {connected}
    driver.execute("PRAGMA foreign_keys=ON")

{begun}
"""
BEGIN = """
@sa.event.listens_for(engine, "begin")
def begun(connection):
    connection.exec_driver_sql("BEGIN{how}")
"""


def set_up(options: str = "", connected: str = "pass", begun: str = "") -> str:
    """Return how an app connects, always with foreign keys on."""
    return LISTENERS.format(options=options, connected=connected, begun=begun)


def engine_options(text: str) -> str:
    return f"app.config['SQLALCHEMY_ENGINE_OPTIONS'] = {text}"


BY_EVENT = "driver.isolation_level = None"
IN_MEMORY = "app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite://'\n" + engine_options(
    "{'poolclass': StaticPool}"
)
APPS = {
    "as it is": set_up(),
    "with the pool of a default": set_up(engine_options("{}")),
    "begun by events": set_up(connected=BY_EVENT, begun=BEGIN.format(how="")),
    "begun exclusively": set_up(
        connected=BY_EVENT, begun=BEGIN.format(how=" EXCLUSIVE")
    ),
    "autocommit": set_up(engine_options("{'isolation_level': 'AUTOCOMMIT'}")),
    "in memory": set_up(IN_MEMORY),
    "in memory, begun by events": set_up(
        IN_MEMORY, connected=BY_EVENT, begun=BEGIN.format(how="")
    ),
    "in WAL mode": set_up(connected="driver.execute('PRAGMA journal_mode=WAL')"),
    "with old renames": set_up(
        connected="driver.execute('PRAGMA legacy_alter_table=ON')"
    ),
}


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[str], Project]]:
    """Return what makes a project with its first revision applied."""
    made = []

    def make(app: str) -> Project:
        project = new_project(tmp_path / "app", "", set_up=app).with_folder()
        made.append(project)
        project.script("a1", upgrade=START)
        project.done("upgrade")

        return project

    yield make
    for project in made:
        with project.app.app_context():
            project.app.extensions["sqlalchemy"].engine.dispose()


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
@pytest.mark.parametrize("app", APPS.values(), ids=APPS)
def test_an_upgrade_keeps_all_rows(
    app: str, script: str, make: Callable[[str], Project]
) -> None:
    project = make(app)
    project.script("a2", "a1", upgrade=script)
    project.done("upgrade")

    assert project.rows(ROWS) == FOUND
    assert project.version() == ["a2"]
    (text,) = project.rows("SELECT sql FROM sqlite_master WHERE name = 'author'")[0]
    assert "name VARCHAR(80) NOT NULL" in text
    assert "named" in text
    assert project.rows("PRAGMA foreign_keys") == [(1,)]
    # What the app meant to cascade still does.
    project.sql("DELETE FROM author WHERE id = 1")
    assert project.rows(ROWS) == [("t", 1, None), ("t", 2, None)]


@pytest.mark.parametrize("app", APPS.values(), ids=APPS)
def test_an_upgrade_that_fails_after_a_rebuild_leaves_no_trace(
    app: str, make: Callable[[str], Project]
) -> None:
    project = make(app)
    before = project.rows("SELECT * FROM sqlite_master")
    project.script("a2", "a1", upgrade=f"{ALTER}\nop.execute('no such words')")
    message = project.refused("upgrade", changes=True)

    assert "rolled back and left no trace: the database is at a1" in message
    assert project.rows("SELECT * FROM sqlite_master") == before
    assert project.rows(ROWS) == FOUND
    assert project.rows("PRAGMA foreign_keys") == [(1,)]


def test_a_reader_in_wal_mode_goes_on_reading_what_was(
    make: Callable[[str], Project],
) -> None:
    project = make(APPS["in WAL mode"])
    project.script("a2", "a1", upgrade=SCRIPTS["without a block"])
    with closing(sqlite3.connect(str(project.url.database))) as reader:
        reader.execute("BEGIN")
        assert reader.execute(ROWS).fetchall() == FOUND
        project.done("upgrade")

        sql = "SELECT sql FROM sqlite_master WHERE name = 'author'"
        assert "NOT NULL" not in reader.execute(sql).fetchone()[0]
        assert reader.execute(ROWS).fetchall() == FOUND
        reader.execute("COMMIT")
        assert "NOT NULL" in reader.execute(sql).fetchone()[0]


@contextmanager
def another(path: str | None, statements: str) -> Iterator[None]:
    """Have another process hold a lock of a database."""
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.executescript(sys.argv[2]); c.execute('SELECT * FROM author').fetchone();"
        "print('there', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path), statements],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"there"
        yield
        process.communicate()


@pytest.mark.parametrize("lock", ["BEGIN IMMEDIATE", "BEGIN"], ids=["write", "read"])
def test_a_locked_database_is_told_and_left_alone(
    lock: str, make: Callable[[str], Project]
) -> None:
    impatient = engine_options("{'connect_args': {'timeout': 0.01}}")
    project = make(set_up(impatient))
    project.script("a2", "a1", upgrade=SCRIPTS["without a block"])
    with another(project.url.database, lock):
        message = project.refused("upgrade", "--no-wait", status=75)

    assert "database is locked: another process" in message
    assert "the database is at a1" in message
    assert "Let it finish, or stop it, then run the command again" in message
    assert "Correct the script" not in message
    project.done("upgrade")
    assert project.rows(ROWS) == FOUND


def test_the_statistics_of_analyze_stay(make: Callable[[str], Project]) -> None:
    project = make(set_up())
    project.sql("ANALYZE")
    statistics = "SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY 1, 2"
    before = project.rows(statistics)
    project.script("a2", "a1", upgrade=SCRIPTS["with a block"])
    project.done("upgrade")

    assert ("author", "by_name", "2 1") in before
    assert project.rows(statistics) == before


def test_the_real_flask_keeps_all_rows_too(
    make: Callable[[str], Project],
) -> None:
    project = make(set_up())
    project.script("a2", "a1", upgrade=SCRIPTS["without a block"])
    ran = project.flask("db", "upgrade")

    assert (ran.status, project.version()) == (0, ["a2"]), ran.err
    assert project.rows(ROWS) == FOUND
