"""What deploy scripts, health checks and tests call of Alembic.

For type checkers, what is imported here is Alembic's own.
"""

# mypy: ignore-errors

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext.alembic_compat.projects.names import in_place
from flask_migrations_ext.errors import MigrationError
from flask_migrations_ext.errors import MultipleHeads
from tests.apps import CREATE_USER
from tests.apps import DROP_USER
from tests.apps import new_project
from tests.apps import Project

ENV = """
from alembic import context
from flask import current_app

connection = context.config.attributes.get("connection")
if connection is None:
    connection = current_app.extensions["migrate"].db.engine.connect()
context.configure(
    connection=connection, target_metadata=current_app.extensions["migrate"].metadata
)
with context.begin_transaction():
    context.run_migrations()
if "connection" not in context.config.attributes:
    connection.close()
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = new_project(tmp_path / "app").with_folder()
    (project.migrations / "env.py").write_text(ENV)
    project.script("a1", upgrade=CREATE_USER, downgrade=DROP_USER, message="Users")
    project.script("b2", "a1", labels=("late",))
    return project


@pytest.fixture
def config(project: Project) -> Iterator[Any]:
    with project.app.app_context(), in_place():
        yield project.app.extensions["migrate"].migrate.get_config()


@pytest.fixture
def connection(project: Project) -> Iterator[sa.Connection]:
    with project.app.app_context():
        engine = project.app.extensions["sqlalchemy"].engine
        with engine.connect() as connection:
            yield connection


def test_commands_move_the_app(project: Project, config: Any) -> None:
    from alembic import command

    command.upgrade(config, "a1")
    command.upgrade(config, "+1")
    assert (project.tables(), project.version()) == ({"user"}, ["b2"])

    command.downgrade(config, "-2")
    assert project.tables() == set()
    command.stamp(config, ["b2"])
    assert project.version() == ["b2"]
    command.stamp(config, "base", purge=True)
    assert project.version() == []


def test_commands_print_where_the_settings_say(project: Project, config: Any) -> None:
    from alembic import command

    config.output_buffer = io.StringIO()
    command.upgrade(config, "head")
    command.current(config, verbose=True)
    command.branches(config)
    command.show(config, "a1")
    command.history(config, "a1:")
    command.list_templates(config)
    command.ensure_version(config, sql=True)
    out = config.output_buffer.getvalue()

    assert out.startswith("Current revision(s) for sqlite:")
    assert "\nRev: b2 (head)\nParent: a1\nBranch names: late\n" in out
    assert "a1 -> b2 (late) (head), Revision b2\n<base> -> a1 (late), Users\n" in out
    assert "CREATE TABLE alembic_version" in out


def test_commands_write_files(project: Project, config: Any) -> None:
    from alembic import command

    command.upgrade(config, "head")
    made = command.revision(config, "three", rev_id="c3")
    assert (made.revision, made.down_revision) == ("c3", "b2")
    assert Path(made.path) == project.versions / "c3_three.py"

    command.revision(config, "other", head="b2", splice=True, rev_id="d4")
    merged = command.merge(config, ["c3", "d4"], "both", rev_id="e5")
    assert set(merged.down_revision) == {"c3", "d4"}
    command.upgrade(config, "head")
    assert command.revision(config, "none", autogenerate=True) is not None


@pytest.mark.parametrize("starting_rev", [None, "a1"])
def test_as_sql_in_env_py_writes_in_place_of_executing(
    project: Project, config: Any, starting_rev: str | None
) -> None:
    from alembic import command
    from alembic.util import CommandError

    said = f"configure(starting_rev={starting_rev!r}, as_sql=True, "
    (project.migrations / "env.py").write_text(ENV.replace("configure(", said))
    config.output_buffer = io.StringIO()
    command.upgrade(config, "head")
    command.stamp(config, "b2")
    out = config.output_buffer.getvalue()

    assert ("CREATE TABLE user" in out) is (starting_rev is None)
    assert ("VALUES ('b2')" in out) is (starting_rev is None)
    assert out.count("version_num='b2'") == (2 if starting_rev else 1)
    assert (project.tables(), project.version()) == (set(), [])
    with pytest.raises(CommandError, match="leave out as_sql"):
        command.check(config)


def test_errors_are_what_callers_catch(project: Project, config: Any) -> None:
    from alembic import command
    from alembic.util import CommandError

    with pytest.raises(CommandError, match="no revision or branch 'nowhere'"):
        command.upgrade(config, "nowhere")
    with pytest.raises(CommandError, match="differ"):
        command.upgrade(config, "head")
        command.check(config)
    assert CommandError is MigrationError


def test_a_connection_can_be_passed_to_env_py(
    project: Project, config: Any, connection: sa.Connection
) -> None:
    """The transaction is the caller's."""
    from alembic import command

    with connection.begin() as transaction:
        connection.exec_driver_sql("CREATE TABLE before (id INTEGER)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        names = connection.dialect.get_table_names(connection)
        transaction.rollback()

    assert names == ["alembic_version", "before", "user"]


# -- the history -------------------------------------------------------------


def test_the_history_can_be_walked(project: Project, config: Any) -> None:
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(config)
    heads = [script.get_current_head(), script.get_heads(), script.get_base()]
    walked = [each.revision for each in script.walk_revisions()]
    some = [each.revision for each in script.iterate_revisions("head", "a1")]
    first = script.get_revision("a1")

    assert heads == ["b2", ["b2"], "a1"]
    assert (walked, some) == (["b2", "a1"], ["b2"])
    assert (first.doc, first.is_base, first.is_head) == ("Users", True, False)
    assert (first.nextrev, first.branch_labels) == ({"b2"}, {"late"})
    assert str(first) == "<base> -> a1, Users"
    assert first.module.revision == "a1"
    assert [each.revision for each in script.get_revisions("heads")] == ["b2"]
    assert script.as_revision_number("late@head") == "b2"
    assert script.as_revision_number("late") == "late"
    assert script.as_revision_number("base") is None
    assert script.get_revision("base") is None
    assert Path(script.versions) == project.versions
    assert Path(script.env_py_location) == project.migrations / "env.py"

    project.script("c3", "a1")
    script = ScriptDirectory.from_config(config)
    assert set(script.get_heads()) == {"b2", "c3"}
    assert script.get_revision("a1").is_branch_point
    with pytest.raises(MultipleHeads):
        script.get_current_head()


# -- the database ------------------------------------------------------------


def test_a_database_says_where_it_is(
    project: Project, config: Any, connection: sa.Connection
) -> None:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    context = MigrationContext.configure(connection)
    assert (context.get_current_revision(), context.get_current_heads()) == (None, ())
    connection.rollback()

    context.stamp(ScriptDirectory.from_config(config), "head")
    assert context.get_current_revision() == "b2"
    assert (context.bind, context.as_sql) == (connection, False)
    assert context.impl.transactional_ddl
    other = MigrationContext.configure(dialect_name=context.dialect.name)
    assert (other.connection, other.as_sql) == (None, True)
    assert other.get_current_heads() == ()


def test_env_py_can_be_run_for_a_function(project: Project, config: Any) -> None:
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(config)
    asked: list[Any] = []

    def look(revision: Any, context: Any) -> list[Any]:
        asked.append((revision, context.get_current_heads()))
        return []

    def apply(revision: Any, context: Any) -> Any:
        return script._upgrade_revs("head", revision)

    for function in (look, apply, look):
        with EnvironmentContext(config, script, fn=function):
            script.run_env()

    assert asked == [((), ()), (("b2",), ("b2",))]
    assert project.tables() == {"user"}
    with pytest.raises(MigrationError, match="EnvironmentContext"):
        script.run_env()


def test_operations_run_on_a_connection_of_ones_own(
    config: Any, connection: sa.Connection
) -> None:
    from alembic import op
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    operations = Operations(MigrationContext.configure(connection))
    with connection.begin():
        operations.create_table("one", sa.Column("id", sa.Integer, primary_key=True))
        with operations.batch_alter_table("one") as batch:
            batch.add_column(sa.Column("name", sa.String(10)))
        with Operations.context(MigrationContext.configure(connection)):
            op.add_column("one", sa.Column("other", sa.Integer))

    columns = connection.exec_driver_sql("SELECT * FROM one").keys()
    assert list(columns) == ["id", "name", "other"]


def test_a_database_is_compared_with_its_models(
    project: Project, config: Any, connection: sa.Connection
) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    metadata = project.app.extensions["migrate"].metadata
    found = compare_metadata(MigrationContext.configure(connection), metadata)

    ((kind, table),) = found
    assert (kind, table.name, len(table.columns)) == ("add_table", "user", 2)
