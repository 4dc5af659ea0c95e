"""A half-applied revision: gone on with, or refused with what to do; never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.apps import new_project
from tests.apps import Project
from tests.execution.crashes import is_killed_at
from tests.execution.crashes import points_of

CREATE = 'op.create_table("post", sa.Column("id", sa.Integer, primary_key=True))'
ROW = 'op.execute("INSERT INTO post (id) VALUES (1)")'
COLUMN = 'op.add_column("post", sa.Column("size", sa.Integer))'
FAIL = 'op.execute("SELECT nothing FROM nowhere")'


@pytest.fixture
def half(tmp_path: Path, mariadb_url: sa.URL) -> Project:
    """Return a project on MariaDB whose second revision stopped half-way."""
    project = new_project(tmp_path / "app", url=mariadb_url).with_folder()
    project.script("a1")
    project.script("a2", "a1", upgrade=f"{CREATE}\n{ROW}\n{COLUMN}\n{FAIL}")
    message = project.refused("upgrade", changes=True)
    assert "run the command again, to go on where it stopped" in message
    return project


def test_what_is_done_is_not_done_twice(half: Project) -> None:
    half.script("a2", "a1", upgrade=f'{CREATE}\n{ROW}\n{COLUMN}\n{ROW[:-4]}2)")')
    half.done("upgrade")

    assert half.rows("SELECT id FROM post ORDER BY id") == [(1,), (2,)]
    assert half.version() == ["a2"]
    assert half.done("repair") == "No revision is half applied.\n"
    assert half.rows("SHOW TABLES LIKE '%journal%'") == []


def test_it_is_shown(half: Project) -> None:
    shown = half.done("repair")

    assert "upgrade of revision a2 stopped half-way" in shown
    assert [line.split()[0] for line in shown.splitlines()[1:]] == ["done"] * 3
    assert "CREATE TABLE post" in shown
    assert "(half-applied)" in half.done("status")


@pytest.mark.parametrize(
    ("arguments", "asked"), [(("downgrade",), "a1"), (("upgrade", "b1"), "b1")]
)
def test_no_other_revision_runs_before_it(
    half: Project, arguments: tuple[str, ...], asked: str
) -> None:
    half.script("b1")
    message = half.refused(*arguments)

    assert "upgrade of revision 'a2' stopped half-way" in message
    assert f"'{asked}' is not the one to run now" in message
    assert "'flask db upgrade a2'" in message


@pytest.mark.parametrize(
    "script",
    [
        f"{ROW}\n{CREATE}\n{COLUMN}",
        f"{CREATE.replace('Integer', 'BigInteger')}\n{ROW}\n{COLUMN}",
        CREATE,
    ],
    ids=["in another order", "another operation", "less"],
)
def test_a_script_that_does_something_else_is_refused(
    half: Project, script: str
) -> None:
    half.script("a2", "a1", upgrade=script)
    message = half.refused("upgrade", changes=True)

    assert "its script has changed where it was done already" in message
    assert half.version() == ["a1"]


def test_what_was_undone_by_hand_is_noticed(half: Project) -> None:
    half.sql("DROP TABLE post")
    half.script("a2", "a1", upgrade=f"{CREATE}\n{ROW}\n{COLUMN}")
    message = half.refused("upgrade", changes=True)
    assert "of which nothing is there any more" in message

    half.done("repair", "--forget")
    half.done("upgrade")
    assert half.rows("SELECT id FROM post") == [(1,)]


def test_a_stamp_counts_for_more(half: Project) -> None:
    half.done("stamp", "a2")

    assert half.done("repair") == "No revision is half applied.\n"
    assert "Nothing to upgrade" in half.done("upgrade")


def test_nothing_can_be_said_where_nothing_is_in_doubt(half: Project) -> None:
    assert "of no statement is it in doubt" in half.refused("repair", "--done")
    half.done("repair", "--forget")
    assert "nothing to forget" in half.refused("repair", "--forget")


def test_its_table_is_no_difference(half: Project) -> None:
    half.done("repair", "--forget")
    half.sql("DROP TABLE post")
    half.script("a2", "a1", upgrade=f"{CREATE}\n{FAIL}")
    half.refused("upgrade", changes=True)
    half.sql("DROP TABLE post")

    assert half.rows("SHOW TABLES LIKE '%journal%'") != []
    half.script("a2", "a1")
    # The models, none, are compared with what is there, at head.
    half.sql("UPDATE alembic_version SET version_num = 'a2'")
    assert "alembic_version" not in half.run("check").err


RAW = 'op.execute("ALTER TABLE post ADD size INT, ADD weight INT")'


@pytest.mark.parametrize("answer", ["done", "undone"])
def test_where_nobody_can_tell_a_person_does(
    tmp_path: Path, mariadb_url: sa.URL, answer: str
) -> None:
    """SQL as text may have done a part: the table is another one, and that is all."""
    project = new_project(tmp_path / "app", url=mariadb_url).with_folder()
    project.script("a1", upgrade=CREATE)
    project.done("upgrade")
    project.script("a2", "a1", upgrade=f"{RAW}\n{ROW}")
    points = points_of(project, "upgrade")
    refused = 0
    for point in range(1, points + 1):
        project.sql("DROP TABLE IF EXISTS alembic_version_journal")
        project.sql("UPDATE alembic_version SET version_num = 'a1'")
        project.sql("DROP TABLE post")
        project.sql("CREATE TABLE post (id INTEGER PRIMARY KEY)")
        is_killed_at(point, project, "upgrade")
        ran = project.run("upgrade")
        if ran.status:
            refused += 1
            assert "--done" in ran.err, ran.err
            assert "before it:" in ran.err, ran.err
            assert "weight" in ran.err, ran.err
            if answer == "undone":
                project.sql("ALTER TABLE post DROP size, DROP weight")
            assert "in doubt" in project.done("repair")
            project.done("repair", f"--{answer}")
            project.done("upgrade")
        assert project.version() == ["a2"]
        assert project.rows("SELECT size, weight, id FROM post") == [(None, None, 1)]
        if refused:
            break

    assert refused > 0


def test_an_index_that_was_never_finished_is_made_again(
    tmp_path: Path, postgresql_url: sa.URL
) -> None:
    project = new_project(tmp_path / "app", url=postgresql_url).with_folder()
    row = 'op.execute("INSERT INTO post VALUES (1, 7), (2, 7)")'
    block = """
with op.get_context().autocommit_block():
    op.create_index("ix", "post", ["size"], unique=True, postgresql_concurrently=True)
"""
    created = CREATE.replace(
        "primary_key=True)", 'primary_key=True), sa.Column("size", sa.Integer)'
    )
    project.script("a1", upgrade=f"{created}\n{row}\n{block}")
    message = project.refused("upgrade", changes=True)
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass"
    assert "to go on where it stopped" in message
    assert project.rows(valid) == [(False,)]

    project.sql("DELETE FROM post WHERE id = 2")
    project.done("upgrade")
    assert project.rows(valid) == [(True,)]
    assert project.rows("SELECT id FROM post") == [(1,)]
    assert project.rows("SELECT to_regclass('alembic_version_journal')") == [(None,)]


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
def test_where_a_transaction_holds_all_nothing_is_noted(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url: sa.URL = request.getfixturevalue(f"{name}_url")
    project = new_project(tmp_path / "app", url=url).with_folder()
    project.script("a1", upgrade=f"{CREATE}\n{ROW}\n{FAIL}")
    message = project.refused("upgrade", changes=True)

    assert "left no trace" in message
    assert project.done("repair") == "No revision is half applied.\n"
    with project.app.app_context():
        engine = project.app.extensions["sqlalchemy"].engine
        assert not sa.inspect(engine).has_table("alembic_version_journal")


def test_a_row_whose_key_is_asked_for_is_not_passed_over(
    tmp_path: Path, mariadb_url: sa.URL
) -> None:
    project = new_project(tmp_path / "app", url=mariadb_url).with_folder()
    inserts = """
table = sa.table("post", sa.column("id"))
found = op.get_bind().execute(table.insert().values(id=5)).inserted_primary_key
"""
    project.script("a1", upgrade=f"{CREATE}\n{inserts}\n{COLUMN}\n{FAIL}")
    project.refused("upgrade", changes=True)
    message = project.refused("upgrade", changes=True)

    assert "asks for what that gave, which is not known any more" in message


def test_what_a_block_commits_on_sqlite_is_noted_as_done(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app").with_folder()
    block = "with op.get_context().autocommit_block():\n    pass"
    wholly = f"{CREATE}\n{ROW}\n{COLUMN}\n{block}"
    project.script("a1", upgrade=f"{wholly}\n{FAIL}")
    project.refused("upgrade", changes=True)

    shown = project.done("repair").splitlines()[1:]
    assert [line.split()[0] for line in shown] == ["done"] * 3
    project.script("a1", upgrade=wholly)
    project.done("upgrade")
    assert project.rows("SELECT id, size FROM post") == [(1, None)]
