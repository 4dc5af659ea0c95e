"""A project that Flask-Migrate and this package take turns on, each in processes of
its own. Where this package runs, neither Flask-Migrate nor Alembic can be imported.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

_APP = """\
import os
from pathlib import Path

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData
from {package} import Migrate

NAMES = {{"ix": "ix_%(table_name)s_%(column_0_name)s", "fk": "fk_%(table_name)s"}}
db = SQLAlchemy(metadata=MetaData(naming_convention=NAMES))
migrate = Migrate({arguments})
LATER = bool(os.environ.get("LATER"))


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(120 if LATER else 80), nullable=False)
    if LATER:
        city = db.Column(db.String(20), server_default="?", index=True)


class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.ForeignKey(User.id, ondelete="CASCADE"))
    text = db.Column(db.Text)


class Line(db.Model):
    __bind_key__ = "logs"
    id = db.Column(db.Integer, primary_key=True)
    if LATER:
        text = db.Column(db.String(20))


def create_app():
    here = Path(__file__).parent
    database = here / os.environ["DATABASE"]
    app = Flask("shop", root_path=str(here))
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{{database}}"
    app.config["SQLALCHEMY_BINDS"] = {{"logs": f"sqlite:///{{database}}.logs"}}
    db.init_app(app)
    migrate.init_app(app, db)
    return app
"""

# Several commands in one process, as its start takes longer than any of them.
_DRIVER = """\
import io
import json
import sys
import warnings
from contextlib import redirect_stderr
from contextlib import redirect_stdout

from flask.cli import ScriptInfo

warnings.simplefilter("error")
# Flask-SQLAlchemy's, for the get_engine() of an env.py of version 3.1.
warnings.filterwarnings("ignore", "'get_engine' is deprecated")
import {module} as shop

app, ran = shop.create_app(), []
for arguments in json.loads(sys.argv[1]):
    info = ScriptInfo(create_app=lambda: app)
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            app.cli.main(["db", *arguments], obj=info)
        except SystemExit as end:
            ran.append([end.code, out.getvalue(), err.getvalue()])
with open(sys.argv[2], "w") as result:
    json.dump(ran, result)
"""

BLOCK = """\
import sys


class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("alembic", "flask_migrate"):
            raise ModuleNotFoundError(f"{name} is not there")


sys.meta_path.insert(0, Block())
"""


@dataclass(frozen=True)
class Ran:
    """What a command left."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class TwoTools:
    """A folder with one app for either tool, and databases by their file names."""

    folder: Path

    @property
    def migrations(self) -> Path:
        return self.folder / "migrations"

    def theirs(
        self, *commands: str, database: str = "theirs", later: bool = True
    ) -> list[Ran]:
        """Run commands of Flask-Migrate, all of which have to succeed."""
        return self._succeed("flask_migrate", commands, database, later)

    def ours(
        self, *commands: str, database: str = "ours", later: bool = True
    ) -> list[Ran]:
        """Run commands of this package, all of which have to succeed."""
        return self._succeed("flask_migrations_ext", commands, database, later)

    def _succeed(
        self, package: str, commands: tuple[str, ...], database: str, later: bool
    ) -> list[Ran]:
        ran = self.run(package, commands, database, later)
        for command, each in zip(commands, ran, strict=True):
            assert each.status == 0, f"{package} {command}: {each.err}{each.out}"

        return ran

    def run(
        self,
        package: str,
        commands: tuple[str, ...],
        database: str = "ours",
        later: bool = True,
    ) -> list[Ran]:
        """Run commands, each given as one line."""
        result = self.folder / "result.json"
        result.unlink(missing_ok=True)
        words = json.dumps([command.split(" ") for command in commands])
        driver = _DRIVER.format(module=f"shop_{package}")
        self.python(
            package,
            driver,
            words,
            str(result),
            DATABASE=database,
            LATER="1" if later else "",
        )
        return [Ran(*each) for each in json.loads(result.read_text())]

    def python(
        self, package: str, code: str, *arguments: str, **environment: str
    ) -> str:
        """Run code as either tool's user, and return what it prints."""
        blocked = self.folder / "blocked"
        paths = [] if package == "flask_migrate" else [str(blocked)]
        ran = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([*paths, str(self.folder)]),
                "PYTHONDONTWRITEBYTECODE": "1",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def schema(self, database: str) -> dict[str, Any]:
        """Return what a database looks like, without the width of the ids."""
        with connected(self.folder / database) as connection:
            return {
                name: table
                for name, table in _reflected(connection).items()
                if name != "alembic_version"
            }

    def versions(self, database: str) -> list[str]:
        """Return what the version table holds."""
        with connected(self.folder / database) as connection:
            found = connection.execute(sa.text("SELECT * FROM alembic_version"))
            return sorted(found.scalars())


def two_tools(folder: Path, arguments: str = "") -> TwoTools:
    """Write the app for both tools."""
    (folder / "blocked").mkdir(parents=True)
    (folder / "blocked" / "sitecustomize.py").write_text(BLOCK)
    for package in ("flask_migrate", "flask_migrations_ext"):
        (folder / f"shop_{package}.py").write_text(
            _APP.format(package=package, arguments=arguments)
        )

    return TwoTools(folder)


@contextmanager
def connected(path: Path) -> Iterator[sa.Connection]:
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _reflected(connection: sa.Connection) -> dict[str, Any]:
    inspector = sa.inspect(connection)
    return {
        name: {
            "columns": [
                (
                    column["name"],
                    str(column["type"]),
                    column["nullable"],
                    column["default"],
                )
                for column in inspector.get_columns(name)
            ],
            "key": inspector.get_pk_constraint(name),
            "foreign keys": inspector.get_foreign_keys(name),
            "indexes": inspector.get_indexes(name),
        }
        for name in inspector.get_table_names()
    }
