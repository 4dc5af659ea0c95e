"""What rows get that a change leaves without a value, or with one that does not fit."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext.autogenerate.compare.schema import Difference
from flask_migrations_ext.autogenerate.options import CompareOptions
from flask_migrations_ext.autogenerate.questions.answers import Answers
from flask_migrations_ext.autogenerate.questions.asking import Asked
from flask_migrations_ext.autogenerate.questions.asking import asked_comparison
from flask_migrations_ext.autogenerate.questions.asking import Asking
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.errors import UnusableAnswer
from flask_migrations_ext.operations.columns import AddColumn
from flask_migrations_ext.operations.columns import AlterColumn
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata
from tests.laws.runs import carry_out
from tests.laws.runs import difference
from tests.laws.runs import engine_for
from tests.laws.runs import execute_all
from tests.laws.runs import make


@pytest.fixture
def live(database_url: sa.URL) -> Iterator[sa.Engine]:
    with engine_for(database_url) as engine:
        yield engine


def thing(*columns: sa.Column[Any]) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), *columns)
    return metadata


def asked(
    engine: sa.Engine, models: sa.MetaData, answers: Answers
) -> tuple[Difference, Asked]:
    with engine.connect() as connection:
        rules = rules_for(connection.dialect, connection)
        return asked_comparison(
            rules.read_database(connection, (None,)),
            read_metadata(models, rules.write),
            rules,
            CompareOptions(),
            Asking(answers),
        )


KINDS = [sa.Enum("new", "paid", *more, name="kind") for more in (["sent"], [])]
Columns = Callable[[], list[sa.Column[Any]]]

CASES: dict[str, tuple[Columns, Columns, dict[str, Any], str, str, Any]] = {
    "a new column, one value": (
        lambda: [],
        lambda: [sa.Column("c", sa.Integer, nullable=False)],
        {},
        "not_null",
        "5",
        5,
    ),
    "a new column, the default of the model": (
        lambda: [],
        lambda: [sa.Column("c", sa.String(20), nullable=False, default="it's 5% :x")],
        {},
        "not_null",
        "model",
        "it's 5% :x",
    ),
    "a new column, SQL with another one under its new name": (
        lambda: [sa.Column("a", sa.Integer)],
        lambda: [
            sa.Column("b", sa.Integer, info={"renamed_from": "a"}),
            sa.Column("c", sa.Integer, nullable=False),
        ],
        {"a": 4},
        "not_null",
        "sql:b + 1",
        5,
    ),
    "a new truth": (
        lambda: [],
        lambda: [sa.Column("c", sa.Boolean, nullable=False)],
        {},
        "not_null",
        "yes",
        True,
    ),
    "NULL that is none any more": (
        lambda: [sa.Column("c", sa.String(20))],
        lambda: [sa.Column("c", sa.String(20), nullable=False)],
        {"c": None},
        "nulls",
        "literal:model",
        "model",
    ),
    "a text that is too long": (
        lambda: [sa.Column("c", sa.String(20), nullable=False)],
        lambda: [sa.Column("c", sa.String(3), nullable=False)],
        {"c": "\u00e9\u00e9\u00e9\u00e9"},
        "too_long",
        "sql:substr(c, 1, 3)",
        "\u00e9\u00e9\u00e9",
    ),
    "a number that is too large": (
        lambda: [sa.Column("c", sa.BigInteger)],
        lambda: [sa.Column("c", sa.Integer)],
        {"c": 2**40},
        "too_long",
        "-1",
        -1,
    ),
    "a value that an enum has no more": (
        lambda: [sa.Column("c", KINDS[0])],
        lambda: [sa.Column("c", KINDS[1])],
        {"c": "sent"},
        "enum_values",
        "paid",
        "paid",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_rows_get_what_was_said(live: sa.Engine, case: str) -> None:
    before, after, row, kind, said, becomes = CASES[case]
    make(live, thing(*before()), {"t": [{"id": 1, **row}]})
    models = thing(*after())
    found, open_ones = asked(live, models, Answers())
    if not any(isinstance(each, AlterColumn | AddColumn) for each in found.operations):
        # On SQLite, an integer has one size; an enum has a type of its own on
        # PostgreSQL, and none on SQLite.
        named = (live.dialect.name, kind)
        assert named in [
            ("sqlite", "too_long"),
            ("sqlite", "enum_values"),
            ("postgresql", "enum_values"),
        ]
        return

    [question] = open_ones.questions
    assert (question.kind, question.subject) == (kind, "t.c")

    found, open_ones = asked(live, models, Answers(default=(f"t.c={said}",)))
    assert open_ones.questions == () and not found.notes
    carry_out(live, execute_all(*found.operations))
    assert difference(live, models) == ()
    with live.connect() as connection:
        assert connection.scalar(sa.select(models.tables["t"].c["c"])) == becomes


def test_without_rows_nothing_is_asked(live: sa.Engine) -> None:
    make(live, thing())
    models = thing(sa.Column("c", sa.Integer, nullable=False))

    assert asked(live, models, Answers())[1].questions == ()
    # Another database may have some: it can be said beforehand.
    assert asked(live, models, Answers(default=("t.c=1",)))[1].used


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("t.c", "it is TABLE.COLUMN=VALUE"),
        ("t.c=x", "'x' is not a whole number"),
        ("t.c=model", "its model has no default"),
        ("t.c=sql:", "it says no SQL"),
        ("t.c=sql:nothing_like(it)", "the database refuses it: "),
        ("t.c=sql:no_column + 1", "the database refuses it: "),
    ],
)
def test_a_value_of_no_use(live: sa.Engine, said: str, reason: str) -> None:
    make(live, thing(), {"t": [{"id": 1}]})
    models = thing(sa.Column("c", sa.Integer, nullable=False))

    with pytest.raises(UnusableAnswer) as caught:
        asked(live, models, Answers(default=(said,)))
    assert reason in str(caught.value)


def test_many_rows_are_not_counted_to_the_end(live: sa.Engine) -> None:
    make(live, thing(), {"t": [{"id": each + 1} for each in range(10_050)]})
    if live.dialect.name == "postgresql":
        with live.begin() as connection:
            connection.execute(sa.text("ANALYZE t"))
    models = thing(sa.Column("c", sa.Integer, nullable=False))
    [question] = asked(live, models, Answers())[1].questions

    assert "more than 10,000 rows" in question.words or "about 10,0" in question.words
