"""What can be typed for a place in the history, taken apart once.

Whoever takes text from a person calls :func:`parse` or one of its kind; what comes
after that gets the value.

::

    head  heads  base  current  3f2a  accounts      a place
    accounts@head  accounts@base  accounts@3f2a     on one branch, by label or id
    +2  -1  accounts@+2                             from where the database is
    head-2  3f2a+1  accounts@head-1                 from a place
    shop-samples  shop-samples@head                 a label may have dashes within
    a:b  a:  :b  -3:  current:+3                    a range, both ends included
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import InvalidTarget
from .revision import RESERVED_WORDS

_FORM = re.compile(
    r"(?:(?P<branch>[^@+:-][^@+:]*|)@)?(?P<place>[^@+:-][^@+:]*?)?(?P<steps>[+-][0-9]+)?"
)

# Nobody has a billion revisions; Python refuses to read 5,000 digits.
_MOST_DIGITS = 9


@dataclass(frozen=True)
class Target:
    """What was typed, taken apart: ``branch@place+steps``.

    Without a place it is relative to where the database is; ``steps`` is 0 when
    none were given.
    """

    text: str
    branch: str | None = None
    place: str | None = None
    steps: int = 0

    def __str__(self) -> str:
        return self.text

    @property
    def from_database(self) -> bool:
        """Whether the meaning depends on where the database is."""
        return self.place in (None, "current")


def parse(text: str) -> Target:
    """Return what was typed, taken apart.

    :raises InvalidTarget: if it has no form that means anything.
    """
    typed = text.strip()
    if ":" in typed:
        raise InvalidTarget(
            text, "a range has a meaning in 'flask db history' and with --sql only"
        )

    match = _FORM.fullmatch(typed)
    if match is None:
        raise InvalidTarget(
            text,
            "write a revision, head, heads, base, BRANCH@head or BRANCH@REVISION,"
            " and +N or -N after it, or alone, for steps from there",
        )

    branch, place, steps = match.group("branch", "place", "steps")
    if branch is not None and (not branch or branch in RESERVED_WORDS):
        raise InvalidTarget(text, "before the '@' stands a branch label or a revision")

    if not place and not steps:
        raise InvalidTarget(text, "it names no revision")

    return Target(text, branch, place or None, _steps(text, steps))


def _steps(text: str, typed: str | None) -> int:
    if not typed:
        return 0

    digits = typed[1:].lstrip("0")
    if not digits:
        raise InvalidTarget(text, "the number of steps starts at 1")

    if len(digits) > _MOST_DIGITS:
        raise InvalidTarget(text, "no history has so many revisions")

    return int(f"{typed[0]}{digits}")


@dataclass(frozen=True)
class Range:
    """What was typed, taken apart: ``start:end``, or what is meant by an end alone."""

    text: str
    start: Target
    end: Target

    @property
    def from_database(self) -> bool:
        """Whether an end is where the database is; steps alone count from the other."""
        return "current" in (self.start.place, self.end.place)


BASE = Target("base", place="base")
HEAD = Target("head", place="head")
HEADS = Target("heads", place="heads")
EVERYTHING = Range(":", BASE, HEADS)


def parse_range(text: str) -> Range:
    """Return both ends of a range; left out, they are base and heads.

    :raises InvalidTarget: if it is no range, or an end means nothing.
    """
    start, end = _split(text, "START:END, START: or :END")
    return Range(text, parse(start) if start else BASE, parse(end) if end else HEADS)


def parse_sql(text: str, *, backwards: bool = False) -> Range:
    """Return from where to where SQL text leads.

    Without a start it is base; without an end, heads.

    :param backwards: refuse to guess either, as undoing must; but steps alone count
        from head.
    :raises InvalidTarget: if it is no range, or an end means nothing.
    """
    if ":" not in text and not backwards:
        return Range(text, BASE, parse(text))

    if ":" not in text and text.strip().startswith("-"):
        return Range(text, HEAD, parse(text))

    start, end = _split(text, "START:END, as in head:base")
    if backwards and not (start and end):
        raise InvalidTarget(text, "downgrading with --sql needs START:END")

    found = parse_range(text)
    if found.start.from_database:
        raise InvalidTarget(
            text, "with --sql nobody asks the database where it is; name the start"
        )
    return found


def _split(text: str, example: str) -> list[str]:
    ends = [end.strip() for end in text.split(":")]
    if len(ends) != 2:
        raise InvalidTarget(text, f"a range is written {example}")

    return ends
