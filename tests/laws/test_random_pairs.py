"""Law 1 over pairs of tables that nobody thought of, with rows, as scripts are written.

A difference that is applied leaves none. Undone, the schema is what it was, and so is
every value of a column that stayed.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa
from hypothesis import strategies as st

from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.script import render_reversed
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.dialects.registry import dialect_for
from tests.autogenerate.test_no_difference_left import run_text

from .runs import difference
from .runs import make
from .runs import said


def _enum(*values: str, **keywords: Any) -> Callable[[], sa.types.TypeEngine[Any]]:
    return lambda: sa.Enum(*values, **keywords)


NAMES: dict[str, object] = {
    "a": 5,
    "b": "x",
    "Group": "a",
    "day": datetime.date.today(),
}
"""The columns, each with a value that all of its types and conditions take."""

_PLAIN = {"name": "words", "native_enum": False, "length": 9}
_CHECKED = {**_PLAIN, "name": "checked", "create_constraint": True}
KINDS: dict[str, dict[str, Callable[[], sa.types.TypeEngine[Any]]]] = {
    "a": {
        "integer": sa.Integer,
        "big": sa.BigInteger,
        "number": lambda: sa.Numeric(8, 2),
        "precise": lambda: sa.Numeric(9, 3),
    },
    "b": {
        "short": lambda: sa.String(10),
        "long": lambda: sa.String(40),
        "plain": _enum("x", "y", **_PLAIN),
        "checked": _enum("x", "y", **_CHECKED),
        "checked more": _enum("w", "x", "it's", **_CHECKED),
    },
    "Group": {
        "short": lambda: sa.String(10),
        "ab": _enum("a", "b", name="letters"),
        "cba": _enum("c", "b", "a", name="letters"),
        "a": _enum("a", name="letters"),
    },
    "day": {"date": sa.Date, "moment": sa.DateTime},
}
CONDITIONS: dict[str, tuple[Callable[[Any], Any], ...]] = {
    "a": (lambda c: c > 3, lambda c: c.between(1, 9)),
    "b": (lambda c: c != "it's 5%", lambda c: c.in_(["x", "y"])),
    "Group": (lambda c: c == "a", lambda c: sa.or_(c == "a", c.is_(None))),
    "day": (
        lambda c: c != sa.literal_column("'1999-01-01'"),
        lambda c: c > sa.literal_column("'1999-01-01'"),
    ),
}
DEFAULTS = {"a": "5", "b": "x", "Group": "a", "day": "2020-01-31"}


@dataclass(frozen=True)
class ColumnPlan:
    """What a column is to be; ``check`` is the place of its condition."""

    kind: str
    nullable: bool
    default: bool
    comment: str | None
    check: int | None
    is_named: bool
    index: str | None


@dataclass(frozen=True)
class Plan:
    """What the table is to be; ``key``: whether it has two columns in its key."""

    columns: tuple[tuple[str, ColumnPlan], ...]
    computed: str | None
    key: bool
    comment: str | None

    @property
    def named(self) -> dict[str, ColumnPlan]:
        """The columns by name."""
        return dict(self.columns)


def _columns(name: str) -> st.SearchStrategy[tuple[str, ColumnPlan]]:
    column = st.builds(
        ColumnPlan,
        kind=st.sampled_from(sorted(KINDS[name])),
        nullable=st.booleans(),
        default=st.booleans(),
        comment=st.sampled_from((None, "it's 5% :c")),
        check=st.sampled_from((None, None, 0, 1)),
        is_named=st.booleans(),
        index=st.sampled_from((None, None, "index", "unique", "constraint")),
    )
    return st.tuples(st.just(name), column)


PLANS: st.SearchStrategy[Plan] = st.builds(
    Plan,
    columns=st.lists(st.sampled_from(sorted(NAMES)), unique=True)
    .map(sorted)
    .flatmap(lambda names: st.tuples(*map(_columns, names))),
    computed=st.sampled_from((None, "n + 1", "n * 2")),
    key=st.booleans(),
    comment=st.sampled_from((None, "a table")),
)


def models(plan: Plan) -> sa.MetaData:
    """Return the models of a plan."""
    metadata = sa.MetaData()
    sa.Table("thing", metadata, *_items(plan), comment=plan.comment)
    return metadata


def _items(plan: Plan) -> Iterator[sa.schema.SchemaItem]:
    yield sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)
    yield sa.Column(
        "n", sa.Integer, primary_key=plan.key, nullable=False, autoincrement=False
    )
    if plan.computed:
        yield sa.Column("c", sa.Integer, sa.Computed(plan.computed, persisted=True))
    for name, column in plan.columns:
        yield sa.Column(
            name,
            KINDS[name][column.kind](),
            # Where there are rows, there has to be something to fill a column with.
            nullable=column.nullable or not column.default,
            server_default=DEFAULTS[name] if column.default else None,
            comment=column.comment,
        )
        if column.check is not None:
            condition = CONDITIONS[name][column.check](sa.column(name))
            yield sa.CheckConstraint(
                condition, name=f"ck_{name}" if column.is_named else None
            )
        if column.index == "constraint":
            yield sa.UniqueConstraint(name, "id", name=f"uq_{name}")
        elif column.index is not None:
            yield sa.Index(f"ix_{name}", name, "id", unique=column.index == "unique")


def rows(plan: Plan) -> list[dict[str, object]]:
    """Return rows that tables of all plans take."""
    values = {name: NAMES[name] for name, _ in plan.columns}
    return [{"id": 1, "n": 10, **values}, {"id": 2, "n": 20, **values}]


def there_and_back(engine: sa.Engine, before: Plan, after: Plan) -> None:
    one, other = models(before), models(after)
    make(engine, one, {"thing": rows(before)})
    assert said(difference(engine, one)) == []

    operations = difference(engine, other)
    options = RenderOptions(dialect=dialect_for(engine.dialect))
    kept = [
        name
        for name, column in after.columns
        if name in before.named and column.kind == before.named[name].kind
    ]
    values = _values(engine, kept)

    with engine.connect() as connection:
        run_text(connection, render(operations, options), None)
    assert said(difference(engine, other)) == []
    assert _values(engine, kept) == values

    with engine.connect() as connection:
        run_text(connection, render_reversed(operations, options), None)
    assert said(difference(engine, one)) == []
    assert _values(engine, kept) == values


def _values(engine: sa.Engine, names: list[str]) -> list[Any]:
    columns: list[sa.ColumnClause[Any]] = [
        sa.column(name) for name in ("id", "n", *names)
    ]
    query = sa.select(*columns).select_from(sa.table("thing")).order_by(sa.column("id"))
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def emptied(engine: sa.Engine) -> None:
    """Take away what a pair has left, types included."""
    with engine.begin() as connection:
        metadata = sa.MetaData()
        metadata.reflect(connection)
        metadata.drop_all(connection)
        for enum in getattr(sa.inspect(connection), "get_enums", list)():
            connection.execute(sa.text(f'DROP TYPE "{enum["name"]}"'))


def test_any_table_becomes_any_other_and_comes_back(engine: sa.Engine) -> None:
    some = 40 if engine.dialect.name == "sqlite" else 8

    @hypothesis.settings(max_examples=some)
    @hypothesis.given(PLANS, PLANS)
    def check(before: Plan, after: Plan) -> None:
        try:
            there_and_back(engine, before, after)
        finally:
            emptied(engine)

    check()


@pytest.mark.parametrize("name", NAMES)
def test_the_plans_differ_in_each_column(name: str) -> None:
    # Of kinds that are one to a database, a pair would show nothing.
    assert len(KINDS[name]) > 1 and len(CONDITIONS[name]) > 1
