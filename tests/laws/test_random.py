"""Law 1 over models that nobody thought of: from any to any other, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import hypothesis
import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy.pool import StaticPool

from flask_migrations_ext.operations.base import reversed_all
from tests.databases.servers import Server

from .runs import carry_out
from .runs import difference
from .runs import engine_for
from .runs import execute_all
from .runs import make
from .runs import said

TABLES = ("apple", "Pear", "order")
COLUMNS = ("a", "b", "Group", "it's")
TYPES: dict[str, tuple[sa.types.TypeEngine[Any], tuple[Any, ...]]] = {
    "integer": (sa.Integer(), ("7", sa.text("-1"))),
    "big": (sa.BigInteger(), ("7",)),
    "short": (sa.String(10), ("", "it's 5% :x", sa.text("'x'"))),
    "long": (sa.String(40), ("x",)),
    "text": (sa.Text(), ()),
    "number": (sa.Numeric(8, 2), ("1.50", sa.text("0"))),
    "boolean": (sa.Boolean(), (sa.true(), sa.false())),
    "date": (sa.Date(), ("2020-01-31",)),
    "moment": (sa.DateTime(), (sa.func.now(),)),
    "bytes": (sa.LargeBinary(), ()),
}
"""Types by name, each with defaults that a server may put into such a column."""

# What can be a part of an index or a key on every database.
INDEXABLE = ("integer", "big", "short", "long", "number", "boolean", "date")


@dataclass(frozen=True)
class ColumnPlan:
    """What a column is to be; ``default`` is the place of one in TYPES."""

    name: str
    type: str
    nullable: bool
    default: int | None


@dataclass(frozen=True)
class TablePlan:
    """What a table is to be; all but ``columns`` name columns of it."""

    name: str
    columns: tuple[ColumnPlan, ...]
    indexes: tuple[tuple[tuple[str, ...], bool], ...]
    uniques: tuple[tuple[str, ...], ...]
    references: tuple[tuple[str, str | None], ...]


ACTIONS = (None, "CASCADE", "SET NULL")


@st.composite
def table_plans(
    draw: st.DrawFn, name: str, others: tuple[str, ...], types: tuple[str, ...]
) -> TablePlan:
    columns = tuple(
        ColumnPlan(
            column,
            (kind := draw(st.sampled_from(types))),
            draw(st.booleans()),
            draw(st.sampled_from([None, *range(len(TYPES[kind][1]))])),
        )
        for column in draw(st.lists(st.sampled_from(COLUMNS), unique=True))
    )
    able = [column.name for column in columns if column.type in INDEXABLE]
    groups = st.lists(st.sampled_from(able), unique=True, min_size=1, max_size=2).map(
        tuple
    )
    several = (
        st.lists(groups, unique=True, max_size=2).map(tuple) if able else st.just(())
    )
    return TablePlan(
        name,
        columns,
        tuple((group, draw(st.booleans())) for group in draw(several)),
        draw(several),
        tuple(
            (other, draw(st.sampled_from(ACTIONS)))
            for other in draw(
                st.lists(st.sampled_from(others), unique=True, max_size=2)
            )
        ),
    )


@st.composite
def plans(
    draw: st.DrawFn, types: tuple[str, ...] = tuple(TYPES)
) -> tuple[TablePlan, ...]:
    names = tuple(draw(st.lists(st.sampled_from(TABLES), unique=True, min_size=1)))
    return tuple(draw(table_plans(name, names, types)) for name in names)


def models(plan: tuple[TablePlan, ...]) -> sa.MetaData:
    """Return the models of a plan; keys and indexes have names, as in an app."""
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    for table in plan:
        sa.Table(table.name, metadata, *_items(table))

    return metadata


def _items(table: TablePlan) -> Iterator[sa.schema.SchemaItem]:
    yield sa.Column("id", sa.Integer, primary_key=True)
    for column in table.columns:
        kind, defaults = TYPES[column.type]
        default = None if column.default is None else defaults[column.default]
        yield sa.Column(
            column.name, kind, nullable=column.nullable, server_default=default
        )
    for other, action in table.references:
        yield sa.Column(f"{other}_id", sa.Integer)
        yield sa.ForeignKeyConstraint(
            [f"{other}_id"],
            [f"{other}.id"],
            ondelete=action,
        )
        # MariaDB makes such an index itself where there is none.
        yield sa.Index(f"ix_{table.name}_{other}_id", f"{other}_id")
    for columns, unique in table.indexes:
        yield sa.Index(f"ix_{table.name}_{'_'.join(columns)}", *columns, unique=unique)
    for columns in table.uniques:
        yield sa.UniqueConstraint(*columns)


def from_one_to_another_and_back(
    engine: sa.Engine, before: tuple[TablePlan, ...], after: tuple[TablePlan, ...]
) -> None:
    one, other = models(before), models(after)
    make(engine, one)

    assert said(difference(engine, one)) == []

    operations = difference(engine, other)
    carry_out(engine, execute_all(*operations))

    assert said(difference(engine, other)) == []

    carry_out(engine, execute_all(*reversed_all(operations)))

    assert said(difference(engine, one)) == []


@hypothesis.settings(max_examples=60)
@hypothesis.given(plans(), plans())
def test_from_any_models_to_any_others_and_back(
    before: tuple[TablePlan, ...], after: tuple[TablePlan, ...]
) -> None:
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    try:
        from_one_to_another_and_back(engine, before, after)
    finally:
        engine.dispose()


def test_from_any_models_to_any_others_and_back_on_servers(
    server: Server,
) -> None:
    # On MariaDB, an index would have to go before its column becomes text.
    @hypothesis.settings(max_examples=8)
    @hypothesis.given(plans(INDEXABLE), plans(INDEXABLE))
    def check(before: tuple[TablePlan, ...], after: tuple[TablePlan, ...]) -> None:
        with new_database(server) as engine:
            from_one_to_another_and_back(engine, before, after)

    check()


@contextmanager
def new_database(server: Server) -> Iterator[sa.Engine]:
    url = server.create_database()
    try:
        with engine_for(url) as engine:
            yield engine
    finally:
        server.drop_database(url)
