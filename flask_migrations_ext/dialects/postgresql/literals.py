"""How PostgreSQL writes values, and what SQLAlchemy builds of indexes."""

from __future__ import annotations

import datetime
import decimal
import json
import math
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ...schema.model import Expression
from ...schema.model import Index
from ...schema.model import IndexPart
from ...schema.to_sqlalchemy import SQLAlchemyBuilder
from ..default_text import unparenthesized
from ..literals import Literals
from .types import stored_type


class PostgreSQLLiterals(Literals):
    """How PostgreSQL writes values."""

    def special(self, value: Any, type_: sa.types.TypeEngine[Any]) -> str | None:
        # ARRAY['a'] is an array of text, which no array of an enum takes; a string
        # becomes whatever the column is.
        stored = stored_type(type_, self.dialect)
        if isinstance(stored, sa.ARRAY) and value is not None:
            return self.plain(self.bound(value, type_))

        if isinstance(value, postgresql.Range):
            return self.string(str(value))

        multiple = isinstance(stored, postgresql.ranges.AbstractMultiRange)
        if multiple and isinstance(value, (list, tuple)):
            return self.string(f"{{{','.join(str(each) for each in value)}}}")

        return super().special(value, type_)

    def real(self, value: float) -> str:
        if math.isfinite(value):
            return repr(value)

        return f"'{'NaN' if math.isnan(value) else f'{value:+}inity'}'::float8"

    def binary(self, value: bytes) -> str:
        # Unlike '\x…', this means the same whatever backslashes mean in strings.
        return f"decode('{value.hex()}', 'hex')"

    def duration(self, value: datetime.timedelta) -> str:
        days, seconds = value.days, value.seconds
        return self.string(f"{days} days {seconds}.{value.microseconds:06} seconds")

    def other(self, value: Any) -> str:
        if isinstance(value, (list, tuple)):
            return self.string(_array(value))

        if isinstance(value, dict):
            return self.string(_hstore(value))

        return super().other(value)


def _array(values: Iterable[Any]) -> str:
    return f"{{{','.join(_element(value) for value in values)}}}"


def _element(value: Any) -> str:
    # psycopg wraps JSON and binary values in classes of its own.
    wrapper = type(value).__module__
    if wrapper.startswith("psycopg"):
        value = json.dumps(value.obj) if "json" in wrapper else value.obj

    if value is None:
        return "NULL"

    if isinstance(value, (list, tuple)):
        return _array(value)

    if isinstance(value, (bool, int, float, decimal.Decimal)):
        return str(value)

    if isinstance(value, (bytes, bytearray, memoryview)):
        return _in_quotes(f"\\x{bytes(value).hex()}")

    if isinstance(value, datetime.timedelta):
        return _in_quotes(f"{value.total_seconds():.6f} seconds")

    return _in_quotes(str(value))


def _hstore(values: dict[str, str | None]) -> str:
    return ",".join(
        f"{_in_quotes(key)}=>{'NULL' if value is None else _in_quotes(value)}"
        for key, value in values.items()
    )


def _in_quotes(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class PostgreSQLBuilder(SQLAlchemyBuilder):
    """Says operator classes of expressions, too: SQLAlchemy does of columns only."""

    def _index(self, index: Index, table: sa.Table) -> sa.Index:
        classes = dict(index.options).get("postgresql_ops") or {}
        if not classes:
            return super()._index(index, table)

        said = {unparenthesized(str(key)): name for key, name in classes.items()}
        parts = tuple(self._with_class(part, said) for part in index.parts)
        return super()._index(replace(index, parts=parts), table)

    def _with_class(self, part: IndexPart, classes: Mapping[str, str]) -> IndexPart:
        if isinstance(part, str):
            return part

        text = self.text(part).text
        for said in (part.text, text):
            name = classes.get(unparenthesized(said))
            if name is not None:
                return Expression(f"{text} {name}")

        return part
