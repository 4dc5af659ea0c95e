"""What an index is on, as PostgreSQL takes it: an expression, and what follows it.

``lower(name) COLLATE "C" text_pattern_ops DESC NULLS LAST``; and when two are the same.
https://www.postgresql.org/docs/current/sql-createindex.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

from ...schema.model import Expression
from ...schema.model import Index
from ...schema.model import IndexPart
from ...schema.model import TableName
from ...schema.model import Unique
from ..comparison import ComparisonRules
from .queries import USUAL_CLASSES

_NAME = r'(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)'
_QUALIFIED = rf"{_NAME}(?:\.{_NAME})*"
_ORDER = re.compile(
    r"(?:\s+(?P<order>ASC|DESC))?(?:\s+NULLS\s+(?P<nulls>FIRST|LAST))?\s*$",
    re.IGNORECASE,
)
_COLLATED = re.compile(rf"\s+COLLATE\s+(?P<name>{_QUALIFIED})", re.IGNORECASE)
_CLASS = re.compile(rf"\s+(?P<name>{_QUALIFIED})\s*$")
_START = re.compile(_QUALIFIED)
_STRING = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")


@dataclass(frozen=True)
class IndexElement:
    """One of the things that an index is on.

    :param is_column: whether the expression is the plain name of a column.
    :param parameters: those of the operator class, as SQL.
    """

    expression: str
    is_column: bool = False
    collation: str | None = None
    operator_class: str | None = None
    parameters: str | None = None
    descending: bool = False
    nulls_first: bool = False

    @classmethod
    def parse(cls, text: str) -> IndexElement:
        """Return the element that a text is; what is none is an expression."""
        text = text.strip()
        inner = _inside(text)
        if inner is not None:
            within = cls.parse(inner)
            if within.collation is not None:
                return within

        order = _ORDER.search(text)
        assert order is not None  # it matches nothing at all, too
        descending = (order["order"] or "").upper() == "DESC"
        nulls = (order["nulls"] or ("FIRST" if descending else "LAST")).upper()
        end = _end_of_expression(text)
        rest = text[end : order.start()] if end <= order.start() else None
        found = _parsed_rest(rest) if rest is not None else None
        if found is None:
            return cls(text)

        collation, operator_class, parameters = found
        return cls(
            text[:end],
            collation=collation,
            operator_class=operator_class,
            parameters=parameters,
            descending=descending,
            nulls_first=nulls == "FIRST",
        )

    def part(self, quote: Callable[[str], str]) -> IndexPart:
        """Return the element as a part of an index, without its operator class."""
        words = [self.expression]
        if self.collation:
            words.append(f"COLLATE {self.collation}")
        if self.parameters:
            words.append(f"{self.operator_class} ({self.parameters})")
        if self.descending:
            words.append("DESC")
        if self.nulls_first != self.descending:
            words.append(f"NULLS {'FIRST' if self.nulls_first else 'LAST'}")

        if self.is_column and not words[1:]:
            return self.expression
        if self.is_column:
            words[0] = quote(self.expression)

        return Expression(" ".join(words))


def elements_of(definition: str) -> list[IndexElement]:
    """Return the elements in what ``pg_get_indexdef()`` says of an index."""
    masked = _masked(definition)
    start = masked.index("(", masked.index(" USING "))
    return [
        IndexElement.parse(definition[first:last])
        for first, last in _split(masked, start + 1, _closing(masked, start))
    ]


def _parsed_rest(text: str) -> tuple[str | None, str | None, str | None] | None:
    """Return collation, operator class and its parameters; None if it is other SQL."""
    collation = operator_class = parameters = None
    found = _COLLATED.match(text)
    if found is not None:
        collation = found["name"]
        text = text[found.end() :]

    if text.endswith(")"):
        opening = _masked(text).find("(")
        parameters = text[opening + 1 : -1]
        text = text[:opening].rstrip()

    found = _CLASS.match(text)
    if found is not None:
        operator_class = found["name"]
        text = text[found.end() :]

    if text.strip() or (parameters is not None and operator_class is None):
        return None

    return collation, operator_class, parameters


def _inside(text: str) -> str | None:
    """Return what stands in the brackets around all of a text, if there are any."""
    masked = _masked(text)
    closed = masked.startswith("(") and _closing(masked, 0) == len(masked) - 1
    return text[1:-1] if closed else None


def _end_of_expression(text: str) -> int:
    """Return where a column, a call, or something in brackets ends."""
    masked = _masked(text)
    if masked.startswith("("):
        return _closing(masked, 0) + 1

    name = _START.match(text)
    if name is None:
        return len(text)

    after = len(text) - len(text[name.end() :].lstrip())
    if masked[after : after + 1] == "(":
        return _closing(masked, after) + 1

    return name.end()


def _masked(text: str) -> str:
    """Return the text with strings and quoted names hidden, as long as it was."""
    return _STRING.sub(lambda found: "x" * len(found.group()), text)


def _closing(masked: str, start: int) -> int:
    depth = 0
    for place in range(start, len(masked)):
        depth += {"(": 1, ")": -1}.get(masked[place], 0)
        if depth == 0:
            return place

    return len(masked) - 1


def _split(masked: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    depth, first = 0, start
    for place in range(start, end):
        depth += {"(": 1, ")": -1}.get(masked[place], 0)
        if masked[place] == "," and depth == 0:
            yield first, place
            first = place + 1

    yield first, end


class IndexComparison(ComparisonRules):
    """PostgreSQL keeps of an index more than its columns."""

    _usual_classes: frozenset[str] | None = None

    def same_index(self, found: Index, wanted: Index, table: TableName) -> bool:
        """Return whether two indexes do the same, whatever their names."""
        if found.unique != wanted.unique or len(found.parts) != len(wanted.parts):
            return False

        pairs = zip(self._elements(found), self._elements(wanted), strict=True)
        return all(
            self._same_element(one, other, table) for one, other in pairs
        ) and self.same_index_options(found, wanted, table)

    def _elements(self, index: Index) -> Iterator[IndexElement]:
        classes: Mapping[str, str] = self.option(index, "ops") or {}
        parts: Any = getattr(index.element, "expressions", ())
        labels = [getattr(each, "key", None) for each in parts]
        for place, part in enumerate(index.parts):
            if isinstance(part, str):
                element = IndexElement(part, is_column=True)
            else:
                element = IndexElement.parse(part.sql(self.write))
            plain = element.expression.strip('"')
            names = [element.expression, plain, *map(str, labels[place : place + 1])]
            said = next((classes[name] for name in names if name in classes), None)
            yield replace(element, operator_class=element.operator_class or said)

    def _same_element(
        self, found: IndexElement, wanted: IndexElement, table: TableName
    ) -> bool:
        if self._what_follows(found) != self._what_follows(wanted):
            return False
        if found.is_column and wanted.is_column:
            return found.expression == wanted.expression

        return self.same_expression(
            found.expression, Expression(wanted.expression), table
        )

    def _what_follows(self, element: IndexElement) -> tuple[object, ...]:
        return (
            _own_collation(element.collation),
            self._own_class(element.operator_class),
            element.parameters,
            element.descending,
            element.nulls_first,
        )

    def _own_class(self, name: str | None) -> str | None:
        # The class that a type has by itself says nothing.
        if name is None or self.connection is None:
            return name

        name = name.rpartition(".")[2].strip('"')
        if self._usual_classes is None:
            found = self.connection.execute(USUAL_CLASSES).scalars()
            self._usual_classes = frozenset(map(str, found))

        return None if name in self._usual_classes else name

    def same_index_options(self, found: Index, wanted: Index, table: TableName) -> bool:
        """Return whether method, covered columns, nulls and condition are the same."""

        def plain(index: Index) -> tuple[object, ...]:
            return (
                str(self.option(index, "using") or "btree").lower(),
                [str(each) for each in self.option(index, "include") or ()],
                bool(self.option(index, "nulls_not_distinct")),
                _settings(self.option(index, "with")),
            )

        if plain(found) != plain(wanted):
            return False

        return super().same_index_options(found, wanted, table)

    def same_unique(self, found: Unique, wanted: Unique) -> bool:
        """Return whether two unique constraints demand the same, and cover the same."""

        def said(unique: Unique) -> tuple[object, ...]:
            return (
                [str(each) for each in self.option(unique, "include") or ()],
                bool(self.option(unique, "nulls_not_distinct")),
            )

        return said(found) == said(wanted) and super().same_unique(found, wanted)


def _own_collation(name: str | None) -> str | None:
    plain = (name or "").rpartition(".")[2].strip('"')
    return plain if plain not in ("", "default") else None


def _settings(said: Mapping[str, object] | None) -> dict[str, str]:
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in (said or {}).items()
    }
