"""Law: compare a thing with itself, or apply a difference, and none is left."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from flask_migrations_ext import op
from flask_migrations_ext.autogenerate.compare.schema import comparison
from flask_migrations_ext.autogenerate.compare.schema import Difference
from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.autogenerate.render.script import Body
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.script import render_reversed
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.executor import DatabaseExecutor
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.base import reversed_all
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata

from .scenarios import Build
from .scenarios import CHANGES
from .scenarios import column
from .scenarios import CONVENTION
from .scenarios import one_table
from .scenarios import SETS

pytestmark = pytest.mark.pairs("differences")

Convention = dict[str, str] | None
CONVENTIONS = [pytest.param(CONVENTION, id="named"), pytest.param(None, id="unnamed")]


def models(build: Build, convention: Convention) -> sa.MetaData:
    metadata = sa.MetaData(naming_convention=convention)
    build(metadata)
    return metadata


def difference(connection: sa.Connection, metadata: sa.MetaData) -> Difference:
    rules = rules_for(connection.dialect, connection)
    found = comparison(rules.read_database(connection), read_metadata(metadata), rules)
    connection.rollback()
    return found


def said(found: Difference) -> list[str]:
    return [*(describe(each) for each in found.operations), *found.notes]


def executors(
    connection: sa.Connection, convention: Convention
) -> Iterator[DatabaseExecutor]:
    executor = DatabaseExecutor(connection, dialect_for(connection.dialect, convention))
    with executor.transaction(), running(executor):
        yield executor


def carry_out(
    connection: sa.Connection, operations: Sequence[Operation], convention: Convention
) -> None:
    for executor in executors(connection, convention):
        for operation in operations:
            executor.execute(operation)


def run_text(connection: sa.Connection, body: Body, convention: Convention) -> None:
    code = "\n".join(
        ["import sqlalchemy as sa", *body.imports, "def change():", body.text]
    )
    names: dict[str, object] = {"op": op}
    exec(compile(code, "<script>", "exec"), names)
    change = names["change"]
    assert callable(change)
    for _ in executors(connection, convention):
        change()


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("name", SETS)
def test_a_database_made_from_the_models_does_not_differ(
    connection: sa.Connection, name: str, convention: Convention
) -> None:
    metadata = models(SETS[name], convention)
    metadata.create_all(connection)
    connection.commit()

    assert said(difference(connection, metadata)) == []


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("name", SETS)
def test_models_do_not_differ_from_themselves(
    connection: sa.Connection, name: str, convention: Convention
) -> None:
    schema = read_metadata(models(SETS[name], convention))
    # Nothing to ask, and nothing to read: as if the database had the models' words.
    rules = rules_for(connection.dialect)

    assert said(comparison(schema, schema, rules)) == []


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("name", CHANGES)
def test_applying_a_difference_leaves_none(
    connection: sa.Connection, name: str, convention: Convention
) -> None:
    before, after = (models(build, convention) for build in CHANGES[name])
    before.create_all(connection)
    connection.commit()
    operations = difference(connection, after).operations

    carry_out(connection, operations, convention)
    assert said(difference(connection, after)) == []

    carry_out(connection, reversed_all(operations), convention)
    assert said(difference(connection, before)) == []


@pytest.mark.parametrize("batch", [True, False], ids=["batch", "plain"])
@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("name", CHANGES)
def test_a_written_script_leaves_no_difference(
    connection: sa.Connection, name: str, convention: Convention, batch: bool
) -> None:
    if not batch and connection.dialect.name == "sqlite":
        pytest.skip("SQLite alters tables in batch blocks")
    before, after = (models(build, convention) for build in CHANGES[name])
    before.create_all(connection)
    connection.commit()
    operations = difference(connection, after).operations
    options = RenderOptions(
        render_as_batch=batch, dialect=dialect_for(connection.dialect)
    )

    run_text(connection, render(operations, options), convention)
    assert said(difference(connection, after)) == []

    run_text(connection, render_reversed(operations, options), convention)
    assert said(difference(connection, before)) == []


def test_a_long_constraint_without_a_name_goes_in_a_block() -> None:
    """SQLite keeps names of any length, and a script's two have to be one."""
    names = [f"a_column_with_quite_a_long_name_{each}" for each in range(3)]

    def models_of(*constraints: sa.Constraint) -> sa.MetaData:
        metadata = sa.MetaData()
        made = [sa.Column(each, sa.Integer) for each in names]
        sa.Table("t", metadata, *made, *constraints)
        return metadata

    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        models_of(sa.UniqueConstraint(*names)).create_all(connection)
        connection.commit()
        operations = difference(connection, models_of()).operations
        dialect = dialect_for(connection.dialect)
        options = RenderOptions(render_as_batch=True, dialect=dialect)

        run_text(connection, render(operations, options), None)

        assert said(difference(connection, models_of())) == []
    engine.dispose()


def test_an_enum_type_grows(connection: sa.Connection) -> None:
    before = models(one_table(column("c", sa.Enum("b", name="letters"))), CONVENTION)
    after = models(
        one_table(column("c", sa.Enum("aaa", "b", "c", name="letters"))), CONVENTION
    )
    before.create_all(connection)
    connection.commit()
    operations = difference(connection, after).operations

    assert operations
    run_text(connection, render(operations), CONVENTION)
    assert said(difference(connection, after)) == []
    run_text(connection, render_reversed(operations), CONVENTION)


def test_an_enum_that_grows_on_sqlite_grows_on_the_others(
    connection: sa.Connection,
) -> None:
    before = models(one_table(column("c", sa.Enum("b", name="letters"))), CONVENTION)
    after = models(
        one_table(column("c", sa.Enum("aaa", "b", "c", name="letters"))), CONVENTION
    )
    before.create_all(connection)
    connection.commit()
    with sa.create_engine("sqlite://").connect() as other:
        before.create_all(other)
        other.commit()
        operations = difference(other, after).operations
        body = render(operations, RenderOptions(dialect=dialect_for(other.dialect)))

    run_text(connection, body, CONVENTION)
    assert said(difference(connection, after)) == []
