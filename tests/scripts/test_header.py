"""Headers of revision files: parsed, never run."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_migrations_ext.errors import UnreadableScript
from flask_migrations_ext.revisions.revision import Revision
from flask_migrations_ext.scripts.header import header_of
from flask_migrations_ext.scripts.header import read_header

NAME = Path("ab12_add_users.py")

TYPICAL = '''"""add users
and their roles

Revision ID: ab12
Revises: cd34
Create Date: 2024-05-06 07:08:09

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa

revision: str = 'ab12'
down_revision: Union[str, None] = 'cd34'
branch_labels: Union[str, Sequence[str], None] = ('users',)
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    op.drop_table("users")


def downgrade() -> None:
    pass
'''


def header(text: str | bytes, path: Path = NAME) -> Revision:
    revision = header_of(text if isinstance(text, bytes) else text.encode(), path)

    assert revision is not None

    return revision


def test_a_typical_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "ab12_add_users.py"
    path.write_text(TYPICAL)

    revision = read_header(path)

    assert revision is not None
    assert revision.id == "ab12"
    assert revision.parents == ("cd34",)
    assert revision.depends_on == ()
    assert revision.labels == ("users",)
    assert revision.message == "add users and their roles"
    assert revision.doc.startswith("add users\nand their roles\n\nRevision ID: ab12")
    assert revision.doc.endswith("07:08:09")
    assert revision.path == path


@pytest.mark.parametrize(
    ("value", "parents"),
    [
        ("None", ()),
        ("''", ()),
        ("()", ()),
        ("'a'", ("a",)),
        ("'a' 'b'", ("ab",)),
        ("'a' + ('b' + 'c')", ("abc",)),
        ("('a',)", ("a",)),
        ("('a', 'b')", ("a", "b")),
        ("(\n    'a',\n    'b',  # second\n)", ("a", "b")),
        ("['a', 'b']", ("a", "b")),
        ("{'a', 'b'}", ("a", "b")),
        ("('a',) + ('b',)", ("a", "b")),
        ("'ñ_über'", ("ñ_über",)),
    ],
)
@pytest.mark.parametrize("annotation", ["", ": str | None"])
def test_values_may_be_written_in_every_literal_form(
    value: str, parents: tuple[str, ...], annotation: str
) -> None:
    revision = header(
        f"revision = 'x'\n"
        f"down_revision{annotation} = {value}\n"
        f"depends_on{annotation} = {value}\n"
        f"branch_labels{annotation} = {value}\n"
    )

    assert revision.parents == parents
    assert revision.depends_on == parents
    assert revision.labels == parents


@pytest.mark.parametrize(
    ("text", "identifier", "parents"),
    [
        ("revision, down_revision = 'x', 'y'", "x", ("y",)),
        ("revision, (down_revision, _) = 'x', ['y', 0]", "x", ("y",)),
        ("revision = other = 'x'\ndown_revision = None", "x", ()),
        ("revision = 'old'\nrevision = 'x'", "x", ()),
        ("revision: str\nrevision = 'x'", "x", ()),
        ("revision = 'x'", "x", ()),
        ("__version__ = f()\nmodels.revision = 1\nrevision = 'x'", "x", ()),
        ("revision = 'x'\r\ndown_revision = 'y'\r\n", "x", ("y",)),
    ],
)
def test_assignments_are_understood_as_python_would(
    text: str, identifier: str, parents: tuple[str, ...]
) -> None:
    revision = header(text)

    assert (revision.id, revision.parents) == (identifier, parents)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("\nrevision = make_id()", 2, "revision must be written out"),
        ("revision = f'{x}'", 1, "revision must be written out"),
        ("revision = 12", 1, "revision must be written out"),
        ("revision = b'x'", 1, "revision must be written out"),
        ("revision = None", 1, "must be one id"),
        ("revision = ''", 1, "must be one id"),
        ("revision = ('a', 'b')", 1, "must be one id"),
        ("revision, down_revision = ids()", 1, "revision must be written out"),
        ("revision = 'x'\ndown_revision = PARENT", 2, "down_revision must be written"),
        ("revision = 'x'\ndown_revision = ('a', 1)", 2, "down_revision must be"),
        ("revision = 'x'\ndown_revision = ('a', ('b',))", 2, "down_revision must be"),
        ("revision = 'x'\ndown_revision = 'a' + None", 2, "down_revision must be"),
        ("revision = 'x'\ndown_revision = 'a' * 2", 2, "down_revision must be"),
        ("revision = 'x'\ndepends_on = set()", 2, "depends_on must be written out"),
        (
            "revision = 'x'\ndepends_on = ()\ndepends_on += more",
            3,
            "depends_on must be written out",
        ),
        ("revision = 'x'\nbranch_labels = [*labels]", 2, "branch_labels must be"),
    ],
)
def test_a_computed_header_is_refused_with_its_line(
    text: str, line: int, reason: str
) -> None:
    with pytest.raises(UnreadableScript) as caught:
        header(text)

    assert caught.value.path == NAME
    assert caught.value.line == line
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\nrevision = 'a-b'", 2),
        ("revision = 'head'", 1),
        ("revision = 'x'\nbranch_labels = ('y', 'a@b')", 2),
    ],
)
def test_an_id_or_label_that_cannot_be_typed_is_told_with_its_line(
    text: str, line: int
) -> None:
    with pytest.raises(UnreadableScript, match="cannot name a revision") as caught:
        header(text)

    assert caught.value.line == line


def test_a_mistake_below_the_header_does_not_matter() -> None:
    revision = header(TYPICAL + "\ndef broken(:\n\x00")

    assert revision.id == "ab12"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('"""never closed\n\nrevision = "x"\n\ndef upgrade():\n    pass\n', 1),
        ("revision = 'x'\ndown_revision = = 'y'\n\ndef upgrade():\n    pass\n", 2),
        ("revision = 'x'\n  down_revision = 'y'\n", 2),
        ("revision = ('x'\n\ndef upgrade():\n    pass\n", 1),
    ],
)
def test_a_mistake_in_the_header_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(UnreadableScript) as caught:
        header(text)

    assert caught.value.line == line


def test_a_nul_byte_in_the_header_is_told() -> None:
    with pytest.raises(UnreadableScript, match="null"):
        header(b"revision = 'x'\n\x00")


@pytest.mark.parametrize("quotes", ['"""', "'''"])
def test_lines_of_a_text_are_not_taken_for_code(quotes: str) -> None:
    text = (
        f"{quotes}title\n\nclass Shown:\n@app.route\ndef upgrade(): as in\n"
        f"revision = 'no'\n{quotes}\n"
        f"SQL = {quotes}\ndef f():\n{quotes}\n"
        "revision = 'x'\ndown_revision = 'y'\n\ndef upgrade(:\n"
    )

    revision = header(text)

    assert (revision.id, revision.parents) == ("x", ("y",))
    assert revision.message == "title"


@pytest.mark.parametrize(
    "before", ["def f():\n    pass\n", "@dataclass\nclass A:\n    x = 1\n"]
)
def test_variables_may_stand_below_a_function(before: str) -> None:
    revision = header(f"{before}\nrevision = 'x'\n{before}\ndown_revision = 'y'\n")

    assert (revision.id, revision.parents) == ("x", ("y",))


def test_a_text_in_a_broken_body_that_looks_like_a_header_changes_nothing() -> None:
    revision = header(
        "revision = 'x'\n\ndef upgrade():\n    '''\nrevision = 'no'\n'''\n    ) oops\n"
    )

    assert revision.id == "x"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "print('hello')",
        '"""Shared between revisions."""\n\ndef add_audit(op):\n    pass\n',
        "import revision\nx = revision.y",
        "'''\nrevision = 'no'\n'''",
        "branch_labels = ('x',)",
        "not python at all",
    ],
)
def test_what_is_no_migration_is_passed_over(text: str) -> None:
    assert header_of(text.encode(), Path("shared.py")) is None


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("1ce7873ac4ced.py", "1ce7873ac4ced"),
        ("ab12.py", "ab12"),
        ("1ce7873ac4ce_add_users.py", "1ce7873ac4ce"),
    ],
)
@pytest.mark.parametrize(
    "text", ["down_revision = None", "def upgrade(): pass", "def downgrade(): pass"]
)
def test_an_old_file_without_an_id_has_it_in_its_name(
    name: str, identifier: str, text: str
) -> None:
    assert header(text, Path(name)).id == identifier


@pytest.mark.parametrize("name", ["add_users.py", "0001_first.py", "users.py"])
def test_a_migration_without_an_id_is_not_passed_over(name: str) -> None:
    with pytest.raises(UnreadableScript, match="has no id"):
        header("down_revision = None\n\ndef upgrade(): pass\n", Path(name))


@pytest.mark.parametrize(
    "source",
    [
        '"""añadir"""\nrevision = "x"'.encode(),
        b"\xef\xbb\xbf" + b'revision = "x"\n"""no doc"""',
        '# -*- coding: latin-1 -*-\n"""añadir"""\nrevision = "x"'.encode("latin-1"),
        '# coding: cp932\n"""表"""\nrevision = "x"\ndef f(): 表'.encode("cp932"),
    ],
)
def test_the_encoding_is_the_one_python_would_use(source: bytes) -> None:
    revision = header(source)

    assert revision.id == "x"
    assert revision.message in ("añadir", "", "表")


def test_a_file_in_another_encoding_than_declared_is_told() -> None:
    with pytest.raises(UnreadableScript, match="utf-8"):
        header('"""añadir"""\nrevision = "x"'.encode("latin-1"))


@pytest.mark.parametrize(
    ("docstring", "message"),
    [
        ('"""one"""', "one"),
        ('"""\n  one\n  two\n   \n  three\n"""', "one two"),
        ('"""one"""\n"""two"""', "one"),
        ("r'''a\\d'''", "a\\d"),
        ("'''one\r\ntwo\r\n\r\nthree'''", "one two"),
        ("b'''bytes'''", ""),
        ("# only a comment", ""),
    ],
)
def test_the_message_is_the_first_paragraph_on_one_line(
    docstring: str, message: str
) -> None:
    assert header(f"{docstring}\nrevision = 'x'\n").message == message


def test_nothing_is_run(tmp_path: Path) -> None:
    text = f"open({str(tmp_path / 'ran')!r}, 'w')\nimport no_such\nrevision = 'x'\n"

    header(text)

    assert not (tmp_path / "ran").exists()


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableScript, match="No such file"):
        read_header(tmp_path / "gone.py")


LETTERS = st.characters(exclude_categories=["Z", "Cc"], exclude_characters="@+-:")


@given(
    identifier=st.text(LETTERS).map("x{}".format),
    parents=st.lists(st.text(min_size=1), min_size=2).map(tuple),
    doc=st.text(),
)
def test_what_repr_writes_is_read_back(
    identifier: str, parents: tuple[str, ...], doc: str
) -> None:
    source = f"{doc!r}\nrevision = {identifier!r}\ndown_revision = {parents!r}\n"

    revision = header(source + "\ndef upgrade(:\n")

    assert (revision.id, revision.parents) == (identifier, parents)
    assert revision.doc == doc.strip()
