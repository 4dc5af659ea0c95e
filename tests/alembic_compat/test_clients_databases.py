"""A library that keeps several databases apart, by the template for them."""

# mypy: ignore-errors

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from flask_migrations_ext.alembic_compat.projects.config import Config
from flask_migrations_ext.alembic_compat.projects.names import in_place
from flask_migrations_ext.alembic_compat.tools.autogenerate.revision_context import (
    RevisionContext,
)
from flask_migrations_ext.alembic_compat.tools.environment import EnvironmentContext
from flask_migrations_ext.alembic_compat.tools.operations.interface import Operations
from flask_migrations_ext.alembic_compat.tools.script.folder import ScriptDirectory

NAMES = ("one", "two")


def models_of(name: str) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(f"t_{name}", metadata, sa.Column("id", sa.Integer, primary_key=True))
    return metadata


def contexts_of(environment: EnvironmentContext, folder: Path) -> dict[str, Any]:
    """Return a context for each database, as the library makes them."""
    found = {}
    for name in NAMES:
        engine = sa.create_engine(f"sqlite:///{folder / name}.sqlite")
        environment.configure(
            connection=engine.connect(),
            target_metadata=models_of(name),
            upgrade_token=f"{name}_upgrades",
            downgrade_token=f"{name}_downgrades",
        )
        found[name] = environment.get_context()
        environment.context_opts = environment.context_opts.copy()
    return found


def run(contexts: dict[str, Any], fn: Any) -> None:
    for name, context in contexts.items():
        context._migrations_fn = fn
        with context.begin_transaction(), Operations.context(context):
            context.run_migrations(engine_name=name)


def test_a_revision_does_to_each_database_what_is_for_it(tmp_path: Path) -> None:
    config = Config()
    template = Path(config.get_template_directory(), "multidb", "script.py.mako")
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "script.py.mako").write_text(template.read_text())
    config.set_main_option("script_location", str(folder))
    config.set_main_option("databases", ", ".join(NAMES))
    script = ScriptDirectory.from_config(config)

    with in_place():
        contexts = contexts_of(EnvironmentContext(config, script), tmp_path)
        revisions = RevisionContext(config, script, {"rev_id": "a1", "message": "both"})
        run(contexts, lambda heads, context: revisions.run_autogenerate(heads, context))
        (made,) = revisions.generate_scripts()
        run(contexts, lambda heads, _: script._upgrade_revs("head", heads))
        there = {
            name: set(sa.inspect(context.connection).get_table_names())
            for name, context in contexts.items()
        }
        run(contexts, lambda heads, _: script._downgrade_revs("base", heads))
        left = {
            name: set(sa.inspect(context.connection).get_table_names())
            for name, context in contexts.items()
        }
    for context in contexts.values():
        context.connection.close()

    assert made.revision == "a1"
    assert there == {name: {f"t_{name}", "alembic_version"} for name in NAMES}
    assert left == {name: {"alembic_version"} for name in NAMES}
