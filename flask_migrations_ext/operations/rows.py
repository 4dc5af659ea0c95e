"""Verbs for rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import ClassVar

import sqlalchemy as sa

from ..schema.model import Expression
from ..schema.model import TableName
from .base import Operation


@dataclass(frozen=True, eq=False)
class InsertRows(Operation):
    """Insert rows into a table.

    ``target`` holds the types that the values are sent with. ``together`` sends
    all rows as one statement; else each goes alone and may hold SQL expressions,
    which are equal when they say the same.
    """

    verb: ClassVar[str] = "insert_rows"
    table: TableName
    rows: tuple[Mapping[str, Any], ...]
    target: sa.TableClause = field(compare=False, repr=False)
    together: bool = True

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, InsertRows):
            return NotImplemented

        return self._meaning == other._meaning

    def __hash__(self) -> int:
        return hash((self.table, self.together, len(self.rows)))

    @property
    def _meaning(self) -> tuple[object, ...]:
        rows = [
            {column: _comparable(value) for column, value in row.items()}
            for row in self.rows
        ]
        return self.table, self.together, rows


def _comparable(value: object) -> object:
    return Expression.of(value) if isinstance(value, sa.ClauseElement) else value
