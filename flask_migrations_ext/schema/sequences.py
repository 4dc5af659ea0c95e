"""Sequences that models mention: as default of a column, in an expression, alone."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from .model import Column
from .model import NumberSequence
from .model import options_from
from .model import SqlType
from .model import TableName

OPTIONS = (
    *("start", "increment", "minvalue", "maxvalue", "nominvalue", "nomaxvalue"),
    *("cycle", "cache", "order", "data_type"),
)
"""What can be said of a sequence, as ``sqlalchemy.Sequence`` takes it."""


def read_sequence(sequence: sa.Sequence) -> NumberSequence:
    """Return a sequence with the options that were given."""
    given: dict[str, Any] = {
        name: getattr(sequence, name)
        for name in OPTIONS
        if getattr(sequence, name, None) is not None
    }
    if "data_type" in given:
        given["data_type"] = SqlType.of(given["data_type"])

    return NumberSequence(
        TableName(str(sequence.name), sequence.schema), options_from(given)
    )


def sequences_of(
    metadata: sa.MetaData, tables: Iterable[sa.Table]
) -> Iterator[NumberSequence]:
    """Yield the sequences of a ``MetaData``, each once, by name.

    Left out is one that is needed only where there is nothing else: ``optional``.
    """
    known: dict[str, sa.Sequence] = dict(getattr(metadata, "_sequences", {}))
    found = {(each.schema or "", str(each.name)): each for each in known.values()}
    for table in tables:
        for column in table.columns:
            for each in _within(column):
                found.setdefault((each.schema or "", str(each.name)), each)

    for _, sequence in sorted(found.items()):
        if not sequence.optional:
            yield read_sequence(sequence)


def used_by(column: Column) -> Iterator[NumberSequence]:
    """Yield the sequences that a column of the models takes its values from."""
    if column.element is not None:
        for each in _within(column.element):
            if not each.optional:
                yield read_sequence(each)


def _within(column: sa.Column[Any]) -> Iterator[sa.Sequence]:
    if isinstance(column.default, sa.Sequence):
        yield column.default
    default: Any = getattr(column.server_default, "arg", None)
    if isinstance(default, sa.ClauseElement):
        for element in visitors.iterate(default):
            sequence = getattr(element, "sequence", None)
            if isinstance(sequence, sa.Sequence):
                yield sequence
