"""CockroachDB, without its server: its SQL, and its ways on one of PostgreSQL.

SQLAlchemy is given a dialect of that name which speaks to PostgreSQL: what is asked of
a database that has neither sessions' locks nor transactions for changes of tables is
then done for real.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

import flask_migrations_ext
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import AddColumn
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.operations.tables import CreateTable
from flask_migrations_ext.schema.from_sqlalchemy import read_table
from tests.apps import new_project
from tests.apps import Project

CREATE = 'op.create_table("post", sa.Column("id", sa.Integer, primary_key=True))'
ROW = 'op.execute("INSERT INTO post (id) VALUES (1)")'


class Named(PGDialect_psycopg):
    """The dialect of PostgreSQL by the other name."""

    name = "cockroachdb"
    supports_statement_cache = True


@pytest.fixture
def project(tmp_path: Path, postgresql_url: sa.URL) -> Iterator[Project]:
    registry.register("cockroachdb", __name__, "Named")
    url = postgresql_url.set(drivername="cockroachdb")
    yield new_project(tmp_path / "app", url=url).with_folder()
    registry.impls.pop("cockroachdb", None)


def said(operation: Operation, name: str) -> list[str]:
    kinds: dict[str, Any] = {"cockroachdb": Named, "postgresql": PGDialect_psycopg}
    dialect = dialect_for(kinds[name]())
    return [dialect.text(each) for each in dialect.statements(operation, None)]


def test_it_says_what_postgresql_says() -> None:
    table = sa.Table(
        "post",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(20), index=True),
    )
    read = read_table(table)
    operations = [
        CreateTable(read),
        AddColumn(read.name, read.columns[1]),
        CreateIndex(read.name, read.indexes[0]),
    ]
    for operation in operations:
        assert said(operation, "cockroachdb") == said(operation, "postgresql") != []


def test_a_file_for_it_has_no_transactions(project: Project) -> None:
    project.script("a1", upgrade=CREATE)
    text = project.done("upgrade", "--sql")

    assert "CREATE TABLE post" in text
    assert "BEGIN" not in text


def test_it_locks_by_a_row(project: Project) -> None:
    project.script("a1", upgrade=CREATE)
    seen: list[list[tuple[object, ...]]] = []
    with project.app.app_context():
        flask_migrations_ext.upgrade(
            on_step=lambda step: seen.append(
                project.rows("SELECT token <> '' FROM alembic_version_lock")
            )
        )

    assert seen == [[(True,)]]
    assert project.rows("SELECT token FROM alembic_version_lock") == [("",)]
    assert project.version() == ["a1"]


def test_two_at_once_run_each_revision_once(project: Project) -> None:
    project.script("a1", upgrade=f"{CREATE}\n{ROW}")
    failed: list[BaseException] = []

    def upgrade() -> None:
        try:
            with project.app.app_context():
                flask_migrations_ext.upgrade()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=upgrade) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert failed == []
    assert project.rows("SELECT id FROM post") == [(1,)]


def test_what_cannot_be_serialised_is_tried_again(project: Project) -> None:
    refused = (
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'tries') THEN"
        " RAISE EXCEPTION 'restart transaction' USING ERRCODE = '40001'; END IF; END $$"
    )
    project.script("a1", upgrade=f"{CREATE}\n{ROW}\nop.execute({refused!r})")
    told: list[str] = []

    def on_hold_up(who: str) -> None:
        told.append(who)
        project.sql("CREATE TABLE tries (id INTEGER)")

    with project.app.app_context():
        flask_migrations_ext.upgrade(on_hold_up=on_hold_up)

    assert len(told) == 1
    assert project.rows("SELECT id FROM post") == [(1,)]
    assert project.version() == ["a1"]


def test_what_is_half_done_is_gone_on_with(project: Project) -> None:
    fail = "with op.get_context().autocommit_block(): pass\nraise ValueError"
    project.script("a1", upgrade=f"{CREATE}\n{ROW}\n{fail}")
    message = project.refused("upgrade", changes=True)
    assert "CockroachDB cannot roll back changes of tables" in message

    project.script("a1", upgrade=f"{CREATE}\n{ROW}")
    project.done("upgrade")
    assert project.rows("SELECT id FROM post") == [(1,)]
