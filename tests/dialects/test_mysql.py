"""What only MySQL and MariaDB ask for: whole definitions, kinds of constraints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from flask_migrations_ext.dialects.mysql.dialect import MariaDB
from flask_migrations_ext.dialects.mysql.dialect import MySQL
from flask_migrations_ext.errors import DataAtRisk
from flask_migrations_ext.errors import NotInTable
from flask_migrations_ext.errors import OperationError
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import DropColumn
from flask_migrations_ext.operations.constraints import DropConstraint
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.operations.indexes import DropIndex
from flask_migrations_ext.operations.tables import RenameTable
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import Index
from flask_migrations_ext.schema.model import PrimaryKey
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.model import Unique
from tests.operations import made

T = TableName("t")


class WithoutIfExists(MySQL):
    """A dialect that says no IF EXISTS, as MySQL does."""

    @property
    def says_if_exists(self) -> frozenset[str]:
        return frozenset()


@pytest.fixture
def connection(mariadb_engine: sa.Engine) -> Iterator[sa.Connection]:
    with mariadb_engine.connect() as connection:
        yield connection


def run(
    connection: sa.Connection, *operations: Operation, kind: type[MySQL] = MariaDB
) -> list[str]:
    dialect = kind(connection.dialect)
    texts = []
    for operation in operations:
        for statement in dialect.statements(operation, connection):
            connection.execute(statement.element)
            texts.append(dialect.text(statement))

    return texts


def create(connection: sa.Connection, *parts: str) -> None:
    text = f"CREATE TABLE t ({', '.join(parts)})"
    connection.exec_driver_sql(text.replace("%", "%%"))


def definition(connection: sa.Connection, name: str = "c") -> str:
    shown = connection.exec_driver_sql("SHOW CREATE TABLE t").one()[1]
    lines = [line.strip() for line in shown.split("\n")]
    line = next(line for line in lines if line.startswith(f"`{name}` "))
    return str(line.removeprefix(f"`{name}` ").removesuffix(","))


def alter_column(**changes: Any) -> Operation:
    return made.alter_column(T, "c", **changes)


KEPT = {
    "varchar(20) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT 'it''s, (5%)'": (
        "varchar(20) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL"
        " DEFAULT 'it''s, (5%)'"
    ),
    "int(10) unsigned zerofill DEFAULT 5 COMMENT 'DEFAULT, ON UPDATE `x` NOT NULL'": (
        "int(10) unsigned zerofill NOT NULL DEFAULT 0000000005"
        " COMMENT 'DEFAULT, ON UPDATE `x` NOT NULL'"
    ),
    "timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()": (
        "timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()"
    ),
    "enum('NULL','it''s','CHECK (') DEFAULT 'NULL'": (
        "enum('NULL','it''s','CHECK (') NOT NULL DEFAULT 'NULL'"
    ),
    "int(11) INVISIBLE DEFAULT 5 CHECK (`c` > 0 and `c` < 100)": (
        "int(11) NOT NULL INVISIBLE DEFAULT 5 CHECK (`c` > 0 and `c` < 100)"
    ),
    "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`c`))": (
        "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"
        " CHECK (json_valid(`c`))"
    ),
    "varchar(50) DEFAULT (concat('a',uuid()))": (
        "varchar(50) NOT NULL DEFAULT concat('a',uuid())"
    ),
    "decimal(10,2) DEFAULT -1.50 COMMENT 'a\\\\b :c'": (
        "decimal(10,2) NOT NULL DEFAULT -1.50 COMMENT 'a\\\\b :c'"
    ),
    "datetime(6) DEFAULT current_timestamp(6)": (
        "datetime(6) NOT NULL DEFAULT current_timestamp(6)"
    ),
}


@pytest.mark.parametrize("said", KEPT)
def test_a_change_keeps_all_that_it_does_not_say(
    connection: sa.Connection, said: str
) -> None:
    create(connection, f"c {said}", "d int")
    before = definition(connection)

    run(connection, alter_column(nullable=False))

    assert definition(connection) == KEPT[said]

    run(connection, alter_column(nullable=True))

    assert definition(connection) == before


def test_a_generated_column_stays_generated(connection: sa.Connection) -> None:
    create(connection, "d int", "c int GENERATED ALWAYS AS (`d` + 1) STORED")

    run(connection, alter_column(comment="new"))

    assert definition(connection) == (
        "int(11) GENERATED ALWAYS AS (`d` + 1) STORED COMMENT 'new'"
    )


def test_a_key_keeps_counting(connection: sa.Connection) -> None:
    create(connection, "c int auto_increment primary key comment 'k'")

    run(connection, alter_column(type_=sa.BigInteger()))

    assert definition(connection) == "bigint(20) NOT NULL AUTO_INCREMENT COMMENT 'k'"

    run(connection, alter_column(autoincrement=False))

    assert definition(connection) == "bigint(20) NOT NULL COMMENT 'k'"


def test_a_type_takes_its_own_parts_along(connection: sa.Connection) -> None:
    create(connection, "c json NOT NULL", "d varchar(5) character set latin1")

    run(connection, alter_column(type_=sa.Text()))

    assert definition(connection) == "text NOT NULL"

    run(
        connection,
        made.alter_column(T, "d", type_=sa.String(9)),
    )

    assert "varchar(9) CHARACTER SET latin1" in definition(connection, "d")

    run(connection, made.alter_column(T, "d", type_=sa.Integer()))

    assert definition(connection, "d") == "int(11) DEFAULT NULL"


def test_a_default_goes_without_refusing_rows(connection: sa.Connection) -> None:
    create(connection, "c int default 5", "d int")

    texts = run(connection, alter_column(server_default=None))
    connection.exec_driver_sql("INSERT INTO t (d) VALUES (1)")

    assert texts == ["ALTER TABLE t ALTER COLUMN c SET DEFAULT NULL"]
    assert definition(connection) == "int(11) DEFAULT NULL"


def test_a_default_takes_what_is_said_on_update_with_it(
    connection: sa.Connection,
) -> None:
    create(connection, "c datetime NOT NULL DEFAULT now() ON UPDATE now() COMMENT 'k'")

    run(connection, alter_column(server_default=sa.text("CURRENT_TIMESTAMP")))

    assert definition(connection) == (
        "datetime NOT NULL DEFAULT current_timestamp() COMMENT 'k'"
    )


@pytest.mark.parametrize("default", [None, "2020-01-02"])
def test_a_plain_default_takes_what_is_said_on_update_with_it(
    connection: sa.Connection, default: str | None
) -> None:
    create(connection, "c datetime NOT NULL DEFAULT now() ON UPDATE now()")

    run(connection, alter_column(server_default=default))

    assert "ON UPDATE" not in definition(connection)


def test_quoted_names_are_found(connection: sa.Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE `a %%t` (`Ab``c, %%d` int DEFAULT 5)")
    name = TableName("a %t")

    run(
        connection,
        made.alter_column(name, "Ab`c, %d", comment="x"),
        made.alter_column(name, "Ab`c, %d", new_column_name="e"),
    )

    assert sa.inspect(connection).get_columns("a %t")[0]["name"] == "e"
    assert sa.inspect(connection).get_columns("a %t")[0]["comment"] == "x"


def test_a_column_that_is_not_there_is_an_error(connection: sa.Connection) -> None:
    create(connection, "d int")

    with pytest.raises(NotInTable, match="no column 'c'; it has 'd'"):
        run(connection, alter_column(nullable=False))


def test_an_old_server_renames_by_saying_all_again(connection: sa.Connection) -> None:
    class Old(MariaDB):
        _renames_columns = False

    create(connection, "c int NOT NULL DEFAULT 5 COMMENT 'k'")

    run(connection, alter_column(new_column_name="d"), kind=Old)

    assert definition(connection, "d") == "int(11) NOT NULL DEFAULT 5 COMMENT 'k'"


CONSTRAINTS = (
    "c int",
    "d int PRIMARY KEY",
    "CONSTRAINT f FOREIGN KEY (c) REFERENCES t (d)",
    "CONSTRAINT u UNIQUE (c, d)",
    "CONSTRAINT k CHECK (c > 5)",
    "KEY c (c)",
)


@pytest.mark.parametrize("if_exists", [False, True])
@pytest.mark.parametrize("dialect", [MariaDB, WithoutIfExists])
@pytest.mark.parametrize("kinds", [True, False], ids=["kind", "looked up"])
def test_a_constraint_is_dropped_by_its_kind(
    connection: sa.Connection, kinds: bool, dialect: type[MySQL], if_exists: bool
) -> None:
    create(connection, *CONSTRAINTS)
    constraints = [("f", ForeignKey), ("u", Unique), ("k", Check)]
    operations = [
        DropConstraint(T, name, kind if kinds else None, if_exists)
        for name, kind in constraints
    ]

    run(connection, *operations, DropConstraint(T, "PRIMARY", PrimaryKey), kind=dialect)
    inspector = sa.inspect(connection)

    assert not inspector.get_foreign_keys("t")
    assert not inspector.get_unique_constraints("t")
    assert not inspector.get_check_constraints("t")
    assert not inspector.get_pk_constraint("t")["constrained_columns"]

    if if_exists:
        run(connection, *operations, kind=dialect)


def test_a_name_of_two_constraints_does_not_say_which(
    connection: sa.Connection,
) -> None:
    create(
        connection,
        "c int UNIQUE",
        "d int",
        "CONSTRAINT x FOREIGN KEY (d) REFERENCES t (c)",
        "CONSTRAINT x UNIQUE (d)",
    )

    with pytest.raises(OperationError, match="more than one constraint named 'x'"):
        run(connection, DropConstraint(T, "x"))


@pytest.mark.parametrize("dialect", [MariaDB, WithoutIfExists])
def test_if_exists_holds_also_where_the_server_does_not_know_it(
    connection: sa.Connection, dialect: type[MySQL]
) -> None:
    create(connection, "c int")
    add = made.add_column(
        T,
        sa.Column("d", sa.Integer, sa.ForeignKey("t.c"), index=True),
        None,
        if_not_exists=True,
    )
    index = CreateIndex(T, Index("i", ("c",)), if_not_exists=True)
    drop_index = DropIndex(T, "i", if_exists=True)
    drop = DropColumn(T, "d", if_exists=True)

    run(connection, index, index, add, add, kind=dialect)

    assert {each["name"] for each in sa.inspect(connection).get_indexes("t")} == {
        "i",
        "ix_t_d",
    }

    run(connection, drop, drop, drop_index, drop_index, kind=dialect)

    assert not sa.inspect(connection).get_indexes("t")
    assert len(sa.inspect(connection).get_columns("t")) == 1


def test_a_table_stays_in_its_schema(connection: sa.Connection) -> None:
    database = str(connection.engine.url.database)
    create(connection, "c int")

    run(connection, RenameTable(TableName("t", database), "u"))

    assert sa.inspect(connection).has_table("u", schema=database)


# -- rows that are there --------------------------------------------------------------

WITHOUT_DEFAULT: list[sa.types.TypeEngine[Any]] = [
    sa.Integer(),
    sa.String(9),
    sa.Text(),
    sa.Numeric(8, 2),
    sa.Boolean(),
    sa.Date(),
    sa.DateTime(),
    sa.TIMESTAMP(),
    sa.Time(),
    sa.LargeBinary(),
    sa.JSON(),
    sa.Uuid(),
    sa.Enum("a", "b"),
    mysql.SET("a", "b"),
    mysql.YEAR(),
    mysql.BIT(8),
]


@pytest.mark.parametrize("kind", WITHOUT_DEFAULT, ids=str)
def test_rows_get_no_value_that_nobody_has_given(
    connection: sa.Connection, kind: sa.types.TypeEngine[Any]
) -> None:
    create(connection, "c int")
    added = made.add_column(T, sa.Column("d", kind, nullable=False), None)
    run(connection, added, DropColumn(T, "d"))
    connection.exec_driver_sql("INSERT INTO t VALUES (1), (2)")

    with pytest.raises(
        DataAtRisk,
        match="table 't' has 2 rows, and the new column 'd' takes no NULL and has no"
        " default; give it a server_default",
    ):
        run(connection, added)

    assert connection.scalars(sa.text("SELECT c FROM t")).all() == [1, 2]


@pytest.mark.parametrize(
    "column",
    [
        sa.Column("d", sa.Integer, server_default="5", nullable=False),
        sa.Column("d", sa.DateTime, server_default=sa.func.now(), nullable=False),
        sa.Column("d", sa.Integer, sa.Computed("c + 1")),
        sa.Column("d", sa.Integer, primary_key=True),
        sa.Column("d", sa.Integer),
    ],
    ids=["default", "now", "computed", "numbered", "nullable"],
)
def test_rows_get_a_value_that_is_given(
    connection: sa.Connection, column: sa.Column[Any]
) -> None:
    create(connection, "c int")
    connection.exec_driver_sql("INSERT INTO t VALUES (1), (2)")

    run(
        connection,
        made.add_column(T, column, None, inline_primary_key=bool(column.primary_key)),
    )

    assert connection.scalar(sa.text("SELECT count(d) FROM t")) in (0, 2)


def test_a_column_that_is_there_already_is_not_looked_at(
    connection: sa.Connection,
) -> None:
    create(connection, "c int")
    connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    column = sa.Column("c", sa.Integer, nullable=False)

    run(connection, made.add_column(T, column, None, if_not_exists=True))

    assert definition(connection) == "int(11) DEFAULT NULL"


@pytest.mark.parametrize("mode", ["", "STRICT_ALL_TABLES"], ids=["lax", "strict"])
@pytest.mark.parametrize(
    "change",
    [
        alter_column(nullable=False),
        alter_column(nullable=False, type_=sa.BigInteger()),
        alter_column(nullable=False, new_column_name="d"),
        made.create_primary_key(T, None, ["c"]),
    ],
    ids=["tightened", "and widened", "and renamed", "primary key"],
)
def test_nulls_that_are_there_stay(
    connection: sa.Connection, change: Operation, mode: str
) -> None:
    create(connection, "c int")
    connection.exec_driver_sql("INSERT INTO t VALUES (1), (NULL)")
    connection.exec_driver_sql(f"SET sql_mode = '{mode}'")

    with pytest.raises(
        DataAtRisk, match="1 row of table 't' has NULL in column 'c', which is to take"
    ):
        run(connection, change)

    connection.exec_driver_sql("DELETE FROM t WHERE c IS NULL")
    run(connection, change)


def test_text_says_what_it_cannot_look_at() -> None:
    dialect = MariaDB(sa.create_engine("mariadb+pymysql://").dialect)
    added = made.add_column(T, sa.Column("d", sa.Integer, nullable=False), None)
    tightened = alter_column(nullable=False, existing_type=sa.Integer())

    (add,), (tighten,) = (
        list(dialect.statements(each, None)) for each in (added, tightened)
    )

    assert str(add.comment).startswith("t.d takes no NULL and has no default")
    assert tighten.comment == "t.c takes no NULL: rows with NULL have to be filled"
