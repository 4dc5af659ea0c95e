"""How Oracle writes values."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa

from ..literals import Literals

# https://docs.oracle.com/en/database/oracle/oracle-database/19/refrn/datatype-limits.html
_LONGEST = 4000


class OracleLiterals(Literals):
    """How Oracle writes values."""

    def special(self, value: Any, type_: sa.types.TypeEngine[Any]) -> str | None:
        stored = type_._unwrapped_dialect_impl(self.dialect)
        if isinstance(stored, sa.String) and value is not None:
            bound = self.bound(value, type_)
            if isinstance(bound, str) and _is_long(bound):
                return self.string(bound)

        return super().special(value, type_)

    def plain(self, value: Any) -> str:
        day = isinstance(value, datetime.date)
        if day and not isinstance(value, datetime.datetime):
            return f"DATE '{value.isoformat()}'"

        return super().plain(value)

    def string(self, value: str) -> str:
        if not _is_long(value):
            return super().string(value)

        # A character has at most four bytes.
        pieces = (value[at : at + 1000] for at in range(0, len(value), 1000))
        return " || ".join(f"TO_CLOB({self.string(each)})" for each in pieces)

    def binary(self, value: bytes) -> str:
        return (
            f"HEXTORAW('{value.hex()}')" if len(value) <= 2000 else self._refuse(value)
        )

    def moment(self, value: datetime.datetime) -> str:
        return f"TIMESTAMP '{value.isoformat(sep=' ')}'"

    def duration(self, value: datetime.timedelta) -> str:
        return f"NUMTODSINTERVAL({value.total_seconds()}, 'SECOND')"


def _is_long(value: str) -> bool:
    return len(value.encode()) > _LONGEST
