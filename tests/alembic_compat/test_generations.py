"""Folders of every Flask-Migrate there was run unchanged, and back again."""

from __future__ import annotations

import pytest

from tests.alembic_compat.two_tools import TwoTools

_HEAD = """
import logging
from logging.config import fileConfig
from alembic import context
from flask import current_app
from sqlalchemy import engine_from_config, pool

config = context.config
fileConfig(config.config_file_name)
logger = logging.getLogger("alembic.env")
"""

_DIRECTIVES = """
def directives_seen(context, revision, directives):
    if getattr(config.cmd_opts, "autogenerate", False):
        if directives[0].upgrade_ops.is_empty():
            directives[:] = []
            logger.info("No changes in schema detected.")
"""

_BY_SETTINGS = """
engine = engine_from_config(
    config.get_section(config.config_ini_section),
    prefix="sqlalchemy.", poolclass=pool.NullPool,
)
"""

_RUN = """
if context.is_offline_mode():
    context.configure(url=config.get_main_option("sqlalchemy.url"))
    with context.begin_transaction():
        context.run_migrations()
else:
    connection = engine.connect()
    context.configure(connection=connection, target_metadata=metadata, %s)
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.close()
"""

_ARGUMENTS = "**current_app.extensions['migrate'].configure_args"
_EXPLICIT = f"process_revision_directives=directives_seen, {_ARGUMENTS}"

# What the env.py of each calls, no more; that of 4.1 is the one that it writes.
GENERATIONS = {
    "1.0": _HEAD
    + """
config.set_main_option(
    "sqlalchemy.url", current_app.config.get("SQLALCHEMY_DATABASE_URI")
)
metadata = current_app.extensions["migrate"].db.metadata
"""
    + _BY_SETTINGS
    + (_RUN % _ARGUMENTS),
    "2.0": _HEAD
    + _DIRECTIVES
    + """
config.set_main_option(
    "sqlalchemy.url", current_app.config.get("SQLALCHEMY_DATABASE_URI")
)
metadata = current_app.extensions["migrate"].metadata
"""
    + _BY_SETTINGS
    + (_RUN % _EXPLICIT),
    "2.5": _HEAD
    + _DIRECTIVES
    + """
config.set_main_option(
    "sqlalchemy.url",
    current_app.config.get("SQLALCHEMY_DATABASE_URI").replace("%", "%"),
)
metadata = current_app.extensions["migrate"].db.metadata
"""
    + _BY_SETTINGS
    + (_RUN % _EXPLICIT),
    "3.0": _HEAD
    + _DIRECTIVES
    + """
url = str(current_app.extensions["migrate"].db.engine.url).replace("%", "%")
config.set_main_option("sqlalchemy.url", url)
metadata = current_app.extensions["migrate"].db.metadata
engine = current_app.extensions["migrate"].db.engine
"""
    + (_RUN % _EXPLICIT),
    "3.1": _HEAD
    + _DIRECTIVES
    + """
engine = current_app.extensions["migrate"].db.get_engine()
config.set_main_option("sqlalchemy.url", str(engine.url).replace("%", "%"))
metadata = current_app.extensions["migrate"].db.metadata
"""
    + (_RUN % _EXPLICIT),
    "4.1": None,
}


@pytest.fixture(params=GENERATIONS)
def project(request: pytest.FixtureRequest, written: TwoTools) -> TwoTools:
    text = GENERATIONS[request.param]
    if text is not None:
        (written.migrations / "env.py").write_text(text)

    return written


def test_either_tool_goes_on_where_the_other_stopped(project: TwoTools) -> None:
    project.ours("upgrade +1", later=False)
    project.ours("upgrade")

    assert project.schema("ours") == project.schema("theirs")
    assert project.versions("ours") == project.versions("theirs")

    project.theirs("upgrade", "check", "downgrade", database="ours")
    [_, check, _, current] = project.ours("upgrade", "check", "history -i", "current")
    assert check.out == "No new upgrade operations detected.\n"
    assert current.out == f"{project.versions('theirs')[0]} (head) (current)\n"

    [_, text] = project.ours("downgrade base", "upgrade --sql")
    assert project.schema("ours") == {}
    assert "CREATE TABLE post" in text.out
    project.theirs("upgrade", database="ours")
    assert project.schema("ours") == project.schema("theirs")


def test_a_revision_that_one_writes_runs_with_the_other(project: TwoTools) -> None:
    for path in (project.migrations / "versions").glob("*_two.py"):
        path.unlink()
    project.ours("upgrade", later=False)
    [written] = project.ours("migrate -m two --rev-id a2")
    assert "Generating" in written.out

    [*_, again] = project.ours("upgrade", "check", "migrate")
    assert "No changes in schema detected." in again.err
    theirs = ("upgrade", "check")
    project.theirs(*theirs, database="new")

    assert project.schema("new") == project.schema("ours") == project.schema("theirs")
    assert project.versions("new") == ["a2"]
