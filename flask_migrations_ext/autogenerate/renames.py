"""What renames do: their operations, and a database as it is once they are done.

What counts as a rename is for :mod:`.questions.renaming` to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from dataclasses import replace
from functools import partial
from typing import Any
from typing import TypeVar

from ..operations.base import Operation
from ..operations.columns import AlterColumn
from ..operations.columns import ColumnFacts
from ..operations.tables import RenameTable
from ..schema.model import Check
from ..schema.model import Column
from ..schema.model import Computed
from ..schema.model import Constraint
from ..schema.model import Exclude
from ..schema.model import Expression
from ..schema.model import ForeignKey
from ..schema.model import Index
from ..schema.model import KEPT
from ..schema.model import Schema
from ..schema.model import Table
from ..schema.model import TableName

Name = TypeVar("Name", str, TableName)


@dataclass(frozen=True)
class Renames:
    """By the names in the database: those in the models, where they differ."""

    tables: Mapping[TableName, TableName] = field(default_factory=dict)
    columns: Mapping[TableName, Mapping[str, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.tables or self.columns)


# -- as operations ---------------------------------------------------------


def operations_of(renames: Renames, database: Schema) -> Iterator[Operation]:
    """Yield what gives the names: the tables theirs first, then their columns.

    A name that is still taken is given once it is free: of names that go round in a
    circle, one steps aside for as long.
    """
    tables = {each.name for each in database.tables} | {*renames.tables.values()}
    for old, new in _steps(
        renames.tables,
        lambda name: TableName(
            _free(name.name, {each.name for each in tables}), name.schema
        ),
    ):
        yield RenameTable(old, new.name)
    for table in database.tables:
        columns = renames.columns.get(table.name, {})
        name = renames.tables.get(table.name, table.name)
        # By the names that they have at the time.
        known = {each.name: each for each in table.columns}
        taken = {*known, *columns.values()}
        for was, becomes in _steps(columns, partial(_free, taken=taken)):
            column = known.pop(was)
            known[becomes] = column
            yield AlterColumn(
                name,
                was,
                was=ColumnFacts(
                    type=column.type,
                    nullable=column.nullable,
                    default=KEPT if column.default is None else column.default,
                ),
                new_name=becomes,
            )


def _free(name: str, taken: Collection[str]) -> str:
    """Return a name that nothing has, and that no database finds too long."""
    folded = {each.lower() for each in taken}
    found = f"{name[:40]}_before"
    while found.lower() in folded:
        found += "_"

    return found


def _steps(
    names: Mapping[Name, Name], aside: Callable[[Name], Name]
) -> Iterator[tuple[Name, Name]]:
    left = dict(names)
    while left:
        free = [old for old, new in left.items() if new not in left]
        for old in free:
            yield old, left.pop(old)
        if not free:
            old = next(iter(left))
            stand_in = aside(old)
            yield old, stand_in
            left[stand_in] = left.pop(old)


# -- as another database ---------------------------------------------------


def renamed(database: Schema, renames: Renames) -> Schema:
    """Return the database as it is once all have their new names."""
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
        columns=tuple(_renamed_column(each, columns) for each in table.columns),
        constraints=tuple(
            _renamed_constraint(each, columns, renames) for each in table.constraints
        ),
        indexes=tuple(_renamed_index(each, columns) for each in table.indexes),
    )


def _renamed_column(column: Column, columns: Mapping[str, str]) -> Column:
    computed = column.computed
    if computed is not None:
        computed = Computed(
            _renamed_in(computed.expression, columns), computed.persisted
        )

    return replace(
        column, name=columns.get(column.name, column.name), computed=computed
    )


def _renamed_constraint(
    constraint: Constraint, columns: Mapping[str, str], renames: Renames
) -> Constraint:
    changed: dict[str, Any] = {}
    if any(each.name == "columns" for each in fields(constraint)):
        own: tuple[str, ...] = constraint.columns  # type: ignore[attr-defined]  # of most kinds
        changed["columns"] = tuple(columns.get(name, name) for name in own)
    if isinstance(constraint, Check):
        changed["condition"] = _renamed_in(constraint.condition, columns)
    if isinstance(constraint, Exclude):
        changed["elements"] = tuple(
            (_renamed_part(part, columns), operator)
            for part, operator in constraint.elements
        )
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
        parts=tuple(_renamed_part(part, columns) for part in index.parts),
        options=tuple(
            (name, _renamed_in(value, columns) if _is_sql(value) else value)
            for name, value in index.options
        ),
    )


def _is_sql(value: object) -> bool:
    return isinstance(value, Expression)


def _renamed_part(
    part: str | Expression, columns: Mapping[str, str]
) -> str | Expression:
    if isinstance(part, Expression):
        return _renamed_in(part, columns)

    return columns.get(part, part)


_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[^\W\d][\w$]*|.""",
    re.DOTALL,
)


def _renamed_in(expression: Expression, columns: Mapping[str, str]) -> Expression:
    """Return SQL with other names in it; what stands in a string is none."""
    if expression.written is None or not columns:
        return expression

    folded = {name.lower(): becomes for name, becomes in columns.items()}
    said: list[str] = []
    tokens = _TOKEN.findall(expression.written)
    for place, token in enumerate(tokens):
        after = "".join(tokens[place + 1 : place + 3]).strip()
        quoted = token[0] in '"`['
        name = token[1:-1] if quoted else token
        becomes = columns.get(name) if quoted else folded.get(name.lower())
        # What is called is no column, whatever its name.
        if becomes is None or token[0] == "'" or (not quoted and after[:1] == "("):
            said.append(token)
        else:
            said.append(token[0] + becomes + token[-1] if quoted else becomes)

    return Expression("".join(said))
