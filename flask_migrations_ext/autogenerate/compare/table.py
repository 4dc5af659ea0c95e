"""What changes in one table that is in the database and in the models."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property

from ...operations.base import Operation
from ...operations.columns import AddColumn
from ...operations.columns import AlterColumn
from ...operations.columns import DropColumn
from ...operations.constraints import AddConstraint
from ...operations.constraints import DropConstraint
from ...operations.indexes import CreateIndex
from ...operations.indexes import DropIndex
from ...operations.tables import AlterTable
from ...operations.tables import CommentTable
from ...schema.model import Check
from ...schema.model import Constraint
from ...schema.model import Expression
from ...schema.model import ForeignKey
from ...schema.model import Index
from ...schema.model import KEPT
from ...schema.model import PrimaryKey
from ...schema.model import Table

Removal = DropConstraint | DropIndex
Addition = AddConstraint | CreateIndex


@dataclass
class TableChanges:
    """The changes of one table by what they do; ``order`` puts them in a row."""

    database: Table
    model: Table
    added: list[AddColumn] = field(default_factory=list)
    altered: list[AlterColumn] = field(default_factory=list)
    dropped: list[DropColumn] = field(default_factory=list)
    replaced: list[tuple[DropColumn, AddColumn]] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    additions: list[Addition] = field(default_factory=list)
    comment: CommentTable | None = None
    options: AlterTable | None = None
    options_last: bool = False
    notes: list[str] = field(default_factory=list)

    def is_empty(self) -> bool:
        """Return whether there is nothing to do."""
        columns = (self.added, self.altered, self.dropped, self.replaced)
        lists = (*columns, self.removals, self.additions)
        return not (any(lists) or self.comment or self.options)

    @cached_property
    def coming(self) -> frozenset[str]:
        """The names of columns that the database does not have yet."""
        there = {each.name for each in self.database.columns}
        return frozenset({each.name for each in self.model.columns} - there)

    def leaving(self) -> list[str]:
        """Return the names of columns that go, be it that others take their names.

        What stands on them goes with them.
        """
        gone = [*self.dropped, *(drop for drop, _ in self.replaced)]
        return [each.name for each in gone]

    def keys_dropped(self) -> list[DropConstraint]:
        """Return the foreign keys that go."""
        return [
            each
            for each in self.removals
            if isinstance(each, DropConstraint) and isinstance(each.was, ForeignKey)
        ]

    def keys_added(self) -> list[AddConstraint]:
        """Return the foreign keys that come."""
        return [
            each
            for each in self.additions
            if isinstance(each, AddConstraint)
            and isinstance(each.constraint, ForeignKey)
        ]

    def besides_keys(self, names_needed: frozenset[str]) -> Iterator[Operation]:
        """Yield the changes in the order to do them, without foreign keys.

        New indexes come before old ones go, so that a foreign key always has one.

        :param names_needed: the names of new indexes and constraints; an old one of
            such a name is dropped before.
        """
        keys = {id(each) for each in self.keys_dropped() + self.keys_added()}
        removals = [each for each in self.removals if id(each) not in keys]
        additions = [each for each in self.additions if id(each) not in keys]

        changing = [each.name for each in self.altered if _changes_type(each)]
        new = {each.column.name for each in self.added}
        if self.options is not None and not self.options_last:
            yield self.options
        again = [drop.name for drop, _ in self.replaced]
        early = [
            each
            for each in removals
            if _goes_first(each, names_needed) or _is_on(each, again)
        ]
        yield from early

        # An index may not fit a column as it becomes: a long text on MySQL.
        stuck = [each for each in removals if _is_on(each, changing)]
        stuck = [each for each in stuck if each not in early]
        if stuck:
            ready = [each for each in additions if not _is_on(each, [*changing, *new])]
            yield from ready
            yield from stuck
            early += stuck
            additions = [each for each in additions if each not in ready]

        yield from (drop for drop, _ in self.replaced)
        yield from self.added
        yield from self.altered
        yield from (add for _, add in self.replaced)
        yield from additions
        yield from (each for each in removals if each not in early)
        # Backwards, so that undoing it adds them in their order.
        yield from reversed(self.dropped)
        if self.options is not None and self.options_last:
            yield self.options
        if self.comment is not None:
            yield self.comment


def _goes_first(removal: Removal, names_needed: frozenset[str]) -> bool:
    # A table has one primary key, and a check may be about the column that goes or
    # changes.
    if isinstance(removal.was, PrimaryKey | Check):
        return True

    return removal.name in names_needed


def _changes_type(altered: AlterColumn) -> bool:
    return altered.becomes.type is not KEPT


def _is_on(change: Removal | Addition, columns: Iterable[str]) -> bool:
    """Return whether an index or a constraint is on one of the columns."""
    match change:
        case DropIndex() | DropConstraint():
            part: object = change.was
        case CreateIndex():
            part = change.index
        case AddConstraint():
            part = change.constraint

    if isinstance(part, Check):
        return mentions(part.condition.text, columns)
    if isinstance(part, Index):
        texts = [each.text for each in part.parts if isinstance(each, Expression)]
        return bool(set(part.columns) & set(columns)) or any(
            mentions(text, columns) for text in texts
        )

    return isinstance(part, Constraint) and bool(set(part.mentioned) & set(columns))


def mentions(condition: str, columns: Iterable[str]) -> bool:
    """Return whether one of the names stands in a condition."""
    return any(
        re.search(rf"(?<!\w){re.escape(name)}(?!\w)", condition, re.IGNORECASE)
        for name in columns
    )


def name_of(addition: Addition) -> str | None:
    """Return the name that an addition takes."""
    if isinstance(addition, CreateIndex):
        return addition.index.name

    return addition.constraint.name
