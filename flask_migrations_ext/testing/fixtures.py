"""Fixtures: databases that an app's migrations have made, and what moves them.

They are made beside the databases that the app is configured with, which are never
changed. While a test runs, the app's own engines mean them.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ..errors import MigrationError
from ..rehearsal.migrator import Migrator
from ..rehearsal.rows.maker import Given
from ..rehearsal.scratch import ScratchApp
from .templates import Templates


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings of the fixtures."""
    parser.addini(
        "migrated_db_scope",
        "how long a migrated database serves: 'function' or 'session'",
        default="function",
    )


def _scope(fixture_name: str, config: pytest.Config) -> Any:
    return config.getini("migrated_db_scope")


@pytest.fixture(scope=_scope)
def migrations_app(request: pytest.FixtureRequest) -> Any:
    """Return the app whose migrations are tested: the fixture ``app``, unless another
    fixture of this name says otherwise."""
    return request.getfixturevalue("app")


@pytest.fixture(scope="session")
def migrations_values() -> Given:
    """Return values for columns that take what nobody guesses, by table and column."""
    return {}


@pytest.fixture(scope=_scope)
def scratch_migrator(
    migrations_app: Any, tmp_path_factory: pytest.TempPathFactory
) -> Migrator:
    """Return the app's migrations, its engines as they are configured."""
    with explained():
        folder = tmp_path_factory.mktemp("databases")
        return Migrator(ScratchApp.of(migrations_app, folder))


@pytest.fixture
def migrator(scratch_migrator: Migrator) -> Iterator[Migrator]:
    """Return the app's migrations on new and empty databases."""
    scratch = scratch_migrator.scratch
    with explained():
        urls = scratch.create()
    with _on(scratch_migrator, urls):
        yield scratch_migrator


@pytest.fixture(scope=_scope)
def migrated_db(
    scratch_migrator: Migrator, pytestconfig: pytest.Config
) -> Iterator[Migrator]:
    """Return the app's migrations on databases that have all revisions."""
    templates = Templates(scratch_migrator, kept_in(pytestconfig))
    with explained():
        urls = templates.databases_at("heads")
    with _on(scratch_migrator, urls):
        yield scratch_migrator


@pytest.fixture
def at_revision(
    scratch_migrator: Migrator, pytestconfig: pytest.Config
) -> Iterator[Callable[[str], Migrator]]:
    """Return a function that takes a target, and gives databases that are there."""
    templates = Templates(scratch_migrator, kept_in(pytestconfig))
    with ExitStack() as stack:

        def at(revision: str) -> Migrator:
            with explained():
                urls = templates.databases_at(revision)
            stack.enter_context(_on(scratch_migrator, urls))
            return scratch_migrator

        yield at


@contextmanager
def _on(migrator: Migrator, urls: Any) -> Iterator[None]:
    try:
        with ExitStack() as stack:
            with explained():
                stack.enter_context(migrator.scratch.moved_to(urls))
            yield
    finally:
        migrator.scratch.drop(urls)


@contextmanager
def explained(but: type[MigrationError] | None = None) -> Iterator[None]:
    """Let a test fail with the message of an error, without a traceback of ours.

    :param but: errors of this kind are raised.
    """
    try:
        yield
    except MigrationError as error:
        if but is not None and isinstance(error, but):
            raise
        pytest.fail(str(error), pytrace=False)


def kept_in(config: pytest.Config) -> Path:
    """Return the folder of what is kept from one run of the tests to the next."""
    return Path(config.rootpath, config.getini("cache_dir"), "flask_migrations")
