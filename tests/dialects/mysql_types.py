"""Every type that SQLAlchemy's dialects of MySQL and MariaDB declare, in every form.

A type that is new to SQLAlchemy has to be given its forms here, or the tests fail.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

Type = sa.types.TypeEngine[Any]

NUMBER: list[dict[str, Any]] = [
    {},
    {"unsigned": True},
    {"zerofill": True},
    {"unsigned": True, "zerofill": True},
]
INTEGER = [*NUMBER, {"display_width": 5}, {"display_width": 5, "zerofill": True}]
FLOAT = [
    *NUMBER,
    {"precision": 7, "scale": 3},
    {"precision": 7, "scale": 3, "unsigned": True},
]
TEXT: list[dict[str, Any]] = [
    {},
    {"charset": "latin1"},
    {"collation": "utf8mb4_bin"},
    {"collation": "utf8mb4_general_ci"},
    {"charset": "latin1", "collation": "latin1_bin"},
    {"charset": "utf8mb4"},
    {"charset": "utf8mb3"},
    {"ascii": True},
    {"unicode": True},
    {"binary": True},
    {"charset": "latin1", "binary": True},
    {"national": True},
]
PLAIN_TEXT = [each for each in TEXT if "national" not in each]
VALUES = [
    ("a", "b"),
    ("it's", 'say "x"', "`y`"),
    ("back\\slash", "two\\\\", "\\n"),
    ("new\nline", "tab\t", "100%", "a,b"),
    ("é", "日本", "trailing "),
    ("NULL", "COLLATE x", "CHARACTER SET y", "(", ")"),
]


def with_length(length: int, forms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"length": length, **form} for form in forms]


def with_values(kind: Any, values: list[tuple[str, ...]]) -> list[Type]:
    # As an argument of its own, SET takes no comma in a value: it would be two.
    return [
        *(kind(*each) for each in values),
        *(kind("a", "b", **form) for form in PLAIN_TEXT),
    ]


FORMS: dict[str, list[dict[str, Any]]] = {
    **{name: INTEGER for name in ("BIGINT", "INTEGER", "MEDIUMINT", "SMALLINT")},
    "TINYINT": [*INTEGER, {"display_width": 1}],
    **{name: [*FLOAT, {"precision": 8}] for name in ("DECIMAL", "NUMERIC")},
    "FLOAT": [*FLOAT, {"precision": 10}, {"precision": 30}],
    **{name: FLOAT for name in ("DOUBLE", "REAL")},
    "BIT": [{}, {"length": 1}, {"length": 8}, {"length": 64}],
    "BOOLEAN": [{}],
    "YEAR": [{}, {"display_width": 4}, {"display_width": 2}],
    **{
        name: [{}, {"fsp": 0}, {"fsp": 3}, {"fsp": 6}]
        for name in ("DATETIME", "TIMESTAMP", "TIME")
    },
    "DATE": [{}],
    "CHAR": [{}, *with_length(7, TEXT)],
    "VARCHAR": with_length(20, TEXT),
    "NCHAR": [{}, {"length": 7}, {"length": 7, "collation": "utf8mb3_bin"}],
    "NVARCHAR": [{"length": 20}, {"length": 20, "collation": "utf8mb3_bin"}],
    "TEXT": [*PLAIN_TEXT, {"length": 40}, {"length": 20000}],
    **{name: PLAIN_TEXT for name in ("TINYTEXT", "MEDIUMTEXT", "LONGTEXT")},
    "BINARY": [{}, {"length": 4}],
    "VARBINARY": [{"length": 4}, {"length": 300}],
    "BLOB": [{}, {"length": 40}, {"length": 70000}],
    **{name: [{}] for name in ("TINYBLOB", "MEDIUMBLOB", "LONGBLOB")},
    "JSON": [{}],
    **{name: [{}] for name in ("INET4", "INET6")},
}


def declared() -> Iterator[tuple[str, Any]]:
    """Yield the types that the package of the dialects offers, by their names."""
    for name in sorted({*mysql.__all__}):
        kind = getattr(mysql, name)
        if inspect.isclass(kind) and issubclass(kind, sa.types.TypeEngine):
            yield name, kind


def all_types() -> Iterator[tuple[str, Type]]:
    """Yield every type in every form, each with a name for its column."""
    for name, kind in declared():
        if name in ("ENUM", "SET"):
            commas = [each for each in VALUES if name == "ENUM" or "a,b" not in each]
            made = with_values(kind, commas)
        else:
            made = [kind(**form) for form in FORMS[name]]
        for number, each in enumerate(made):
            yield f"{name.lower()}_{number}", each

    generic: list[Type] = [
        *(sa.String(20), sa.String(20, "utf8mb4_bin"), sa.Text(), sa.Unicode(9)),
        *(sa.UnicodeText(), sa.CHAR(3), sa.Integer(), sa.BigInteger()),
        *(sa.SmallInteger(), sa.Numeric(10, 2), sa.Numeric(6), sa.Numeric()),
        *(sa.Float(), sa.Float(53), sa.Float(10), sa.Double(), sa.Boolean()),
        *(sa.DateTime(), sa.DateTime(timezone=True), sa.Date(), sa.Time()),
        *(sa.Interval(), sa.LargeBinary(), sa.LargeBinary(99), sa.Uuid()),
        *(sa.Uuid(native_uuid=False), sa.UUID(), sa.JSON(), sa.PickleType()),
        *(
            sa.DOUBLE_PRECISION(),
            sa.REAL(),
            sa.TIMESTAMP(),
            sa.Text(collation="latin1_bin"),
        ),
        *(sa.Enum(*each, name=f"of_{n}") for n, each in enumerate(VALUES)),
        *(sa.Enum("a", "bb", name=f"no_{n}", native_enum=n == 0) for n in (0, 1)),
        sa.Enum("a", "b", name="elsewhere").with_variant(
            mysql.ENUM("a", "b", collation="latin1_bin"), "mysql", "mariadb"
        ),
    ]
    for number, each in enumerate(generic):
        yield f"generic_{number}", each
