"""The kinds of columns that the shop's tables are made of."""

from __future__ import annotations

from datetime import datetime
from datetime import UTC
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import sqlalchemy as sa
from sqlalchemy.orm import mapped_column


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment in UTC, always aware, also where a database forgets the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: sa.Dialect
    ) -> datetime | None:
        """Return the moment in UTC.

        :raises ValueError: if it has no time zone, so that it could mean anything.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(
        self, value: datetime | None, dialect: sa.Dialect
    ) -> datetime | None:
        """Return the stored moment, aware and in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


def stored_as(members: type[StrEnum], name: str, checked: bool = False) -> sa.Enum:
    """Return an enum that stores its values, not the names Python has for them.

    ``checked`` adds a check constraint where the database has no enums.
    """
    return sa.Enum(
        members,
        name=name,
        values_callable=lambda members: [member.value for member in members],
        create_constraint=checked,
    )


Id = Annotated[int, mapped_column(primary_key=True)]
Money = Annotated[Decimal, mapped_column(sa.Numeric(10, 2))]
Moment = Annotated[datetime, mapped_column(UtcDateTime, server_default=sa.func.now())]
