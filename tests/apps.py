"""Small Flask apps in folders of their own, for tests of the commands.

:func:`new_project` writes an app and loads it into this process, where commands run
quickly; ``Project.flask`` runs the real ``flask`` in a process of its own.
"""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from textwrap import indent
from typing import Any

import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from flask.cli import ScriptInfo

USER = """
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80))
"""

LOGS_MODEL = """
class Line(db.Model):
    __bind_key__ = "logs"
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(80))
"""

CREATE_USER = 'op.create_table("user", sa.Column("id", sa.Integer, primary_key=True))'
DROP_USER = 'op.drop_table("user")'

_APP = """\
from pathlib import Path

from flask import Flask
from flask_migrations_ext import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.pool import NullPool

db = SQLAlchemy()
migrate = Migrate({arguments})
{models}

def create_app():
    app = Flask("shop", root_path=str(Path(__file__).parent))
    app.config.from_mapping({config!r})
    # No connection outlives a command.
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {{"poolclass": NullPool}})
{set_up}
    return app
"""

SET_UP = """
db.init_app(app)
migrate.init_app(app, db)
"""

_SCRIPT = '''\
"""{message}"""

import sqlalchemy as sa

from flask_migrations_ext import op

revision = {id!r}
down_revision = {parents!r}
branch_labels = {labels!r}
depends_on = {depends_on!r}


def upgrade({parameters}):
{upgrade}


def downgrade({parameters}):
{downgrade}
'''


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit status and what it wrote to which stream."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    """An app in a folder, and its migrations."""

    folder: Path
    app: Flask
    url: sa.URL
    group: str = "db"

    @property
    def migrations(self) -> Path:
        return self.folder / "migrations"

    @property
    def versions(self) -> Path:
        return self.migrations / "versions"

    # -- commands ----------------------------------------------------------

    def run(self, *arguments: str, **environment: str) -> Ran:
        """Run ``flask db …`` in this process; a traceback is raised here."""
        result = _runner().invoke(
            self.app.cli,
            [self.group, *arguments],
            obj=ScriptInfo(create_app=lambda: self.app),
            env=environment,
            auto_envvar_prefix="FLASK",
        )
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception

        return Ran(result.exit_code, result.stdout, result.stderr)

    def done(self, *arguments: str) -> str:
        """Run a command that has to succeed, and return what is on stdout."""
        ran = self.run(*arguments)
        assert ran.status == 0, ran.err

        return ran.out

    def refused(self, *arguments: str, changes: bool = False, status: int = 1) -> str:
        """Run a command that has to fail with one message; return the message.

        :param changes: whether files and the database may be other ones afterwards.
        :param status: what it ends with.
        """
        before = None if changes else self.state()
        ran = self.run(*arguments)

        assert ran.status == status
        assert len(re.findall("^Error: ", ran.err, re.MULTILINE)) == 1
        assert "Traceback" not in ran.err
        assert before is None or self.state() == before
        return ran.err.partition("Error: ")[2]

    def flask(
        self,
        *arguments: str,
        cwd: Path | None = None,
        app: str | None = "shop",
        **environment: str,
    ) -> Ran:
        """Run the real ``flask`` as a process, in the app's folder."""
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("FLASK_", "SQLALCHEMY_"))
        }
        chosen = ["--app", app] if app else []
        ran = subprocess.run(
            [sys.executable, "-m", "flask", *chosen, *arguments],
            cwd=cwd or self.folder,
            env={**clean, "PYTHONDONTWRITEBYTECODE": "1", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    # -- revisions ---------------------------------------------------------

    def with_folder(self, template: str = "plain") -> Project:
        """Create the migrations folder."""
        self.done("init", "-t", template)
        return self

    def env(self, text: str) -> None:
        """Write an env.py."""
        (self.migrations / "env.py").write_text(dedent(text), "utf-8")

    def script(
        self,
        id: str,
        parents: str | tuple[str, ...] | None = None,
        *,
        upgrade: str = "pass",
        downgrade: str = "pass",
        labels: tuple[str, ...] | None = None,
        depends_on: str | None = None,
        parameters: str = "",
        message: str = "",
    ) -> Path:
        """Write a revision by hand, and return its path."""
        path = self.versions / f"{id}.py"
        path.write_text(
            _SCRIPT.format(
                message=message or f"Revision {id}",
                id=id,
                parents=parents,
                labels=labels,
                depends_on=depends_on,
                parameters=parameters,
                upgrade=indent(dedent(upgrade).strip(), "    "),
                downgrade=indent(dedent(downgrade).strip(), "    "),
            ),
            "utf-8",
        )
        return path

    def chain(self, *ids: str) -> Project:
        """Write revisions that follow each other and do nothing."""
        for id, parent in zip(ids, (None, *ids), strict=False):
            self.script(id, parent)
        return self

    # -- databases ---------------------------------------------------------

    def tables(self, key: str | None = None) -> set[str]:
        """Return the tables of a database, but for those of the migrations."""
        return set(self._asked(key, _tables)) - {
            "alembic_version",
            "alembic_version_journal",
        }

    def version(self, key: str | None = None) -> list[str]:
        """Return what the version table holds; nothing if it is not there."""
        return sorted(self._asked(key, _versions))

    def rows(self, sql: str, key: str | None = None) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        return [
            tuple(row)
            for row in self._asked(key, lambda c: c.execute(sa.text(sql)).all())
        ]

    def sql(self, sql: str, key: str | None = None) -> None:
        """Execute and commit a statement."""
        with self.app.app_context():
            engine = self.app.extensions["sqlalchemy"].engines[key]
            with engine.begin() as connection:
                connection.execute(sa.text(sql))

    def state(self) -> object:
        """Return all files, and what the databases hold, to be compared."""
        return files_in(self.folder), self._databases()

    def _databases(self) -> dict[str | None, object]:
        # What is not SQLite is in no file. A database that is not there says so.
        if self.url.get_backend_name() == "sqlite":
            return {}

        try:
            return {None: (self._asked(None, _schema), self.version())}
        except sa.exc.OperationalError:
            return {}

    def _asked(self, key: str | None, question: Any) -> Any:
        with self.app.app_context():
            engine = self.app.extensions["sqlalchemy"].engines[key]
            with engine.connect() as connection:
                return question(connection)


def new_project(
    folder: Path,
    models: str = USER,
    *,
    url: sa.URL | str | None = None,
    binds: Mapping[str, str] | None = None,
    config: Mapping[str, Any] | None = None,
    arguments: str = "",
    set_up: str = SET_UP,
    group: str = "db",
) -> Project:
    """Write an app into a folder and load it.

    :param url: its database; ``shop.sqlite`` beside it by default.
    :param arguments: of ``Migrate(…)``.
    :param set_up: what is done with the app, ``db`` and ``migrate``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    given = sa.make_url(url) if url else sqlite_in(folder, "shop")
    write_app(
        folder,
        models,
        url=given,
        binds=binds,
        config=config,
        arguments=arguments,
        set_up=set_up,
    )

    return Project(folder, load_app(folder), given, group)


def write_app(
    folder: Path,
    models: str = USER,
    *,
    url: sa.URL | None = None,
    binds: Mapping[str, str] | None = None,
    config: Mapping[str, Any] | None = None,
    arguments: str = "",
    set_up: str = SET_UP,
) -> None:
    """Write ``shop.py``, with ``create_app()``."""
    shown = url.render_as_string(hide_password=False) if url else None
    everything: dict[str, Any] = {"SECRET_KEY": "", **(config or {})}
    if shown:
        everything.setdefault("SQLALCHEMY_DATABASE_URI", shown)
    if binds:
        everything["SQLALCHEMY_BINDS"] = dict(binds)

    (folder / "shop.py").write_text(
        _APP.format(
            models=dedent(models),
            config=everything,
            arguments=arguments,
            set_up=indent(dedent(set_up), "    "),
        ),
        "utf-8",
    )


def load_app(folder: Path) -> Flask:
    """Return a new app from the file that is there now."""
    path = folder / "shop.py"
    names: dict[str, Any] = {"__name__": "shop", "__file__": str(path)}
    exec(compile(path.read_text("utf-8"), path, "exec"), names)
    app: Flask = names["create_app"]()
    return app


def sqlite_in(folder: Path, name: str) -> sa.URL:
    """Return the URL of a database file."""
    return sa.URL.create("sqlite", database=str(folder / f"{name}.sqlite"))


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the files in a folder, but for empty ones: SQLite makes some."""
    return {
        str(path.relative_to(folder)): content
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
        if (content := path.read_bytes()) or path.suffix != ".sqlite"
    }


def ids_in(text: str) -> list[str]:
    """Return the random ids in a text, in order."""
    return re.findall(r"(?<![0-9a-z])[0-9a-f]{12}(?![0-9a-z])", text)


def _runner() -> CliRunner:
    # Before 8.2, Click mixed the streams unless it was asked not to.
    parameters = inspect.signature(CliRunner).parameters
    separate: dict[str, Any] = (
        {"mix_stderr": False} if "mix_stderr" in parameters else {}
    )
    return CliRunner(**separate)


def _tables(connection: sa.Connection) -> list[str]:
    return sa.inspect(connection).get_table_names()


def _versions(connection: sa.Connection) -> list[str]:
    if not sa.inspect(connection).has_table("alembic_version"):
        return []

    return list(
        connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars()
    )


def _schema(connection: sa.Connection) -> object:
    inspector = sa.inspect(connection)
    return [
        (name, [(c["name"], str(c["type"])) for c in inspector.get_columns(name)])
        for name in sorted(inspector.get_table_names())
    ]
