"""``alembic.context`` in hand-written env.py files: every function, every option."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.apps import CREATE_USER
from tests.apps import DROP_USER
from tests.apps import new_project
from tests.apps import Project
from tests.databases.servers import Server

HEAD = """\
from alembic import context
from flask import current_app

config = context.config
engine = current_app.extensions["migrate"].db.engine
metadata = current_app.extensions["migrate"].db.metadata
"""

BOTH_WAYS = """
def offline():
    context.configure(
        url=config.get_main_option("sqlalchemy.url") or str(engine.url),
        target_metadata=metadata, literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()


def online():
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    offline()
else:
    online()
"""

ASYNCHRONOUS = """
import asyncio

async def online():
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata)
        with context.begin_transaction():
            context.run_migrations()

asyncio.run(online())
"""

BY_SECTION = """
from sqlalchemy import engine_from_config, pool

config.set_main_option(
    "sqlalchemy.url",
    engine.url.render_as_string(hide_password=False).replace("%", "%%"),
)
own = engine_from_config(
    config.get_section(config.config_ini_section, {}),
    prefix="sqlalchemy.", poolclass=pool.NullPool,
)
with own.connect() as connection:
    context.configure(connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
"""

IN_A_TRANSACTION = """
with engine.begin() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    context.run_migrations()
"""

EVERY_OPTION = """
with engine.connect() as connection:
    context.configure(
        connection=connection, url=None, dialect_name=None, dialect_opts={},
        transactional_ddl=None, transaction_per_migration=True, output_buffer=None,
        tag=None, template_args={"x": 1}, version_table="alembic_version",
        version_table_schema=None, version_table_pk=True, on_version_apply=None,
        target_metadata=metadata, compare_type=True, compare_server_default=False,
        include_name=None, include_object=None, include_schemas=False,
        render_as_batch=True, render_item=None, process_revision_directives=None,
        upgrade_token="upgrades", downgrade_token="downgrades",
        alembic_module_prefix="op.", sqlalchemy_module_prefix="sa.",
        user_module_prefix=None, autogenerate_plugins=["alembic.autogenerate.*"],
        mssql_batch_separator="GO", oracle_batch_separator="/", literal_binds=False,
    )
    with context.begin_transaction():
        context.run_migrations()
"""

FORMS = {
    "both ways": BOTH_WAYS,
    "asynchronous": ASYNCHRONOUS,
    "by a section": BY_SECTION,
    "in a transaction": IN_A_TRANSACTION,
    "every option": EVERY_OPTION,
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = new_project(tmp_path / "app").with_folder()
    project.script("a1", upgrade=CREATE_USER, downgrade=DROP_USER)
    project.script(
        "b2", "a1", upgrade="op.add_column('user', sa.Column('name', sa.String(80)))"
    )
    return project


def write_env(project: Project, text: str) -> None:
    (project.migrations / "env.py").write_text(HEAD + text)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_env_py_runs_every_command(project: Project, form: str) -> None:
    write_env(project, FORMS[form])
    project.done("upgrade", "a1")
    project.done("upgrade")
    assert (project.tables(), project.version()) == ({"user"}, ["b2"])

    assert "No new" in project.done("check")
    assert "No changes" in project.run("migrate").err
    assert project.done("current", "-c") == "b2 (head) (current)\n"
    project.done("downgrade")
    project.done("stamp", "base")
    assert project.version() == []


@pytest.mark.parametrize("form", FORMS)
def test_every_form_runs_on_a_server(tmp_path: Path, server: Server, form: str) -> None:
    url = server.create_database()
    project = new_project(tmp_path / "app", url=url).with_folder()
    write_env(project, FORMS[form])
    project.done("migrate", "--rev-id", "a1")
    project.done("upgrade")
    project.done("check")
    assert (project.tables(), project.version()) == ({"user"}, ["a1"])

    project.done("downgrade")
    assert project.tables() == set()
    server.drop_database(url)


def test_no_option_is_unknown(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    write_env(project, EVERY_OPTION)
    project.done("upgrade")

    assert "there is no setting" not in caplog.text


def test_sql_text_is_written(project: Project) -> None:
    write_env(project, BOTH_WAYS)
    out = project.done("upgrade", "--sql")

    assert "CREATE TABLE user" in out
    assert project.tables() == set()


# -- what is asked -----------------------------------------------------------

ASKED = """
import json
from pathlib import Path

with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    found = context.get_context()
    answers = {
        "bind": context.get_bind() is connection,
        "dialect": found.dialect is connection.dialect,
        "impl": context.get_impl().transactional_ddl,
        "ddl": context.is_transactional_ddl(),
        "head": context.get_head_revision(),
        "heads": context.get_head_revisions(),
        "start": context.get_starting_revision_argument(),
        "target": context.get_revision_argument(),
        "tag": context.get_tag_argument(),
        "x": context.get_x_argument(as_dictionary=True),
        "needs": context.requires_connection(),
        "script": context.script.get_current_head(),
        "folder": config.get_main_option("script_location"),
        "opts": config.cmd_opts.x,
        "same": config is context.config is found.config,
        "table": found.version_table,
    }
    connection.rollback()
    folder = Path(config.get_main_option("script_location"))
    (folder / "answers").write_text(json.dumps(answers))
    context.run_migrations()
"""


def test_every_question_is_answered(project: Project) -> None:
    write_env(project, ASKED)
    project.done("upgrade", "+1")
    assert json.loads((project.migrations / "answers").read_text())["target"] == "+1"
    project.done("upgrade", "-x", "a=1", "--tag", "blue", "b2")

    answers = json.loads((project.migrations / "answers").read_text())
    assert answers == {
        **dict.fromkeys(("bind", "dialect", "impl", "ddl", "needs", "same"), True),
        **dict.fromkeys(("head", "script", "target"), "b2"),
        "heads": ["b2"],
        "start": "a1",
        "tag": "blue",
        "x": {"a": "1"},
        "folder": str(project.migrations),
        "opts": ["a=1"],
        "table": "alembic_version",
    }


@pytest.mark.parametrize(
    ("target", "seen"),
    [
        ("head", ["b2", None]),
        ("b2", ["b2", None]),
        ("a1:head", ["b2", "a1"]),
        ("+1", ["a1", None]),
    ],
)
def test_the_range_of_sql_text_is_told(
    project: Project, target: str, seen: list[str | None]
) -> None:
    write_env(
        project,
        "context.configure(dialect_name=engine.dialect.name)\n"
        "context.static_output(str([context.get_revision_argument(),"
        " context.get_starting_revision_argument()]))\n"
        "context.run_migrations()\n",
    )

    assert project.done("upgrade", "--sql", target).startswith(f"{seen}\n")


# -- what is done ------------------------------------------------------------


@pytest.fixture
def on_a_server(tmp_path: Path, database_url: sa.URL) -> Project:
    project = new_project(tmp_path / "app", url=database_url).with_folder()
    project.script("a1", upgrade=CREATE_USER)
    return project


def test_statements_around_the_revisions_are_kept(on_a_server: Project) -> None:
    project = on_a_server
    write_env(
        project,
        """
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.execute("CREATE TABLE early (id INTEGER)")
        context.run_migrations()
        context.execute("CREATE TABLE late (id INTEGER)")
""",
    )
    project.done("upgrade")

    assert project.tables() == {"early", "user", "late"}


def test_statements_around_the_revisions_are_written(project: Project) -> None:
    write_env(
        project,
        """
context.configure(url=str(engine.url))
with context.begin_transaction():
    context.execute("CREATE TABLE early (id INTEGER)")
    context.run_migrations()
    context.static_output("-- that was it")
""",
    )
    out = project.done("upgrade", "--sql")

    assert out.index("TABLE early") < out.index("TABLE user") < out.index("-- that was")


def test_a_transaction_of_env_py_can_be_rolled_back(project: Project) -> None:
    """The form in which a dry run is possible here."""
    write_env(
        project,
        """
with engine.connect() as connection:
    transaction = connection.begin()
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
    transaction.rollback()
""",
    )
    project.done("upgrade")

    assert project.version() == []


def test_a_transaction_begun_late_is_one_of_env_py_too(
    tmp_path: Path, postgresql_url: sa.URL
) -> None:
    project = new_project(tmp_path / "app", url=postgresql_url).with_folder()
    project.script("a1", upgrade=CREATE_USER)
    write_env(
        project,
        """
with engine.connect() as connection:
    context.configure(connection=connection)
    transaction = connection.begin()
    context.run_migrations()
    transaction.rollback()
""",
    )
    project.done("upgrade")

    assert (project.tables(), project.version()) == (set(), [])


def test_a_dry_run_that_cannot_be_is_refused(project: Project) -> None:
    write_env(
        project,
        """
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction() as transaction:
        context.run_migrations()
        transaction.rollback()
""",
    )

    assert "nothing is left to roll back" in project.refused("upgrade", changes=True)


def test_each_step_is_told(project: Project) -> None:
    write_env(
        project,
        """
import sqlalchemy as sa

def noted(*, ctx, step, heads, run_args, **_):
    kind = "stamp" if step.is_stamp else "up" if step.is_upgrade else "down"
    parents = ",".join(step.down_revision_ids)
    row = f"{kind} {step.up_revision_id} {parents} {sorted(heads)} {sorted(run_args)}"
    ctx.connection.execute(sa.text("INSERT INTO steps VALUES (:row)"), {"row": row})

with engine.connect() as connection:
    connection.execute(sa.text("CREATE TABLE IF NOT EXISTS steps (row TEXT)"))
    connection.commit()
    context.configure(connection=connection, on_version_apply=[noted])
    context.run_migrations()
""",
    )
    project.done("upgrade")
    project.done("downgrade")
    project.done("stamp", "head")

    assert [row for (row,) in project.rows("SELECT row FROM steps")] == [
        "up a1  ['a1'] []",
        "up b2 a1 ['b2'] []",
        "down b2 a1 ['a1'] []",
        "stamp b2 a1 ['b2'] []",
    ]


# -- what is about to be written ---------------------------------------------

DIRECTIVES = """
def seen(context, revision, directives):
    script = directives[0]
    assert context.config is config
    assert revision == ("b2",), revision
    assert context.dialect.name == engine.dialect.name
    {body}

with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=metadata,
        process_revision_directives=seen,
    )
    context.run_migrations()
"""


def test_what_is_about_to_be_written_can_be_dropped(tmp_path: Path) -> None:
    models = (
        "class User(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n"
        "class Post(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n"
    )
    project = new_project(tmp_path / "app", models).with_folder()
    project.script("a1", upgrade=CREATE_USER)
    project.script("b2", "a1")
    write_env(
        project,
        DIRECTIVES.format(
            body="assert config.cmd_opts.autogenerate\n"
            "    assert not script.upgrade_ops.is_empty()\n"
            "    assert script.upgrade_ops.as_diffs()\n"
            "    directives[:] = []"
        ),
    )
    project.done("stamp")
    project.sql("CREATE TABLE user (id INTEGER NOT NULL PRIMARY KEY)")
    ran = project.run("migrate")

    assert "left nothing to write" in ran.err
    assert len(list(project.versions.glob("*.py"))) == 2

    write_env(
        project,
        DIRECTIVES.format(
            body="script.rev_id = '0003'; script.message = 'Third'\n"
            "    script.downgrade_ops.ops = []\n"
            "    script.imports.add('import decimal')\n"
            "    script.upgrade_ops.ops *= 2"
        ),
    )
    project.done("migrate")
    text = (project.versions / "0003_third.py").read_text()
    assert text.count("op.create_table") == 2
    assert "op.drop_table" not in text
    assert "import decimal" in text

    write_env(
        project,
        DIRECTIVES.format(body="script.upgrade_ops.ops = []").replace("b2", "0003"),
    )
    project.done("stamp")
    assert "No changes" in project.run("migrate").err
    project.done("check")


def test_a_function_that_compares_gets_the_context(project: Project) -> None:
    write_env(
        project,
        """
asked = []

def compare_type(context, inspected, wanted, inspected_type, wanted_type):
    asked.append((context.dialect.name, context.bind is not None, wanted.name))
    return wanted.name == "name"

with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=metadata, compare_type=compare_type
    )
    context.run_migrations()
    if config.cmd_opts and getattr(config.cmd_opts, "autogenerate", False):
        assert (engine.dialect.name, True, "name") in asked, asked
""",
    )
    project.done("upgrade")

    assert "column user.name" in project.refused("check")


# -- operations that a project defines ---------------------------------------


def test_a_project_can_add_operations(project: Project) -> None:
    (project.versions / "c3.py").write_text(
        "from alembic import op\n"
        "from alembic.operations import MigrateOperation, Operations\n"
        "revision, down_revision = 'c3', 'b2'\n"
        "@Operations.register_operation('create_view')\n"
        "class CreateView(MigrateOperation):\n"
        "    def __init__(self, name, sql): self.name, self.sql = name, sql\n"
        "    @classmethod\n"
        "    def create_view(cls, operations, name, sql):\n"
        "        return operations.invoke(cls(name, sql))\n"
        "@Operations.implementation_for(CreateView)\n"
        "def create_view(operations, operation):\n"
        "    operations.execute(f'CREATE VIEW {operation.name} AS {operation.sql}')\n"
        "def upgrade(): op.create_view('names', 'SELECT name FROM user')\n"
        "def downgrade(): op.execute('DROP VIEW names')\n"
    )
    write_env(project, BOTH_WAYS)
    project.done("upgrade")

    assert project.rows("SELECT * FROM names") == []
