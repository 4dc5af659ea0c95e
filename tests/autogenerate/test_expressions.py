"""Law: models with any expression get a script that runs, and then they do not differ.

A script that was written on one database runs on the others, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext.autogenerate.compare.schema import compare
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.script import render_reversed
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata
from flask_migrations_ext.schema.model import Schema

from .expressions import base_table
from .expressions import CONDITIONS
from .expressions import DEFAULTS
from .expressions import Form
from .expressions import NUMBERS
from .expressions import PARTS
from .expressions import TEXTS
from .test_no_difference_left import difference
from .test_no_difference_left import run_text
from .test_no_difference_left import said

WRITERS = ("sqlite", "postgresql+psycopg", "mariadb+pymysql")
WITHOUT_FUNCTIONAL_INDEXES = ("mysql", "mariadb")


def condition(form: Form) -> Callable[[sa.Table], None]:
    def add(table: sa.Table) -> None:
        table.append_constraint(sa.CheckConstraint(form(table.c), name="ck"))

    return add


def computed(form: Form, type_: Any) -> Callable[[sa.Table], None]:
    def add(table: sa.Table) -> None:
        made = sa.Computed(form(table.c), persisted=True)
        table.append_column(sa.Column("made", type_, made))

    return add


def default(type_: Any, value: Any) -> Callable[[sa.Table], None]:
    def add(table: sa.Table) -> None:
        table.append_column(sa.Column("given", type_, server_default=value))

    return add


def indexed(form: Form) -> Callable[[sa.Table], None]:
    def add(table: sa.Table) -> None:
        sa.Index("ix", form(table.c), table.c.m)

    return add


def partly(form: Form) -> Callable[[sa.Table], None]:
    def add(table: sa.Table) -> None:
        where = form(table.c)
        sa.Index("ix", table.c.m, postgresql_where=where, sqlite_where=where)

    return add


FORMS = {
    **{f"condition: {name}": condition(form) for name, form in CONDITIONS.items()},
    **{f"text: {name}": computed(form, sa.String(90)) for name, form in TEXTS.items()},
    **{f"number: {name}": computed(form, sa.Integer) for name, form in NUMBERS.items()},
    **{f"default: {name}": default(*pair) for name, pair in DEFAULTS.items()},
    **{f"index: {name}": indexed(form) for name, form in PARTS.items()},
    **{f"where: {name}": partly(form) for name, form in CONDITIONS.items()},
}

NOT_BY_SQLALCHEMY = {
    *("condition: bytes", "where: bytes"),  # it writes bytes as text
    "default: literal json",  # it has no literal for it
    "default: concatenation",  # it leaves out the brackets that SQLite asks for
    "index: case",  # it leaves out the brackets that PostgreSQL asks for
}
"""What ``create_all()`` cannot make, and our script can."""


def scripts(metadata: sa.MetaData, url: str) -> tuple[Any, Any]:
    """Return what a new database is told up and down, written for a kind of it."""
    dialect = sa.make_url(f"{url}://").get_dialect()()
    rules = rules_for(dialect)
    operations = compare(Schema(), read_metadata(metadata, rules.write), rules)
    options = RenderOptions(dialect=dialect_for(dialect))
    return render(operations, options), render_reversed(operations, options)


@pytest.mark.parametrize("name", FORMS)
def test_a_script_with_any_expression_runs_everywhere(
    connection: sa.Connection, name: str
) -> None:
    database = connection.dialect.name
    if name.startswith("index: ") and database in WITHOUT_FUNCTIONAL_INDEXES:
        pytest.skip("MariaDB has no indexes on expressions")
    metadata = sa.MetaData()
    FORMS[name](base_table(metadata))

    for writer in WRITERS:
        upgrade, downgrade = scripts(metadata, writer)
        run_text(connection, upgrade, None)

        assert said(difference(connection, metadata)) == [], upgrade.text
        run_text(connection, downgrade, None)

    if name in NOT_BY_SQLALCHEMY:
        return

    metadata.create_all(connection)
    connection.commit()
    assert said(difference(connection, metadata)) == []
