"""The order of changes, where another one would fail or do more than is needed."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect

from flask_migrations_ext.autogenerate.compare.schema import compare
from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.script import render_reversed
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.base import reversed_all
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata

from .scenarios import CHANGES

BATCH = RenderOptions(render_as_batch=True)


def operations_of(name: str, dialect: Dialect) -> tuple[Operation, ...]:
    before, after = (sa.MetaData(), sa.MetaData())
    for build, metadata in zip(CHANGES[name], (before, after), strict=True):
        build(metadata)

    return compare(
        read_metadata(before), read_metadata(after), rules_for(dialect, None)
    )


@pytest.mark.parametrize(
    "name",
    ["a new table points to a new column", "a table points to one that changes, too"],
)
def test_each_table_is_changed_in_one_place(name: str) -> None:
    """On SQLite each place is a rebuild."""
    operations = operations_of(name, sqlite.dialect())

    for body in (render(operations, BATCH), render_reversed(operations, BATCH)):
        places = re.findall(r'(?:_table)\(\s*"(\w+)"', body.text)
        assert sorted(places) == sorted({"old", *places})


def test_an_index_goes_before_its_column_grows_out_of_it() -> None:
    """MySQL has no index on a long text without a length."""
    operations = operations_of(
        "an indexed text grows out of its index", mysql.dialect()
    )

    said = [" ".join(describe(each).split()[:2]) for each in operations]
    assert said == ["create index", "drop unique", "drop index", "alter column"]
    back = [" ".join(describe(each).split()[:2]) for each in reversed_all(operations)]
    assert back == ["alter column", "create index", "add unique", "drop index"]


def test_the_index_that_a_key_makes_on_mysql_goes_with_it() -> None:
    operations = operations_of("a key to itself", mysql.dialect())

    said = [describe(each) for each in operations]
    assert [each.partition(" on ")[0] for each in said] == [
        "create index fk_thing_b_thing",
        "add foreign key fk_thing_b_thing",
    ]
    assert len(operations_of("a key to itself", sqlite.dialect())) == 1
