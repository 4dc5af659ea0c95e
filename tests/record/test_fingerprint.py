"""When two texts of a script mean the same, and when they do not."""

from __future__ import annotations

import pytest

from flask_migrations_ext.record.fingerprint import digest_of
from flask_migrations_ext.record.fingerprint import fingerprint_of

SCRIPT = '''\
"""users"""

import sqlalchemy as sa
from flask_migrations_ext import op

revision = "a1"
down_revision = None


def upgrade():
    op.add_column("user", sa.Column("age", sa.Integer, server_default="0"))
    op.execute("UPDATE user SET age = 1")


def downgrade():
    op.drop_column("user", "age")
'''

# Other words for the same: what is replaced, and by what.
SAME = [
    ('"""users"""', '"""people\n\nCreate Date: another\n"""'),
    ("\n\n\n", "\n"),
    ("\n", "\r\n"),
    ('"user"', "'user'"),
    (
        '"UPDATE user SET age = 1"',
        '(\n        "UPDATE user "\n        "SET age = 1"\n    )',
    ),
    ('revision = "a1"', 'revision: str = "a1"  # not to be changed'),
    ("def upgrade():", 'def upgrade() -> None:\n    """Add."""\n    # why'),
    ("    ", "  "),
    ('server_default="0"))', 'server_default="0",),)'),
]

# What does something else.
OTHER = [
    ("age = 1", "age = 2"),
    ("sa.Integer", "sa.String"),
    ('server_default="0"', "server_default=None"),
    ('server_default="0"', 'server_default=b"0"'),
    (', server_default="0"', ""),
    ('"0"', "0"),
    ("down_revision = None", 'down_revision = "b2"'),
    ('op.drop_column("user", "age")', "pass"),
    ('revision = "a1"', 'revision = "a2"'),
    ('"age"', '")"'),
    ("def downgrade", "async def downgrade"),
]


@pytest.mark.parametrize("old, new", SAME)
def test_layout_comments_and_annotations_do_not_count(old: str, new: str) -> None:
    other = SCRIPT.replace(old, new)

    assert other != SCRIPT
    assert fingerprint_of(other.encode()) == fingerprint_of(SCRIPT.encode())


def test_what_does_something_else_has_another() -> None:
    texts = [SCRIPT, *(SCRIPT.replace(old, new) for old, new in OTHER)]

    assert len(set(texts)) == len(texts)
    assert len({fingerprint_of(each.encode()) for each in texts}) == len(texts)


def test_it_is_the_same_with_each_version_of_python() -> None:
    """It is kept in databases, for longer than a version of Python is used."""
    found = fingerprint_of(SCRIPT.encode())

    assert found == ("ea8b57517f6bf4585f1d59c628e37a0f97cf408f692e528f774eb4baa8ebcc01")


@pytest.mark.parametrize(
    "source", [b"def (", b"\0", b"x = " + b"9" * 5000, b"\xff\xfe", b"(" * 5000]
)
def test_what_is_no_python_has_none(source: bytes) -> None:
    assert fingerprint_of(source) is None


def test_a_number_too_long_to_be_written_is_no_error() -> None:
    assert fingerprint_of(b"x = 0x" + b"f" * 6000) is None


def test_line_ends_do_not_change_the_digest() -> None:
    assert digest_of(b"a\r\nb") == digest_of(b"a\nb") != digest_of(b"ab")
