"""What scripts may do at their top, while they are imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.apps import new_project
from tests.apps import Project

TOP = """\
revision = "a1"
import sqlalchemy as sa
from flask_migrations_ext import op
{line}
def upgrade():
    op.create_table("on_" + NAME, sa.Column("id", sa.Integer))
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path / "app").with_folder()


@pytest.mark.parametrize("command", ["upgrade", "upgrade --sql"])
def test_a_script_may_ask_what_it_will_run_on(project: Project, command: str) -> None:
    line = "NAME = op.get_bind().dialect.name + op.get_context().dialect.name"
    (project.versions / "a1.py").write_text(TOP.format(line=line))
    said = project.done(*command.split())

    written = "CREATE TABLE on_sqlitesqlite" in said
    assert (written, "on_sqlitesqlite" in project.tables()) in (
        (True, False),
        (False, True),
    )


def test_what_it_reads_there_leaves_no_transaction_behind(project: Project) -> None:
    line = "NAME = op.get_bind().scalar(sa.text(\"SELECT 'here'\"))"
    (project.versions / "a1.py").write_text(TOP.format(line=line))
    project.done("upgrade")

    assert project.tables() == {"on_here"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("op.drop_table('t')", "'op.drop_table' works only while a migration runs"),
        ("op.get_context().autocommit_block()", "'autocommit_block()' works only"),
    ],
)
def test_to_change_anything_there_is_too_early(
    project: Project, line: str, said: str
) -> None:
    (project.versions / "a1.py").write_text(TOP.format(line=line))

    assert said in project.refused("upgrade")
