"""A value that a revision adds to an enum of PostgreSQL can be used by it at once.

The server wants it committed before: the revision begins again after that.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.apps import new_project
from tests.apps import Project

CREATE = """
op.create_table(
    "t",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Enum("a", "b", name="kind")),
)
op.execute("INSERT INTO t VALUES (1, 'a')")
"""
DROP = 'op.drop_table("t")\nop.drop_enum("kind")'

ADDITIONS = {
    "as people write it": "op.execute(\"ALTER TYPE kind ADD VALUE 'c'\")",
    "in lines": "op.execute('alter  type kind\\n  add value \\'c\\' before \\'b\\';')",
    "as we write it": "op.execute(\"ALTER TYPE kind ADD VALUE IF NOT EXISTS 'c'\")",
    "by itself": (
        'op.alter_column("t", "kind", type_=sa.Enum("a", "c", "b", name="kind"),'
        ' existing_type=sa.Enum("a", "b", name="kind"))'
    ),
}
USES = {
    "default": 'op.alter_column("t", "kind", server_default="c")',
    "update": "op.execute(\"UPDATE t SET kind = 'c'\")",
    "check": "op.create_check_constraint('ck', 't', \"kind <> 'c' OR id < 9\")",
    "column": "op.execute(\"ALTER TABLE t ADD COLUMN more kind DEFAULT 'c'\")",
    "index": (
        'op.create_index("ix", "t", ["id"], postgresql_where=sa.text("kind = \'c\'"))'
    ),
    "connection": "op.get_bind().execute(sa.text(\"UPDATE t SET kind = 'c'\"))",
}


@pytest.fixture
def project(tmp_path: Path, postgresql_url: sa.URL) -> Project:
    made = new_project(tmp_path / "app", url=postgresql_url).with_folder()
    made.script("a1", upgrade=CREATE, downgrade=DROP)
    return made


def values(project: Project) -> set[str]:
    rows = project.rows("SELECT unnest(enum_range(CAST(NULL AS kind)))")
    return {str(value) for (value,) in rows}


@pytest.mark.parametrize("there", [True, False], ids=["later", "in one run"])
@pytest.mark.parametrize("addition", ADDITIONS)
def test_a_new_value_is_used_in_every_way(
    project: Project, addition: str, there: bool
) -> None:
    if there:
        project.done("upgrade")
    steps = "op.execute(\"INSERT INTO t VALUES (2, 'b')\")"
    uses = "\n".join(USES.values())
    project.script("a2", "a1", upgrade=f"{steps}\n{ADDITIONS[addition]}\n{uses}")

    project.done("upgrade")

    assert project.version() == ["a2"]
    assert values(project) == {"a", "b", "c"}
    found = project.rows("SELECT id, CAST(kind AS text) FROM t ORDER BY id")
    assert found == [(1, "c"), (2, "c")]


@pytest.mark.parametrize("use", USES)
def test_a_new_value_is_used_by_itself(project: Project, use: str) -> None:
    project.done("upgrade")
    addition = ADDITIONS["as people write it"]
    project.script("a2", "a1", upgrade=f"{addition}\n{USES[use]}")

    project.done("upgrade")

    assert project.version() == ["a2"]


def test_what_fails_afterwards_leaves_the_value_only(project: Project) -> None:
    project.done("upgrade")
    works = f"{ADDITIONS['as we write it']}\n{USES['update']}"
    project.script("a2", "a1", upgrade=f"{works}\nraise ValueError('no')")

    message = project.refused("upgrade", changes=True)

    assert "ValueError" in message
    assert project.version() == ["a1"]
    assert project.rows("SELECT CAST(kind AS text) FROM t") == [("a",)]
    project.script("a2", "a1", upgrade=works)
    project.done("upgrade")
    assert project.rows("SELECT CAST(kind AS text) FROM t") == [("c",)]


def test_what_is_committed_already_is_not_done_twice(project: Project) -> None:
    project.done("upgrade")
    block = "with op.get_context().autocommit_block(): pass"
    steps = ["op.execute(\"INSERT INTO t VALUES (2, 'b')\")", block]
    steps += [ADDITIONS["as we write it"], USES["update"]]
    project.script("a2", "a1", upgrade="\n".join(steps))

    message = project.refused("upgrade", changes=True)

    assert "unsafe use of new value" in message
    assert project.rows("SELECT count(*) FROM t") == [(2,)]


@pytest.mark.parametrize("addition", [each for each in ADDITIONS if each[0] != "b"])
def test_text_commits_the_value_before_it_is_used(
    project: Project, addition: str
) -> None:
    project.done("upgrade")
    project.script("a2", "a1", upgrade=f"{ADDITIONS[addition]}\n{USES['update']}")

    text = project.done("upgrade", "a1:a2", "--sql")
    engine = sa.create_engine(
        project.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    with engine.connect() as connection:
        for statement in text.split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement)

    assert project.version() == ["a2"]
    assert project.rows("SELECT CAST(kind AS text) FROM t") == [("c",)]
