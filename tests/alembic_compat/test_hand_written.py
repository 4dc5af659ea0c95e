"""Shapes of env.py that projects have written by hand, each small."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.apps import CREATE_USER
from tests.apps import DROP_USER
from tests.apps import new_project
from tests.apps import Project

HEAD = """\
import sqlalchemy as sa
from alembic import context
from flask import current_app

config = context.config
engine = current_app.extensions["migrate"].db.engine
metadata = current_app.extensions["migrate"].db.metadata
"""

IN_A_THREAD = """
from concurrent.futures import ThreadPoolExecutor

def work():
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata)
        with context.begin_transaction():
            context.run_migrations()

with ThreadPoolExecutor(1) as pool:
    pool.submit(work).result()
"""

IN_ORDER = """
with engine.connect() as connection:
    context.configure(connection, None, None, {}, None, True, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
"""

WITH_THE_VERSION_TABLE = """
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.get_context()._ensure_version_table()
        connection.execute(sa.text("SELECT * FROM alembic_version"))
        context.run_migrations()
"""

COMMITTED_IN_THE_BLOCK = """
with engine.connect() as connection:
    connection.execute(sa.text("SELECT 1"))
    context.configure(
        connection=connection, target_metadata=metadata, transaction_per_migration=True
    )
    with context.begin_transaction():
        connection.execute(sa.text("SELECT 2"))
        context.run_migrations()
        context.get_bind().commit()
        connection.execute(sa.text("SELECT 3"))
"""

AUTOCOMMIT = """
own = sa.create_engine(engine.url, isolation_level="AUTOCOMMIT")
with own.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
own.dispose()
"""

SEVERAL_METADATAS = """
with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=[sa.MetaData(), metadata]
    )
    context.run_migrations()
"""

BY_OPTIONS = """
from types import SimpleNamespace

with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=metadata, owner=SimpleNamespace(id=7)
    )
    found = context.get_context().opts
    assert found["owner"].id == 7
    assert found["destination_rev"] in (None, "head", "+1", "-1"), found
    assert "autogenerate" not in found or found["revision_context"].command_args
    assert context.script is context.script
    context.run_migrations()
"""

SHAPES = {
    "in a thread": IN_A_THREAD,
    "in order": IN_ORDER,
    "with the version table": WITH_THE_VERSION_TABLE,
    "committed in the block": COMMITTED_IN_THE_BLOCK,
    "autocommit": AUTOCOMMIT,
    "several metadatas": SEVERAL_METADATAS,
    "by options": BY_OPTIONS,
}


@pytest.fixture
def on_a_server(tmp_path: Path, database_url: sa.URL) -> Project:
    return new_project(tmp_path / "app", url=database_url).with_folder()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = new_project(tmp_path / "app").with_folder()
    made.script("a1", upgrade=CREATE_USER, downgrade=DROP_USER)
    return made


def write_env(project: Project, text: str) -> None:
    (project.migrations / "env.py").write_text(HEAD + text)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_runs(on_a_server: Project, shape: str) -> None:
    project = on_a_server
    write_env(project, SHAPES[shape])
    project.done("migrate", "--rev-id", "a1")
    project.done("upgrade")
    assert (project.tables(), project.version()) == ({"user"}, ["a1"])

    assert "No new" in project.done("check")
    project.done("downgrade")
    assert (project.tables(), project.version()) == (set(), [])
    project.done("upgrade", "+1")
    assert project.tables() == {"user"}


def test_what_is_rendered_may_ask_for_all_options(project: Project) -> None:
    """And fill what the template is given."""
    write_env(
        project,
        """
def render_item(kind, element, autogen_context):
    if kind == "type":
        autogen_context.imports.add("import uuid")
        autogen_context.opts["template_args"]["lines"].append("# " + str(element))
        assert autogen_context.dialect.name == autogen_context.connection.dialect.name
        assert autogen_context.migration_context.config.get_section("alembic")
    return False

with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=metadata, render_item=render_item,
        template_args={"lines": []},
    )
    context.run_migrations()
""",
    )
    template = project.migrations / "script.py.mako"
    template.write_text(template.read_text() + "\n${chr(10).join(lines)}\n")
    project.done("upgrade")
    project.done("migrate", "--rev-id", "b2")
    [path] = project.versions.glob("b2*.py")

    assert "# VARCHAR(80)" in path.read_text()
    assert "import uuid" in path.read_text()


# -- SQL text ----------------------------------------------------------------


def text(project: Project, options: str, *arguments: str) -> str:
    write_env(
        project,
        f"context.configure(dialect_name='postgresql', {options})\n"
        "context.run_migrations()\n",
    )
    return project.done("upgrade", "--sql", *arguments)


def test_env_py_may_say_where_sql_text_starts(project: Project) -> None:
    project.script("b2", "a1", upgrade="op.execute('SELECT 2')")
    out = text(project, "starting_rev='a1'")

    assert "CREATE TABLE" not in out
    assert "SELECT 2" in out


@pytest.mark.parametrize(
    ("options", "there"),
    [("", True), ("transactional_ddl=True", True), ("transactional_ddl=False", False)],
)
def test_env_py_may_have_no_transactions_in_it(
    project: Project, options: str, there: bool
) -> None:
    assert ("BEGIN;" in text(project, options)) is there
    assert ("COMMIT;" in text(project, options)) is there


def test_it_may_go_to_a_file_in_an_encoding(project: Project) -> None:
    project.script("b2", "a1", upgrade="op.execute(\"SELECT 'ñ'\")")
    write_env(
        project,
        "with open(config.get_main_option('script_location') + '/out', 'wb') as out:\n"
        "    context.configure(\n"
        "        url=engine.url, output_buffer=out, output_encoding='latin-1',\n"
        "        dialect_opts={'paramstyle': 'named'},\n"
        "    )\n"
        "    context.run_migrations()\n",
    )
    project.done("upgrade", "--sql")

    assert "SELECT 'ñ'".encode("latin-1") in (project.migrations / "out").read_bytes()


# -- what it must not do -----------------------------------------------------


def test_an_engine_for_another_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """That of Flask-Migrate up to 2.5: Flask-SQLAlchemy has got another folder now."""
    project = new_project(
        tmp_path / "app", config={"SQLALCHEMY_DATABASE_URI": "sqlite:///shop.db"}
    ).with_folder()
    project.script("a1", upgrade=CREATE_USER)
    monkeypatch.chdir(project.folder)
    write_env(
        project,
        "own = sa.create_engine(current_app.config['SQLALCHEMY_DATABASE_URI'])\n"
        "with own.connect() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    context.run_migrations()\n"
        "own.dispose()\n",
    )
    project.done("upgrade")

    used = Path(project.app.instance_path) / "shop.db"
    assert f"{project.folder / 'shop.db'}, while the app uses {used}" in caplog.text
    # As it is with Flask-Migrate.
    assert (project.folder / "shop.db").is_file()


def test_dict_config_leaves_the_loggers_of_the_app_on(project: Project) -> None:
    write_env(
        project,
        "from logging.config import dictConfig\n"
        "dictConfig({'version': 1})\n"
        "with engine.connect() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    context.run_migrations()\n",
    )
    own = logging.getLogger("shop.orders")
    project.done("upgrade")

    assert not own.disabled
