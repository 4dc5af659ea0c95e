"""Starts what stands between an app and its database: Galera's nodes, and PgBouncer.

Galera's nodes are whole servers with one content; PgBouncer in transaction mode gives
each transaction whichever session is free. Neither keeps a lock of a session as one
server does. Both are started from Debian's packages (``mariadb-server-core``,
``galera-4``, ``rsync``; ``pgbouncer``), on ports of the loopback and data of their own.
"""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

GALERA = "/usr/lib/galera/libgalera_smm.so"
# Below those that the system hands out: another program might have one of these.
FIRST_PORT = 23100
SECONDS_TO_START = 60


@contextmanager
def galera(folder: Path, nodes: int = 3) -> Iterator[Sequence[sa.URL]]:
    """Run a cluster on data in ``folder``; yield the URL of each node.

    :raises RuntimeError: if a node does not join, with the end of its log.
    """
    ports = [FIRST_PORT + 10 * node for node in range(nodes)]
    cluster = ",".join(f"127.0.0.1:{port + 1}" for port in ports)
    owner = _account()
    with ExitStack() as running:
        for node, port in enumerate(ports):
            home = folder / f"node{node}"
            (home / "data").mkdir(parents=True)
            install = ["mariadb-install-db", "--no-defaults", *_as(owner)]
            install += [f"--datadir={home / 'data'}", "--skip-test-db"]
            install += ["--auth-root-authentication-method=normal"]
            _owned(home, owner)
            subprocess.run(install, check=True, capture_output=True)
            command = ["mariadbd", "--no-defaults", *_as(owner)]
            command += _node(node, home, port, cluster)
            running.enter_context(_running(command, home / "log"))
            url = sa.URL.create("mariadb+pymysql", "root", host="127.0.0.1", port=port)
            _wait(partial(_is_synced, url), home / "log")

        yield [
            sa.URL.create("mariadb+pymysql", "root", host="127.0.0.1", port=port)
            for port in ports
        ]


def _node(node: int, home: Path, port: int, cluster: str) -> list[str]:
    settings = {
        "datadir": home / "data",
        "socket": home / "socket",
        "pid-file": home / "pid",
        "port": port,
        "bind-address": "127.0.0.1",
        "binlog-format": "ROW",
        "innodb-autoinc-lock-mode": 2,
        "innodb-flush-log-at-trx-commit": 0,
        "innodb-buffer-pool-size": "64M",
        "wsrep-on": "ON",
        "wsrep-provider": GALERA,
        "wsrep-cluster-name": "migrations",
        "wsrep-cluster-address": f"gcomm://{cluster}",
        "wsrep-node-name": f"node{node}",
        "wsrep-node-address": f"127.0.0.1:{port + 1}",
        "wsrep-provider-options": f"gmcast.listen_addr=tcp://127.0.0.1:{port + 1};"
        f"ist.recv_addr=127.0.0.1:{port + 2};gcache.size=64M",
        "wsrep-sst-method": "rsync",
        "wsrep-sst-receive-address": f"127.0.0.1:{port + 3}",
    }
    options = [f"--{key}={value}" for key, value in settings.items()]
    return [*options, *(["--wsrep-new-cluster"] if node == 0 else [])]


def _is_synced(url: sa.URL) -> bool:
    asked = "SHOW STATUS LIKE 'wsrep_local_state_comment'"
    with sa.create_engine(url, poolclass=NullPool).connect() as connection:
        return bool(connection.exec_driver_sql(asked).all()[0][1] == "Synced")


@contextmanager
def pgbouncer(folder: Path, server: sa.URL) -> Iterator[sa.URL]:
    """Run PgBouncer in transaction mode before a server; yield its URL.

    :raises RuntimeError: if it does not start, with the end of its log.
    """
    home, port = folder / "pgbouncer", FIRST_PORT + 50
    home.mkdir(parents=True)
    users = home / "users.txt"
    users.write_text(f'"{server.username}" "{server.password or ""}"\n')
    settings = home / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n* = host={server.host} port={server.port}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
        f"auth_type = plain\nauth_file = {users}\npool_mode = transaction\n"
        "unix_socket_dir =\nserver_reset_query = DISCARD ALL\ndefault_pool_size = 4\n"
        "ignore_startup_parameters = extra_float_digits,options\n"
    )
    owner = _account("postgres")
    _owned(home, owner)
    user = [f"--user={owner.pw_name}"] if owner else []
    url = server.set(host="127.0.0.1", port=port)
    with _running(["pgbouncer", *user, str(settings)], home / "log"):
        _wait(partial(_answers, url), home / "log")
        yield url


def _answers(url: sa.URL) -> bool:
    with sa.create_engine(url, poolclass=NullPool).connect() as connection:
        return bool(connection.exec_driver_sql("SELECT 1").scalar())


# -- processes -------------------------------------------------------------


@contextmanager
def _running(command: Sequence[str], log: Path) -> Iterator[None]:
    program = shutil.which(command[0], path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise RuntimeError(
            f"{command[0]} is not installed; see this module's first words"
        )

    with log.open("w") as words:
        process = subprocess.Popen(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)


def _wait(ready: Callable[[], bool], log: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        try:
            if ready():
                return
        except sa.exc.DBAPIError:
            pass  # not there yet

        time.sleep(0.2)

    raise RuntimeError("it did not start: " + log.read_text()[-2000:])


def _account(name: str = "mysql") -> pwd.struct_passwd | None:
    """Return the account of a server that does not run as root; None if we are not."""
    return pwd.getpwnam(name) if getpass.getuser() == "root" else None


def _as(owner: pwd.struct_passwd | None) -> list[str]:
    return [f"--user={owner.pw_name}"] if owner else []


def _owned(home: Path, owner: pwd.struct_passwd | None) -> None:
    for path in [home, *home.rglob("*")] if owner else []:
        assert owner is not None
        os.chown(path, owner.pw_uid, owner.pw_gid)
