"""A rebuild of a SQLite table keeps every row of every table, and all around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext.dialects.sqlite.constraints import foreign_keys_change
from flask_migrations_ext.dialects.sqlite.dialect import SQLite
from flask_migrations_ext.dialects.sqlite.parser import parse_table
from flask_migrations_ext.errors import DataAtRisk
from flask_migrations_ext.errors import OperationError
from flask_migrations_ext.errors import UnsupportedOperation
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import DropColumn
from flask_migrations_ext.operations.constraints import AddConstraint
from flask_migrations_ext.operations.constraints import DropConstraint
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import RebuildOptions
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import Index
from flask_migrations_ext.schema.model import PrimaryKey
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.model import Unique
from tests.operations.made import add_column
from tests.operations.made import alter_column

from .sqlite_runs import closed
from .sqlite_runs import database
from .sqlite_runs import driver_of
from .sqlite_runs import dump
from .sqlite_runs import named
from .sqlite_runs import rows_of
from .sqlite_runs import run
from .sqlite_runs import text_of

__all__ = ["closed"]  # the fixture is in use without being named

pytestmark = pytest.mark.pairs("rebuilds")

PARENT = TableName("parent")

PARENTS = {
    "plain": """CREATE TABLE parent (
        id INTEGER PRIMARY KEY, -- the key
        code TEXT NOT NULL COLLATE NOCASE UNIQUE, n INTEGER, note TEXT DEFAULT 'x',
        up INTEGER REFERENCES parent (id) ON DELETE CASCADE,
        CONSTRAINT n_small CHECK (n < 100), UNIQUE (id, code))""",
    "autoincrement": """CREATE TABLE "parent" (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        code TEXT NOT NULL UNIQUE ON CONFLICT REPLACE, n INTEGER, note TEXT,
        up INTEGER REFERENCES parent, CONSTRAINT n_small CHECK (parent.n < 100),
        UNIQUE (id, code) ON CONFLICT IGNORE)""",
    "without rowid": """CREATE TABLE parent (
        id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, n INTEGER, note TEXT,
        up INTEGER REFERENCES parent (id) ON DELETE SET NULL,
        CONSTRAINT n_small CHECK (n < 100), UNIQUE (id, code)) WITHOUT ROWID""",
    "strict": """CREATE TABLE parent (
        id INT NOT NULL PRIMARY KEY, code TEXT NOT NULL UNIQUE, n INTEGER, note TEXT,
        up INT REFERENCES parent (id), CONSTRAINT n_small CHECK (n < 100),
        UNIQUE (id, code)) STRICT""",
    "generated": """CREATE TABLE parent (
        id INTEGER NOT NULL, code VARCHAR(9) NOT NULL UNIQUE, n INTEGER,
        loud TEXT GENERATED ALWAYS AS (upper(code)) VIRTUAL,
        twice INTEGER AS (id * 2) STORED, note TEXT,
        up INTEGER REFERENCES parent (id), CONSTRAINT n_small CHECK (n < 100),
        PRIMARY KEY (id), UNIQUE (id, code))""",
}

AROUND = """
    CREATE TABLE log (what TEXT);
    CREATE TABLE cascading (id INTEGER PRIMARY KEY,
        p INTEGER REFERENCES parent (id) ON DELETE CASCADE);
    CREATE TABLE clearing (p INTEGER REFERENCES parent (id) ON DELETE SET NULL);
    CREATE TABLE restricting (p INTEGER REFERENCES parent (id) ON DELETE RESTRICT);
    CREATE TABLE composite (p INTEGER, c TEXT,
        FOREIGN KEY (p, c) REFERENCES parent (id, code)
        ON DELETE CASCADE ON UPDATE CASCADE);
    CREATE TABLE grandchild (c INTEGER REFERENCES cascading (id) ON DELETE CASCADE);
    INSERT INTO parent (id, code, n, note, up) VALUES
        (1, 'one', 1, 'a', NULL), (2, 'two', 2, NULL, 1), (7, 'seven', 7, 'c', 7);
    INSERT INTO parent (id, code, n, note, up) VALUES (40, 'last', 4, 'd', 2);
    DELETE FROM parent WHERE id = 40;
    INSERT INTO cascading VALUES (1, 1), (2, 2), (5, 7);
    INSERT INTO clearing (rowid, p) VALUES (3, 1), (9, NULL), (11, 7);
    INSERT INTO restricting VALUES (1), (2);
    INSERT INTO composite VALUES (1, 'one'), (2, 'two'), (NULL, 'x');
    INSERT INTO grandchild VALUES (1), (5);
    CREATE INDEX by_n ON parent (n DESC) WHERE n > 0;
    CREATE INDEX by_expression ON parent (lower(code), id + 1);
    CREATE VIEW codes AS SELECT p.id, p.code, c.id AS child
        FROM parent p JOIN cascading c ON c.p = p.id;
    CREATE TRIGGER on_parent AFTER DELETE ON parent
        BEGIN INSERT INTO log VALUES ('deleted ' || OLD.id); END;
    CREATE TRIGGER on_other BEFORE INSERT ON log
        BEGIN UPDATE parent SET code = code WHERE id = 1; END;
    CREATE TRIGGER on_view INSTEAD OF DELETE ON codes
        BEGIN DELETE FROM parent WHERE id = OLD.id; END;
"""

OTHERS = (
    "log",
    "cascading",
    "clearing",
    "restricting",
    "composite",
    "grandchild",
)
KEPT = {"by_n", "by_expression", "codes", "on_parent", "on_other", "on_view", *OTHERS}


def check(name: str, condition: str) -> AddConstraint:
    return AddConstraint(PARENT, Check(name, Expression(condition)))


OPERATIONS: dict[str, Operation] = {
    "native column": add_column(PARENT, sa.Column("new", sa.Integer()), None),
    "column with default": add_column(
        PARENT,
        sa.Column("new", sa.Text(), server_default=sa.func.upper("x"), nullable=False),
        None,
    ),
    "unique column": add_column(PARENT, sa.Column("new", sa.Text(), unique=True), None),
    "referring column": add_column(
        PARENT, sa.Column("new", sa.Integer(), sa.ForeignKey("parent.id")), None
    ),
    "drop": DropColumn(PARENT, "note"),
    "drop referring": DropColumn(PARENT, "up"),
    "nullable": alter_column(PARENT, "code", nullable=True),
    "not null": alter_column(PARENT, "n", nullable=False),
    "type": alter_column(PARENT, "note", type_=sa.LargeBinary()),
    "default": alter_column(PARENT, "n", server_default=sa.text("5")),
    "no default": alter_column(PARENT, "note", server_default=None),
    "rename": alter_column(PARENT, "code", new_column_name="order", nullable=True),
    "unique": AddConstraint(PARENT, Unique("n_once", ("n",))),
    "check": check("n_positive", "n > 0"),
    "foreign key": AddConstraint(
        PARENT, ForeignKey("fk_n", ("n",), PARENT, ("id",), ondelete="CASCADE")
    ),
    "no check": DropConstraint(PARENT, "n_small"),
    "many": AlterTable(
        PARENT,
        (
            add_column(PARENT, sa.Column("new", sa.Text()), None, after="id"),
            DropColumn(PARENT, "note"),
            alter_column(PARENT, "code", new_column_name="kode"),
            check("kode_there", "length(kode) > 0"),
            CreateIndex(PARENT, Index("by_new", ("new", "kode"))),
        ),
    ),
    "always": AlterTable(PARENT, (), RebuildOptions(recreate="always")),
}


def lasting(engine: sa.Engine) -> tuple[Any, ...]:
    """Return what no alteration may change: rows, by what is known to stay."""
    names = [row[1] for row in driver_of(engine).execute("PRAGMA table_xinfo(parent)")]
    code = next(name for name in ("code", "kode", "order") if name in names)
    parents = [
        (id_, str(n), text) for id_, n, text in named(engine, "parent", "id", "n", code)
    ]
    others = [rows_of(engine, table) for table in OTHERS]
    sequence = (
        named(engine, "sqlite_sequence", "name", "seq")
        if "AUTOINCREMENT" in text_of(engine, "parent")
        else []
    )

    return parents, others, sequence


@pytest.mark.parametrize("foreign_keys", [True, False])
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
@pytest.mark.parametrize("parent", PARENTS.values(), ids=PARENTS)
def test_an_alteration_keeps_all_rows_and_all_that_depends_on_the_table(
    parent: str, operation: Operation, foreign_keys: bool
) -> None:
    engine = database(f"{parent};{AROUND}", foreign_keys=foreign_keys)
    before = lasting(engine)

    run(engine, operation)

    assert lasting(engine) == before
    driver = driver_of(engine)
    names = {row[0] for row in driver.execute("SELECT name FROM sqlite_master")}
    assert names >= KEPT
    assert not [name for name in names if name.startswith("_")]
    assert driver.execute("PRAGMA foreign_keys").fetchone()[0] == foreign_keys
    assert not driver.execute("PRAGMA legacy_alter_table").fetchone()[0]
    assert driver.execute("PRAGMA foreign_key_check").fetchall() == []
    assert driver.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    for feature in ("STRICT", "WITHOUT ROWID", "AUTOINCREMENT", "NOCASE", "STORED"):
        assert (feature in text_of(engine, "parent")) == (feature in parent)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
@pytest.mark.parametrize("parent", PARENTS.values(), ids=PARENTS)
def test_a_failure_at_any_statement_leaves_the_database_as_it_was(
    parent: str, operation: Operation
) -> None:
    engine = database(f"{parent};{AROUND}", foreign_keys=True)
    number = len(run(engine, operation))

    for failing in range(number + 1):
        engine = database(f"{parent};{AROUND}", foreign_keys=True)
        before = dump(engine)

        def fail(at: int, failing: int = failing) -> None:
            if at == failing:
                raise ConnectionError

        with pytest.raises(ConnectionError):
            run(engine, operation, before=fail)

        assert dump(engine) == before
        assert driver_of(engine).execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert driver_of(engine).execute("PRAGMA legacy_alter_table").fetchone() == (0,)


def test_a_failure_outside_of_a_transaction_leaves_the_database_as_it_was() -> None:
    engine = database(f"{PARENTS['plain']};{AROUND}")
    before = dump(engine)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        dialect = SQLite(connection.dialect)
        statements = dialect.statements(OPERATIONS["unique"], connection)
        for number, statement in enumerate(statements):
            if number == 5:
                statements.close()  # type: ignore[attr-defined]  # it is a generator
                break
            connection.execute(statement.element)

    assert dump(engine) == before
    assert driver_of(engine).execute("PRAGMA legacy_alter_table").fetchone() == (0,)


@pytest.mark.parametrize("legacy", ["ON", "OFF"])
def test_outside_of_a_transaction_a_rebuild_makes_its_own(legacy: str) -> None:
    engine = database(f"{PARENTS['plain']};{AROUND}")
    before = lasting(engine)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql(f"PRAGMA legacy_alter_table={legacy}")
        dialect = SQLite(connection.dialect)
        for statement in dialect.statements(OPERATIONS["unique"], connection):
            connection.execute(statement.element)

    assert lasting(engine) == before
    assert "n_once" in text_of(engine, "parent")
    driver = driver_of(engine)
    assert not driver.in_transaction
    found = driver.execute("PRAGMA legacy_alter_table").fetchone()[0]
    assert found == (legacy == "ON")


def test_rows_that_become_equal_do_not_replace_each_other() -> None:
    engine = database(
        "CREATE TABLE t (a TEXT UNIQUE ON CONFLICT REPLACE);"
        "INSERT INTO t VALUES ('1'), ('1.0');"
    )
    before = dump(engine)

    with pytest.raises(sa.exc.IntegrityError, match="UNIQUE"):
        run(engine, alter_column(TableName("t"), "a", type_=sa.Integer()))

    assert dump(engine) == before


@pytest.mark.parametrize("columns", ["", "(id)"])
def test_a_column_that_others_point_to_cannot_go(columns: str) -> None:
    engine = database(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a);"
        f"CREATE TABLE c (t INTEGER REFERENCES t {columns});"
        "INSERT INTO t VALUES (1, 'x'); INSERT INTO c VALUES (1);"
    )
    before = dump(engine)

    with pytest.raises(OperationError, match="table 'c' has a foreign key|mismatch"):
        run(engine, DropColumn(TableName("t"), "id"))

    assert dump(engine) == before


@pytest.mark.parametrize("table", ["parent", "cascading", "grandchild"])
def test_a_row_that_is_lost_on_the_way_stops_a_rebuild(table: str) -> None:
    engine = database(f"{PARENTS['generated']};{AROUND}")
    before = dump(engine)
    driver = driver_of(engine)

    def lose(number: int) -> None:
        if number == 5:
            driver.execute(f"DELETE FROM {table}")

    with pytest.raises(DataAtRisk, match=f"table '{table}' has 0 rows and not"):
        run(engine, OPERATIONS["always"], before=lose)

    assert dump(engine) == before


def test_a_key_that_others_point_to_cannot_go() -> None:
    engine = database(f"{PARENTS['plain']};{AROUND}")
    before = dump(engine)
    key = Unique(None, ("id", "code"))

    with pytest.raises(DataAtRisk, match="'composite'.*foreign key mismatch"):
        run(engine, DropConstraint(PARENT, None, Unique, was=key))

    assert dump(engine) == before


def test_the_rowid_of_a_table_without_integer_key_stays() -> None:
    engine = database(
        "CREATE TABLE t (a TEXT PRIMARY KEY, rowid TEXT);"
        "INSERT INTO t (_rowid_, a) VALUES (5, 'x'), (9, 'y');"
    )

    run(engine, alter_column(TableName("t"), "a", nullable=False))

    found = driver_of(engine).execute("SELECT _rowid_, a FROM t ORDER BY 1").fetchall()
    assert found == [(5, "x"), (9, "y")]


def test_leftovers_of_an_interrupted_rebuild_are_dropped() -> None:
    engine = database(
        "CREATE TABLE t (a); CREATE TABLE _alembic_tmp_t (a); INSERT INTO t VALUES (1);"
    )

    run(engine, alter_column(TableName("t"), "a", nullable=False))

    assert named(engine, "t", "a") == [(1,)]
    assert "_alembic_tmp_t" not in dump(engine)


def test_a_table_that_is_in_the_way_is_somebodys() -> None:
    engine = database(
        "CREATE TABLE t (a); CREATE TABLE _fme_new_t (a);"
        "INSERT INTO _fme_new_t VALUES (1);"
    )
    before = dump(engine)

    with pytest.raises(UnsupportedOperation, match="there is a table '_fme_new_t'"):
        run(engine, alter_column(TableName("t"), "a", nullable=False))

    assert dump(engine) == before


def test_an_index_on_a_dropped_column_goes_and_is_told() -> None:
    engine = database(
        "CREATE TABLE t (a, b); CREATE INDEX i ON t (a, b); CREATE INDEX j ON t (a);"
    )
    with engine.connect() as connection:
        dialect = SQLite(connection.dialect)
        with dialect.transaction(connection):
            comments = []
            for each in dialect.statements(DropColumn(TableName("t"), "b"), connection):
                connection.execute(each.element)
                comments.append(each.comment)

    assert "index 'i' goes" in str(comments[0])
    assert "CREATE INDEX j" in dump(engine)
    assert "CREATE INDEX i" not in dump(engine)


@pytest.mark.parametrize(
    ("dependent", "said"),
    [
        ("CREATE VIEW v AS SELECT b FROM t", "view 'v'"),
        (
            "CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM o WHERE x = NEW.b;"
            " END",
            "trigger 'r'",
        ),
        (
            "CREATE TRIGGER r AFTER DELETE ON o BEGIN UPDATE t SET b = 1; END",
            "trigger 'r' of 'o'",
        ),
    ],
)
def test_a_view_or_trigger_that_would_break_stops_it_by_name(
    dependent: str, said: str
) -> None:
    engine = database(
        f"CREATE TABLE o (x); CREATE TABLE t (a, b UNIQUE); {dependent};"
        "CREATE VIEW broken AS SELECT * FROM gone"
    )
    before = dump(engine)

    with pytest.raises(UnsupportedOperation, match=said):
        run(engine, DropColumn(TableName("t"), "b"))

    assert dump(engine) == before


# -- what only this connection has, and what nobody sees ------------------------------


def test_a_temporary_trigger_stays() -> None:
    engine = database(
        "CREATE TABLE t (a); CREATE TABLE log (a);"
        "CREATE TEMP TRIGGER r AFTER INSERT ON t"
        " BEGIN INSERT INTO log VALUES (NEW.a); END;"
    )

    run(engine, alter_column(TableName("t"), "a", nullable=False))

    driver_of(engine).execute("INSERT INTO t VALUES (1)").connection.commit()
    assert named(engine, "log", "a") == [(1,)]
    assert "TRIGGER" not in dump(engine)


def test_a_table_that_a_temporary_one_hides_is_not_touched() -> None:
    engine = database(
        "CREATE TABLE t (a); INSERT INTO t VALUES (1); CREATE TEMP TABLE t (a)"
    )
    before = dump(engine)

    for operation in (
        alter_column(TableName("t"), "a", nullable=False),
        add_column(TableName("t"), sa.Column("b"), None),
    ):
        with pytest.raises(UnsupportedOperation, match="temporary table of this name"):
            run(engine, operation)

    assert dump(engine) == before


def test_statistics_stay_for_what_stays() -> None:
    engine = database(
        "CREATE TABLE T (a, b, c, UNIQUE (a), UNIQUE (b), UNIQUE (b, c));"
        "CREATE INDEX i ON T (c); CREATE INDEX j ON T (a, lower(c));"
        "INSERT INTO T VALUES (1, 2, 3), (4, 5, 6); ANALYZE;"
    )
    statistics = "SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY 1, 2"
    driver = driver_of(engine)
    assert len(driver.execute(statistics).fetchall()) == 5

    run(
        engine,
        DropConstraint(TableName("t"), None, Unique, was=Unique(None, ("a",))),
    )

    # The unnamed indexes have other numbers now, and so would have other statistics.
    assert driver.execute(statistics).fetchall() == [
        ("T", "i", "2 1"),
        ("T", "j", "2 1 1"),
    ]


@dataclass(frozen=True)
class Ends:
    """A change, and whether foreign keys have to be looked at again after it."""

    new: str
    change: bool
    referred: frozenset[str | None] = frozenset(["id"])


OLD = "id INTEGER PRIMARY KEY, o INT REFERENCES o, k TEXT, n TEXT, UNIQUE (k)"
COMPUTED = f"g TEXT AS (n), {OLD}"
ENDS = {
    "nothing": Ends(OLD, False),
    "not null": Ends(OLD.replace("n TEXT", "n TEXT NOT NULL"), False),
    "another type": Ends(OLD.replace("n TEXT", "n INT"), False),
    "one more": Ends(OLD.replace("n TEXT", "n TEXT, m"), False),
    "one less": Ends(OLD.replace(" n TEXT,", ""), False),
    "own type": Ends(OLD.replace("o INT", "o TEXT"), True),
    "own collation": Ends(OLD.replace("o INT", "o INT COLLATE NOCASE"), True),
    "other key": Ends(OLD.replace("REFERENCES o", "REFERENCES p"), True),
    "one more key": Ends(OLD + ", FOREIGN KEY (n) REFERENCES o", True),
    "no key": Ends(OLD.replace("REFERENCES o", ""), False),
    "key's type": Ends(OLD.replace("k TEXT", "k INT"), True, frozenset(["k"])),
    "a type nobody points to": Ends(OLD.replace("k TEXT", "k INT"), False),
    "no unique": Ends(OLD.replace(", UNIQUE (k)", ""), True),
    "no unique, nobody there": Ends(
        OLD.replace(", UNIQUE (k)", ""), False, frozenset()
    ),
    "primary key's type": Ends(
        OLD.replace("id INTEGER", "id TEXT"), True, frozenset([None])
    ),
    "computed key": Ends(COMPUTED.replace("n TEXT", "n INT"), True, frozenset(["g"])),
}


@pytest.mark.parametrize("case", ENDS.values(), ids=ENDS)
def test_foreign_keys_are_looked_at_where_their_ends_change(case: Ends) -> None:
    old = COMPUTED if "g" in case.referred else OLD
    before, after = (
        parse_table(f"CREATE TABLE t ({each})") for each in (old, case.new)
    )

    assert foreign_keys_change(before, after, case.referred) == case.change


def test_a_key_that_only_an_empty_table_points_to_can_be_made_anew() -> None:
    engine = database(
        "CREATE TABLE run (day TEXT NOT NULL, no INTEGER NOT NULL,"
        " CONSTRAINT pk PRIMARY KEY (day, no));"
        "CREATE TABLE note (day TEXT, no INTEGER,"
        " FOREIGN KEY (day, no) REFERENCES run (day, no));"
        "INSERT INTO run VALUES ('mon', 1);"
    )

    run(
        engine,
        DropConstraint(TableName("run"), "pk", PrimaryKey),
        AddConstraint(TableName("run"), Unique("day_no", ("day", "no"))),
    )

    driver_of(engine).execute("INSERT INTO note VALUES ('mon', 1)")
    assert driver_of(engine).execute("PRAGMA foreign_key_check").fetchall() == []
