"""SQL in scripts is in the words of the database, and each database gets its own."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from flask_migrations_ext import op
from flask_migrations_ext.autogenerate.compare.schema import compare
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.errors import InvalidArgument
from flask_migrations_ext.errors import UnsupportedExpression
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata
from flask_migrations_ext.schema.model import Schema


class utc_now(FunctionElement[Any]):
    """A function of the app's own, which it writes for PostgreSQL only."""

    type = sa.DateTime()
    inherit_cache = True


@compiles(utc_now, "postgresql")
def _compile(element: Any, compiler: Any, **keywords: Any) -> str:
    return "timezone('utc', now())"


def written(metadata: sa.MetaData, database: str) -> str:
    """Return the script for a new database of a kind, without its line breaks."""
    sa_dialect = sa.make_url(f"{database}://").get_dialect()()
    rules = rules_for(sa_dialect)
    operations = compare(Schema(), read_metadata(metadata, rules.write), rules)
    body = render(operations, RenderOptions(dialect=dialect_for(sa_dialect)))

    return " ".join(body.text.split())


def table_with(*parts: Any, **columns: sa.Column[Any]) -> sa.Table:
    table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.String(9)))
    for name, column in columns.items():
        column.name = name
        table.append_column(column)
    return table


@pytest.mark.parametrize(
    "database, text",
    [
        ("sqlite", "op.text(\"a || 'x'\", mysql=\"concat(a, 'x')\")"),
        ("postgresql", "op.text(\"a || 'x'\", mysql=\"concat(a, 'x')\")"),
        (
            "mysql",
            "op.text( \"concat(a, 'x')\","
            " sqlite=\"a || 'x'\", postgresql=\"a || 'x'\", )",
        ),
    ],
)
def test_a_script_says_what_each_database_is_told(database: str, text: str) -> None:
    table = table_with()
    table.append_column(sa.Column("b", sa.String(9), sa.Computed(table.c.a + "x")))

    assert text.replace("( ", "(").replace(", )", ")") in written(
        table.metadata, database
    ).replace("( ", "(").replace(", )", ")")


def test_what_all_say_alike_is_plain_text() -> None:
    table = table_with()
    table.append_constraint(sa.CheckConstraint(sa.func.length(table.c.a) > 3))

    assert 'sa.CheckConstraint("length(a) > 3")' in written(table.metadata, "sqlite")


def test_options_of_one_database_are_in_its_words_everywhere() -> None:
    table = table_with(on=sa.Column(sa.Boolean))
    sa.Index("ix", "a", _table=table, postgresql_where=table.c["on"].is_(True))

    assert 'postgresql_where=sa.text("\\"on\\" IS true")'.replace(
        '"\\"on\\" IS true"', "'\"on\" IS true'"
    ) in written(table.metadata, "sqlite")


def test_an_app_says_a_function_of_its_own() -> None:
    table = table_with(at=sa.Column(sa.DateTime, server_default=utc_now()))

    assert "timezone('utc', now())" in written(table.metadata, "postgresql")


@pytest.mark.parametrize(
    "default",
    [utc_now(), sa.Sequence("numbers").next_value()],
    ids=["of the app", "sequence"],
)
def test_what_a_database_has_no_words_for_is_refused(default: Any) -> None:
    table = table_with(at=sa.Column(sa.DateTime, server_default=default))

    with pytest.raises(UnsupportedExpression, match="column 'at' of table 't'") as info:
        written(table.metadata, "sqlite")
    assert "0x" not in str(info.value)


def test_what_compares_two_defaults_names_the_column_too() -> None:
    rules = rules_for(sa.make_url("sqlite://").get_dialect()())
    before = table_with(at=sa.Column(sa.DateTime))
    after = table_with(at=sa.Column(sa.DateTime, server_default=utc_now()))

    with pytest.raises(UnsupportedExpression, match="column 'at' of table 't'"):
        compare(
            read_metadata(before.metadata, rules.write),
            read_metadata(after.metadata, rules.write),
            rules,
        )


@pytest.mark.parametrize(
    "database, told",
    [("sqlite", "a:b"), ("mysql", "5 % 2"), ("mariadb", "5 % 2"), ("postgresql", "p")],
)
def test_each_database_is_told_its_own_text(database: str, told: str) -> None:
    dialect = sa.make_url(f"{database}://").get_dialect()()
    element = op.text("a:b", mysql="5 % 2", postgresql="p")

    assert dialect_for(dialect).write(element) == told


def test_a_name_of_no_database_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="postgres'"):
        op.text("a", postgres="b")


def test_a_database_whose_type_cannot_take_a_value_is_left_out() -> None:
    table = table_with(
        day=sa.Column(sa.Date, server_default=sa.cast("2020-01-01", sa.Date))
    )

    text = written(table.metadata, "postgresql")

    assert "CAST('2020-01-01' AS DATE)" in text
    with pytest.raises(UnsupportedExpression, match="only accepts"):
        written(table.metadata, "sqlite")


@pytest.mark.parametrize(
    "keywords",
    [
        {"check": "VALUE > 0"},
        {"check": r"VALUE ~ '^\\d{5}%$'", "constraint_name": "Five", "collation": "C"},
        {"not_null": True, "default": "'x'"},
        {"check": sa.text(r"VALUE <> '\:x'"), "create_type": False, "schema": "other"},
    ],
    ids=lambda each: "-".join(each),
)
def test_a_domain_is_written_with_all_that_it_demands(keywords: dict[str, Any]) -> None:
    domain = postgresql.DOMAIN("kind", sa.String(5), **keywords)

    text = written(table_with(kind=sa.Column(domain)).metadata, "postgresql")

    said = re.search(r"postgresql\.DOMAIN\((?:[^()]|\([^()]*\))*\)", text)
    assert said is not None
    made = eval(said[0], {"postgresql": postgresql, "sa": sa})
    for name in keywords:
        assert str(getattr(made, name)) == str(getattr(domain, name))


def test_a_pickle_is_written_with_what_it_is_built_on() -> None:
    long = sa.PickleType(impl=sa.LargeBinary(99))
    table = table_with(b=sa.Column(sa.PickleType), c=sa.Column(long))

    text = written(table.metadata, "sqlite")

    assert "sa.PickleType()" in text
    assert "sa.PickleType(impl=sa.LargeBinary(length=99))" in text
