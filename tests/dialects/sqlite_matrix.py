"""Databases for the matrix of rebuilds: each way to point to a table, each feature.

All are about table ``parent`` with the columns ``id, code, n, o, note`` and the ids
1, 2 and 7. What operations change (``n``, ``o``, ``note``), nothing else uses.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import DropColumn
from flask_migrations_ext.operations.constraints import AddConstraint
from flask_migrations_ext.operations.constraints import DropConstraint
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.operations.indexes import DropIndex
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import RebuildOptions
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import Index
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.model import Unique
from tests.operations.made import add_column
from tests.operations.made import alter_column

PARENT = TableName("parent")


# -- who points to the table ----------------------------------------------------------


@dataclass(frozen=True)
class Pointing:
    """A way to point to the table: by another one, and perhaps by itself."""

    child: str = "p INTEGER"
    values: str = "(4, 1), (6, 2), (9, NULL)"
    up: str = ""


POINTING = {
    "cascade": Pointing("p INTEGER REFERENCES parent (id) ON DELETE CASCADE"),
    "set null": Pointing("p INTEGER REFERENCES parent (id) ON DELETE SET NULL"),
    "restrict": Pointing("p INTEGER REFERENCES parent (id) ON DELETE RESTRICT"),
    "self": Pointing(up=" REFERENCES parent (id) ON DELETE CASCADE"),
    "composite": Pointing(
        "p INTEGER, c TEXT, FOREIGN KEY (p, c) REFERENCES parent (id, code)"
        " ON DELETE CASCADE ON UPDATE CASCADE",
        "(4, 1, 'one'), (6, 2, 'two'), (9, NULL, 'x')",
    ),
}


# -- what there is about it -----------------------------------------------------------


@dataclass(frozen=True)
class Feature:
    """Something that a rebuild could lose.

    :param mark: what is to stand in the text of the table all the time.
    """

    mark: str = "parent"
    key: str = "INTEGER PRIMARY KEY"
    code: str = "TEXT NOT NULL"
    columns: str = ""
    constraints: str = ""
    options: str = ""
    around: str = ""


FEATURES = {
    "view": Feature(
        around="CREATE VIEW seen AS SELECT p.id, p.code, c.p FROM parent p"
        " LEFT JOIN child c ON c.p = p.id;"
        "CREATE VIEW seen_again AS SELECT count(*) AS rows FROM seen;"
        "CREATE TRIGGER on_view INSTEAD OF DELETE ON seen"
        " BEGIN DELETE FROM parent WHERE id = OLD.id; END;"
    ),
    "trigger": Feature(
        around="CREATE TRIGGER on_parent AFTER DELETE ON parent"
        " BEGIN INSERT INTO log VALUES ('deleted ' || OLD.id || OLD.code); END;"
        "CREATE TRIGGER on_update BEFORE UPDATE OF code ON parent"
        " BEGIN INSERT INTO log VALUES ('now ' || NEW.code); END;"
    ),
    "trigger on another": Feature(
        around="CREATE TRIGGER on_log AFTER INSERT ON log"
        " BEGIN UPDATE parent SET code = code || '!' WHERE id = 7; END;"
        "CREATE TRIGGER on_child AFTER DELETE ON child"
        " BEGIN INSERT INTO log SELECT count(*) FROM parent; END;"
    ),
    "partial index": Feature(
        around="CREATE UNIQUE INDEX some ON parent (code DESC) WHERE id > 1;"
    ),
    "expression index": Feature(
        around="CREATE INDEX by_words ON parent"
        " (lower(code), id + 1, code COLLATE RTRIM);"
    ),
    "virtual": Feature(
        "VIRTUAL", columns=", loud TEXT GENERATED ALWAYS AS (upper(code)) VIRTUAL"
    ),
    "stored": Feature(
        "STORED",
        columns=", twice INTEGER AS (id * 2) STORED CHECK (twice > 0)",
        around="CREATE INDEX by_twice ON parent (twice);",
    ),
    "autoincrement": Feature("AUTOINCREMENT", "INTEGER PRIMARY KEY AUTOINCREMENT"),
    "without rowid": Feature(
        "WITHOUT ROWID", "INTEGER NOT NULL PRIMARY KEY", options=" WITHOUT ROWID"
    ),
    "strict": Feature("STRICT", options=" STRICT"),
    "collation": Feature(
        "NOCASE",
        code="TEXT NOT NULL COLLATE NOCASE UNIQUE",
        around="CREATE INDEX by_code ON parent (code COLLATE RTRIM);",
    ),
    "unnamed": Feature(
        "CHECK (id < 1000)",
        constraints=", CHECK (id < 1000), UNIQUE (code) ON CONFLICT IGNORE",
    ),
    "own rowid": Feature(
        "INT PRIMARY KEY /* no rowid */", "INT PRIMARY KEY /* no rowid */"
    ),
}


def script(pointing: Pointing, feature: Feature) -> str:
    """Return what makes the database."""
    rows = [
        "1, 'one', 1, 1, 'a', NULL",
        "2, 'two', 2, 1, NULL, 1",
        "7, 'seven', 7, NULL, 'Ä', 7",
        "40, 'last', 4, 1, 'd', 2",
    ]
    columns = "id, code, n, o, note, up"
    if "rowid" in feature.mark:
        # Some that no INSERT would give by itself.
        columns = f"rowid, {columns}"
        rows = [f"{50 - 10 * number}, {row}" for number, row in enumerate(rows)]

    return f"""
        CREATE TABLE log (what);
        CREATE TABLE parent (id {feature.key}, -- the key
            code {feature.code}, n INTEGER, o INTEGER,
            note TEXT DEFAULT 'x', up INTEGER{pointing.up}{feature.columns},
            CONSTRAINT n_small CHECK (n < 100), UNIQUE (id, code)
            {feature.constraints}){feature.options};
        CREATE TABLE child (id INTEGER PRIMARY KEY, {pointing.child});
        CREATE TABLE grandchild (c INTEGER REFERENCES child (id) ON DELETE CASCADE);
        INSERT INTO parent ({columns}) VALUES ({"), (".join(rows)});
        DELETE FROM parent WHERE id = 40;
        INSERT INTO child VALUES {pointing.values};
        INSERT INTO grandchild (rowid, c) VALUES (3, 4), (8, 6);
        {feature.around}
    """


# -- what is done to it ---------------------------------------------------------------


def check(name: str, condition: str) -> AddConstraint:
    return AddConstraint(PARENT, Check(name, Expression(condition)))


OPERATIONS: dict[str, Operation] = {
    "column": add_column(PARENT, sa.Column("new", sa.Integer()), None),
    "column with default": add_column(
        PARENT,
        sa.Column("new", sa.Text(), server_default=sa.func.upper("x"), nullable=False),
        None,
    ),
    "unique column": add_column(PARENT, sa.Column("new", sa.Text(), unique=True), None),
    "referring column": add_column(
        PARENT, sa.Column("new", sa.Integer(), sa.ForeignKey("parent.id")), None
    ),
    "computed column": add_column(
        PARENT, sa.Column("new", sa.Integer(), sa.Computed("id + 1")), None
    ),
    "drop": DropColumn(PARENT, "note"),
    "drop pointing": DropColumn(PARENT, "up"),
    "nullable": alter_column(PARENT, "code", nullable=True),
    "not null": alter_column(PARENT, "n", nullable=False),
    "type": alter_column(PARENT, "o", type_=sa.Text()),
    "default": alter_column(PARENT, "n", server_default=sa.text("5")),
    "no default": alter_column(PARENT, "note", server_default=None),
    "rename": alter_column(PARENT, "code", new_column_name="order"),
    "rename and more": alter_column(
        PARENT, "code", new_column_name="order", server_default="x"
    ),
    "unique": AddConstraint(PARENT, Unique("n_once", ("n",))),
    "check": check("n_positive", "n > 0"),
    "foreign key": AddConstraint(PARENT, ForeignKey("fk_o", ("o",), PARENT, ("id",))),
    "no check": DropConstraint(PARENT, "n_small"),
    "index": AlterTable(PARENT, (CreateIndex(PARENT, Index("by_n", ("n", "o"))),)),
    "index and back": AlterTable(
        PARENT,
        (
            CreateIndex(PARENT, Index("by_n", ("n", "o"))),
            DropIndex(PARENT, "by_n"),
            alter_column(PARENT, "o", nullable=True, server_default="3"),
        ),
    ),
    "many": AlterTable(
        PARENT,
        (
            add_column(PARENT, sa.Column("new", sa.Text()), None, after="id"),
            DropColumn(PARENT, "note"),
            alter_column(PARENT, "code", new_column_name="order"),
            check("code_there", 'length("order") > 0'),
            CreateIndex(PARENT, Index("by_new", ("new", "order"))),
        ),
    ),
    "order": AlterTable(
        PARENT,
        (alter_column(PARENT, "o", nullable=True),),
        RebuildOptions(recreate="always", partial_reordering=(("note", "n", "code"),)),
    ),
}
