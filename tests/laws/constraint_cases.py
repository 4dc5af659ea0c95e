"""Cases that add and drop constraints and indexes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from flask_migrations_ext import op

from .case import Case
from .case import database
from .case import in_turn
from .case import POSTGRESQL_ONLY
from .case import Rows
from .case import table
from .case import thing
from .column_cases import fk_number
from .column_cases import NO_ROWS_OF_MORE
from .column_cases import number
from .column_cases import NUMBERS
from .column_cases import ODD
from .column_cases import word
from .column_cases import WORDS

NO_EXPRESSIONS = "MariaDB has no indexes on expressions"
NO_CONDITIONS = "MariaDB has no conditions of indexes"
NO_DEFERRAL = "MariaDB has no constraints that wait"
ODD_CHECK = "word <> 'it''s 5% :c'"


def ix(*columns: str, unique: bool = False) -> sa.Index:
    return sa.Index("ix_it", *columns, unique=unique)


def pairs(*items: sa.schema.SchemaItem) -> sa.MetaData:
    return database(
        table(
            "pair",
            sa.Column("a", sa.Integer, nullable=False, autoincrement=False),
            sa.Column("b", sa.Integer, nullable=False, autoincrement=False),
            sa.Column("note", sa.Text),
            *items,
        )
    )


PAIRS: Rows = {
    "pair": [{"a": 1, "b": 2, "note": "x"}, {"a": 2, "b": 2, "note": None}],
}


def another_key() -> None:
    op.drop_constraint("pair_pkey", "pair", type_="primary")
    op.create_primary_key("pair_pkey", "pair", ["a", "b"])


def key(*columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name="pair_pkey")


def two_columns_that_refer() -> sa.Table:
    return table(
        "of_pair",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("x", sa.Integer),
        sa.Column("y", sa.Integer),
        sa.Index("ix_of_pair", "x", "y"),
    )


def with_reference_to_two() -> sa.Table:
    built = two_columns_that_refer()
    built.append_constraint(
        sa.ForeignKeyConstraint(
            ["x", "y"],
            ["pair.a", "pair.b"],
            name="fk_pair",
            onupdate="CASCADE",
            ondelete="CASCADE",
        )
    )
    return built


def spans(*items: sa.schema.SchemaItem) -> sa.MetaData:
    return thing(sa.Column("span", postgresql.INT4RANGE), *items)


def exclude() -> postgresql.ExcludeConstraint:
    return postgresql.ExcludeConstraint(
        ("span", "&&"),
        name="ex_span",
        where=sa.text("id > 0"),
        deferrable=True,
        initially="DEFERRED",
    )


def index_without_waiting() -> None:
    with op.get_context().autocommit_block():
        op.create_index("ix_it", "thing", ["word"], postgresql_concurrently=True)


CONSTRAINT_CASES = [
    # -- unique
    Case(
        "create_unique",
        thing(word()),
        lambda: op.create_unique_constraint("uq_word", "thing", ["word"]),
        thing(word(), sa.UniqueConstraint("word", name="uq_word")),
        WORDS,
    ),
    Case(
        "create_unique_of_several",
        thing(word(), number()),
        lambda: op.create_unique_constraint(
            "uq_word", "thing", ["word", "number", "anchor"]
        ),
        thing(
            word(),
            number(),
            sa.UniqueConstraint("word", "number", "anchor", name="uq_word"),
        ),
        WORDS,
    ),
    Case(
        "create_unique_that_waits",
        thing(word()),
        lambda: op.create_unique_constraint(
            "uq_word", "thing", ["word"], deferrable=True, initially="DEFERRED"
        ),
        thing(
            word(),
            sa.UniqueConstraint(
                "word", name="uq_word", deferrable=True, initially="DEFERRED"
            ),
        ),
        WORDS,
        but_not={"sqlite": "only foreign keys wait there", "mariadb": NO_DEFERRAL},
    ),
    Case(
        "drop_unique",
        thing(word(), sa.UniqueConstraint("word", name="uq_word")),
        lambda: op.drop_constraint("uq_word", "thing", type_="unique"),
        thing(word()),
        WORDS,
    ),
    # -- foreign keys
    Case(
        "create_foreign_key",
        thing(number(), ix("number")),
        lambda: op.create_foreign_key(
            "fk_number", "thing", "parent", ["number"], ["id"], ondelete="CASCADE"
        ),
        thing(number(), ix("number"), fk_number()),
        NUMBERS,
    ),
    Case(
        "create_foreign_key_that_forgets",
        thing(number(), ix("number")),
        lambda: op.create_foreign_key(
            "fk_number",
            "thing",
            "parent",
            ["number"],
            ["id"],
            ondelete="SET NULL",
            onupdate="CASCADE",
        ),
        thing(
            number(),
            ix("number"),
            sa.ForeignKeyConstraint(
                ["number"],
                ["parent.id"],
                name="fk_number",
                ondelete="SET NULL",
                onupdate="CASCADE",
            ),
        ),
        NUMBERS,
    ),
    Case(
        "create_foreign_key_that_waits",
        thing(number(), ix("number")),
        lambda: op.create_foreign_key(
            "fk_number",
            "thing",
            "parent",
            ["number"],
            ["id"],
            deferrable=True,
            initially="DEFERRED",
        ),
        thing(
            number(),
            ix("number"),
            sa.ForeignKeyConstraint(
                ["number"],
                ["parent.id"],
                name="fk_number",
                deferrable=True,
                initially="DEFERRED",
            ),
        ),
        NUMBERS,
        but_not={"mariadb": NO_DEFERRAL},
    ),
    Case(
        "create_foreign_key_to_itself",
        thing(number(), ix("number")),
        lambda: op.create_foreign_key("fk_it", "thing", "thing", ["number"], ["id"]),
        thing(
            number(),
            ix("number"),
            sa.ForeignKeyConstraint(["number"], ["thing.id"], name="fk_it"),
        ),
        NUMBERS,
    ),
    Case(
        "create_foreign_key_of_two_columns",
        pairs(key("a", "b")),
        in_turn(
            lambda: op.create_table(
                "of_pair",
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("x", sa.Integer),
                sa.Column("y", sa.Integer),
                sa.Index("ix_of_pair", "x", "y"),
            ),
            lambda: op.create_foreign_key(
                "fk_pair",
                "of_pair",
                "pair",
                ["x", "y"],
                ["a", "b"],
                onupdate="CASCADE",
                ondelete="CASCADE",
            ),
        ),
        database(
            pairs(key("a", "b")).tables["pair"],
            with_reference_to_two(),
        ),
        PAIRS,
    ),
    Case(
        "drop_foreign_key",
        thing(number(), ix("number"), fk_number()),
        lambda: op.drop_constraint("fk_number", "thing", type_="foreignkey"),
        thing(number(), ix("number")),
        NUMBERS,
    ),
    # -- exclusion
    Case(
        "create_exclude",
        spans(),
        lambda: op.create_exclude_constraint(
            "ex_span",
            "thing",
            ("span", "&&"),
            where=sa.text("id > 0"),
            deferrable=True,
            initially="DEFERRED",
        ),
        spans(exclude()),
        NO_ROWS_OF_MORE,
        but_not={"sqlite": POSTGRESQL_ONLY, "mariadb": POSTGRESQL_ONLY},
    ),
    Case(
        "drop_exclude",
        spans(exclude()),
        lambda: op.drop_constraint("ex_span", "thing", type_="exclude"),
        spans(),
        NO_ROWS_OF_MORE,
        no_way_back="nobody asks the database for exclusion constraints",
        but_not={"sqlite": POSTGRESQL_ONLY, "mariadb": POSTGRESQL_ONLY},
    ),
    # -- checks
    Case(
        "create_check",
        thing(word(), number()),
        lambda: op.create_check_constraint("ck_word", "thing", ODD_CHECK),
        thing(
            word(),
            number(),
            sa.CheckConstraint(sa.text(ODD_CHECK.replace(":", r"\:")), name="ck_word"),
        ),
        WORDS,
    ),
    Case(
        "create_check_of_expression",
        thing(word(), number()),
        lambda: op.create_check_constraint(
            "ck_number",
            "thing",
            sa.and_(sa.column("number") > 0, sa.column("word") != ODD),
        ),
        thing(
            word(),
            number(),
            sa.CheckConstraint(
                sa.and_(sa.column("number") > 0, sa.column("word") != ODD),
                name="ck_number",
            ),
        ),
        NUMBERS,
    ),
    Case(
        "drop_check",
        thing(number(), sa.CheckConstraint("number > 0", name="ck_number")),
        lambda: op.drop_constraint("ck_number", "thing", type_="check"),
        thing(number()),
        NUMBERS,
    ),
    # -- primary keys
    Case(
        "create_primary_key",
        pairs(),
        lambda: op.create_primary_key("pair_pkey", "pair", ["a"]),
        pairs(key("a")),
        PAIRS,
    ),
    Case(
        "drop_primary_key",
        pairs(key("a")),
        lambda: op.drop_constraint("pair_pkey", "pair", type_="primary"),
        pairs(),
        PAIRS,
    ),
    Case(
        "another_primary_key", pairs(key("a")), another_key, pairs(key("a", "b")), PAIRS
    ),
    # -- indexes
    Case(
        "create_index",
        thing(word(), number()),
        lambda: op.create_index("ix_it", "thing", ["word", "number"]),
        thing(word(), number(), ix("word", "number")),
        WORDS,
    ),
    Case(
        "create_unique_index",
        thing(word()),
        lambda: op.create_index("ix_it", "thing", ["word"], unique=True),
        thing(word(), ix("word", unique=True)),
        WORDS,
    ),
    Case(
        "create_descending_index",
        thing(word()),
        lambda: op.create_index("ix_it", "thing", [sa.text("word DESC"), "id"]),
        thing(word(), sa.Index("ix_it", sa.text("word DESC"), "id")),
        WORDS,
    ),
    Case(
        "create_index_on_expression",
        thing(word()),
        lambda: op.create_index("ix_it", "thing", [sa.text("lower(word)")]),
        thing(word(), sa.Index("ix_it", sa.text("lower(word)"))),
        WORDS,
        but_not={"mariadb": NO_EXPRESSIONS},
    ),
    Case(
        "create_index_of_some_rows",
        thing(word()),
        lambda: op.create_index(
            "ix_it",
            "thing",
            ["word"],
            unique=True,
            sqlite_where=sa.text("word <> 'a:b'".replace(":", r"\:")),
            postgresql_where=sa.text("word <> 'a:b'".replace(":", r"\:")),
        ),
        thing(
            word(),
            sa.Index(
                "ix_it",
                "word",
                unique=True,
                sqlite_where=sa.text("word <> 'a:b'".replace(":", r"\:")),
                postgresql_where=sa.text("word <> 'a:b'".replace(":", r"\:")),
            ),
        ),
        WORDS,
        but_not={"mariadb": NO_CONDITIONS},
    ),
    Case(
        "create_index_of_odd_name",
        thing(word()),
        lambda: op.create_index('ix "It\'s" 5%', "thing", ["word"]),
        thing(word(), sa.Index('ix "It\'s" 5%', "word")),
        WORDS,
    ),
    Case(
        "create_index_if_not_exists",
        thing(word()),
        in_turn(
            lambda: op.create_index("ix_it", "thing", ["word"], if_not_exists=True),
            lambda: op.create_index("ix_it", "thing", ["word"], if_not_exists=True),
        ),
        thing(word(), ix("word")),
        WORDS,
    ),
    Case(
        "create_index_that_covers",
        thing(word(), number()),
        lambda: op.create_index(
            "ix_it",
            "thing",
            ["word"],
            postgresql_using="btree",
            postgresql_include=["number"],
        ),
        thing(
            word(), number(), sa.Index("ix_it", "word", postgresql_include=["number"])
        ),
        WORDS,
        but_not={"sqlite": POSTGRESQL_ONLY, "mariadb": POSTGRESQL_ONLY},
    ),
    Case(
        "create_index_without_waiting",
        thing(word()),
        index_without_waiting,
        thing(word(), ix("word")),
        WORDS,
    ),
    Case(
        "create_index_of_beginnings",
        thing(sa.Column("word", sa.Text)),
        lambda: op.create_index("ix_it", "thing", ["word"], mariadb_length=10),
        thing(sa.Column("word", sa.Text), sa.Index("ix_it", "word", mariadb_length=10)),
        WORDS,
    ),
    Case(
        "drop_index",
        thing(word(), ix("word")),
        lambda: op.drop_index("ix_it", "thing"),
        thing(word()),
        WORDS,
    ),
    Case(
        "drop_unique_index",
        thing(word(), number(), ix("word", "number", unique=True)),
        lambda: op.drop_index("ix_it", table_name="thing"),
        thing(word(), number()),
        WORDS,
    ),
    Case(
        "drop_index_if_exists",
        thing(word(), ix("word")),
        in_turn(
            lambda: op.drop_index("ix_it", "thing", if_exists=True),
            lambda: op.drop_index("ix_other", "thing", if_exists=True),
        ),
        thing(word()),
        WORDS,
    ),
]
