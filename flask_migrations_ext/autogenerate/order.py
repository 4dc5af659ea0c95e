"""The order in which changes are done, so that each finds what it needs.

It is the same on every run, and backwards it undoes them.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cached_property

from ..operations.base import Operation
from ..operations.constraints import AddConstraint
from ..operations.constraints import DropConstraint
from ..operations.tables import CreateTable
from ..operations.tables import DropTable
from ..schema.model import ForeignKey
from ..schema.model import PrimaryKey
from ..schema.model import Table
from ..schema.model import TableName
from ..schema.model import Unique
from .compare.columns import is_type_change
from .compare.constraints import named
from .compare.table import name_of
from .compare.table import TableChanges
from .table_order import pointed_at
from .table_order import sorted_tables
from .table_order import split


def ordered(
    created: Sequence[Table], dropped: Sequence[Table], changed: Sequence[TableChanges]
) -> tuple[Operation, ...]:
    """Return all changes in the order to do them."""
    return tuple(_Order(created, dropped, changed).operations())


class _Order:
    def __init__(
        self,
        created: Sequence[Table],
        dropped: Sequence[Table],
        changed: Sequence[TableChanges],
    ) -> None:
        self.created = created
        self.dropped = dropped
        self.changed = _parents_first(changed)
        self._changes_of = {each.model.name: each for each in self.changed}
        self.settled = False
        self.gone = {table.name for table in dropped}
        self.names_needed = frozenset(
            name
            for each in changed
            for addition in each.additions
            if (name := name_of(addition)) is not None
        ) | frozenset(
            index.name
            for table in created
            for index in table.indexes
            if index.name is not None
        )
        # A table whose own changes may be in the way of keys that point to it.
        self.in_motion = {
            each.model.name
            for each in self.changed
            if any(each.besides_keys(frozenset()))
        }

    def operations(self) -> Iterator[Operation]:
        early = {
            id(drop): drop
            for each in self.changed
            for drop in each.keys_dropped()
            if self._is_in_the_way(drop)
        }
        late: list[AddConstraint] = []

        yield from early.values()
        yield from self._drop_tables()
        waiting = self._created_last()
        yield from self._create_tables(self._created(waiting, False), late)
        for each in self.changed:
            yield from (drop for drop in each.keys_dropped() if id(drop) not in early)
            yield from each.besides_keys(self.names_needed)
            yield from self._add_keys(each, late)
            self.in_motion.discard(each.model.name)
        self.settled = True
        yield from self._create_tables(self._created(waiting, True), late)
        yield from late

    def _created(self, waiting: set[TableName], waits: bool) -> list[Table]:
        return [each for each in self.created if (each.name in waiting) is waits]

    def _created_last(self) -> set[TableName]:
        """Return the tables that point to what changes, and to which no change points.

        Made first, they would have to be altered again for their foreign keys.
        """
        last = {
            table.name
            for table in self.created
            if any(map(self._is_not_there_yet, table.of_kind(ForeignKey)))
        }
        last = _closure(last, lambda name: self._pointing.get(name, set()))
        needed = {
            key.constraint.referent
            for each in self.changed
            for key in each.keys_added()
            if isinstance(key.constraint, ForeignKey)
        }
        created = {table.name: table for table in self.created}

        return last - _closure(
            needed & set(created),
            lambda name: pointed_at(created[name]) & set(created),
        )

    @cached_property
    def _pointing(self) -> Mapping[TableName, set[TableName]]:
        """The new tables that point to one."""
        found: dict[TableName, set[TableName]] = {}
        for table in self.created:
            for name in pointed_at(table):
                found.setdefault(name, set()).add(table.name)

        return found

    def _is_in_the_way(self, drop: DropConstraint) -> bool:
        assert isinstance(drop.was, ForeignKey)
        referent = drop.was.referent
        if referent in self.gone:
            return True

        return referent != drop.table and referent in self.in_motion

    def _drop_tables(self) -> Iterator[Operation]:
        tables, late = sorted_tables(self.dropped)
        for table, key in reversed(late):
            yield DropConstraint(table, key.name, kind=ForeignKey, was=key)
        for each in reversed(tables):
            yield DropTable(each.name, was=each)

    def _create_tables(
        self, created: Sequence[Table], late: list[AddConstraint]
    ) -> Iterator[Operation]:
        tables, circular = sorted_tables(created)
        for table in tables:
            not_yet = {
                key.referent
                for key in table.of_kind(ForeignKey)
                if self._is_not_there_yet(key)
            }
            kept, waiting = split(table, not_yet)
            late += [
                AddConstraint(table.name, named(key, table.name)) for key in waiting
            ]
            yield CreateTable(kept)
        for name, key in circular:
            addition = AddConstraint(name, named(key, name))
            if self._is_not_there_yet(key):
                late.append(addition)
            else:
                yield addition

    def _is_not_there_yet(self, key: ForeignKey) -> bool:
        """Return whether a key needs columns, or what makes them unique, to come."""
        if self.settled:
            return False

        each = self._changes_of.get(key.referent)
        if each is None:
            return False

        coming = {added.column.name for added in each.added}
        unique = any(
            isinstance(addition, AddConstraint)
            and isinstance(addition.constraint, Unique | PrimaryKey)
            for addition in each.additions
        ) or any(not isinstance(a, AddConstraint) for a in each.additions)
        return (
            not coming.isdisjoint(key.referent_columns)
            or unique
            or any(is_type_change(altered) for altered in each.altered)
        )

    def _add_keys(
        self, changes: TableChanges, late: list[AddConstraint]
    ) -> Iterator[Operation]:
        for addition in changes.keys_added():
            assert isinstance(addition.constraint, ForeignKey)
            referent = addition.constraint.referent
            if referent in self.in_motion and referent != changes.model.name:
                late.append(addition)
            else:
                yield addition


def _closure(
    names: set[TableName], of_one: Callable[[TableName], set[TableName]]
) -> set[TableName]:
    found, front = set(names), set(names)
    while front:
        front = {other for name in front for other in of_one(name)} - found
        found |= front

    return found


def _parents_first(changed: Sequence[TableChanges]) -> list[TableChanges]:
    by_name = {each.model.name: each for each in changed}
    tables, _ = sorted_tables(each.model for each in changed)

    return [by_name[table.name] for table in tables]
