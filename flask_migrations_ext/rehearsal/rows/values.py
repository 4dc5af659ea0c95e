"""Values that columns of a type take: plain ones, and others to try where those fail.

No text of a constraint is understood here. What stands in it, numbers and strings, is
tried, and the database says what it takes.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from collections.abc import Sequence
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

Types = Sequence[sa.types.TypeEngine[Any]]

_NUMBER = re.compile(r"(?<![\w.'])-?\d+(?:\.\d+)?(?![\w'])")
_TEXT = re.compile(r"'((?:[^']|'')*)'")
_LONGEST = 1000

# By SQLAlchemy's name of a type that has no class for all databases.
_OF_NAMED: dict[str, Any] = {
    "YEAR": 2001,
    "INET": "10.0.0.1",
    "CIDR": "10.0.0.0/8",
    "MACADDR": "08:00:2b:01:02:03",
    "TSVECTOR": "word",
    "HSTORE": {"a": "1"},
    "MONEY": Decimal(1),
    "BIT": "1",
    "INT4RANGE": "[1,5)",
    "INT8RANGE": "[1,5)",
    "NUMRANGE": "[1,5)",
    "DATERANGE": "[2020-01-01,2020-01-05)",
    "TSRANGE": "[2020-01-01,2020-01-05)",
    "TSTZRANGE": "[2020-01-01,2020-01-05)",
}


def value_for(types: Types, number: int) -> Any:
    """Return a value that columns of all these types could hold.

    The first is the type that it is for; the others are what the column was, or will
    be. Other numbers have other values, as far as there are.
    """
    kinds = [_plain(each) for each in types]
    own = kinds[0]
    enums = [each.enums for each in kinds if isinstance(each, sa.Enum) and each.enums]
    if enums:
        shared = [v for v in enums[0] if all(v in other for other in enums)]
        return (shared or enums[0])[number % len(shared or enums[0])]

    members = getattr(own, "values", None)
    if isinstance(members, list | tuple) and members:
        return members[number % len(members)]

    for kind in sorted(kinds, key=_strictness):
        found = _value(kind, number, kinds)
        if found is not None:
            return _as(own, found)

    return str(number)


def tried_for(types: Types, texts: Sequence[str], number: int) -> Iterator[Any]:
    """Yield values to try for a column that conditions mention.

    :param texts: the conditions.
    """
    own = _plain(types[0])
    numbers = [Decimal(each) for text in texts for each in _NUMBER.findall(text)]
    words = [each.replace("''", "'") for text in texts for each in _TEXT.findall(text)]

    if isinstance(own, sa.Boolean):
        yield from (True, False)
    elif isinstance(own, sa.Numeric | sa.Integer):
        for each in numbers:
            yield from (_as(own, each + step) for step in (0, 1, -1))
        yield from (_as(own, Decimal(each)) for each in (number, 0, 1, -1))
    elif isinstance(own, sa.String):
        for word in words:
            yield re.sub("[%_]", str(number % 10), word)
        for each in numbers:
            if 0 <= each <= _LONGEST:
                yield str(number).rjust(int(each), "x")[-int(each) or _LONGEST :]
    yield from (value_for(types, number + more) for more in (0, 1, 2, 3, 7))


def _plain(type_: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    if isinstance(type_, sa.types.TypeDecorator):
        return type_.impl_instance

    # A domain is what it is of.
    beneath = getattr(type_, "data_type", None)
    return beneath if isinstance(beneath, sa.types.TypeEngine) else type_


# What takes the fewest values comes first.
_KINDS: tuple[type[sa.types.TypeEngine[Any]], ...] = (
    *(sa.Boolean, sa.Uuid, sa.DateTime, sa.Date, sa.Time, sa.Interval),
    *(sa.SmallInteger, sa.Integer, sa.Numeric),
    *(sa.LargeBinary, sa.JSON, sa.ARRAY, sa.String),
)


def _strictness(type_: sa.types.TypeEngine[Any]) -> int:
    return next(
        (i for i, kind in enumerate(_KINDS) if isinstance(type_, kind)), len(_KINDS)
    )


def _value(kind: sa.types.TypeEngine[Any], number: int, kinds: Types) -> Any:
    match kind:
        case sa.Boolean():
            return number % 2 == 1
        case sa.Uuid():
            made = uuid.UUID(int=number)
            return made if kind.as_uuid else made.hex
        case sa.DateTime():
            return datetime(2020, 1, 1, 12) + timedelta(days=number)
        case sa.Date():
            return date(2020, 1, 1) + timedelta(days=number)
        case sa.Time():
            return time(number % 24, number % 60)
        case sa.Interval():
            return timedelta(days=number)
        case sa.Integer():
            return number
        case sa.Numeric():
            return _decimal(number, kinds)
        case sa.LargeBinary():
            return str(number).encode()
        case sa.JSON():
            return {"number": number}
        case sa.ARRAY():
            return [value_for([kind.item_type], number)]
        case sa.String():
            return _text(number, kinds)

    return _OF_NAMED.get(str(getattr(kind, "__visit_name__", "")))


def _decimal(number: int, kinds: Types) -> Decimal:
    digits = [
        (each.precision - (each.scale or 0), each.scale or 0)
        for each in kinds
        if isinstance(each, sa.Numeric) and each.precision is not None
    ]
    whole = min((before for before, _ in digits), default=9)
    scale = min((after for _, after in digits), default=0)
    kept = number % 10**whole if whole > 0 else 0
    return Decimal(kept) + (Decimal("0.25") if scale >= 2 else 0)


def _text(number: int, kinds: Types) -> str:
    lengths = [
        each.length for each in kinds if isinstance(each, sa.String) and each.length
    ]
    return str(number)[-min(lengths, default=_LONGEST) :]


def _as(own: sa.types.TypeEngine[Any], value: Any) -> Any:
    """Return a value in the form that a type takes it in."""
    if isinstance(own, sa.String) and not isinstance(value, str):
        return value.isoformat() if hasattr(value, "isoformat") else str(value)
    if isinstance(own, sa.Integer) and isinstance(value, Decimal | bool):
        return int(value)
    if isinstance(own, sa.Numeric) and isinstance(value, int | Decimal):
        return Decimal(value) if own.asdecimal else float(value)
    if isinstance(own, sa.DateTime) and type(value) is date:
        return datetime(value.year, value.month, value.day)
    if isinstance(own, sa.Date) and isinstance(value, datetime):
        return value.date()

    return value
