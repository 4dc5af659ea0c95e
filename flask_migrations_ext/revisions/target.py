"""What can be typed for a place in the history, taken apart.

::

    head  heads  base  current  3f2a  accounts      a place
    accounts@head  accounts@base  accounts@3f2a     on one branch, by label or id
    +2  -1  accounts@+2                             from where the database is
    head-2  3f2a+1  accounts@head-1                 from a place
    a:b  a:  :b  -3:  current:+3                    a range, both ends included
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import InvalidTarget
from .revision import RESERVED_WORDS

_FORM = re.compile(
    r"(?:(?P<branch>[^@+:-]*)@)?(?P<place>[^@+:-]*)(?P<steps>[+-][0-9]+)?"
)


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

    if steps and int(steps) == 0:
        raise InvalidTarget(text, "the number of steps starts at 1")

    return Target(text, branch, place or None, int(steps or 0))


def split_range(text: str, example: str = "START:END, START: or :END") -> list[str]:
    """Return both ends of a range as typed; an end left out is empty.

    :raises InvalidTarget: if it is no range.
    """
    ends = [end.strip() for end in text.split(":")]
    if len(ends) != 2:
        raise InvalidTarget(text, f"a range is written {example}")

    return ends
