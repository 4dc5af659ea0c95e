"""``adopt``: what it says of a folder, what it changes, and how that is undone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from flask_migrations_ext import adopt
from flask_migrations_ext.adoption import swap
from flask_migrations_ext.adoption.report import AdoptReport
from flask_migrations_ext.adoption.usage import SECTIONS
from flask_migrations_ext.errors import CannotAdopt
from flask_migrations_ext.errors import CannotWrite
from flask_migrations_ext.errors import ChangedSince
from flask_migrations_ext.errors import ConfigurationError
from flask_migrations_ext.errors import FileExists
from flask_migrations_ext.errors import FolderMissing
from flask_migrations_ext.errors import NotAMigrationsFolder
from flask_migrations_ext.errors import NothingToUndo
from tests.apps import CREATE_USER
from tests.apps import files_in
from tests.apps import new_project
from tests.apps import Project

# What an env.py of Flask-Migrate 3.0 calls, no more.
ENV = """\
from logging.config import fileConfig

from alembic import context
from flask import current_app

config = context.config
fileConfig(config.config_file_name)
# more imports
database = current_app.extensions["migrate"].db
config.set_main_option(
    "sqlalchemy.url", str(database.engine.url).replace("%", "%%")
)

# more functions

with database.engine.connect() as connection:
    # more statements
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        # more options
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
"""

INI = """\
[alembic]
file_template = %%(slug)s_%%(rev)s
sqlalchemy.url = postgresql://me:secret@db/shop
own = text

[post_write_hooks]
hooks = note
note.type = exec
note.executable = true

[loggers]
keys = root
"""


def env_with(**parts: str) -> str:
    text = ENV
    for name, part in parts.items():
        text = text.replace(f"# more {name}", part)
    return text


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = new_project(tmp_path / "app").with_folder()
    project.script("a1", upgrade=CREATE_USER)
    project.script("a2", "a1")
    (project.migrations / "env.py").write_text(ENV)
    (project.migrations / "alembic.ini").write_text(INI)
    project.done("upgrade")
    return project


def adopted(
    project: Project,
    *,
    write: bool = False,
    undo: bool = False,
    replace_env: bool = False,
) -> AdoptReport:
    with project.app.app_context():
        return adopt(write=write, undo=undo, replace_env=replace_env)


def env_of(project: Project) -> str:
    return (project.migrations / "env.py").read_text("utf-8")


# -- looking ---------------------------------------------------------------


def test_it_says_what_it_found_and_changes_nothing(project: Project) -> None:
    before = project.state()
    report = adopted(project)

    assert (report.tool, report.version) == ("Flask-Migrate", "2.7 to 3.0")
    assert (report.revisions, report.heads, report.branches) == (2, ("a2",), ())
    assert report.locations == (project.versions,)
    assert [(each.at, each.unknown) for each in report.databases] == [(("a2",), ())]
    assert [(change.path.name, change.verb) for change in report.changes] == [
        ("env.py", "replaced by ours"),
        ("alembic.ini", "replaced by ours"),
    ]
    assert not report.written
    assert project.state() == before


def test_it_says_which_settings_are_treated_in_another_way(project: Project) -> None:
    env = env_with(options="include_symbol=None,")
    (project.migrations / "env.py").write_text(env)
    report = adopted(project)
    treated = {each.name: each.treated for each in report.settings if each.treated}

    assert "databases are those of the app" in treated["sqlalchemy.url"]
    assert "logging is the app's" in treated[""]
    assert report.without_effect == ("include_symbol",)
    assert not any("secret" in each.value for each in report.settings)


def test_it_says_what_scripts_lack_and_where_they_differ(project: Project) -> None:
    path = project.script(
        "a3",
        "a2",
        upgrade="""
            import json, no_such_package
            from alembic.no_such import module
            from alembic.op import create_table
            op.drop_index("ix", if_exists=True)
            with op.batch_alter_table("t", recreate="always") as block:
                block.execute("SELECT 1")
            op.execute("UPDATE t SET a = :b, c = '12\\\\:30', d = a::text")
        """,
    )
    report = adopted(project)

    assert [each.text for each in report.missing] == [
        "no_such_package",
        "alembic.no_such.module",
    ]
    lines = path.read_text().splitlines()
    found = {each.section: lines[each.line - 1].strip() for each in report.differences}
    assert found == {
        "if-exists": 'op.drop_index("ix", if_exists=True)',
        "index-without-table": 'op.drop_index("ix", if_exists=True)',
        "recreate-elsewhere": 'with op.batch_alter_table("t", recreate="always")'
        " as block:",
        "execute-in-a-block": 'block.execute("SELECT 1")',
        "parameters-without-values": lines[
            [":b" in x for x in lines].index(True)
        ].strip(),
    }


def test_the_differences_it_knows_are_parts_of_the_documents() -> None:
    text = (Path(__file__).parents[2] / "docs" / "differences.md").read_text("utf-8")

    assert [each for each in SECTIONS if f"### {each}\n" not in text] == []


def test_it_says_where_a_database_is_that_no_file_has(project: Project) -> None:
    project.sql("UPDATE alembic_version SET version_num = 'gone'")

    assert adopted(project).databases[0].unknown == ("gone",)


def test_a_database_that_cannot_be_reached_does_not_stop_it(tmp_path: Path) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    project = new_project(tmp_path / "app", url=url).with_folder()
    (project.migrations / "env.py").write_text(ENV)
    report = adopted(project, write=True)

    assert "not looked at" in report.notes[0]
    assert report.written
    assert "flask_migrations_ext" in env_of(project)


# -- writing, and back -----------------------------------------------------


def test_written_and_undone_leaves_no_trace(project: Project) -> None:
    (project.migrations / "env.py").chmod(0o640)
    before = files_in(project.folder)
    report = adopted(project, write=True)

    assert report.written
    assert "alembic" not in env_of(project)
    assert project.done("current") == "a2 (head) (current)\n"
    with_ours = files_in(project.folder)

    assert adopted(project).tool == "flask-migrations-ext"
    assert not adopted(project, write=True).written
    assert files_in(project.folder) == with_ours

    undone = adopted(project, undo=True)
    assert [path.name for path in undone.undone] == ["env.py", "alembic.ini"]
    assert files_in(project.folder) == before
    assert (project.migrations / "env.py").stat().st_mode & 0o777 == 0o640


def test_settings_that_matter_are_carried_over(project: Project) -> None:
    env = env_with(
        imports="import re\n\nHIDDEN = re.compile('_')",
        functions="def include_object(object, name, type_, reflected, compare_to):\n"
        "    # those that are hidden\n"
        "    return not HIDDEN.match(name or '')",
        options="version_table='own', include_object=include_object,",
    )
    (project.migrations / "env.py").write_text(env)
    project.sql("ALTER TABLE alembic_version RENAME TO own")
    project.sql("CREATE TABLE _spare (id INTEGER)")
    report = adopted(project, write=True)

    assert report.carried == (
        "version_table='own'",
        "include_object=include_object",
    )
    assert "# those that are hidden" in env_of(project)
    assert project.done("current") == "a2 (head) (current)\n"
    assert "_spare" not in project.run("check").err

    ini = (project.migrations / "alembic.ini").read_text()
    assert "sqlalchemy.url" not in ini
    assert "loggers" not in ini
    assert "own = text" in ini
    project.done("revision", "-m", "three", "--rev-id", "a3")
    assert (project.versions / "three_a3.py").exists()


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        (
            {"statements": 'connection.exec_driver_sql("PRAGMA foreign_keys=ON")'},
            ["exec_driver_sql"],
        ),
        ({"imports": "import os\nos.chdir('/')"}, [".chdir"]),
        (
            {"functions": "tenant = context.get_x_argument()"},
            ["get_x_argument"],
        ),
        (
            {"options": "compare_type=lambda *arguments: None,"},
            ["'compare_type' cannot be carried over"],
        ),
        (
            {"functions": "own = config.get_main_option('own')"},
            ["it asks for the setting 'own'"],
        ),
        (
            {"statements": "database.metadata.info['x'] = __name__"},
            ["it uses __name__"],
        ),
    ],
)
def test_an_env_py_that_was_changed_by_hand_stays(
    project: Project, parts: dict[str, str], lines: list[str]
) -> None:
    (project.migrations / "env.py").write_text(env_with(**parts))
    before = files_in(project.folder)
    with pytest.raises(CannotAdopt) as caught:
        adopted(project, write=True)

    assert all(line in str(caught.value) for line in lines), str(caught.value)
    assert "It runs as it is" in str(caught.value)
    assert files_in(project.folder) == before

    assert adopted(project, write=True, replace_env=True).written
    adopted(project, undo=True)
    assert files_in(project.folder) == before


def test_an_env_py_with_a_database_of_its_own_stays(project: Project) -> None:
    """Its words are those of a tool. That it means another one shows when it runs."""
    ini = project.migrations / "alembic.ini"
    ini.write_text(
        f"[alembic]\nsqlalchemy.url = sqlite:///{project.folder / 'other'}\n"
    )
    (project.migrations / "env.py").write_text("""\
from alembic import context
from sqlalchemy import engine_from_config

config = context.config
engine = engine_from_config(config.get_section(config.config_ini_section))
with engine.connect() as connection:
    context.configure(connection=connection)
    context.run_migrations()
""")

    assert adopted(project).custom == ()
    with pytest.raises(CannotAdopt, match="it runs on sqlite:///.*other"):
        adopted(project, write=True)


def test_an_env_py_with_settings_of_its_own_stays(project: Project) -> None:
    env = env_with(functions='arguments = {"include_schemas": not None}')
    env = env.replace("        # more options\n", "        **arguments,\n")
    (project.migrations / "env.py").write_text(env)

    assert adopted(project).custom == ()
    with pytest.raises(CannotAdopt, match="it sets include_schemas to True"):
        adopted(project, write=True)


# -- what is in the way ----------------------------------------------------


def test_where_there_is_no_folder(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app")
    with pytest.raises(FolderMissing):
        adopted(project)

    project.migrations.mkdir()
    (project.migrations / "notes.txt").write_text("")
    with pytest.raises(NotAMigrationsFolder):
        adopted(project, write=True)
    with pytest.raises(NothingToUndo):
        adopted(project, undo=True)


def test_a_folder_of_ours_stays(tmp_path: Path) -> None:
    for template in ("flask", "plain"):
        project = new_project(tmp_path / template).with_folder(template)
        before = files_in(project.folder)
        report = adopted(project, write=True)

        assert report.tool == "flask-migrations-ext"
        assert "runs as it is" in report.notes[0]
        assert files_in(project.folder) == before


@pytest.mark.parametrize("name", ["env.py", "alembic.ini", "before_adopt/env.py.kept"])
def test_files_that_changed_since_are_not_overwritten(
    project: Project, name: str
) -> None:
    (project.migrations / "alembic.ini").write_text("[loggers]\nkeys = root\n")
    adopted(project, write=True)
    (project.migrations / name).write_text("# mine now\n")
    before = files_in(project.folder)
    with pytest.raises(ChangedSince, match=name):
        adopted(project, undo=True)

    assert files_in(project.folder) == before


def test_a_file_where_the_originals_would_go(project: Project) -> None:
    (project.migrations / "before_adopt").write_text("")
    before = files_in(project.folder)
    with pytest.raises(FileExists, match="before_adopt"):
        adopted(project, write=True)

    assert files_in(project.folder) == before


def test_a_link_is_not_replaced(project: Project) -> None:
    env = project.migrations / "env.py"
    env.rename(project.folder / "env.py")
    env.symlink_to(project.folder / "env.py")
    with pytest.raises(CannotWrite, match="it is a link"):
        adopted(project, write=True)

    assert env.is_symlink()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_must_not_be_written(project: Project) -> None:
    before = files_in(project.folder)
    project.migrations.chmod(0o500)
    try:
        with pytest.raises(CannotWrite, match="nothing was written"):
            adopted(project, write=True)
    finally:
        project.migrations.chmod(0o700)

    assert files_in(project.folder) == before


def test_options_that_contradict_each_other(project: Project) -> None:
    with pytest.raises(ConfigurationError, match="--undo"):
        adopted(project, undo=True, write=True)
    with pytest.raises(ConfigurationError, match="--write"):
        adopted(project, replace_env=True)


# -- half done -------------------------------------------------------------


@pytest.mark.parametrize("reached", [0, 1])
@pytest.mark.parametrize("way", ["write", "undo"])
def test_what_a_crash_left_can_be_finished_or_undone(
    project: Project, reached: int, way: str
) -> None:
    before = files_in(project.folder)
    adopted(project, write=True)
    done = files_in(project.folder)
    # As if the process had ended before the second, or any, file was replaced.
    kept = project.migrations / swap.KEPT
    listed = json.loads((kept / "files.json").read_text())["files"]
    for each in listed[reached:]:
        original = (kept / f"{each['name']}.kept").read_bytes()
        (project.migrations / each["name"]).write_bytes(original)

    with pytest.raises(ConfigurationError, match="half adopted"):
        adopted(project)
    adopted(project, write=way == "write", undo=way == "undo")
    assert files_in(project.folder) == (done if way == "write" else before)


def test_a_crash_before_the_originals_had_their_name_changed_nothing(
    project: Project,
) -> None:
    unfinished = project.migrations / ".before_adopt-0123"
    unfinished.mkdir()
    (unfinished / "env.py.kept").write_text("")
    adopted(project, write=True)

    assert not unfinished.exists()
    assert project.done("current") == "a2 (head) (current)\n"
