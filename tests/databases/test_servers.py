"""The servers of the tests: new databases on them, and their end."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from .servers import PROJECT
from .servers import Server
from .servers import ServerRoom
from .servers import ServerUnavailable


def test_a_new_database_is_empty_and_can_be_written_to(engine: sa.Engine) -> None:
    table = sa.Table("note", sa.MetaData(), sa.Column("text", sa.String(20)))
    before = sa.inspect(engine).get_table_names()
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert().values(text="zwölf 🦆"))
    with engine.connect() as connection:
        found = connection.execute(sa.select(table.c.text)).scalar_one()

    assert before == []
    assert found == "zwölf 🦆"


def test_the_url_is_of_the_database_that_was_asked_for(
    request: pytest.FixtureRequest, connection: sa.Connection
) -> None:
    assert f"[{connection.dialect.name}]" in request.node.name


def test_databases_on_a_server_do_not_see_each_other(server: Server) -> None:
    one, other = server.create_database(), server.create_database()
    execute(one, "CREATE TABLE note (id INT)")
    seen = {url: tables(url) for url in (one, other)}
    server.drop_database(one)
    server.drop_database(other)

    assert seen == {one: ["note"], other: []}


def test_a_database_can_be_dropped_while_a_transaction_is_open_in_it(
    server: Server,
) -> None:
    url = server.create_database()
    execute(url, "CREATE TABLE note (id INT)")
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    left_open = engine.connect()
    left_open.execute(sa.text("SELECT * FROM note")).all()
    server.drop_database(url)

    with pytest.raises(sa.exc.OperationalError):
        execute(url, "SELECT 1")
    left_open.invalidate()
    left_open.close()


@pytest.mark.usefixtures("postgresql_server")  # skips where there is none
def test_all_who_ask_at_once_get_the_same_server() -> None:
    room = ServerRoom.opened()
    try:
        with ThreadPoolExecutor(4) as pool:
            found = set(pool.map(room.server, ["postgresql"] * 4))
    finally:
        room.close()

    assert len(found) == len(room.keepers) == 1


def test_a_server_that_is_left_out_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FLASK_MIGRATIONS_WITHOUT", "postgresql, mariadb")
    room = ServerRoom.opened()
    try:
        with pytest.raises(ServerUnavailable, match="left out"):
            room.server("mariadb")
    finally:
        room.close()

    assert not room.directory.exists()


START_A_SERVER_AND_WAIT = """
import sys
from tests.databases.servers import ServerRoom

room = ServerRoom.opened()
server = room.server("postgresql")
print(room.directory, server.url.port, flush=True)
sys.stdin.read()
room.close()
"""


@pytest.mark.usefixtures("postgresql_server")  # skips where there is none
@pytest.mark.parametrize("ending", [None, signal.SIGKILL])
def test_a_server_ends_with_its_run(ending: signal.Signals | None) -> None:
    """Even if the run is killed: nothing is left, neither processes nor files."""
    with subprocess.Popen(
        [sys.executable, "-c", START_A_SERVER_AND_WAIT],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        words = owner.stdout.readline().split()
        directory, port = Path(words[0]), int(words[1])
        kept = os.open(directory / "postgresql" / "kept", os.O_RDONLY)
        if ending is not None:
            owner.send_signal(ending)
    # The keeper of the server holds this lock until it is done; close() waits for it.
    closed = ending is None
    fcntl.flock(kept, fcntl.LOCK_SH | (fcntl.LOCK_NB if closed else 0))
    os.close(kept)

    assert not directory.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


A_TEST_WITHOUT_A_SERVER = (
    "tests/databases/test_servers.py"
    "::test_a_new_database_is_empty_and_can_be_written_to"
)


@pytest.mark.parametrize(
    ("required", "processes", "status", "last_words"),
    [
        ("", "0", 0, "databases: sqlite 1 tests, postgresql NOT RUN (left out"),
        ("sqlite", "0", 0, "mariadb NOT RUN (left out by FLASK_MIGRATIONS_WITHOUT)"),
        ("mariadb", "0", 1, "failed: required, but not tested: mariadb"),
        ("mariadb", "2", 1, "failed: required, but not tested: mariadb"),
    ],
)
def test_a_run_fails_without_a_required_database(
    required: str, processes: str, status: int, last_words: str
) -> None:
    variables = {
        "FLASK_MIGRATIONS_WITHOUT": "postgresql,mariadb",
        "FLASK_MIGRATIONS_REQUIRE": required,
    }
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", processes, A_TEST_WITHOUT_A_SERVER],
        cwd=PROJECT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
    )

    assert (run.returncode, last_words in run.stdout) == (status, True), run.stdout


def execute(url: sa.URL, statement: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text(statement))


def tables(url: sa.URL) -> list[str]:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    return sa.inspect(engine).get_table_names()
