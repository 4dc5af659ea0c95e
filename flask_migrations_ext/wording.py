"""How lists and numbers are said in messages: one way for the whole package."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence


def listed(names: Iterable[object], last: str = "and") -> str:
    """Return ``'a', 'b' and 'c'``."""
    quoted = [f"'{name}'" for name in names]

    if len(quoted) < 2:
        return "".join(quoted)

    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def first_listed(names: Sequence[object], number: int) -> str:
    """Return the first names, and how many more there are."""
    more = len(names) - number

    return listed(names[:number]) + (f" and {more} more" if more > 0 else "")


def said_by(error: BaseException) -> str:
    """Return ``ValueError: what it says``, whatever becomes of asking it."""
    try:
        text = str(error)
    except Exception as another:
        text = f"its message cannot be had, {type(another).__name__}"

    return f"{type(error).__name__}: {text}"


def counted(number: int, noun: str) -> str:
    """Return ``1 row`` or ``2 rows``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def roughly(number: int, noun: str) -> str:
    """Return ``1 row``, ``1,200 rows`` or ``1.2 million rows``: two digits count."""
    if number < 1000:
        return counted(number, noun)
    if number < 1_000_000:
        magnitude = 10 ** (len(str(number)) - 2)
        return f"{number // magnitude * magnitude:,} {noun}s"

    return f"{number / 1_000_000:.1f} million {noun}s"
