"""Cases of whole tables: create, drop, rename, comment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from .case import Case
from .case import cases
from .case import checked_enum
from .case import color
from .case import CONVENTION
from .case import database
from .case import POSTGRESQL
from .case import Script
from .case import SERVERS

Items = Callable[[], list[sa.schema.SchemaItem]]

ODD = "it's 5% :c"


def create(items: Items, name: str = "new", **options: Any) -> Script:
    return lambda op: op.create_table(name, *items(), **options)


def key() -> sa.Column[Any]:
    return sa.Column("id", sa.Integer, primary_key=True)


def with_key(*make: Callable[[], sa.schema.SchemaItem]) -> Items:
    return lambda: [key(), *(each() for each in make)]


def two_numbers() -> list[sa.schema.SchemaItem]:
    return [key(), sa.Column("a", sa.Integer), sa.Column("b", sa.Integer)]


def numbers(*make: Callable[[], sa.schema.SchemaItem]) -> Items:
    return lambda: [*two_numbers(), *(each() for each in make)]


def column(*arguments: Any, **options: Any) -> Items:
    """Return a table of a key and this column."""

    def made() -> sa.schema.SchemaItem:
        return sa.Column(
            "c",
            *(
                each() if callable(each) and not isinstance(each, type) else each
                for each in arguments
            ),
            **options,
        )

    return with_key(made)


def made_twice(op: Any) -> None:
    op.create_table("new", *two_numbers(), if_not_exists=True)
    op.create_table("new", *two_numbers(), if_not_exists=True)


def filled(op: Any) -> None:
    new = op.create_table("new", *two_numbers())
    op.bulk_insert(new, [{"id": 1, "a": 2, "b": 3}, {"id": 2, "a": 3, "b": None}])


def new_numbers(*items: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table("new", sa.MetaData(), *two_numbers(), *items)


TABLE_CASES = cases(
    Case("create_table", create(two_numbers)),
    Case("create_table_without_columns", create(lambda: []), only=POSTGRESQL),
    Case("create_table_without_key", create(lambda: [sa.Column("a", sa.Integer)])),
    Case(
        "create_table_of_two_keys",
        create(
            lambda: [
                sa.Column("a", sa.Integer),
                sa.Column("b", sa.Integer),
                sa.PrimaryKeyConstraint("a", "b", name="pk_new"),
            ]
        ),
    ),
    Case(
        "create_table_named_key",
        create(
            lambda: [
                sa.Column("a", sa.Integer, nullable=False),
                sa.PrimaryKeyConstraint("a", name="pk_new"),
            ]
        ),
    ),
    Case("create_table_not_null", create(column(sa.Integer, nullable=False))),
    Case(
        "create_table_defaults",
        create(
            lambda: [
                key(),
                sa.Column("a", sa.String(20), server_default=ODD),
                sa.Column("b", sa.DateTime, server_default=sa.func.now()),
                sa.Column("c", sa.Integer, server_default=sa.text("1")),
            ]
        ),
    ),
    Case("create_table_boolean", create(column(sa.Boolean, server_default=sa.true()))),
    Case(
        "create_table_checked_boolean",
        create(column(sa.Boolean(name="ck_c", create_constraint=True))),
    ),
    Case("create_table_enum", create(column(sa.Enum("p", "q", name="e")))),
    Case(
        "create_table_existing_enum",
        create(column(color())),
        executed=frozenset(["sqlite", "mariadb"]),
    ),
    Case("create_table_checked_enum", create(column(checked_enum("p", "q")))),
    Case(
        "create_table_two_of_one_enum",
        create(
            lambda: [
                key(),
                sa.Column("a", sa.Enum("p", "q", name="e")),
                sa.Column("b", sa.Enum("p", "q", name="e")),
            ]
        ),
    ),
    Case(
        "create_table_reference",
        create(column(sa.Integer, lambda: sa.ForeignKey("parent.id", name="fk_new"))),
    ),
    Case(
        "create_table_reference_options",
        create(
            column(
                sa.Integer,
                lambda: sa.ForeignKey(
                    "parent.id", name="fk_new", ondelete="CASCADE", onupdate="RESTRICT"
                ),
            )
        ),
        only=frozenset(["sqlite", "postgresql", "mariadb", "mysql"]),
    ),
    Case(
        "create_table_reference_deferred",
        create(
            column(
                sa.Integer,
                lambda: sa.ForeignKey(
                    "parent.id", name="fk_new", deferrable=True, initially="DEFERRED"
                ),
            )
        ),
        only=frozenset(["sqlite", "postgresql", "oracle"]),
    ),
    Case(
        "create_table_reference_to_itself",
        create(column(sa.Integer, lambda: sa.ForeignKey("new.id", name="fk_new"))),
    ),
    Case(
        "create_table_composite_reference",
        create(
            numbers(
                lambda: sa.ForeignKeyConstraint(
                    ["a", "b"], ["other.a", "other.b"], name="fk_new"
                )
            )
        ),
        start=database(
            sa.Table(
                "other",
                sa.MetaData(),
                sa.Column("a", sa.Integer, primary_key=True),
                sa.Column("b", sa.Integer, primary_key=True),
            )
        ),
    ),
    Case(
        "create_table_use_alter",
        create(
            column(
                sa.Integer,
                lambda: sa.ForeignKey("parent.id", name="fk_new", use_alter=True),
            )
        ),
    ),
    Case(
        "create_table_unnamed_constraints",
        create(
            numbers(
                lambda: sa.UniqueConstraint("a", "b"),
                lambda: sa.CheckConstraint("a > 0"),
                lambda: sa.ForeignKeyConstraint(["b"], ["parent.id"]),
            )
        ),
    ),
    Case(
        "create_table_unique",
        create(numbers(lambda: sa.UniqueConstraint("a", "b", name="uq_new"))),
    ),
    Case("create_table_unique_column", create(column(sa.Integer, unique=True))),
    Case(
        "create_table_unique_deferred",
        create(
            numbers(
                lambda: sa.UniqueConstraint(
                    "a", name="uq_new", deferrable=True, initially="DEFERRED"
                )
            )
        ),
        only=frozenset(["postgresql", "oracle"]),
    ),
    Case(
        "create_table_check",
        create(numbers(lambda: sa.CheckConstraint("a > b", name="ck_new"))),
    ),
    Case(
        "create_table_check_expression",
        create(numbers(lambda: sa.CheckConstraint(sa.column("a") > 5, name="ck_new"))),
    ),
    Case(
        "create_table_check_percent",
        create(
            column(
                sa.String(20), lambda: sa.CheckConstraint("c LIKE '5%'", name="ck_new")
            )
        ),
        after=database(
            sa.Table(
                "new",
                sa.MetaData(),
                key(),
                sa.Column("c", sa.String(20)),
                sa.CheckConstraint("c LIKE '5%'", name="ck_new"),
            )
        ),
    ),
    Case("create_table_index", create(column(sa.Integer, index=True))),
    Case(
        "create_table_index_item",
        create(numbers(lambda: sa.Index("ix_new", "a", "b", unique=True))),
    ),
    Case(
        "create_table_expression_index",
        create(numbers(lambda: sa.Index("ix_new", sa.text("(a + b)")))),
        only=frozenset(["sqlite", "postgresql", "mysql", "oracle"]),
    ),
    Case(
        "create_table_concurrent_index",
        create(numbers(lambda: sa.Index("ix_new", "a", postgresql_concurrently=True))),
        only=POSTGRESQL,
        after=database(new_numbers(sa.Index("ix_new", "a"))),
    ),
    Case(
        "create_table_exclude",
        create(
            numbers(
                lambda: postgresql.ExcludeConstraint(
                    (sa.column("a"), "="), using="btree", name="ex_new"
                )
            )
        ),
        only=POSTGRESQL,
    ),
    Case(
        "create_table_computed",
        create(
            lambda: [
                *two_numbers(),
                sa.Column("c", sa.Integer, sa.Computed("a + 1", persisted=True)),
            ]
        ),
        only=frozenset(["sqlite", "postgresql", "mariadb", "mysql", "mssql"]),
    ),
    Case(
        "create_table_identity",
        create(
            lambda: [
                sa.Column(
                    "id",
                    sa.Integer,
                    sa.Identity(start=5, increment=2),
                    primary_key=True,
                ),
                sa.Column("a", sa.Integer),
            ]
        ),
    ),
    Case(
        "create_table_sequence",
        create(
            lambda: [sa.Column("id", sa.Integer, sa.Sequence("s"), primary_key=True)]
        ),
        executed=frozenset(["sqlite"]),
    ),
    Case(
        "create_table_no_autoincrement",
        create(
            lambda: [sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)]
        ),
    ),
    Case(
        "create_table_big_key",
        create(lambda: [sa.Column("id", sa.BigInteger, primary_key=True)]),
    ),
    Case(
        "create_table_types",
        create(
            lambda: [
                key(),
                sa.Column("a", sa.Text),
                sa.Column("b", sa.Numeric(10, 2)),
                sa.Column("c", sa.LargeBinary),
                sa.Column("d", sa.Uuid),
                sa.Column("e", sa.Time),
                sa.Column("f", sa.DateTime(timezone=True)),
                sa.Column("g", sa.Double),
                sa.Column("h", sa.SmallInteger),
                sa.Column("i", sa.Unicode(9)),
            ]
        ),
    ),
    Case(
        "create_table_json",
        create(column(sa.JSON)),
        only=frozenset(["sqlite", "postgresql", "mariadb", "mysql", "mssql"]),
    ),
    Case("create_table_comment", create(two_numbers, comment=ODD)),
    Case("create_table_column_comments", create(column(sa.Integer, comment=ODD))),
    Case("create_table_info", create(two_numbers, info={"a": 1})),
    Case(
        "create_table_prefixes",
        create(two_numbers, prefixes=["TEMPORARY"]),
        executed=frozenset(),
    ),
    Case("create_table_if_not_exists", create(two_numbers, if_not_exists=True)),
    Case("create_table_if_not_exists_twice", made_twice),
    Case(
        "create_table_if_not_exists_index",
        create(column(sa.Integer, index=True), if_not_exists=True),
    ),
    Case(
        "create_table_options",
        create(
            two_numbers,
            mysql_engine="InnoDB",
            mariadb_engine="InnoDB",
            mysql_charset="utf8mb4",
            mariadb_charset="utf8mb4",
            mysql_collate="utf8mb4_bin",
            mariadb_collate="utf8mb4_bin",
            postgresql_with={"fillfactor": 50},
            sqlite_autoincrement=True,
            oracle_compress=True,
        ),
    ),
    Case(
        "create_table_strict",
        create(two_numbers, sqlite_strict=True, sqlite_with_rowid=False),
    ),
    Case(
        "create_table_partitioned",
        create(
            lambda: [sa.Column("a", sa.Integer)], postgresql_partition_by="RANGE (a)"
        ),
        only=POSTGRESQL,
    ),
    Case(
        "create_table_unlogged",
        create(two_numbers, prefixes=["UNLOGGED"]),
        only=POSTGRESQL,
    ),
    Case(
        "create_table_tablespace",
        create(two_numbers, postgresql_tablespace="pg_default"),
        only=POSTGRESQL,
    ),
    Case(
        "create_table_in_schema",
        create(
            lambda: [
                key(),
                sa.Column("a", sa.Integer, sa.ForeignKey("s.parent.id"), index=True),
            ],
            schema="s",
        ),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case(
        "create_table_enum_in_schema",
        create(column(sa.Enum("p", "q", name="e", schema="s")), schema="s"),
        only=POSTGRESQL,
        executed=frozenset(),
    ),
    Case(
        "create_table_mixed_case",
        create(
            lambda: [
                sa.Column("Id", sa.Integer, primary_key=True),
                sa.Column("order", sa.Integer),
            ],
            name="New Table",
        ),
    ),
    Case(
        "create_table_by_convention",
        create(
            numbers(
                lambda: sa.UniqueConstraint("a"),
                lambda: sa.CheckConstraint("a > 0", name="positive"),
                lambda: sa.ForeignKeyConstraint(["b"], ["parent.id"]),
                lambda: sa.Index(None, "a"),
            )
        ),
        convention=CONVENTION,
    ),
    Case(
        "create_table_final_names",
        lambda op: op.create_table(
            "new",
            *two_numbers(),
            sa.CheckConstraint("a > 0", name=op.f("positive")),
            sa.UniqueConstraint("a", name=op.f("only")),
        ),
        convention=CONVENTION,
    ),
    Case("create_table_then_fill", filled),
    Case("drop_table", lambda op: op.drop_table("child")),
    Case("drop_table_if_exists", lambda op: op.drop_table("child", if_exists=True)),
    Case(
        "drop_table_if_exists_not_there",
        lambda op: op.drop_table("absent", if_exists=True),
    ),
    Case(
        "drop_table_in_schema",
        lambda op: op.drop_table("t", schema="s"),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case(
        "drop_table_mixed_case",
        lambda op: op.drop_table("New Table"),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case(
        "drop_table_with_keywords",
        lambda op: op.drop_table("child", comment="x", info={"a": 1}),
    ),
    Case(
        "drop_table_with_enum", lambda op: (op.drop_table("child"), op.drop_table("t"))
    ),
    Case(
        "drop_table_and_its_enum",
        lambda op: (
            op.drop_table("child"),
            op.drop_table("t"),
            op.execute("DROP TYPE color"),
        ),
        only=POSTGRESQL,
    ),
    Case(
        "drop_table_of_cascade_rows",
        lambda op: op.drop_table("parent"),
        only=frozenset(["sqlite"]),
        start=database(fk_t=None),
        foreign_keys=True,
    ),
    Case("rename_table", lambda op: op.rename_table("child", "kid")),
    Case("rename_table_referred_to", lambda op: op.rename_table("t", "New")),
    Case(
        "rename_table_in_schema",
        lambda op: op.rename_table("t", "new", schema="s"),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case("comment_table", lambda op: op.create_table_comment("loose", ODD)),
    Case(
        "comment_table_again",
        lambda op: op.create_table_comment("t", ODD, existing_comment="old"),
    ),
    Case(
        "comment_table_nothing",
        lambda op: op.create_table_comment("t", None),
        after=database(comment=None),
    ),
    Case(
        "comment_table_in_schema",
        lambda op: op.create_table_comment("t", ODD, schema="s"),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case("uncomment_table", lambda op: op.drop_table_comment("t")),
    Case(
        "uncomment_table_known",
        lambda op: op.drop_table_comment("t", existing_comment="old"),
    ),
    Case(
        "uncomment_table_in_schema",
        lambda op: op.drop_table_comment("t", schema="s"),
        only=SERVERS,
        executed=frozenset(),
    ),
)
