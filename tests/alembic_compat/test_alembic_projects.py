"""Folders that Alembic itself wrote, with or without a Flask app."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.alembic_compat.two_tools import connected
from tests.alembic_compat.two_tools import two_tools
from tests.alembic_compat.two_tools import TwoTools

_MODELS = """\
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("user", metadata, sa.Column("id", sa.Integer, primary_key=True))
"""

_SCRIPT = """\
from alembic import op
import sqlalchemy as sa

revision, down_revision = "a1", None


def upgrade() -> None:
    op.create_table("user", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade() -> None:
    op.drop_table("user")
"""


def alembic(project: TwoTools, *arguments: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=project.folder,
        env={"PYTHONPATH": str(project.folder)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr


def tables(path: Path) -> set[str]:
    with connected(path) as connection:
        return set(connection.dialect.get_table_names(connection))


@pytest.fixture(params=["generic", "pyproject", "async", "pyproject_async"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> TwoTools:
    """A folder named ``history``, whose env.py has got the models and no more."""
    tools = two_tools(tmp_path / "app")
    alembic(tools, "init", "-t", request.param, "history")
    folder = tools.folder
    (folder / "models.py").write_text(_MODELS)
    (folder / "history" / "versions" / "a1.py").write_text(_SCRIPT)

    env = folder / "history" / "env.py"
    env.write_text(
        env.read_text().replace(
            "target_metadata = None", "from models import metadata as target_metadata"
        )
    )
    ini = folder / "alembic.ini"
    lines = [
        line for line in ini.read_text().splitlines() if "sqlalchemy.url" not in line
    ]
    driver = "sqlite+aiosqlite" if "async" in request.param else "sqlite"
    lines.insert(
        lines.index("[alembic]") + 1, f"sqlalchemy.url = {driver}:///%(here)s/found"
    )
    ini.write_text("\n".join(lines))
    return tools


def test_the_folder_is_found_by_its_settings_file(project: TwoTools) -> None:
    """The app says nothing of a folder, and its ``migrations`` is not there."""
    [_, check, current, _, history] = project.ours(
        "upgrade", "check", "current", "migrate -m none", "history"
    )

    assert tables(project.folder / "found") == {"user", "alembic_version"}
    assert check.out == "No new upgrade operations detected.\n"
    assert current.out == "a1 (head) (current)\n"
    assert history.out.startswith("<base> -> a1 (head)")

    alembic(project, "check")
    alembic(project, "downgrade", "base")
    assert tables(project.folder / "found") == {"alembic_version"}


_WITHOUT_APP = """
import flask_migrations_ext.alembic_compat
flask_migrations_ext.alembic_compat.install()

from alembic import command
from alembic.config import Config

config = Config("alembic.ini", toml_file="pyproject.toml")
command.upgrade(config, "head")
command.check(config)
command.current(config)
command.heads(config)
command.history(config, indicate_current=True)
command.show(config, "head")
command.branches(config)
command.downgrade(config, "base")
command.stamp(config, "head")
print(command.revision(config, "empty", rev_id="b2").revision)
command.upgrade(config, "head", sql=True)
"""


def test_commands_run_without_an_app(project: TwoTools) -> None:
    out = project.python("flask_migrations_ext", _WITHOUT_APP)
    lines = out.splitlines()

    assert lines[:4] == [
        "No new upgrade operations detected.",
        "a1 (head)",
        "a1 (head)",
        "<base> -> a1 (head) (current), ",
    ]
    assert "b2" in lines
    assert "CREATE TABLE user" in out
    alembic(project, "current")


def test_the_template_for_several_databases_runs(tmp_path: Path) -> None:
    project = two_tools(tmp_path / "app")
    alembic(project, "init", "-t", "multidb", "history")
    ini = project.folder / "alembic.ini"
    text = ini.read_text()
    for name in ("", "2"):
        text = text.replace(
            f"sqlalchemy.url = driver://user:pass@localhost/dbname{name}\n",
            f"sqlalchemy.url = sqlite:///%(here)s/found{name}\n",
        )
    ini.write_text(text)
    alembic(project, "revision", "-m", "one", "--rev-id", "a1")
    script = project.folder / "history" / "versions" / "a1_one.py"
    assert "def upgrade_engine2" in script.read_text()

    [*_, current] = project.ours("upgrade", "current")
    assert current.out == (
        "[engine1] a1 (head) (current)\n[engine2] a1 (head) (current)\n"
    )
    project.ours("revision -m two --rev-id b2")
    written = project.folder / "history" / "versions" / "b2_two.py"
    assert "def upgrade_engine2" in written.read_text()
    alembic(project, "upgrade", "head")
    assert project.versions("found") == project.versions("found2") == ["b2"]
