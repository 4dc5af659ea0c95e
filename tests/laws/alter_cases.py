"""Cases that alter columns: type, nullability, default, name and comment."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from flask_migrations_ext import op

from .case import Case
from .case import in_turn
from .case import rows_of_thing
from .case import Script
from .case import thing
from .column_cases import BACKSLASHES
from .column_cases import checked_enum
from .column_cases import COLOR
from .column_cases import color
from .column_cases import fk_number
from .column_cases import NO_ROWS_OF_MORE
from .column_cases import number
from .column_cases import NUMBERS
from .column_cases import ODD
from .column_cases import word
from .column_cases import WORDS


def alter_word(**changes: Any) -> Script:
    """Return a script that says what it knows of ``word``, as autogenerate does."""
    known: dict[str, Any] = {
        "existing_type": sa.String(20),
        "existing_nullable": True,
        **changes,
    }
    return lambda: op.alter_column("thing", "word", **known)


def alter_number(**changes: Any) -> Script:
    known: dict[str, Any] = {
        "existing_type": sa.Integer(),
        "existing_nullable": True,
        **changes,
    }
    return lambda: op.alter_column("thing", "number", **known)


def rename_everything_that_has_a_column() -> None:
    op.alter_column(
        "thing",
        "number",
        new_column_name="Order",
        existing_type=sa.Integer(),
        existing_nullable=True,
    )


def from_string_to_enum() -> None:
    op.execute("UPDATE thing SET word = 'red'")
    op.create_enum("color", COLOR)
    op.alter_column(
        "thing",
        "word",
        existing_type=sa.String(20),
        type_=sa.Enum(*COLOR, name="color"),
        existing_nullable=True,
    )


def from_enum_to_string() -> None:
    op.alter_column(
        "thing",
        "color",
        existing_type=sa.Enum(*COLOR, name="color"),
        type_=sa.String(20),
        existing_nullable=True,
        existing_server_default="red",
    )
    op.drop_enum("color")


def fill_and_forbid_null() -> None:
    op.execute("UPDATE thing SET word = '' WHERE word IS NULL")
    op.alter_column("thing", "word", existing_type=sa.String(20), nullable=False)


ALTER_CASES = [
    Case(
        "lengthen_string",
        thing(word(server_default="x", comment="c")),
        alter_word(
            type_=sa.String(80), existing_server_default="x", existing_comment="c"
        ),
        thing(sa.Column("word", sa.String(80), server_default="x", comment="c")),
        WORDS,
    ),
    Case(
        "from_string_to_text",
        thing(word()),
        alter_word(type_=sa.Text()),
        thing(sa.Column("word", sa.Text)),
        WORDS,
    ),
    Case(
        "widen_integer",
        thing(number(server_default="7"), sa.Index("ix_number", "number")),
        alter_number(type_=sa.BigInteger(), existing_server_default="7"),
        thing(
            sa.Column("number", sa.BigInteger, server_default="7"),
            sa.Index("ix_number", "number"),
        ),
        NUMBERS,
    ),
    Case(
        "from_integer_to_string",
        thing(number()),
        alter_number(type_=sa.String(20)),
        thing(sa.Column("number", sa.String(20))),
        NUMBERS,
    ),
    Case(
        "from_string_to_integer",
        thing(word()),
        alter_word(type_=sa.Integer(), postgresql_using="word::integer"),
        thing(sa.Column("word", sa.Integer)),
        rows_of_thing(word=("1", None, "-3")),
    ),
    Case(
        "from_string_to_integer_by_odd_name",
        thing(sa.Column("it's 5%", sa.String(20))),
        lambda: op.alter_column(
            "thing",
            "it's 5%",
            existing_type=sa.String(20),
            type_=sa.Integer(),
            existing_nullable=True,
        ),
        thing(sa.Column("it's 5%", sa.Integer)),
        NO_ROWS_OF_MORE,
    ),
    Case(
        "from_indexed_string_to_text",
        thing(word(), sa.Index("ix_word", "word")),
        in_turn(
            lambda: op.drop_index("ix_word", "thing"),
            lambda: alter_word(type_=sa.Text())(),
        ),
        thing(sa.Column("word", sa.Text)),
        WORDS,
    ),
    Case(
        "more_digits",
        thing(sa.Column("price", sa.Numeric(8, 2))),
        lambda: op.alter_column(
            "thing",
            "price",
            existing_type=sa.Numeric(8, 2),
            type_=sa.Numeric(12, 2),
            existing_nullable=True,
        ),
        thing(sa.Column("price", sa.Numeric(12, 2))),
        rows_of_thing(price=("1.50", None, "99999.25")),
    ),
    Case(
        "from_date_to_datetime",
        thing(sa.Column("at", sa.Date)),
        lambda: op.alter_column(
            "thing",
            "at",
            existing_type=sa.Date(),
            type_=sa.DateTime(),
            existing_nullable=True,
        ),
        thing(sa.Column("at", sa.DateTime)),
        NO_ROWS_OF_MORE,
    ),
    Case(
        "from_string_to_enum",
        thing(word()),
        from_string_to_enum,
        thing(sa.Column("word", sa.Enum(*COLOR, name="color"))),
        WORDS,
    ),
    Case(
        "from_enum_to_string",
        thing(color(server_default="red")),
        from_enum_to_string,
        thing(sa.Column("color", sa.String(20), server_default="red")),
        rows_of_thing(color=("red", None, "a:b")),
    ),
    Case(
        "more_values_of_checked_enum",
        thing(sa.Column("kind", checked_enum("a", "b"))),
        lambda: op.alter_column(
            "thing",
            "kind",
            existing_type=checked_enum("a", "b"),
            type_=checked_enum("a", "b", "c"),
            existing_nullable=True,
        ),
        thing(sa.Column("kind", checked_enum("a", "b", "c"))),
        rows_of_thing(kind=("a", "b", None)),
    ),
    Case(
        "forbid_null",
        thing(word()),
        fill_and_forbid_null,
        thing(word(nullable=False)),
        WORDS,
    ),
    Case(
        "allow_null",
        thing(word(nullable=False, server_default=ODD)),
        lambda: op.alter_column(
            "thing",
            "word",
            existing_type=sa.String(20),
            nullable=True,
            existing_server_default=ODD,
        ),
        thing(word(server_default=ODD)),
        rows_of_thing(word=("a", "b", "c")),
    ),
    Case(
        "set_default",
        thing(word(comment="c")),
        alter_word(server_default=ODD, existing_comment="c"),
        thing(word(server_default=ODD, comment="c")),
        WORDS,
    ),
    Case(
        "set_default_with_backslashes",
        thing(word()),
        alter_word(server_default=BACKSLASHES),
        thing(word(server_default=BACKSLASHES)),
        WORDS,
    ),
    Case(
        "change_default",
        thing(number(server_default="1")),
        alter_number(server_default=sa.text("2"), existing_server_default="1"),
        thing(number(server_default=sa.text("2"))),
        NUMBERS,
    ),
    Case(
        "remove_default",
        thing(word(nullable=False, server_default="x")),
        lambda: op.alter_column(
            "thing",
            "word",
            existing_type=sa.String(20),
            existing_nullable=False,
            server_default=None,
            existing_server_default="x",
        ),
        thing(word(nullable=False)),
        rows_of_thing(word=("a", "b", "c")),
    ),
    Case(
        "set_default_to_the_time",
        thing(sa.Column("at", sa.DateTime)),
        lambda: op.alter_column(
            "thing",
            "at",
            existing_type=sa.DateTime(),
            existing_nullable=True,
            server_default=sa.text("CURRENT_TIMESTAMP"),
            existing_server_default=None,
        ),
        thing(
            sa.Column("at", sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP"))
        ),
        NO_ROWS_OF_MORE,
    ),
    Case(
        "rename_column",
        thing(
            number(comment="c"),
            fk_number(),
            sa.UniqueConstraint("number", "anchor", name="uq_number"),
            sa.CheckConstraint("number > 0", name="ck_number"),
            sa.Index("ix_number", "number"),
        ),
        rename_everything_that_has_a_column,
        thing(
            sa.Column("Order", sa.Integer, comment="c"),
            sa.ForeignKeyConstraint(
                ["Order"], ["parent.id"], name="fk_number", ondelete="CASCADE"
            ),
            sa.UniqueConstraint("Order", "anchor", name="uq_number"),
            sa.CheckConstraint(sa.column("Order") > 0, name="ck_number"),
            sa.Index("ix_number", "Order"),
        ),
        NUMBERS,
    ),
    Case(
        "comment_column",
        thing(word(nullable=False, server_default=ODD)),
        lambda: op.alter_column(
            "thing",
            "word",
            existing_type=sa.String(20),
            existing_nullable=False,
            existing_server_default=ODD,
            comment=ODD,
            existing_comment=None,
        ),
        thing(word(nullable=False, server_default=ODD, comment=ODD)),
        rows_of_thing(word=("a", "b", "c")),
    ),
    Case(
        "comment_column_with_backslashes",
        thing(word()),
        alter_word(comment=BACKSLASHES, existing_comment=None),
        thing(word(comment=BACKSLASHES)),
        WORDS,
    ),
    Case(
        "remove_comment_of_column",
        thing(word(comment="c")),
        alter_word(comment=None, existing_comment="c"),
        thing(word()),
        WORDS,
    ),
    Case(
        "alter_column_in_every_way",
        thing(word(server_default="x", comment="old")),
        in_turn(
            lambda: op.execute("UPDATE thing SET word = 'y' WHERE word IS NULL"),
            lambda: op.alter_column(
                "thing",
                "word",
                new_column_name="Text",
                existing_type=sa.String(20),
                type_=sa.String(80),
                nullable=False,
                existing_server_default="x",
                server_default=ODD,
                existing_comment="old",
                comment=ODD,
            ),
        ),
        thing(
            sa.Column(
                "Text", sa.String(80), nullable=False, server_default=ODD, comment=ODD
            )
        ),
        WORDS,
    ),
]
