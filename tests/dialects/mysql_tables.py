"""Defaults, options, constraints and indexes in every form that SQLAlchemy knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

T = sa.text


def C(*arguments: Any, **keywords: Any) -> sa.Column[Any]:
    """Return a column of the name that those under test have."""
    return sa.Column("c", *arguments, **keywords)


COLUMNS: dict[str, sa.Column[Any]] = {
    "quote": C(sa.String(40), server_default="it's"),
    "back": C(sa.String(40), server_default="a\\b"),
    "nl": C(sa.String(40), server_default="a\nb\tc"),
    "pct": C(sa.String(40), server_default="100%"),
    "colon": C(sa.String(40), server_default="a:b"),
    "tq": C(sa.String(40), server_default=T("'x''y'")),
    "empty": C(sa.String(40), server_default=""),
    "null": C(sa.String(40), server_default=T("NULL")),
    "int": C(sa.Integer, server_default="5"),
    "int2": C(sa.Integer, server_default=T("-7")),
    "big": C(sa.BigInteger, server_default=T("9223372036854775807")),
    "dec": C(sa.Numeric(8, 2), server_default="1.5"),
    "dec2": C(sa.Numeric(8, 2), server_default=T("1.50")),
    "flt": C(sa.Float, server_default=T("0.1")),
    "flt2": C(sa.Float, server_default=T("1e10")),
    "zero": C(mysql.INTEGER(5, zerofill=True), server_default="7"),
    "uns": C(mysql.INTEGER(unsigned=True), server_default=T("7")),
    "bit": C(mysql.BIT(5), server_default=T("b'101'")),
    "bit1": C(mysql.BIT(1), server_default=T("1")),
    "bit2": C(mysql.BIT(1), server_default=T("b'0'")),
    "hex": C(sa.String(9), server_default=T("x'41'")),
    "year": C(mysql.YEAR, server_default="2020"),
    "year2": C(mysql.YEAR, server_default=T("2020")),
    "t": C(sa.Boolean, server_default=sa.true()),
    "f": C(sa.Boolean, server_default=T("0")),
    "f2": C(sa.Boolean, server_default="1"),
    "f3": C(sa.Boolean, server_default=T("FALSE")),
    "now": C(sa.DateTime, server_default=sa.func.now()),
    "now2": C(sa.DateTime, server_default=T("CURRENT_TIMESTAMP")),
    "now3": C(mysql.TIMESTAMP(fsp=3), server_default=T("CURRENT_TIMESTAMP(3)")),
    "now4": C(mysql.DATETIME(fsp=6), server_default=sa.func.now(6)),
    "upd": C(
        mysql.TIMESTAMP,
        server_default=T("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
    ),
    "upd3": C(
        mysql.TIMESTAMP(fsp=3),
        server_default=T("CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)"),
    ),
    "upn": C(sa.DateTime, server_default=T("NULL ON UPDATE CURRENT_TIMESTAMP")),
    "loc": C(sa.DateTime, server_default=sa.func.localtimestamp()),
    "loc2": C(sa.DateTime, server_default=T("LOCALTIME")),
    "date": C(sa.Date, server_default="2020-01-02"),
    "curdate": C(sa.Date, server_default=T("(CURRENT_DATE)")),
    "curdate2": C(sa.Date, server_default=sa.func.current_date()),
    "time": C(sa.Time, server_default="10:20:30"),
    "dt": C(sa.DateTime, server_default="2020-01-02 03:04:05"),
    "tsnn": C(sa.TIMESTAMP, nullable=False),
    "tsn0": C(sa.TIMESTAMP, server_default=T("'0000-00-00 00:00:00'")),
    "enum": C(sa.Enum("a", "b's", name="en"), server_default="b's"),
    "enumb": C(mysql.ENUM("a\\b"), server_default="a\\b"),
    "set": C(mysql.SET("a", "b"), server_default="a,b"),
    "json": C(sa.JSON, server_default=T("('{}')")),
    "json2": C(sa.JSON, server_default="[]"),
    "json3": C(sa.JSON, server_default=T("(json_object())")),
    "jsonnn": C(sa.JSON, nullable=False),
    "uuid": C(sa.Uuid, server_default=T("uuid()")),
    "uuid2": C(sa.String(36), server_default=T("(UUID())")),
    "uuid3": C(sa.String(36), server_default=sa.func.uuid()),
    "uuid4": C(sa.Uuid, server_default="6ccd780c-baba-1026-9564-5b8c656024db"),
    "inet": C(mysql.INET6, server_default="::1"),
    "expr": C(sa.Integer, server_default=T("(1 + 2)")),
    "expr2": C(sa.Integer, server_default=T("1 + 2")),
    "expr3": C(sa.String(30), server_default=sa.func.concat("a", sa.func.upper("b'c"))),
    "expr4": C(sa.String(30), server_default=T("(concat('a\\\\b', 'c'))")),
    "expr5": C(sa.Integer, server_default=T("(\n 3 *\n 4)")),
    "cast": C(sa.Integer, server_default=sa.cast("5", sa.Integer)),
    "rand": C(sa.Float, server_default=T("(RAND())")),
    "text": C(sa.Text, server_default="x"),
    "text2": C(sa.Text, server_default=T("('x')")),
    "blob": C(sa.LargeBinary, server_default=T("('ab')")),
    "bin": C(mysql.BINARY(4), server_default="ab"),
    "vb": C(mysql.VARBINARY(4), server_default=T("x'6162'")),
    "fetched": C(sa.Integer, server_default=sa.FetchedValue()),
    "comp": C(sa.Integer, sa.Computed("id + 1")),
    "comp1": C(sa.Integer, sa.Computed("id + 1", persisted=True)),
    "comp2": C(sa.Integer, sa.Computed("id\n  +\n  2", persisted=False)),
    "comp3": C(sa.String(30), sa.Computed("concat('it''s', id)")),
    "comp4": C(
        sa.String(30),
        sa.Computed("CASE WHEN id > 3 THEN 'a\\\\b' ELSE 'c' END"),
        comment="k",
    ),
    "comp5": C(sa.Integer, sa.Computed("id % 3")),
    "comp6": C(sa.Boolean, sa.Computed("id IS NOT NULL")),
    "comment": C(sa.Integer, comment='it\'s \\ a\nb % "x" :y'),
    "comment2": C(sa.String(9), server_default="d", comment=""),
    "noauto": C(sa.Integer, nullable=False),
}


def both(**options: Any) -> dict[str, Any]:
    """Return options under the name of either dialect."""
    return {
        f"{name}_{key}": options[key]
        for name in ("mysql", "mariadb")
        for key in options
    }


OPTIONS: list[dict[str, Any]] = [
    {"engine": "InnoDB"},
    {"engine": "MyISAM"},
    {"engine": "MyISAM", "pack_keys": "1"},
    {"charset": "latin1"},
    {"charset": "utf8mb4", "collate": "utf8mb4_bin"},
    {"default_charset": "utf8mb3"},
    {"row_format": "DYNAMIC"},
    {"row_format": "COMPRESSED", "key_block_size": "8"},
    {"auto_increment": "50"},
    {"avg_row_length": "10"},
    {"max_rows": "100"},
    {"stats_persistent": "1"},
    {"partition_by": "HASH(id)", "partitions": "3"},
    {"comment": "said as an option"},
]

INDEXES: list[Callable[[sa.Table], sa.Index]] = [
    lambda t: sa.Index("ix", t.c.a),
    lambda t: sa.Index("ix", t.c.a, unique=True),
    lambda t: sa.Index("ix", t.c.a, t.c.b),
    lambda t: sa.Index("ix", t.c.a.desc(), t.c.b),
    lambda t: sa.Index("ix", T("b DESC")),
    lambda t: sa.Index("ix", t.c.words, **both(length=10)),
    lambda t: sa.Index("ix", t.c.words, t.c.a, **both(length={"words": 12})),
    lambda t: sa.Index("ix", t.c.words, unique=True, **both(length=10)),
    lambda t: sa.Index("ix", t.c.words, **both(prefix="FULLTEXT")),
    lambda t: sa.Index("ix", t.c.a, **both(using="hash")),
    lambda t: sa.Index("ix", t.c.a, **both(using="btree")),
    lambda t: sa.Index("an `odd` name, 5%", t.c.a),
]

ACTIONS = (None, "CASCADE", "SET NULL", "RESTRICT", "NO ACTION")


def all_tables(metadata: sa.MetaData) -> None:
    """Put every form into tables of their own."""
    for name, column in COLUMNS.items():
        sa.Table(f"column_{name}", metadata, key(autoincrement=False), column._copy())

    for number, options in enumerate(OPTIONS):
        sa.Table(
            f"option_{number}",
            metadata,
            key(),
            sa.Column("plain", sa.String(9)),
            sa.Column("latin", mysql.VARCHAR(9, charset="latin1")),
            sa.Column("bin", sa.String(9, collation="utf8mb4_bin")),
            sa.Column("choice", sa.Enum("a", "b", name=f"choice_{number}")),
            **both(**options),
        )

    for number, index in enumerate(INDEXES):
        columns: list[sa.Column[Any]] = [
            sa.Column("a", sa.Integer),
            sa.Column("b", sa.String(20)),
            sa.Column("words", sa.Text),
        ]
        index(sa.Table(f"index_{number}", metadata, key(), *columns))

    for number, (deleted, updated) in enumerate(
        (one, other) for one in ACTIONS for other in ACTIONS
    ):
        points = sa.ForeignKey("index_0.id", ondelete=deleted, onupdate=updated)
        sa.Table(f"key_{number}", metadata, key(), sa.Column("p", sa.Integer, points))

    _keys(metadata)


def key(**keywords: Any) -> sa.Column[Any]:
    return sa.Column("id", sa.Integer, primary_key=True, **keywords)


def _keys(metadata: sa.MetaData) -> None:
    sa.Table(
        "pair",
        metadata,
        sa.Column("a", sa.Integer),
        sa.Column("b", sa.String(9)),
        sa.PrimaryKeyConstraint("a", "b", **both(using="btree")),
        sa.UniqueConstraint("b", "a", name="uq_pair"),
    )
    sa.Table(
        "said_twice",
        metadata,
        sa.Column("a", sa.Integer, primary_key=True, unique=True, index=True),
        sa.Column("b", sa.String(9), unique=True, index=True),
    )
    sa.Table(
        "checked",
        metadata,
        key(),
        sa.Column("x", sa.Integer),
        sa.Column("flag", sa.Boolean(create_constraint=True, name="ck_flag")),
        sa.Column(
            "word",
            sa.Enum("a", "b", name="w", native_enum=False, create_constraint=True),
        ),
        sa.CheckConstraint("x > 0"),
        sa.CheckConstraint("x <\n 100 AND x <> 5", name="ck_lines"),
        sa.CheckConstraint(sa.column("x").in_([1, 2]), name="ck_in"),
        sa.CheckConstraint("x IS NOT NULL OR x % 2 = 1", name="ck_or"),
    )
    sa.Table(
        "pointing",
        metadata,
        key(),
        sa.Column("x", sa.Integer, sa.ForeignKey("pair.a"), index=True),
        sa.Column("y", sa.Integer, sa.ForeignKey("pair.a"), unique=True),
        sa.Column("z", sa.Integer, sa.ForeignKey("pointing.id")),
    )
    number = sa.Column("a", sa.Integer, primary_key=True, autoincrement=False)
    part = sa.Column("b", sa.Integer, sa.ForeignKey("pointing.id"), primary_key=True)
    sa.Table("uncounted", metadata, number, part)
    child: sa.Column[Any] = sa.Column(
        "id", sa.ForeignKey("pointing.id"), primary_key=True
    )
    sa.Table("child", metadata, child)
    sa.Table(
        "counted_pair",
        metadata,
        key(autoincrement=True),
        sa.Column("b", sa.Integer, primary_key=True),
    )
    numbers = sa.Sequence("numbers", start=5, metadata=metadata)
    sa.Table(
        "counted_by_sequence",
        metadata,
        sa.Column("id", sa.Integer, sa.Sequence("Keys", cycle=True), primary_key=True),
        sa.Column("n", sa.BigInteger, server_default=numbers.next_value()),
    )
    sa.Table(
        "odd names, `quoted` 5%",
        metadata,
        sa.Column("id", mysql.BIGINT(unsigned=True), primary_key=True),
        sa.Column("select", sa.Integer),
        sa.Column("a `b`, 5%", sa.Integer, index=True),
        comment='it\'s \\ a\nb % "x"',
    )
