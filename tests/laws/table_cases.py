"""Cases that create, rename, comment on and drop tables, and enum types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from flask_migrations_ext import op

from .case import Case
from .case import database
from .case import in_turn
from .case import POSTGRESQL_ONLY
from .case import Rows
from .case import rows_of_thing
from .case import table
from .case import thing
from .column_cases import COLOR
from .column_cases import color
from .column_cases import ODD

Items = Callable[[], list[sa.schema.SchemaItem]]

ROWS = rows_of_thing()
NO_SCHEMAS = "it has databases, where PostgreSQL has schemas"


def plain() -> list[sa.schema.SchemaItem]:
    return [sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text)]


def rich() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(40), server_default=ODD, nullable=False),
        sa.Column("amount", sa.Numeric(10, 2), comment=ODD),
        sa.Column("thing_id", sa.Integer, index=True),
        sa.Column("mother_id", sa.Integer, index=True),
        sa.Column("code", sa.String(20), unique=True),
        sa.ForeignKeyConstraint(
            ["thing_id"], ["thing.id"], name="fk_new_thing", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["mother_id"], ["new.id"], name="fk_new_mother", ondelete="SET NULL"
        ),
        sa.UniqueConstraint("title", "amount", name="uq_new"),
        sa.CheckConstraint("amount > 0", name="ck_new"),
        sa.Index("ix_new", "amount", "title", unique=True),
    ]


def of_all_types() -> list[sa.schema.SchemaItem]:
    types: list[sa.types.TypeEngine[Any]] = [
        sa.String(20),
        sa.Text(),
        sa.Unicode(10),
        sa.CHAR(3),
        sa.Integer(),
        sa.BigInteger(),
        sa.SmallInteger(),
        sa.Numeric(10, 2),
        sa.Float(),
        sa.Double(),
        sa.Boolean(),
        sa.Boolean(create_constraint=True, name="ck_boolean"),
        sa.Date(),
        sa.Time(),
        sa.DateTime(),
        sa.DateTime(timezone=True),
        sa.Interval(),
        sa.LargeBinary(),
        sa.LargeBinary(100),
        sa.Uuid(),
        sa.JSON(),
        sa.Enum(*COLOR, name="color"),
        sa.Enum("a", "b", name="letter", native_enum=False),
        sa.PickleType(),
    ]
    return [
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(f"c{place}", each) for place, each in enumerate(types)),
    ]


def of_all_defaults() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("odd", sa.String(20), server_default=ODD),
        sa.Column("empty", sa.String(20), server_default=""),
        sa.Column("number", sa.Integer, server_default="-3"),
        sa.Column("price", sa.Numeric(8, 2), server_default=sa.text("1.5")),
        sa.Column("yes", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column("no", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("now", sa.DateTime, server_default=sa.func.now()),
        sa.Column("day", sa.Date, server_default="2020-01-31"),
        color(server_default="it's 5%"),
    ]


def of_odd_names() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("Select", sa.Integer, primary_key=True),
        sa.Column("from", sa.String(20), nullable=False, server_default="where"),
        sa.Column("it's 5%", sa.Integer),
        sa.UniqueConstraint("from", "it's 5%", name="Unique"),
        sa.CheckConstraint(sa.column("it's 5%") > 0, name="check me"),
        sa.Index("Index", "from"),
    ]


def of_two_keys() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("thing_id", sa.Integer, sa.ForeignKey("thing.id", name="fk_one")),
        sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id", name="fk_two")),
        sa.PrimaryKeyConstraint("parent_id", "thing_id", name="link_pkey"),
        sa.Index("ix_link", "thing_id"),
    ]


def with_late_key() -> list[sa.schema.SchemaItem]:
    """Return what models say that open a circle of tables, where there is none."""
    return [
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mother_id", sa.Integer, index=True),
        sa.ForeignKeyConstraint(
            ["mother_id"], ["new.id"], name="fk_new", use_alter=True
        ),
    ]


def computed() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.Integer),
        sa.Column("b", sa.Integer, sa.Computed("a * 2", persisted=True)),
    ]


def identified() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column(
            "id", sa.Integer, sa.Identity(always=True, start=5), primary_key=True
        ),
        sa.Column("a", sa.Integer),
    ]


def created(
    name: str, table_name: str, items: Items, rows: Rows = ROWS, **options: Any
) -> Case:
    """Return the case of a table that comes to the others."""
    return Case(
        f"create_{name}",
        thing(),
        lambda: op.create_table(table_name, *items(), **options),
        thing(also=[table(table_name, *items(), **options)]),
        rows,
    )


def dropped(name: str, items: Items, **options: Any) -> Case:
    return Case(
        f"drop_{name}",
        thing(also=[table("new", *items(), **options)]),
        lambda: op.drop_table("new"),
        thing(),
        ROWS,
    )


def drop_what_others_point_to() -> None:
    op.drop_table("child")
    op.drop_table("friend")
    op.drop_table("thing")


def enum_of_a_schema() -> sa.Enum:
    return sa.Enum("a", "b", name="letter", schema="other")


def in_schema(*items: sa.schema.SchemaItem) -> sa.MetaData:
    return thing(
        also=[
            table(
                "other_thing",
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("letter", sa.String(5)),
                *items,
                schema="other",
            )
        ]
    )


def changes_in_a_schema() -> None:
    op.add_column("other_thing", sa.Column("n", sa.Integer), schema="other")
    op.create_index("ix_n", "other_thing", ["n"], schema="other")
    op.create_unique_constraint("uq_n", "other_thing", ["n", "id"], schema="other")
    op.create_foreign_key(
        "fk_n", "other_thing", "thing", ["n"], ["id"], source_schema="other"
    )
    op.create_check_constraint("ck_n", "other_thing", "n > 0", schema="other")
    op.alter_column(
        "other_thing",
        "letter",
        existing_type=sa.String(5),
        type_=sa.String(9),
        existing_nullable=True,
        schema="other",
    )


def changed_in_a_schema() -> sa.MetaData:
    return thing(
        also=[
            table(
                "other_thing",
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("letter", sa.String(9)),
                sa.Column("n", sa.Integer),
                sa.Index("ix_n", "n"),
                sa.UniqueConstraint("n", "id", name="uq_n"),
                sa.ForeignKeyConstraint(["n"], ["thing.id"], name="fk_n"),
                sa.CheckConstraint("n > 0", name="ck_n"),
                schema="other",
            )
        ]
    )


def undo_changes_in_a_schema() -> None:
    op.drop_constraint("ck_n", "other_thing", type_="check", schema="other")
    op.drop_constraint("fk_n", "other_thing", type_="foreignkey", schema="other")
    op.drop_constraint("uq_n", "other_thing", type_="unique", schema="other")
    op.drop_index("ix_n", "other_thing", schema="other")
    op.drop_column("other_thing", "n", schema="other")
    op.alter_column(
        "other_thing",
        "letter",
        type_=sa.String(5),
        existing_type=sa.String(9),
        existing_nullable=True,
        schema="other",
    )


OTHER_SCHEMA = {"sqlite": NO_SCHEMAS, "mariadb": NO_SCHEMAS}

TABLE_CASES = [
    created("table", "new", plain),
    created("rich_table", "new", rich, comment=ODD),
    created("table_of_all_types", "new", of_all_types),
    created("table_of_all_defaults", "new", of_all_defaults),
    created("table_of_odd_names", "Order", of_odd_names),
    created("table_of_two_keys", "link", of_two_keys),
    created("computed_table", "new", computed),
    Case(
        "create_table_with_late_key",
        thing(),
        # As SQLAlchemy has it: with use_alter, a key comes after the tables.
        in_turn(
            lambda: op.create_table("new", *with_late_key()),
            lambda: op.create_foreign_key(
                "fk_new", "new", "new", ["mother_id"], ["id"]
            ),
        ),
        thing(also=[table("new", *with_late_key())]),
        ROWS,
        but_not={"sqlite": "its keys come with their tables"},
    ),
    Case(
        "create_identified_table",
        thing(),
        lambda: op.create_table("new", *identified()),
        thing(also=[table("new", *identified())]),
        ROWS,
        but_not={"sqlite": POSTGRESQL_ONLY, "mariadb": POSTGRESQL_ONLY},
    ),
    created("table_that_counts", "new", plain, sqlite_autoincrement=True),
    created("table_with_engine", "new", plain, mariadb_engine="InnoDB"),
    Case(
        "create_table_if_not_exists",
        thing(),
        in_turn(
            lambda: op.create_table("new", *plain(), if_not_exists=True),
            lambda: op.create_table("new", *plain(), if_not_exists=True),
        ),
        thing(also=[table("new", *plain())]),
        ROWS,
    ),
    Case(
        "create_indexed_table",
        thing(),
        in_turn(
            lambda: op.create_table("new", *plain()),
            lambda: op.create_index(op.f("ix_new_id"), "new", ["id"], unique=False),
        ),
        thing(also=[table("new", *plain(), sa.Index("ix_new_id", "id"))]),
        ROWS,
    ),
    dropped("table", plain),
    dropped("rich_table", rich, comment=ODD),
    dropped("table_of_odd_names", of_odd_names),
    dropped("table_of_two_keys", of_two_keys),
    Case(
        "drop_what_others_point_to",
        thing(),
        drop_what_others_point_to,
        database(thing().tables["parent"]),
        ROWS,
    ),
    Case(
        "drop_table_if_exists",
        thing(also=[table("new", *plain())]),
        in_turn(
            lambda: op.drop_table("new", if_exists=True),
            lambda: op.drop_table("newer", if_exists=True),
        ),
        thing(),
        ROWS,
    ),
    Case(
        "rename_table",
        thing(),
        lambda: op.rename_table("thing", "Thing Two"),
        thing(name="Thing Two"),
        ROWS,
    ),
    Case(
        "comment_table",
        thing(),
        lambda: op.create_table_comment("thing", ODD),
        thing(comment=ODD),
        ROWS,
    ),
    Case(
        "another_comment_of_table",
        thing(comment="old"),
        lambda: op.create_table_comment("thing", ODD, existing_comment="old"),
        thing(comment=ODD),
        ROWS,
    ),
    Case(
        "remove_comment_of_table",
        thing(comment=ODD),
        lambda: op.drop_table_comment("thing", existing_comment=ODD),
        thing(),
        ROWS,
    ),
    # -- enum types
    Case(
        "create_enum_table",
        thing(),
        in_turn(
            lambda: op.create_enum("color", COLOR),
            lambda: op.create_table("new", *plain(), color(nullable=False)),
        ),
        thing(also=[table("new", *plain(), color(nullable=False))]),
        ROWS,
    ),
    Case(
        "drop_enum_table",
        thing(also=[table("new", *plain(), color(nullable=False))]),
        in_turn(
            lambda: op.drop_table("new"),
            lambda: op.drop_enum("color"),
        ),
        thing(),
        ROWS,
    ),
    Case(
        "create_and_drop_enum",
        thing(),
        in_turn(
            lambda: op.create_enum("color", COLOR),
            lambda: op.drop_enum("color"),
        ),
        thing(),
        ROWS,
    ),
    Case(
        "create_and_drop_sequence",
        thing(),
        in_turn(
            lambda: op.create_sequence("Counter", start=5, increment=2, cycle=True),
            lambda: op.drop_sequence("Counter"),
        ),
        thing(),
        ROWS,
    ),
    # -- schemas
    Case(
        "create_table_in_a_schema",
        in_schema(),
        lambda: op.create_table(
            "Order",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("letter", enum_of_a_schema(), index=True),
            sa.ForeignKeyConstraint(["id"], ["other.other_thing.id"], name="fk_order"),
            schema="other",
        ),
        database(
            *in_schema().tables.values(),
            table(
                "Order",
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("letter", enum_of_a_schema(), index=True),
                sa.ForeignKeyConstraint(
                    ["id"], ["other.other_thing.id"], name="fk_order"
                ),
                schema="other",
            ),
        ),
        ROWS,
        but_not=OTHER_SCHEMA,
    ),
    Case(
        "rename_table_in_a_schema",
        in_schema(),
        lambda: op.rename_table("other_thing", "Other Thing", schema="other"),
        database(
            *thing().tables.values(),
            table(
                "Other Thing",
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("letter", sa.String(5)),
                schema="other",
            ),
        ),
        ROWS,
        but_not=OTHER_SCHEMA,
    ),
    Case(
        "change_in_a_schema",
        in_schema(),
        changes_in_a_schema,
        changed_in_a_schema(),
        ROWS,
        but_not=OTHER_SCHEMA,
    ),
    Case(
        "change_back_in_a_schema",
        changed_in_a_schema(),
        undo_changes_in_a_schema,
        in_schema(),
        ROWS,
        but_not=OTHER_SCHEMA,
    ),
]
