"""What an env.py may look like, and what it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.apps import CREATE_USER
from tests.apps import LOGS_MODEL
from tests.apps import new_project
from tests.apps import Project
from tests.apps import sqlite_in
from tests.apps import USER

FORMS = {
    "none": None,
    "by targets": """
        for target in context.targets():
            with context.configured(target):
                context.run_migrations()
    """,
    "by a connection": """
        with db.engine.connect() as connection:
            context.configure(connection=connection, target_metadata=db.metadata)
            with context.begin_transaction():
                context.run_migrations()
    """,
    "by a connection in a transaction": """
        with db.engine.begin() as connection:
            context.configure(connection=connection, target_metadata=[db.metadata])
            context.run_migrations()
    """,
    "in functions": """
        def run_migrations_offline():
            context.configure(url=db.engine.url, target_metadata=db.metadata)
            with context.begin_transaction():
                context.run_migrations()

        def run_migrations_online():
            with db.engine.connect() as connection:
                context.configure(
                    connection=connection, target_metadata=db.metadata
                )
                with context.begin_transaction():
                    context.run_migrations()

        if context.is_offline_mode():
            run_migrations_offline()
        else:
            run_migrations_online()
    """,
}

HEAD = """\
from flask import current_app
from flask_migrations_ext import context

db = current_app.extensions["sqlalchemy"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path / "app").with_folder()


def write_env(project: Project, text: str) -> Path:
    from textwrap import dedent

    path = project.migrations / "env.py"
    path.write_text(HEAD + dedent(text))
    return path


# -- forms -----------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_every_form_runs_every_command(project: Project, form: str) -> None:
    text = FORMS[form]
    if text is not None:
        write_env(project, text)
    project.done("migrate", "--rev-id", "a1")
    project.done("upgrade")
    assert (project.tables(), project.version()) == ({"user"}, ["a1"])

    project.done("check")
    project.done("current", "-c")
    project.done("history", "-i")
    project.done("downgrade")
    assert project.tables() == set()
    project.done("stamp")
    assert project.version() == ["a1"]
    project.done("stamp", "base")
    project.done("ensure-version")


@pytest.mark.parametrize(
    "form", ["none", "by targets", "by a connection", "in functions"]
)
def test_every_form_writes_sql(project: Project, form: str) -> None:
    """A connection only tells the kind of database then."""
    text = FORMS[form]
    if text is not None:
        write_env(project, text)
    project.script("a1", upgrade=CREATE_USER)

    assert "CREATE TABLE user" in project.done("upgrade", "--sql")
    assert "INSERT INTO alembic_version" in project.done("stamp", "--sql")
    assert project.tables() == set()


def test_env_py_of_the_template_runs_every_bind(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    binds = {"logs": str(sqlite_in(folder, "logs"))}
    project = new_project(folder, USER + LOGS_MODEL, binds=binds).with_folder("flask")
    project.done("migrate", "--rev-id", "a1")
    project.done("upgrade")

    assert (project.tables(), project.tables("logs")) == ({"user"}, {"line"})


# -- what it is told, and what it can change -------------------------------


def test_settings_of_env_py_come_before_those_of_the_app(tmp_path: Path) -> None:
    config = {"MIGRATE_VERSION_TABLE": "of_app"}
    project = new_project(tmp_path / "app", config=config).with_folder().chain("a1")
    write_env(
        project,
        """
        for target in context.targets():
            with context.configured(target, version_table="of_env"):
                context.run_migrations()
        """,
    )
    project.done("upgrade")

    assert project.tables() == {"of_env"}


def test_a_filter_of_env_py_is_asked(project: Project) -> None:
    write_env(
        project,
        """
        def include_object(object, name, type_, reflected, compare_to):
            return name != "user"

        for target in context.targets():
            with context.configured(target, include_object=include_object):
                context.run_migrations()
        """,
    )

    assert "No changes" in project.run("migrate").err


def test_other_metadata_can_take_the_place_of_the_apps(project: Project) -> None:
    write_env(
        project,
        """
        import sqlalchemy as sa

        other = sa.MetaData()
        sa.Table("other", other, sa.Column("id", sa.Integer, primary_key=True))
        for target in context.targets():
            with context.configured(target, target_metadata=other):
                context.run_migrations()
        """,
    )
    err = project.run("migrate").err

    assert "other" in err
    assert "user" not in err


def test_arguments_of_run_migrations_reach_the_scripts(project: Project) -> None:
    project.script(
        "a1",
        parameters="engine_name, *, tenant",
        upgrade='op.execute(f"CREATE TABLE {engine_name}_{tenant} (id INTEGER)")',
    )
    write_env(
        project,
        """
        with db.engine.connect() as connection:
            context.configure(connection=connection)
            context.run_migrations(engine_name="main", tenant="acme")
        """,
    )
    project.done("upgrade")

    assert project.tables() == {"main_acme"}


def test_x_arguments_can_be_read_as_a_dictionary(project: Project) -> None:
    project.chain("a1")
    write_env(
        project,
        """
        given = context.get_x_argument(as_dictionary=True)
        assert given == {"a": "1=2", "b": ""}, given
        assert context.get_x_argument() == ["a=1=2", "b"]
        assert context.get_tag_argument() == "blue"
        for target in context.targets():
            with context.configured(target):
                context.run_migrations()
        """,
    )
    project.done("upgrade", "-x", "a=1=2", "-x", "b", "--tag", "blue")

    assert project.version() == ["a1"]


def test_one_connection_can_run_for_several_databases(project: Project) -> None:
    """As for a schema per tenant, here a version table per tenant."""
    project.chain("a1")
    write_env(
        project,
        """
        with db.engine.connect() as connection:
            for tenant in ("one", "two"):
                context.configure(connection=connection, version_table=tenant)
                context.run_migrations()
        """,
    )
    out = project.done("upgrade")

    assert out.count("1 revision applied") == 2
    assert project.tables() == {"one", "two"}


TWO_DATABASES = """
    import sqlalchemy as sa

    for key in ("one", "two"):
        metadata = sa.MetaData()
        sa.Table({table}, metadata, sa.Column("id", sa.Integer, primary_key=True))
        engine = sa.create_engine(f"sqlite:///{{__file__}}.{{key}}.sqlite")
        with engine.connect() as connection:
            context.configure(
                connection=connection, target_metadata=metadata{name}
            )
            context.run_migrations()
        engine.dispose()
"""


def test_databases_that_env_py_names_are_told_apart(project: Project) -> None:
    write_env(project, TWO_DATABASES.format(table="key", name=", bind_key=key"))
    project.done("migrate", "--rev-id", "a1")
    text = next(project.versions.glob("a1*")).read_text()

    assert text.count('if bind_key == "one":') == 2
    assert text.count('if bind_key == "two":') == 2
    project.done("upgrade")
    project.done("check")


def test_databases_of_one_form_need_no_names(project: Project) -> None:
    """As those of several tenants."""
    write_env(project, TWO_DATABASES.format(table="'user'", name=""))
    project.done("migrate", "--rev-id", "a1")
    project.done("upgrade")

    project.done("check")


def test_databases_that_nothing_tells_apart_are_refused(project: Project) -> None:
    """One script for both would be wrong for one of them."""
    write_env(project, TWO_DATABASES.format(table="key", name=""))
    message = project.refused("migrate")

    assert "add bind_key=… where it calls context.configure()" in message


def test_an_env_py_may_find_nothing_to_run_on(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    """As one for several tenants does while there is none. It is said, though."""
    project.chain("a1")
    write_env(project, "for tenant in (): context.run_migrations()")
    for command in ("upgrade", "current", "stamp"):
        ran = project.run(command)
        assert (ran.status, project.tables()) == (0, set())
        assert "did not call context.run_migrations() for any database" in caplog.text
        caplog.clear()

    for command in ("check", "migrate"):
        assert "for any database" in project.refused(command)


# -- what cannot be --------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("raise ValueError('x')", "line 5: ValueError: x"),
        ("import nowhere_at_all", "line 5: ModuleNotFoundError: No module named"),
        ("nothing_of_this_name", "line 5: NameError"),
        ("def x(:", "env.py, line 5: invalid syntax"),
        ("context.nope()", "line 5: AttributeError"),
        (
            "import sqlalchemy as sa\n"
            "sa.create_engine('sqlite:////nowhere/at/all').connect()",
            "line 6: OperationalError: unable to open database file",
        ),
        ("db.metadata.tables['user'].nope", "AttributeError"),
        ("context.run_migrations()", "context.run_migrations() needs a database"),
        ("context.configure()", "context.configure() needs a connection"),
        ("context.configure(connection=db.engine)", "takes a connection, not Engine"),
        ("context.configure(url='sqlite://')", "is for SQL text (--sql)"),
        (
            "for target in context.targets():\n"
            "    with context.configured(target): pass\n"
            "context.run_migrations()",
            "context.run_migrations() needs a database",
        ),
        (
            "for target in context.targets():\n"
            "    with context.configured(target, target_metadata=7): pass",
            "target_metadata takes a MetaData or a list of them",
        ),
        (
            "for target in context.targets():\n"
            "    with context.configured(target, include_name=7): pass",
            "setting 'include_name': takes a function, not 7",
        ),
    ],
)
def test_an_env_py_that_goes_wrong(project: Project, text: str, message: str) -> None:
    project.chain("a1")
    write_env(project, text)

    assert message in project.refused("upgrade")


def test_a_url_that_cannot_be_read(project: Project) -> None:
    project.chain("a1")
    for url in ("nonsense", "foo://me:s3cret@host/x", "sqlite://me:s3cret@host:port/"):
        write_env(project, f"context.configure(url={url!r})")
        message = project.refused("upgrade", "--sql")

        assert "context.configure() cannot read its url" in message
        assert "s3cret" not in message


def test_a_broken_env_py_stops_no_command_that_does_not_need_it(
    project: Project,
) -> None:
    project.chain("a1")
    write_env(project, "raise ValueError")

    for command in ("heads", "history", "show", "branches", "revision -m x"):
        project.done(*command.split())


def test_context_says_so_when_no_command_runs() -> None:
    from flask_migrations_ext import context
    from flask_migrations_ext.errors import NoRunningMigration

    for name in ("targets", "run_migrations", "is_offline_mode", "get_x_argument"):
        with pytest.raises(NoRunningMigration, match=f"context.{name}"):
            getattr(context, name)()


def test_a_table_that_is_there_already_fails_like_any_other(project: Project) -> None:
    """As after ``db.create_all()``, which newcomers mix in."""
    project.script("a1", upgrade=CREATE_USER)
    project.sql("CREATE TABLE user (id INTEGER)")
    message = project.refused("upgrade")

    assert "already exists" in message
