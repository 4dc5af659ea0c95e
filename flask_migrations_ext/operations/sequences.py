"""Verbs for sequences that no column owns, where databases keep such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from typing import ClassVar

import sqlalchemy as sa

from ..schema.model import NumberSequence
from ..schema.model import options_from
from ..schema.model import SqlType
from ..schema.model import TableName
from .base import Operation


@dataclass(frozen=True)
class CreateSequence(Operation):
    """Create a sequence, where databases keep such and it is not there yet."""

    verb: ClassVar[str] = "create_sequence"
    sequence: NumberSequence

    def reversed(self) -> Operation:
        return DropSequence(self.sequence.name, was=self.sequence)


@dataclass(frozen=True)
class DropSequence(Operation):
    """Drop a sequence, if the database keeps such and has it.

    With ``was``, it can be created again, and counts from its start.
    """

    verb: ClassVar[str] = "drop_sequence"
    name: TableName
    was: NumberSequence | None = None

    def reversed(self) -> Operation:
        if self.was is None:
            return super().reversed()

        return CreateSequence(self.was)


def create_sequence(
    name: str,
    *,
    schema: str | None = None,
    start: int | None = None,
    increment: int | None = None,
    minvalue: int | None = None,
    maxvalue: int | None = None,
    nominvalue: bool | None = None,
    nomaxvalue: bool | None = None,
    cycle: bool | None = None,
    cache: int | None = None,
    order: bool | None = None,
    data_type: sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]] | None = None,
) -> CreateSequence:
    """Create a sequence, if the database keeps such and has it not yet.

    The arguments are those of ``sqlalchemy.Sequence``.
    """
    given = {
        **{"start": start, "increment": increment, "cycle": cycle, "cache": cache},
        **{"minvalue": minvalue, "maxvalue": maxvalue, "order": order},
        **{"nominvalue": nominvalue, "nomaxvalue": nomaxvalue},
        "data_type": None if data_type is None else SqlType.of(data_type),
    }
    options = {option: value for option, value in given.items() if value is not None}
    return CreateSequence(
        NumberSequence(TableName(name, schema), options_from(options))
    )


def drop_sequence(name: str, *, schema: str | None = None) -> DropSequence:
    """Drop a sequence, if the database keeps such and has it."""
    return DropSequence(TableName(name, schema))
