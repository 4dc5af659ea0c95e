"""The quick way to read a header says what the parser says, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from flask_migrations_ext.errors import MigrationError
from flask_migrations_ext.revisions.revision import Revision
from flask_migrations_ext.scripts import header
from flask_migrations_ext.scripts.header import header_of
from flask_migrations_ext.scripts.header import parsed_header
from flask_migrations_ext.scripts.plain_header import plain_header

PATH = Path("ab12ab12ab12_x.py")
BODY = "\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n"

OF_ALEMBIC = '''\
"""Add users

Revision ID: a1
Revises: b2
Create Date: 2024-01-01 00:00:00.000000

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision: str = 'a1'
down_revision: Union[str, Sequence[str], None] = 'b2'
branch_labels: str | Sequence[str] | None = None
depends_on = ("c3", 'd4')
'''

PLAIN = {
    "of Alembic": OF_ALEMBIC,
    "no docstring": "revision = 'a1'\ndown_revision = None\n",
    "a merge": "revision = 'a1'\ndown_revision = (\n    'b2',\n    'c3',\n)\n",
    "a list": "revision = 'a1'\nbranch_labels = ['x']\n",
    "one in a tuple": "revision = 'a1'\ndown_revision = ('b2',)\n",
    "nothing in a tuple": "revision = 'a1'\ndown_revision = ()\n",
    "comments": "# one\nrevision = 'a1'  # two\n\t # three\n",
    "twice": "revision = 'b2'\nrevision = 'a1'\n",
    "quotes in the docstring": '"""Say "hello" and ""."""\nrevision = "a1"\n',
    "other characters": '"""Größe 表"""\nrevision = "größe"\n',
}

ODD = {
    "an escape": "revision = 'a\\x31'\n",
    "texts side by side": "revision = 'a' '1'\n",
    "in parentheses": "revision = 'a1'\ndown_revision = ('b2')\n",
    "added": "revision = 'a' + '1'\n",
    "a prefix": "revision = r'a1'\n",
    "several targets": "revision = down_revision = 'a1'\n",
    "unpacked": "revision, down_revision = 'a1', 'b2'\n",
    "computed": "revision = str('a1')\n",
    "imported": "from x import revision\n",
    "imported under its name": "revision = 'a1'\nfrom x import y as down_revision\n",
    "no Python": "import class\nrevision = 'a1'\n",
    "no annotation": "revision: a b = 'a1'\n",
    "annotation only": "revision: str\nrevision = 'a1'\n",
    "a name of no text": "revision = 7\n",
    "none": "revision = None\n",
    "empty": "revision = ''\n",
    "a word": "revision = 'head'\n",
    "an escape in the docstring": '"""a\\n"""\nrevision = "a1"\n',
    "four quotes": '""""a"""\nrevision = "a1"\n',
    "four quotes at the end": '"""a""""\nrevision = "a1"\n',
    "two docstrings": '"""a""" """b"""\nrevision = "a1"\n',
    "in a condition": "if True:\n    revision = 'a1'\n",
    "indented": " revision = 'a1'\n",
    "an encoding": "# coding: latin-1\nrevision = 'a1'\n",
    "a null": "revision = 'a1'\n# \0\n",
    "other statements": "x = 1\nrevision = 'a1'\n",
    "deleted": "revision = 'a1'\ndel revision\n",
    "a semicolon": "revision = 'a1'; down_revision = 'b2'\n",
    "a text with its name": '"""a\nrevision = "x"\n"""\nrevision = "a1"\n',
    "not closed": "revision = ('a1'\n",
}


def outcome(read: object, source: bytes) -> Revision | None | str:
    assert callable(read)
    try:
        found: Revision | None = read(source, PATH)
    except MigrationError as error:
        return str(error)

    return found


def same(source: bytes) -> bool:
    return outcome(header_of, source) == outcome(parsed_header, source)


@pytest.mark.parametrize("head", PLAIN.values(), ids=PLAIN)
def test_the_plain_form_needs_no_parser(
    head: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = outcome(parsed_header, (head + BODY).encode())
    monkeypatch.setattr(header, "parsed_header", None)

    assert isinstance(expected, Revision)
    assert outcome(header_of, (head + BODY).encode()) == expected


@pytest.mark.parametrize("head", [*PLAIN.values(), *ODD.values()])
@pytest.mark.parametrize(
    "body", [BODY, "", "\nrevision = 'z9'\n", BODY + "revision = 'z9'\n"]
)
def test_both_ways_say_the_same(head: str, body: str) -> None:
    assert same((head + body).encode())


PIECES = [
    *(
        line
        for text in (*PLAIN.values(), *ODD.values())
        for line in text.splitlines(True)
    ),
    *('"""', "'", '"', "(", ")", "[", "]", ",", "\\", "\n", " ", "#", "=", ":", "None"),
    *("\t", "\f", "é", "class X: pass\n", "@x\n", "async def upgrade(): pass\n", BODY),
]


@settings(max_examples=500)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=12))
@example(pieces=["revision = 'a1'", "#", "\\", "\n", "down_revision = None\n", BODY])
@example(pieces=["\f", "revision = 'a1'\n", BODY])
def test_both_ways_say_the_same_of_anything(pieces: list[str]) -> None:
    assert same("".join(pieces).encode())


@settings(max_examples=300)
@given(data=st.data())
def test_both_ways_say_the_same_of_a_damaged_file(data: st.DataObject) -> None:
    source = (OF_ALEMBIC + BODY).encode()
    start = data.draw(st.integers(0, len(source)))
    stop = data.draw(st.integers(start, min(len(source), start + 9)))
    between = data.draw(st.binary(max_size=3)).replace(b"\r", b"")

    assert same(source[:start] + between + source[stop:])


def test_bytes_that_are_no_text() -> None:
    assert plain_header(b"revision = '\xff'\n") is None


@pytest.mark.parametrize("number", [50, 100, 200])
def test_no_file_of_a_long_history_is_parsed(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flask_migrations_ext.scripts.folder import MigrationsFolder

    (tmp_path / "versions").mkdir()
    for each in range(number):
        text = OF_ALEMBIC.replace("'a1'", f"'r{each}'").replace(
            "'b2'", f"'r{each - 1}'"
        )
        (tmp_path / "versions" / f"r{each}.py").write_text(text + BODY)
    calls: list[bytes] = []
    monkeypatch.setattr(header, "parsed_header", lambda source, _: calls.append(source))

    assert len(MigrationsFolder(tmp_path).read_revisions()) == number
    assert calls == []
