"""Databases for the tests: SQLite always, servers where this machine has them.

``FLASK_MIGRATIONS_WITHOUT=mariadb`` leaves a server out; with
``FLASK_MIGRATIONS_REQUIRE=postgresql,mariadb`` a run that did not test with these
fails. The last lines of a run say what was tested with which database.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Generator
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa
from hypothesis.internal import constants_ast
from hypothesis.internal.conjecture import providers

from tests.databases.servers import names_in
from tests.databases.servers import Server
from tests.databases.servers import ServerRoom
from tests.databases.servers import SERVERS
from tests.databases.servers import ServerUnavailable
from tests.pairs import left_out_of

DATABASES = ("sqlite", *SERVERS)

# Memory, where there is enough of it, as files: a disk is waited for with each commit,
# most of the time that a run takes. Processes that the tests start go by it, too.
MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 4 << 30
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK):
    if shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

# A slow moment of a shared machine is not a bug: no deadline in either.
hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
if hypothesis.settings().derandomize:
    # Hypothesis also draws the constants of the modules that are loaded by then, which
    # depends on the tests before: one commit would pass here and fail there.
    providers._get_local_constants = constants_ast.Constants

room_key = pytest.StashKey[ServerRoom]()
tally_key = pytest.StashKey["Tally"]()


# -- databases ------------------------------------------------------------------------


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> sa.URL:
    """Return the URL of a new and empty database, of each kind in turn."""
    url: sa.URL = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> sa.URL:
    return sa.URL.create("sqlite", database=str(tmp_path / "database.sqlite"))


@pytest.fixture
def postgresql_url(postgresql_server: Server) -> Iterator[sa.URL]:
    url = postgresql_server.create_database()
    yield url
    postgresql_server.drop_database(url)


@pytest.fixture
def mariadb_url(mariadb_server: Server) -> Iterator[sa.URL]:
    url = mariadb_server.create_database()
    yield url
    mariadb_server.drop_database(url)


@pytest.fixture
def engine(database_url: sa.URL) -> Iterator[sa.Engine]:
    yield from disposed(sa.create_engine(database_url))


@pytest.fixture
def sqlite_engine(sqlite_url: sa.URL) -> Iterator[sa.Engine]:
    yield from disposed(sa.create_engine(sqlite_url))


@pytest.fixture
def postgresql_engine(postgresql_url: sa.URL) -> Iterator[sa.Engine]:
    yield from disposed(sa.create_engine(postgresql_url))


@pytest.fixture
def mariadb_engine(mariadb_url: sa.URL) -> Iterator[sa.Engine]:
    yield from disposed(sa.create_engine(mariadb_url))


def disposed(engine: sa.Engine) -> Iterator[sa.Engine]:
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.connect() as connection:
        yield connection


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Server:
    """Return each server in turn, for tests that need several databases on it."""
    found: Server = request.getfixturevalue(f"{request.param}_server")
    return found


@pytest.fixture(scope="session")
def postgresql_server(server_room: ServerRoom) -> Server:
    return server_or_skip(server_room, "postgresql")


@pytest.fixture(scope="session")
def mariadb_server(server_room: ServerRoom) -> Server:
    return server_or_skip(server_room, "mariadb")


def server_or_skip(room: ServerRoom, name: str) -> Server:
    try:
        return room.server(name)
    except ServerUnavailable as error:
        pytest.skip(f"{name} NOT RUN ({error})")


@pytest.fixture(scope="session")
def server_room(pytestconfig: pytest.Config) -> ServerRoom:
    return pytestconfig.stash[room_key]


# -- one room for the run, also when pytest-xdist spreads it over processes -----------


def pytest_configure(config: pytest.Config) -> None:
    workerinput: dict[str, Any] | None = getattr(config, "workerinput", None)
    if workerinput is None:
        config.stash[room_key] = ServerRoom.opened()
        config.stash[tally_key] = tally = Tally()
        config.pluginmanager.register(tally)
    else:
        config.stash[room_key] = ServerRoom(Path(workerinput["server_room"]))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the room is."""
    node.workerinput["server_room"] = str(node.config.stash[room_key].directory)


@pytest.hookimpl(trylast=True)  # after the marks that folders set
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    if left_out := left_out_of(items):
        config.hook.pytest_deselected(
            items=[each for each in items if each in left_out]
        )
        items[:] = [each for each in items if each not in left_out]


def pytest_unconfigure(config: pytest.Config) -> None:
    if room_key in config.stash:
        config.stash[room_key].close()


# -- what ran -------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note in the report, which also travels between processes, the databases used."""
    report = yield
    report.user_properties += [("database", name) for name in databases_of(item)]
    return report


def databases_of(item: pytest.Item) -> list[str]:
    fixtures: list[str] = getattr(item, "fixturenames", [])
    callspec = getattr(item, "callspec", None)
    params = callspec.params if callspec else {}
    chosen = {params.get("database_url"), params.get("server")}
    return [
        name
        for name in DATABASES
        if name in chosen or {f"{name}_url", f"{name}_server"}.intersection(fixtures)
    ]


class Tally:
    """How many tests ran with each database; the run fails if a required one lacks."""

    def __init__(self) -> None:
        self.ran: Counter[str] = Counter()
        self.not_run: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for key, value in report.user_properties:
            if key != "database":
                continue
            name = str(value)
            if report.when == "call" and not report.skipped:
                self.ran[name] += 1
            elif report.when == "setup" and report.skipped:
                assert isinstance(report.longrepr, tuple)
                reason = report.longrepr[2].removeprefix("Skipped: ")
                if reason.startswith(f"{name} NOT RUN"):
                    self.not_run[name] = reason

    def missing(self) -> list[str]:
        """Return the required databases that were not tested."""
        required = names_in("FLASK_MIGRATIONS_REQUIRE")
        return [name for name in required if not self.ran[name] or name in self.not_run]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        passed = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if self.missing() and session.exitstatus in passed:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        missing = self.missing()
        if self.ran or self.not_run or missing:
            counts = (
                self.not_run.get(name, f"{name} {self.ran[name]} tests")
                for name in DATABASES
            )
            terminalreporter.write_line(f"databases: {', '.join(counts)}")
        if missing:
            terminalreporter.write_line(
                f"failed: required, but not tested: {', '.join(missing)}", red=True
            )
