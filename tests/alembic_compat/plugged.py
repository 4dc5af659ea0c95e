"""Small projects of Alembic's kind, run by this package after ``install()``.

Each step has a process of its own, in which Alembic cannot be imported.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import sqlalchemy as sa

from tests.alembic_compat.two_tools import BLOCK

_ENV = """\
from alembic import context
import sqlalchemy as sa
import models

{before}

def run():
    url = context.config.get_main_option("sqlalchemy.url")
    if context.is_offline_mode():
        context.configure(url=url, target_metadata=models.metadata, literal_binds=True)
        with context.begin_transaction():
            context.run_migrations()
        return

    engine = sa.create_engine(url)
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=models.metadata, {options}
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
"""

_TEMPLATE = '''\
"""${message}

Revision ID: ${up_revision}
"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''

_DRIVER = """\
import json
import logging
import sys
import warnings

warnings.simplefilter("error")
{warnings}
import flask_migrations_ext.alembic_compat

flask_migrations_ext.alembic_compat.install()

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

config = Config("alembic.ini")
said = []
for name, *arguments in json.loads(sys.argv[1]):
    has_keywords = arguments and isinstance(arguments[-1], dict)
    keywords = arguments.pop() if has_keywords else {{}}
    try:
        getattr(command, name)(config, *arguments, **keywords)
        said.append("")
    except CommandError as error:
        said.append(str(error))
print(json.dumps(said))
"""


@dataclass(frozen=True)
class Plugged:
    """A folder with models, an ``env.py`` and revisions, for one database."""

    folder: Path
    url: sa.URL
    warnings: str = ""

    @property
    def versions(self) -> Path:
        return self.folder / "migrations" / "versions"

    def models(self, text: str) -> None:
        """Write the models; ``metadata`` is theirs."""
        (self.folder / "models.py").write_text(dedent(text))

    def env(self, before: str = "", options: str = "") -> None:
        """Write ``env.py``."""
        text = _ENV.format(before=dedent(before), options=options)
        (self.folder / "migrations" / "env.py").write_text(text)

    def run(self, *commands: list[Any]) -> list[str]:
        """Run functions of ``alembic.command``; return what each failed with, or ""."""
        code = _DRIVER.format(warnings=self.warnings)
        said: list[str] = json.loads(
            self.python(code, json.dumps(commands)).splitlines()[-1]
        )
        return said

    def done(self, *commands: list[Any]) -> None:
        """Run functions of ``alembic.command``, all of which have to succeed."""
        for command, said in zip(commands, self.run(*commands), strict=True):
            assert not said, f"{command}: {said}"

    def python(self, code: str, *arguments: str) -> str:
        """Run code in a process that has no Alembic, and return what it prints."""
        paths = [str(self.folder / "blocked"), str(self.folder)]
        ran = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(paths),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def migrate(self, id: str) -> str:
        """Write a revision from the models, apply it, and return its text.

        No difference is left then.
        """
        self.done(
            ["revision", {"message": id, "autogenerate": True, "rev_id": id}],
            ["upgrade", "head"],
            ["check"],
        )
        return self.text(id)

    def text(self, id: str) -> str:
        """Return the text of a revision."""
        return next(self.versions.glob(f"{id}_*.py")).read_text()

    def ask(self, sql: str) -> list[Any]:
        """Return the first column of what the database says."""
        engine = sa.create_engine(self.url)
        with engine.begin() as connection:
            found = list(connection.execute(sa.text(sql)).scalars())
        engine.dispose()
        return found


def plugged(folder: Path, url: sa.URL, warnings: str = "") -> Plugged:
    """Write a project without models and revisions."""
    (folder / "blocked").mkdir(parents=True)
    (folder / "blocked" / "sitecustomize.py").write_text(BLOCK)
    (folder / "migrations" / "versions").mkdir(parents=True)
    (folder / "migrations" / "script.py.mako").write_text(_TEMPLATE)
    said = url.render_as_string(hide_password=False).replace("%", "%%")
    (folder / "alembic.ini").write_text(
        f"[alembic]\nscript_location = migrations\nsqlalchemy.url = {said}\n"
    )
    project = Plugged(folder, url, warnings)
    project.env()
    return project
