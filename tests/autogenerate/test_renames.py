"""A new name that is no guess is a rename: no row and no value is lost by it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.base import reversed_all
from tests.laws.runs import carry_out
from tests.laws.runs import difference
from tests.laws.runs import engine_for
from tests.laws.runs import execute_all
from tests.laws.runs import make


@pytest.fixture
def live(database_url: sa.URL) -> Iterator[sa.Engine]:
    with engine_for(database_url) as engine:
        yield engine


def models(
    table: str = "user",
    email: str = "email",
    table_info: dict[str, str] | None = None,
    email_info: dict[str, str] | None = None,
    length: int = 80,
) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        table,
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(email, sa.String(length), nullable=False, info=email_info),
        sa.Column("at", sa.DateTime, server_default=sa.func.now()),
        sa.UniqueConstraint(email, name="uq_email"),
        sa.Index("ix_at", "at", email),
        info=table_info,
    )
    sa.Table(
        "post",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("author", sa.String(length)),
        sa.ForeignKeyConstraint(
            ["author"], [f"{table}.{email}"], name="fk_author", ondelete="CASCADE"
        ),
    )
    return metadata


BEFORE = models()
RENAMED = {
    "capitals of a column": (models(email="Email"), ["rename to Email"]),
    "a column that says so": (
        models(email="mail", email_info={"renamed_from": "email"}),
        ["rename to mail"],
    ),
    "a table that says so": (
        models("account", table_info={"renamed_from": "user"}),
        ["rename table user to account"],
    ),
    "both": (
        models("account", "mail", {"renamed_from": "user"}, {"renamed_from": "email"}),
        ["rename table user to account", "rename to mail"],
    ),
}
ROWS = {
    "user": [{"id": 1, "email": "a@b.c"}, {"id": 2, "email": "d@e.f"}],
    "post": [{"id": 7, "author": "a@b.c"}],
}


def words_of(operations: tuple[Operation, ...]) -> list[str]:
    return [describe(each) for each in operations]


@pytest.mark.parametrize("name", RENAMED)
def test_a_rename_keeps_every_value(live: sa.Engine, name: str) -> None:
    after, said = RENAMED[name]
    make(live, BEFORE, ROWS)
    operations = difference(live, after)

    assert len(operations) == len(said)
    for operation, words in zip(operations, said, strict=True):
        assert words in describe(operation)

    carry_out(live, execute_all(*operations))
    assert words_of(difference(live, after)) == []
    user = next(table for table in after.sorted_tables if table.name != "post")
    with live.connect() as connection:
        assert connection.execute(
            sa.select(user.c[0], user.c[1]).order_by(user.c[0])
        ).all() == [(1, "a@b.c"), (2, "d@e.f")]
        assert connection.scalar(sa.text("SELECT count(*) FROM post")) == 1

    carry_out(live, execute_all(*reversed_all(operations)))
    assert words_of(difference(live, BEFORE)) == []


def test_capitals_of_a_table(live: sa.Engine) -> None:
    """Where the server tells them apart, and where it does not."""
    make(live, BEFORE, ROWS)
    after = models("User")
    operations = difference(live, after)

    assert words_of(operations) in ([], ["rename table user to User"])
    carry_out(live, execute_all(*operations))
    assert words_of(difference(live, after)) == []
    with live.connect() as connection:
        count = sa.select(sa.func.count()).select_from(after.tables["User"])
        assert connection.scalar(count) == 2


def test_a_rename_with_another_type(live: sa.Engine) -> None:
    make(live, BEFORE)
    after = models(email="mail", email_info={"renamed_from": "email"}, length=60)
    operations = difference(live, after)

    assert "rename to mail" in describe(operations[0])
    assert not [words for words in words_of(operations) if "drop column" in words]


def test_names_that_only_resemble_each_other_are_no_rename(live: sa.Engine) -> None:
    make(live, BEFORE)

    assert any(
        "drop column" in each
        for each in words_of(difference(live, models(email="mail")))
    )


def test_of_two_that_were_alike_none_is_guessed(postgresql_engine: sa.Engine) -> None:
    one, other = sa.MetaData(), sa.MetaData()
    columns = [sa.Column(name, sa.Integer) for name in ("id", "Value", "value")]
    sa.Table("t", one, *columns)
    sa.Table("t", other, sa.Column("id", sa.Integer), sa.Column("VALUE", sa.Integer))
    make(postgresql_engine, one)

    said = words_of(difference(postgresql_engine, other))

    assert len([each for each in said if "drop column" in each]) == 2


def test_what_a_model_says_it_was_counts_once(live: sa.Engine) -> None:
    """After the rename, the hint may stay."""
    after = models(email="mail", email_info={"renamed_from": "email"})
    make(live, after)

    assert words_of(difference(live, after)) == []
