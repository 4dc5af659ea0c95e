"""Verbs for enum types that a database keeps by name (PostgreSQL)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Operation


@dataclass(frozen=True)
class CreateEnum(Operation):
    """Create an enum type, or add what it lacks, where databases keep such types."""

    verb: ClassVar[str] = "create_enum"
    name: str
    values: tuple[str, ...]
    schema: str | None = None

    def reversed(self) -> Operation:
        return DropEnum(self.name, self.schema, was=self.values)


@dataclass(frozen=True)
class DropEnum(Operation):
    """Drop an enum type, if the database keeps such types and has it.

    With ``was``, its values, it can be created again.
    """

    verb: ClassVar[str] = "drop_enum"
    name: str
    schema: str | None = None
    was: tuple[str, ...] | None = None

    def reversed(self) -> Operation:
        if self.was is None:
            return super().reversed()

        return CreateEnum(self.name, self.was, self.schema)
