"""``alembic.config.main`` and ``CommandLine``, in a folder without an app."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import alembic.config
import pytest
import sqlalchemy as sa

from flask_migrations_ext.alembic_compat.projects.config import Config
from flask_migrations_ext.alembic_compat.tools import command
from flask_migrations_ext.alembic_compat.tools.command_line import CommandLine
from flask_migrations_ext.alembic_compat.tools.command_line import main
from flask_migrations_ext.errors import ConfigurationError
from flask_migrations_ext.errors import MigrationError

_ENV = """
import sqlalchemy as sa
from alembic import context

config = context.config
engine = sa.engine_from_config(
    config.get_section(config.config_ini_section), poolclass=sa.pool.NullPool
)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
assert config.cmd_opts.cmd[0].__name__ != "history"
"""

_SCRIPT = """
'''One.'''
from alembic import op

revision, down_revision = "a1", None


def upgrade():
    op.execute("CREATE TABLE made (id INTEGER)")


def downgrade():
    op.execute("DROP TABLE made")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    history = tmp_path / "history"
    (history / "versions").mkdir(parents=True)
    (history / "env.py").write_text(_ENV)
    (history / "versions" / "a1.py").write_text(_SCRIPT)
    (tmp_path / "alembic.ini").write_text(
        "[alembic]\nscript_location = history\nsqlalchemy.url = sqlite:///found\n"
        "[other]\nscript_location = history\nsqlalchemy.url = sqlite:///other\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_does_what_is_typed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["upgrade", "head"])
    main(["-n", "other", "upgrade", "+1"])
    main(argv=["current", "--check-heads"])
    main(["heads"])
    main(["history", "-r", "base:head"])
    main(["show", "a1"])
    main(["-q", "current"])
    main(["downgrade", "-1"])
    main(["stamp", "a1"])
    main(["revision", "-m", "two", "--rev-id", "b2"])
    main(["merge", "heads"])

    out = capsys.readouterr().out
    current, head, history, *_ = out.splitlines()
    assert current.startswith("a1 (head)")
    assert (head, history) == ("a1 (head)", "<base> -> a1 (head), One.")
    assert {"found", "other"} <= {path.name for path in folder.iterdir()}
    assert (folder / "history" / "versions" / "b2_two.py").is_file()


@pytest.mark.parametrize(
    "template", ["generic", "async", "pyproject", "pyproject_async"]
)
def test_a_new_folder_runs_with_either_tool(
    template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text("[project]\nname = 'shop'\n")
    main(["init", "--template", template, "history"])
    assert ("[tool.alembic]" in pyproject.read_text()) is template.startswith("py")

    ini = tmp_path / "alembic.ini"
    driver = "sqlite+aiosqlite" if template.endswith("async") else "sqlite"
    placeholder = "driver://user:password@localhost/name"
    ini.write_text(ini.read_text().replace(placeholder, f"{driver}:///shop.db"))
    for module in ("flask_migrations_ext.alembic_compat", "alembic"):
        for typed in (["revision", "-m", "more"], ["upgrade", "head"]):
            ran = subprocess.run(
                [sys.executable, "-m", module, *typed],
                capture_output=True,
                text=True,
            )
            assert ran.returncode == 0, ran.stderr

    engine = sa.create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    with engine.connect() as connection:
        (at,) = connection.execute(sa.text("SELECT * FROM alembic_version")).scalars()
    engine.dispose()
    files = [path.name for path in (tmp_path / "history" / "versions").glob("*.py")]
    assert len(files) == 2
    assert any(name.startswith(at) for name in files)


def test_a_new_folder_serves_several_databases_with_either_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    main(["init", "--template", "multidb", "history"])
    ini = tmp_path / "alembic.ini"
    url = "driver://user:password@localhost/"
    ini.write_text(ini.read_text().replace(url, "sqlite:///").replace("name2", "other"))

    for module in ("flask_migrations_ext.alembic_compat", "alembic"):
        for typed in (["revision", "-m", "more"], ["upgrade", "head"]):
            ran = subprocess.run(
                [sys.executable, "-m", module, *typed],
                capture_output=True,
                text=True,
            )
            assert ran.returncode == 0, ran.stderr

    texts = [path.read_text() for path in (tmp_path / "history/versions").glob("*.py")]
    assert len(texts) == 2
    assert all("def downgrade_engine2" in text for text in texts)
    found = []
    for name in ("name", "other"):
        engine = sa.create_engine(f"sqlite:///{tmp_path / name}")
        with engine.connect() as connection:
            rows = connection.execute(sa.text("SELECT * FROM alembic_version"))
            found.append(rows.scalars().all())
        engine.dispose()
    assert found[0] == found[1]
    assert len(found[0]) == 1


def test_an_error_is_one_line_and_the_status_is_alembics(folder: Path) -> None:
    ran = [
        subprocess.run(
            [sys.executable, "-m", module, "upgrade", "nope"],
            capture_output=True,
            text=True,
        )
        for module in ("flask_migrations_ext.alembic_compat", "alembic")
    ]

    assert ran[0].returncode == ran[1].returncode
    assert ran[0].stderr.startswith("FAILED: ")
    assert "Traceback" not in ran[0].stderr
    with pytest.raises(MigrationError):
        main(["--raiseerr", "upgrade", "nope"])


def test_every_command_is_typed_as_it_was() -> None:
    theirs, ours = alembic.config.CommandLine(), CommandLine()
    for parser in (theirs, ours):
        assert parser.parser is not None
    known = _typed(theirs)
    found = _typed(ours)

    assert {name: found[name] for name in known} == known


def _typed(line: object) -> dict[str, list[tuple[object, ...]]]:
    parsers = line.subparsers.choices  # type: ignore[attr-defined]  # both have it
    return {
        name: sorted(
            (each.dest, tuple(each.option_strings), each.nargs, each.default)
            for each in parser._actions
        )
        for name, parser in parsers.items()
    }


def test_a_project_can_add_commands(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def frobnicate(config: Config, revision: str, verbose: bool = False) -> None:
        """Do it.

        Thoroughly.
        """
        config.print_stdout("%s %s", revision, verbose)

    line = CommandLine(prog="own")
    line.register_command(frobnicate)
    line.main(["frobnicate", "a1", "-v"])

    assert capsys.readouterr().out == "a1 True\n"


@pytest.mark.parametrize(
    "arguments", [[], ["-c", "a.ini", "-c", "b.ini", "heads"], ["nope"]]
)
def test_what_cannot_be_understood_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)

    assert end.value.code == 2


def test_files_are_opened_in_an_editor(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import sys; open(sys.argv[1], 'a').write('# seen')"
    monkeypatch.setenv("EDITOR", f'{sys.executable} -c "{code}"')
    command.edit(Config("alembic.ini"), "head")
    assert (folder / "history" / "versions" / "a1.py").read_text().endswith("# seen")

    monkeypatch.setenv("EDITOR", "no-such-editor")
    with pytest.raises(ConfigurationError, match="set EDITOR"):
        command.edit(Config("alembic.ini"), "head")


def test_a_caller_sees_what_is_about_to_be_written(folder: Path) -> None:
    (folder / "alembic.ini").write_text(
        (folder / "alembic.ini")
        .read_text()
        .replace("[other]", "revision_environment = true\n[other]")
    )
    config = Config("alembic.ini")
    config.cmd_opts = CommandLine().parser.parse_args(["revision"])
    command.upgrade(config, "head")

    def named(context: object, revision: object, directives: list[object]) -> None:
        directives[0].rev_id = "own"  # type: ignore[attr-defined]  # a MigrationScript

    made = command.revision(config, "x", process_revision_directives=named)
    assert getattr(made, "revision", None) == "own"
