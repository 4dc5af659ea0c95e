"""What is around a migration fails: it is said, no script is blamed, and is made good.

The next run, with the fault gone, has to leave what a run without it leaves.
"""

from __future__ import annotations

import logging
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext.dialects.sqlite import transaction
from tests.apps import CREATE_USER
from tests.apps import new_project
from tests.apps import Project
from tests.apps import Ran
from tests.databases.servers import administration
from tests.execution.others import held_by_another
from tests.execution.others import started

OPERATIONS = [
    'op.create_table("post", sa.Column("id", sa.Integer, primary_key=True))',
    'op.execute("INSERT INTO post VALUES (1)")',
    'op.add_column("post", sa.Column("n", sa.Integer))',
    'op.execute("INSERT INTO post VALUES (2, 2)")',
]

# At each boundary of operations, somebody else may end the session.
CUT = """
if os.environ.get("CUT_AT") == "{boundary}":
    number = op.get_bind().exec_driver_sql("{ask}").scalar_one()
    other = sa.create_engine(op.get_bind().engine.url, isolation_level="AUTOCOMMIT")
    with other.connect() as killer:
        killer.exec_driver_sql(f"{kill}")
    other.dispose()
"""
SESSIONS = {
    "postgresql": ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend({number})"),
    "mariadb": ("SELECT connection_id()", "KILL {number}"),
}


@pytest.fixture
def project(tmp_path: Path, database_url: sa.URL) -> Project:
    return with_revisions(tmp_path, database_url)


def with_revisions(folder: Path, url: sa.URL) -> Project:
    """Return an app whose second revision has tables and rows, and can be cut."""
    project = new_project(folder / "app", url=url).with_folder()
    project.script("a1", upgrade=CREATE_USER, downgrade='op.drop_table("user")')
    ask, kill = SESSIONS.get(url.get_backend_name(), ("", ""))
    parts = ["import os"]
    for boundary, operation in enumerate([*OPERATIONS, "pass"]):
        parts += [CUT.format(boundary=boundary, ask=ask, kill=kill), operation]
    project.script(
        "a2", "a1", upgrade="\n".join(parts), downgrade='op.drop_table("post")'
    )
    return project


def assert_told(ran: Ran, status: int, *words: str) -> None:
    """Hold what a command said against what it may say of a fault."""
    assert ran.status == status, ran.err
    assert "Traceback" not in ran.err
    assert len(re.findall("^Error: ", ran.err, re.MULTILINE)) == 1
    assert "correct the script" not in ran.err.lower(), ran.err
    for each in words:
        assert each in ran.err, ran.err


def assert_made_good(project: Project) -> None:
    """See that the next run leaves what a run without faults leaves."""
    project.done("upgrade")
    found = shape(project)
    project.done("downgrade", "base")
    project.done("upgrade")

    assert found == shape(project)
    assert project.version() == ["a2"]
    assert project.rows("SELECT id, n FROM post ORDER BY id") == [(1, None), (2, 2)]
    # Of what is noted while a revision is half applied, nothing stays.
    assert "alembic_version_journal" not in found


def shape(project: Project) -> dict[str, Any]:
    """Return the columns of all tables."""
    with project.app.app_context():
        engine = project.app.extensions["sqlalchemy"].engine
        with engine.connect() as connection:
            inspector = sa.inspect(connection)
            return {
                table: [
                    (each["name"], str(each["type"]), each["nullable"])
                    for each in inspector.get_columns(table)
                ]
                for table in inspector.get_table_names()
            }


# -- a connection that is cut ----------------------------------------------


@pytest.mark.parametrize("boundary", range(len(OPERATIONS) + 1))
@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_that_is_ended_in_mid_run(
    name: str, boundary: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    project = with_revisions(tmp_path, request.getfixturevalue(f"{name}_url"))
    if boundary % 2:
        project.done("upgrade", "a1")
    ran = project.run("upgrade", CUT_AT=str(boundary))

    # Where changes of tables stay, it is for a person to look at.
    assert_told(ran, 75 if name == "postgresql" else 1, "un the command again")
    assert project.version() in ([], ["a1"])
    assert_made_good(project)


# -- a disk that is full ---------------------------------------------------


@pytest.mark.parametrize("pages", [1, 5])
@pytest.mark.parametrize("applied", [False, True], ids=["empty", "half-way"])
def test_a_disk_that_is_full(
    sqlite_url: sa.URL, tmp_path: Path, pages: int, applied: bool
) -> None:
    project = with_revisions(tmp_path, sqlite_url)
    path = project.versions / "a2.py"
    fills = 'op.execute("INSERT INTO post VALUES (3, zeroblob(100000))")'
    empties = 'op.execute("DELETE FROM post WHERE id = 3")'
    head, mark, tail = path.read_text().partition("\n\n\ndef downgrade")
    path.write_text(f"{head}\n    {fills}\n    {empties}{mark}{tail}")
    if applied:
        project.done("upgrade", "a1")
    with project.app.app_context():
        engine = project.app.extensions["sqlalchemy"].engine

    def limit(connection: Any, record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    sa.event.listen(engine, "connect", limit)
    ran = project.run("upgrade")
    sa.event.remove(engine, "connect", limit)

    assert_told(ran, 1, "full", "make some, then run the command again")
    assert "post" not in project.tables()
    assert_made_good(project)


# -- who may not write -----------------------------------------------------


@contextmanager
def user_with(url: sa.URL, *rights: str) -> Iterator[sa.URL]:
    """Yield the URL of a new user that may do no more in a database than is named."""
    name = f"u_{url.database}"
    on_postgresql = url.get_backend_name() == "postgresql"
    account = name if on_postgresql else f"{name}@'127.0.0.1'"
    word = "LOGIN PASSWORD" if on_postgresql else "IDENTIFIED BY"
    kind = "ROLE" if on_postgresql else "USER"
    with administration(url).connect() as connection:
        connection.exec_driver_sql(f"CREATE {kind} {account} {word} 'not-for-logs'")
        for right in rights:
            connection.exec_driver_sql(f"GRANT {right} TO {account}")
        try:
            yield url.set(username=name, password="not-for-logs")
        finally:
            if on_postgresql:
                connection.exec_driver_sql(f"DROP OWNED BY {account}")
            connection.exec_driver_sql(f"DROP {kind} {account}")


@contextmanager
def only_reading(project: Project) -> Iterator[Project]:
    """Yield the app with a connection that may change nothing."""
    url = project.url
    everything = {
        "postgresql": "SELECT ON ALL TABLES IN SCHEMA public",
        "mariadb": f"SELECT ON `{url.database}`.*",
    }
    if url.get_backend_name() == "sqlite":
        read = url.set(
            database=f"file:{url.database}", query={"mode": "ro", "uri": "true"}
        )
        yield new_project(project.folder, url=read)
    else:
        with user_with(url, everything[url.get_backend_name()]) as read:
            yield new_project(project.folder, url=read)


@pytest.mark.parametrize(
    ("command", "applied"),
    [("upgrade", False), ("upgrade", True), ("downgrade", True), ("stamp", True)],
)
def test_a_connection_that_may_only_read(
    project: Project, command: str, applied: bool
) -> None:
    if applied:
        project.done("upgrade", "a1")
    else:
        project.sql("CREATE TABLE other (id INTEGER)")
    with only_reading(project) as reading:
        ran = reading.run(command, *(["a2"] if command == "stamp" else []))

    assert_told(ran, 1)
    assert ("MIGRATE_DATABASE_URI" in ran.err) == (command != "stamp"), ran.err
    assert project.version() == (["a1"] if applied else [])
    assert_made_good(project)


def test_who_may_not_make_the_notes_that_a_revision_needs_is_told_before_it_runs(
    tmp_path: Path, mariadb_url: sa.URL
) -> None:
    project = with_revisions(tmp_path, mariadb_url)
    project.done("upgrade", "a1")
    add = 'op.add_column("user", sa.Column("n", sa.Integer))'
    project.script("b2", "a1", upgrade=f"{add}\nop.drop_column('user', 'nowhere')")
    rights = f"SELECT, INSERT, UPDATE, DELETE, ALTER ON `{mariadb_url.database}`.*"
    before = shape(project)
    with user_with(mariadb_url, rights) as url:
        lesser = new_project(project.folder, url=url)
        ran = lesser.run("upgrade", "b2")
        assert_told(ran, 1, "alembic_version_journal", "nothing of the revision stayed")
        assert shape(project) == before

        # With the table that it says, made by who may, all is as for anybody else.
        project.sql(ran.err.strip().splitlines()[-1])
        stopped = lesser.run("upgrade", "b2")
        assert "to go on where it stopped" in stopped.err, stopped.err
        project.script("b2", "a1", upgrade=add)
        lesser.done("upgrade", "b2")

    assert project.version() == ["b2"]
    assert ("n", "INTEGER", True) in shape(project)["user"]


# -- who waits, and is told to stop ----------------------------------------


def test_who_waits_for_others_stops_at_ctrl_c(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    project.done("upgrade", "a1")
    before = shape(project)
    monkeypatch.setattr(transaction, "_SILENCE", 0.0)
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)
    teller = Teller()
    logger = logging.getLogger("flask_migrations_ext")
    logger.addHandler(teller)
    try:
        with held_by_another(project), caplog.at_level(logging.INFO, logger.name):
            ran = project.run("upgrade", "--wait", "5s")
    finally:
        signal.signal(signal.SIGINT, heard)
        logger.removeHandler(teller)

    assert_told(ran, 130, "interrupted by Ctrl-C")
    assert re.search("nothing (was changed|of it was done)|no trace", ran.err), ran.err
    assert (shape(project), project.version()) == (before, ["a1"])
    assert_made_good(project)


class Teller(logging.Handler):
    """Presses Ctrl-C when it is said that others are waited for."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith("Waiting for"):
            signal.raise_signal(signal.SIGINT)


def test_who_waits_for_others_stops_when_terminated(
    tmp_path: Path, mariadb_url: sa.URL
) -> None:
    project = with_revisions(tmp_path, mariadb_url)
    with held_by_another(project), started(project, "upgrade") as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        said = next((line for line in lines if "Waiting" in line), "")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate()

    ran = Ran(process.returncode, out, said + err)
    assert_told(ran, 143, "terminated by SIGTERM", "nothing was changed there")
    assert project.tables() == set()
    assert_made_good(project)
