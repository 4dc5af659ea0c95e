"""Verbs for whole tables, and the group of verbs on one table."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Any
from typing import ClassVar

import sqlalchemy as sa

from ..schema.model import KEPT
from ..schema.model import Kept
from ..schema.model import Options
from ..schema.model import Table
from ..schema.model import TableName
from .base import Operation
from .base import reversed_all


@dataclass(frozen=True)
class CreateTable(Operation):
    """Create a table with its constraints, indexes and comments."""

    verb: ClassVar[str] = "create_table"
    table: Table
    if_not_exists: bool = False

    def reversed(self) -> Operation:
        return DropTable(self.table.name, if_exists=self.if_not_exists, was=self.table)


@dataclass(frozen=True)
class DropTable(Operation):
    """Drop a table and its rows. With ``was``, it can be made again, empty."""

    verb: ClassVar[str] = "drop_table"
    name: TableName
    if_exists: bool = False
    was: Table | None = None

    def reversed(self) -> Operation:
        if self.was is None:
            return super().reversed()

        return CreateTable(self.was, if_not_exists=self.if_exists)


@dataclass(frozen=True)
class RenameTable(Operation):
    """Give a table another name within its schema."""

    verb: ClassVar[str] = "rename_table"
    name: TableName
    new_name: str

    def reversed(self) -> Operation:
        return RenameTable(replace(self.name, name=self.new_name), self.name.name)


@dataclass(frozen=True)
class CommentTable(Operation):
    """Set the comment of a table; None removes it."""

    verb: ClassVar[str] = "comment_table"
    table: TableName
    comment: str | None
    was: str | None | Kept = KEPT

    def reversed(self) -> Operation:
        if isinstance(self.was, Kept):
            return super().reversed()

        return CommentTable(self.table, self.was, was=self.comment)


@dataclass(frozen=True)
class RebuildOptions:
    """What a batch block asks of a table rebuild (SQLite; others by request).

    ``recreate`` is ``auto``, ``always`` or ``never``; ``copy_from`` stands for the
    table as it is, in place of looking at the database. ``was_options`` undo the
    ``table_options``, where that is known.
    """

    recreate: str = "auto"
    copy_from: sa.Table | None = field(default=None, compare=False, repr=False)
    table_args: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    table_options: Options = ()
    was_options: Options | None = field(default=None, compare=False)
    reflect_args: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    partial_reordering: tuple[tuple[str, ...], ...] = ()
    naming_convention: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class AlterTable(Operation):
    """Several alterations of one table, done together: one rebuild at most."""

    verb: ClassVar[str] = "alter_table"
    table: TableName
    operations: tuple[Operation, ...]
    rebuild: RebuildOptions = RebuildOptions()

    def reversed(self) -> Operation:
        rebuild = self.rebuild
        if rebuild.was_options is not None:
            rebuild = replace(
                rebuild,
                table_options=rebuild.was_options,
                was_options=rebuild.table_options,
            )

        return replace(self, operations=reversed_all(self.operations), rebuild=rebuild)
