"""Which enum types a change needs first, and which nothing needs afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

from ...dialects.comparison import ComparisonRules
from ...dialects.types import enums_within
from ...dialects.types import EnumType
from ...operations.base import Operation
from ...operations.columns import AddColumn
from ...operations.columns import AlterColumn
from ...operations.enums import CreateEnum
from ...operations.enums import DropEnum
from ...operations.tables import CreateTable
from ...schema.model import Column
from ...schema.model import Kept
from ...schema.model import Schema
from ...schema.model import SqlType

_Key = tuple[str | None, str]


def enum_operations(
    operations: Sequence[Operation],
    database: Schema,
    models: Schema,
    kept: Iterable[Column],
    rules: ComparisonRules,
) -> tuple[list[CreateEnum], list[DropEnum]]:
    """Return what to do before and after the other operations.

    :param database: all that is in the database.
    :param kept: the columns of the database that stay.
    """
    types_needed = [_types_of(operation) for operation in operations]
    needed = _by_key(rules, (each for types in types_needed for each in types))
    after = {**_by_key(rules, (column.type for column in kept)), **needed}
    if rules.dialect.named_enums:
        before = _by_key(rules, _types_in(database))
    elif operations:
        # Only the models know the names: what they use and nothing here creates has
        # been created before.
        before = _by_key(rules, _types_used_elsewhere(operations, models))
        before.update(_by_key(rules, _types_altered(operations)))
        after = {**before, **after}
    else:
        before = {}

    return (
        [
            CreateEnum(enum.name, enum.values, enum.schema)
            for key, enum in sorted(needed.items(), key=_enum_order)
            if key not in before
        ],
        [
            DropEnum(enum.name, enum.schema, was=enum.values)
            for key, enum in sorted(before.items(), key=_enum_order)
            if key not in after
        ],
    )


def _types_of(operation: Operation) -> list[SqlType]:
    if isinstance(operation, CreateTable):
        return [column.type for column in operation.table.columns]
    if isinstance(operation, AddColumn):
        return [operation.column.type]
    if isinstance(operation, AlterColumn):
        becomes = operation.becomes.type
        return [] if isinstance(becomes, Kept) else [becomes]

    return []


def _types_altered(operations: Iterable[Operation]) -> Iterator[SqlType]:
    for operation in operations:
        if isinstance(operation, AlterColumn):
            was = operation.was.type
            if not isinstance(was, Kept):
                yield was


def _types_in(schema: Schema) -> Iterator[SqlType]:
    for table in schema.tables:
        for column in table.columns:
            yield column.type


def _types_used_elsewhere(
    operations: Iterable[Operation], models: Schema
) -> Iterator[SqlType]:
    """Yield the types of the columns that no operation gives a type to."""
    given = {each for operation in operations for each in _columns_given(operation)}
    for table in models.tables:
        for column in table.columns:
            if (table.name, column.name) not in given:
                yield column.type


def _columns_given(operation: Operation) -> Iterator[tuple[object, str]]:
    if isinstance(operation, CreateTable):
        for column in operation.table.columns:
            yield operation.table.name, column.name
    elif isinstance(operation, AddColumn):
        yield operation.table, operation.column.name
    elif isinstance(operation, AlterColumn) and _types_of(operation):
        yield operation.table, operation.name


def _by_key(rules: ComparisonRules, types: Iterable[SqlType]) -> dict[_Key, EnumType]:
    enums = (rules.enum_of(each) for each in types)
    return {
        (_plain_schema(rules, enum), enum.name): enum
        for enum in enums
        if enum is not None
    }


def _plain_schema(rules: ComparisonRules, enum: EnumType) -> str | None:
    return None if enum.schema == rules.default_schema else enum.schema


def _enum_order(entry: tuple[_Key, EnumType]) -> tuple[str, str]:
    (schema, name), _ = entry
    return schema or "", name


def created_by(operation: CreateTable | AddColumn) -> set[_Key]:
    """Return the enum types that an operation creates by itself."""
    if isinstance(operation, AddColumn):
        columns: Iterable[Column] = [operation.column]
    else:
        columns = operation.table.columns

    return {
        (enum.schema, str(enum.name))
        for column in columns
        for enum in enums_within(column.type.element)
        if enum.native_enum and enum.name and getattr(enum, "create_type", True)
    }
