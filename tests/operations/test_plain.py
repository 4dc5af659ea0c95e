"""Law: what is said without a table is what a table would have said of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

from flask_migrations_ext.dialects.sqlite.dialect import SQLite
from flask_migrations_ext.dialects.sqlite.editor import TableEditor
from flask_migrations_ext.operations import from_arguments
from flask_migrations_ext.operations.columns import AddColumn
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.operations.indexes import DropIndex
from flask_migrations_ext.schema.copies import copied_column
from flask_migrations_ext.schema.from_sqlalchemy import is_plain_column
from flask_migrations_ext.schema.from_sqlalchemy import read_column
from flask_migrations_ext.schema.from_sqlalchemy import read_table
from flask_migrations_ext.schema.model import Index
from flask_migrations_ext.schema.model import PrimaryKey
from flask_migrations_ext.schema.model import TableName

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
}
DIALECT = SQLite(sqlite.dialect())


class Wrapped(sa.types.TypeDecorator[str]):
    impl = sa.Enum("a", "b", name="kind")
    cache_ok = True


types: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(sa.Integer, sa.String(20), sa.Text(collation="NOCASE"), sa.Numeric(10, 2)),
        *(sa.Boolean(), sa.Boolean(create_constraint=True, name="c"), sa.JSON()),
        sa.Enum("a", "b", name="kind", create_constraint=True),
        sa.String(3).with_variant(sa.Enum("a", name="of"), "sqlite"),
        sa.Integer().with_variant(sa.BigInteger(), "postgresql"),
        *(Wrapped(), postgresql.ENUM("x", name="e"), postgresql.ARRAY(sa.Integer)),
    ]
)
options = st.fixed_dictionaries(
    {},
    optional={
        "nullable": st.booleans(),
        "unique": st.booleans(),
        "index": st.booleans(),
        "primary_key": st.booleans(),
        "default": st.sampled_from([1, None, list, sa.func.now()]),
        "server_default": st.sampled_from(
            ["it's", "", sa.text("1 + 1"), sa.func.now(), sa.FetchedValue(), None]
        ),
        "comment": st.sampled_from([None, "what"]),
        "key": st.just("other"),
        "autoincrement": st.sampled_from(["auto", True, False]),
        "sqlite_on_conflict_not_null": st.just("FAIL"),
    },
)
extras: st.SearchStrategy[list[Callable[[], Any]]] = st.lists(
    st.sampled_from(
        [
            lambda: sa.ForeignKey("o.id"),
            lambda: sa.CheckConstraint("c > 1"),
            lambda: sa.Computed("1 + 1"),
            sa.Identity,
        ]
    ),
    max_size=1,
)


@st.composite
def columns(draw: st.DrawFn) -> sa.Column[Any]:
    name = draw(st.sampled_from(["c", "a b", "select", 'x"y', "50%"]))
    made = [make() for make in draw(extras)]
    chosen: dict[str, Any] = draw(options)
    if any(isinstance(each, sa.Computed | sa.Identity) for each in made):
        chosen.pop("server_default", None)
        chosen.pop("autoincrement", None)
    return sa.Column(name, draw(types), *made, **chosen)


def by_way_of_a_table(column: sa.Column[Any]) -> AddColumn:
    stub = from_arguments.sa_table_of("t", [column], schema=None, convention=CONVENTION)
    read = read_table(stub)

    return AddColumn(
        TableName("t"),
        read_column(next(iter(stub.columns))),
        constraints=tuple(
            each for each in read.constraints if not isinstance(each, PrimaryKey)
        ),
        indexes=read.indexes,
    )


@given(columns())
def test_a_column(column: sa.Column[Any]) -> None:
    # Of a column in a table, a copy has no foreign keys any more.
    copy, other, is_plain = (
        copied_column(column),
        copied_column(column),
        is_plain_column(column),
    )
    added = from_arguments.add_column(CONVENTION, "t", column)

    assert added == by_way_of_a_table(copy)
    if is_plain:
        editor = TableEditor(DIALECT, DIALECT.build, TableName("t"))
        said = editor.addition(added)
        in_table = sa.Table("t", sa.MetaData(), other)
        (own,) = in_table.columns
        text = DIALECT.compiled(sa.schema.CreateColumn(own))
        assert (said.column.text, said.others) == (text, ())


def test_a_column_that_is_listened_to_has_a_table() -> None:
    met = []
    column = sa.Column("c", sa.Integer)
    sa.event.listen(column, "after_parent_attach", lambda *given: met.append(given))

    from_arguments.add_column(None, "t", column)

    assert len(met) == 1


NAMES = ["i", "a b", "select", 'x"y', "50%", sa.sql.elements.quoted_name("q", True)]


@pytest.mark.parametrize("schema", [None, "main", "other one"])
@pytest.mark.parametrize("unique", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_an_index(name: str, unique: bool, schema: str | None) -> None:
    table = TableName("from", schema)
    for parts in (("a",), ("a b", "order"), tuple(NAMES)):
        index = Index(name, parts, unique=unique)
        (made,) = DIALECT.statements(CreateIndex(table, index), None)
        built = DIALECT.build.index(index, table)
        assert DIALECT.text(made) == DIALECT.compiled(sa.schema.CreateIndex(built))

    (dropped,) = DIALECT.statements(DropIndex(table, name), None)
    assert DIALECT.text(dropped) == DIALECT.compiled(sa.schema.DropIndex(built))
