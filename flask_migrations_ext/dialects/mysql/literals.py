"""How MySQL and MariaDB write values."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa

from ..literals import Literals


class MySQLLiterals(Literals):
    """How MySQL and MariaDB write values."""

    def special(self, value: Any, type_: sa.types.TypeEngine[Any]) -> str | None:
        # The drivers pass over the time zone, and so does the file.
        if isinstance(value, datetime.datetime) and value.tzinfo is not None:
            return self.plain(self.bound(value, type_))

        return super().special(value, type_)

    def moment(self, value: datetime.datetime) -> str:
        return super().moment(value.replace(tzinfo=None))

    def duration(self, value: datetime.timedelta) -> str:
        sign = "-" if value < datetime.timedelta(0) else ""
        minutes, seconds = divmod(abs(value).seconds, 60)
        hours = abs(value).days * 24 + minutes // 60
        clock = f"{sign}{hours:02}:{minutes % 60:02}:{seconds:02}"
        return self.string(f"{clock}.{abs(value).microseconds:06}")
