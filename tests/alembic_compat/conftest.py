"""Projects that Flask-Migrate wrote, once for all tests, and copied for each."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.alembic_compat.two_tools import two_tools
from tests.alembic_compat.two_tools import TwoTools


def _written(folder: Path, *init: str) -> TwoTools:
    tools = two_tools(folder)
    tools.theirs(*init, "migrate -m one", "upgrade", later=False)
    tools.theirs("migrate -m two", "upgrade")
    return tools


@pytest.fixture(scope="session")
def _one_database(tmp_path_factory: pytest.TempPathFactory) -> TwoTools:
    return _written(tmp_path_factory.mktemp("one") / "app", "init")


@pytest.fixture(scope="session")
def _two_databases(tmp_path_factory: pytest.TempPathFactory) -> TwoTools:
    return _written(tmp_path_factory.mktemp("two") / "app", "init --multidb")


@pytest.fixture
def written(_one_database: TwoTools, tmp_path: Path) -> TwoTools:
    """Return a project with two revisions, applied to the database ``theirs``."""
    return _copied(_one_database, tmp_path / "app")


@pytest.fixture
def written_for_binds(_two_databases: TwoTools, tmp_path: Path) -> TwoTools:
    """Return the same of the template for several databases."""
    return _copied(_two_databases, tmp_path / "app")


def _copied(tools: TwoTools, folder: Path) -> TwoTools:
    shutil.copytree(tools.folder, folder)
    return TwoTools(folder)
