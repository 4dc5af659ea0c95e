"""The sample bookshop under gunicorn: eight workers on an empty database."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from sample_app import create_app

WORKERS = 8

# Each worker is asked, whether it happens to be given a request or not.
SETTINGS = """
import logging, os

logging.basicConfig(level=logging.INFO, format="%(process)d %(message)s")
workers = {workers}
bind = "127.0.0.1:0"
preload_app = {preload}
# A worker that waits for another to upgrade is no worker that hangs.
timeout = 300


def post_worker_init(worker):
    from werkzeug.test import Client

    answer = Client(worker.wsgi).get("/readyz")
    worker.log.info("ready: %s %s", os.getpid(), answer.status_code)
"""

PROJECT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="gunicorn needs fork")
@pytest.mark.parametrize(
    "name, preload",
    [
        ("sqlite", False),
        ("postgresql", False),
        ("postgresql", True),
        ("mariadb", True),
    ],
)
def test_one_worker_upgrades_and_all_serve(
    name: str, preload: bool, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database_url: sa.URL = request.getfixturevalue(f"{name}_url")
    settings = tmp_path / "settings.py"
    settings.write_text(SETTINGS.format(workers=WORKERS, preload=preload))
    running = started(settings, database_url)
    assert running.stderr is not None
    told: list[str] = []
    try:
        for line in running.stderr:
            told.append(line)
            if sum("ready: " in each for each in told) == WORKERS:
                break
        text = "".join(told)
        found = re.search(r"Listening at: (\S+)", text)
        assert found is not None, text
        assert b"bookshop" in urllib.request.urlopen(found[1]).read().lower()
    finally:
        running.terminate()
        running.communicate()

    ready = re.findall(r"ready: (\d+) (\d+)", text)
    assert len({pid for pid, _ in ready}) == WORKERS
    assert {status for _, status in ready} == {"200"}
    runs = re.findall(r"^(\d+) Running upgrade \S+ -> (\w+)", text, re.MULTILINE)
    assert Counter(Counter(id for _, id in runs).values()) == {1: revisions()}
    assert len({pid for pid, _ in runs}) == 1


def revisions() -> int:
    return len(list((PROJECT / "sample_app/migrations/versions").glob("*.py")))


def started(settings: Path, url: sa.URL) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--config", str(settings)),
            "sample_app:create_app()",
        ],
        cwd=PROJECT,
        env={
            "DATABASE_URL": url.render_as_string(hide_password=False),
            "MIGRATE_ON_START": "upgrade",
            "PATH": "",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_probe_says_whether_all_revisions_are_there(sqlite_url: sa.URL) -> None:
    app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": sqlite_url})
    before = app.test_client().get("/readyz")
    ran = app.test_cli_runner().invoke(args=["db", "upgrade"])
    after = app.test_client().get("/readyz")

    assert ran.exit_code == 0, ran.output
    assert (before.status_code, before.json) == (
        503,
        {"ready": False, "pending": revisions()},
    )
    assert (after.status_code, after.json) == (200, {"ready": True, "pending": 0})


def test_the_probe_tells_no_secret_of_a_database_that_is_gone(tmp_path: Path) -> None:
    url = "postgresql+psycopg://u:s3cr3t@127.0.0.1:1/d?connect_timeout=1"
    app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url})
    answer = app.test_client().get("/readyz")

    assert (answer.status_code, answer.json) == (503, {"ready": False})
