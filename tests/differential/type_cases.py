"""Cases of ``alter_column`` with ``type_``, also of types that bring a CHECK."""

from __future__ import annotations

import sqlalchemy as sa

from .alter_cases import alter
from .alter_cases import LABEL
from .alter_cases import label
from .alter_cases import NUMBER
from .alter_cases import PRICE
from .alter_cases import WORD
from .case import Case
from .case import cases
from .case import checked_enum
from .case import color
from .case import CONVENTION
from .case import database
from .case import POSTGRESQL

TYPE_CASES = cases(
    # -- type
    Case("longer", alter("word", type_=sa.String(80), **WORD)),
    Case("longer_class", alter("word", type_=sa.Text, **WORD)),
    Case(
        "longer_default_kept",
        alter("label", type_=sa.String(80), **LABEL),
        after=database(label=label(sa.String(80))),
    ),
    Case(
        "longer_type_known",
        alter("label", type_=sa.String(80), existing_type=sa.String(20)),
        after=database(label=label(sa.String(80))),
    ),
    Case(
        "longer_nothing_known",
        alter("label", type_=sa.String(80)),
        after=database(label=label(sa.String(80))),
    ),
    Case(
        "wider",
        alter("number", type_=sa.BigInteger(), **NUMBER),
        after=database(number=sa.Column("number", sa.BigInteger)),
    ),
    Case("more_digits", alter("price", type_=sa.Numeric(12, 2), **PRICE)),
    Case(
        "string_to_integer",
        alter("word", type_=sa.Integer(), **WORD),
        after=database(word=sa.Column("word", sa.Integer)),
    ),
    Case(
        "integer_to_string",
        alter("number", type_=sa.String(20), **NUMBER),
        start=database(ck_t=None),
        after=database(number=sa.Column("number", sa.String(20)), ck_t=None),
    ),
    Case(
        "using",
        alter("word", type_=sa.Integer(), postgresql_using="word::integer", **WORD),
        after=database(word=sa.Column("word", sa.Integer)),
    ),
    Case(
        "using_without_type",
        alter("word", nullable=False, postgresql_using="word::integer", **WORD),
        after=database(word=sa.Column("word", sa.String(20), nullable=False)),
    ),
    Case(
        "to_enum",
        alter("word", type_=sa.Enum("1", "2", "3", name="e"), **WORD),
        after=database(word=sa.Column("word", sa.Enum("1", "2", "3", name="e"))),
    ),
    Case(
        "to_existing_enum",
        lambda op: (
            op.execute("UPDATE t SET word = 'red'"),
            op.alter_column(
                "t", "word", type_=color(), postgresql_using="word::color", **WORD
            ),
        ),
    ),
    Case(
        "from_enum",
        alter(
            "color", type_=sa.String(20), existing_type=color(), existing_nullable=True
        ),
    ),
    Case(
        "boolean_to_integer",
        alter(
            "flag",
            type_=sa.Integer(),
            existing_type=sa.Boolean(),
            existing_nullable=True,
        ),
        after=database(flag=sa.Column("flag", sa.Integer)),
    ),
    Case(
        "integer_to_boolean",
        alter("number", type_=sa.Boolean(), **NUMBER),
        start=database(ck_t=None, uq_t=None),
        after=database(number=sa.Column("number", sa.Boolean), ck_t=None, uq_t=None),
    ),
    Case(
        "date_of_datetime",
        alter(
            "at", type_=sa.Date(), existing_type=sa.DateTime(), existing_nullable=True
        ),
    ),
    Case(
        "with_zone",
        alter(
            "at",
            type_=sa.DateTime(timezone=True),
            existing_type=sa.DateTime(),
            existing_nullable=True,
        ),
    ),
    Case(
        "collated",
        alter("word", type_=sa.String(20, collation="C"), **WORD),
        only=POSTGRESQL,
    ),
    # -- types with checks
    Case(
        "other_values",
        alter(
            "kind",
            type_=checked_enum("a", "b", "c"),
            existing_type=checked_enum("a", "b"),
            existing_nullable=True,
        ),
        after=database(kind=sa.Column("kind", checked_enum("a", "b", "c"))),
    ),
    Case(
        "same_checked_type",
        alter(
            "kind",
            nullable=True,
            existing_type=checked_enum("a", "b"),
            existing_nullable=True,
        ),
    ),
    Case(
        "from_checked",
        alter(
            "kind",
            type_=sa.String(5),
            existing_type=checked_enum("a", "b"),
            existing_nullable=True,
        ),
        after=database(kind=sa.Column("kind", sa.String(5))),
    ),
    Case(
        "to_checked",
        alter(
            "word",
            type_=sa.Enum(
                "1", "2", "3", name="ck_word", native_enum=False, create_constraint=True
            ),
            **WORD,
        ),
    ),
    Case(
        "to_checked_boolean",
        alter(
            "number",
            type_=sa.Boolean(name="ck_number", create_constraint=True),
            **NUMBER,
        ),
        start=database(ck_t=None, uq_t=None),
        after=database(
            number=sa.Column(
                "number", sa.Boolean(name="ck_number", create_constraint=True)
            ),
            ck_t=None,
            uq_t=None,
        ),
    ),
    Case(
        "to_checked_by_convention",
        alter(
            "word",
            type_=sa.Enum(
                "1", "2", "3", name="word", native_enum=False, create_constraint=True
            ),
            **WORD,
        ),
        convention=CONVENTION,
    ),
    Case(
        "rename_and_check",
        alter(
            "word",
            new_column_name="new",
            type_=sa.Enum(
                "1", "2", "3", name="ck_word", native_enum=False, create_constraint=True
            ),
            **WORD,
        ),
        after=database(
            word=sa.Column(
                "new",
                sa.Enum(
                    "1",
                    "2",
                    "3",
                    name="ck_word",
                    native_enum=False,
                    create_constraint=True,
                ),
            ),
            ix_t=sa.Index("ix_t", "new"),
        ),
    ),
)
