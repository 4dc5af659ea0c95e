"""What would run, told without running it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_migrations_ext.commands.planning.plan import planned_downgrade
from flask_migrations_ext.commands.planning.plan import planned_upgrade
from tests.apps import new_project
from tests.apps import Project

CREATE = """
op.create_table(
    "member",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(80)),
    sa.Column("age", sa.String(9)),
)
"""


@pytest.fixture
def project(tmp_path: Path, database_url: sa.URL) -> Project:
    """An app at a1, whose table has rows."""
    project = new_project(tmp_path / "app", url=database_url).with_folder()
    project.script("a1", upgrade=CREATE, downgrade='op.drop_table("member")')
    project.done("upgrade")
    project.sql("INSERT INTO member (name) VALUES ('ann'), ('bob')")
    return project


def test_a_plan_says_what_would_run_and_changes_nothing(project: Project) -> None:
    project.script(
        "a2",
        "a1",
        upgrade="""
            op.add_column("member", sa.Column("email", sa.String(200)))
            op.drop_column("member", "age")
            op.alter_column(
                "member", "name", existing_type=sa.String(80), type_=sa.String(20)
            )
            op.execute("DELETE FROM member WHERE email = 'DROP TABLE x'")
            """,
    )
    project.script("a3", "a2", upgrade='op.create_index("ix", "member", ["email"])')
    before = project.state()

    out = project.done("upgrade", "--plan")

    assert [line for line in out.splitlines() if not line.startswith("    ")] == [
        "Would run upgrade a1 -> a2, Revision a2",
        "  add column member.email (String(200))",
        "  drop column member.age",
        "  alter column member.name: type from String(80) to String(20)",
        "  execute DELETE FROM member WHERE email = 'DROP TABLE x'",
        "Would run upgrade a2 -> a3, Revision a3",
        "  create index ix on member (email)",
    ]
    destroyed = [line for line in out.splitlines() if "destroys" in line]
    assert [line.partition(" (")[0] for line in destroyed] == [
        "    destroys the values of column member.age",
        "    destroys values of member.name longer than 20, or stops",
        "    destroys what its DELETE FROM meets",
    ]
    assert project.state() == before
    assert project.version() == ["a1"]


def test_the_statements_are_those_that_run(project: Project) -> None:
    project.script(
        "a2", "a1", upgrade='op.add_column("member", sa.Column("email", sa.String(9)))'
    )

    out = project.done("upgrade", "--plan", "--sql")

    [statement] = [line for line in out.splitlines() if line.startswith("      ")]
    assert statement.strip().startswith("ALTER TABLE")
    assert statement.endswith("VARCHAR(9);")


def test_what_only_the_database_knows_stops_no_telling(
    tmp_path: Path, mariadb_url: sa.URL
) -> None:
    """There, a column is altered by saying all of it again."""
    project = new_project(tmp_path / "app", url=mariadb_url).with_folder()
    project.script("a1", upgrade=CREATE)
    project.done("upgrade")
    alter = 'op.alter_column("member", "name", type_=sa.String(20))'
    project.script("a2", "a1", upgrade=f'{alter}\nop.drop_table("member")')

    assert project.done("upgrade", "--plan").splitlines()[1:] == [
        "  alter column member.name: type to String(20)",
        "    its statements are known only when it runs",
        "  drop table member",
        "    destroys table member and its rows (0 rows)",
    ]


def test_a_downgrade_has_a_plan(project: Project) -> None:
    out = project.done("downgrade", "--plan", "base")

    assert out.startswith("Would run downgrade a1 -> <base>, Revision a1\n")
    assert "destroys table member and its rows" in out
    assert project.version() == ["a1"]


@pytest.fixture
def on_sqlite(tmp_path: Path, sqlite_url: sa.URL) -> Project:
    project = new_project(tmp_path / "app", url=sqlite_url).with_folder()
    project.script("a1", upgrade=CREATE)
    project.done("upgrade")
    return project


def test_a_rebuild_says_how_many_rows_are_copied(on_sqlite: Project) -> None:
    on_sqlite.sql("INSERT INTO member (id) VALUES (1), (1234567)")
    on_sqlite.script(
        "a2", "a1", upgrade='op.alter_column("member", "name", nullable=False)'
    )

    out = on_sqlite.done("upgrade", "--plan")

    assert "    rebuild table member (1.2 million rows)\n" in out
    assert "    blocks: all other writers wait meanwhile\n" in out


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (
            "rows = op.get_bind().execute(sa.text('SELECT 1')).all()",
            "the rest depends on what is in the database",
        ),
        (
            "from flask import current_app\n"
            "db = current_app.extensions['sqlalchemy']\n"
            "db.session.execute(sa.text('DELETE FROM member'))\n"
            "db.session.commit()",
            "the rest depends on what is in the database: db.session",
        ),
        ("raise ValueError('no')", "the rest cannot be told without running it"),
        ("exit(3)", "the rest cannot be told without running it"),
    ],
)
def test_the_telling_stops_where_a_script_wants_to_know(
    on_sqlite: Project, script: str, told: str
) -> None:
    """What it said before is told, as are the revisions after it."""
    on_sqlite.sql("INSERT INTO member (name) VALUES ('ann')")
    on_sqlite.script(
        "a2", "a1", upgrade=f'op.rename_table("member", "person")\n{script}'
    )
    on_sqlite.script(
        "a3", "a2", upgrade='op.alter_column("person", "name", nullable=False)'
    )

    out = on_sqlite.done("upgrade", "--plan")

    assert "  rename table member to person\n" in out
    assert f"  {told}" in out
    assert "    rebuild table person\n" in out
    assert on_sqlite.rows("SELECT name FROM member") == [("ann",)]


def test_a_plan_for_a_database_that_is_not_there_does_not_make_it(
    tmp_path: Path,
) -> None:
    project = new_project(tmp_path / "app").with_folder()
    project.script("a1", upgrade=CREATE)

    with project.app.app_context():
        report = planned_upgrade()
        assert planned_downgrade(revision="base").pending == 0

    assert (report.pending, report.destroys) == (1, False)
    assert not Path(str(project.url.database)).exists()
    assert project.run("upgrade", "--plan").err == (
        "Nothing was changed; 'flask db upgrade' does it.\n"
    )


def test_nothing_to_do_is_said_as_ever(on_sqlite: Project) -> None:
    assert on_sqlite.done("upgrade", "--plan") == on_sqlite.done("upgrade")
