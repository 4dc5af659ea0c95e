"""Verbs for columns."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from typing import ClassVar

from ..schema.model import Column
from ..schema.model import Computed
from ..schema.model import Constraint
from ..schema.model import Identity
from ..schema.model import Index
from ..schema.model import KEPT
from ..schema.model import Kept
from ..schema.model import Options
from ..schema.model import ServerDefault
from ..schema.model import SqlType
from ..schema.model import TableName
from .base import Operation


@dataclass(frozen=True)
class AddColumn(Operation):
    """Add a column, and the constraints and indexes that were declared with it.

    ``before`` and ``after`` name its place, where a table is rebuilt anyway.
    """

    verb: ClassVar[str] = "add_column"
    table: TableName
    column: Column
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    if_not_exists: bool = False
    inline_references: bool = False
    inline_primary_key: bool = False
    before: str | None = None
    after: str | None = None

    def reversed(self) -> Operation:
        # The hedge is the operation's, not the column's.
        return DropColumn(
            self.table,
            self.column.name,
            if_exists=self.if_not_exists,
            was=replace(self, if_not_exists=False),
        )


@dataclass(frozen=True)
class DropColumn(Operation):
    """Drop a column and its values. With ``was``, it can be added back, empty."""

    verb: ClassVar[str] = "drop_column"
    table: TableName
    name: str
    if_exists: bool = False
    was: AddColumn | None = None
    options: Options = ()

    def reversed(self) -> Operation:
        if self.was is None:
            return super().reversed()

        return replace(self.was, if_not_exists=self.if_exists)


@dataclass(frozen=True)
class ColumnFacts:
    """What is said of a column: of each attribute a value, or KEPT.

    As a change it says what becomes; as ``was`` it says what is known from before.
    Of ``default``, ``identity`` and ``computed``, a column has one at most.
    """

    type: SqlType | Kept = KEPT
    nullable: bool | Kept = KEPT
    default: ServerDefault | None | Kept = KEPT
    comment: str | None | Kept = KEPT
    autoincrement: bool | str | Kept = KEPT
    identity: Identity | None | Kept = KEPT
    computed: Computed | None | Kept = KEPT


@dataclass(frozen=True)
class AlterColumn(Operation):
    """Change a column, and only what ``becomes`` and ``new_name`` say.

    ``before`` and ``after`` move it, where a table is rebuilt anyway.
    """

    verb: ClassVar[str] = "alter_column"
    table: TableName
    name: str
    becomes: ColumnFacts = ColumnFacts()
    was: ColumnFacts = ColumnFacts()
    new_name: str | None = None
    before: str | None = None
    after: str | None = None
    options: Options = ()

    def reversed(self) -> Operation:
        for change in vars(self.becomes):
            if getattr(self.becomes, change) is KEPT:
                continue
            if getattr(self.was, change) is KEPT:
                return super().reversed()

        known = {
            fact: getattr(self.was, fact)
            for fact in vars(self.was)
            if getattr(self.becomes, fact) is KEPT
        }
        undone = {
            fact: getattr(self.was, fact)
            for fact in vars(self.becomes)
            if getattr(self.becomes, fact) is not KEPT
        }
        before_undoing = {fact: getattr(self.becomes, fact) for fact in undone}

        return replace(
            self,
            name=self.new_name or self.name,
            new_name=self.name if self.new_name else None,
            becomes=ColumnFacts(**undone),
            was=ColumnFacts(**known, **before_undoing),
        )
