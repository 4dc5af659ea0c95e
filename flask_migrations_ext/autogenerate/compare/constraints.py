"""How the constraints and indexes of one table differ.

Those of one name belong together. One that has no name, on either side, belongs to
one that does the same; foreign keys always do, whatever their names.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any
from typing import Generic
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.sql.elements import conv

from ...dialects.comparison import ComparisonRules
from ...dialects.types import is_made
from ...operations.columns import AlterColumn
from ...operations.constraints import AddConstraint
from ...operations.constraints import DropConstraint
from ...operations.indexes import CreateIndex
from ...operations.indexes import DropIndex
from ...schema.from_sqlalchemy import read_constraint
from ...schema.model import Check
from ...schema.model import Constraint
from ...schema.model import Exclude
from ...schema.model import Expression
from ...schema.model import ForeignKey
from ...schema.model import Index
from ...schema.model import Kept
from ...schema.model import PrimaryKey
from ...schema.model import SqlType
from ...schema.model import Table
from ...schema.model import TableName
from ...schema.model import Unique
from ..filters import Filters
from .table import mentions
from .table import TableChanges

_Kind = TypeVar("_Kind", bound=Constraint | Index)


class Pairing(Generic[_Kind]):
    """What of two tables belongs together, and what is left over on each side.

    :param key: what is equal wherever two are the same: only such are compared.
    """

    def __init__(
        self,
        found: Sequence[_Kind],
        wanted: Sequence[_Kind],
        kept_name: Callable[[str | None], str | None],
        same: Callable[[_Kind, _Kind], bool],
        *,
        by_name: bool = True,
        key: Callable[[_Kind], Hashable] = lambda each: None,
    ) -> None:
        self.found = list(found)
        self.wanted = list(wanted)
        self.changed: list[tuple[_Kind, _Kind]] = []
        self._same = same
        if by_name:
            self._pair_named(kept_name)
        if self.found and self.wanted:
            self._pair_alike(by_name, key)

    def _pair_named(self, kept_name: Callable[[str | None], str | None]) -> None:
        """Pair what has one name; each is looked at once, however many there are."""
        by_name: dict[str, list[_Kind]] = {}
        for found in self.found:
            if found.name is not None:
                by_name.setdefault(found.name, []).append(found)

        pairs: list[tuple[_Kind, _Kind]] = []
        for wanted in self.wanted:
            name = kept_name(wanted.name)
            if name is not None and by_name.get(name):
                pairs.append((by_name[name].pop(0), wanted))
        self._take(pairs)
        self.changed += [pair for pair in pairs if not self._same(*pair)]

    def _pair_alike(self, by_name: bool, key: Callable[[_Kind], Hashable]) -> None:
        """Pair what is the same, unless both of them have names that count."""
        left: dict[Hashable, list[_Kind]] = {}
        for found in self.found:
            left.setdefault(key(found), []).append(found)

        pairs: list[tuple[_Kind, _Kind]] = []
        for wanted in self.wanted:
            others = left.get(key(wanted), [])
            for place, found in enumerate(others):
                names_count = by_name and None not in (found.name, wanted.name)
                if not names_count and self._same(found, wanted):
                    pairs.append((others.pop(place), wanted))
                    break
        self._take(pairs)

    def _take(self, pairs: Sequence[tuple[_Kind, _Kind]]) -> None:
        found, wanted = ({id(pair[side]) for pair in pairs} for side in (0, 1))
        self.found = [each for each in self.found if id(each) not in found]
        self.wanted = [each for each in self.wanted if id(each) not in wanted]


class ConstraintComparison:
    """Compares the constraints and indexes of tables."""

    def __init__(self, rules: ComparisonRules, filters: Filters) -> None:
        self.rules = rules
        self.filters = filters

    def compare(self, changes: TableChanges) -> None:
        """Write into the changes of a table what differs beside its columns."""
        rules, found, wanted = self.rules, changes.database, changes.model
        # What stands on a column that is replaced goes with it, and comes back.
        going = {drop.name for drop, _ in changes.replaced}

        self._compare_primary_keys(changes)
        self._note(
            changes,
            Pairing(
                found.of_kind(ForeignKey),
                wanted.of_kind(ForeignKey),
                rules.constraint_name,
                lambda one, other: (
                    not going.intersection(one.columns)
                    and same_reference(rules, one, other)
                ),
                by_name=False,
                key=lambda each: each.columns,
            ),
        )
        self._note(
            changes,
            Pairing(
                found.of_kind(Unique),
                wanted.of_kind(Unique),
                rules.constraint_name,
                lambda one, other: (
                    not going.intersection(one.columns)
                    and rules.same_unique(one, other)
                ),
                key=lambda each: each.columns,
            ),
        )
        self._note(
            changes,
            Pairing(
                found.indexes,
                wanted.indexes,
                rules.index_name,
                lambda one, other: (
                    not _stands_on(one, going)
                    and not _stands_on(other, changes.coming)
                    and rules.same_index(one, other, found.name)
                ),
            ),
        )
        if rules.dialect.excludes:
            self._note(
                changes,
                Pairing(
                    found.of_kind(Exclude),
                    wanted.of_kind(Exclude),
                    rules.constraint_name,
                    lambda one, other: rules.same_exclude(one, other, found.name),
                ),
            )
        if self.filters.options.compare_checks:
            self._note(changes, self._paired_checks(changes))

    def _compare_primary_keys(self, changes: TableChanges) -> None:
        found, wanted = changes.database.primary_key, changes.model.primary_key
        if (found.columns if found else ()) == (wanted.columns if wanted else ()):
            return

        self._note(
            changes,
            Pairing(
                [found] if found else [],
                [wanted] if wanted else [],
                self.rules.constraint_name,
                lambda one, other: False,
            ),
        )

    def _paired_checks(self, changes: TableChanges) -> Pairing[Check]:
        there, said = (
            [*table.of_kind(Check), *_type_checks(table, changes, self.rules)]
            for table in (changes.database, changes.model)
        )
        kept = _KeptChecks(self.rules, changes, said)
        paired = Pairing(
            there,
            said,
            self.rules.constraint_name,
            kept.same,
            key=lambda each: None,
        )
        # What the models do not name, the database does, as it likes.
        unnamed = [each for each in paired.wanted if each.name is None]
        alike = Pairing(
            paired.found, unnamed, self.rules.constraint_name, kept.same, by_name=False
        )
        paired.found = alike.found
        paired.wanted = [
            each
            for each in paired.wanted
            if each.name is not None or any(each is left for left in alike.wanted)
        ]
        if any(each.name is None and kept.is_unknown(each) for each in paired.wanted):
            # Nothing tells which of those that are left belongs to which.
            paired.wanted = [
                each
                for each in paired.wanted
                if each.name is not None or not kept.is_unknown(each)
            ]
            paired.found = []

        return paired

    def _note(self, changes: TableChanges, paired: Pairing[_Kind]) -> None:
        tables = (changes.database, changes.model)

        for found in paired.found:
            if self.filters.takes(tables, found, None):
                self._remove(changes, found)
        for wanted in paired.wanted:
            if self.filters.takes(tables, None, wanted):
                self._add(changes, wanted)
        for found, wanted in paired.changed:
            if self.filters.takes(tables, found, wanted):
                self._remove(changes, found)
                self._add(changes, wanted)

    def _remove(self, changes: TableChanges, found: Constraint | Index) -> None:
        table = changes.database.name
        if isinstance(found, Index):
            changes.removals.append(
                DropIndex(table, found.name, schema=table.schema, was=found)
            )
        else:
            changes.removals.append(
                DropConstraint(table, found.name, kind=type(found), was=found)
            )

    def _add(self, changes: TableChanges, wanted: Constraint | Index) -> None:
        table = changes.model.name
        if isinstance(wanted, Index):
            changes.additions.append(CreateIndex(table, wanted))
        else:
            changes.additions.append(AddConstraint(table, named(wanted, table)))


def same_reference(
    rules: ComparisonRules, found: ForeignKey, wanted: ForeignKey
) -> bool:
    """Return whether two foreign keys do the same, whatever their names."""
    # SQLite's REFERENCES may leave out the columns that it points to.
    if not found.referent_columns:
        found = replace(found, referent_columns=wanted.referent_columns)

    return rules.reference(found) == rules.reference(wanted)


def named(constraint: Constraint, table: TableName) -> Constraint:
    """Return a constraint with a name, so that a script can drop it again."""
    if constraint.name is not None:
        return constraint

    # PostgreSQL keeps 63 characters of a name, MySQL 64.
    return replace(constraint, name=conv(full_name(constraint, table)[:63]))


def full_name(constraint: Constraint, table: TableName) -> str:
    """Return the name of a constraint without one, however long it gets."""
    kinds = {
        ForeignKey: "fk",
        Unique: "uq",
        PrimaryKey: "pk",
        Check: "ck",
        Exclude: "ex",
    }
    parts = [kinds[type(constraint)], table.name, *constraint.mentioned]
    if isinstance(constraint, ForeignKey):
        parts.append(constraint.referent.name)
    if isinstance(constraint, Check):
        # It says what it is about; several of a table are not to share a name.
        said = constraint.condition.text
        words = re.findall(r"[a-z]\w*", said, re.IGNORECASE)
        parts += [*words[:2], f"{zlib.crc32(said.encode()):08x}"]

    return "_".join(parts)


class _KeptChecks:
    """The checks of a model as the database would keep them, asked when needed."""

    def __init__(
        self, rules: ComparisonRules, changes: TableChanges, wanted: Sequence[Check]
    ) -> None:
        self._rules = rules
        self._table = changes.database
        self._wanted = wanted
        self._coming = changes.coming
        self._leaving = changes.leaving()

    @cached_property
    def _kept(self) -> dict[int, Check | None]:
        # What mentions a column that is still to come is nothing that is there.
        known = [
            each
            for each in self._wanted
            if not mentions(each.condition.text, self._coming)
        ]
        kept = self._rules.kept_checks(known, self._table)
        return {id(each): one for each, one in zip(known, kept, strict=True)}

    def is_unknown(self, wanted: Check) -> bool:
        """Return whether nobody knows what the database would make of a check."""
        return self._kept.get(id(wanted), wanted) is None

    def same(self, found: Check, wanted: Check) -> bool:
        """Return whether a check may stay; one with a name, also if nobody knows."""
        # A check goes with a column that it mentions, and is to come back.
        if mentions(found.condition.text, self._leaving):
            return False
        if self._rules.same_check(found, wanted):
            return True
        if id(wanted) not in self._kept:
            return False

        kept = self._kept[id(wanted)]
        if kept is None:
            return wanted.name is not None and found.name is not None

        return self._rules.same_check(found, kept)


def _type_checks(
    table: Table, changes: TableChanges, rules: ComparisonRules
) -> list[Check]:
    """Return the checks that types make by themselves, of columns that stay."""
    if table.element is None:
        return []

    # What comes with a column, or with a new type, needs no word.
    brought = {*changes.coming, *(drop.name for drop, _ in changes.replaced)}
    brought |= {each.name for each in changes.altered if _brings_check(each)}
    bound: Iterable[Any] = table.element.constraints
    made = [
        read_constraint(each, rules.write)
        for each in bound
        if getattr(each, "_type_bound", False)
        and is_made(each, rules.sa_dialect)
        and brought.isdisjoint(column.name for column in each.columns)
    ]
    return sorted(
        (each for each in made if isinstance(each, Check)),
        key=lambda each: (str(each.name or ""), each.condition.text),
    )


def _brings_check(altered: AlterColumn) -> bool:
    becomes = altered.becomes.type
    return not isinstance(becomes, Kept) and any(
        getattr(each, "create_constraint", False)
        for each in (becomes.element, getattr(becomes.element, "impl", None))
    )


def without_check(sql_type: SqlType) -> SqlType:
    """Return a type that brings no check along: that is a constraint of its own."""
    element: Any = sql_type.element
    if type(element) not in (sa.Enum, sa.Boolean) or not element.create_constraint:
        return sql_type

    plain = element.copy()
    plain.create_constraint = False
    return SqlType.of(plain)


def _stands_on(index: Index, columns: Collection[str]) -> bool:
    """Return whether an index cannot be without one of the columns."""
    if not columns:
        return False

    texts = [part if isinstance(part, str) else part.text for part in index.parts]
    texts += [
        value.text if isinstance(value, Expression) else " ".join(map(str, value))
        for _, value in index.options
        if isinstance(value, Expression | list | tuple)
    ]
    return any(mentions(text, columns) for text in texts)
