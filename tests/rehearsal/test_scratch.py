"""Scratch databases take the place of an app's, by whatever way it has to them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext.dialects.scratch.kinds import scratch_databases
from flask_migrations_ext.errors import CannotRedirect
from flask_migrations_ext.rehearsal.migrator import Migrator
from flask_migrations_ext.rehearsal.redirect import redirected
from flask_migrations_ext.rehearsal.scratch import ScratchApp
from tests.apps import CREATE_USER
from tests.apps import new_project
from tests.apps import sqlite_in


def migrator_of(folder: Path, config: dict[str, Any]) -> Migrator:
    project = new_project(folder / "app", config=config).with_folder()
    project.script("a1", upgrade=CREATE_USER)
    return Migrator(ScratchApp.of(project.app, folder / "scratch"))


@pytest.mark.parametrize("own_way", [False, True])
def test_the_database_of_an_app_is_not_opened(tmp_path: Path, own_way: bool) -> None:
    """Nor is it by the URL that migrations have for themselves."""
    uri = {"MIGRATE_DATABASE_URI": str(sqlite_in(tmp_path / "app", "shop"))}
    migrator = migrator_of(tmp_path, uri if own_way else {})
    before = migrator.engine.url

    with migrator.on_new_databases():
        migrator.upgrade()
        made = sa.inspect(migrator.engine).get_table_names()

    assert sorted(made) == ["alembic_version", "user"]
    assert migrator.engine.url == before
    assert not (tmp_path / "app" / "shop.sqlite").exists()
    assert list((tmp_path / "scratch").iterdir()) == []


def test_an_engine_that_goes_its_own_way_is_refused(tmp_path: Path) -> None:
    engine = sa.create_engine(
        "sqlite:///shop.db", creator=lambda: sqlite3.connect(tmp_path / "shop.db")
    )
    scratch = scratch_databases(engine, tmp_path)
    url = scratch.create("elsewhere")

    with pytest.raises(CannotRedirect, match="shop.db"):
        with redirected(engine, url, scratch):
            raise AssertionError("it was not noticed")
    engine.dispose()
