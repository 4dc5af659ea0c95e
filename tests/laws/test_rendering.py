"""Law 3: what a rendered script says is what was rendered."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import fields
from dataclasses import replace

import pytest

from flask_migrations_ext import op
from flask_migrations_ext.autogenerate.compare.constraints import named
from flask_migrations_ext.autogenerate.compare.schema import compare
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.executor import Recorder
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import AddColumn
from flask_migrations_ext.operations.columns import AlterColumn
from flask_migrations_ext.operations.columns import DropColumn
from flask_migrations_ext.operations.constraints import AddConstraint
from flask_migrations_ext.operations.constraints import DropConstraint
from flask_migrations_ext.operations.enums import CreateEnum
from flask_migrations_ext.operations.enums import DropEnum
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.operations.indexes import DropIndex
from flask_migrations_ext.operations.sql import ExecuteSql
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import CommentTable
from flask_migrations_ext.operations.tables import CreateTable
from flask_migrations_ext.operations.tables import DropTable
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata
from flask_migrations_ext.schema.model import Column
from flask_migrations_ext.schema.model import Constraint
from flask_migrations_ext.schema.model import KEPT
from flask_migrations_ext.schema.model import shown
from tests.words import worded

from .case import Case
from .runs import SA_DIALECTS

pytestmark = pytest.mark.pairs("laws")

STYLES = (
    RenderOptions(),
    RenderOptions(render_as_batch=True),
    *(RenderOptions(dialect=dialect_for(each)) for each in SA_DIALECTS.values()),
)


def recorded(
    operations: Sequence[Operation], options: RenderOptions
) -> list[Operation]:
    """Return what a script does that these operations were rendered into."""
    body = render(operations, options)
    code = "\n".join(["import sqlalchemy as sa", *body.imports, "if True:", body.text])
    recorder = Recorder()
    with running(recorder):
        exec(compile(code, "<script>", "exec"), {"op": op})

    return recorder.operations


def said_alone(operations: Iterable[Operation]) -> list[Operation]:
    """Return operations as a script says them: one by one, of the past little.

    Whether a block is around some of them is a matter of style.
    """
    alone = [part for operation in operations for part in _parts(operation)]
    created = {
        enum
        for each in alone
        for column in _new_columns(each)
        if (enum := getattr(column.type.element, "name", None)) is not None
    }

    # What creates a column creates its enum type.
    return [
        _with_little_past(each)
        for each in alone
        if not (isinstance(each, CreateEnum) and each.name in created)
    ]


def _parts(operation: Operation) -> Iterator[Operation]:
    match operation:
        case AlterTable():
            for each in operation.operations:
                yield from _parts(each)
        case CreateTable():
            table = operation.table
            yield replace(operation, table=replace(table, indexes=()))
            for index in table.indexes:
                # Nobody waits for a table that is new.
                waits = [x for x in index.options if "_concurrently" not in x[0]]
                at_once = replace(index, options=tuple(waits))
                yield CreateIndex(table.name, at_once)
        case AddColumn():
            inline = operation.constraints if operation.inline_references else ()
            yield replace(operation, constraints=inline, indexes=())
            for constraint in operation.constraints:
                if constraint not in inline:
                    yield AddConstraint(operation.table, constraint)
            for index in operation.indexes:
                yield CreateIndex(operation.table, index)
        case _:
            yield operation


def _new_columns(operation: Operation) -> tuple[Column, ...]:
    if isinstance(operation, CreateTable):
        return operation.table.columns

    return (operation.column,) if isinstance(operation, AddColumn) else ()


def _with_little_past(operation: Operation) -> Operation:
    match operation:
        case DropIndex():
            schema = operation.table.schema if operation.table else operation.schema
            return replace(operation, was=None, schema=schema)
        case DropConstraint(name=None, was=Constraint() as was):
            # A block's naming convention leads from this name to the constraint.
            name = named(was, operation.table).name
            return replace(operation, was=None, name=name)
        case DropColumn() | DropConstraint() | DropTable() | DropEnum():
            return replace(operation, was=None)
        case CommentTable(was=None):
            # The argument existing_comment=None is that of who does not know.
            return replace(operation, was=KEPT)
        case AlterColumn(was=known):
            comment = KEPT if known.comment is None else known.comment
            # What may be NULL afterwards could not be before.
            nullable = known.nullable if operation.becomes.nullable is KEPT else KEPT
            facts = {
                field.name: getattr(operation, field.name)
                for field in fields(AlterColumn)
            }
            facts["was"] = replace(known, comment=comment, nullable=nullable)
            return AlterColumn(**facts)
        case ExecuteSql():
            return replace(operation, text=_sql(operation))
        case _:
            return operation


def _sql(operation: ExecuteSql) -> str:
    """Return a statement with its values: those are no part of its text."""
    dialect = dialect_for(SA_DIALECTS["postgresql"])
    statements = dialect.statements(operation, None)
    return "; ".join(dialect.text(statement) for statement in statements)


def test_a_rendered_script_does_the_same(script_case: Case) -> None:
    operations = script_case.operations()

    for style in STYLES:
        again = recorded(operations, style)

        write = style.dialect.write if style.dialect else shown
        assert worded(said_alone(again), write) == worded(said_alone(operations), write)


@pytest.mark.parametrize("name", SA_DIALECTS)
def test_a_rendered_difference_does_the_same(case: Case, name: str) -> None:
    rules = rules_for(SA_DIALECTS[name])
    start, after = read_metadata(case.start), read_metadata(case.after)

    for before, becomes in ((start, after), (after, start)):
        operations = compare(before, becomes, rules)

        for style in STYLES:
            again = recorded(operations, style)

            write = style.dialect.write if style.dialect else shown
            assert worded(said_alone(again), write) == worded(
                said_alone(operations), write
            )
