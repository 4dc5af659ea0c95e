"""Cases of several alterations of one table in a batch block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from flask_migrations_ext import op
from flask_migrations_ext.batch import BatchOperations

from .case import Case
from .case import rows_of_thing
from .case import Script
from .case import thing
from .column_cases import fk_number
from .column_cases import number
from .column_cases import NUMBERS
from .column_cases import ODD
from .column_cases import word
from .column_cases import WORDS
from .constraint_cases import ix
from .constraint_cases import key
from .constraint_cases import PAIRS
from .constraint_cases import pairs

WORDS_AND_NUMBERS = rows_of_thing(word=("w", None, ODD), number=(1, 2, None))


def block(
    fill: Callable[[BatchOperations], object], table: str = "thing", **options: Any
) -> Script:
    """Return a script of one batch block."""

    def script() -> None:
        with op.batch_alter_table(table, **options) as batch_op:
            fill(batch_op)

    return script


def several(batch_op: BatchOperations) -> None:
    batch_op.add_column(sa.Column("more", sa.Integer, server_default="1"))
    batch_op.alter_column(
        "number",
        existing_type=sa.Integer(),
        type_=sa.BigInteger(),
        existing_nullable=True,
    )
    batch_op.create_unique_constraint("uq_more", ["more", "id"])
    batch_op.create_check_constraint("ck_more", "more > 0")
    batch_op.create_index("ix_it", ["more", "number"], unique=False)
    batch_op.drop_column("word")


def exchange_constraints(batch_op: BatchOperations) -> None:
    batch_op.drop_constraint("fk_number", type_="foreignkey")
    batch_op.drop_constraint("uq_number", type_="unique")
    batch_op.drop_constraint("ck_number", type_="check")
    batch_op.create_foreign_key(
        "fk_other", "parent", ["number"], ["id"], ondelete="SET NULL"
    )
    batch_op.create_unique_constraint("uq_other", ["number", "anchor"])
    batch_op.create_check_constraint("ck_other", "anchor <> 'a:b'")


def with_statement_between(batch_op: BatchOperations) -> None:
    batch_op.add_column(sa.Column("more", sa.Integer, nullable=True))
    batch_op.execute("UPDATE thing SET more = id * 2 WHERE anchor <> 'it''s\\:'")
    batch_op.alter_column("more", existing_type=sa.Integer(), nullable=False)


def rename_and_use(batch_op: BatchOperations) -> None:
    batch_op.alter_column(
        "word",
        new_column_name="Text",
        existing_type=sa.String(20),
        existing_nullable=True,
    )
    batch_op.create_index("ix_text", ["Text"])
    batch_op.alter_column(
        "Text",
        existing_type=sa.String(20),
        server_default=ODD,
        existing_server_default=None,
        existing_nullable=True,
    )


def another_key(batch_op: BatchOperations) -> None:
    batch_op.drop_constraint("pair_pkey", type_="primary")
    batch_op.create_primary_key("pair_pkey", ["b", "a"])


def exchange_indexes(batch_op: BatchOperations) -> None:
    batch_op.drop_index("ix_it")
    batch_op.drop_column("number")
    batch_op.create_index("ix_it", ["word"])


def comments(batch_op: BatchOperations) -> None:
    batch_op.create_table_comment(ODD, existing_comment="old")
    batch_op.alter_column(
        "word",
        existing_type=sa.String(20),
        existing_nullable=True,
        comment=ODD,
        existing_comment=None,
    )


BATCH_CASES = [
    Case(
        "batch_of_several",
        thing(word(), number()),
        block(several),
        thing(
            sa.Column("number", sa.BigInteger),
            sa.Column("more", sa.Integer, server_default="1"),
            sa.UniqueConstraint("more", "id", name="uq_more"),
            sa.CheckConstraint("more > 0", name="ck_more"),
            sa.Index("ix_it", "more", "number"),
        ),
        WORDS_AND_NUMBERS,
    ),
    Case(
        "batch_of_constraints",
        thing(
            number(),
            ix("number"),
            fk_number(),
            sa.UniqueConstraint("number", name="uq_number"),
            sa.CheckConstraint("number > 0", name="ck_number"),
        ),
        block(exchange_constraints),
        thing(
            number(),
            ix("number"),
            sa.ForeignKeyConstraint(
                ["number"], ["parent.id"], name="fk_other", ondelete="SET NULL"
            ),
            sa.UniqueConstraint("number", "anchor", name="uq_other"),
            sa.CheckConstraint("anchor <> 'a:b'", name="ck_other"),
        ),
        NUMBERS,
    ),
    Case(
        "batch_with_statement",
        thing(),
        block(with_statement_between),
        thing(sa.Column("more", sa.Integer, nullable=False)),
        rows_of_thing(),
    ),
    Case(
        "batch_that_renames",
        thing(word()),
        block(rename_and_use),
        thing(
            sa.Column("Text", sa.String(20), server_default=ODD),
            sa.Index("ix_text", "Text"),
        ),
        WORDS,
    ),
    Case(
        "batch_of_another_key",
        pairs(key("a")),
        block(another_key, "pair"),
        pairs(key("b", "a")),
        PAIRS,
    ),
    Case(
        "batch_of_comments",
        thing(word(), comment="old"),
        block(comments),
        thing(word(comment=ODD), comment=ODD),
        WORDS,
    ),
    Case(
        "batch_that_drops_an_index",
        thing(word(), number(), ix("word", "number")),
        block(exchange_indexes),
        thing(word(), ix("word")),
        WORDS_AND_NUMBERS,
    ),
    Case(
        "batch_that_orders",
        thing(number()),
        block(
            lambda batch_op: batch_op.add_column(
                word(nullable=False, server_default=ODD), insert_after="id"
            )
        ),
        thing(word(nullable=False, server_default=ODD), number()),
        NUMBERS,
    ),
    Case(
        "batch_without_a_change",
        thing(word()),
        block(lambda batch_op: None),
        thing(word()),
        WORDS,
    ),
    Case(
        "batch_that_rebuilds_anyway",
        thing(word(), number(), fk_number(), ix("number")),
        block(lambda batch_op: batch_op.drop_column("word"), recreate="always"),
        thing(number(), fk_number(), ix("number")),
        WORDS_AND_NUMBERS,
    ),
    Case(
        "batch_that_never_rebuilds",
        thing(),
        block(lambda batch_op: batch_op.add_column(word()), recreate="never"),
        thing(word()),
        rows_of_thing(),
    ),
]
