"""The whole path of a revision that does not come to its end: what is said is so.

Each kind of interruption meets each way to commit on each database; then the tables are
looked at, and the message has to agree.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.apps import CREATE_USER
from tests.apps import new_project
from tests.apps import Project
from tests.apps import Ran

pytestmark = pytest.mark.pairs("interruptions")

POST = 'op.create_table("post", sa.Column("id", sa.Integer, primary_key=True))'
ROW = 'op.execute("INSERT INTO post VALUES (1)")'

EMPTY_BLOCK = "with op.get_context().autocommit_block(): pass"

INTERRUPTIONS = {
    "a statement that fails": ('op.execute("INSERT INTO nowhere VALUES (1)")', 1),
    "an error": ("raise ValueError('no')", 1),
    "exit": ("raise SystemExit(0)", 1),
    "another base": ("class Stop(BaseException): pass\nraise Stop", 1),
    "Ctrl-C": ("raise KeyboardInterrupt", 130),
    "SIGTERM": ("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)", 143),
    "its rollback": (
        'op.execute("INSERT INTO post VALUES (2)")\nop.execute("ROLLBACK")',
        1,
    ),
}

# What comes before the interruption; whether POST, and whether ROW, then stays where
# changes of tables can be rolled back.
COMMITS = {
    "none": ([POST, ROW], False, False),
    "a block": (
        [POST, ROW, "with op.get_context().autocommit_block(): pass"],
        True,
        True,
    ),
    "a block with it": (
        [f"with op.get_context().autocommit_block():\n    {POST}\n    {ROW}"],
        True,
        True,
    ),
    "after a block": (
        [EMPTY_BLOCK, POST, ROW],
        False,
        False,
    ),
    "in SQL": ([POST, 'op.execute("COMMIT")', ROW], True, False),
    "in SQL, commented": ([POST, 'op.execute("-- now\\nCOMMIT;")', ROW], True, False),
    "by connection": ([POST, "op.get_bind().commit()", ROW], True, False),
    "by driver": (
        [POST, "op.get_bind().connection.dbapi_connection.commit()", ROW],
        True,
        False,
    ),
    "and begins": (
        [POST, 'op.execute("COMMIT")', 'op.execute("BEGIN")', ROW],
        True,
        False,
    ),
    "back to a savepoint": (
        [
            POST,
            "nested = op.get_bind().begin_nested()",
            ROW,
            "nested.rollback()",
            "op.get_bind().commit()",
        ],
        True,
        False,
    ),
}

CASES = [
    pytest.param(interruption, commit, number % 2 == 0, id=f"{interruption}-{commit}")
    for number, (interruption, commit) in enumerate(
        itertools.product(INTERRUPTIONS, COMMITS)
    )
]


@pytest.fixture
def project(tmp_path: Path, database_url: sa.URL) -> Project:
    return new_project(tmp_path / "app", url=database_url).with_folder()


@pytest.mark.parametrize(("interruption", "commit", "from_nothing"), CASES)
def test_the_message_says_what_the_database_holds(
    project: Project, interruption: str, commit: str, from_nothing: bool
) -> None:
    text, status = INTERRUPTIONS[interruption]
    parts, table_stays, row_stays = COMMITS[commit]
    project.script("a1", upgrade=CREATE_USER)
    if not from_nothing:
        project.done("upgrade")
    project.script("a2", "a1", upgrade="\n".join([*parts, text]))
    ran = project.run("upgrade")

    assert ran.status == status, ran.err
    assert_true(ran, project)
    assert project.version() == ["a1"]
    if project.url.get_backend_name() != "mariadb":
        rows = rows_of_post(project)
        assert (rows is not None, bool(rows)) == (table_stays, row_stays)

    # Gone on with, or else undone by hand, as it says; then the revision can run.
    is_noted = "to go on where it stopped" in ran.err
    is_told = commit != "by driver" or project.url.get_backend_name() == "mariadb"
    assert is_noted == ("of this revision stayed" in ran.err and is_told)
    if rows_of_post(project) is not None and not is_noted:
        project.sql("DROP TABLE post")
    project.script("a2", "a1", upgrade=f"{POST}\n{ROW}")
    project.done("upgrade")
    assert (project.version(), rows_of_post(project)) == (["a2"], [(1,)])


def assert_true(ran: Ran, project: Project) -> None:
    """Hold what was said against what is there."""
    message = ran.err.partition("Error: ")[2]
    there = project.tables()
    rows = rows_of_post(project)
    at = re.search(r"(?:database is at|version table still says) (\w+)", message)

    assert "Traceback" not in ran.err
    assert at is not None and project.version() == [at[1]], message
    assert ("revision of this run stayed" in message) <= ("user" in there)
    stayed = re.search(r"(\d) statements? of this revision stayed", message)
    assert (stayed is not None) == (rows is not None), message
    assert ("left no trace" in message) == (stayed is None), message
    if stayed is not None:
        assert int(stayed[1]) == 1 + len(rows or []), message


def rows_of_post(project: Project) -> list[tuple[object, ...]] | None:
    """Return the rows of the table that is half done; None if it is not there."""
    there = "post" in project.tables()
    return project.rows("SELECT id FROM post") if there else None
