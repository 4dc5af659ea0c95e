"""How Microsoft SQL Server writes values."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa

from ..literals import Literals


class MSSQLLiterals(Literals):
    """How Microsoft SQL Server writes values."""

    def special(self, value: Any, type_: sa.types.TypeEngine[Any]) -> str | None:
        stored = type_._unwrapped_dialect_impl(self.dialect)
        if isinstance(stored, sa.String) and value is not None:
            # Without N, characters outside of the code page become question marks.
            bound = self.bound(value, type_)
            if isinstance(bound, str) and not bound.isascii():
                return self.string(bound)

        if isinstance(stored, sa.DateTime) and isinstance(value, datetime.datetime):
            return self.moment(value)

        return super().special(value, type_)

    def string(self, value: str) -> str:
        return super().string(value) if value.isascii() else f"N{super().string(value)}"

    def binary(self, value: bytes) -> str:
        return f"0x{value.hex()}"

    def moment(self, value: datetime.datetime) -> str:
        # With the T, it is read the same in every language of a session.
        text = f"'{value.isoformat()}'"
        if value.tzinfo is not None:
            return f"CAST({text} AS DATETIMEOFFSET)"

        # A DATETIME refuses text with six digits, but takes a DATETIME2.
        return f"CAST({text} AS DATETIME2)" if value.microsecond else text
