"""Whatever is written into a file stays text: no message and no name becomes code."""

from __future__ import annotations

import ast
import configparser
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from flask_migrations_ext.errors import CannotWrite
from flask_migrations_ext.errors import IllegalRevisionId
from flask_migrations_ext.errors import MigrationError
from flask_migrations_ext.errors import UnknownOption
from flask_migrations_ext.revisions.attach import check_new_id
from flask_migrations_ext.revisions.attach import check_new_label
from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.revisions.revision import Revision
from flask_migrations_ext.scripts.folder import create_folder
from flask_migrations_ext.scripts.folder import MigrationsFolder
from flask_migrations_ext.scripts.folder import TEMPLATES
from flask_migrations_ext.scripts.header import read_header
from flask_migrations_ext.scripts.writer import write_script
from tests.apps import new_project
from tests.scripts.test_writer import packaged

HEADER = "revision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\n"
FUNCTIONS = "def upgrade(): pass\ndef downgrade(): pass\n"

ATTACKS = [
    'x""";open("pwned","w");"""',
    "x''';open('pwned','w');'''",
    'x"""\nopen("pwned","w")\n"""',
    "x\nopen('pwned','w')",
    "x\ropen('pwned','w')",
    "x'\nopen('pwned','w')\n'",
    'x";open("pwned","w");"',
    "x\\",
    '\\"""',
    "${open('pwned','w')}",
    "<% open('pwned','w') %>",
    "%if open('pwned','w'):",
    "{open('pwned','w')}",
    "\\N{QUOTATION MARK}\\x22\\42",
    "\x0copen('pwned','w')",
    "\u2028open('pwned','w')",
]

OURS = {
    path.parent.name: path.read_text() for path in TEMPLATES.glob("*/script.py.mako")
}
THEIRS = {
    "Alembic": packaged("alembic", "generic").read_text(),
    "Flask-Migrate": packaged("flask_migrate", "flask").read_text(),
}
ODD = {
    "single quotes": "'''${message} ${up_revision} ${down_revision}'''\n" + HEADER,
    "branch labels": f'"""${{branch_labels}} ${{depends_on}}"""\n{HEADER}',
    "repr": f"message = ${{repr(message)}}\n{HEADER}",
}
TEMPLATE_TEXTS = {
    name: text
    for name, text in {**OURS, **THEIRS, **ODD}.items()
    if "databases" not in text
}


def folder_with(directory: Path, template: str) -> MigrationsFolder:
    folder = MigrationsFolder(directory / "migrations")
    create_folder(folder.directory)
    (folder.directory / "script.py.mako").write_text(template)
    return folder


def written(folder: MigrationsFolder, revision: Revision, **options: Any) -> Path:
    return write_script(
        folder,
        revision,
        upgrades="pass",
        downgrades="pass",
        create_date=options.pop("create_date", datetime(2024, 5, 6)),
        file_template=options.pop("file_template", "a1"),
        **options,
    )


def runs_no_code_of(source: str) -> bool:
    called = {
        node.func.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return "open" not in called


@pytest.mark.parametrize("template", TEMPLATE_TEXTS.values(), ids=TEMPLATE_TEXTS)
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_message_stays_text(tmp_path: Path, template: str, attack: str) -> None:
    folder = folder_with(tmp_path, template)

    path = written(folder, Revision("a1", message=attack))

    assert runs_no_code_of(path.read_text("utf-8"))
    assert [each.id for each in folder.read_revisions()] == ["a1"]


@pytest.mark.parametrize("template", TEMPLATE_TEXTS.values(), ids=TEMPLATE_TEXTS)
@pytest.mark.parametrize("attack", [each for each in ATTACKS if "\r" not in each])
def test_a_name_that_a_folder_has_stays_text(
    tmp_path: Path, template: str, attack: str
) -> None:
    odd = attack.translate(dict.fromkeys(map(ord, "@+-:"), "_"))
    parents = (odd, f"{odd}2")
    names: dict[str, Any] = {"depends_on": (odd,), "labels": (f"l{odd}",)}

    folder = folder_with(tmp_path, template)
    path = written(folder, Revision("a1", parents=parents, **names))

    source = path.read_text("utf-8")
    found = read_header(path)
    assert runs_no_code_of(source)
    assert found is not None
    assert found.parents == parents


@pytest.mark.parametrize(
    "template",
    [
        f"# ${{message}}\n{HEADER}",
        f'message = "${{message}}"\n{HEADER}',
        f"message = '${{message}}'\n{HEADER}",
        f"{HEADER}\ndef upgrade():\n    # ${{message}}\n    pass\n",
        f'f"""${{message}}"""\n{HEADER}',
    ],
)
@pytest.mark.parametrize("attack", ATTACKS)
def test_where_a_template_makes_code_of_it_nothing_is_written(
    tmp_path: Path, template: str, attack: str
) -> None:
    folder = folder_with(tmp_path, template)
    try:
        path = written(folder, Revision("a1", message=attack))
    except MigrationError:
        assert folder.script_files() == ()
        return

    assert runs_no_code_of(path.read_text("utf-8"))


@given(
    message=st.text(st.characters(exclude_characters="\x00")),
    parent=st.text(min_size=1).filter(
        lambda name: name == name.strip() and not set(name) & set("@+-:\x00")
    ),
)
@example(message="\\", parent='"')
@example(message="\r", parent='"""')
def test_what_is_written_is_read_again(
    message: str, parent: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = folder_with(tmp_path_factory.mktemp("any"), OURS["plain"])

    written(folder, Revision("a1", parents=(parent,), message=message))

    (found,) = folder.read_revisions()
    assert (found.id, found.parents) == ("a1", (parent,))


# -- names -----------------------------------------------------------------

REFUSED = [
    *ATTACKS,
    *("feature/x", "../x", ".#lock", ".hidden", "a b", "a,b", "a\\b", "a'b", "ä\udcff"),
    *("", " ", "a\n", "-a", "#", "a%s", "a$b", "\x00"),
]


@pytest.mark.parametrize("name", REFUSED)
def test_a_new_id_or_label_of_odd_characters(name: str) -> None:
    graph = RevisionGraph(())

    with pytest.raises(IllegalRevisionId):
        check_new_id(graph, name)
    with pytest.raises(IllegalRevisionId):
        check_new_label(graph, name, "a1")


@pytest.mark.parametrize("name", ["a1", "1.2.3", "add_users", "größe", "_x"])
def test_a_new_id_or_label(name: str) -> None:
    check_new_id(RevisionGraph(()), name)
    check_new_label(RevisionGraph(()), name, "b2")


NOT_FOUND_AGAIN = [
    ("%(rev)s", "__init__", "", "is not read as a revision"),
    ("%(slug)s", "a1", "__init__", "is not read as a revision"),
    (".#%(rev)s", "a1", "", "is not read as a revision"),
    ("%(rev)s/x", "a1", "", "recursive_version_locations"),
]


@pytest.mark.parametrize(("template", "id", "message", "reason"), NOT_FOUND_AGAIN)
def test_a_file_that_would_not_be_found_again(
    tmp_path: Path, template: str, id: str, message: str, reason: str
) -> None:
    folder = folder_with(tmp_path, OURS["plain"])
    before = sorted(folder.directory.rglob("*"))

    with pytest.raises(UnknownOption, match=reason):
        written(folder, Revision(id, message=message), file_template=template)

    assert sorted(folder.directory.rglob("*")) == before


def test_a_file_beside_the_locations_is_taken_back(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, OURS["plain"])
    elsewhere = tmp_path / "elsewhere"

    with pytest.raises(CannotWrite, match="would not be found again"):
        written(folder, Revision("a1"), version_path=elsewhere)

    assert list(elsewhere.iterdir()) == []


def test_a_clock_that_is_wrong(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, OURS["plain"])
    early = datetime(1, 1, 1)

    assert written(folder, Revision("a1"), create_date=early).is_file()
    with pytest.raises(UnknownOption, match="is the clock right"):
        written(folder, Revision("b2"), create_date=early, file_template="%(epoch)s")


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_argument_of_a_command_becomes_code(tmp_path: Path, attack: str) -> None:
    project = new_project(tmp_path / "app").with_folder()
    for arguments in (
        ("revision", "--rev-id", attack),
        ("revision", "--branch-label", attack),
        ("revision", "-m", attack),
    ):
        project.run(*arguments)
    project.done("heads")

    project.run("upgrade", "heads")

    assert not (Path("pwned").exists() or (project.folder / "pwned").exists())


@pytest.mark.parametrize(
    "name", ["100%", "a b", 'a"b', "a'b", "a\\b", "%(x)s", "größe"]
)
def test_a_settings_file_says_where_the_folder_is(tmp_path: Path, name: str) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "script.py.mako").write_text("")
    (own / "a.ini.mako").write_text("[a]\nscript_location = ${script_location}\n")
    (own / "a.toml.mako").write_text('script_location = "${script_location}"\n')
    directory = tmp_path / name

    create_folder(directory, own)

    ini = configparser.ConfigParser()
    ini.read(directory / "a.ini", encoding="utf-8")
    toml = tomllib.loads((directory / "a.toml").read_text("utf-8"))
    assert ini.get("a", "script_location") == str(directory)
    assert toml["script_location"] % {} == str(directory)


@pytest.mark.parametrize("name", ["a\n[alembic]", "a\rb", "a\x00b", "a\udcff"])
def test_a_folder_whose_name_no_file_can_hold(tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotWrite, match="a settings file cannot hold its name"):
        create_folder(tmp_path / name, TEMPLATES / "generic")

    assert list(tmp_path.iterdir()) == []
