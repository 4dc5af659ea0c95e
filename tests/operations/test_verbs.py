"""Every verb does what it says, and its opposite undoes it, on each database.

The oracle is SQLAlchemy: a database that an operation has changed looks like one
that was created so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.errors import OperationError
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import AddColumn
from flask_migrations_ext.operations.columns import AlterColumn
from flask_migrations_ext.operations.columns import DropColumn
from flask_migrations_ext.operations.constraints import AddConstraint
from flask_migrations_ext.operations.constraints import DropConstraint
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.operations.indexes import DropIndex
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import CommentTable
from flask_migrations_ext.operations.tables import CreateTable
from flask_migrations_ext.operations.tables import DropTable
from flask_migrations_ext.operations.tables import RenameTable
from flask_migrations_ext.schema.from_sqlalchemy import read_table
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import Index
from flask_migrations_ext.schema.model import Table
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.model import Unique
from tests.needs import needs_sqlalchemy
from tests.operations import made

T = TableName("t")

Items = Callable[[], list[Any]]


@dataclass(frozen=True)
class Case:
    """What a table holds beside its ``id``, an operation, and what it holds then."""

    name: str
    before: Items | None
    operation: Operation
    after: Items | None
    before_options: tuple[tuple[str, Any], ...] = ()
    after_options: tuple[tuple[str, Any], ...] = ()
    table_after: str = "t"
    only: tuple[str, ...] = ("sqlite", "postgresql", "mariadb")


def database(
    items: Items | None, options: tuple[tuple[str, Any], ...] = (), name: str = "t"
) -> sa.MetaData:
    """Return a database of a parent and, with items, a table."""
    metadata = sa.MetaData()
    sa.Table(
        "parent",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(20), nullable=False, unique=True),
    )
    if items is not None:
        key = sa.Column("id", sa.Integer, primary_key=True)
        sa.Table(name, metadata, key, *items(), **dict(options))

    return metadata


def table_of(items: Items, **options: Any) -> Table:
    return read_table(database(items, tuple(options.items())).tables["t"])


def add_column(column: sa.Column[Any], **options: Any) -> AddColumn:
    return made.add_column(T, column, None, **options)


def drop_column(column: sa.Column[Any]) -> DropColumn:
    return DropColumn(T, column.name, was=add_column(column))


def alter_column(name: str, **changes: Any) -> AlterColumn:
    return made.alter_column(T, name, **changes)


def rich() -> list[Any]:
    return [
        sa.Column("title", sa.String(40), server_default="50% 'off'", nullable=False),
        sa.Column("amount", sa.Numeric(10, 2), comment="in 100% :euros"),
        sa.Column("parent_id", sa.Integer),
        sa.Column("state", sa.Enum("new", "it's 5%", name="state")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["parent.id"], name="fk_t_parent", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("title", "amount", name="uq_t_title"),
        sa.CheckConstraint("amount > 0", name="ck_t_amount"),
        sa.Index("ix_t_title", "title"),
        sa.Index("ix_t_both", "amount", "title", unique=True),
    ]


def nothing() -> list[Any]:
    return []


def word(**options: Any) -> Items:
    return lambda: [sa.Column("word", sa.String(20), **options)]


def number(*items: Callable[[], Any], **options: Any) -> Items:
    return lambda: [
        sa.Column("number", sa.Integer, **options),
        *(item() for item in items),
    ]


UQ = Unique("uq_t_number", ("number",))
FK = ForeignKey("fk_t_number", ("number",), TableName("parent"), ("id",))
CK = Check("ck_t_number", Expression("number > 0"))
IX = Index("ix_t_number", ("number",))
DROP_UQ = DropConstraint(T, "uq_t_number", Unique, was=UQ)
DROP_FK = DropConstraint(T, "fk_t_number", ForeignKey, was=FK)
DROP_CK = DropConstraint(T, "ck_t_number", Check, was=CK)
FK_WITH_ACTIONS = ForeignKey(
    "fk_t_number",
    ("number",),
    TableName("parent"),
    ("id",),
    onupdate="CASCADE",
    ondelete="SET NULL",
)


def uq() -> sa.UniqueConstraint:
    return sa.UniqueConstraint("number", name="uq_t_number")


def fk(**options: Any) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["number"], ["parent.id"], name="fk_t_number", **options
    )


def fk_with_actions() -> sa.ForeignKeyConstraint:
    return fk(onupdate="CASCADE", ondelete="SET NULL")


def ck() -> sa.CheckConstraint:
    return sa.CheckConstraint("number > 0", name="ck_t_number")


def ix() -> sa.Index:
    return sa.Index("ix_t_number", "number")


CASES = [
    # -- tables
    Case(
        "create_table",
        None,
        CreateTable(table_of(rich, comment="it's 5%")),
        rich,
        after_options=(("comment", "it's 5%"),),
    ),
    Case(
        "create_table_if_not_exists",
        None,
        CreateTable(table_of(rich), if_not_exists=True),
        rich,
    ),
    Case("drop_table", rich, DropTable(T, was=table_of(rich)), None),
    Case("rename_table", word(), RenameTable(T, "u"), word(), table_after="u"),
    Case(
        "comment_table",
        word(),
        CommentTable(T, "so: 5%", was=None),
        word(),
        after_options=(("comment", "so: 5%"),),
        only=("postgresql", "mariadb"),
    ),
    Case(
        "remove_comment_of_table",
        word(),
        CommentTable(T, None, was="so: 5%"),
        word(),
        before_options=(("comment", "so: 5%"),),
        only=("postgresql", "mariadb"),
    ),
    Case(
        "alter_table",
        number(),
        AlterTable(
            T,
            (
                add_column(sa.Column("word", sa.String(20), server_default="w")),
                alter_column(
                    "number",
                    type_=sa.BigInteger(),
                    existing_type=sa.Integer(),
                    existing_nullable=True,
                ),
                AddConstraint(T, UQ),
            ),
        ),
        lambda: [
            sa.Column("number", sa.BigInteger),
            sa.Column("word", sa.String(20), server_default="w"),
            uq(),
        ],
    ),
    # -- columns
    Case(
        "add_column",
        nothing,
        add_column(
            sa.Column("word", sa.String(20), nullable=False, server_default="a'b: 5%")
        ),
        word(nullable=False, server_default="a'b: 5%"),
    ),
    Case(
        "add_column_with_comment",
        nothing,
        add_column(sa.Column("word", sa.String(20), comment="it's 5%")),
        word(comment="it's 5%"),
    ),
    Case(
        "add_column_with_reference",
        nothing,
        add_column(
            sa.Column(
                "number",
                sa.Integer,
                sa.ForeignKey("parent.id", name="fk_t_number", ondelete="CASCADE"),
                index=True,
            )
        ),
        number(lambda: fk(ondelete="CASCADE"), ix),
    ),
    Case(
        "add_column_with_inline_reference",
        nothing,
        add_column(
            sa.Column(
                "number",
                sa.Integer,
                sa.ForeignKey("parent.id", name="fk_t_number", ondelete="CASCADE"),
            ),
            inline_references=True,
        ),
        number(lambda: fk(ondelete="CASCADE")),
    ),
    Case(
        "add_column_with_enum",
        nothing,
        add_column(sa.Column("state", sa.Enum("new", "old", name="state"), index=True)),
        lambda: [
            sa.Column("state", sa.Enum("new", "old", name="state"), index=True),
        ],
    ),
    Case(
        "add_column_with_checked_type",
        nothing,
        add_column(
            sa.Column("flag", sa.Boolean(create_constraint=True, name="ck_t_flag"))
        ),
        lambda: [
            sa.Column("flag", sa.Boolean(create_constraint=True, name="ck_t_flag"))
        ],
    ),
    Case(
        "add_computed_column",
        number(),
        add_column(
            sa.Column("twice", sa.Integer, sa.Computed("number * 2", persisted=True))
        ),
        lambda: [
            sa.Column("number", sa.Integer),
            sa.Column("twice", sa.Integer, sa.Computed("number * 2", persisted=True)),
        ],
        only=("postgresql", "mariadb"),
    ),
    Case(
        "add_identity_column",
        nothing,
        add_column(sa.Column("number", sa.Integer, sa.Identity(start=7))),
        lambda: [sa.Column("number", sa.Integer, sa.Identity(start=7))],
        only=("postgresql",),
    ),
    Case(
        "drop_column",
        word(nullable=False, server_default="w"),
        drop_column(
            sa.Column("word", sa.String(20), nullable=False, server_default="w")
        ),
        nothing,
    ),
    Case(
        "alter_column_type",
        word(nullable=False, server_default="w", comment="c"),
        alter_column(
            "word",
            type_=sa.String(50),
            existing_type=sa.String(20),
            existing_nullable=False,
            existing_server_default="w",
            existing_comment="c",
        ),
        lambda: [
            sa.Column(
                "word", sa.String(50), nullable=False, server_default="w", comment="c"
            )
        ],
    ),
    Case(
        "alter_column_nullable",
        word(server_default="w", comment="c"),
        alter_column(
            "word",
            nullable=False,
            existing_nullable=True,
            existing_type=sa.String(20),
            existing_server_default="w",
            existing_comment="c",
        ),
        word(server_default="w", comment="c", nullable=False),
    ),
    Case(
        "alter_column_default",
        word(server_default="w"),
        alter_column("word", server_default="it's 5%", existing_server_default="w"),
        word(server_default="it's 5%"),
    ),
    Case(
        "alter_column_default_expression",
        lambda: [sa.Column("at", sa.DateTime)],
        alter_column(
            "at",
            server_default=sa.text("CURRENT_TIMESTAMP"),
            existing_server_default=None,
        ),
        lambda: [
            sa.Column("at", sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP"))
        ],
    ),
    Case(
        "remove_column_default",
        word(server_default="w"),
        alter_column("word", server_default=None, existing_server_default="w"),
        word(),
    ),
    Case(
        "alter_column_comment",
        word(comment="c", nullable=False),
        alter_column("word", comment="it's 5%", existing_comment="c"),
        word(comment="it's 5%", nullable=False),
    ),
    Case(
        "rename_column",
        number(uq, ck, ix, comment="c"),
        alter_column("number", new_column_name="count"),
        lambda: [
            sa.Column("count", sa.Integer, comment="c"),
            sa.UniqueConstraint("count", name="uq_t_number"),
            sa.CheckConstraint("count > 0", name="ck_t_number"),
            sa.Index("ix_t_number", "count"),
        ],
    ),
    Case(
        "alter_column_in_every_way",
        word(server_default="w"),
        alter_column(
            "word",
            type_=sa.Text(),
            existing_type=sa.String(20),
            nullable=False,
            existing_nullable=True,
            server_default=None,
            existing_server_default="w",
            new_column_name="text",
        ),
        lambda: [sa.Column("text", sa.Text, nullable=False)],
    ),
    Case(
        "alter_column_to_number",
        word(server_default="5", nullable=False),
        alter_column(
            "word",
            type_=sa.Integer(),
            existing_type=sa.String(20),
            existing_nullable=False,
            existing_server_default="5",
        ),
        lambda: [sa.Column("word", sa.Integer, server_default="5", nullable=False)],
        only=("sqlite", "postgresql"),
    ),
    Case(
        "alter_column_to_enum",
        word(server_default="new"),
        alter_column(
            "word",
            type_=sa.Enum("new", "old", name="state"),
            existing_type=sa.String(20),
            existing_nullable=True,
            existing_server_default="new",
        ),
        lambda: [
            sa.Column("word", sa.Enum("new", "old", name="state"), server_default="new")
        ],
        only=("postgresql", "mariadb"),
    ),
    Case(
        "alter_column_between_checked_enums",
        lambda: [
            sa.Column(
                "word",
                sa.Enum("a", native_enum=False, create_constraint=True, name="ck_word"),
            )
        ],
        alter_column(
            "word",
            type_=sa.Enum(
                "a", "b", native_enum=False, create_constraint=True, name="ck_word"
            ),
            existing_type=sa.Enum(
                "a", native_enum=False, create_constraint=True, name="ck_word"
            ),
            existing_nullable=True,
        ),
        lambda: [
            sa.Column(
                "word",
                sa.Enum(
                    "a", "b", native_enum=False, create_constraint=True, name="ck_word"
                ),
            )
        ],
    ),
    # -- constraints
    Case("add_unique", number(), AddConstraint(T, UQ), number(uq)),
    # MariaDB makes an index for a foreign key that has none, and keeps it.
    Case("add_foreign_key", number(ix), AddConstraint(T, FK), number(ix, fk)),
    Case(
        "add_foreign_key_with_actions",
        number(ix),
        AddConstraint(T, FK_WITH_ACTIONS),
        number(ix, fk_with_actions),
    ),
    Case("add_check", number(), AddConstraint(T, CK), number(ck)),
    Case(
        "drop_unique",
        number(uq),
        DROP_UQ,
        number(),
    ),
    Case(
        "drop_foreign_key",
        number(ix, fk),
        DROP_FK,
        number(ix),
    ),
    Case(
        "drop_check",
        number(ck),
        DROP_CK,
        number(),
    ),
    Case(
        "unnamed_unique",
        number(),
        AddConstraint(T, Unique(None, ("number",))),
        number(lambda: sa.UniqueConstraint("number")),
    ),
    Case(
        "unnamed_check",
        number(),
        AddConstraint(T, Check(None, Expression("number > 0"))),
        number(lambda: sa.CheckConstraint("number > 0")),
        only=("postgresql", "mariadb"),
    ),
    # -- indexes
    Case("create_index", number(), CreateIndex(T, IX), number(ix)),
    Case(
        "create_index_if_not_exists",
        number(),
        CreateIndex(T, IX, if_not_exists=True),
        number(ix),
    ),
    Case(
        "create_unique_index",
        number(),
        CreateIndex(T, Index("ix_t_number", ("number", "id"), unique=True)),
        number(lambda: sa.Index("ix_t_number", "number", "id", unique=True)),
    ),
    Case("drop_index", number(ix), DropIndex(T, "ix_t_number", was=IX), number()),
]


def reflected(engine: sa.Engine) -> dict[str, Any]:
    """Return what the database holds, in an order that does not matter."""
    inspector = sa.inspect(engine)
    found: dict[str, Any] = {}
    for table in inspector.get_table_names():
        found[table] = {
            "columns": sorted(
                (
                    {
                        **column,
                        "type": column["type"].compile(engine.dialect),
                        # A sequence keeps its name when its table gets another.
                        "default": str(column["default"]).replace("'u_id", "'t_id"),
                    }
                    for column in inspector.get_columns(table)
                ),
                key=lambda column: column["name"],
            ),
            "key": inspector.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": foreign_keys(inspector, table),
            "uniques": inspector.get_unique_constraints(table),
            "checks": inspector.get_check_constraints(table),
            "indexes": sorted(
                inspector.get_indexes(table), key=lambda each: each["name"]
            ),
            "comment": inspector.get_table_comment(table)
            if engine.dialect.supports_comments
            else None,
        }

    return found


def foreign_keys(inspector: sa.Inspector, table: str) -> list[Any]:
    if inspector.engine.dialect.name != "sqlite":
        return inspector.get_foreign_keys(table)

    # SQLAlchemy does not see all of a key that is said within a column.
    with inspector.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"PRAGMA foreign_key_list({table})")
        return [tuple(row) for row in rows]


def run(engine: sa.Engine, operation: Operation) -> None:
    with engine.connect() as connection:
        dialect = dialect_for(connection.dialect)
        with dialect.transaction(connection):
            for statement in dialect.statements(operation, connection):
                connection.execute(
                    statement.element,
                    [dict(row) for row in statement.parameters] or None,
                    execution_options=dict(statement.execution_options),
                )


def holding(engine: sa.Engine, metadata: sa.MetaData) -> dict[str, Any]:
    """Return what a database looks like that is created so; it is dropped again."""
    metadata.create_all(engine)
    found = reflected(engine)
    metadata.drop_all(engine)
    return found


ESCAPES = needs_sqlalchemy("2.0.32", "writes a % in a comment so that MySQL takes it")
CASES_OR_SKIPS = [
    pytest.param(
        case,
        id=case.name,
        marks=[ESCAPES] if rich in (case.before, case.after) else [],
    )
    for case in CASES
]


@pytest.mark.parametrize("case", CASES_OR_SKIPS)
def test_an_operation_and_its_opposite(engine: sa.Engine, case: Case) -> None:
    if engine.dialect.name not in case.only:
        pytest.skip("not for this database")

    after = holding(engine, database(case.after, case.after_options, case.table_after))
    database(case.before, case.before_options).create_all(engine)
    before = reflected(engine)

    run(engine, case.operation)

    assert reflected(engine) == after

    run(engine, case.operation.reversed())

    assert reflected(engine) == before


@pytest.mark.parametrize("case", CASES_OR_SKIPS)
def test_the_text_of_an_operation_does_the_same(engine: sa.Engine, case: Case) -> None:
    if engine.dialect.name not in case.only:
        pytest.skip("not for this database")

    if engine.dialect.name == "sqlite":
        pytest.skip("writes text with a database in memory beside it")

    after = holding(engine, database(case.after, case.after_options, case.table_after))
    database(case.before, case.before_options).create_all(engine)
    dialect = dialect_for(engine.dialect)
    try:
        texts = [
            dialect.text(statement)
            for statement in dialect.statements(case.operation, None)
        ]
    except OperationError as error:
        # MariaDB has to see the column for a change that does not say all of it.
        assert "existing_type" in str(error)
        return

    with engine.begin() as connection:
        for text in texts:
            connection.execute(dialect.raw(text).element)

    assert reflected(engine) == after


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_reversed_twice_is_the_same(case: Case) -> None:
    assert case.operation.reversed().reversed() == case.operation
