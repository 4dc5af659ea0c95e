"""Models as they were and as they become: what a developer does between revisions."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Moment(sa.types.TypeDecorator[object]):
    """A type of the app's own."""

    impl = sa.DateTime
    cache_ok = True


class Tags(sa.types.TypeDecorator[object]):
    """A type with an argument of its own."""

    impl = sa.String
    cache_ok = True

    def __init__(self, separator: str = ",", length: int = 50) -> None:
        self.separator = separator
        super().__init__(length)


Build = Callable[[sa.MetaData], object]


def nothing(metadata: sa.MetaData) -> None:
    pass


def all_types(metadata: sa.MetaData) -> None:
    types: dict[str, sa.types.TypeEngine[Any]] = {
        "string": sa.String(20),
        "text": sa.Text(),
        "unicode": sa.Unicode(10),
        "unicode_text": sa.UnicodeText(),
        "fixed": sa.CHAR(3),
        "integer": sa.Integer(),
        "big": sa.BigInteger(),
        "small": sa.SmallInteger(),
        "numeric": sa.Numeric(10, 2),
        "numeric_whole": sa.Numeric(6),
        "numeric_plain": sa.Numeric(),
        "float": sa.Float(),
        "float_exact": sa.Float(53),
        "float_rough": sa.Float(10),
        "double": sa.Double(),
        "boolean": sa.Boolean(),
        "date": sa.Date(),
        "time": sa.Time(),
        "datetime": sa.DateTime(),
        "datetime_zone": sa.DateTime(timezone=True),
        "interval": sa.Interval(),
        "binary": sa.LargeBinary(),
        "binary_short": sa.LargeBinary(100),
        "uuid": sa.Uuid(),
        "uuid_text": sa.Uuid(native_uuid=False),
        "json": sa.JSON(),
        "jsonb": sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
        "enum": sa.Enum(Color, name="color"),
        "enum_text": sa.Enum("a", "bb", name="letters", native_enum=False),
        "enum_checked": sa.Enum(
            "a", "b", name="checked", native_enum=False, create_constraint=True
        ),
        "boolean_checked": sa.Boolean(create_constraint=True, name="bit"),
        "pickle": sa.PickleType(),
        "moment": Moment(),
        "tags": Tags(";", 30),
        "wide": sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"),
        "unsigned": sa.Integer().with_variant(
            mysql.INTEGER(unsigned=True), "mysql", "mariadb"
        ),
        "list": sa.JSON().with_variant(postgresql.ARRAY(sa.String(5)), "postgresql"),
        "address": sa.String(45).with_variant(postgresql.INET(), "postgresql"),
    }
    sa.Table(
        "typed",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, kind) for name, kind in types.items()),
    )


def all_defaults(metadata: sa.MetaData) -> None:
    sa.Table(
        "defaulted",
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("quoted", sa.String(20), server_default="it's"),
        sa.Column("colon", sa.String(20), server_default="a:b"),
        sa.Column("percent", sa.String(20), server_default="5%"),
        sa.Column("cast", sa.String(20), server_default="a::text"),
        sa.Column("empty", sa.String(20), server_default=""),
        sa.Column("quoted_sql", sa.String(20), server_default=sa.text("'x'")),
        sa.Column("number", sa.Integer, server_default="0"),
        sa.Column("number_sql", sa.Integer, server_default=sa.text("7")),
        sa.Column("negative", sa.Integer, server_default=sa.text("-1")),
        sa.Column("price", sa.Numeric(8, 2), server_default="1.50"),
        sa.Column("price_sql", sa.Numeric(8, 2), server_default=sa.text("1.5")),
        sa.Column("rate", sa.Float, server_default="0.5"),
        sa.Column("yes", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column("no", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("now", sa.DateTime, server_default=sa.func.now()),
        sa.Column("now_sql", sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP")),
        sa.Column(
            "zone",
            sa.DateTime(timezone=True),
            server_default=sa.func.current_timestamp(),
        ),
        sa.Column("day", sa.Date, server_default="2020-01-01"),
        sa.Column("color", sa.Enum(Color, name="color"), server_default="RED"),
        sa.Column("null", sa.String(5), server_default=sa.text("NULL")),
    )


def library(metadata: sa.MetaData) -> None:
    author = sa.Table(
        "author",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), nullable=False, unique=True),
        sa.Column("born", sa.Integer, index=True),
        comment="who writes",
    )
    sa.Table(
        "book",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(100), comment="as printed"),
        sa.Column(
            "author_id", sa.ForeignKey(author.c.id, ondelete="CASCADE"), index=True
        ),
        sa.Column("editor_id", sa.ForeignKey(author.c.id)),
        sa.Column("pages", sa.Integer),
        sa.CheckConstraint("pages > 0", name="pages_positive"),
        sa.UniqueConstraint("title", "author_id"),
        sa.Index("ix_title_pages", "title", "pages", unique=True),
    )
    sa.Table(
        "book_mark",
        metadata,
        sa.Column("book_id", sa.ForeignKey("book.id"), primary_key=True),
        sa.Column("page", sa.Integer, primary_key=True, autoincrement=False),
    )


def changed_library(metadata: sa.MetaData) -> None:
    """Nearly everything differs from ``library``, and all of it at once."""
    author = sa.Table(
        "author",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(80), nullable=True, index=True),
        sa.Column("code", sa.String(10), unique=True, server_default="none"),
        sa.Column("born", sa.Date),
        comment="who wrote",
    )
    publisher = sa.Table(
        "publisher",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("color", sa.Enum(Color, name="color"), server_default="BLUE"),
    )
    sa.Table(
        "book",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(100), nullable=False, server_default="?"),
        sa.Column("author_id", sa.ForeignKey(author.c.id, ondelete="SET NULL")),
        sa.Column("publisher_id", sa.ForeignKey(publisher.c.id)),
        sa.Column("author_code", sa.ForeignKey(author.c.code)),
        sa.Column("color", sa.Enum(Color, name="color")),
        sa.CheckConstraint("title <> ''", name="titled"),
        sa.Index("ix_title_pages", "title", "author_id"),
    )


def circle(metadata: sa.MetaData) -> None:
    sa.Table(
        "hen",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("egg_id", sa.Integer, sa.ForeignKey("egg.id", name="fk_of_hen")),
        sa.Column("mother_id", sa.Integer, sa.ForeignKey("hen.id")),
    )
    sa.Table(
        "egg",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hen_id", sa.Integer, sa.ForeignKey("hen.id", name="fk_of_egg")),
    )


def keys(number: type[sa.Integer]) -> Build:
    def build(metadata: sa.MetaData) -> None:
        sa.Table("owner", metadata, sa.Column("id", number, primary_key=True))
        sa.Table(
            "dog",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("owner_id", number, sa.ForeignKey("owner.id")),
        )

    return build


def one_table(*items: Callable[[], sa.schema.SchemaItem]) -> Build:
    def build(metadata: sa.MetaData) -> None:
        sa.Table(
            "thing",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("a", sa.Integer, nullable=False),
            sa.Column("b", sa.Integer),
            *(item() for item in items),
        )

    return build


def column(name: str, *arguments: Any) -> Callable[[], sa.schema.SchemaItem]:
    return lambda: sa.Column(name, *arguments)


def renamed_key(*columns: str) -> Build:
    def build(metadata: sa.MetaData) -> None:
        sa.Table(
            "pair",
            metadata,
            sa.Column("a", sa.Integer, nullable=False, autoincrement=False),
            sa.Column("b", sa.Integer, nullable=False, autoincrement=False),
            sa.PrimaryKeyConstraint(*columns),
        )

    return build


def unnumbered(metadata: sa.MetaData) -> None:
    sa.Table("log", metadata, sa.Column("word", sa.String(9)))


def numbered(metadata: sa.MetaData) -> None:
    sa.Table(
        "log",
        metadata,
        sa.Column("word", sa.String(9)),
        sa.Column("id", sa.Integer, primary_key=True),
    )


def pointed_at(with_new: bool) -> Build:
    def build(metadata: sa.MetaData) -> None:
        code = [sa.Column("code", sa.String(9), unique=True)] if with_new else []
        sa.Table("old", metadata, sa.Column("id", sa.Integer, primary_key=True), *code)
        if with_new:
            sa.Table(
                "new",
                metadata,
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("code", sa.String(9), sa.ForeignKey("old.code")),
            )

    return build


def both_change(with_new: bool) -> Build:
    def build(metadata: sa.MetaData) -> None:
        key: list[Any] = [sa.ForeignKey("old.id")] if with_new else []
        size = 30 if with_new else 20
        sa.Table(
            "old",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("word", sa.String(size)),
        )
        sa.Table(
            "a_child",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("word", sa.String(size)),
            sa.Column("old_id", sa.Integer, *key),
        )

    return build


SETS: dict[str, Build] = {
    "types": all_types,
    "defaults": all_defaults,
    "library": library,
    "changed library": changed_library,
    "circle": circle,
    "keys": keys(sa.Integer),
}

CHANGES: dict[str, tuple[Build, Build]] = {
    "everything comes": (nothing, library),
    "everything goes": (library, nothing),
    "types come": (nothing, all_types),
    "types go": (all_types, nothing),
    "defaults come": (nothing, all_defaults),
    "defaults go": (all_defaults, nothing),
    "all differs": (library, changed_library),
    "all differs back": (changed_library, library),
    "a circle comes": (nothing, circle),
    "a circle goes": (circle, nothing),
    "types of the app's own come": (
        nothing,
        one_table(column("m", Moment), column("t", Tags(";", 9))),
    ),
    "text becomes a number": (
        one_table(column("c", sa.String(9))),
        one_table(column("c", sa.Integer)),
    ),
    "text becomes an enum": (
        one_table(column("c", sa.String(9))),
        one_table(column("c", sa.Enum("a", "bb", name="letters"))),
    ),
    "keys grow": (keys(sa.Integer), keys(sa.BigInteger)),
    "a unique comes": (one_table(), one_table(lambda: sa.UniqueConstraint("a", "b"))),
    "a unique index comes": (
        one_table(),
        one_table(lambda: sa.Index("ix_thing_ab", "a", "b", unique=True)),
    ),
    "a unique becomes an index": (
        one_table(lambda: sa.UniqueConstraint("a", name="of_a")),
        one_table(lambda: sa.Index("ix_of_a", "a", unique=True)),
    ),
    "a descending index": (
        one_table(),
        one_table(lambda: sa.Index("ix_down", sa.text("a DESC"), "b")),
    ),
    "a key to itself": (
        one_table(),
        one_table(lambda: sa.ForeignKeyConstraint(["b"], ["thing.id"])),
    ),
    "an indexed text grows out of its index": (
        one_table(
            column("c", sa.String(20)),
            column("n", sa.Integer),
            lambda: sa.Index("ix_thing_nc", "n", "c"),
            lambda: sa.UniqueConstraint("c", "n", name="uq_thing_cn"),
        ),
        one_table(
            column("c", sa.Text),
            column("n", sa.Integer),
            lambda: sa.Index("ix_thing_n", "n"),
        ),
    ),
    "a number of its own comes": (unnumbered, numbered),
    "a new table points to a new column": (pointed_at(False), pointed_at(True)),
    "a table points to one that changes, too": (both_change(False), both_change(True)),
    "a primary key widens": (renamed_key("a"), renamed_key("a", "b")),
}
