"""What is renamed keeps its values, whatever else changes; the downgrade renames back.

On each database, with answers as a person gives them.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa
from hypothesis import strategies as st

from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.autogenerate.options import CompareOptions
from flask_migrations_ext.autogenerate.questions.answers import Answers
from flask_migrations_ext.autogenerate.questions.asking import asked_comparison
from flask_migrations_ext.autogenerate.questions.asking import Asking
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.base import reversed_all
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


def changes(
    engine: sa.Engine, models: sa.MetaData, rename: Sequence[str]
) -> tuple[Operation, ...]:
    """Return what migrate would write with these answers; nothing is left to ask."""
    with engine.connect() as connection:
        rules = rules_for(connection.dialect, connection)
        found, asked = asked_comparison(
            rules.read_database(connection, (None,)),
            read_metadata(models, rules.write),
            rules,
            CompareOptions(),
            Asking(Answers(rename=tuple(rename))),
        )
    assert asked.questions == ()
    assert len(asked.used) == len(set(rename))

    return found.operations


def words_of(operations: Sequence[Operation]) -> list[str]:
    return [describe(each) for each in operations]


def rows_of(engine: sa.Engine, table: sa.Table, names: Sequence[str]) -> list[Any]:
    with engine.connect() as connection:
        columns = [table.c[name] for name in names]
        found = connection.execute(sa.select(*columns).order_by(table.c["id"]))
        return [tuple(row) for row in found]


def table(metadata: sa.MetaData, name: str, columns: Mapping[str, Any]) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(each, kind) for each, kind in columns.items()),
    )


SHAPES = {
    "a swap": ("ab", "ba"),
    "a chain": ("ab", "bc"),
    "a circle of three": ("abc", "bca"),
    "a name and a swap": ("abc", "xcb"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_names_that_move(live: sa.Engine, shape: str) -> None:
    olds, news = SHAPES[shape]
    kinds = [sa.String(20), sa.Integer(), sa.Integer()]
    before, after = sa.MetaData(), sa.MetaData()
    was = table(before, "t", dict(zip(olds, kinds, strict=False)))
    now = table(after, "t", dict(zip(news, kinds, strict=False)))
    values = dict(zip(olds, ["x", 2, 3], strict=False))
    make(live, before, {"t": [{"id": 1, **values}]})

    operations = changes(
        live, after, [f"t.{a}={b}" for a, b in zip(olds, news, strict=True)]
    )
    carry_out(live, execute_all(*operations))
    assert words_of(difference(live, after)) == []
    assert rows_of(live, now, list(news)) == [tuple(values.values())]
    assert all("rename to" in each for each in words_of(operations))

    carry_out(live, execute_all(*reversed_all(operations)))
    assert words_of(difference(live, before)) == []
    assert rows_of(live, was, list(olds)) == [tuple(values.values())]


def test_tables_that_swap_their_names(live: sa.Engine) -> None:
    before, after = sa.MetaData(), sa.MetaData()
    table(before, "one", {"a": sa.Integer()})
    table(before, "other", {"b": sa.Integer()})
    now = table(after, "other", {"a": sa.Integer()})
    table(after, "one", {"b": sa.Integer()})
    make(live, before, {"one": [{"id": 1, "a": 5}]})
    operations = changes(live, after, ["one=other", "other=one"])

    carry_out(live, execute_all(*operations))
    assert words_of(difference(live, after)) == []
    assert rows_of(live, now, ["id", "a"]) == [(1, 5)]
    carry_out(live, execute_all(*reversed_all(operations)))
    assert words_of(difference(live, before)) == []


def library(
    people: str, person: str, email: str, length: int, *, checked: bool
) -> sa.MetaData:
    """Return tables that have of everything that mentions a column or a table."""
    metadata = sa.MetaData()
    sa.Table(
        people,
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(email, sa.String(length), nullable=False),
        sa.Column("at", sa.Integer, server_default="7"),
        sa.UniqueConstraint(email, name="uq_email"),
        sa.Index("ix_at", "at", email),
        *(
            [sa.CheckConstraint(f"{email} <> 'email'", name="ck_email")]
            if checked
            else []
        ),
    )
    sa.Table(
        "loan",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(person, sa.Integer, nullable=False),
        sa.Column("lender", sa.Integer),
        sa.ForeignKeyConstraint([person], [f"{people}.id"], name="fk_person"),
        sa.ForeignKeyConstraint(
            ["lender"], [f"{people}.id"], name="fk_lender", ondelete="CASCADE"
        ),
        sa.Index("ix_person", person),
        sa.Index("ix_lender", "lender"),
    )
    return metadata


ROWS: dict[str, list[dict[str, Any]]] = {
    "person": [{"id": 1, "email": "a@b.c"}, {"id": 2, "email": "email@b"}],
    "loan": [{"id": 1, "person_id": 2, "lender": 1}],
}


def test_a_table_with_all_that_mentions_it(live: sa.Engine) -> None:
    """Nothing but names is told to the database, of what only mentions them."""
    checked = live.dialect.name != "mariadb"  # where the text of a check is compared
    before = library("person", "person_id", "email", 50, checked=checked)
    after = library("people", "reader_id", "mail", 50, checked=checked)
    make(live, before, ROWS)
    operations = changes(
        live, after, ["person=people", "person.email=mail", "loan.person_id=reader_id"]
    )

    assert words_of(operations) == [
        "rename table person to people",
        "alter column loan.person_id: rename to reader_id",
        "alter column people.email: rename to mail",
    ]
    carry_out(live, execute_all(*operations))
    assert words_of(difference(live, after)) == []
    people, loan = after.tables["people"], after.tables["loan"]
    assert rows_of(live, people, ["mail", "at"]) == [("a@b.c", 7), ("email@b", 7)]
    assert rows_of(live, loan, ["reader_id", "lender"]) == [(2, 1)]
    with live.begin() as connection:
        connection.execute(loan.delete())
        connection.execute(people.delete())

    carry_out(live, execute_all(*reversed_all(operations)))
    assert words_of(difference(live, before)) == []


def test_a_rename_with_another_type_and_null(live: sa.Engine) -> None:
    before, after = sa.MetaData(), sa.MetaData()
    was = table(before, "t", {"a": sa.String(20)})
    now = sa.Table(
        "t",
        after,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("b", sa.String(60), nullable=False, server_default="x"),
    )
    make(live, before, {"t": [{"id": 1, "a": "it's 100% a:b"}]})
    operations = changes(live, after, ["t.a=b"])
    carry_out(live, execute_all(*operations))

    assert words_of(difference(live, after)) == []
    assert rows_of(live, now, ["b"]) == [("it's 100% a:b",)]
    carry_out(live, execute_all(*reversed_all(operations)))
    assert words_of(difference(live, before)) == []
    assert rows_of(live, was, ["a"]) == [("it's 100% a:b",)]


# -- any names -------------------------------------------------------------

NAMES = ["a", "b", "c", "d", "order", "Group", "a b", "a_before"]
KINDS: dict[str, tuple[Any, Any, list[Any]]] = {
    "number": (sa.Integer(), sa.BigInteger(), [0, -5, 70000]),
    "text": (sa.String(20), sa.String(80), ["", "x", "it's", "a:b %s", "\u00e9"]),
    "truth": (sa.Boolean(), sa.Boolean(), [True, False]),
}


@st.composite
def pairs(
    draw: st.DrawFn,
) -> tuple[list[tuple[str, str, str, bool]], list[list[Any]]]:
    """Return columns as old name, new name, kind and whether it grows; and rows."""
    old = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
    new = draw(
        st.one_of(
            st.permutations(old),
            st.permutations(NAMES).map(lambda names: names[: len(old)]),
        )
    )
    kinds = [draw(st.sampled_from(sorted(KINDS))) for _ in old]
    grown = [draw(st.booleans()) for _ in old]
    value = {name: st.sampled_from([None, *kind[2]]) for name, kind in KINDS.items()}
    rows = draw(
        st.lists(st.tuples(*(value[kind] for kind in kinds)), min_size=1, max_size=3)
    )
    columns = list(zip(old, new, kinds, grown, strict=True))
    return columns, [list(row) for row in rows]


@hypothesis.given(pairs())
@hypothesis.settings(
    max_examples=20,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
def test_no_value_is_lost_under_any_names(
    live: sa.Engine, pair: tuple[list[tuple[str, str, str, bool]], list[list[Any]]]
) -> None:
    columns, rows = pair
    before, after = sa.MetaData(), sa.MetaData()
    was = table(before, "t", {old: KINDS[kind][0] for old, _, kind, _ in columns})
    now = table(
        after, "t", {new: KINDS[kind][grows] for _, new, kind, grows in columns}
    )
    olds, news = [each[0] for each in columns], [each[1] for each in columns]
    with live.begin() as connection:
        before.create_all(connection)
        for place, row in enumerate(rows):
            connection.execute(
                was.insert().values({"id": place, **dict(zip(olds, row, strict=True))})
            )
    try:
        values = rows_of(live, was, olds)
        operations = changes(
            live,
            after,
            [f"t.{a}={b}" for a, b in zip(olds, news, strict=True) if a != b],
        )
        carry_out(live, execute_all(*operations))
        assert words_of(difference(live, after)) == []
        assert rows_of(live, now, news) == values

        carry_out(live, execute_all(*reversed_all(operations)))
        assert words_of(difference(live, before)) == []
        assert rows_of(live, was, olds) == values
    finally:
        with live.begin() as connection:
            connection.execute(sa.text("DROP TABLE t"))
