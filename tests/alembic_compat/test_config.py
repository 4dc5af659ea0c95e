"""``alembic.ini`` and ``pyproject.toml``: what they say, and that it is heeded."""

from __future__ import annotations

import os
import py_compile
import sys
from pathlib import Path
from typing import Any

import alembic.config
import pytest

from flask_migrations_ext.alembic_compat.projects.config import Config
from flask_migrations_ext.alembic_compat.projects.options import options_of
from flask_migrations_ext.errors import ConfigurationError
from tests.apps import new_project
from tests.apps import Project

INI = """\
[DEFAULT]
root = %(here)s

[alembic]
script_location = %(here)s/history
file_template = %%(slug)s_%%(rev)s
truncate_slug_length = 10
timezone = UTC
recursive_version_locations = true
revision_environment = True
path_separator = {separator_name}
version_locations = %(here)s/one{separator}%(here)s/two
prepend_sys_path = .{separator}%(root)s/lib
sqlalchemy.url = sqlite://

[logs]
sqlalchemy.url = sqlite:///logs

[post_write_hooks]
hooks = format, check
format.type = module
format.module = this
format.options = -q REVISION_SCRIPT_FILENAME
check.type = exec
check.executable = true
"""

TOML = """\
[tool.alembic]
script_location = "%(here)s/history"
file_template = "%%(slug)s_%%(rev)s"
truncate_slug_length = 10
timezone = "UTC"
recursive_version_locations = true
revision_environment = true
version_locations = ["%(here)s/one", "%(here)s/two"]
prepend_sys_path = [".", "%(here)s/lib"]

[[tool.alembic.post_write_hooks]]
name = "format"
type = "module"
module = "this"
options = "-q REVISION_SCRIPT_FILENAME"

[[tool.alembic.post_write_hooks]]
name = "check"
type = "exec"
executable = "true"
"""

SEPARATORS = {"os": os.pathsep, "space": " ", "newline": "\n  ", ";": ";"}


def ini(tmp_path: Path, separator: str = "space") -> Path:
    path = tmp_path / "alembic.ini"
    path.write_text(
        INI.format(separator_name=separator, separator=SEPARATORS[separator])
    )
    return path


def toml(tmp_path: Path) -> Path:
    path = tmp_path / "pyproject.toml"
    path.write_text(TOML)
    return path


@pytest.mark.parametrize("form", [*SEPARATORS, "toml"])
def test_every_form_says_the_same(form: str, tmp_path: Path) -> None:
    config = (
        Config(toml_file=toml(tmp_path))
        if form == "toml"
        else Config(ini(tmp_path, form))
    )
    said = options_of(config)
    hooks = said.pop("post_write_hooks")

    assert said == {
        "name_argument": "engine_name",
        "file_template": "%(slug)s_%(rev)s",
        "truncate_slug_length": 10,
        "timezone": "UTC",
        "recursive_version_locations": True,
        "revision_environment": True,
        "version_locations": [str(tmp_path / "one"), str(tmp_path / "two")],
        "template_args": {"config": config},
    }
    assert list(hooks) == [
        {
            "name": "format",
            "type": "module",
            "module": "this",
            "options": "-q REVISION_SCRIPT_FILENAME",
        },
        {"name": "check", "type": "exec", "executable": "true"},
    ]
    assert config.get_prepend_sys_paths_list() == [".", str(tmp_path / "lib")]


QUESTIONS: dict[str, Any] = {
    "main": lambda config: config.get_main_option("sqlalchemy.url"),
    "default": lambda config: config.get_main_option("nothing", "there"),
    "of a section": lambda config: config.get_section_option("logs", "sqlalchemy.url"),
    "a section": lambda config: config.get_section("logs"),
    "no section": lambda config: (config.get_section("x"), config.get_section("x", {})),
    "the name": lambda config: (config.config_ini_section, config.config_file_name),
    "either file": lambda config: config.get_alembic_option("timezone"),
    "yes or no": lambda config: config.get_alembic_boolean_option(
        "recursive_version_locations"
    ),
    "locations": lambda config: config.get_version_locations_list(),
    "x": lambda config: config.cmd_opts,
    "attributes": lambda config: config.attributes,
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_answers_as_alembic_does(question: str, tmp_path: Path) -> None:
    path = str(ini(tmp_path))
    ask = QUESTIONS[question]

    assert ask(Config(path)) == ask(alembic.config.Config(path))


def test_what_is_set_is_read(tmp_path: Path) -> None:
    config = Config(ini(tmp_path))
    config.set_main_option("sqlalchemy.url", "pg://u:a%%40b@h/d")
    config.set_section_option("new", "key", "value")
    config.remove_main_option("timezone")

    assert config.get_main_option("sqlalchemy.url") == "pg://u:a%40b@h/d"
    assert config.get_section_option("new", "key") == "value"
    assert config.get_main_option("timezone") is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("alembic.ini", "file_template = x"),
        ("alembic.ini", "[alembic]\npath_separator = |\nversion_locations = a|b"),
        ("pyproject.toml", "[tool.alembic"),
        ("pyproject.toml", '[tool.alembic]\nfile_template = "%(rev)s"'),
    ],
)
def test_a_file_that_cannot_be_read_is_one_message(
    name: str, text: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text)
    config = Config(path) if name.endswith("ini") else Config(toml_file=path)

    with pytest.raises(ConfigurationError):
        options_of(config)


# -- heeded by the commands --------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path / "app").with_folder()


def write_ini(project: Project, text: str) -> None:
    (project.migrations / "alembic.ini").write_text(f"[alembic]\n{text}")


def test_the_file_in_the_folder_names_new_files(project: Project) -> None:
    write_ini(project, "file_template = %%(slug)s_%%(rev)s\ntruncate_slug_length = 4\n")
    project.done("revision", "-m", "one two", "--rev-id", "a1")

    assert (project.versions / "one__a1.py").is_file()


def test_what_is_said_in_python_wins(tmp_path: Path) -> None:
    project = new_project(
        tmp_path / "app", arguments='file_template="by_%(rev)s"'
    ).with_folder()
    write_ini(project, "file_template = other_%%(rev)s\n")
    project.done("revision", "--rev-id", "a1")

    assert (project.versions / "by_a1.py").is_file()


def test_files_may_be_in_several_places_and_deep(project: Project) -> None:
    write_ini(
        project,
        "path_separator = newline\nrecursive_version_locations = true\n"
        "version_locations =\n  %(here)s/versions\n  %(here)s/more\n",
    )
    deep = project.migrations / "more" / "2024"
    deep.mkdir(parents=True)
    project.script("a1")
    project.script("b2", "a1").rename(deep / "b2.py")

    assert project.done("heads") == "b2 (head)\n"
    project.done("upgrade")
    assert project.version() == ["b2"]


def test_a_place_may_be_named_from_the_working_directory(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder)
    (project.folder / "elsewhere").mkdir()
    write_ini(project, "version_locations = elsewhere\n")
    project.done("revision", "--rev-id", "a1")

    assert (project.folder / "elsewhere" / "a1_empty_message.py").is_file()


def test_env_py_finds_what_is_put_first_on_the_path(project: Project) -> None:
    write_ini(project, "prepend_sys_path = %(here)s/lib\n")
    (project.migrations / "lib").mkdir()
    (project.migrations / "lib" / "of_env_py.py").write_text("NAME = 'of_lib'\n")
    project.chain("a1").env(
        """
        import of_env_py
        from alembic import context
        from flask import current_app

        with current_app.extensions["migrate"].db.engine.connect() as connection:
            context.configure(connection=connection, version_table=of_env_py.NAME)
            context.run_migrations()
        """
    )
    project.done("upgrade")

    assert project.tables() == {"of_lib"}
    assert str(project.migrations / "lib") not in sys.path


def test_env_py_may_run_for_every_new_file(project: Project) -> None:
    write_ini(project, "revision_environment = true\n")
    project.env(
        """
        from alembic import context
        from flask import current_app

        def numbered(context, revision, directives):
            number = len(context.script.get_revisions("heads")) + 1
            directives[0].rev_id = f"{number:04}"

        with current_app.extensions["migrate"].db.engine.connect() as connection:
            context.configure(
                connection=connection, process_revision_directives=numbered
            )
            context.run_migrations()
        """
    )
    project.done("revision", "-m", "first")
    project.done("revision", "-m", "second")

    assert sorted(path.name for path in project.versions.glob("*.py")) == [
        "0001_first.py",
        "0002_second.py",
    ]


def test_a_program_runs_on_each_new_file(project: Project) -> None:
    (project.migrations / "alembic.ini").write_text(
        "[alembic]\n[post_write_hooks]\nhooks = stamp\nstamp.type = module\n"
        "stamp.module = stamp_file\nstamp.cwd = %(here)s\n"
        "stamp.options = REVISION_SCRIPT_FILENAME ok\n"
    )
    (project.migrations / "stamp_file.py").write_text(
        "import sys\nopen(sys.argv[1], 'a').write(f'# {sys.argv[2]}\\n')\n"
    )
    project.done("revision", "--rev-id", "a1")

    assert (project.versions / "a1_empty_message.py").read_text().endswith("# ok\n")


def test_revisions_may_be_compiled_only(project: Project) -> None:
    project.chain("a1", "b2")
    for path in project.versions.glob("*.py"):
        py_compile.compile(str(path), doraise=True)
        path.unlink()
    assert project.done("heads") == ""

    write_ini(project, "sourceless = true\n")
    project.done("upgrade")
    assert project.version() == ["b2"]


@pytest.mark.parametrize("name", ["env.pyc", "env.pyo", "__pycache__"])
def test_env_py_may_be_compiled_only(project: Project, name: str) -> None:
    """It would be passed over in silence, and the app's own database migrated."""
    write_ini(project, "sourceless = true\n")
    project.chain("a1")
    project.env(
        """
        import sqlalchemy as sa
        from alembic import context

        url = f"sqlite:///{context.config.get_main_option('here')}/other.sqlite"
        with sa.create_engine(url).connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
        """
    )
    env = project.migrations / "env.py"
    cached = name == "__pycache__"
    compiled = None if cached else str(project.migrations / name)
    py_compile.compile(str(env), cfile=compiled, doraise=True)
    env.unlink()
    project.done("upgrade")

    assert project.version() == []
    assert (project.migrations / "other.sqlite").stat().st_size
    shown = project.done("current")
    assert "a1" in shown


def test_new_files_may_be_in_another_encoding(project: Project) -> None:
    write_ini(project, "output_encoding = latin-1\n")
    project.done("revision", "-m", "año", "--rev-id", "a1")
    [path] = project.versions.glob("*.py")

    assert "año".encode("latin-1") in path.read_bytes()
    assert "año" in project.done("history")


def test_env_py_may_bring_the_hook(project: Project) -> None:
    write_ini(
        project,
        "revision_environment = yes\n[post_write_hooks]\nhooks = sign\n"
        "sign.type = signature\nsign.by = %(here)s\n",
    )
    project.env(
        """
        from alembic import context
        from alembic.script import write_hooks
        from flask import current_app

        @write_hooks.register("signature")
        def sign(filename, options):
            with open(filename, "a") as file:
                file.write(f"# {options['by']}")

        with current_app.extensions["migrate"].db.engine.connect() as connection:
            context.configure(connection=connection)
            context.run_migrations()
        """
    )
    project.done("revision", "--rev-id", "a1")
    [path] = project.versions.glob("*.py")

    assert path.read_text().endswith(f"# {project.migrations}")


def test_a_hook_that_fails_is_told_and_the_file_stays(project: Project) -> None:
    write_ini(
        project,
        "[post_write_hooks]\nhooks = lint\nlint.type = exec\n"
        f"lint.executable = {sys.executable}\n"
        "lint.options = -c 'exit(3)' REVISION_SCRIPT_FILENAME\n",
    )

    assert "the hook 'lint' failed on" in project.refused("revision", changes=True)
    assert list(project.versions.glob("*.py"))


@pytest.mark.parametrize(
    "text", ["truncate_slug_length = ten\n", "revision_environment = maybe\n"]
)
def test_a_value_of_the_wrong_kind_is_told(project: Project, text: str) -> None:
    write_ini(project, text)

    assert f"setting '{text.split()[0]}': takes" in project.refused("heads")
