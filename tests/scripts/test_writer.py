"""New revision files: complete, valid, and never over another."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from flask_migrations_ext.errors import CannotWrite
from flask_migrations_ext.errors import FileExists
from flask_migrations_ext.errors import TemplateFailed
from flask_migrations_ext.errors import UnknownOption
from flask_migrations_ext.revisions.revision import Revision
from flask_migrations_ext.scripts.folder import create_folder
from flask_migrations_ext.scripts.folder import MigrationsFolder
from flask_migrations_ext.scripts.header import read_header
from flask_migrations_ext.scripts.loader import load_script
from flask_migrations_ext.scripts.writer import location_for
from flask_migrations_ext.scripts.writer import new_revision_id
from flask_migrations_ext.scripts.writer import write_script

MAY = datetime(2024, 5, 6, 7, 8, 9)

HEADER = "revision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\n"


def packaged(distribution: str, template: str) -> Path:
    """Return a template that another package ships and users have copied."""
    spec = importlib.util.find_spec(distribution)

    assert spec is not None
    assert spec.origin is not None

    return Path(spec.origin).parent / "templates" / template / "script.py.mako"


def folder_in(directory: Path, template: str | Path | None = None) -> MigrationsFolder:
    """Return a new folder, with the text or copy of a template if one is given."""
    folder = MigrationsFolder(directory / "migrations")
    if not folder.directory.exists():
        create_folder(folder.directory)
    if template is not None:
        text = template.read_text() if isinstance(template, Path) else template
        (folder.directory / "script.py.mako").write_text(text)
    return folder


def write(
    folder: MigrationsFolder,
    revision: Revision,
    upgrades: str = "pass",
    downgrades: str = "pass",
    imports: tuple[str, ...] = (),
    file_template: str = "%(rev)s_%(slug)s",
    truncate_slug_length: int = 40,
    version_path: Path | None = None,
    template_values: Mapping[str, object] | None = None,
    output_encoding: str = "utf-8",
) -> Path:
    return write_script(
        folder,
        revision,
        upgrades=upgrades,
        downgrades=downgrades,
        imports=imports,
        create_date=MAY,
        file_template=file_template,
        truncate_slug_length=truncate_slug_length,
        version_path=version_path,
        template_values=template_values,
        output_encoding=output_encoding,
    )


# -- what is written -------------------------------------------------------


def test_a_written_file_in_full(tmp_path: Path) -> None:
    path = write(
        folder_in(tmp_path),
        Revision("ab12", parents=("cd34",), message="add users"),
        upgrades="    op.drop_table('a')\n    op.drop_table('b')\n",
    )

    assert path == tmp_path / "migrations/versions/ab12_add_users.py"
    assert path.read_text() == (
        '"""add users\n'
        "\n"
        "Revision ID: ab12\n"
        "Revises: cd34\n"
        "Create Date: 2024-05-06 07:08:09\n"
        "\n"
        '"""\n'
        "\n"
        "import sqlalchemy as sa\n"
        "\n"
        "from flask_migrations_ext import op\n"
        "\n"
        "# Read by 'flask db' without running this file: write these out.\n"
        'revision = "ab12"\n'
        'down_revision = "cd34"\n'
        "branch_labels = None\n"
        "depends_on = None\n"
        "\n"
        "\n"
        "def upgrade() -> None:\n"
        "    op.drop_table('a')\n"
        "    op.drop_table('b')\n"
        "\n"
        "\n"
        "def downgrade() -> None:\n"
        "    pass\n"
    )


TEMPLATES = {
    "ours": None,
    "plain": Path(create_folder.__globals__["__file__"]).parent
    / "templates/plain/script.py.mako",
    "generic": packaged("alembic", "generic"),
    "async": packaged("alembic", "async"),
    "flask": packaged("flask_migrate", "flask"),
    "aioflask": packaged("flask_migrate", "aioflask"),
}

REVISIONS = [
    Revision("ab12"),
    Revision("ab12", parents=("a",), message='say "hi"'),
    Revision("ab12", parents=("a", "b"), message="two\nlines"),
    Revision("ab12", ("a",), depends_on=("c",), labels=("x",), message="ñ"),
    Revision("ab12", ("a",), depends_on=("c", "d"), labels=("x", "y")),
    Revision("it's", message='"""; raise SystemExit # \\'),
    Revision("ab12", message="C:\\new\\users '''x''' ${x} %(y)s {z}"),
]


@pytest.mark.parametrize("revision", REVISIONS, ids=str)
@pytest.mark.parametrize("template", TEMPLATES)
def test_what_is_written_is_read_back(
    tmp_path: Path, template: str, revision: Revision
) -> None:
    """With the templates of existing folders too, unchanged."""
    path = write(folder_in(tmp_path, TEMPLATES[template]), revision)

    found = read_header(path)

    assert found is not None
    assert found.id == revision.id
    assert found.parents == revision.parents
    assert found.depends_on == revision.depends_on
    assert found.labels == revision.labels
    assert found.message == " ".join((revision.message or "empty message").split("\n"))


@pytest.mark.parametrize("template", ["generic", "flask"])
def test_bodies_and_imports_stand_in_templates_of_existing_folders(
    tmp_path: Path, template: str
) -> None:
    path = write(
        folder_in(tmp_path, TEMPLATES[template]),
        Revision("ab12"),
        upgrades="    seen.append(1)\n    if math.pi:\n        seen.append(2)",
        downgrades="    seen.append(3)",
        imports=("import math", "seen = []"),
    )
    text = path.read_text().replace("from alembic import op\n", "")
    path.write_text(text)

    script = load_script(Revision("ab12", path=path))
    script.upgrade()
    script.downgrade()

    assert script.module.seen == [1, 2, 3]


def test_a_template_for_several_databases_has_a_body_for_each(tmp_path: Path) -> None:
    class Config:
        def get_main_option(self, name: str) -> str:
            return "users, logs"

    path = write(
        folder_in(tmp_path, packaged("alembic", "multidb")),
        Revision("ab12"),
        template_values={
            "config": Config(),
            "users_upgrades": "    first()\n    second()",
            "logs_upgrades": "",
        },
    )

    text = path.read_text()
    assert 'users schema."""\n    first()\n    second()\n' in text
    assert 'Upgrade logs schema."""\n    pass\n' in text
    assert 'Downgrade users schema."""\n    pass\n' in text


def test_a_folder_without_a_template_uses_ours(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    (folder.directory / "script.py.mako").unlink()

    path = write(folder, Revision("ab12"))

    assert "from flask_migrations_ext import op" in path.read_text()


def test_templates_from_windows_give_plain_line_ends(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    template = folder.directory / "script.py.mako"
    template.write_bytes(template.read_bytes().replace(b"\n", b"\r\n"))

    path = write(folder, Revision("ab12"), upgrades="    a()\n    b()")

    assert b"\r" not in path.read_bytes()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1251"])
def test_the_file_is_in_the_encoding_asked_for(tmp_path: Path, encoding: str) -> None:
    message = "привет" if encoding == "cp1251" else "año"
    path = write(
        folder_in(tmp_path),
        Revision("a1", message=message),
        upgrades="x = '漢'",
        output_encoding=encoding,
    )
    revision = read_header(path)
    assert revision is not None

    assert message.encode(encoding.removesuffix("-sig")) in path.read_bytes()
    assert revision.doc.startswith(message)
    assert str(load_script(revision).module.__doc__).startswith(message)


@pytest.mark.parametrize("encoding", ["nope", "utf-16", "base64"])
def test_an_encoding_that_python_cannot_read_is_refused(
    tmp_path: Path, encoding: str
) -> None:
    folder = folder_in(tmp_path)
    with pytest.raises(UnknownOption, match="output_encoding"):
        write(folder, Revision("a1"), output_encoding=encoding)

    assert not any(folder.locations[0].iterdir())


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_the_file_is_in_the_encoding_it_declares(tmp_path: Path, encoding: str) -> None:
    template = f'${{""}}# coding: {encoding}\n"""${{message}}"""\n{HEADER}'

    path = write(
        folder_in(tmp_path, template), Revision("ab12", message="ñ, 表, \udcff")
    )

    assert "ñ".encode(encoding) in path.read_bytes()
    found = read_header(path)
    assert found is not None
    # What is no character comes from a shell that could not decode it.
    assert found.message == "ñ, 表, �"


@given(message=st.text(st.characters(exclude_characters="\x00\r")))
@example(message='"')
@example(message='""""')
@example(message="\\")
@example(message="'''\\'''")
def test_any_message_reads_back(
    message: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    template = f'"""${{message}}"""\n{HEADER}'
    folder = folder_in(tmp_path_factory.mktemp("any"), template)

    path = write(folder, Revision("ab12", message=message), file_template="%(rev)s")

    found = read_header(path)
    assert found is not None
    decoded = re.sub("[\ud800-\udfff]", "�", message)
    assert found.doc == (decoded or "empty message").strip()


# -- what is refused -------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("x\n${1/0}", r"line 2: ZeroDivisionError: division by zero, in: \$\{1/0\}"),
        ("x\ny ${nope}", r"line 2: it uses a name that has no value here, in: y \$"),
        ("% if x:\n", "line 1: .*Unterminated"),
        ("${config.get('x')}", "line 1: AttributeError"),
        ("# \udcff", "Unicode"),
        (HEADER + "def f(:\n", r"line 3 of the file it makes: .*, in: def f\(:"),
        ("# coding: nope\n" + HEADER, "unknown encoding"),
        ("${''}# coding: nope\n" + HEADER, "unknown encoding"),
        ("x\n<% import json; json.loads('{') %>", "line 2: JSONDecodeError"),
        (HEADER + "x = '\x00'", "null"),
        ("# nothing", "does not name its revision and parents"),
        ("revision = 'x'\ndown_revision = None", "does not name its revision"),
        ("revision = ${repr(up_revision)}", "does not name its revision and parents"),
        ("revision = str(${repr(up_revision)})", "revision must be written out"),
    ],
)
def test_a_template_that_makes_no_revision_is_told_and_writes_nothing(
    tmp_path: Path, template: str, reason: str
) -> None:
    folder = folder_in(tmp_path)
    path = folder.directory / "script.py.mako"
    path.write_text(template, errors="surrogateescape")

    with pytest.raises(TemplateFailed, match=reason) as caught:
        write(folder, Revision("ab12", parents=("cd34",)))

    assert caught.value.path == path
    assert list((folder.directory / "versions").iterdir()) == []


def test_a_template_may_let_its_files_compute_what_comes_before(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    text = "revision = ${repr(up_revision)}\ndown_revision = before(revision)\n"
    (folder.directory / "script.py.mako").write_text(f"before = str.upper\n{text}")

    path = write(folder, Revision("ab12", parents=("cd34",)))

    assert "before(revision)" in path.read_text()
    (found,) = folder.read_revisions()
    assert (found.id, found.parents) == ("ab12", ("AB12",))


def test_a_body_that_is_not_python_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(TemplateFailed, match="line 22 .*, in: op.oops") as caught:
        write(folder_in(tmp_path), Revision("ab12"), upgrades="    pass\n    op.oops(")

    assert isinstance(caught.value.__cause__, SyntaxError)


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    path = write(folder, Revision("ab12"), upgrades="    first()")

    with pytest.raises(FileExists):
        write(folder, Revision("ab12"), upgrades="    second()")

    assert "first()" in path.read_text()
    assert list(path.parent.iterdir()) == [path]


def test_of_many_writers_of_one_file_one_wins(tmp_path: Path) -> None:
    folder = folder_in(tmp_path, '"""x"""\n' + HEADER)

    def attempt(_: int) -> bool:
        try:
            write(folder, Revision("ab12"))
        except FileExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(24)))

    assert outcomes.count(True) == 1
    assert len(folder.script_files()) == len(list(folder.locations[0].iterdir())) == 1


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    (folder.directory / "versions").rmdir()
    (folder.directory / "versions").write_text("a file")

    with pytest.raises(CannotWrite, match="nothing was written"):
        write(folder, Revision("ab12"))


def test_a_name_that_is_too_long_for_the_system_is_told(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)

    with pytest.raises(CannotWrite):
        write(folder, Revision("a" * 400))

    assert list((folder.directory / "versions").iterdir()) == []


# -- where it goes ---------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("%(rev)s_%(slug)s", "ab12_add_users.py"),
        ("%(rev)s", "ab12.py"),
        (
            "%(year)d_%(month).2d_%(day).2d_%(hour).2d%(minute).2d%(second).2d-%(rev)s",
            "2024_05_06_070809-ab12.py",
        ),
        ("%(year)s/%(month)s/%(rev)s", "2024/5/ab12.py"),
        ("%(epoch)s_%(rev)s", f"{int(MAY.timestamp())}_ab12.py"),
        ("v1.2_%(slug)s", "v1.2_add_users.py"),
    ],
)
def test_file_names_follow_their_template(
    tmp_path: Path, template: str, name: str
) -> None:
    folder = replace(folder_in(tmp_path), recursive=True)
    revision = Revision("ab12", message="Add users")

    path = write(folder, revision, file_template=template)

    assert path == folder.directory / "versions" / name
    assert folder.script_files() == (path,)


@pytest.mark.parametrize(
    "message",
    [
        "Add users table",
        "",
        "!!!",
        "it's",
        "_a_",
        "a__b -- c",
        "naïve Straße — ÉTÉ",
        "abcdefghi_ j",
        "a" * 50,
        "x" * 39 + " y",
        "x" * 40,
        "the quick brown fox jumps over the lazy dog again",
    ],
)
@pytest.mark.parametrize("length", [1, 10, 40])
def test_slugs_are_those_of_alembic(tmp_path: Path, message: str, length: int) -> None:
    path = write(
        folder_in(tmp_path),
        Revision("ab12", message=message),
        truncate_slug_length=length,
    )

    directory = ScriptDirectory(str(tmp_path), truncate_slug_length=length)
    assert path == Path(directory._rev_path(path.parent, "ab12", message, MAY))


def test_a_slug_length_of_zero_is_the_default(tmp_path: Path) -> None:
    revision = Revision("ab12", message="word " * 20)

    path = write(folder_in(tmp_path), revision, truncate_slug_length=0)

    assert path.stem == "ab12_" + "word_" * 8


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("%(id)s", "no token 'id', only rev, slug, epoch"),
        ("%(rev)", "cannot be filled in"),
        ("%(slug)d", "cannot be filled in"),
        ("../%(rev)s", "leads out of the migrations folder"),
        ("/%(rev)s", "leads out of the migrations folder"),
        ("a\\%(rev)s", "leads out of the migrations folder"),
    ],
)
def test_a_file_template_that_names_no_file_is_told(
    tmp_path: Path, template: str, reason: str
) -> None:
    with pytest.raises(UnknownOption, match=re.escape(reason)):
        write(folder_in(tmp_path), Revision("ab12"), file_template=template)


def test_a_missing_location_is_created(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    folder.locations[0].rmdir()

    assert write(folder, Revision("ab12")).is_file()


def test_a_new_file_goes_beside_its_parent(tmp_path: Path) -> None:
    users, logs = tmp_path / "users", tmp_path / "logs"
    folder = MigrationsFolder(tmp_path, (users, logs))
    parents = [Revision("new"), Revision("a", path=logs / "a.py")]

    assert location_for(folder, parents) == logs
    assert location_for(folder, parents, users) == users
    assert location_for(MigrationsFolder(tmp_path), []) == tmp_path / "versions"


def test_a_file_template_with_folders_starts_from_the_location(tmp_path: Path) -> None:
    folder = MigrationsFolder(tmp_path, recursive=True)
    versions = tmp_path / "versions"
    parents = [Revision("a", path=versions / "2024/05/a.py")]

    assert location_for(folder, parents) == versions / "2024/05"
    assert location_for(folder, parents, file_template="%(year)s/%(rev)s") == versions


def test_several_locations_and_no_parent_need_an_answer(tmp_path: Path) -> None:
    folder = MigrationsFolder(tmp_path, (tmp_path / "users", tmp_path / "logs"))

    with pytest.raises(UnknownOption, match="name the place with --version-path"):
        location_for(folder, [])
    with pytest.raises(UnknownOption, match="name the place"):
        write(folder, Revision("ab12"))

    written = write(folder, Revision("ab12"), version_path=tmp_path / "logs")
    assert written.parent == tmp_path / "logs"


def test_a_location_that_is_none_of_the_folders_is_told(tmp_path: Path) -> None:
    folder = MigrationsFolder(tmp_path)
    deeper = tmp_path / "versions" / "deep"

    with pytest.raises(UnknownOption, match="is not one of"):
        location_for(folder, [], tmp_path)
    with pytest.raises(UnknownOption, match="is not one of"):
        location_for(folder, [], deeper)

    folder = MigrationsFolder(tmp_path, recursive=True)
    assert location_for(folder, [], deeper) == deeper


def test_ids_are_twelve_hex_digits_and_differ() -> None:
    ids = {new_revision_id() for _ in range(100)}

    assert len(ids) == 100
    assert all(re.fullmatch("[0-9a-f]{12}", identifier) for identifier in ids)
