"""How likely two names are to be of one thing: by their words, not by their letters.

``email`` and ``email_address`` are; ``start_date`` and ``end_date`` share most letters
and are not. What is not known to mean little counts as another meaning.
"""

from __future__ import annotations

import re
from collections.abc import Collection

ALIKE = 0.8
"""From here on, names are taken to mean the same thing."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W_A-Za-z0-9]+")

# They say what kind of value it is, and not which one.
_WEAK = frozenset("at on is has by of the date time datetime id flag was".split())
_NEUTRAL = _WEAK | frozenset(
    "name address number text value full main primary field str".split()
)

_SAME = {
    word: same
    for same, *words in (
        "address addr adr".split(),
        "amount amt".split(),
        "average avg".split(),
        "birthday dob birthdate".split(),
        "category cat".split(),
        "company organisation organization org".split(),
        "comment remark note".split(),
        "configuration config cfg conf".split(),
        "count cnt".split(),
        "description desc descr".split(),
        "document doc".split(),
        "email mail".split(),
        "image img picture pic photo".split(),
        "language lang".split(),
        "latitude lat".split(),
        "length len".split(),
        "longitude lng lon".split(),
        "maximum max".split(),
        "message msg".split(),
        "minimum min".split(),
        "number num no nr".split(),
        "parameter param".split(),
        "password passwd pwd pass".split(),
        "phone telephone tel".split(),
        "position pos".split(),
        "price cost".split(),
        "quantity qty".split(),
        "reference ref".split(),
        "sequence seq".split(),
        "surname lastname".split(),
        "temperature temp".split(),
        "timestamp ts".split(),
        "zip postcode".split(),
    )
    for word in words
}


def likeness(one: str, other: str, around: Collection[str] = ()) -> float:
    """Return from 0 to 1 how far two names say the same.

    :param around: the names of what both are in, which say nothing more.
    """
    context = {word for name in around for word in words_of(name)}
    a, b = words_of(one), words_of(other)
    if a == b or _run_together(one, around) == _run_together(other, around):
        return 1.0

    rest = list(b)
    shared = []
    for word in a:
        found = next((each for each in rest if _same(word, each)), None)
        if found is not None:
            rest.remove(found)
            shared.append(word)
    left = [word for word in a if word not in shared] + rest
    means = [word for word in shared if word not in _WEAK and not word.isdigit()]
    if not means:
        return 0.1 if shared else 0.0
    if not left:
        return 0.95
    if all(word in _NEUTRAL or word in context for word in left):
        return 0.85

    return 0.7 * 2 * len(means) / (len(a) + len(b))


def words_of(name: str) -> list[str]:
    """Return the words of a name in lower case, each in its usual form."""
    return [_usual(word.lower()) for word in _WORD.findall(name)]


def _usual(word: str) -> str:
    if word in _SAME:
        return _SAME[word]
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if len(word) > 3 and word.endswith(ending) and not word.endswith("ss"):
            word = word.removesuffix(ending) + instead
            break

    return _SAME.get(word, word)


def _run_together(name: str, around: Collection[str]) -> str:
    whole = "".join(_WORD.findall(name)).lower()
    for each in around:
        word = "".join(words_of(each))
        if whole != word:
            whole = whole.removeprefix(word)

    return _usual(whole)


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    if one.isdigit() or other.isdigit():
        return False

    short, long = sorted((one, other), key=len)
    if len(short) >= 4 and long.removeprefix(short) in ("d", "ed", "e", "ing"):
        return True

    return len(short) >= 6 and _is_slip(one, other)


def _is_slip(one: str, other: str) -> bool:
    """Return whether one letter is missing or wrong, or two have changed places."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]

    return max(len(a), len(b)) <= 1 or (len(a) == len(b) == 2 and a == b[::-1])
