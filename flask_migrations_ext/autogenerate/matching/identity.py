"""What is known without a guess: who a table or column was before.

Names that differ by capitals, ``info={"renamed_from": …}``, and the names that the
models have apart from the database: an attribute ``email`` on a column
``email_address`` means the column that was called ``email``, as any column is that
says no name of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Generic
from typing import TypeVar

from ...schema.model import Column
from ...schema.model import Table
from ...schema.model import TableName

RENAMED_FROM = "renamed_from"
"""The key in ``info`` of a table or column that says what its name was."""

Named = TypeVar("Named", Table, Column)
_Key = tuple[str | None, str]


@dataclass(frozen=True)
class ModelNames:
    """What classes and attributes are called, by what they are in the database."""

    classes: Mapping[TableName, str] = field(default_factory=dict)
    attributes: Mapping[TableName, Mapping[str, str]] = field(default_factory=dict)


def certain_tables(
    gone: Iterable[Table], new: Iterable[Table], names: ModelNames
) -> Iterator[tuple[Table, Table]]:
    """Yield the tables that are certain to have another name in the models."""
    left = _Gone(gone)
    rest: list[Table] = []
    for each in new:
        old = left.said_or_alike(each)
        if old is None:
            rest.append(each)
        else:
            yield old, each

    for each in rest:
        for name in _tables_of_class(names.classes.get(each.name)):
            old = left.named(each.name.schema, name)
            if old is not None and _is_half_the_same(old, each):
                left.take(old)
                yield old, each
                break


def certain_columns(
    gone: Iterable[Column], new: Iterable[Column], attributes: Mapping[str, str]
) -> Iterator[tuple[Column, Column]]:
    """Yield the columns of a table that are certain to have another name.

    :param attributes: what the class calls its columns, by their names.
    """
    left = _Gone(gone)
    for each in new:
        old = left.said_or_alike(each)
        if old is None:
            old = left.named(None, attributes.get(each.name, ""))
            if old is None or not _is_of_one_kind(old, each):
                continue
            left.take(old)
        yield old, each


class _Gone(Generic[Named]):
    """What is in the database alone, until something new is found to be it."""

    def __init__(self, gone: Iterable[Named]) -> None:
        self._left: dict[_Key, Named] = {_key(each): each for each in gone}
        self._folded: dict[_Key, list[_Key]] = {}
        for schema, name in self._left:
            self._folded.setdefault((schema, name.casefold()), []).append(
                (schema, name)
            )

    def named(self, schema: str | None, name: str) -> Named | None:
        return self._left.get((schema, name))

    def take(self, each: Named) -> None:
        self._left.pop(_key(each))

    def said_or_alike(self, each: Named) -> Named | None:
        """Take what something new was, if its model says so or capitals differ."""
        schema, name = _key(each)
        said = getattr(each.element, "info", {}).get(RENAMED_FROM)
        if said is not None:
            return self._left.pop((schema, str(said)), None)

        alike = self._folded.get((schema, name.casefold()), [])
        return self._left.pop(alike[0], None) if len(alike) == 1 else None


def _key(each: Table | Column) -> _Key:
    if isinstance(each, Table):
        return each.name.schema, each.name.name

    return None, each.name


def _tables_of_class(name: str | None) -> Iterator[str]:
    """Yield what the table of a class is called that does not say it."""
    if name is None:
        return

    snake = re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", name).lower()
    yield snake
    yield f"{snake}s"
    yield name


def _is_half_the_same(found: Table, wanted: Table) -> bool:
    here = {each.name for each in found.columns}
    there = {each.name for each in wanted.columns}
    return 2 * len(here & there) >= len(here | there)


def _is_of_one_kind(found: Column, wanted: Column) -> bool:
    return bool(found.type.element._type_affinity is wanted.type.element._type_affinity)
