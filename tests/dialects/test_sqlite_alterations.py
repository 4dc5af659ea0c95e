"""What SQLite is told for each operation, and what it cannot be told."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from flask_migrations_ext.dialects.sqlite.dialect import SQLite
from flask_migrations_ext.errors import NeedsDatabase
from flask_migrations_ext.errors import NotInTable
from flask_migrations_ext.errors import UnsupportedOperation
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import DropColumn
from flask_migrations_ext.operations.constraints import AddConstraint
from flask_migrations_ext.operations.constraints import DropConstraint
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import CommentTable
from flask_migrations_ext.operations.tables import DropTable
from flask_migrations_ext.operations.tables import RebuildOptions
from flask_migrations_ext.operations.tables import RenameTable
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import PrimaryKey
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.model import Unique
from tests.operations.made import add_column
from tests.operations.made import alter_column

from .sqlite_runs import closed
from .sqlite_runs import CONVENTION
from .sqlite_runs import database
from .sqlite_runs import definition
from .sqlite_runs import dump
from .sqlite_runs import named
from .sqlite_runs import run
from .sqlite_runs import T
from .sqlite_runs import TABLE

__all__ = ["closed"]  # the fixture is in use without being named

OTHER = TableName("o")


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (
            add_column(T, sa.Column("n", sa.String(5)), None),
            "ALTER TABLE t ADD COLUMN n VARCHAR(5)",
        ),
        (
            add_column(
                T,
                sa.Column("n", sa.Integer(), server_default="0", nullable=False),
                None,
            ),
            "ALTER TABLE t ADD COLUMN n INTEGER DEFAULT '0' NOT NULL",
        ),
        (
            add_column(T, sa.Column("n", sa.Integer(), sa.ForeignKey("o.id")), None),
            "ALTER TABLE t ADD COLUMN n INTEGER REFERENCES o (id)",
        ),
        (
            add_column(
                T,
                sa.Column("n", sa.Boolean(create_constraint=True, name="is_n")),
                None,
            ),
            "ALTER TABLE t ADD COLUMN n BOOLEAN CONSTRAINT is_n CHECK (n IN (0, 1))",
        ),
        (
            alter_column(T, "a", new_column_name="order"),
            'ALTER TABLE t RENAME COLUMN a TO "order"',
        ),
        (RenameTable(T, "u"), "ALTER TABLE t RENAME TO u"),
        (
            AlterTable(T, (add_column(T, sa.Column("n", sa.Text()), None),)),
            "ALTER TABLE t ADD COLUMN n TEXT",
        ),
    ],
)
def test_sqlite_alters_by_itself_what_it_can(operation: Operation, said: str) -> None:
    assert run(database(TABLE), operation) == [said]


def test_an_unused_column_is_dropped_by_sqlite() -> None:
    engine = database(TABLE + "ALTER TABLE t ADD COLUMN d INTEGER DEFAULT 7;")

    assert run(engine, DropColumn(T, "d")) == ["ALTER TABLE t DROP COLUMN d"]


@pytest.mark.parametrize(
    "operation",
    [
        CommentTable(T, "hello"),
        alter_column(T, "a", comment="hello"),
        alter_column(T, "a", nullable=True, type_=sa.Integer()),
        alter_column(T, "b", nullable=False, server_default="x"),
        add_column(T, sa.Column("a", sa.Integer()), None, if_not_exists=True),
        DropColumn(T, "gone", if_exists=True),
        DropConstraint(T, "gone", if_exists=True),
        AlterTable(T, ()),
    ],
)
def test_what_is_so_already_needs_no_statement(operation: Operation) -> None:
    assert run(database(TABLE), operation) == []


@pytest.mark.parametrize(
    ("operation", "there", "gone"),
    [
        (alter_column(T, "a", type_=sa.BigInteger()), "a BIGINT", "a INTEGER"),
        (alter_column(T, "a", nullable=False), "a INTEGER NOT NULL", "a INTEGER,"),
        (alter_column(T, "b", nullable=True), "b TEXT DEFAULT 'x'", "b TEXT NOT NULL"),
        (alter_column(T, "b", server_default=None), "b TEXT NOT NULL,", "DEFAULT"),
        (
            alter_column(T, "b", server_default=sa.text("lower('Y')")),
            "DEFAULT (lower('Y'))",
            "DEFAULT 'x'",
        ),
        (
            alter_column(T, "b", type_=sa.Text(collation="NOCASE")),
            "COLLATE NOCASE",
            "nothing",
        ),
        (
            alter_column(
                T,
                "b",
                type_=sa.Enum("u", "v", name="b_known", create_constraint=True),
            ),
            "CONSTRAINT b_known CHECK (b IN ('u', 'v'))",
            "b TEXT",
        ),
        (AddConstraint(T, Unique("uq", ("b", "a"))), "uq UNIQUE (b, a)", "nothing"),
        (
            AddConstraint(T, ForeignKey("fk", ("id",), T, ("id",), ondelete="CASCADE")),
            "CONSTRAINT fk FOREIGN KEY(id) REFERENCES t (id) ON DELETE CASCADE",
            "nothing",
        ),
        (DropConstraint(T, "b_there"), "UNIQUE (a)", "CHECK"),
        (
            DropConstraint(T, None, Unique, was=Unique(None, ("a",))),
            "b_there",
            "UNIQUE",
        ),
        (
            DropConstraint(
                T, None, ForeignKey, was=ForeignKey(None, ("c",), OTHER, ("id",))
            ),
            "c INTEGER,",
            "REFERENCES",
        ),
        (
            DropConstraint(T, None, Check, was=Check(None, Expression("b <> ''"))),
            "UNIQUE (a)",
            "CHECK",
        ),
        (DropConstraint(T, "any", PrimaryKey), "id INTEGER", "PRIMARY"),
        (
            AddConstraint(T, PrimaryKey("pk", ("a", "b"))),
            "CONSTRAINT pk PRIMARY KEY (a, b)",
            "INTEGER PRIMARY",
        ),
    ],
)
def test_a_rebuild_changes_what_was_asked_for(
    operation: Operation, there: str, gone: str
) -> None:
    engine = database(TABLE)
    rows = named(engine, "t", "id", "a", "b", "c")

    run(engine, operation)

    assert there in definition(engine)
    assert gone not in definition(engine)
    assert named(engine, "t", "id", "a", "b", "c") == rows


@pytest.mark.parametrize(
    ("operation", "gone"),
    [
        (DropConstraint(T, "uq_t_a", Unique), "UNIQUE"),
        (DropConstraint(T, "fk_t_c_o"), "REFERENCES"),
        (DropConstraint(T, "pk_t", PrimaryKey), "PRIMARY"),
    ],
)
@pytest.mark.parametrize("of_block", [True, False])
def test_a_constraint_without_name_is_dropped_by_the_one_the_convention_gives(
    operation: Operation, gone: str, of_block: bool
) -> None:
    engine = database(TABLE)
    if of_block:
        options = RebuildOptions(naming_convention=CONVENTION)
        run(engine, AlterTable(T, (operation,), options))
    else:
        run(engine, operation, naming_convention=CONVENTION)

    assert gone not in definition(engine)


def test_a_short_name_becomes_the_one_of_the_convention() -> None:
    engine = database(TABLE)
    check = Check("small", Expression("a < 100"))

    run(engine, AddConstraint(T, check), naming_convention=CONVENTION)
    assert "CONSTRAINT ck_t_small CHECK" in definition(engine)

    run(engine, DropConstraint(T, "small", Check), naming_convention=CONVENTION)
    assert "ck_t_small" not in definition(engine)


@pytest.mark.parametrize(
    ("operation", "error", "said"),
    [
        (DropConstraint(T, "gone"), NotInTable, "no constraint 'gone'.*'b_there'"),
        (DropColumn(T, "gone"), NotInTable, "no column 'gone'.*'a'"),
        (alter_column(T, "gone", nullable=True), NotInTable, "no column 'gone'"),
        (DropColumn(TableName("gone"), "a"), UnsupportedOperation, "no such table: "),
        (DropColumn(TableName("v"), "a"), UnsupportedOperation, "it is a view"),
        (
            DropColumn(TableName("o"), "id"),
            UnsupportedOperation,
            "table 't' has a foreign key to it|the last one",
        ),
        (
            alter_column(TableName("t", "other"), "a", nullable=False),
            UnsupportedOperation,
            "attached",
        ),
        (
            AlterTable(
                T,
                (alter_column(T, "a", nullable=False),),
                RebuildOptions(recreate="never"),
            ),
            UnsupportedOperation,
            "recreate='never'",
        ),
        (
            AlterTable(
                T,
                (),
                RebuildOptions(
                    recreate="always", partial_reordering=(("a", "b"), ("b", "a"))
                ),
            ),
            UnsupportedOperation,
            "circle",
        ),
    ],
)
def test_what_cannot_be_done_is_said(
    operation: Operation, error: type[Exception], said: str
) -> None:
    engine = database(TABLE + "CREATE VIEW v AS SELECT 1 AS a;")
    before = dump(engine)

    with pytest.raises(error, match=said):
        run(engine, operation)

    assert dump(engine) == before


def test_what_sqlite_does_by_itself_works_in_an_attached_database() -> None:
    engine = database("ATTACH ':memory:' AS other; CREATE TABLE other.t (id, a);")
    table = TableName("t", "other")

    said = run(
        engine,
        add_column(table, sa.Column("n", sa.Integer()), None),
        AlterTable(table, (DropColumn(table, "a"),)),
        DropTable(table),
    )

    assert said == [
        "ALTER TABLE other.t ADD COLUMN n INTEGER",
        "ALTER TABLE other.t DROP COLUMN a",
        "DROP TABLE other.t",
    ]


def test_without_a_database_nothing_is_altered() -> None:
    engine = database(TABLE)

    with pytest.raises(NeedsDatabase):
        list(SQLite(engine.dialect).statements(DropColumn(T, "a"), None))
