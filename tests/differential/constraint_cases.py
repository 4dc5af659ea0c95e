"""Cases of constraints and indexes: create and drop, each argument."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from .case import Case
from .case import cases
from .case import CONVENTION
from .case import database
from .case import POSTGRESQL
from .case import Script
from .case import SERVERS

SQLITE_TOO = frozenset(["sqlite", "postgresql"])
DEFERRING = frozenset(["sqlite", "postgresql", "oracle"])
MYSQL = frozenset(["mysql", "mariadb"])


def check(name: str | None, condition: Any, **options: Any) -> Script:
    return lambda op: op.create_check_constraint(name, "t", condition, **options)


def unique(name: str | None, *columns: str, **options: Any) -> Script:
    return lambda op: op.create_unique_constraint(name, "t", list(columns), **options)


def refer(name: str | None, *columns: str, **options: Any) -> Script:
    return lambda op: op.create_foreign_key(
        name, "t", "parent", list(columns), ["id"], **options
    )


def drop(name: str | None, kind: str | None = None, **options: Any) -> Script:
    return lambda op: op.drop_constraint(name, "t", type_=kind, **options)


def unnamed(**changes: None) -> sa.MetaData:
    """Return the start with constraints that have no names."""
    parts: dict[str, Any] = {
        "uq_t": sa.UniqueConstraint("label", "number"),
        "ck_t": sa.CheckConstraint("number > 0"),
        "fk_t": sa.ForeignKeyConstraint(["parent_id"], ["parent.id"]),
    }
    return database(**{**parts, **changes})


UNNAMED = unnamed()
BY_CONVENTION = database(
    uq_t=sa.UniqueConstraint("label", "number", name="uq_t_label"),
    ck_t=sa.CheckConstraint("number > 0", name="ck_t_positive"),
    fk_t=sa.ForeignKeyConstraint(
        ["parent_id"], ["parent.id"], name="fk_t_parent_id_parent"
    ),
)


def keyed_loose(name: str | None) -> sa.Table:
    return sa.Table(
        "loose",
        sa.MetaData(),
        sa.Column("a", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("b", sa.String(20)),
        sa.PrimaryKeyConstraint("a", name=name),
    )


CONSTRAINT_CASES = cases(
    # -- primary key
    Case("create_key", lambda op: op.create_primary_key("pk_loose", "loose", ["a"])),
    Case(
        "create_key_of_two",
        lambda op: op.create_primary_key("pk_loose", "loose", ["a", "c"]),
        start=database(
            sa.Table(
                "loose",
                sa.MetaData(),
                sa.Column("a", sa.Integer, nullable=False),
                sa.Column("c", sa.Integer, nullable=False, server_default="1"),
            )
        ),
    ),
    Case(
        "create_unnamed_key",
        lambda op: op.create_primary_key(None, "loose", ["a"]),
        after=database(keyed_loose(None)),
    ),
    Case(
        "create_key_by_convention",
        lambda op: op.create_primary_key(None, "loose", ["a"]),
        convention=CONVENTION,
    ),
    Case(
        "create_key_in_schema",
        lambda op: op.create_primary_key("pk_loose", "loose", ["a"], schema="s"),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case(
        "drop_key", lambda op: op.drop_constraint("pk_child", "child", type_="primary")
    ),
    Case("drop_key_kind_unsaid", lambda op: op.drop_constraint("pk_child", "child")),
    # -- unique
    Case("create_unique", unique("uq_new", "label")),
    Case("create_unique_of_two", unique("uq_new", "label", "parent_id")),
    Case(
        "create_unnamed_unique",
        unique(None, "label"),
        after=database(new=sa.UniqueConstraint("label")),
    ),
    Case("create_unique_by_convention", unique(None, "label"), convention=CONVENTION),
    Case(
        "create_unique_final_name",
        lambda op: op.create_unique_constraint(op.f("only"), "t", ["label"]),
        convention=CONVENTION,
    ),
    Case(
        "create_unique_deferred",
        unique("uq_new", "label", deferrable=True, initially="DEFERRED"),
        only=frozenset(["postgresql", "oracle"]),
    ),
    Case(
        "create_unique_nulls",
        unique("uq_new", "label", postgresql_nulls_not_distinct=True),
        only=POSTGRESQL,
    ),
    Case(
        "create_unique_include",
        unique("uq_new", "label", postgresql_include=["number"]),
        only=POSTGRESQL,
        after=database(
            uq_new=sa.UniqueConstraint(
                "label", name="uq_new", postgresql_include=["number"]
            )
        ),
    ),
    Case(
        "create_unique_in_schema",
        unique("uq_new", "label", schema="s"),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case("create_unique_mixed_case", unique("Uq New", "label")),
    Case(
        "create_unique_broken",
        lambda op: (
            op.execute("UPDATE t SET label = 'a'"),
            op.create_unique_constraint("uq_new", "t", ["label"]),
        ),
    ),
    Case("drop_unique", drop("uq_t", "unique")),
    Case("drop_unique_kind_unsaid", drop("uq_t"), after=database(uq_t=None)),
    Case(
        "drop_unique_if_exists",
        drop("uq_t", "unique", if_exists=True),
        after=database(uq_t=None),
    ),
    Case(
        "drop_unique_if_exists_not_there",
        drop("absent", "unique", if_exists=True),
        after=database(),
    ),
    Case(
        "drop_unique_in_schema",
        drop("uq_t", "unique", schema="s"),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case(
        "drop_unique_by_full_name",
        drop("uq_t_label", "unique"),
        start=BY_CONVENTION,
        convention=CONVENTION,
    ),
    Case(
        "drop_unique_final_name",
        lambda op: op.drop_constraint(op.f("uq_t_label"), "t", type_="unique"),
        start=BY_CONVENTION,
        convention=CONVENTION,
    ),
    # -- foreign key
    Case("create_reference", refer("fk_new", "number")),
    Case(
        "create_unnamed_reference",
        refer(None, "number"),
        after=database(new=sa.ForeignKeyConstraint(["number"], ["parent.id"])),
    ),
    Case(
        "create_reference_by_convention", refer(None, "number"), convention=CONVENTION
    ),
    Case("create_reference_cascading", refer("fk_new", "number", ondelete="CASCADE")),
    Case(
        "create_reference_on_update",
        refer("fk_new", "number", onupdate="CASCADE"),
        only=frozenset(["sqlite", "postgresql", "mariadb", "mysql", "mssql"]),
    ),
    Case(
        "create_reference_restricting",
        refer("fk_new", "number", ondelete="RESTRICT", onupdate="RESTRICT"),
        only=frozenset(["sqlite", "postgresql", "mariadb", "mysql"]),
    ),
    Case("create_reference_set_null", refer("fk_new", "number", ondelete="SET NULL")),
    Case(
        "create_reference_deferred",
        refer("fk_new", "number", deferrable=True, initially="DEFERRED"),
        only=DEFERRING,
    ),
    Case(
        "create_reference_not_deferrable",
        refer("fk_new", "number", deferrable=False),
        only=DEFERRING,
    ),
    Case(
        "create_reference_match",
        refer("fk_new", "number", match="FULL"),
        only=SQLITE_TOO,
    ),
    Case(
        "create_reference_not_valid",
        refer("fk_new", "number", postgresql_not_valid=True),
        only=SQLITE_TOO,
    ),
    Case(
        "create_composite_reference",
        lambda op: op.create_foreign_key(
            "fk_new", "loose", "other", ["a", "b"], ["a", "b"]
        ),
        start=database(
            sa.Table(
                "other",
                sa.MetaData(),
                sa.Column("a", sa.Integer),
                sa.Column("b", sa.String(20)),
                sa.PrimaryKeyConstraint("a", "b"),
            )
        ),
        executed=frozenset(),
    ),
    Case(
        "create_reference_to_itself",
        lambda op: op.create_foreign_key("fk_new", "t", "t", ["number"], ["id"]),
    ),
    Case(
        "create_reference_to_itself_cascading",
        lambda op: op.create_foreign_key(
            "fk_new", "t", "t", ["number"], ["id"], ondelete="CASCADE"
        ),
    ),
    Case(
        "create_reference_keywords",
        lambda op: op.create_foreign_key(
            constraint_name="fk_new",
            source_table="t",
            referent_table="parent",
            local_cols=["number"],
            remote_cols=["id"],
        ),
        only=SERVERS,
    ),
    Case(
        "create_reference_schemas",
        refer("fk_new", "number", source_schema="s", referent_schema="r"),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case(
        "create_reference_mixed_case",
        lambda op: op.create_foreign_key("Fk New", "t", "Parent", ["Number"], ["Id"]),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case(
        "create_reference_broken",
        lambda op: (
            op.execute("UPDATE t SET number = 99 WHERE id = 3"),
            op.create_foreign_key("fk_new", "t", "parent", ["number"], ["id"]),
        ),
    ),
    Case("drop_reference", drop("fk_t", "foreignkey")),
    Case("drop_reference_kind_unsaid", drop("fk_t"), after=database(fk_t=None)),
    Case(
        "drop_reference_if_exists",
        drop("fk_t", "foreignkey", if_exists=True),
        after=database(fk_t=None),
    ),
    Case(
        "drop_reference_if_exists_not_there",
        drop("absent", "foreignkey", if_exists=True),
        after=database(),
    ),
    Case(
        "drop_reference_in_schema",
        drop("fk_t", "foreignkey", schema="s"),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case(
        "drop_reference_by_full_name",
        drop("fk_t_parent_id_parent", "foreignkey"),
        start=BY_CONVENTION,
        convention=CONVENTION,
    ),
    # -- check
    Case("create_check", check("ck_new", "number < 9")),
    Case(
        "create_unnamed_check",
        check(None, "number < 9"),
        after=database(new=sa.CheckConstraint("number < 9")),
    ),
    Case("create_check_text", check("ck_new", sa.text("number < 9"))),
    Case("create_check_expression", check("ck_new", sa.column("number") < 9)),
    Case(
        "create_check_function",
        check("ck_new", sa.func.length(sa.column("label")) < 9),
        only=frozenset(["sqlite", "postgresql", "mariadb", "mysql", "oracle"]),
    ),
    Case(
        "create_check_in",
        check("ck_new", sa.column("label", sa.String).in_(["a", "5%", "it's :c"])),
    ),
    Case("create_check_percent", check("ck_new", "label LIKE '%'")),
    Case("create_check_colon", check("ck_new", "label <> 'a\\:b'")),
    Case("create_check_plain_colon", check("ck_new", "label <> ' a:b'")),
    Case(
        "create_check_by_convention",
        check("positive", "number < 9"),
        convention=CONVENTION,
    ),
    Case(
        "create_check_final_name",
        lambda op: op.create_check_constraint(op.f("positive"), "t", "number < 9"),
        convention=CONVENTION,
    ),
    Case(
        "create_check_not_valid",
        check("ck_new", "number < 9", postgresql_not_valid=True),
        only=SQLITE_TOO,
    ),
    Case(
        "create_check_in_schema",
        check("ck_new", "number < 9", schema="s"),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case("create_check_broken", check("ck_new", "number > 1")),
    Case("drop_check", drop("ck_t", "check")),
    Case("drop_check_kind_unsaid", drop("ck_t"), after=database(ck_t=None)),
    Case(
        "drop_check_if_exists",
        drop("ck_t", "check", if_exists=True),
        after=database(ck_t=None),
    ),
    Case(
        "drop_check_if_exists_not_there",
        drop("absent", "check", if_exists=True),
        after=database(),
    ),
    Case(
        "drop_check_in_schema",
        drop("ck_t", "check", schema="s"),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case(
        "drop_check_by_short_name",
        drop("positive", "check"),
        start=BY_CONVENTION,
        convention=CONVENTION,
    ),
    Case(
        "drop_check_final_name",
        lambda op: op.drop_constraint(op.f("ck_t_positive"), "t", type_="check"),
        start=BY_CONVENTION,
        convention=CONVENTION,
    ),
    # -- exclude
    Case(
        "create_exclude",
        lambda op: op.create_exclude_constraint(
            "ex_new", "t", ("number", "="), where="number > 5", using="btree"
        ),
        only=POSTGRESQL,
    ),
    Case(
        "create_exclude_expression",
        lambda op: op.create_exclude_constraint(
            "ex_new", "t", (sa.text("int4range(id, id + 1)"), "&&")
        ),
        only=POSTGRESQL,
        after=database(
            ex_new=postgresql.ExcludeConstraint(
                (sa.func.int4range(sa.column("id"), sa.literal_column("id + 1")), "&&"),
                name="ex_new",
            )
        ),
    ),
    Case(
        "create_exclude_deferred",
        lambda op: op.create_exclude_constraint(
            "ex_new",
            "t",
            ("number", "="),
            using="btree",
            deferrable=True,
            initially="DEFERRED",
        ),
        only=POSTGRESQL,
    ),
    Case(
        "create_exclude_in_schema",
        lambda op: op.create_exclude_constraint(
            "ex_new", "t", ("number", "="), using="btree", schema="s"
        ),
        only=POSTGRESQL,
        executed=frozenset(),
    ),
    Case(
        "drop_exclude",
        lambda op: (
            op.create_exclude_constraint("ex_new", "t", ("number", "="), using="btree"),
            op.drop_constraint("ex_new", "t"),
        ),
        only=POSTGRESQL,
    ),
    Case("drop_nothing_known", drop("absent", "foo"), executed=frozenset()),
)
