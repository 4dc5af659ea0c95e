"""All forms of an expression that models hold, and where they hold them.

Each is a function of the table: a condition, a value of a text or of a number, or what
a column begins with.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

Form = Callable[[Any], Any]


def base_table(metadata: sa.MetaData) -> sa.Table:
    """Return a table with a column for each kind of value."""
    return sa.Table(
        "forms",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.String(40)),
        sa.Column("b", sa.String(40)),
        sa.Column("n", sa.Integer),
        sa.Column("m", sa.Integer),
        sa.Column("x", sa.Numeric(8, 2)),
        sa.Column("active", sa.Boolean),
        sa.Column("d", sa.Date),
        sa.Column("at", sa.DateTime),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("mark", sa.Uuid),
        sa.Column("j", sa.JSON),
        sa.Column("order", sa.Integer),
        sa.Column("Mixed Case", sa.Integer),
    )


CONDITIONS: dict[str, Form] = {
    "equals true": lambda c: c.active == sa.true(),
    "is true": lambda c: c.active.is_(True),
    "is not true": lambda c: c.active.is_not(True),
    "is null": lambda c: c.active.is_(None),
    "a truth value": lambda c: sa.or_(c.active, c.n > 1),
    "not": lambda c: sa.not_(c.n.in_([1, 2])),
    "ilike": lambda c: c.a.ilike("x%"),
    "like with escape": lambda c: c.a.like("5/%%", escape="/"),
    "startswith": lambda c: c.a.startswith("it's", autoescape=True),
    "contains percent": lambda c: c.a.contains("50%", autoescape=True),
    "icontains": lambda c: c.a.icontains("z"),
    "concatenation": lambda c: c.a + c.b != "",
    "whole division": lambda c: c.n // c.m > 0,
    "true division": lambda c: c.n / c.m > 0,
    "modulo": lambda c: c.n % 2 == 0,
    "power of two": lambda c: c.n * c.n >= -c.m,
    "bits": lambda c: c.n.bitwise_and(4) == 0,
    "own operator": lambda c: c.n.op("&")(4) == 0,
    "cast to text": lambda c: sa.cast(c.n, sa.String(10)) != "7",
    "cast to integer": lambda c: sa.cast(c.a, sa.Integer) > 0,
    "case": lambda c: sa.case((c.n > 1, c.m), else_=0) < 9,
    "in": lambda c: c.a.in_(["it's", "b:c", "5%"]),
    "not in": lambda c: c.n.not_in([1, 2]),
    "between": lambda c: c.n.between(1, 9),
    "and, or": lambda c: sa.and_(c.n > 1, sa.or_(c.m < 2, c.m.is_(None))),
    "function": lambda c: sa.func.length(c.a) > 3,
    "coalesce": lambda c: sa.func.coalesce(c.n, c.m, 0) >= 0,
    "nullif": lambda c: sa.func.nullif(c.a, "").is_not(None),
    "extract": lambda c: sa.extract("year", c.d) > 2000,
    "date": lambda c: c.d > datetime.date(2020, 2, 29),
    "moment": lambda c: c.at > datetime.datetime(2020, 2, 29, 1, 2, 3),
    "decimal": lambda c: c.x >= decimal.Decimal("1.50"),
    "uuid": lambda c: c.mark != uuid.UUID(int=1),
    "bytes": lambda c: c.raw != b"\x00'\\%:",
    "backslash": lambda c: c.a != "c:\\temp\\x",
    "colon": lambda c: c.a != "a:b ::c",
    "distinct": lambda c: c.a.is_distinct_from(c.b),
    "json text": lambda c: c.j["k"].as_string() != "x",
    "json number": lambda c: c.j[("a", "b")].as_integer() > 3,
    "coerced": lambda c: sa.type_coerce(c.n, sa.Numeric) > 1,
    "collated": lambda c: sa.func.trim(c.a) == c.a,
    "reserved name": lambda c: c.order > c["Mixed Case"],
    "literal column": lambda c: sa.literal_column("n + 1") > c.m,
    "text": lambda c: sa.text("n > 0 AND a <> 'x\\:y'"),
    "text with a value": lambda c: sa.text("n > :low").bindparams(low=3),
}

TEXTS: dict[str, Form] = {
    "concatenation": lambda c: c.a + c.b,
    "concatenation with text": lambda c: c.a + "%:'" + c.b,
    "lower": lambda c: sa.func.lower(c.a),
    "case": lambda c: sa.case((c.n > 1, "many"), else_=c.a),
    "coalesce": lambda c: sa.func.coalesce(c.a, "it's"),
}

NUMBERS: dict[str, Form] = {
    "whole division": lambda c: c.n // 2,
    "product": lambda c: c.n * c.m,
    "reserved name": lambda c: c.order + 1,
    "from a date": lambda c: sa.extract("month", c.d),
    "from json": lambda c: c.j["k"].as_integer(),
    "case": lambda c: sa.case((c.active.is_(True), 1), else_=0),
}

DEFAULTS: dict[str, tuple[Any, Any]] = {
    "string": (sa.String(40), "it's 5% of a:b \\ c"),
    "number as string": (sa.Integer, "7"),
    "text": (sa.Integer, sa.text("7")),
    "now": (sa.DateTime, sa.func.now()),
    "current timestamp": (sa.DateTime, sa.func.current_timestamp()),
    "true": (sa.Boolean, sa.true()),
    "false": (sa.Boolean, sa.false()),
    "literal number": (sa.Integer, sa.literal(-5)),
    "literal string": (sa.String(40), sa.literal("it's 5% of a:b \\ c")),
    "literal truth": (sa.Boolean, sa.literal(True)),
    "literal date": (sa.Date, sa.literal(datetime.date(2020, 2, 29))),
    "literal moment": (sa.DateTime, sa.literal(datetime.datetime(2020, 2, 29, 1, 2))),
    "literal decimal": (sa.Numeric(8, 2), sa.literal(decimal.Decimal("1.50"))),
    "literal json": (sa.JSON, sa.literal({"k": ["it's"]}, sa.JSON)),
    "cast": (sa.String(9), sa.cast(sa.literal("5"), sa.String(9))),
    "function": (sa.String(9), sa.func.lower("X")),
    "nested function": (sa.String(9), sa.func.coalesce(sa.func.lower("X"), "y")),
    "sum": (sa.Integer, sa.literal(2) + sa.literal(3)),
    "concatenation": (sa.String(9), sa.literal("a") + sa.literal("b")),
    "case": (sa.Integer, sa.case((sa.literal(1) > 2, 3), else_=4)),
    "null": (sa.Integer, sa.null()),
}

PARTS: dict[str, Form] = {
    "descending": lambda c: c.a.desc(),
    "function": lambda c: sa.func.lower(c.a),
    "concatenation": lambda c: c.a + c.b,
    "whole division": lambda c: c.n // 2,
    "cast": lambda c: sa.cast(c.n, sa.Numeric(8, 2)),
    "case": lambda c: sa.case((c.n > 1, 1), else_=0),
    "reserved name": lambda c: c.order + 1,
    "text": lambda c: sa.text("lower(b)"),
    "function, descending": lambda c: sa.func.lower(c.a).desc(),
}
