"""What an alteration of a SQLite table keeps, though a script hardly says so."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext.errors import DataAtRisk
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import AddColumn
from flask_migrations_ext.operations.columns import DropColumn
from flask_migrations_ext.operations.constraints import AddConstraint
from flask_migrations_ext.operations.constraints import DropConstraint
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.operations.indexes import DropIndex
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import RebuildOptions
from flask_migrations_ext.operations.tables import RenameTable
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import Constraint
from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import Index
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.model import Unique
from tests.operations.made import add_column
from tests.operations.made import alter_column

from .sqlite_runs import closed
from .sqlite_runs import CONVENTION
from .sqlite_runs import database
from .sqlite_runs import definition
from .sqlite_runs import driver_of
from .sqlite_runs import named
from .sqlite_runs import run
from .sqlite_runs import T
from .sqlite_runs import text_of

__all__ = ["closed"]  # the fixture is in use without being named


def block(*operations: Operation, **options: Any) -> AlterTable:
    return AlterTable(T, operations, RebuildOptions(**options))


def again(*arguments: Any) -> AddColumn:
    """Return what brings column ``a`` back."""
    return add_column(T, sa.Column("a", sa.Text(), *arguments), None)


# What a table says of column a besides its type; what is still there when the column
# was dropped and added again.
COMES_BACK = [
    ("a TEXT UNIQUE, b", "a TEXT UNIQUE"),
    (
        "a TEXT REFERENCES o (id) ON DELETE CASCADE, b",
        "REFERENCES o (id) ON DELETE CASC",
    ),
    ("a TEXT, b, UNIQUE (a)", "UNIQUE (a)"),
    ("a TEXT, b, CONSTRAINT u UNIQUE (b, a)", "CONSTRAINT u UNIQUE (b, a)"),
    ("a TEXT, b, FOREIGN KEY (A) REFERENCES o", "FOREIGN KEY (A) REFERENCES o"),
    ("a TEXT, b, CONSTRAINT c CHECK (a <> b)", "CONSTRAINT c CHECK (a <> b)"),
]


@pytest.mark.parametrize(("columns", "kept"), COMES_BACK)
def test_constraints_come_back_with_their_column(columns: str, kept: str) -> None:
    engine = database(
        f"CREATE TABLE o (id TEXT PRIMARY KEY); CREATE TABLE t (id INT, {columns});"
        "INSERT INTO t (id, b) VALUES (1, 2);"
    )

    run(engine, block(DropColumn(T, "a"), again()))

    assert kept in definition(engine)
    assert named(engine, "t", "id", "a", "b") == [(1, None, 2)]


GOES = [
    ("a TEXT CHECK (a <> 'x'), b", "CHECK"),
    ("a TEXT, b, CONSTRAINT one_of CHECK (a IN ('x', 'y'))", "CHECK"),
    ("a TEXT DEFAULT 'x' NOT NULL, b", "DEFAULT"),
    ("a TEXT COLLATE nocase, b", "COLLATE"),
]


@pytest.mark.parametrize(("columns", "gone"), GOES)
def test_what_was_said_of_the_column_alone_goes_with_it(
    columns: str, gone: str
) -> None:
    engine = database(f"CREATE TABLE t (id INT, {columns});")

    run(engine, block(DropColumn(T, "a"), again()))

    assert gone not in definition(engine)


def test_what_the_new_column_says_itself_counts() -> None:
    engine = database(
        "CREATE TABLE o (id TEXT PRIMARY KEY); CREATE TABLE p (id TEXT PRIMARY KEY);"
        "CREATE TABLE t (id INT, a TEXT REFERENCES o (id), b, UNIQUE (a));"
    )

    run(engine, block(DropColumn(T, "a"), again(sa.ForeignKey("p.id"))))

    assert "REFERENCES p" in definition(engine)
    assert "REFERENCES o" not in definition(engine)
    assert definition(engine).count("UNIQUE") == 1


def test_what_involves_another_dropped_column_stays_away() -> None:
    engine = database(
        "CREATE TABLE t (id INT, a TEXT, b, UNIQUE (a, b)); CREATE INDEX i ON t (a, b);"
    )

    run(engine, block(DropColumn(T, "a"), DropColumn(T, "b"), again()))

    assert "UNIQUE" not in definition(engine)
    assert indexes(engine) == []


def test_indexes_come_back_with_their_column() -> None:
    text = "CREATE UNIQUE INDEX i ON t (b, a COLLATE nocase) WHERE a <> ''"
    engine = database(f"CREATE TABLE t (id INT, a TEXT, b); {text};")

    run(engine, block(DropColumn(T, "a"), again()))

    assert text_of(engine, "i") == text


@pytest.mark.parametrize(
    "operations",
    [
        (DropIndex(T, "i"), DropColumn(T, "a"), again()),
        (DropColumn(T, "a"), DropIndex(T, "i"), again()),
        (DropColumn(T, "a"), again(), DropIndex(T, "i")),
    ],
)
def test_an_index_that_is_dropped_stays_away(operations: Any) -> None:
    engine = database("CREATE TABLE t (id INT, a TEXT); CREATE INDEX i ON t (a);")

    run(engine, block(*operations))

    assert indexes(engine) == []


def test_an_index_that_is_made_anew_is_the_new_one() -> None:
    engine = database("CREATE TABLE t (id INT, a TEXT); CREATE INDEX i ON t (a);")
    new = CreateIndex(T, Index("i", ("a", "id")))

    run(engine, block(DropColumn(T, "a"), again(), new))

    assert text_of(engine, "i") == "CREATE INDEX i ON t (a, id)"


def test_a_key_that_comes_back_is_not_broken_by_a_default() -> None:
    engine = database(
        "CREATE TABLE t (id INT, a TEXT UNIQUE); INSERT INTO t VALUES (1, 'x');"
    )
    change = block(
        DropColumn(T, "a"),
        add_column(T, sa.Column("a", sa.Text(), server_default="new"), None),
    )
    run(engine, change)

    assert named(engine, "t", "id", "a") == [(1, "new")]
    driver_of(engine).execute("INSERT INTO t VALUES (2, 'other')")
    with pytest.raises(
        DataAtRisk, match=r"all 2 rows of table 't' would have the same"
    ):
        run(engine, change)
    assert named(engine, "t", "id", "a") == [(1, "new"), (2, "other")]


# -- capitals --------------------------------------------------------------


@pytest.mark.parametrize("foreign_keys", [True, False])
def test_a_table_gets_other_capitals_and_keeps_its_rows(foreign_keys: bool) -> None:
    engine = database(
        "CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE INDEX i ON t (id);"
        "CREATE TABLE o (t REFERENCES t (id) ON DELETE CASCADE);"
        "CREATE VIEW v AS SELECT id FROM t;"
        "INSERT INTO t VALUES (1); INSERT INTO o VALUES (1);",
        foreign_keys=foreign_keys,
    )

    run(engine, RenameTable(T, "T"))

    assert named(engine, "T", "id") == named(engine, "o", "t") == [(1,)]
    assert 'CREATE TABLE "T"' in text_of(engine, "T")
    assert '"T"' in text_of(engine, "v")
    assert '"T"' in text_of(engine, "o")
    assert run(engine, RenameTable(TableName("T"), "T")) == []


@pytest.mark.parametrize("before", [(), (alter_column(T, "b", nullable=False),)])
def test_a_column_gets_other_capitals_and_keeps_its_values(before: Any) -> None:
    engine = database(
        "CREATE TABLE t (a INT UNIQUE, b INT); INSERT INTO t VALUES (1, 2)"
    )

    run(engine, block(*before, alter_column(T, "a", new_column_name="A")))

    assert named(engine, "t", "A", "b") == [(1, 2)]
    assert "(A INT UNIQUE" in definition(engine)


CASED: list[tuple[str, Constraint]] = [
    ("UNIQUE (a)", Unique("K", ("a",))),
    ("CHECK (a > 0)", Check("K", Expression("a > 0"))),
    ("FOREIGN KEY(a) REFERENCES t (id)", ForeignKey("K", ("a",), T, ("id",))),
]


@pytest.mark.parametrize("first", ["add", "drop"])
@pytest.mark.parametrize("in_block", [True, False])
@pytest.mark.parametrize(("text", "constraint"), CASED)
def test_a_constraint_gets_other_capitals_in_any_order(
    text: str, constraint: Constraint, in_block: bool, first: str
) -> None:
    engine = database(
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, CONSTRAINT k {text});"
    )
    operations = [AddConstraint(T, constraint), DropConstraint(T, "k")]
    if first == "drop":
        operations.reverse()

    run(engine, *([block(*operations)] if in_block else operations))

    assert f"K {text}" in definition(engine).replace('"', "")
    assert definition(engine).count("CONSTRAINT") == 1


# -- what a block says of the table ----------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sqlite_autoincrement": True}, "PRIMARY KEY AUTOINCREMENT"),
        ({"sqlite_strict": True}, ") STRICT"),
        ({"sqlite_with_rowid": False}, ") WITHOUT ROWID"),
    ],
)
def test_options_alone_change_the_table(options: dict[str, Any], said: str) -> None:
    engine = database(
        "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (7)"
    )
    change = block(table_options=tuple(options.items()))

    run(engine, change)

    assert said in definition(engine)
    assert named(engine, "t", "id") == [(7,)]
    assert run(engine, change) == []


def test_arguments_alone_change_the_table() -> None:
    engine = database("CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)")
    change = block(table_args=(sa.UniqueConstraint("a", name="u"),))

    run(engine, change)

    assert "CONSTRAINT u UNIQUE (a)" in definition(engine)
    assert run(engine, change) == []


UNNAMED = """
    CREATE TABLE o (id INTEGER PRIMARY KEY);
    CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT UNIQUE,
        b INT REFERENCES o (id) ON DELETE CASCADE, c INT NOT NULL
        REFERENCES o (id) NOT NULL DEFERRABLE INITIALLY DEFERRED,
        CHECK (a > 0), UNIQUE (b, c));
    INSERT INTO o VALUES (1); INSERT INTO t VALUES (1, 2, 1, 1);
"""


def test_a_rebuild_gives_constraints_the_names_of_its_convention() -> None:
    engine = database(UNNAMED)

    run(
        engine,
        block(alter_column(T, "a", nullable=False), naming_convention=CONVENTION),
    )

    said = definition(engine)
    assert "CONSTRAINT pk_t PRIMARY KEY AUTOINCREMENT" in said
    assert "CONSTRAINT uq_t_a UNIQUE (a)" in said
    assert "CONSTRAINT uq_t_b UNIQUE (b, c)" in said
    assert (
        "CONSTRAINT fk_t_b_o FOREIGN KEY (b) REFERENCES o (id) ON DELETE CASCADE"
        in said
    )
    assert "CONSTRAINT fk_t_c_o REFERENCES o (id) NOT NULL DEFERRABLE INITIALLY" in said
    assert said.count("CONSTRAINT") == 5


def test_a_later_revision_finds_the_names_of_a_convention() -> None:
    engine = database(UNNAMED)
    run(
        engine,
        block(alter_column(T, "a", nullable=False), naming_convention=CONVENTION),
    )

    run(engine, DropConstraint(T, "fk_t_b_o", kind=ForeignKey))

    assert "CASCADE" not in definition(engine)


def test_a_constraint_takes_the_place_of_the_one_with_its_conventional_name() -> None:
    engine = database(UNNAMED)
    key = ForeignKey("fk_t_b_o", ("b",), TableName("o"), ("id",), ondelete="SET NULL")

    run(engine, block(AddConstraint(T, key), naming_convention=CONVENTION))

    assert "ON DELETE SET NULL" in definition(engine)
    assert "CASCADE" not in definition(engine)


def test_a_convention_without_a_change_changes_nothing() -> None:
    engine = database(UNNAMED)

    assert run(engine, block(naming_convention=CONVENTION)) == []
    assert run(
        engine,
        block(
            add_column(T, sa.Column("n", sa.Integer()), None),
            alter_column(T, "n", new_column_name="m"),
            naming_convention=CONVENTION,
        ),
    ) == [
        "ALTER TABLE t ADD COLUMN n INTEGER",
        "ALTER TABLE t RENAME COLUMN n TO m",
    ]


def indexes(engine: sa.Engine) -> list[Any]:
    query = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"

    return list(driver_of(engine).execute(query))
