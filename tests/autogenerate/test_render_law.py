"""Law: run a written script into a recorder, and get the same operations."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

from flask_migrations_ext import op
from flask_migrations_ext.autogenerate.compare.schema import compare
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.executor import Recorder
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.base import reversed_all
from flask_migrations_ext.operations.columns import AlterColumn
from flask_migrations_ext.operations.columns import DropColumn
from flask_migrations_ext.operations.constraints import DropConstraint
from flask_migrations_ext.operations.enums import CreateEnum
from flask_migrations_ext.operations.enums import DropEnum
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.operations.indexes import DropIndex
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import CommentTable
from flask_migrations_ext.operations.tables import CreateTable
from flask_migrations_ext.operations.tables import DropTable
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata
from flask_migrations_ext.schema.model import KEPT
from tests.words import worded

from .scenarios import CHANGES
from .scenarios import CONVENTION

DIALECTS = [
    sqlite.dialect(),
    postgresql.dialect(),  # type: ignore[no-untyped-call]  # SQLAlchemy left its signature out
    mysql.dialect(),
]


def recorded(body: str, imports: Iterable[str]) -> list[Operation]:
    code = "\n".join(["import sqlalchemy as sa", *imports, "def change():", body])
    names: dict[str, object] = {"op": op}
    exec(compile(code, "<script>", "exec"), names)
    change = names["change"]
    assert callable(change)
    recorder = Recorder(CONVENTION)
    with running(recorder):
        change()

    return recorder.operations


def as_said(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Yield operations as a script can say them.

    A script does not say what was there before a drop, makes indexes after their
    table, and leaves enum types to the tables that use them.
    """
    for operation in operations:
        if isinstance(operation, AlterTable):
            yield from as_said(operation.operations)
        elif isinstance(operation, CreateTable):
            table = operation.table
            yield replace(operation, table=replace(table, indexes=()))
            yield from (CreateIndex(table.name, index) for index in table.indexes)
        elif isinstance(operation, DropTable | DropColumn):
            yield replace(operation, was=None)
        elif isinstance(operation, DropIndex | DropConstraint | DropEnum):
            yield replace(operation, was=None)
        elif isinstance(operation, AlterColumn):
            yield _alteration_as_said(operation)
        elif isinstance(operation, CommentTable):
            yield replace(operation, was=operation.was or KEPT)
        elif not isinstance(operation, CreateEnum):
            yield operation


def _alteration_as_said(operation: AlterColumn) -> AlterColumn:
    was = operation.was
    if operation.becomes.nullable is not KEPT:
        was = replace(was, nullable=KEPT)
    if was.comment is None:
        was = replace(was, comment=KEPT)

    return AlterColumn(
        operation.table,
        operation.name,
        operation.becomes,
        was,
        options=operation.options,
    )


@pytest.mark.parametrize("batch", [True, False], ids=["batch", "plain"])
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("name", CHANGES)
def test_a_script_says_the_operations_that_it_was_written_from(
    name: str, dialect: sa.Dialect, batch: bool
) -> None:
    before, after = (sa.MetaData(naming_convention=CONVENTION) for _ in "12")
    for build, metadata in zip(CHANGES[name], (before, after), strict=True):
        build(metadata)
    rules = rules_for(dialect)
    operations = compare(
        read_metadata(before, rules.write),
        read_metadata(after, rules.write),
        rules,
    )
    options = RenderOptions(render_as_batch=batch, dialect=dialect_for(dialect))

    for direction in (operations, reversed_all(operations)):
        body = render(direction, options)

        said_again = list(as_said(recorded(body.text, body.imports)))
        assert worded(said_again, rules.write) == worded(
            list(as_said(direction)), rules.write
        )
