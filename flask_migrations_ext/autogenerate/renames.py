"""Which tables and columns of a database have another name in the models.

Only what is no guess: a name that differs by capitals alone, and one of which the model
says ``info={"renamed_from": "old_name"}``. All else that is gone and new stays so.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from dataclasses import replace
from typing import Any
from typing import TypeVar

from ..dialects.comparison import ComparisonRules
from ..operations.base import Operation
from ..operations.columns import AlterColumn
from ..operations.columns import ColumnFacts
from ..operations.tables import RenameTable
from ..schema.model import Column
from ..schema.model import Constraint
from ..schema.model import ForeignKey
from ..schema.model import Index
from ..schema.model import Schema
from ..schema.model import Table
from ..schema.model import TableName
from .filters import Filters

RENAMED_FROM = "renamed_from"
"""The key in ``info`` of a table or column that says what its name was."""

Named = TypeVar("Named", Table, Column)


@dataclass(frozen=True)
class Renames:
    """By the names in the database: those in the models, where they differ."""

    tables: Mapping[TableName, TableName] = field(default_factory=dict)
    columns: Mapping[TableName, Mapping[str, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.tables or self.columns)


def find_renames(
    database: Schema, models: Schema, rules: ComparisonRules, filters: Filters
) -> Renames:
    """Return what has another name in the models, of what the app lets be compared."""
    here = {rules.same_name(table.name): table for table in database.tables}
    there = {rules.same_name(table.name): table for table in models.tables}
    pairs = _renamed(
        [
            table
            for name, table in here.items()
            if name not in there and not filters.ignores(name)
        ],
        [table for name, table in there.items() if name not in here],
        lambda table: (table.name.schema, table.name.name),
    )
    tables = {old.name: new for old, new in pairs if filters.takes_table(old, new)}
    columns = {
        table.name: found
        for name, table in here.items()
        if (wanted := tables.get(table.name, there.get(name))) is not None
        if (found := _renamed_columns(table, wanted, filters))
    }

    return Renames({old: new.name for old, new in tables.items()}, columns)


def _renamed_columns(table: Table, wanted: Table, filters: Filters) -> dict[str, str]:
    pairs = list(_gone_and_new(table.columns, wanted.columns))
    # Filters of an app are asked where something depends on it, and not before.
    if not pairs or not filters.takes_table(table, wanted):
        return {}

    kept = {
        column.name
        for each in filters.without_excluded_columns(table, wanted)
        for column in each
    }

    return {old.name: new.name for old, new in pairs if {old.name, new.name} <= kept}


def _gone_and_new(
    found: Sequence[Column], wanted: Sequence[Column]
) -> Iterator[tuple[Column, Column]]:
    here = {column.name for column in found}
    there = {column.name for column in wanted}
    if here != there:
        yield from _renamed(
            [each for each in found if each.name not in there],
            [each for each in wanted if each.name not in here],
            lambda column: (None, column.name),
        )


def _renamed(
    gone: Iterable[Named],
    new: Iterable[Named],
    key: Callable[[Named], tuple[str | None, str]],
) -> Iterator[tuple[Named, Named]]:
    left = {key(each): each for each in gone}
    folded: dict[tuple[str | None, str], list[tuple[str | None, str]]] = {}
    for schema, name in left:
        folded.setdefault((schema, name.casefold()), []).append((schema, name))

    for each in new:
        schema, name = key(each)
        said = getattr(each.element, "info", {}).get(RENAMED_FROM)
        if said is not None:
            old = left.pop((schema, str(said)), None)
        else:
            alike = folded.get((schema, name.casefold()), [])
            old = left.pop(alike[0], None) if len(alike) == 1 else None
        if old is not None:
            yield old, each


def operations_of(renames: Renames, database: Schema) -> Iterator[Operation]:
    """Yield what gives the names: the tables theirs first, then their columns."""
    for old, new in renames.tables.items():
        yield RenameTable(old, new.name)
    for table in database.tables:
        for name, becomes in renames.columns.get(table.name, {}).items():
            column = next(each for each in table.columns if each.name == name)
            yield AlterColumn(
                renames.tables.get(table.name, table.name),
                name,
                was=ColumnFacts(
                    type=column.type,
                    nullable=column.nullable,
                    default=column.default,
                ),
                new_name=becomes,
            )


def renamed(database: Schema, renames: Renames) -> Schema:
    """Return the database as it is once all have their new names.

    What stands in texts of expressions stays as it is.
    """
    return replace(
        database,
        tables=tuple(_renamed_table(each, renames) for each in database.tables),
    )


def _renamed_table(table: Table, renames: Renames) -> Table:
    columns = renames.columns.get(table.name, {})
    referents = [key.referent for key in table.of_kind(ForeignKey)]
    name = renames.tables.get(table.name, table.name)
    concerned = {*renames.tables, *renames.columns}
    if name == table.name and not columns and concerned.isdisjoint(referents):
        return table

    return replace(
        table,
        name=name,
        columns=tuple(
            replace(each, name=columns.get(each.name, each.name))
            for each in table.columns
        ),
        constraints=tuple(
            _renamed_constraint(each, columns, renames) for each in table.constraints
        ),
        indexes=tuple(_renamed_index(each, columns) for each in table.indexes),
    )


def _renamed_constraint(
    constraint: Constraint, columns: Mapping[str, str], renames: Renames
) -> Constraint:
    changed: dict[str, Any] = {}
    if any(each.name == "columns" for each in fields(constraint)):
        own: tuple[str, ...] = constraint.columns  # type: ignore[attr-defined]  # of most kinds
        changed["columns"] = tuple(columns.get(name, name) for name in own)
    if isinstance(constraint, ForeignKey):
        there = renames.columns.get(constraint.referent, {})
        changed["referent"] = renames.tables.get(
            constraint.referent, constraint.referent
        )
        changed["referent_columns"] = tuple(
            there.get(name, name) for name in constraint.referent_columns
        )

    return replace(constraint, **changed)


def _renamed_index(index: Index, columns: Mapping[str, str]) -> Index:
    return replace(
        index,
        parts=tuple(
            columns.get(part, part) if isinstance(part, str) else part
            for part in index.parts
        ),
    )
