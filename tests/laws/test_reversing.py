"""Law 4: reversed twice is the original; there and back, a database is as it was."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.errors import Irreversible
from flask_migrations_ext.execution.current import running_executor
from flask_migrations_ext.execution.executor import Executor
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.base import reversed_all
from flask_migrations_ext.operations.enums import CreateEnum
from flask_migrations_ext.operations.enums import DropEnum
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.operations.indexes import DropIndex
from flask_migrations_ext.operations.rows import InsertRows
from flask_migrations_ext.operations.sql import ExecuteSql
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata
from flask_migrations_ext.schema.model import Schema

from .case import Case
from .column_cases import COLOR
from .known import with_past
from .looks import Look
from .looks import schemas_of
from .looks import structure
from .runs import carry_out
from .runs import make

pytestmark = pytest.mark.pairs("laws")


def test_there_and_back_a_database_is_as_it_was(case: Case, live: sa.Engine) -> None:
    make(live, case.start, case.rows)
    carry_out(live, lambda: None)
    with live.connect() as connection:
        before = structure(connection)
    done = run_with_past(live, case)
    if case.no_way_back is not None:
        return

    for operation in done:
        if isinstance(operation, ExecuteSql | InsertRows):
            with pytest.raises(Irreversible):
                operation.reversed()
        else:
            assert operation.reversed().reversed() == operation

    def go_back() -> None:
        for operation in reversed_all(tuple(done)):
            execute(operation)

    if not any(isinstance(each, ExecuteSql | InsertRows) for each in done):
        carry_out(live, go_back)

        assert look_at(live, done) == look_of(before, done)


def run_with_past(engine: sa.Engine, case: Case) -> list[Operation]:
    """Return what a script did, with all that was known of what it took away."""
    done: list[Operation] = []

    def run() -> None:
        # A revision may start again.
        done.clear()
        for operation in case.operations():
            schema = schema_of(running_executor("the law").connection, case)
            known = with_past(operation, schema, {"color": COLOR})
            execute(known)
            is_hedged = getattr(known, "if_exists", False)
            if not (is_hedged and getattr(known, "was", None) is None):
                done.append(known)

    carry_out(engine, run)
    return done


def schema_of(connection: sa.Connection, case: Case) -> Schema:
    """Return a database as a script that autogenerate writes would know it."""
    rules = rules_for(connection.dialect, connection)
    read = rules.read_database(connection, schemas_of(connection))
    models = read_metadata(case.start).by_name

    return Schema.of(
        rules.prepared(each, models.get(each.name)) for each in read.tables
    )


def execute(operation: Operation) -> None:
    """Carry out an operation, outside of a transaction if it has to be."""
    executor: Executor = running_executor("the law")
    if is_concurrent(operation):
        with executor.autocommit_block():
            executor.execute(operation)
    else:
        executor.execute(operation)


def is_concurrent(operation: Operation) -> bool:
    match operation:
        case CreateIndex():
            index = operation.index
        case DropIndex(was=was) if was is not None:
            index = was
        case _:
            return False

    return "postgresql_concurrently" in dict(index.options)


def look_at(engine: sa.Engine, done: list[Operation]) -> Look:
    with engine.connect() as connection:
        return look_of(structure(connection), done)


def look_of(look: Look, done: list[Operation]) -> Look:
    # A type that came with a table stays when that goes:
    # docs/decisions/0009-enum-types-are-dropped-by-name.md
    if any(isinstance(each, CreateEnum | DropEnum) for each in done):
        return look

    return {key: value for key, value in look.items() if not key.startswith("enums")}


def test_reversed_twice_an_operation_is_itself(script_case: Case) -> None:
    for operation in script_case.operations():
        try:
            back = operation.reversed()
        except Irreversible:
            continue

        assert back.reversed() == operation
