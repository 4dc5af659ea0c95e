"""Cases of ``batch_alter_table``: each argument of the block and of its methods."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from .case import Case
from .case import cases
from .case import checked_enum
from .case import child
from .case import CONVENTION
from .case import database
from .case import Script
from .constraint_cases import BY_CONVENTION
from .constraint_cases import UNNAMED
from .constraint_cases import unnamed

SQLITE = frozenset(["sqlite"])

# A block of Alembic's fails where the convention asks CHECKs for their names.
OF_KEYS = {key: CONVENTION[key] for key in ("uq", "fk", "pk")}


def block(*calls: tuple[Any, ...], table: str = "t", **options: Any) -> Script:
    """Return a script of a block; a call is a name, arguments, and keywords last."""

    def run(op: Any) -> None:
        with op.batch_alter_table(table, **options) as batch_op:
            for name, *arguments in calls:
                keywords = {}
                if arguments and isinstance(arguments[-1], dict):
                    keywords = arguments.pop()
                made = (each() if callable(each) else each for each in arguments)
                getattr(batch_op, name)(*made, **keywords)

    return run


def new(**options: Any) -> Any:
    return lambda: sa.Column("new", sa.Integer, **options)


def new_reference() -> sa.Column[Any]:
    return sa.Column("new", sa.Integer, sa.ForeignKey("parent.id", name="fk_new"))


WORD = {"existing_type": sa.String(20), "existing_nullable": True}

BATCH_CASES = cases(
    Case("block_add", block(("add_column", new()))),
    Case(
        "block_add_default",
        block(("add_column", new(server_default="5", nullable=False))),
    ),
    Case("block_add_reference", block(("add_column", new_reference))),
    Case("block_add_index", block(("add_column", new(index=True)))),
    Case(
        "block_add_unique",
        block(("add_column", new(unique=True))),
        only=frozenset(["postgresql", "mariadb", "mysql", "mssql", "oracle"]),
    ),
    Case(
        "block_add_after",
        block(("add_column", new(), {"insert_after": "id"})),
        after=database(new=sa.Column("new", sa.Integer)),
    ),
    Case(
        "block_add_before",
        block(("add_column", new(), {"insert_before": "word"})),
        after=database(new=sa.Column("new", sa.Integer)),
    ),
    Case(
        "block_add_and_index",
        block(("add_column", new()), ("create_index", "ix_new", ["new"])),
    ),
    Case("block_drop", block(("drop_column", "price"))),
    Case(
        "block_drop_several",
        block(("drop_column", "price"), ("drop_column", "flag"), ("drop_column", "at")),
    ),
    Case("block_drop_indexed", block(("drop_index", "ix_t"), ("drop_column", "word"))),
    Case(
        "block_drop_reference",
        block(
            ("drop_constraint", "fk_t", {"type_": "foreignkey"}),
            ("drop_index", "ix_parent"),
            ("drop_column", "parent_id"),
        ),
    ),
    Case("block_null", block(("alter_column", "word", {"nullable": False, **WORD}))),
    Case(
        "block_type", block(("alter_column", "word", {"type_": sa.String(80), **WORD}))
    ),
    Case(
        "block_default",
        block(("alter_column", "word", {"server_default": "y", **WORD})),
    ),
    Case(
        "block_rename",
        block(("alter_column", "word", {"new_column_name": "new", **WORD})),
    ),
    Case(
        "block_rename_and_null",
        block(
            (
                "alter_column",
                "word",
                {"new_column_name": "new", "nullable": False, **WORD},
            )
        ),
    ),
    Case(
        "block_checked_type",
        block(
            (
                "alter_column",
                "kind",
                {
                    "type_": checked_enum("a", "b", "c"),
                    "existing_type": checked_enum("a", "b"),
                    "existing_nullable": True,
                },
            )
        ),
        after=database(kind=sa.Column("kind", checked_enum("a", "b", "c"))),
    ),
    Case(
        "block_several",
        block(
            ("add_column", new()),
            ("alter_column", "word", {"nullable": False, **WORD}),
            ("drop_column", "price"),
            ("create_unique_constraint", "uq_new", ["word"]),
        ),
    ),
    Case("block_index", block(("create_index", "ix_new", ["number"]))),
    Case(
        "block_unique_index",
        block(("create_index", "ix_new", ["label"], {"unique": True})),
    ),
    Case("block_unindex", block(("drop_index", "ix_t"))),
    Case(
        "block_index_by_convention",
        block(("create_index", None, ["number"])),
        convention=CONVENTION,
    ),
    Case("block_unique", block(("create_unique_constraint", "uq_new", ["label"]))),
    Case("block_drop_unique", block(("drop_constraint", "uq_t", {"type_": "unique"}))),
    Case(
        "block_reference",
        block(("create_foreign_key", "fk_new", "parent", ["number"], ["id"])),
    ),
    Case(
        "block_reference_options",
        block(
            (
                "create_foreign_key",
                "fk_new",
                "parent",
                ["number"],
                ["id"],
                {"ondelete": "CASCADE"},
            )
        ),
    ),
    Case(
        "block_drop_reference_only",
        block(("drop_constraint", "fk_t", {"type_": "foreignkey"})),
    ),
    Case("block_check", block(("create_check_constraint", "ck_new", "number < 9"))),
    Case("block_drop_check", block(("drop_constraint", "ck_t", {"type_": "check"}))),
    Case("block_key", block(("create_primary_key", "pk_loose", ["a"]), table="loose")),
    Case("block_comment", block(("create_table_comment", "new"))),
    Case("block_uncomment", block(("drop_table_comment",))),
    Case(
        "block_execute",
        block(("add_column", new()), ("execute", "UPDATE t SET label = 'z'")),
        executed=frozenset(["postgresql", "mariadb"]),
    ),
    Case("block_nothing", block()),
    Case(
        "block_recreate",
        block(("add_column", new()), recreate="always"),
        after=database(new=sa.Column("new", sa.Integer)),
    ),
    Case("block_recreate_only", block(recreate="always"), after=database()),
    Case("block_never", block(("add_column", new()), recreate="never")),
    Case(
        "block_never_rename",
        block(("alter_column", "word", {"new_column_name": "new"}), recreate="never"),
        after=database(
            word=sa.Column("new", sa.String(20)), ix_t=sa.Index("ix_t", "new")
        ),
    ),
    Case(
        "block_reorder",
        block(
            ("add_column", new()),
            recreate="always",
            partial_reordering=[("id", "new", "word")],
        ),
        after=database(new=sa.Column("new", sa.Integer)),
    ),
    Case(
        "block_table_args",
        block(
            recreate="always",
            table_args=(sa.CheckConstraint("number < 9", name="ck_new"),),
        ),
        after=database(ck_new=sa.CheckConstraint("number < 9", name="ck_new")),
    ),
    Case(
        "block_table_options",
        block(recreate="always", table_kwargs={"sqlite_autoincrement": True}),
        start=database(pk_t=sa.PrimaryKeyConstraint("id")),
        after=database(pk_t=sa.PrimaryKeyConstraint("id")),
    ),
    Case(
        "block_reflect_args",
        block(
            ("drop_column", "price"),
            reflect_args=[
                sa.Column("flag", sa.Boolean(name="ck_flag", create_constraint=True))
            ],
        ),
        after=database(price=None),
    ),
    Case(
        "block_reflect_kwargs",
        block(("drop_column", "price"), reflect_kwargs={"listeners": []}),
    ),
    Case(
        "block_unnamed_unique",
        block(
            ("drop_constraint", "uq_t_label", {"type_": "unique"}),
            naming_convention=OF_KEYS,
        ),
        start=UNNAMED,
        only=SQLITE,
        after=unnamed(uq_t=None),
    ),
    Case(
        "block_unnamed_reference",
        block(
            ("drop_constraint", "fk_t_parent_id_parent", {"type_": "foreignkey"}),
            naming_convention=OF_KEYS,
        ),
        start=UNNAMED,
        only=SQLITE,
        # What stays has its name by the convention from then on.
        after=database(
            uq_t=sa.UniqueConstraint("label", "number", name="uq_t_label"),
            ck_t=sa.CheckConstraint("number > 0"),
            fk_t=None,
        ),
    ),
    Case(
        "block_by_convention",
        block(("create_unique_constraint", None, ["label"])),
        convention=CONVENTION,
    ),
    Case(
        "block_check_by_convention",
        block(("drop_constraint", "ck_t_positive", {"type_": "check"})),
        start=BY_CONVENTION,
        only=SQLITE,
    ),
    Case(
        "block_unnamed_check_kept",
        block(("drop_column", "price")),
        start=UNNAMED,
        after=database(
            price=None,
            uq_t=sa.UniqueConstraint("label", "number"),
            ck_t=sa.CheckConstraint("number > 0"),
            fk_t=sa.ForeignKeyConstraint(["parent_id"], ["parent.id"]),
        ),
        only=SQLITE,
    ),
    Case(
        "block_cascade",
        block(("alter_column", "word", {"nullable": False, **WORD})),
        start=database(child(ondelete="CASCADE")),
        after=database(
            child(ondelete="CASCADE"),
            word=sa.Column("word", sa.String(20), nullable=False),
        ),
        only=SQLITE,
        foreign_keys=True,
        rows={"child": [{"id": 1, "t_id": 1}, {"id": 2, "t_id": 3}]},
    ),
    Case(
        "block_set_null",
        block(("alter_column", "word", {"nullable": False, **WORD})),
        start=database(child(ondelete="SET NULL")),
        after=database(
            child(ondelete="SET NULL"),
            word=sa.Column("word", sa.String(20), nullable=False),
        ),
        only=SQLITE,
        foreign_keys=True,
        rows={"child": [{"id": 1, "t_id": 1}, {"id": 2, "t_id": 3}]},
    ),
    Case(
        "block_in_schema",
        block(
            ("add_column", new()),
            ("create_index", "ix_new", ["new"]),
            ("drop_constraint", "uq_t", {"type_": "unique"}),
            schema="s",
        ),
        only=frozenset(["postgresql", "mysql", "mariadb", "mssql", "oracle"]),
        executed=frozenset(),
    ),
)
