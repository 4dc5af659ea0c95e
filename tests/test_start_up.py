"""What the package loads into a web worker, which sets it up and never migrates."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.apps import new_project

AN_APP_WITH_SQLALCHEMY = "import flask, flask.cli, flask_sqlalchemy, sqlalchemy, click"

# What carries out commands is loaded when one is asked for.
LIGHT = {
    *("alembic_compat", "cli", "config", "errors", "extension"),
    "guard",
    *("masking", "wording"),
}


def loaded_by(code: str, cwd: Path | None = None) -> set[str]:
    """Return the modules that code loads beyond those that its app loads anyway."""
    program = "\n".join(
        [
            "import json, sys",
            AN_APP_WITH_SQLALCHEMY,
            "before = set(sys.modules)",
            code,
            "print(json.dumps(sorted(set(sys.modules) - before)))",
        ]
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=cwd, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout.splitlines()[-1]))


def ours_in(loaded: set[str]) -> set[str]:
    return {name for name in loaded if name.startswith("flask_migrations_ext")}


def parts_of(loaded: set[str]) -> set[str]:
    """Return the modules and packages right below ours."""
    return {name.split(".")[1] for name in ours_in(loaded) if "." in name}


def is_heavy(module: str) -> bool:
    return module.split(".")[0] in {"mako", "alembic", "flask_migrate"}


def test_importing_the_extension_loads_its_light_parts_only() -> None:
    loaded = loaded_by("from flask_migrations_ext import Migrate")

    assert {"cli", "extension"} <= parts_of(loaded) <= LIGHT
    # All errors are one tree, in seven modules; the door of the debug page is one.
    assert len(ours_in(loaded)) <= 25
    # Small parts of the standard library are all right.
    others = {name.split(".")[0] for name in loaded - ours_in(loaded)}
    assert others <= {*sys.stdlib_module_names, "_frozen_importlib_external"}


def test_setting_up_an_app_loads_no_more(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app").with_folder()
    loaded = loaded_by("import shop; app = shop.create_app()", project.folder)

    assert {"cli", "extension"} <= parts_of(loaded) <= LIGHT
    assert not any(map(is_heavy, loaded))


def loaded_by_command(arguments: str, folder: Path) -> set[str]:
    return loaded_by(
        "import shop\n"
        f"ran = shop.create_app().test_cli_runner().invoke(args={arguments.split()})\n"
        "assert ran.exit_code == 0, ran.output",
        folder,
    )


#: What changes, compares or describes databases, or makes files.
FOR_DATABASES = {
    *("autogenerate", "batch", "context", "databases", "dialects", "op", "operations"),
    *("adoption", "schema"),
}


@pytest.mark.parametrize(
    "arguments", ["heads", "heads -v", "history", "branches", "show", "list-templates"]
)
def test_what_needs_no_database_loads_nothing_for_one(
    arguments: str, tmp_path: Path
) -> None:
    project = new_project(tmp_path / "app").with_folder().chain("a1", "a2")
    loaded = loaded_by_command(f"db {arguments}", project.folder)

    assert parts_of(loaded).isdisjoint(FOR_DATABASES)
    assert not any(map(is_heavy, loaded))
    # One driver comes with the engine that the app makes.
    assert dialects_in(loaded) <= {"sqlite"}
    # What carries out the other commands stays away.
    assert commands_in(loaded) <= {"reading", "reports", "session"}


@pytest.mark.parametrize("arguments", ["current", "upgrade", "downgrade base"])
def test_what_needs_one_database_loads_its_dialect_alone(
    arguments: str, tmp_path: Path
) -> None:
    project = new_project(tmp_path / "app").with_folder().chain("a1", "a2")
    loaded = loaded_by_command(f"db {arguments}", project.folder)

    assert parts_of(loaded).isdisjoint({"autogenerate", "adoption"})
    assert not any(map(is_heavy, loaded))
    assert dialects_in(loaded) <= {"sqlite"}
    ours = {name.split(".")[2] for name in loaded if name.startswith(OURS_FOR_EACH)}
    assert ours.isdisjoint({"postgresql", "mysql", "mssql", "oracle"})
    # Nor what reads and edits the texts of tables: none is altered.
    of_sqlite = {name.split(".")[3] for name in loaded if name.startswith(OURS_SQLITE)}
    assert of_sqlite == {"dialect", "transaction"}


OURS_FOR_EACH = "flask_migrations_ext.dialects."
OURS_SQLITE = f"{OURS_FOR_EACH}sqlite."


def dialects_in(loaded: set[str]) -> set[str]:
    """Return SQLAlchemy's packages for databases, but for what serves all."""
    parts = [name.split(".") for name in loaded if name.startswith("sqlalchemy.dial")]
    return {part[2] for part in parts if len(part) > 2} - {"_typing"}


def commands_in(loaded: set[str]) -> set[str]:
    start = "flask_migrations_ext.commands."
    return {name.removeprefix(start) for name in loaded if name.startswith(start)}


def test_the_commands_are_loaded_when_one_is_asked_for(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app").with_folder()
    loaded = loaded_by(
        "import shop\nshop.create_app().test_cli_runner().invoke(args=['db', 'heads'])",
        project.folder,
    )

    assert "commands" in parts_of(loaded)


def test_errors_can_be_caught_without_loading_the_commands() -> None:
    loaded = loaded_by("from flask_migrations_ext import MigrationError")

    assert "flask_migrations_ext.commands" not in loaded


def test_running_what_is_there_needs_no_templates_and_no_alembic(
    tmp_path: Path,
) -> None:
    project = new_project(tmp_path / "app").with_folder().chain("a1")
    loaded = loaded_by(
        "import shop, flask_migrations_ext\n"
        "with shop.create_app().app_context(): flask_migrations_ext.upgrade()",
        project.folder,
    )

    assert "flask_migrations_ext.commands.moving" in loaded
    assert not any(map(is_heavy, loaded))
