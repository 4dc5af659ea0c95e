"""Answers of the comparison rules, asked once for what many columns have in common.

A schema has a few types and defaults, and many columns that have them.
"""

from __future__ import annotations

from collections.abc import Hashable

from ...dialects.comparison import ComparisonRules
from ...schema.model import Column
from ...schema.model import ServerDefault


class RememberedRules:
    """The rules for types and defaults, with what they have said so far."""

    def __init__(self, rules: ComparisonRules) -> None:
        self._rules = rules
        self._types: dict[Hashable, bool] = {}
        self._defaults: dict[Hashable, bool] = {}

    def same_type(self, found: Column, wanted: Column) -> bool:
        """Return whether a column may keep its type."""
        key = found.type.identity, wanted.type.identity
        if key not in self._types:
            self._types[key] = self._rules.same_type(found.type, wanted.type)

        return self._types[key]

    def same_default(self, found: Column, wanted: Column) -> bool:
        """Return whether a column may keep its server default."""
        if found.default is None and wanted.default is None:
            return True

        key = (
            *(_identity(each.default) for each in (found, wanted)),
            *(each.type.identity for each in (found, wanted)),
        )
        if key not in self._defaults:
            self._defaults[key] = self._rules.same_default(found, wanted)

        return self._defaults[key]


def _identity(default: ServerDefault | None) -> Hashable:
    if default is None:
        return None
    if default.expression.element is None:
        return default.literal, default.expression.written

    found = default.expression.element._generate_cache_key()
    if found is None or not all(_is_plain(each.value) for each in found.bindparams):
        return id(default.expression.element)

    return found.key, tuple((type(e.value), e.value) for e in found.bindparams)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
