"""Secrets that are planted show up nowhere: printed, logged, raised or written."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_migrations_ext.errors import MigrationError
from tests.apps import new_project
from tests.apps import Project

SECRET = "s3cr3t"

COMMANDS = [
    ("current",),
    ("current", "--verbose"),
    ("status",),
    ("wait", "--timeout", "0"),
    ("status", "--format", "json"),
    ("heads", "--verbose"),
    ("history", "--indicate-current"),
    ("show", "head"),
    ("check",),
    ("upgrade",),
    ("upgrade", "--sql"),
    ("downgrade", "base"),
    ("stamp", "head"),
    ("migrate", "-m", "x"),
    ("revision", "-m", "x"),
    ("ensure-version",),
    ("adopt",),
    ("adopt", "--write"),
]

# Nothing answers there, so that each command that asks says where it asked.
URLS = [
    "postgresql+psycopg://u:s3cr3t@127.0.0.1:1/d?connect_timeout=1",
    "postgresql+psycopg://u@127.0.0.1:1/d?password=s3cr3t&connect_timeout=1",
    "postgresql+psycopg://u@127.0.0.1:1/d?sslpassword=s3cr3t&connect_timeout=1",
    "postgresql+psycopg://u@127.0.0.1:1/d?nonsense=s3cr3t&connect_timeout=1",
    "mysql+pymysql://u:s3cr3t@127.0.0.1:1/d?charset=utf8mb4",
    "mysql+pymysql://u@127.0.0.1:1/d?passwd=s3cr3t",
]


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG, logger="flask_migrations_ext"):
        yield caplog


def run(
    project: Project, arguments: tuple[str, ...], logged: pytest.LogCaptureFixture
) -> str:
    """Return all that a command says, and what it writes besides what was there."""
    before = set(project.folder.rglob("*"))
    ran = project.run(*arguments)
    written = [
        path
        for path in project.folder.rglob("*")
        if path.is_file() and path not in before
    ]
    # The originals that adopt keeps are the user's own files.
    new = [path for path in written if "before_adopt" not in path.parts]
    texts = [path.read_bytes().decode("utf-8", "replace") for path in new]
    return "\n".join([ran.out, ran.err, logged.text, *texts])


def with_settings(project: Project) -> Project:
    (project.migrations / "alembic.ini").write_text(
        "[alembic]\n"
        "sqlalchemy.url = postgresql://u:s3cr3t@h/d?sslpassword=s3cr3t\n"
        "sqlalchemy.password = s3cr3t\n"
        "sqlalchemy.connect_args = {'password': 's3cr3t'}\n"
        "encryption_key = s3cr3t\n"
        "file_template = %%(rev)s\n"
    )
    return project


@pytest.mark.filterwarnings("ignore:'passwd' is deprecated")
@pytest.mark.parametrize(
    ("url", "arguments"),
    [
        *((URLS[0], arguments) for arguments in COMMANDS),
        *((url, arguments) for url in URLS[1:] for arguments in COMMANDS[::5]),
    ],
)
def test_where_the_database_cannot_be_reached(
    tmp_path: Path,
    url: str,
    arguments: tuple[str, ...],
    logged: pytest.LogCaptureFixture,
) -> None:
    project = new_project(tmp_path / "app", url=url).with_folder()
    with_settings(project).script("a1")

    said = run(project, arguments, logged)

    assert SECRET not in said
    assert said


SCRIPTS = [
    "op.execute(\"ALTER USER bob IDENTIFIED BY 's3cr3t'\")",
    "op.execute(\"CREATE ROLE bob PASSWORD 's3cr3t'\")",
    "op.execute(\"SELECT dblink('postgresql://u:s3cr3t@h/d')\")",
    "op.execute(\"PRAGMA key = 's3cr3t' nonsense\")",
    "raise ValueError('cannot reach postgresql://u:s3cr3t@h/d')",
    "raise ValueError({'password': 's3cr3t'})",
    "raise SystemExit('password=s3cr3t')",
    "sa.create_engine('postgresql+psycopg://u:s3cr3t@127.0.0.1:1/d').connect()",
    "op.create_table('postgresql://u:s3cr3t@h/d', 'no column')",
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_where_a_script_fails(
    tmp_path: Path, script: str, logged: pytest.LogCaptureFixture
) -> None:
    project = with_settings(new_project(tmp_path / "app").with_folder())
    project.script("a1", upgrade=script)

    said = run(project, ("upgrade",), logged)

    assert "upgrade of revision 'a1' failed" in said
    assert SECRET not in said


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_error_holds_it_for_those_who_catch_it(tmp_path: Path, script: str) -> None:
    from flask_migrations_ext import upgrade

    project = new_project(tmp_path / "app").with_folder()
    project.script("a1", upgrade=script)

    with project.app.app_context(), pytest.raises(MigrationError) as caught:
        upgrade()

    assert SECRET not in str(caught.value)
    assert SECRET not in repr(vars(caught.value))


@pytest.mark.parametrize(
    "text",
    [
        "[alembic]\nsqlalchemy.url = postgresql://u:%s3cr3t@h/d\n",
        "[alembic]\ns3cr3t\n",
        "s3cr3t\n",
        "[alembic]\nfile_template = %(s3cr3t)s\n",
    ],
)
@pytest.mark.parametrize("arguments", [("heads",), ("adopt",), ("revision",)], ids=str)
def test_where_a_settings_file_is_broken(
    tmp_path: Path,
    text: str,
    arguments: tuple[str, ...],
    logged: pytest.LogCaptureFixture,
) -> None:
    project = new_project(tmp_path / "app").with_folder()
    (project.migrations / "alembic.ini").write_text(text)

    assert SECRET not in run(project, arguments, logged)


ROWS = [
    "op.create_unique_constraint('u', 't', ['name'])",
    "op.alter_column('t', 'name', type_=sa.Integer, postgresql_using='name::integer')",
    "op.create_check_constraint('c', 't', 'length(name) > 9')",
]


@pytest.mark.parametrize("script", ROWS)
def test_values_of_rows_stay_where_they_are(
    tmp_path: Path,
    database_url: sa.URL,
    script: str,
    logged: pytest.LogCaptureFixture,
) -> None:
    if database_url.get_backend_name() == "sqlite":
        pytest.skip("what SQLite cannot hold is found out before, and shown by key")
    project = new_project(tmp_path / "app", url=database_url).with_folder()
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (id INTEGER, name VARCHAR(20))"))
        connection.execute(sa.text("INSERT INTO t VALUES (1, 's3cr3t'), (2, 's3cr3t')"))
    engine.dispose()
    project.script("a1", upgrade=script)

    said = run(project, ("upgrade",), logged)

    assert "upgrade of revision 'a1' failed" in said
    assert SECRET not in said
