"""Which values of a column another type of it cannot hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

_Condition = sa.ColumnElement[bool]


@dataclass(frozen=True)
class Misfit:
    """Values that do not fit.

    :param kind: that of the question about them.
    :param condition: returns which rows have such a value, by the column's name.
    :param having: what is with those rows.
    :param length: how many characters do fit, if they are too long.
    """

    kind: str
    condition: Callable[[str], _Condition]
    having: str
    length: int | None = None

    def cut(self, column: str) -> str | None:
        """Return the SQL of a value that is cut to what fits."""
        return None if self.length is None else f"substr({column}, 1, {self.length})"


def misfits(was: Any, becomes: Any) -> Misfit | None:
    """Return which values of one type another cannot hold; None: it holds all."""
    if isinstance(becomes, sa.Enum):
        return _of_enum(was, becomes)
    if isinstance(becomes, sa.String):
        return _of_text(was, becomes)
    if isinstance(becomes, sa.Integer) and isinstance(was, sa.Integer):
        return _of_integer(was, becomes)
    if isinstance(becomes, sa.Numeric) and isinstance(was, sa.Numeric):
        return _of_number(was, becomes)

    return None


def _of_text(was: Any, becomes: sa.String) -> Misfit | None:
    length = becomes.length
    if length is None or not isinstance(was, sa.String):
        return None
    if was.length is not None and was.length <= length:
        return None

    return Misfit(
        "too_long",
        lambda name: sa.func.char_length(sa.column(name, sa.String())) > length,
        f"with more than {length} characters in it",
        length,
    )


def _of_enum(was: Any, becomes: sa.Enum) -> Misfit | None:
    values = list(becomes.enums)
    if not values or not isinstance(was, sa.String):
        return None
    if isinstance(was, sa.Enum) and set(was.enums) <= set(values):
        return None

    return Misfit(
        "enum_values",
        lambda name: sa.cast(sa.column(name), sa.String(255)).not_in(values),
        "with a value that is none of the new ones",
    )


_BITS: tuple[tuple[Any, int], ...] = (
    (sa.SmallInteger, 15),
    (sa.BigInteger, 63),
    (sa.Integer, 31),
)


def _of_integer(was: sa.Integer, becomes: sa.Integer) -> Misfit | None:
    before, after = _bits(was), _bits(becomes)
    if before <= after:
        return None

    least, most = -(2**after), 2**after - 1
    return Misfit(
        "too_long",
        lambda name: sa.not_(sa.column(name, sa.BigInteger()).between(least, most)),
        "with a number too large for the new type",
    )


def _bits(element: sa.Integer) -> int:
    return next(bits for kind, bits in _BITS if isinstance(element, kind))


def _of_number(was: sa.Numeric[Any], becomes: sa.Numeric[Any]) -> Misfit | None:
    room, before = _digits(becomes), _digits(was)
    if room is None or (before is not None and before <= room):
        return None

    return Misfit(
        "too_long",
        lambda name: sa.func.abs(sa.column(name, sa.Numeric())) >= 10**room,
        "with a number too large for the new type",
    )


def _digits(element: sa.Numeric[Any]) -> int | None:
    """Return how many digits it has before the point; None: as many as one likes."""
    if isinstance(element, sa.Float) or element.precision is None:
        return None

    return element.precision - (element.scale or 0)
