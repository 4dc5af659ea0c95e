"""Cases that add and drop columns: each argument, and what a column declares."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql

from .case import Case
from .case import cases
from .case import CONVENTION
from .case import database
from .case import EVERYWHERE
from .case import fk_new
from .case import POSTGRESQL
from .case import Script
from .case import SERVERS

ODD = 'it\'s 5% :c \\ "q"'


def add(*arguments: Any, name: str = "new", **options: Any) -> Script:
    """Return a script that adds a column, made anew for each engine."""
    keywords = {
        key: options.pop(key)
        for key in ("if_not_exists", "inline_references", "inline_primary_key")
        if key in options
    }
    return lambda op: op.add_column(
        "t",
        sa.Column(name, *(_made(each) for each in arguments), **options),
        **keywords,
    )


def _made(argument: Any) -> Any:
    # A constraint belongs to one column only.
    return (
        argument()
        if callable(argument) and not isinstance(argument, type)
        else argument
    )


def drop(column: str, **options: Any) -> Script:
    return lambda op: op.drop_column("t", column, **options)


def to_parent(**options: Any) -> Any:
    return lambda: sa.ForeignKey("parent.id", **options)


def keyed_by_new() -> sa.Table:
    return sa.Table(
        "loose",
        sa.MetaData(),
        sa.Column("a", sa.Integer, nullable=False),
        sa.Column("b", sa.String(20)),
        sa.Column("new", sa.Integer, primary_key=True),
    )


ADD_COLUMN_CASES = cases(
    Case("add", add(sa.Integer)),
    Case("add_string", add(sa.String(20))),
    Case("add_unlimited_string", add(sa.Unicode(), name="new"), only=POSTGRESQL),
    Case("add_text", add(sa.Text)),
    Case("add_big_integer", add(sa.BigInteger)),
    Case("add_numeric", add(sa.Numeric(10, 3))),
    Case("add_float", add(sa.Float(53))),
    Case("add_date", add(sa.Date)),
    Case("add_datetime", add(sa.DateTime)),
    Case("add_datetime_with_zone", add(sa.DateTime(timezone=True))),
    Case("add_time", add(sa.Time)),
    Case("add_interval", add(sa.Interval), only=POSTGRESQL),
    Case("add_binary", add(sa.LargeBinary)),
    Case("add_uuid", add(sa.Uuid)),
    Case(
        "add_json",
        add(sa.JSON),
        only=frozenset(["sqlite", "postgresql", "mysql", "mariadb"]),
    ),
    Case("add_boolean", add(sa.Boolean)),
    Case("add_checked_boolean", add(sa.Boolean(name="ck_new", create_constraint=True))),
    Case(
        "add_enum",
        add(sa.Enum("p", "q", name="e")),
        after=database(new=sa.Column("new", sa.Enum("p", "q", name="e"))),
    ),
    Case("add_existing_enum", add(sa.Enum("red", "green", name="color"))),
    Case(
        "add_checked_enum",
        add(
            sa.Enum("p", "q", name="ck_new", native_enum=False, create_constraint=True)
        ),
    ),
    Case(
        "add_unnamed_checked_enum",
        add(sa.Enum("p", "q", native_enum=False, create_constraint=True)),
    ),
    Case("add_array", add(postgresql.ARRAY(sa.Integer)), only=POSTGRESQL),
    Case("add_jsonb", add(postgresql.JSONB), only=POSTGRESQL),
    Case(
        "add_array_of_enum",
        add(postgresql.ARRAY(sa.Enum("p", "q", name="e"))),
        only=POSTGRESQL,
        after=database(
            new=sa.Column("new", postgresql.ARRAY(sa.Enum("p", "q", name="e")))
        ),
    ),
    Case(
        "add_domain",
        add(postgresql.DOMAIN("d", sa.Integer)),
        only=POSTGRESQL,
        after=database(new=sa.Column("new", postgresql.DOMAIN("d", sa.Integer))),
    ),
    Case(
        "add_existing_pg_enum",
        add(postgresql.ENUM("red", "green", name="color", create_type=False)),
        only=POSTGRESQL,
    ),
    Case("add_variant", add(sa.Text().with_variant(sa.String(9), "mysql", "mariadb"))),
    Case(
        "add_mysql_unsigned",
        add(
            sa.Integer().with_variant(mysql.INTEGER(unsigned=True), "mysql", "mariadb")
        ),
    ),
    Case("add_collated", add(sa.String(20, collation="C")), only=POSTGRESQL),
    # -- nullable, defaults
    Case("add_not_null", add(sa.Integer, nullable=False, server_default="7")),
    Case("add_default_text", add(sa.Integer, server_default=sa.text("7"))),
    Case("add_default_string", add(sa.String(40), server_default=ODD)),
    Case("add_default_quoted", add(sa.String(9), server_default=sa.text("'a'"))),
    Case("add_default_null", add(sa.Integer, server_default=sa.null())),
    Case("add_default_true", add(sa.Boolean, server_default=sa.true())),
    Case("add_default_false", add(sa.Boolean, server_default=sa.text("false"))),
    Case("add_default_literal", add(sa.Integer, server_default=sa.literal(3))),
    Case("add_default_now", add(sa.DateTime, server_default=sa.func.now())),
    Case(
        "add_default_current_timestamp",
        add(sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP")),
    ),
    Case("add_default_expression", add(sa.Integer, server_default=sa.text("(1 + 2)"))),
    Case("add_default_empty", add(sa.String(9), server_default="")),
    Case("add_python_default", add(sa.Integer, default=5, onupdate=6)),
    Case(
        "add_default_and_on_update",
        add(
            sa.TIMESTAMP,
            nullable=False,
            server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
        ),
        only=frozenset(["mysql", "mariadb"]),
    ),
    Case("add_computed", add(sa.Integer, lambda: sa.Computed("number + 1"))),
    Case(
        "add_computed_persisted",
        add(sa.Integer, lambda: sa.Computed("number + 1", persisted=True)),
        only=frozenset(["sqlite", "postgresql", "mariadb", "mysql", "mssql"]),
    ),
    Case(
        "add_identity",
        add(sa.Integer, lambda: sa.Identity(start=5, increment=2), nullable=False),
        only=frozenset(["postgresql", "mssql", "oracle"]),
    ),
    Case(
        "add_identity_always",
        add(sa.Integer, lambda: sa.Identity(always=True)),
        only=frozenset(["postgresql", "mssql", "oracle"]),
    ),
    # -- comments
    Case("add_comment", add(sa.Integer, comment=ODD)),
    Case("add_empty_comment", add(sa.Integer, comment="")),
    # -- what comes with a column
    Case(
        "add_reference",
        add(sa.Integer, to_parent()),
        after=database(new=sa.Column("new", sa.Integer, sa.ForeignKey("parent.id"))),
    ),
    Case("add_named_reference", add(sa.Integer, to_parent(name="fk_new"))),
    Case(
        "add_reference_with_options",
        add(
            sa.Integer,
            to_parent(name="fk_new", ondelete="CASCADE", onupdate="RESTRICT"),
        ),
        only=frozenset(["sqlite", "postgresql", "mariadb", "mysql"]),
    ),
    Case(
        "add_deferrable_reference",
        add(
            sa.Integer, to_parent(name="fk_new", deferrable=True, initially="DEFERRED")
        ),
        only=frozenset(["sqlite", "postgresql", "oracle"]),
    ),
    Case(
        "add_reference_to_itself",
        add(sa.Integer, lambda: sa.ForeignKey("t.id", name="fk_new")),
    ),
    Case(
        "add_inline_reference",
        add(sa.Integer, to_parent(name="fk_new"), inline_references=True),
        after=database(new=sa.Column("new", sa.Integer), fk_new=fk_new()),
    ),
    Case(
        "add_unnamed_inline_reference",
        add(sa.Integer, to_parent(), inline_references=True),
    ),
    Case(
        "add_inline_reference_with_options",
        add(
            sa.Integer,
            to_parent(name="fk_new", ondelete="SET NULL", deferrable=True),
            inline_references=True,
        ),
        only=POSTGRESQL,
        after=database(
            new=sa.Column("new", sa.Integer),
            fk_new=fk_new(ondelete="SET NULL", deferrable=True),
        ),
    ),
    Case("add_index", add(sa.Integer, index=True)),
    Case(
        "add_unique",
        add(sa.Integer, unique=True),
        after=database(new=sa.Column("new", sa.Integer, unique=True)),
    ),
    Case("add_unique_index", add(sa.Integer, unique=True, index=True)),
    Case(
        "add_check",
        add(sa.Integer, lambda: sa.CheckConstraint("new > 0", name="ck_new")),
        after=database(
            new=sa.Column("new", sa.Integer),
            ck_new=sa.CheckConstraint("new > 0", name="ck_new"),
        ),
    ),
    Case(
        "add_unnamed_check",
        add(sa.Integer, lambda: sa.CheckConstraint("new > 0")),
        after=database(
            new=sa.Column("new", sa.Integer), ck_new=sa.CheckConstraint("new > 0")
        ),
    ),
    Case(
        "add_with_everything",
        add(
            sa.Integer,
            to_parent(name="fk_new"),
            nullable=False,
            server_default="1",
            index=True,
            comment="c",
        ),
        after=database(
            new=sa.Column(
                "new",
                sa.Integer,
                nullable=False,
                server_default="1",
                index=True,
                comment="c",
            ),
            fk_new=fk_new(),
        ),
    ),
    Case(
        "add_primary_key_column",
        add(sa.Integer, primary_key=True, nullable=True),
        only=EVERYWHERE - {"mysql", "mariadb"},
    ),
    Case(
        "add_primary_key_column_uncounted",
        add(sa.Integer, primary_key=True, nullable=True),
        after=database(new=sa.Column("new", sa.Integer)),
        only=frozenset(["mysql", "mariadb"]),
    ),
    Case(
        "add_inline_primary_key",
        lambda op: op.add_column(
            "loose",
            sa.Column("new", sa.Integer, primary_key=True),
            inline_primary_key=True,
        ),
        after=database(keyed_by_new()),
    ),
    Case(
        "add_inline_primary_key_identity",
        lambda op: op.add_column(
            "loose",
            sa.Column("new", sa.Integer, sa.Identity(), primary_key=True),
            inline_primary_key=True,
        ),
        only=frozenset(["postgresql", "mssql", "oracle"]),
    ),
    Case(
        "add_inline_primary_key_serial",
        lambda op: op.add_column(
            "loose",
            sa.Column("new", sa.Integer, primary_key=True, autoincrement=True),
            inline_primary_key=True,
        ),
        after=database(keyed_by_new()),
    ),
    # -- the other arguments
    Case(
        "add_if_not_exists",
        add(sa.Integer, if_not_exists=True),
        after=database(new=sa.Column("new", sa.Integer)),
    ),
    Case(
        "add_if_not_exists_there",
        add(sa.Integer, name="number", if_not_exists=True),
        after=database(),
    ),
    Case(
        "add_if_not_exists_with_index",
        add(sa.Integer, index=True, if_not_exists=True),
        after=database(new=sa.Column("new", sa.Integer, index=True)),
    ),
    Case(
        "add_in_schema",
        lambda op: op.add_column(
            "t", sa.Column("new", sa.Integer, index=True), schema="s"
        ),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case(
        "add_reference_in_schema",
        lambda op: op.add_column(
            "t", sa.Column("new", sa.Integer, sa.ForeignKey("s.parent.id")), schema="s"
        ),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case("add_mixed_case", add(sa.Integer, name="New")),
    Case("add_reserved_name", add(sa.Integer, name="order")),
    Case("add_odd_name", add(sa.Integer, name="5% of it")),
    Case(
        "add_system_column",
        lambda op: op.add_column("t", sa.Column("xmin", sa.Integer, system=True)),
        only=POSTGRESQL,
        executed=frozenset(),
    ),
    # -- the naming convention
    Case(
        "add_reference_by_convention",
        add(sa.Integer, to_parent()),
        convention=CONVENTION,
    ),
    Case("add_index_by_convention", add(sa.Integer, index=True), convention=CONVENTION),
    Case(
        "add_unique_by_convention",
        add(sa.Integer, unique=True),
        convention=CONVENTION,
        after=database(
            new=sa.Column("new", sa.Integer),
            uq_new=sa.UniqueConstraint("new", name="uq_t_new"),
        ),
    ),
    Case(
        "add_check_by_convention",
        add(sa.Integer, lambda: sa.CheckConstraint("new > 0", name="positive")),
        convention=CONVENTION,
        after=database(
            new=sa.Column("new", sa.Integer),
            ck_new=sa.CheckConstraint("new > 0", name="ck_t_positive"),
        ),
    ),
    Case(
        "add_boolean_by_convention",
        add(sa.Boolean(name="new", create_constraint=True)),
        convention=CONVENTION,
    ),
)

DROP_COLUMN_CASES = cases(
    Case("drop", drop("number"), start=database(uq_t=None, ck_t=None)),
    Case("drop_with_default", drop("price")),
    Case("drop_if_exists", drop("price", if_exists=True)),
    Case("drop_if_exists_not_there", drop("absent", if_exists=True), after=database()),
    Case("drop_indexed", drop("word"), after=database(word=None, ix_t=None)),
    Case("drop_enum", drop("color")),
    Case("drop_with_type_check", drop("kind"), after=database(kind=None)),
    Case(
        "drop_referring",
        drop("parent_id"),
        after=database(parent_id=None, fk_t=None, ix_parent=None),
    ),
    Case("drop_in_unique", drop("label")),
    Case(
        "drop_in_check",
        drop("number"),
        after=database(number=None, ck_t=None, uq_t=None),
    ),
    Case(
        "drop_in_schema",
        lambda op: op.drop_column("t", "price", schema="s"),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case("drop_mssql_default", drop("price", mssql_drop_default=True)),
    Case("drop_mssql_check", drop("flag", mssql_drop_check=True)),
    Case(
        "drop_mssql_foreign_key",
        drop("parent_id", mssql_drop_foreign_key=True),
        only=frozenset(["mssql"]),
    ),
    Case(
        "drop_mssql_everything",
        drop(
            "parent_id",
            mssql_drop_foreign_key=True,
            mssql_drop_check=True,
            mssql_drop_default=True,
        ),
        only=frozenset(["mssql"]),
    ),
    Case("drop_unknown_keyword", drop("price", existing_type=sa.Integer())),
    Case(
        "drop_mixed_case",
        drop("New"),
        start=database(word=sa.Column("New", sa.Integer), ix_t=None),
    ),
)
