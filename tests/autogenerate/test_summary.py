"""The message of a revision that nobody has given one."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from flask_migrations_ext.autogenerate.compare.schema import compare
from flask_migrations_ext.autogenerate.summary import summary_of
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata


def models(*tables: tuple[str, str]) -> sa.MetaData:
    """Return tables with their columns; ``!`` makes one unique."""
    metadata = sa.MetaData()
    for name, columns in tables:
        sa.Table(
            name,
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            *(
                sa.Column(
                    each.strip("!"),
                    sa.String(10),
                    unique=each.endswith("!"),
                    index=each.startswith("!"),
                    info={"renamed_from": "was"} if each == "now" else {},
                )
                for each in columns.split()
            ),
        )
    return metadata


CASES = [
    ([], [("users", "a")], "create users"),
    ([], [("a", ""), ("b", ""), ("c", "")], "create a, b and c"),
    ([], [(each, "") for each in "abcde"], "create a, b and 3 more"),
    ([("users", "a")], [], "drop users"),
    ([("users", "")], [("users", "email")], "add email to users"),
    ([("users", "")], [("users", "!email!")], "add email to users"),
    ([("users", "")], [("users", "a b")], "add a and b to users"),
    ([("users", "a")], [("users", "")], "drop a from users"),
    ([("t", "was")], [("t", "now")], "rename was to now in t"),
    ([("t", "a")], [("t", "b")], "add b to t and drop a from t"),
    (
        [("tea", ""), ("coffee", "a")],
        [("tea", "beans"), ("milk", "")],
        "drop coffee and more",
    ),
    ([("t", "a")], [("t", "!a")], "add ix_t_a to t"),
]


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_what_is_done_in_a_few_words(
    before: list[tuple[str, str]], after: list[tuple[str, str]], expected: str
) -> None:
    rules = rules_for(sa.create_engine("sqlite://").dialect)
    found = compare(
        read_metadata(models(*before)), read_metadata(models(*after)), rules
    )

    assert summary_of(found) == expected
