"""How long ``flask db heads`` and ``current`` take with a long history.

    python benchmarks/history.py [--revisions 2000] [--rounds 5]

Against Flask-Migrate and Alembic, on the same revision files, in turns. Each command is
a process of its own, with all that Python and Flask need to start. The first line is
about reading the folder alone. Alembic imports each file, from the bytecode that an
earlier run has left: that is its better case.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

APP = """
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from {package} import Migrate

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///{database}"
db = SQLAlchemy(app)
Migrate(app, db)
"""
SCRIPT = '''"""Revision {number}

Revision ID: {id}
Revises: {parent}
"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = {id!r}
down_revision = {parent!r}
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "table_{number}",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("by_name_{number}", "table_{number}", ["name"])


def downgrade():
    op.drop_index("by_name_{number}", "table_{number}")
    op.drop_table("table_{number}")
'''
READING = {
    "flask_migrations_ext": """
from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.scripts.folder import MigrationsFolder
task = lambda: RevisionGraph(MigrationsFolder(Path(sys.argv[1])).read_revisions()).heads
""",
    "flask_migrate": """
from alembic.script import ScriptDirectory
task = lambda: ScriptDirectory(sys.argv[1]).get_heads()
""",
}
TIMED = """
import sys, time
from pathlib import Path
{reading}
start = time.perf_counter()
heads = task()
seconds = time.perf_counter() - start
assert len(heads) == 1
print(seconds)
"""
PACKAGES = ("flask_migrations_ext", "flask_migrate")


def write_project(folder: Path, package: str, revisions: int) -> None:
    text = APP.format(package=package, database=folder / "shop.sqlite")
    (folder / "app.py").write_text(text, "utf-8")
    flask(folder, "init")
    parent = None
    for number in range(revisions):
        id = f"{number:012x}"
        text = SCRIPT.format(number=number, id=id, parent=parent)
        path = folder / "migrations" / "versions" / f"{id}_revision_{number}.py"
        path.write_text(text, "utf-8")
        parent = id
    # As a database is in production: at the last one.
    flask(folder, "stamp", "head")


def flask(folder: Path, *arguments: str) -> float:
    """Run a command, and return the seconds it took."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "db", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
    )

    return time.perf_counter() - start


def read(folder: Path, package: str) -> float:
    """Read the folder alone, and return the seconds: no Flask, no imports."""
    code = TIMED.format(reading=READING[package])
    command = [sys.executable, "-c", code, str(folder / "migrations")]

    return float(subprocess.check_output(command, text=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--revisions", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folders = {package: Path(name, package) for package in PACKAGES}
        for package, folder in folders.items():
            folder.mkdir()
            write_project(folder, package, arguments.revisions)

        print(f"{arguments.revisions:,} revisions, {arguments.rounds} rounds\n")
        print("   ours  Alembic   ratio")
        for what in ("read the folder", "flask db heads", "flask db current"):
            seconds: dict[str, list[float]] = {package: [] for package in PACKAGES}
            for number in range(arguments.rounds):
                for package in PACKAGES[:: -1 if number % 2 else 1]:
                    folder = folders[package]
                    seconds[package].append(
                        flask(folder, what.split()[-1])
                        if what.startswith("flask")
                        else read(folder, package)
                    )
            ours, theirs = (statistics.median(seconds[each]) for each in PACKAGES)
            print(f"{ours:6.2f} s {theirs:6.2f} s   {ours / theirs:5.2f}   {what}")


if __name__ == "__main__":
    main()
