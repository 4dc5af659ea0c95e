"""Other processes at the same database: commands that run, and who holds the lock."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.schema.model import TableName
from tests.apps import Project

VERSIONS = TableName("alembic_version")


def started(project: Project, *arguments: str) -> subprocess.Popen[str]:
    """Return the real ``flask db …``, while it runs."""
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "shop", "db", *arguments],
        cwd=project.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def held_by_another(project: Project) -> Iterator[None]:
    """Hold the lock as another process does."""
    if project.url.get_backend_name() == "sqlite":
        path = project.url.database
        assert path is not None
        other = sqlite3.connect(path, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            yield
        finally:
            other.close()
        return

    engine = sa.create_engine(project.url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            kind = dialect_for(engine.dialect).session_lock
            assert kind is not None
            scope = kind.scope(connection)
            lock = kind(connection, f"{scope}/.alembic_version", VERSIONS)
            lock.introduce("flask db stamp on elsewhere")
            assert lock.take()
            yield
    finally:
        engine.dispose()
