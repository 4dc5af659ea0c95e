"""Cases that add, alter and drop columns."""

from __future__ import annotations

import sqlalchemy as sa

from flask_migrations_ext import op

from .case import Case
from .case import in_turn
from .case import POSTGRESQL_ONLY
from .case import rows_of_thing
from .case import thing

ODD = "it's 5% :c"
BACKSLASHES = "\\ \\n \\' \\\\"
COLOR = ("red", "it's 5%", "a:b")


def word(**options: object) -> sa.Column[str]:
    return sa.Column("word", sa.String(20), **options)  # type: ignore[arg-type]  # keywords of all kinds


def number(**options: object) -> sa.Column[int]:
    return sa.Column("number", sa.Integer, **options)  # type: ignore[arg-type]  # keywords of all kinds


def color(**options: object) -> sa.Column[str]:
    return sa.Column("color", sa.Enum(*COLOR, name="color"), **options)  # type: ignore[arg-type]  # keywords of all kinds


def fk_number() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["number"], ["parent.id"], name="fk_number", ondelete="CASCADE"
    )


WORDS = rows_of_thing(word=("w", None, f"{ODD} \\ \\'"))
NUMBERS = rows_of_thing(number=(1, 2, None))
NO_ROWS_OF_MORE = rows_of_thing()


def drop_column_with_reference() -> None:
    op.drop_constraint("fk_number", "thing", type_="foreignkey")
    op.drop_index("ix_number", "thing")
    op.drop_column("thing", "number")


def drop_column_with_check() -> None:
    op.drop_constraint("ck_number", "thing", type_="check")
    op.drop_column("thing", "number")


def checked_enum(*values: str) -> sa.Enum:
    return sa.Enum(*values, name="ck_kind", native_enum=False, create_constraint=True)


COLUMN_CASES = [
    # -- added
    Case(
        "add_column",
        thing(),
        lambda: op.add_column("thing", word()),
        thing(word()),
        NO_ROWS_OF_MORE,
    ),
    Case(
        "add_column_that_is_filled",
        thing(),
        lambda: op.add_column("thing", word(nullable=False, server_default=ODD)),
        thing(word(nullable=False, server_default=ODD)),
        NO_ROWS_OF_MORE,
    ),
    Case(
        "add_column_with_comment",
        thing(),
        lambda: op.add_column("thing", word(comment=ODD)),
        thing(word(comment=ODD)),
        NO_ROWS_OF_MORE,
    ),
    Case(
        "add_column_with_reference_and_index",
        thing(),
        lambda: op.add_column(
            "thing",
            sa.Column(
                "number",
                sa.Integer,
                sa.ForeignKey("parent.id", name="fk_number", ondelete="CASCADE"),
                index=True,
            ),
        ),
        thing(number(), fk_number(), sa.Index("ix_thing_number", "number")),
        NO_ROWS_OF_MORE,
    ),
    Case(
        "add_unique_column",
        thing(),
        lambda: op.add_column("thing", word(unique=True)),
        thing(word(), sa.UniqueConstraint("word")),
        NO_ROWS_OF_MORE,
    ),
    Case(
        "add_boolean_column",
        thing(),
        lambda: op.add_column(
            "thing",
            sa.Column("yes", sa.Boolean, server_default=sa.true(), nullable=False),
        ),
        thing(sa.Column("yes", sa.Boolean, server_default=sa.true(), nullable=False)),
        NO_ROWS_OF_MORE,
    ),
    Case(
        "add_column_with_the_time",
        thing(),
        lambda: op.add_column(
            "thing", sa.Column("at", sa.Date, server_default=sa.text("CURRENT_DATE"))
        ),
        thing(sa.Column("at", sa.Date, server_default=sa.text("CURRENT_DATE"))),
        NO_ROWS_OF_MORE,
        but_not={"mariadb": "wants parentheses around it, and reads them back as less"},
    ),
    Case(
        "add_enum_column",
        thing(),
        lambda: op.add_column("thing", color(server_default="it's 5%")),
        thing(color(server_default="it's 5%")),
        NO_ROWS_OF_MORE,
    ),
    Case(
        "add_checked_column",
        thing(),
        lambda: op.add_column("thing", sa.Column("kind", checked_enum("a", "b:c"))),
        thing(sa.Column("kind", checked_enum("a", "b:c"))),
        NO_ROWS_OF_MORE,
    ),
    Case(
        "add_computed_column",
        thing(number()),
        lambda: op.add_column(
            "thing",
            sa.Column("twice", sa.Integer, sa.Computed("number * 2", persisted=True)),
        ),
        thing(
            number(),
            sa.Column("twice", sa.Integer, sa.Computed("number * 2", persisted=True)),
        ),
        NUMBERS,
    ),
    Case(
        "add_identity_column",
        thing(),
        lambda: op.add_column(
            "thing", sa.Column("number", sa.Integer, sa.Identity(start=7))
        ),
        thing(sa.Column("number", sa.Integer, sa.Identity(start=7))),
        NO_ROWS_OF_MORE,
        but_not={"sqlite": POSTGRESQL_ONLY, "mariadb": POSTGRESQL_ONLY},
    ),
    Case(
        "add_column_of_odd_name",
        thing(),
        lambda: op.add_column("thing", sa.Column('Sel"ect 5%', sa.String(5))),
        thing(sa.Column('Sel"ect 5%', sa.String(5))),
        NO_ROWS_OF_MORE,
    ),
    Case(
        "add_column_if_not_exists",
        thing(),
        lambda: op.add_column("thing", word(), if_not_exists=True),
        thing(word()),
        NO_ROWS_OF_MORE,
        but_not={"sqlite": "as SQL text, nobody can look whether it is there"},
    ),
    # -- dropped
    Case(
        "drop_column",
        thing(word(nullable=False, server_default=ODD)),
        lambda: op.drop_column("thing", "word"),
        thing(),
        rows_of_thing(word=("a", "b", "c")),
    ),
    Case(
        "drop_indexed_column",
        thing(number(), sa.Index("ix_number", "number")),
        in_turn(
            lambda: op.drop_index("ix_number", "thing"),
            lambda: op.drop_column("thing", "number"),
        ),
        thing(),
        NUMBERS,
    ),
    Case(
        "drop_column_with_reference",
        thing(number(), fk_number(), sa.Index("ix_number", "number")),
        drop_column_with_reference,
        thing(),
        NUMBERS,
    ),
    Case(
        "drop_column_with_unique",
        thing(word(), sa.UniqueConstraint("word", name="uq_word")),
        in_turn(
            lambda: op.drop_constraint("uq_word", "thing", type_="unique"),
            lambda: op.drop_column("thing", "word"),
        ),
        thing(),
        WORDS,
    ),
    Case(
        "drop_column_with_check",
        thing(number(), sa.CheckConstraint("number > 0", name="ck_number")),
        drop_column_with_check,
        thing(),
        NUMBERS,
    ),
    Case(
        "drop_column_of_odd_name",
        thing(sa.Column("select", sa.Integer), sa.Column("Mixed Case", sa.Integer)),
        in_turn(
            lambda: op.drop_column("thing", "select"),
            lambda: op.drop_column("thing", "Mixed Case"),
        ),
        thing(),
        NO_ROWS_OF_MORE,
    ),
    Case(
        "drop_column_if_exists",
        thing(word()),
        lambda: op.drop_column("thing", "word", if_exists=True),
        thing(),
        WORDS,
        but_not={"sqlite": "as SQL text, nobody can look whether it is there"},
    ),
]
