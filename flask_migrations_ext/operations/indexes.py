"""Verbs for indexes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..schema.model import Index
from ..schema.model import Options
from ..schema.model import TableName
from .base import Operation


@dataclass(frozen=True)
class CreateIndex(Operation):
    """Create an index."""

    verb: ClassVar[str] = "create_index"
    table: TableName
    index: Index
    if_not_exists: bool = False

    def reversed(self) -> Operation:
        return DropIndex(
            self.table, self.index.name, if_exists=self.if_not_exists, was=self.index
        )


@dataclass(frozen=True)
class DropIndex(Operation):
    """Drop an index. With ``was``, it can be created again.

    The table may be left out where the database does not ask for it.
    """

    verb: ClassVar[str] = "drop_index"
    table: TableName | None
    name: str | None
    schema: str | None = None
    if_exists: bool = False
    was: Index | None = None
    options: Options = ()

    def reversed(self) -> Operation:
        if self.was is None or self.table is None:
            return super().reversed()

        return CreateIndex(self.table, self.was, if_not_exists=self.if_exists)
