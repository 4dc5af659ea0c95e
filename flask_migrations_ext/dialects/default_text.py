"""Server defaults as text that can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from decimal import InvalidOperation

import sqlalchemy as sa

from ..schema.model import ServerDefault

_STRING = re.compile(r"'(?:[^']|'')*'")
_CAST = re.compile(
    r"""::(?:character\ varying|double\ precision|bit\ varying
          |(?:timestamp|time)(?:\(\d+\))?\ with(?:out)?\ time\ zone
          |"[^"]+"(?:\."[^"]+")?|[a-z_][\w.]*)(?:\([\d,\ ]*\))?(?:\[\])*""",
    re.IGNORECASE | re.VERBOSE,
)
_NOW = re.compile(
    r"\b(?:now\(\s*\)|current_timestamp(?!\w)(?:\(\s*\))?)", re.IGNORECASE
)
_CALL = re.compile(r"\w\s*\(|\b(?:current_|local|session_user|user\b)", re.IGNORECASE)


def string_value(text: str) -> str | None:
    """Return the value of a quoted string, or None if ``text`` is something else."""
    if _STRING.fullmatch(text) is None:
        return None

    return text[1:-1].replace("''", "'")


def number_value(text: str) -> Decimal | None:
    """Return the value of a number, or None if ``text`` is something else."""
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return None


def without_casts(text: str) -> str:
    """Return SQL without PostgreSQL's ``::type``, outside of strings."""
    return _outside_strings(text, lambda part: _CAST.sub("", part))


def unparenthesized(text: str) -> str:
    """Return SQL without the parentheses around all of it."""
    text = text.strip()
    while text.startswith("(") and _closing(text, 0) == len(text) - 1:
        text = text[1:-1].strip()

    return text


def canonical(text: str) -> str:
    """Return SQL in one form: no casts, one word for now, no idle spaces, lower case.

    Strings stay as they are.
    """

    def plain(part: str) -> str:
        part = _NOW.sub("current_timestamp", part)
        return re.sub(r"\s*([(),=<>+*/|-])\s*", r"\1", " ".join(part.split())).lower()

    text = unparenthesized(without_casts(text.strip()))
    # Arguments such as ('x'::text) keep parentheses that say nothing.
    text = re.sub(r"(?<!\w)\(('(?:[^']|'')*')\)", r"\1", text)

    return unparenthesized(_outside_strings(text, plain))


def is_constant(text: str) -> bool:
    """Return whether SQL names nothing that differs from one moment to the next."""
    return _CALL.search(_STRING.sub("''", text)) is None


def loose(text: str) -> str:
    """Return SQL without all that databases add or remove when they store it."""
    text = without_casts(text)
    return _outside_strings(
        text, lambda part: re.sub(r'[\s()"`\[\]]', "", part).lower()
    )


def truth(text: str) -> str:
    """Return ``true`` or ``false`` for a word that means it, else the text."""
    word = text.strip().lower()
    if word in ("true", "t", "1", "yes", "on"):
        return "true"
    if word in ("false", "f", "0", "no", "off"):
        return "false"

    return text


def truth_default(default: ServerDefault) -> ServerDefault:
    """Return the default of a Boolean as every database says it."""
    # 1 is no boolean to PostgreSQL.
    said = {"true": sa.true(), "false": sa.false()}
    element = said.get(truth(default.expression.text))

    return default if element is None else ServerDefault.of(element)


def _outside_strings(text: str, change: Callable[[str], str]) -> str:
    parts: list[str] = []
    last = 0
    for string in _STRING.finditer(text):
        parts += [change(text[last : string.start()]), string.group()]
        last = string.end()
    parts.append(change(text[last:]))

    return "".join(parts)


def _closing(text: str, start: int) -> int:
    depth = 0
    masked = _STRING.sub(lambda string: "x" * len(string.group()), text)
    for place in range(start, len(masked)):
        depth += {"(": 1, ")": -1}.get(masked[place], 0)
        if depth == 0:
            return place

    return -1
