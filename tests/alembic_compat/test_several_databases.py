"""Folders of Flask-Migrate's template for several databases."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest

from tests.alembic_compat.two_tools import TwoTools
from tests.apps import LOGS_MODEL
from tests.apps import new_project
from tests.apps import USER
from tests.databases.servers import Server


def test_either_tool_goes_on_where_the_other_stopped(
    written_for_binds: TwoTools,
) -> None:
    project = written_for_binds
    project.ours("upgrade")
    for suffix in ("", ".logs"):
        assert project.schema(f"ours{suffix}") == project.schema(f"theirs{suffix}")
        assert project.versions(f"ours{suffix}") == project.versions(f"theirs{suffix}")

    project.theirs("upgrade", "check", "downgrade", database="ours")
    [*_, current] = project.ours("upgrade", "check", "current")
    [head] = project.versions("theirs")
    assert current.out == f"{head} (head) (current)\n[logs] {head} (head) (current)\n"

    project.ours("downgrade base")
    assert project.schema("ours") == project.schema("ours.logs") == {}


def test_a_revision_for_both_has_a_function_for_each(
    written_for_binds: TwoTools,
) -> None:
    project = written_for_binds
    for path in (project.migrations / "versions").glob("*_two.py"):
        path.unlink()
    project.ours("upgrade", later=False)
    project.ours("migrate -m two --rev-id a2", "upgrade", "check")
    text = (project.migrations / "versions" / "a2_two.py").read_text()

    before, _, after = text.partition("def upgrade_logs():")
    assert "'user'" in before or '"user"' in before
    assert "line" in after.partition("def downgrade_logs")[0]

    project.theirs("upgrade", "check", database="new")
    for suffix in ("", ".logs"):
        assert project.schema(f"new{suffix}") == project.schema(f"theirs{suffix}")


def test_sql_text_goes_to_the_files_that_env_py_opens(
    written_for_binds: TwoTools,
) -> None:
    [ran] = written_for_binds.ours("upgrade --sql")

    assert ran.out.strip() == ""
    assert "CREATE TABLE post" in (written_for_binds.folder / ".sql").read_text()
    assert "CREATE TABLE line" in (written_for_binds.folder / "logs.sql").read_text()


def test_what_fails_in_one_leaves_the_caller_to_roll_back(
    written_for_binds: TwoTools,
) -> None:
    project = written_for_binds
    project.ours("upgrade")
    [head] = project.versions("ours")
    (project.migrations / "versions" / "b3.py").write_text(
        "from alembic import op\n"
        f"revision, down_revision = 'b3', '{head}'\n"
        "def upgrade(engine_name):\n"
        "    op.execute('INSERT INTO nowhere VALUES (1)')\n"
        "def downgrade(engine_name): pass\n"
    )
    [ran] = project.run("flask_migrations_ext", ("upgrade",))

    assert ran.status == 1
    assert "no such table: nowhere" in ran.err
    assert "Traceback" not in ran.err
    assert project.versions("ours") == project.versions("ours.logs") == [head]


# Flask-SQLAlchemy's, which that env.py asks first.
@pytest.mark.filterwarnings("ignore:'get_engine' is deprecated")
def test_both_are_on_a_server(tmp_path: Path, server: Server) -> None:
    """Where their transactions are open at the same time."""
    url, logs = server.create_database(), server.create_database()
    binds = {"logs": logs.render_as_string(hide_password=False)}
    project = new_project(tmp_path / "app", USER + LOGS_MODEL, url=url, binds=binds)
    template = Path(flask_migrate.__file__).parent / "templates" / "flask-multidb"
    project.done("init", "-t", str(template))
    project.done("migrate", "--rev-id", "a1")
    project.done("upgrade")
    project.done("check")
    assert (project.tables(), project.tables("logs")) == ({"user"}, {"line"})
    assert project.version() == project.version("logs") == ["a1"]

    project.done("downgrade")
    assert project.tables() == project.tables("logs") == set()
    with project.app.app_context():
        for engine in project.app.extensions["sqlalchemy"].engines.values():
            engine.dispose()
    for each in (url, logs):
        server.drop_database(each)
