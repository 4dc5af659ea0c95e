"""The case of a test, and the databases that it is for."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.databases.servers import Server

from .case import Case
from .cases import CASES
from .cases import CHANGES
from .cases import SCRIPTS
from .runs import engine_for


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    """Return each case in turn."""
    return CASES[request.param]


@pytest.fixture(params=SCRIPTS)
def script_case(request: pytest.FixtureRequest) -> Case:
    """Return each case in turn, those that are compared with Alembic, too."""
    return SCRIPTS[request.param]


@pytest.fixture(params=CHANGES)
def change_case(request: pytest.FixtureRequest) -> Case:
    """Return each case in turn, those that are compared with Alembic, too."""
    return CHANGES[request.param]


@pytest.fixture
def live(database_url: sa.URL) -> Iterator[sa.Engine]:
    """Return an empty database for a live run."""
    with engine_for(database_url) as engine:
        yield engine


@pytest.fixture
def other(
    database_url: sa.URL, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[sa.Engine]:
    """Return a second empty database of the same kind."""
    name = database_url.get_backend_name()
    if name == "sqlite":
        url = database_url.set(database=str(tmp_path / "other.sqlite"))
        with engine_for(url) as engine:
            yield engine
        return

    server: Server = request.getfixturevalue(f"{name}_server")
    url = server.create_database()
    with engine_for(url) as engine:
        yield engine
    server.drop_database(url)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip cases on databases that they are not for."""
    for item in items:
        # Every test of the run comes by here, and others have cases of their own.
        if Path(__file__).parent not in item.path.parents:
            continue

        params = getattr(getattr(item, "callspec", None), "params", {})
        name = params.get("case") or params.get("change_case")
        if name is None:
            continue

        unfit = CHANGES[str(name)].but_not.get(database_of(item, params) or "")
        if unfit:
            item.add_marker(pytest.mark.skip(unfit))


def database_of(item: pytest.Item, params: Mapping[str, object]) -> str | None:
    """Return the kind of database that a test is about, if it is about one."""
    if "sqlite_url" in getattr(item, "fixturenames", ()):
        return "sqlite"

    found = params.get("database_url") or params.get("name")
    return None if found is None else str(found)
