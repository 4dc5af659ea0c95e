"""How likely something that is gone is what is new under another name, from 0 to 1.

Columns are compared within one table, tables within one schema. A pair that cannot
be one thing, by its type or what it points to, has no score at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ...dialects.comparison import ComparisonRules
from ...schema.model import Column
from ...schema.model import ForeignKey
from ...schema.model import Table
from ...schema.model import TableName
from ...schema.model import Unique
from .assignment import Pair
from .names import ALIKE
from .names import likeness

POSSIBLE = 0.5
"""From here on, a pair may be a rename, and a person is asked."""

CONFIDENT = 0.8
"""From here on, and if no other is near, it is what the person is offered first."""

_NEAR = 0.2
_MANY = 10_000
"""Of more pairs than these, only those with a name in common are looked at."""

# In every other table: no sign that two are the same.
_EVERYWHERE = frozenset(
    "id name created_at updated_at created modified title description".split()
)


@dataclass(frozen=True)
class Likely:
    """What speaks for a pair.

    :param is_alike: whether more than position and type does.
    """

    score: float
    is_alike: bool


Scores = Mapping[Pair, Likely]
_Family = type[sa.types.TypeEngine[Any]]


def is_confident(pair: Pair, scores: Scores) -> bool:
    """Return whether a pair is better than any other that either of the two is in."""
    found = scores[pair]
    if found.score < CONFIDENT or not found.is_alike:
        return False

    return all(
        other == pair or found.score - each.score >= _NEAR or not each.is_alike
        for other, each in scores.items()
        if other[0] == pair[0] or other[1] == pair[1]
    )


# -- columns ---------------------------------------------------------------


def column_scores(
    tables: tuple[Table, Table],
    gone: Sequence[Column],
    new: Sequence[Column],
    rules: ComparisonRules,
    renamed: Mapping[TableName, TableName],
) -> dict[Pair, Likely]:
    """Return the scores of what may be a pair, by places in ``gone`` and ``new``.

    :param tables: the one of the database, and that of the models.
    :param renamed: the tables with other names in the models.
    """
    before, after = tables
    found, wanted = _Parts(before, renamed), _Parts(after, {})
    around = (before.name.name, after.name.name)
    scores: dict[Pair, Likely] = {}
    for i, j in _pairs([each.name for each in gone], [each.name for each in new]):
        one, other = gone[i], new[j]
        fit = _fit(one, other, rules)
        if fit == 0.0 or not found.may_be(one, wanted, other):
            continue

        alike = likeness(one.name, other.name, around)
        score = (
            fit
            + 0.30 * alike
            + 0.05 * (one.nullable == other.nullable)
            + 0.05 * (_text(one) == _text(other))
            + 0.05 * ((one.comment or None) == (other.comment or None))
            + 0.15 * found.beside(one.name, wanted, other.name)
            + 0.15 * (found.roles(one.name) == wanted.roles(other.name))
        )
        if score >= POSSIBLE:
            scores[i, j] = Likely(score, alike >= ALIKE)

    return scores


def _pairs(gone: Sequence[str], new: Sequence[str]) -> Iterator[Pair]:
    if len(gone) * len(new) <= _MANY:
        for i in range(len(gone)):
            for j in range(len(new)):
                yield i, j
        return

    # So many at once are generated, or another table: each with the one at its place.
    for i in range(min(len(gone), len(new))):
        yield i, i


def _text(column: Column) -> str | None:
    return None if column.default is None else column.default.expression.text


_GROUPS: tuple[tuple[_Family, ...], ...] = (
    (sa.String, sa.Enum),
    (sa.Integer, sa.Numeric),
    (sa.Date, sa.DateTime),
)


def _fit(found: Column, wanted: Column, rules: ComparisonRules) -> float:
    """Return what speaks for a pair of types; 0 if the values would not go over."""
    if rules.same_type(found.type, wanted.type):
        return 0.25

    one, other = _family(found.type.element), _family(wanted.type.element)
    if one is other:
        return 0.20 if one is sa.String or one is sa.Integer else 0.15
    if any(one in group and other in group for group in _GROUPS):
        return 0.05

    return 0.0


def _family(element: sa.types.TypeEngine[Any]) -> _Family:
    family: _Family = element._type_affinity or type(element)
    kinds: tuple[_Family, ...] = (
        sa.Enum,
        sa.String,
        sa.Integer,
        sa.Numeric,
        sa.DateTime,
        sa.Date,
    )
    return next((kind for kind in kinds if issubclass(family, kind)), family)


class _Parts:
    """What the columns of one table are part of, and what they stand beside."""

    def __init__(self, table: Table, renamed: Mapping[TableName, TableName]) -> None:
        self._places = {each.name: n for n, each in enumerate(table.columns)}
        self._columns = [each.name for each in table.columns]
        self._referents: dict[str, tuple[TableName, tuple[str, ...]]] = {}
        self._roles: dict[str, set[str]] = {}
        key = table.primary_key
        self._key = frozenset(key.columns if key else ())
        for reference in table.of_kind(ForeignKey):
            referent = renamed.get(reference.referent, reference.referent)
            for name in reference.columns:
                self._referents[name] = referent, reference.referent_columns
                self._roles.setdefault(name, set()).add("foreign key")
        for unique in table.of_kind(Unique):
            for name in unique.columns:
                self._roles.setdefault(name, set()).add("unique")
        for index in table.indexes:
            for name in index.columns:
                role = "unique" if index.unique else "index"
                self._roles.setdefault(name, set()).add(role)

    def may_be(self, column: Column, others: _Parts, other: Column) -> bool:
        """Return whether nothing forbids that two columns are one."""
        if column.computed is not None or other.computed is not None:
            return False
        if (column.name in self._key) != (other.name in others._key):
            return False

        here = self._referents.get(column.name)
        there = others._referents.get(other.name)
        return here is None or there is None or here[0] == there[0]

    def roles(self, name: str) -> set[str]:
        """Return what a column is part of."""
        roles = self._roles.get(name, set())
        # Some databases make an index for each key, which no model has.
        return roles - {"index"} if "foreign key" in roles else roles

    def beside(self, name: str, others: _Parts, other: str) -> float:
        """Return how far two columns stand between the same ones."""
        return (
            (self._at(name, -1) == others._at(other, -1))
            + (self._at(name, +1) == others._at(other, +1))
        ) / 2

    def _at(self, name: str, step: int) -> str | None:
        place = self._places[name] + step
        return self._columns[place] if 0 <= place < len(self._columns) else None


# -- tables ----------------------------------------------------------------


def table_scores(
    gone: Sequence[Table], new: Sequence[Table], rules: ComparisonRules
) -> dict[Pair, Likely]:
    """Return the scores of what may be a pair, by places in ``gone`` and ``new``."""
    found = [_signature(each) for each in gone]
    wanted = [_signature(each) for each in new]
    scores: dict[Pair, Likely] = {}
    for i, j in _tables_with_something_in_common(found, wanted):
        if gone[i].name.schema != new[j].name.schema:
            continue

        shared, all_of_them = found[i] & wanted[j], found[i] | wanted[j]
        part = len(shared) / len(all_of_them)
        telling = len(shared - _EVERYWHERE)
        alike = likeness(gone[i].name.name, new[j].name.name)
        score = 0.6 * part + 0.3 * alike + 0.1 * (telling >= 1)
        is_alike = (alike >= ALIKE and part >= 0.5) or (part >= 0.9 and telling >= 4)
        if is_alike:
            score = max(score, CONFIDENT)
        if score >= POSSIBLE and telling + (alike >= ALIKE) >= 1:
            scores[i, j] = Likely(score, is_alike)

    return scores


def _signature(table: Table) -> frozenset[str]:
    return frozenset(each.name.lower() for each in table.columns)


def _tables_with_something_in_common(
    found: Sequence[frozenset[str]], wanted: Sequence[frozenset[str]]
) -> Iterator[Pair]:
    holders: dict[str, list[int]] = {}
    for j, names in enumerate(wanted):
        for name in names:
            holders.setdefault(name, []).append(j)

    rest = _MANY * 10
    for i, names in enumerate(found):
        common: Counter[int] = Counter()
        # The rarest first: what every table has tells nothing, and is in all of them.
        for name in sorted(names, key=lambda each: (len(holders.get(each, ())), each)):
            for j in holders.get(name, ()):
                common[j] += 1
            rest -= len(holders.get(name, ()))
            if rest < 0 and common:
                break
        for j, _ in sorted(common.items(), key=lambda item: (-item[1], item[0]))[:20]:
            yield i, j
