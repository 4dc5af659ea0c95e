"""Cases of ``alter_column``: each argument but types, and all at once."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from .case import Case
from .case import cases
from .case import child
from .case import database
from .case import POSTGRESQL
from .case import Script
from .case import SERVERS

IDENTITY = frozenset(["postgresql", "oracle"])
MYSQL = frozenset(["mysql", "mariadb"])

# What autogenerate knows of the columns.
WORD = {"existing_type": sa.String(20), "existing_nullable": True}
LABEL = {
    "existing_type": sa.String(20),
    "existing_nullable": False,
    "existing_server_default": "x",
    "existing_comment": "old",
}
NUMBER = {"existing_type": sa.Integer(), "existing_nullable": True}
PRICE = {
    "existing_type": sa.Numeric(8, 2),
    "existing_nullable": True,
    "existing_server_default": sa.text("0"),
}


def alter(column: str, **changes: Any) -> Script:
    return lambda op: op.alter_column("t", column, **changes)


def named(before: str) -> sa.MetaData:
    """Return the start with a column of this name in place of ``word``."""
    return database(word=sa.Column(before, sa.String(20)), ix_t=None)


def label(type_: Any = None, **options: Any) -> sa.Column[Any]:
    known: dict[str, Any] = {
        "nullable": False,
        "server_default": "x",
        "comment": "old",
        **options,
    }
    return sa.Column("label", type_ or sa.String(20), **known)


ALTER_COLUMN_CASES = cases(
    # -- nullable
    Case(
        "forbid_null",
        alter("word", nullable=False, **WORD),
        after=database(word=sa.Column("word", sa.String(20), nullable=False)),
    ),
    Case(
        "forbid_null_type_known",
        alter("word", nullable=False, existing_type=sa.String(20)),
        after=database(word=sa.Column("word", sa.String(20), nullable=False)),
    ),
    Case(
        "forbid_null_nothing_known",
        alter("word", nullable=False),
        after=database(word=sa.Column("word", sa.String(20), nullable=False)),
    ),
    Case(
        "allow_null",
        alter("label", nullable=True, **LABEL),
        after=database(label=label(nullable=True)),
    ),
    Case(
        "allow_null_type_known",
        alter("label", nullable=True, existing_type=sa.String(20)),
        after=database(label=label(nullable=True)),
    ),
    Case(
        "allow_null_nothing_known",
        alter("label", nullable=True),
        after=database(label=label(nullable=True)),
    ),
    Case("forbid_null_with_nulls", alter("parent_id", nullable=False, **NUMBER)),
    # -- default
    Case("set_default", alter("word", server_default="y", **WORD)),
    Case("set_default_nothing_known", alter("word", server_default="y")),
    Case("set_odd_default", alter("word", server_default="it's 5% :c \\", **WORD)),
    Case("set_default_text", alter("number", server_default=sa.text("7"), **NUMBER)),
    Case(
        "set_default_now",
        alter(
            "at",
            server_default=sa.func.now(),
            existing_type=sa.DateTime(),
            existing_nullable=True,
        ),
    ),
    Case(
        "set_default_expression",
        alter("number", server_default=sa.text("(1 + 2)"), **NUMBER),
    ),
    Case(
        "set_default_true",
        alter(
            "flag",
            server_default=sa.true(),
            existing_type=sa.Boolean(),
            existing_nullable=True,
        ),
    ),
    Case(
        "set_default_python_true",
        alter(
            "flag",
            server_default=True,
            existing_type=sa.Boolean(),
            existing_nullable=True,
        ),
        after=database(flag=sa.Column("flag", sa.Boolean, server_default=sa.true())),
    ),
    Case(
        "change_default",
        alter("label", server_default="z", **LABEL),
        after=database(label=label(server_default="z")),
    ),
    Case(
        "change_default_nothing_known",
        alter("label", server_default="z"),
        after=database(label=label(server_default="z")),
    ),
    Case(
        "remove_default",
        alter("label", server_default=None, **LABEL),
        after=database(label=label(server_default=None)),
    ),
    Case(
        "remove_default_nothing_known",
        alter("label", server_default=None),
        after=database(label=label(server_default=None)),
    ),
    Case(
        "type_and_default",
        alter("label", type_=sa.String(80), server_default="z", **LABEL),
        after=database(label=label(sa.String(80), server_default="z")),
    ),
    Case(
        "type_and_no_default",
        alter("price", type_=sa.Integer(), server_default=None, **PRICE),
    ),
    Case(
        "set_identity",
        alter(
            "id",
            server_default=sa.Identity(start=9),
            existing_type=sa.Integer(),
            existing_nullable=False,
            existing_server_default=None,
        ),
        start=database(
            id=sa.Column("id", sa.Integer, autoincrement=False, nullable=False)
        ),
        only=IDENTITY,
    ),
    Case(
        "change_identity",
        alter(
            "id",
            server_default=sa.Identity(always=True, start=9),
            existing_type=sa.Integer(),
            existing_nullable=False,
            existing_server_default=sa.Identity(start=5),
        ),
        start=database(
            id=sa.Column("id", sa.Integer, sa.Identity(start=5), nullable=False)
        ),
        only=IDENTITY,
    ),
    Case(
        "remove_identity",
        alter(
            "id",
            server_default=None,
            existing_type=sa.Integer(),
            existing_nullable=False,
            existing_server_default=sa.Identity(start=5),
        ),
        start=database(
            id=sa.Column("id", sa.Integer, sa.Identity(start=5), nullable=False)
        ),
        only=IDENTITY,
    ),
    Case(
        "set_computed",
        alter("number", server_default=sa.Computed("id + 1"), **NUMBER),
        start=database(ck_t=None, uq_t=None),
    ),
    Case(
        "remove_computed",
        alter(
            "number",
            server_default=None,
            existing_server_default=sa.Computed("id + 1"),
            **NUMBER,
        ),
        start=database(
            ck_t=None,
            uq_t=None,
            number=sa.Column(
                "number", sa.Integer, sa.Computed("id + 1", persisted=True)
            ),
        ),
        only=POSTGRESQL,
        after=database(ck_t=None, uq_t=None),
    ),
    # -- name
    Case("rename", alter("word", new_column_name="new", **WORD)),
    Case(
        "rename_nothing_known",
        alter("word", new_column_name="new"),
        after=database(
            word=sa.Column("new", sa.String(20)), ix_t=sa.Index("ix_t", "new")
        ),
    ),
    Case(
        "rename_default_kept",
        alter("label", new_column_name="new", existing_type=sa.String(20)),
        after=database(
            label=sa.Column(
                "new", sa.String(20), nullable=False, server_default="x", comment="old"
            ),
            uq_t=sa.UniqueConstraint("new", "number", name="uq_t"),
        ),
    ),
    Case(
        "rename_everywhere",
        alter("number", new_column_name="New", **NUMBER),
        after=database(
            number=sa.Column("New", sa.Integer),
            uq_t=sa.UniqueConstraint("label", "New", name="uq_t"),
            ck_t=sa.CheckConstraint(sa.column("New") > 0, name="ck_t"),
        ),
    ),
    Case(
        "rename_key",
        alter(
            "id",
            new_column_name="key",
            existing_type=sa.Integer(),
            existing_nullable=False,
        ),
        after=database(
            child(referred="key"),
            id=sa.Column("key", sa.Integer, nullable=False),
            pk_t=sa.PrimaryKeyConstraint("key", name="pk_t"),
        ),
    ),
    Case("rename_to_reserved", alter("word", new_column_name="order", **WORD)),
    Case(
        "rename_mixed_case",
        alter("Old", new_column_name="New", **WORD),
        start=named("Old"),
    ),
    Case("rename_case_only", alter("word", new_column_name="Word", **WORD)),
    Case(
        "rename_to_itself",
        alter("word", new_column_name="word", **WORD),
        after=database(),
    ),
    Case(
        "rename_and_type",
        alter("label", new_column_name="new", type_=sa.String(80), **LABEL),
        after=database(
            label=sa.Column(
                "new", sa.String(80), nullable=False, server_default="x", comment="old"
            ),
            uq_t=sa.UniqueConstraint("new", "number", name="uq_t"),
        ),
    ),
    Case(
        "rename_and_null", alter("label", new_column_name="new", nullable=True, **LABEL)
    ),
    # -- comment
    Case("comment", alter("word", comment="it's 5% :c", **WORD)),
    Case(
        "comment_nothing_known",
        alter("word", comment="c"),
        after=database(word=sa.Column("word", sa.String(20), comment="c")),
    ),
    Case(
        "another_comment",
        alter("label", comment="c", **LABEL),
        after=database(label=label(comment="c")),
    ),
    Case(
        "remove_comment",
        alter("label", comment=None, **LABEL),
        after=database(label=label(comment=None)),
    ),
    Case(
        "remove_comment_nothing_known",
        alter("label", comment=None),
        after=database(label=label(comment=None)),
    ),
    Case(
        "existing_comment_only",
        alter("word", nullable=False, existing_comment=None, **WORD),
    ),
    # -- all at once, nothing, and words that nobody knows
    Case(
        "all",
        alter(
            "label",
            new_column_name="new",
            type_=sa.String(80),
            nullable=True,
            server_default="z",
            comment="c",
            **LABEL,
        ),
    ),
    Case("nothing", alter("word")),
    Case("only_existing", alter("word", **WORD)),
    Case(
        "misspelt",
        alter(
            "word",
            nullable=False,
            erxisting_type=sa.String(20),
            existing_type_=sa.Integer(),
            **WORD,
        ),
    ),
    Case(
        "autoincrement",
        alter(
            "id",
            autoincrement=True,
            existing_type=sa.Integer(),
            existing_nullable=False,
        ),
        only=MYSQL,
        executed=frozenset(),
    ),
    Case(
        "existing_autoincrement",
        alter(
            "id",
            type_=sa.BigInteger(),
            existing_autoincrement=True,
            existing_type=sa.Integer(),
            existing_nullable=False,
        ),
        only=MYSQL,
        executed=frozenset(),
    ),
    Case(
        "no_autoincrement",
        alter(
            "id",
            autoincrement=False,
            existing_type=sa.Integer(),
            existing_nullable=False,
        ),
        only=MYSQL,
        executed=frozenset(),
    ),
    Case(
        "unsigned",
        alter("number", type_=mysql.INTEGER(unsigned=True), **NUMBER),
        only=MYSQL,
    ),
    Case(
        "mysql_keyword",
        alter("word", nullable=False, mysql_existing_type=sa.Integer(), **WORD),
    ),
    Case(
        "in_schema",
        lambda op: op.alter_column(
            "t", "word", type_=sa.String(80), new_column_name="new", schema="s", **WORD
        ),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case(
        "default_in_schema",
        lambda op: op.alter_column(
            "t",
            "word",
            server_default="y",
            nullable=False,
            comment="c",
            schema="s",
            **WORD,
        ),
        only=SERVERS,
        executed=frozenset(),
    ),
)
