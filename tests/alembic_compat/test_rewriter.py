"""What ``process_revision_directives`` and a ``Rewriter`` do to a new revision."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.alembic_compat.plugged import Plugged
from tests.alembic_compat.plugged import plugged

HEAD = """
import sqlalchemy as sa
metadata = sa.MetaData()
"""

HAT = """
hat = sa.Table(
    "hat", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("size", sa.String(20), index=True),
)
"""

WIDER = """
hat = sa.Table(
    "hat", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("size", sa.String(30), nullable=False, server_default="x"),
    sa.Column("shape", sa.String(9), nullable=False, server_default="round"),
)
"""

OPTION = "process_revision_directives=changed"


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    url = sa.make_url(f"sqlite:///{tmp_path / 'shop.db'}")
    project = plugged(tmp_path / "app", url)
    project.models(HEAD + HAT)
    project.migrate("a1")
    project.models(HEAD + WIDER)
    return project


def written(project: Plugged, body: str) -> str:
    """Return the next revision, as a function of ``env.py`` leaves it."""
    project.env(
        "from alembic.operations import ops\n"
        "from alembic.autogenerate import rewriter\n"
        f"{body}",
        OPTION,
    )
    project.done(["revision", {"message": "b2", "autogenerate": True, "rev_id": "b2"}])
    return project.text("b2")


def ups_and_downs(text: str) -> tuple[str, str]:
    _, _, both = text.partition("def upgrade():")
    up, _, down = both.partition("def downgrade():")
    return up, down


def test_what_is_left_alone_is_written_as_ever(project: Plugged) -> None:
    seen = written(project, "def changed(context, revision, directives): pass")
    (project.versions / "b2_b2.py").unlink()
    project.env()
    project.done(["revision", {"message": "b2", "autogenerate": True, "rev_id": "b2"}])

    assert project.text("b2") == seen


def test_operations_can_be_changed_taken_away_and_added(project: Plugged) -> None:
    up, down = ups_and_downs(
        written(
            project,
            """
def changed(context, revision, directives):
    assert revision == ("a1",)
    assert context.dialect.name == "sqlite"
    (script,) = directives
    (inside,) = script.upgrade_ops.ops
    assert isinstance(inside, ops.ModifyTableOps), inside
    assert (inside.table_name, inside.schema) == ("hat", None)
    kinds = [type(each).__name__ for each in inside.ops]
    assert kinds == ["DropIndexOp", "AddColumnOp", "AlterColumnOp"], kinds
    dropped, added, altered = inside.ops
    added.column.nullable = True
    altered.modify_nullable = None
    altered.modify_server_default = "y"
    assert altered.modify_type.length == 30
    assert altered.existing_type.length == 20
    inside.ops.remove(dropped)
    script.upgrade_ops.ops.insert(0, ops.ExecuteSQLOp("UPDATE hat SET size = 'x'"))
    script.upgrade_ops.ops.append(
        ops.CreateTableOp("box", [sa.Column("id", sa.Integer, primary_key=True)])
    )
    script.downgrade_ops.ops.insert(0, ops.DropTableOp("box"))
    script.message = "another"
    script.imports.add("import decimal")
""",
        )
    )
    text = project.text("b2")

    assert "import decimal" in text
    assert '"""another' in text
    assert up.index("UPDATE hat") < up.index("add_column") < up.index("create_table")
    assert "drop_index" not in up
    assert 'server_default="y"' in up
    assert "nullable=True" in up.split("alter_column")[0]
    # The other direction is what it was.
    assert "create_index" in down
    assert down.index('drop_table("box")') < down.index("drop_column")


def test_nothing_is_written_where_the_list_is_emptied(project: Plugged) -> None:
    project.env(
        "def changed(context, revision, directives): directives[:] = []", OPTION
    )
    project.done(["revision", {"message": "b2", "autogenerate": True, "rev_id": "b2"}])

    assert len(list(project.versions.iterdir())) == 1


def test_several_revisions_can_be_written_at_once(project: Plugged) -> None:
    first = written(
        project,
        """
def changed(context, revision, directives):
    (script,) = directives
    script.rev_id, script.branch_label = "b2", "shapes"
    (inside,) = script.upgrade_ops.ops
    kept, later = inside.ops[:2], inside.ops[2:]
    inside.ops[:] = kept
    script.downgrade_ops = ops.DowngradeOps(
        [ops.DropColumnOp("hat", "shape")]
    )
    directives.append(
        ops.MigrationScript(
            "c3",
            ops.UpgradeOps([ops.ModifyTableOps("hat", later)]),
            ops.DowngradeOps([]),
            message="the rest",
            head="b2",
        )
    )
""",
    )
    second = project.text("c3")

    assert "branch_labels = ('shapes',)" in first
    assert "add_column" in first and "alter_column" not in first
    assert "down_revision = 'b2'" in second
    assert "alter_column" in second and "add_column" not in second
    project.env()
    project.done(["upgrade", "head"], ["check"], ["downgrade", "a1"])


REWRITER = """
first, second = rewriter.Rewriter(), rewriter.Rewriter()
calls = []

@first.rewrites(ops.AddColumnOp)
def nullable(context, revision, op):
    calls.append(op)
    op.column.nullable = True
    return [
        op,
        ops.AlterColumnOp(
            op.table_name, op.column.name, modify_nullable=False,
            existing_type=op.column.type,
        ),
    ]

@first.rewrites((ops.DropIndexOp, ops.CreateIndexOp))
def keep_indexes(context, revision, op):
    return []

@second.rewrites(ops.AlterColumnOp)
def without_type(context, revision, op):
    op.modify_type = None
    return op if op.has_changes() else []

@second.rewrites(ops.MigrationScript)
def named(context, revision, op):
    assert len(calls) == 1, calls
    op.message = "rewritten"
    return op

changed = first.chain(second)
"""


def test_a_rewriter_changes_each_operation_once(project: Plugged) -> None:
    up, down = ups_and_downs(written(project, REWRITER))

    assert '"""rewritten' in project.text("b2")
    assert "_index" not in up + down
    assert "type_" not in up
    assert up.count("add_column") == 1
    assert up.index("add_column") < up.index("nullable=False")


def test_a_revision_by_hand_gets_what_is_put_into_it(project: Plugged) -> None:
    project.env(
        """
        from alembic.operations import ops

        def changed(context, revision, directives):
            directives[0].upgrade_ops.ops.append(ops.ExecuteSQLOp("SELECT 1"))
            directives[0].rev_id = "z9"
        """,
        OPTION,
    )
    ini = project.folder / "alembic.ini"
    ini.write_text(ini.read_text() + "revision_environment = true\n")
    project.done(["revision", {"message": "b2"}])

    up, down = ups_and_downs(project.text("z9"))
    assert 'op.execute("SELECT 1")' in up
    assert down.split() == ["pass"]


def test_the_function_of_a_command_comes_first_and_all_are_returned(
    project: Plugged,
) -> None:
    said = project.python(
        """
import flask_migrations_ext.alembic_compat
flask_migrations_ext.alembic_compat.install()
from alembic import command
from alembic.config import Config
from alembic.operations import ops

def two(context, revision, directives):
    directives[0].rev_id = "b2"
    directives.append(
        ops.MigrationScript("c3", ops.UpgradeOps([]), ops.DowngradeOps([]), head="b2")
    )

made = command.revision(
    Config("alembic.ini"), autogenerate=True, process_revision_directives=two
)
print([each.revision for each in made])
"""
    )

    assert said.splitlines()[-1] == "['b2', 'c3']"
