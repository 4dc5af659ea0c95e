"""Which of SQLAlchemy's types are one and the same, at a glance."""

from __future__ import annotations

from collections.abc import Hashable
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa


def identity_of(element: sa.types.TypeEngine[Any]) -> Hashable:
    """Return what two types share if they cannot be told apart.

    Cheap to make; two types that are the same may also have different ones.
    """
    return type(element), *(
        (name, _frozen(value))
        for name, value in element.__dict__.items()
        if name not in _WITHOUT_MEANING
    )


# What SQLAlchemy notes down, and what is derived from the rest.
_WITHOUT_MEANING = frozenset(
    {
        *("_static_cache_key", "_default_dialect", "dispatch", "metadata"),
        *("_valid_lookup", "_object_lookup", "_sort_key_function"),
    }
)


def _frozen(value: Any) -> Hashable:
    if value is None or isinstance(value, str | int | float | bool | type):
        return value
    if isinstance(value, list | tuple):
        return tuple(map(_frozen, value))
    if isinstance(value, sa.types.TypeEngine):
        return identity_of(value)
    if isinstance(value, Mapping):
        return tuple((name, _frozen(each)) for name, each in value.items())

    return id(value)
