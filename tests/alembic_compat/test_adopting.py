"""Folders that the real tools wrote: adopted, used without them, and given back."""

from __future__ import annotations

import importlib
import re
import shutil
from pathlib import Path

import pytest

from flask_migrations_ext.adoption.env_file import read_env
from tests.alembic_compat.test_alembic_projects import _MODELS
from tests.alembic_compat.test_alembic_projects import _SCRIPT
from tests.alembic_compat.test_alembic_projects import alembic
from tests.alembic_compat.test_generations import GENERATIONS
from tests.alembic_compat.two_tools import two_tools
from tests.alembic_compat.two_tools import TwoTools
from tests.apps import files_in

VERSIONS = {
    "1.0": "1.x",
    "2.0": "2.0 to 2.4",
    "2.5": "2.5 or 2.6",
    "3.0": "2.7 to 3.0",
    "3.1": "3.1",
    "4.1": "4.x",
}

COMMANDS = ("upgrade", "current", "history -i", "check", "downgrade", "upgrade")


def templates_of(tool: str) -> Path:
    return Path(str(importlib.import_module(tool).__file__)).parent / "templates"


def migrations(project: TwoTools, name: str = "migrations") -> dict[str, bytes]:
    return files_in(project.folder / name)


@pytest.mark.parametrize("version", GENERATIONS)
def test_a_folder_of_each_flask_migrate_is_adopted_and_given_back(
    written: TwoTools, version: str
) -> None:
    text = GENERATIONS[version]
    if text is not None:
        (written.migrations / "env.py").write_text(text)
    before = migrations(written)
    [*as_it_is, said] = written.ours(*COMMANDS, "adopt", database="one")
    assert f"Made by: Flask-Migrate {VERSIONS[version]}\n" in said.out
    assert "Revisions: 2, heads: " in said.out
    assert "one is at " in said.out
    assert migrations(written) == before

    [done, *adopted] = written.ours("adopt --write", *COMMANDS, database="two")
    assert "Done: env.py is replaced by ours\n" in done.out
    assert "Done: alembic.ini is removed\n" in done.out
    after = migrations(written)
    untouched = {name for name in before if after.get(name) == before[name]}
    assert before.keys() - untouched == {"env.py", "alembic.ini"}
    assert [each.out for each in adopted] == [each.out for each in as_it_is]
    assert written.schema("two") == written.schema("theirs")
    assert written.versions("two") == written.versions("theirs")

    written.ours("adopt --undo")
    assert migrations(written) == before
    written.theirs("upgrade", "check", "downgrade", "upgrade", database="two")


def test_a_folder_for_several_databases_is_adopted_and_given_back(
    written_for_binds: TwoTools,
) -> None:
    project = written_for_binds
    before = migrations(project)
    [said, _] = project.ours("adopt", "adopt --write")
    assert "Made by: Flask-Migrate 4.x, several databases\n" in said.out
    assert "[logs] sqlite:" in said.out

    project.ours("upgrade")
    for database in ("", ".logs"):
        assert project.schema(f"ours{database}") == project.schema(f"theirs{database}")
        assert project.versions(f"ours{database}") == project.versions(
            f"theirs{database}"
        )
    [*_, undone] = project.ours(
        "check", "revision -m three --rev-id a3", "upgrade", "downgrade"
    )
    assert undone.out.count("1 revision undone") == 2
    (project.migrations / "versions" / "a3_three.py").unlink()

    project.ours("adopt --undo")
    assert migrations(project) == before
    project.theirs("upgrade", "check", "downgrade", database="ours")


@pytest.mark.parametrize("template", ["generic", "pyproject"])
def test_a_folder_of_alembic_is_adopted_if_it_has_the_apps_database(
    tmp_path: Path, template: str
) -> None:
    project = two_tools(tmp_path / "app")
    alembic(project, "init", "-t", template, "history")
    history = project.folder / "history"
    (project.folder / "models.py").write_text(_MODELS)
    (history / "versions" / "a1.py").write_text(_SCRIPT)
    env = history / "env.py"
    env.write_text(
        env.read_text().replace(
            "target_metadata = None",
            "from shop_flask_migrations_ext import db\ntarget_metadata = db.metadata",
        )
    )
    ini = project.folder / "alembic.ini"
    text = "".join(
        line
        for line in ini.read_text().splitlines(True)
        if not line.startswith("sqlalchemy.url")
    )
    elsewhere = "[alembic]\nsqlalchemy.url = sqlite:///%(here)s/{}"
    ini.write_text(text.replace("[alembic]", elsewhere.format("another")))
    before = migrations(project, "history")
    [said] = project.ours("adopt")
    [refused] = project.run("flask_migrations_ext", ("adopt --write",))

    assert f"Made by: Alembic {template}\n" in said.out
    assert refused.status == 1
    assert "it runs on sqlite:///" in refused.err
    assert migrations(project, "history") == before

    ini.write_text(text.replace("[alembic]", elsewhere.format("ours")))
    settings = ini.read_bytes()
    alembic(project, "upgrade", "head")
    [done] = project.ours("adopt --write")
    assert "Done: env.py is replaced by ours" in done.out
    assert "alembic.ini stays as it is" in done.err
    assert ini.read_bytes() == settings
    project.ours("current", "downgrade", "upgrade", "history")

    project.ours("adopt --undo")
    assert migrations(project, "history") == before
    alembic(project, "downgrade", "base")


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("async", "async"),
        ("multidb", "multidb"),
        ("pyproject_async", "pyproject_async"),
    ],
)
def test_other_templates_of_alembic_are_recognised_and_stay(
    tmp_path: Path, template: str, name: str
) -> None:
    """Their databases are their own: whether the app's are the same is not known."""
    project = two_tools(tmp_path / "app")
    alembic(project, "init", "-t", template, "history")
    before = migrations(project, "history")
    [said, refused] = project.run("flask_migrations_ext", ("adopt", "adopt --write"))

    assert f"Made by: Alembic {template}\n" in said.out
    assert refused.status == 1
    assert "It runs as it is" in refused.err
    assert migrations(project, "history") == before


@pytest.mark.parametrize("tool", ["alembic", "flask_migrate"])
def test_nothing_that_a_tool_writes_counts_as_custom(tool: str) -> None:
    found = [read_env(path) for path in sorted(templates_of(tool).glob("*/env.py"))]

    assert len(found) >= 4
    assert [each.custom for each in found if each.custom] == []


# -- Flask-Alembic ---------------------------------------------------------

# Its folder has the revisions beside the template, and no env.py.
_FLAT = {
    "migrations/1700000001_one.py": _SCRIPT.replace(
        '"a1", None', '"1700000001", None\nbranch_labels = ("default",)'
    ),
    "blog/migrations/1700000002_two.py": '''\
"""Posts"""
from alembic import op
import sqlalchemy as sa

revision, down_revision = "1700000002", None
branch_labels = ("blog",)


def upgrade() -> None:
    op.create_table("post", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade() -> None:
    op.drop_table("post")
''',
}

_CONFIG = """
    app.config["ALEMBIC"] = {
        "version_locations": [("blog", "blog/migrations")],
        "file_template": "%%(slug)s_%%(rev)s",
        "post_write_hooks": {"hooks": "x", "x.type": "exec", "x.executable": "true"},
    }
    app.config["ALEMBIC_CONTEXT"] = {"version_table": "own_version"}
    return app
"""


@pytest.fixture
def flat(tmp_path: Path) -> TwoTools:
    project = two_tools(tmp_path / "app")
    for name, text in _FLAT.items():
        path = project.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    template = templates_of("alembic") / "generic" / "script.py.mako"
    shutil.copy(template, project.migrations)
    return project


def test_a_folder_of_flask_alembic_runs_as_it_is(flat: TwoTools) -> None:
    app = flat.folder / "shop_flask_migrations_ext.py"
    app.write_text(app.read_text().replace("\n    return app\n", _CONFIG))
    before = migrations(flat)
    [heads, _, current, said, _] = flat.ours(
        "heads", "upgrade heads", "current", "adopt", "adopt --write"
    )

    assert heads.out == "1700000001 (default) (head)\n1700000002 (blog) (head)\n"
    assert current.out.startswith("1700000001 (default) (head) (current)\n1700000002")
    assert "Made by: Flask-Alembic\n" in said.out
    assert "Revisions are in: .\n" in said.out
    assert migrations(flat) == before
    assert {"user", "post", "own_version"} <= flat.schema("ours").keys()

    flat.ours("revision -m three --head blog@head --rev-id a3", "upgrade heads")
    assert (flat.folder / "blog" / "migrations" / "three_a3.py").exists()


def test_a_folder_of_flask_alembic_needs_no_settings(flat: TwoTools) -> None:
    flat.ours("upgrade", "revision -m two --rev-id a2", "upgrade")

    assert flat.versions("ours") == ["a2"]
    assert (flat.migrations / "a2_two.py").exists()


def test_scripts_of_flask_alembic_that_ask_for_their_database(flat: TwoTools) -> None:
    path = flat.migrations / "1700000001_one.py"
    text = path.read_text().replace("() -> None:", "(engine_name: str) -> None:")
    default = '    if engine_name == "default":\n        op.'
    path.write_text(re.sub(r"^    op\.", default, text, flags=re.MULTILINE))
    before = migrations(flat)
    [said, *_] = flat.ours("adopt --write", "upgrade", "current", "downgrade base")

    assert "Done: env.py is written\n" in said.out
    flat.ours("adopt --undo")
    assert migrations(flat) == before
