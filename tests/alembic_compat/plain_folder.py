"""A project of plain Alembic, without a Flask app, for what works on its classes."""

# mypy: ignore-errors

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from flask_migrations_ext.alembic_compat.projects.config import Config
from flask_migrations_ext.alembic_compat.tools.script.folder import ScriptDirectory

ENV = """
import sqlalchemy as sa
from alembic import context

config = context.config
url = config.get_main_option("sqlalchemy.url")
options = dict(
    target_metadata=config.attributes.get("metadata"),
    on_version_apply=config.attributes.get("told", ()),
)
if context.is_offline_mode():
    context.configure(url=url, **options)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
"""

SCRIPT = '''"""Make {id}

and no more.
"""
import sqlalchemy as sa
from alembic import op

revision = "{id}"
down_revision = {parents!r}
branch_labels = {labels!r}
depends_on = {needed!r}


def upgrade():
    op.create_table("t_{id}", sa.Column("id", sa.Integer))


def downgrade():
    op.drop_table("t_{id}")
'''

HISTORY = {
    "a1": (None, None, None),
    "b1": ("a1", "left", None),
    "c1": ("a1", None, None),
    "m1": (("b1", "c1"), None, None),
    "s1": (None, "side", "b1"),
}


class Folder:
    """A project of plain Alembic, with a database in SQLite."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder / 'app.sqlite'}"
        self.engine = sa.create_engine(self.url, poolclass=sa.pool.NullPool)
        (folder / "own" / "versions").mkdir(parents=True)
        (folder / "own" / "env.py").write_text(ENV)
        for id, (parents, labels, needed) in HISTORY.items():
            self.write(id, parents, labels, needed)
        (folder / "alembic.ini").write_text(
            f"[alembic]\nscript_location = %(here)s/own\nsqlalchemy.url = {self.url}\n"
        )
        self.config = Config(folder / "alembic.ini", stdout=io.StringIO())
        self.script = ScriptDirectory.from_config(self.config)

    def write(self, id: str, parents: Any, labels: Any = None, needed: Any = None):
        text = SCRIPT.format(id=id, parents=parents, labels=labels, needed=needed)
        (self.folder / "own" / "versions" / f"{id}.py").write_text(text)

    def tables(self) -> set[str]:
        found = sa.inspect(self.engine).get_table_names()
        return {each.removeprefix("t_") for each in found if each.startswith("t_")}

    def run(self, fn: Any, **options: Any) -> None:
        from alembic.runtime.environment import EnvironmentContext

        with EnvironmentContext(self.config, self.script, fn=fn, **options):
            self.script.run_env()

    def to(self, target: str) -> None:
        self.run(lambda heads, _: self.script._upgrade_revs(target, heads))

    def back_to(self, target: str) -> None:
        self.run(lambda heads, _: self.script._downgrade_revs(target, heads))

    def heads(self) -> tuple[str, ...]:
        found: list[tuple[str, ...]] = []
        self.run(lambda heads, _: found.append(heads), dont_mutate=True)
        return found[0]
