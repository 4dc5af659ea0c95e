"""Folders whose env.py runs in an event loop, written by the tools themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.alembic_compat.two_tools import two_tools
from tests.alembic_compat.two_tools import TwoTools

# What aioflask and Alchemical offer to an env.py.
_APP = """\
import os
from pathlib import Path

from flask import Flask
from sqlalchemy import Column, Integer, MetaData, String, Table
from sqlalchemy.ext.asyncio import create_async_engine
from {package} import Migrate

LATER = bool(os.environ.get("LATER"))
HERE = Path(__file__).parent


class Database:
    def __init__(self):
        self.metadata = MetaData()
        columns = [Column("city", String(20), index=True)] if LATER else []
        Table("user", self.metadata, Column("id", Integer, primary_key=True), *columns)

    def get_engine(self, bind=None):
        path = HERE / os.environ["DATABASE"]
        return create_async_engine(f"sqlite+aiosqlite:///{{path}}")


def create_app():
    app = Flask("shop", root_path=str(HERE))
    Migrate(app, Database())
    return app
"""


@pytest.fixture
def project(tmp_path: Path) -> TwoTools:
    tools = two_tools(tmp_path / "app")
    for package in ("flask_migrate", "flask_migrations_ext"):
        (tools.folder / f"shop_{package}.py").write_text(_APP.format(package=package))
    return tools


# get_event_loop() in the env.py; what is left open is left so by the engine above.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_folder_for_aioflask_runs(project: TwoTools) -> None:
    project.theirs("init -t aioflask", "migrate -m one", "upgrade", later=False)
    project.theirs("migrate -m two", "upgrade")

    project.ours("upgrade +1", later=False)
    project.ours("upgrade")
    assert project.schema("ours") == project.schema("theirs")
    assert project.versions("ours") == project.versions("theirs")

    project.theirs("upgrade", "check", "downgrade", database="ours")
    [_, check, _, text] = project.ours(
        "upgrade", "check", "downgrade base", "upgrade --sql"
    )
    assert check.out == "No new upgrade operations detected.\n"
    assert "CREATE TABLE user" in text.out
