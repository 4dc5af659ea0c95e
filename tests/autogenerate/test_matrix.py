"""Every change of a model is found, written, made, undone, and leaves no difference."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from flask_migrations_ext.autogenerate.compare.schema import comparison
from flask_migrations_ext.autogenerate.compare.schema import Difference
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.script import render_reversed
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata

from .matrix import ROWS
from .test_no_difference_left import models
from .test_no_difference_left import run_text
from .test_no_difference_left import said


def difference(
    connection: sa.Connection, metadata: sa.MetaData, *others: sa.MetaData
) -> Difference:
    """Return what differs, in the schemas of these models and of others."""
    schemas = {
        table.schema for each in (metadata, *others) for table in each.tables.values()
    }
    rules = rules_for(connection.dialect, connection)
    found = rules.read_database(connection, sorted({None, *schemas}, key=str))
    said = comparison(found, read_metadata(metadata), rules)
    connection.rollback()
    return said


CASES = [(name, each) for name, row in ROWS.items() for each in row.databases]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_change_is_found_and_made_and_undone(
    name: str, kind: str, request: pytest.FixtureRequest
) -> None:
    row = ROWS[name]
    engine: sa.Engine = request.getfixturevalue(f"{kind}_engine")
    before, after = (
        models(build, convention)
        for build, convention in zip(
            (row.before, row.after), row.convention, strict=True
        )
    )
    with engine.connect() as connection:
        for schema in {each.schema for each in before.tables.values()} - {None}:
            connection.execute(sa.schema.CreateSchema(str(schema)))
        before.create_all(connection)
        connection.commit()
        assert said(difference(connection, before, after)) == []
        found = difference(connection, after, before)
        assert found.operations and not found.notes

        options = RenderOptions(
            render_as_batch=True, dialect=dialect_for(connection.dialect)
        )
        up = render(found.operations, options)
        down = render_reversed(found.operations, options)
        print(up.text, down.text, sep="\n----\n")
        run_text(connection, up, row.convention[1])
        assert said(difference(connection, after, before)) == []

        run_text(connection, down, row.convention[1])
        assert said(difference(connection, before, after)) == []
