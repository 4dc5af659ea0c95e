"""What ``import alembic`` means while a file of the user's runs, and afterwards."""

from __future__ import annotations

import importlib
import logging.config
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import alembic
import alembic.op
import pytest

import flask_migrations_ext
from flask_migrations_ext import op
from flask_migrations_ext.alembic_compat.projects.names import in_place
from flask_migrations_ext.errors import MigrationError
from tests.apps import new_project
from tests.apps import Project

NAMES = [
    "alembic:__version__",
    "alembic:op",
    "alembic:context",
    "alembic.command:upgrade",
    "alembic.command:stamp",
    "alembic.config:Config",
    "alembic.context:configure",
    "alembic.environment:EnvironmentContext",
    "alembic.migration:MigrationContext",
    "alembic.op:add_column",
    "alembic.op:batch_alter_table",
    "alembic.op:f",
    "alembic.operations:Operations",
    "alembic.operations:MigrateOperation",
    "alembic.operations.base:BatchOperations",
    "alembic.runtime.environment:EnvironmentContext",
    "alembic.runtime.migration:MigrationContext",
    "alembic.script:ScriptDirectory",
    "alembic.script.revision:ResolutionError",
    "alembic.util:CommandError",
    "alembic.util.exc:CommandError",
    "alembic.autogenerate:compare_metadata",
    "flask_migrate:Migrate",
    "flask_migrate:Config",
    "flask_migrate:upgrade",
    "flask_migrate:alembic_version",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_means_ours_within_the_block(name: str) -> None:
    module, _, attribute = name.partition(":")
    with in_place():
        found = getattr(importlib.import_module(module), attribute)
        again = getattr(importlib.import_module(module), attribute)

    home = getattr(found, "__module__", None) or flask_migrations_ext.__name__
    assert home.startswith("flask_migrations_ext") or attribute.startswith(
        ("__version__", "alembic_version", "op", "context")
    )
    assert found is again


def test_it_means_what_is_installed_before_and_after() -> None:
    before = {name: module for name, module in sys.modules.items() if theirs(name)}
    with in_place():
        with in_place():
            assert importlib.import_module("alembic.op") is not alembic.op
        assert importlib.import_module("alembic.op") is not alembic.op
        assert importlib.import_module("alembic.op").add_column is op.add_column

    after = {name: module for name, module in sys.modules.items() if theirs(name)}
    assert after == before
    assert importlib.import_module("alembic.op") is alembic.op


def theirs(name: str) -> bool:
    return name.partition(".")[0] in ("alembic", "flask_migrate")


def test_it_is_put_back_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), in_place():
        raise ZeroDivisionError

    assert importlib.import_module("alembic") is alembic


def test_a_name_that_there_is_not_is_refused_with_what_to_read() -> None:
    with in_place():
        with pytest.raises(ModuleNotFoundError, match="alembic.testing"):
            importlib.import_module("alembic.testing")
        with pytest.raises(ImportError, match="no_such_name"):
            exec("from alembic.op import no_such_name")
        with pytest.raises(AttributeError, match="docs/moving.md"):
            _ = importlib.import_module("alembic.util").no_such_name


def test_two_threads_may_be_inside_at_once() -> None:
    """Whichever leaves first, the names stay for the other one."""
    inside, left = threading.Barrier(2), threading.Event()
    found: list[Any] = []

    def first() -> None:
        with in_place():
            inside.wait()
        left.set()

    def second() -> None:
        with in_place():
            inside.wait()
            left.wait()
            found.append(importlib.import_module("alembic.op").add_column)

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [op.add_column]
    assert importlib.import_module("alembic") is alembic


def test_a_whole_process_can_have_them() -> None:
    program = (
        "import flask_migrations_ext.alembic_compat as compat; compat.install();"
        "from alembic import op, context, command, config, script, util;"
        "from alembic.runtime.migration import MigrationContext;"
        "from flask_migrate import Migrate, upgrade;"
        "import alembic; print(MigrationContext.__module__, hasattr(context, 'config'))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True
    )

    assert ran.stdout == "flask_migrations_ext.alembic_compat.tools.migration False\n"


# -- in files ----------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path / "app").with_folder()


def test_a_script_and_what_it_imports_get_ours(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(project.folder))
    (project.folder / "shared_steps.py").write_text(
        "from alembic import op\n"
        "def make(name): op.execute(f'CREATE TABLE {name} (id INTEGER)')\n"
    )
    (project.versions / "a1.py").write_text(
        "import alembic.op\n"
        "from alembic import op, util\n"
        "from alembic.util import CommandError\n"
        "import shared_steps\n"
        "revision, down_revision = 'a1', None\n"
        "def upgrade():\n"
        "    shared_steps.make(op.f('one'))\n"
        "    alembic.op.execute('CREATE TABLE two (id INTEGER)')\n"
        "    with op.get_context().autocommit_block():\n"
        "        assert op.get_context().dialect.name == op.get_bind().dialect.name\n"
        "def downgrade(): raise CommandError('there is no way back')\n"
    )
    project.done("upgrade")

    assert project.tables() == {"one", "two"}
    assert "there is no way back" in project.refused("downgrade")
    assert importlib.import_module("alembic") is alembic
    assert issubclass(MigrationError, Exception)


def test_loggers_of_the_app_stay_as_they_are(project: Project) -> None:
    logger = logging.getLogger("shop.orders")
    root = list(logging.getLogger().handlers), logging.getLogger().level
    (project.migrations / "alembic.ini").write_text(
        "[alembic]\n[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n"
        "[logger_root]\nlevel=CRITICAL\nhandlers=h\n"
        "[handler_h]\nclass=StreamHandler\nargs=(sys.stderr,)\n"
    )
    project.env(
        """
        from logging.config import fileConfig
        from alembic import context
        from flask import current_app

        fileConfig(context.config.config_file_name)
        with current_app.extensions["migrate"].db.engine.connect() as connection:
            context.configure(connection=connection)
            context.run_migrations()
        """
    )
    before = logging.config.fileConfig
    project.chain("a1").done("upgrade")

    assert not logger.disabled
    assert (logging.getLogger().handlers, logging.getLogger().level) == root
    assert logging.config.fileConfig is before


def test_another_thread_may_configure_logging_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(logging.config, "fileConfig", asked.append)
    with in_place():
        logging.config.fileConfig("ours")
        thread = threading.Thread(target=lambda: logging.config.fileConfig("other"))
        thread.start()
        thread.join()

    assert asked == ["other"]
