"""What an index is on, as PostgreSQL takes it: an expression, and what follows it.

``lower(name) COLLATE "C" text_pattern_ops DESC NULLS LAST``. Pure text.
https://www.postgresql.org/docs/current/sql-createindex.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass

from ...schema.model import Expression
from ...schema.model import IndexPart

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
