"""Apps, models and histories of any size, written for each of the tools compared.

The same models and revisions for all of them: what differs is who reads them. Nothing
is random but what the seed says, so that two runs measure the same.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

OURS = "flask_migrations_ext"
PEER = "flask_migrate"

APP = '''
import time

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from {package} import Migrate

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = {url!r}
db = SQLAlchemy(app)
Migrate(app, db)


@app.cli.command("bare")
def bare():
    """What a command costs that does nothing."""


from models import *  # noqa: E402, F403
'''

REVISION = '''"""{message}

Revision ID: {id}
Revises: {parents}
"""
from alembic import op
import sqlalchemy as sa

revision = {id!r}
down_revision = {parents!r}
branch_labels = None
depends_on = None


def upgrade():
{upgrade}


def downgrade():
{downgrade}
'''


@dataclass(frozen=True)
class Shape:
    """How big the tables of a schema are."""

    columns: int = 8
    foreign_keys: int = 1
    indexes: int = 2
    uniques: int = 1
    seed: int = 7


def models(tables: int, shape: Shape = Shape()) -> str:
    """Return a ``models.py`` of that many tables."""
    rows = ["import sqlalchemy as sa", "", "from app import db", ""]
    for number, columns in enumerate(_tables(tables, shape)):
        rows += ["", f"table_{number} = db.Table(", f'    "table_{number}",']
        rows += [f"    {column}," for column in columns]
        rows += [")"]

    return "\n".join(rows) + "\n"


def _tables(number: int, shape: Shape) -> list[list[str]]:
    chance = random.Random(shape.seed)
    return [_table(place, shape, chance) for place in range(number)]


TYPES = (
    "sa.Integer",
    "sa.String(80)",
    "sa.Text",
    "sa.Boolean",
    "sa.DateTime",
    "sa.Numeric(10, 2)",
    "sa.BigInteger",
    "sa.Date",
)


def _table(place: int, shape: Shape, chance: random.Random) -> list[str]:
    parts = ['db.Column("id", sa.Integer, primary_key=True)']
    names = [f"column_{each}" for each in range(shape.columns)]
    for each, name in enumerate(names):
        more = ", nullable=False" if chance.random() < 0.5 else ""
        default = ', server_default="1"' if each % 8 == 0 else ""
        type_ = TYPES[each % len(TYPES)]
        parts.append(f'db.Column("{name}", {type_}{more}{default})')
    for each in range(min(shape.foreign_keys, place)):
        parts.append(
            f'db.Column("parent_{each}", sa.Integer, '
            f'sa.ForeignKey("table_{chance.randrange(place)}.id"), index=True)'
        )
    # Texts of any length are no part of an index on every database.
    short = [name for each, name in enumerate(names) if each % len(TYPES) != 2]
    for each in range(shape.uniques):
        column = chance.choice(short)
        name = f"uq_{place}_{each}"
        parts.append(f'sa.UniqueConstraint("id", "{column}", name="{name}")')
    for each in range(shape.indexes):
        column = chance.choice(short)
        parts.append(f'sa.Index("ix_{place}_{each}", "{column}")')

    return parts


def revisions(number: int, merges: int = 0) -> list[tuple[str, object, str, str]]:
    """Return a history: id, parents, and the bodies of both directions.

    Each makes a table with an index, or adds a column with an index to one. A merge
    stands behind every ``number / merges`` of them.
    """
    found: list[tuple[str, object, str, str]] = []
    head: str | None = None
    every = number // merges if merges else 0
    for place in range(number):
        id = f"{place:012x}"
        if every and place % every == every - 1:
            side = f"{place:011x}s"
            found.append((side, head, *_body(place, "s")))
            found.append((id, head, *_body(place)))
            head = f"{place:011x}m"
            found.append((head, (side, id), "    pass", "    pass"))
        else:
            found.append((id, head, *_body(place)))
            head = id

    return found


def _body(place: int, mark: str = "") -> tuple[str, str]:
    table = f"made_{place - place % 4}"
    if mark or place % 4 == 0:
        table = f"made_{place}{mark}"
        up = f"""
op.create_table(
    "{table}",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("name", sa.String(length=80), nullable=True),
    sa.PrimaryKeyConstraint("id"),
)
op.create_index("by_name_{table}", "{table}", ["name"])
"""
        down = f"""
op.drop_index("by_name_{table}", "{table}")
op.drop_table("{table}")
"""
    else:
        up = f"""
with op.batch_alter_table("{table}") as batch_op:
    batch_op.add_column(sa.Column("more_{place}", sa.Integer(), nullable=True))
    batch_op.create_index("by_more_{place}", ["more_{place}"])
"""
        down = f"""
with op.batch_alter_table("{table}") as batch_op:
    batch_op.drop_index("by_more_{place}")
    batch_op.drop_column("more_{place}")
"""
    return indent(up.strip("\n"), "    "), indent(down.strip("\n"), "    ")


def statements(number: int) -> list[list[str]]:
    """Return the same history as SQL by hand: the statements of each revision."""
    found = []
    for place in range(number):
        table = f"made_{place - place % 4}"
        if place % 4 == 0:
            found.append(
                [
                    f"CREATE TABLE {table} "
                    "(id INTEGER NOT NULL, name VARCHAR(80), PRIMARY KEY (id))",
                    f"CREATE INDEX by_name_{table} ON {table} (name)",
                ]
            )
        else:
            found.append(
                [
                    f"ALTER TABLE {table} ADD COLUMN more_{place} INTEGER",
                    f"CREATE INDEX by_more_{place} ON {table} (more_{place})",
                ]
            )

    return found


def write_app(folder: Path, package: str, url: str, text: str = "") -> None:
    """Write an app of one tool, with models."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.py").write_text(APP.format(package=package, url=url), "utf-8")
    (folder / "models.py").write_text(text or "\n", "utf-8")


def write_history(folder: Path, number: int, merges: int = 0) -> None:
    """Write the revisions of a history into the migrations folder of an app."""
    versions = folder / "migrations" / "versions"
    for id, parents, up, down in revisions(number, merges):
        text = REVISION.format(
            message=f"Revision {id}", id=id, parents=parents, upgrade=up, downgrade=down
        )
        (versions / f"{id}_.py").write_text(text, "utf-8")


DJANGO_MODELS = """from django.db import models


{classes}
"""
DJANGO_FIELDS = (
    "models.IntegerField(default=1)",
    "models.CharField(max_length=80)",
    "models.TextField()",
    "models.BooleanField()",
    "models.DateTimeField()",
    "models.DecimalField(max_digits=10, decimal_places=2)",
    "models.BigIntegerField(db_index=True)",
    "models.DateField(db_index=True)",
)
DJANGO_MANAGE = """
import sys

from django.conf import settings
from django.core.management import execute_from_command_line

settings.configure(
    INSTALLED_APPS=["shop"],
    DATABASES={{
        "default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": {file!r}}}
    }},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=False,
)
execute_from_command_line(sys.argv)
"""


def write_django(folder: Path, tables: int, shape: Shape = Shape()) -> None:
    """Write a project of Django with as many models of as many fields."""
    classes = []
    chance = random.Random(shape.seed)
    for number in range(tables):
        fields = [
            f"    field_{each} = {DJANGO_FIELDS[each % len(DJANGO_FIELDS)]}"
            for each in range(shape.columns)
        ]
        fields += [
            f'    parent_{each} = models.ForeignKey("Table{chance.randrange(number)}", '
            f'models.CASCADE, null=True, related_name="+")'
            for each in range(min(shape.foreign_keys, number))
        ]
        classes.append("\n".join([f"class Table{number}(models.Model):", *fields]))
    shop = folder / "shop"
    shop.mkdir(parents=True)
    (shop / "__init__.py").write_text("")
    text = DJANGO_MODELS.format(classes="\n\n\n".join(classes))
    (shop / "models.py").write_text(text, "utf-8")
    manage = DJANGO_MANAGE.format(file=str(folder / "db.sqlite3"))
    (folder / "manage.py").write_text(manage, "utf-8")
