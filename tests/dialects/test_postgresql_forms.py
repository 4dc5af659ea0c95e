"""Whatever SQLAlchemy can declare for PostgreSQL is read, compared and written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext import op
from flask_migrations_ext.autogenerate.compare.schema import comparison
from flask_migrations_ext.autogenerate.compare.schema import Difference
from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.dialects.postgresql.catalog import PostgreSQLReader
from flask_migrations_ext.dialects.postgresql.inspected import InspectingReader
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.executor import DatabaseExecutor
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata
from flask_migrations_ext.schema.model import Schema

from ..conftest import disposed
from ..databases.servers import Server
from .postgresql_forms import count
from .postgresql_forms import EXTENSIONS
from .postgresql_forms import Form
from .postgresql_forms import forms
from .postgresql_forms import untried

# Whether an index is valid can only be read; views are no tables.
NEVER_DECLARED = {"Index-invalid", "CreateView-with"}

# The catalog says more than the inspector: collations and parameters in indexes, what
# is inherited, whose a sequence is, and of domains what is the domain's and what the
# column's.
SAYS_MORE = re.compile(
    "Index.*(collate|with-parameters|odd-desc)|Table-inherits$|column-sequence-default"
)
OF_DOMAINS = re.compile(r"name=pg\.DOMAIN-[134],")


@pytest.fixture(scope="module")
def place(postgresql_server: Server) -> Iterator[sa.Connection]:
    url = postgresql_server.create_database()
    for engine in disposed(sa.create_engine(url)):
        with engine.connect() as connection:
            yield connection
    postgresql_server.drop_database(url)


@pytest.fixture(scope="module")
def known(place: sa.Connection) -> dict[str, Form]:
    """The forms that this server can have."""
    query = sa.text("SELECT name FROM pg_available_extensions")
    there = set(place.execute(query).scalars())
    lacking = {kind for kind, needed in EXTENSIONS.items() if needed not in there}
    for needed in set(EXTENSIONS.values()) & there:
        place.exec_driver_sql(f"CREATE EXTENSION {needed}")
    place.commit()

    return forms(lacking)


def test_every_option_of_sqlalchemys_dialect_has_a_form() -> None:
    assert untried() <= NEVER_DECLARED


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_the_catalog_says_what_the_inspector_says(
    place: sa.Connection, known: dict[str, Form]
) -> None:
    differing = {}
    for name, build in known.items():
        metadata = sa.MetaData()
        build(metadata)
        with place.begin() as transaction:
            metadata.create_all(place)
            for schemas in [(None,), ("public",), (None, "public")]:
                own = parts(PostgreSQLReader(place).read(schemas))
                other = parts(InspectingReader(place).read(schemas))
                more = {
                    each
                    for each in set(own) ^ set(other)
                    if not OF_DOMAINS.search(each)
                }
                if more and not SAYS_MORE.match(name):
                    differing[name] = more
            transaction.rollback()

    assert count() > 500
    assert differing == {}


# SQLAlchemy passes over the class that is said of a text.
NOT_MADE: dict[str, set[str]] = {"create_all": {"Index-ops-text"}, "script": set()}


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_what_was_made_does_not_differ(
    place: sa.Connection, known: dict[str, Form]
) -> None:
    """By SQLAlchemy, or by the script for an empty database: both make the same."""
    differing: dict[str, Any] = {}
    for name, build in known.items():
        said = []
        for way, left_out in NOT_MADE.items():
            if name in left_out:
                continue
            metadata = sa.MetaData()
            build(metadata)
            with place.begin() as transaction:
                if way == "create_all":
                    metadata.create_all(place)
                else:
                    carry_out(place, metadata)
                found = difference(place, metadata)
                said.append(set(parts(PostgreSQLReader(place).read((None,)))))
                transaction.rollback()
            if found:
                lines = [*map(describe, found.operations), *found.notes]
                differing[f"{name} by {way}"] = lines
        if said[0] != said[-1]:
            differing[name] = said[0] ^ said[-1]

    assert differing == {}


def difference(connection: sa.Connection, metadata: sa.MetaData) -> Difference:
    rules = rules_for(connection.dialect, connection)
    return comparison(rules.read_database(connection), read_metadata(metadata), rules)


def carry_out(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Run the script that makes what the models say, in the caller's transaction."""
    dialect = dialect_for(connection.dialect)
    operations = difference(connection, metadata).operations
    body = render(operations, RenderOptions(dialect=dialect))
    code = ["import sqlalchemy as sa", *body.imports, "def change():", body.text]
    names: dict[str, Any] = {"op": op}
    exec(compile("\n".join(code), "<script>", "exec"), names)
    with running(DatabaseExecutor(connection, dialect)):
        names["change"]()


def parts(schema: Schema) -> list[str]:
    """Return what there is in the tables, as text: the values hold dictionaries."""
    found: list[Any] = []
    for table in schema.tables:
        for each in fields(table):
            value = getattr(table, each.name)
            several = value if isinstance(value, tuple) else [value]
            found += [f"{table.name} {each.name} {_plain(one)}" for one in several]

    return found


def _plain(value: object) -> str:
    # The inspector adds the schema, in quotes, to the names of sequences.
    text = repr(value).replace('"public".', "")
    # A default of 'now()', in quotes, is the moment at which the table was made.
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+", "moment", text)
    return re.sub(r"[\"'\\]", "", text)
