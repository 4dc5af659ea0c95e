"""``flask db rebase``: one line of two, where nothing but the order changes."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from flask_migrations_ext import rebase
from flask_migrations_ext import upgrade
from flask_migrations_ext.errors import CannotRebase
from flask_migrations_ext.errors import MigrationError
from tests.apps import CREATE_USER
from tests.apps import new_project
from tests.apps import Project

ADD = "op.add_column('user', sa.Column({name!r}, sa.String(20), server_default='x'))"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two branches: theirs is applied, mine is new."""
    project = new_project(tmp_path, "").with_folder()
    project.script("a1", upgrade=CREATE_USER)
    project.script("t1", "a1", upgrade=ADD.format(name="theirs"))
    project.script("m1", "a1", upgrade=ADD.format(name="mine"))
    project.script("m2", "m1", upgrade="op.execute('UPDATE user SET mine = 1')")
    return project


def test_mine_is_what_no_database_has(project: Project) -> None:
    project.done("upgrade", "t1")
    text = (project.versions / "m1.py").read_text("utf-8")

    assert project.done("rebase") == (
        f"2 revisions follow t1 now: m1, m2. Changed: {project.versions / 'm1.py'}\n"
    )

    after = (project.versions / "m1.py").read_text("utf-8")
    assert after == text.replace("down_revision = 'a1'", 'down_revision = "t1"')
    project.done("upgrade")
    assert project.version() == ["m2"]
    assert project.done("heads", "--check") == "m2 (head)\n"


def test_the_top_of_the_file_says_it_too(project: Project) -> None:
    project.done("revision", "--head", "a1", "--splice", "--rev-id", "n1", "-m", "é")
    path = project.versions / "n1_é.py"
    (project.versions / "m1.py").unlink()
    (project.versions / "m2.py").unlink()

    project.done("rebase", "n1")

    text = path.read_text("utf-8")
    assert "Revises: t1\n" in text and 'down_revision = "t1"' in text
    assert text.startswith('"""é')


def test_nothing_tells_which_is_mine(project: Project) -> None:
    assert "'flask db rebase m2' or 'flask db rebase t1'" in project.refused("rebase")

    project.done("rebase", "m1")

    assert project.done("heads") == "m2 (head)\n"


def test_what_is_applied_stays(project: Project) -> None:
    project.done("upgrade", "m1")

    text = project.refused("rebase", "m2")

    assert "has 'm1' already" in text and "flask db downgrade" in text


COLLISIONS = {
    "the same column": (
        ADD.format(name="mine"),
        "in the order 't1', 'm1' and 'm2'",
    ),
    "what the other renames": (
        "op.rename_table('user', 'person')",
        "no such table: user",
    ),
    "what both write": (
        "op.execute('UPDATE user SET id = id * 2 + 1')",
        None,
    ),
}


@pytest.mark.parametrize("case", COLLISIONS)
def test_branches_that_collide_stay_two(project: Project, case: str) -> None:
    upgrade, words = COLLISIONS[case]
    project.script("t1", "a1", upgrade=upgrade)
    if words is None:
        project.script("m2", "m1", upgrade="op.execute('UPDATE user SET mine = id')")
        words = "other rows in table 'user'"

    text = project.refused("rebase", "m2")

    assert words in text
    assert "flask db merge" in text


def test_a_branch_with_a_name_is_one_on_purpose(project: Project) -> None:
    project.script("m1", "a1", labels=("shop",))

    assert "its branch has a name, 'shop'" in project.refused("rebase", "m2")


def test_a_parent_that_is_computed_is_left_alone(project: Project) -> None:
    path = project.script("m1", "a1", upgrade=ADD.format(name="mine"))
    text = path.read_text("utf-8")
    path.write_text(text.replace("= 'a1'", "= 'a' + '1'"), "utf-8")

    assert "down_revision is not written out in" in project.refused("rebase", "m2")


def test_the_file_of_heads_keeps_up(project: Project) -> None:
    head = project.migrations / "HEAD"
    head.write_text("")
    assert "2 heads" in project.refused("heads", "--check")

    project.done("rebase", "m2")
    assert head.read_text() == "m2\n"
    project.done("revision", "--rev-id", "n1")
    assert head.read_text() == "n1\n"
    project.done("heads", "--check")

    head.write_text("m2 (head)\n")
    text = project.refused("heads", "--check")
    assert "HEAD says that the history ends at 'm2', and it ends at 'n1'" in text


# -- what commutes ---------------------------------------------------------

OPERATIONS = (
    *(ADD.format(name=name) for name in ("a", "b")),
    "op.create_index('i', 'item', ['name'])",
    "op.rename_table('item', 'thing')",
    "op.drop_column('item', 'note')",
    "op.alter_column('item', 'name', nullable=False)",
    "op.execute('UPDATE item SET number = number + 1')",
    "op.execute('UPDATE item SET number = number * 2')",
    "op.execute('UPDATE item SET number = 7')",
    "op.execute('DELETE FROM item WHERE number > 1')",
    "op.execute(\"INSERT INTO item (name, number) VALUES ('new', 5)\")",
    "op.create_table('fresh', sa.Column('id', sa.Integer, primary_key=True))",
)
ITEM = """
op.create_table("item", sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("name", sa.String(20)), sa.Column("note", sa.String(20)),
                sa.Column("number", sa.Integer, nullable=False))
op.create_table("user", sa.Column("id", sa.Integer, primary_key=True))
op.execute("INSERT INTO item (id, name, number) VALUES (1, 'a', 1), (2, 'b', 3)")
"""


@hypothesis.settings(
    max_examples=10, phases=[hypothesis.Phase.reuse, hypothesis.Phase.generate]
)
@given(
    mine=st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=2),
    theirs=st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=2),
)
def test_what_may_change_places_makes_the_same(
    mine: list[str], theirs: list[str]
) -> None:
    """Asked of two databases, one for each order, that know nothing of rebase."""
    with tempfile.TemporaryDirectory() as folder:
        project = new_project(Path(folder), "").with_folder()
        project.script("a1", upgrade=ITEM)
        project.script("m1", "a1", upgrade="\n".join(mine))
        project.script("t1", "a1", upgrade="\n".join(theirs))
        made = [
            what_comes_of(project, order)
            for order in itertools.permutations(["m1", "t1"])
        ]
        try:
            with project.app.app_context():
                rebase(revision="m1")
        except CannotRebase:
            return

        assert made[0] == made[1] and made[0] is not None


def what_comes_of(project: Project, order: tuple[str, ...]) -> object:
    """Return tables and rows; None if it fails."""
    Path(project.url.database or "").unlink(missing_ok=True)
    try:
        with project.app.app_context():
            for each in order:
                upgrade(revision=each)
    except MigrationError:
        return None

    engine = sa.create_engine(project.url)
    with engine.connect() as connection:
        metadata = sa.MetaData()
        metadata.reflect(connection)
        found = {
            name: (
                sorted((c.name, str(c.type), c.nullable) for c in table.columns),
                sorted(str(index.name) for index in table.indexes),
                sorted(
                    str(sorted(row.items()))
                    for row in connection.execute(table.select()).mappings()
                ),
            )
            for name, table in metadata.tables.items()
            if name != "alembic_version"
        }
    engine.dispose()
    Path(project.url.database or "").unlink()
    return found
