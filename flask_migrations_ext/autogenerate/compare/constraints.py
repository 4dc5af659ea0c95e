"""How the constraints and indexes of one table differ.

Those of one name belong together. One that has no name, on either side, belongs to
one that does the same; foreign keys always do, whatever their names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace
from typing import Generic
from typing import TypeVar

from sqlalchemy.sql.elements import conv

from ...dialects.comparison import ComparisonRules
from ...operations.constraints import AddConstraint
from ...operations.constraints import DropConstraint
from ...operations.indexes import CreateIndex
from ...operations.indexes import DropIndex
from ...schema.from_sqlalchemy import read_constraint
from ...schema.model import Check
from ...schema.model import Constraint
from ...schema.model import Exclude
from ...schema.model import ForeignKey
from ...schema.model import Index
from ...schema.model import PrimaryKey
from ...schema.model import Table
from ...schema.model import TableName
from ...schema.model import Unique
from ..filters import Filters
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

        self._compare_primary_keys(changes)
        self._note(
            changes,
            Pairing(
                found.of_kind(ForeignKey),
                wanted.of_kind(ForeignKey),
                rules.constraint_name,
                lambda one, other: same_reference(rules, one, other),
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
                rules.same_unique,
                key=lambda each: each.columns,
            ),
        )
        self._note(
            changes,
            Pairing(
                found.indexes,
                wanted.indexes,
                rules.index_name,
                lambda one, other: rules.same_index(one, other, found.name),
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
        of_types = names_of_type_checks(changes.model, self.rules)
        found = [
            check
            for check in changes.database.of_kind(Check)
            if check.name not in of_types
        ]
        wanted = changes.model.of_kind(Check)
        gone = [each.name for each in changes.dropped]
        paired = Pairing(
            found,
            wanted,
            self.rules.constraint_name,
            # A check goes with a column that it mentions, and is to come back.
            lambda one, other: (
                not mentions(one.condition.text, gone)
                and self.rules.same_check(one, other, changes.database.name)
            ),
        )
        # Databases name and rewrite conditions: without a name in the models,
        # nothing tells which of those that are left belongs to which.
        unnamed = [check for check in paired.wanted if check.name is None]
        paired.wanted = [check for check in paired.wanted if check.name is not None]
        paired.found = [check for check in paired.found if check.name is not None]
        if unnamed or None in of_types:
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

    return "_".join(parts)


def names_of_type_checks(model: Table, rules: ComparisonRules) -> set[str | None]:
    """Return the names of the checks that come with types; None if one has none."""
    if model.element is None:
        return set()

    bound: Iterable[object] = (
        each
        for each in model.element.constraints
        if getattr(each, "_type_bound", False)
    )
    return {
        rules.constraint_name(read_constraint(each).name)  # type: ignore[arg-type]  # _type_bound is an attribute of constraints only
        for each in bound
    }


def mentions(condition: str, columns: Iterable[str]) -> bool:
    """Return whether one of the names stands in a condition."""
    return any(
        re.search(rf"(?<!\w){re.escape(name)}(?!\w)", condition, re.IGNORECASE)
        for name in columns
    )
