"""Verbs for constraints: one pair for all their kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..schema.model import Constraint
from ..schema.model import TableName
from .base import Operation


@dataclass(frozen=True)
class AddConstraint(Operation):
    """Add a primary key, unique, foreign key or check constraint."""

    verb: ClassVar[str] = "add_constraint"
    table: TableName
    constraint: Constraint

    def reversed(self) -> Operation:
        return DropConstraint(
            self.table,
            self.constraint.name,
            kind=type(self.constraint),
            was=self.constraint,
        )


@dataclass(frozen=True)
class DropConstraint(Operation):
    """Drop a constraint. With ``was``, it can be added back.

    ``kind`` is the class of the constraint, where it is known; MySQL needs it.
    Without a name, ``was`` says which one is meant.
    """

    verb: ClassVar[str] = "drop_constraint"
    table: TableName
    name: str | None
    kind: type[Constraint] | None = None
    if_exists: bool = False
    was: Constraint | None = None

    def reversed(self) -> Operation:
        if self.was is None:
            return super().reversed()

        return AddConstraint(self.table, self.was)
