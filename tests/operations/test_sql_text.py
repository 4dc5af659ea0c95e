"""What each verb says on each database, as text: what ``--sql`` writes."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from flask_migrations_ext.dialects.dialect import Dialect
from flask_migrations_ext.dialects.mysql.dialect import MariaDB
from flask_migrations_ext.dialects.mysql.dialect import MySQL
from flask_migrations_ext.dialects.postgresql.dialect import PostgreSQL
from flask_migrations_ext.errors import OperationError
from flask_migrations_ext.errors import UnsupportedOperation
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import AddColumn
from flask_migrations_ext.operations.columns import AlterColumn
from flask_migrations_ext.operations.columns import DropColumn
from flask_migrations_ext.operations.constraints import AddConstraint
from flask_migrations_ext.operations.constraints import DropConstraint
from flask_migrations_ext.operations.enums import CreateEnum
from flask_migrations_ext.operations.enums import DropEnum
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.operations.indexes import DropIndex
from flask_migrations_ext.operations.rows import InsertRows
from flask_migrations_ext.operations.sql import ExecuteSql
from flask_migrations_ext.operations.tables import CommentTable
from flask_migrations_ext.operations.tables import CreateTable
from flask_migrations_ext.operations.tables import DropTable
from flask_migrations_ext.operations.tables import RenameTable
from flask_migrations_ext.schema.from_sqlalchemy import read_table
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import Index
from flask_migrations_ext.schema.model import PrimaryKey
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.model import Unique
from flask_migrations_ext.schema.to_sqlalchemy import NamingConvention
from tests.operations import made

T = TableName("t")
IN_SCHEMA = TableName("t", "s")

DIALECTS: dict[str, tuple[type[Dialect], str]] = {
    "postgresql": (PostgreSQL, "postgresql+psycopg://"),
    "mariadb": (MariaDB, "mariadb+pymysql://"),
    "mysql": (MySQL, "mysql+pymysql://"),
}


def dialect_named(name: str, convention: NamingConvention | None = None) -> Dialect:
    kind, url = DIALECTS[name]
    return kind(sa.create_engine(url).dialect, convention)


def said(operation: Operation, dialect: Dialect) -> list[str]:
    return [
        " ".join(dialect.text(statement).split())
        for statement in dialect.statements(operation, None)
    ]


def add_column(column: sa.Column[Any], **options: Any) -> AddColumn:
    return made.add_column(T, column, None, **options)


def alter_column(**changes: Any) -> AlterColumn:
    return made.alter_column(T, "c", **changes)


def index(*parts: Any, **options: Any) -> CreateIndex:
    return made.create_index(T, "i", parts, None, **options)


ROWS = sa.table("t", sa.column("a"), sa.column("b", sa.JSON))

# An operation, and what is said for it: on PostgreSQL, on MariaDB and MySQL, and on
# MySQL where that is different.
CASES: dict[str, tuple[Operation, list[str], list[str], list[str] | None]] = {
    "drop_table": (
        DropTable(IN_SCHEMA, if_exists=True),
        ["DROP TABLE IF EXISTS s.t"],
        ["DROP TABLE IF EXISTS s.t"],
        None,
    ),
    "rename_table": (
        RenameTable(IN_SCHEMA, "order"),
        ['ALTER TABLE s.t RENAME TO "order"'],
        ["ALTER TABLE s.t RENAME TO s.`order`"],
        None,
    ),
    "comment_table": (
        CommentTable(T, "it's 5%"),
        ["COMMENT ON TABLE t IS 'it''s 5%'"],
        ["ALTER TABLE t COMMENT 'it''s 5%'"],
        None,
    ),
    "remove_comment": (
        CommentTable(T, None),
        ["COMMENT ON TABLE t IS NULL"],
        ["ALTER TABLE t COMMENT ''"],
        None,
    ),
    "add_column": (
        add_column(sa.Column("c%", sa.String(5), comment="5%"), if_not_exists=False),
        [
            'ALTER TABLE t ADD COLUMN "c%" VARCHAR(5)',
            "COMMENT ON COLUMN t.\"c%\" IS '5%'",
        ],
        ["ALTER TABLE t ADD COLUMN `c%` VARCHAR(5) COMMENT '5%'"],
        None,
    ),
    "add_column_with_all": (
        add_column(
            sa.Column(
                "c",
                sa.Integer,
                sa.ForeignKey("u.id", name="fk", deferrable=True),
                unique=True,
            )
        ),
        [
            "ALTER TABLE t ADD COLUMN c INTEGER",
            "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY(c) REFERENCES u (id)"
            " DEFERRABLE",
            "ALTER TABLE t ADD UNIQUE (c)",
        ],
        [
            "ALTER TABLE t ADD COLUMN c INTEGER",
            "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY(c) REFERENCES u (id)"
            " DEFERRABLE",
            "ALTER TABLE t ADD UNIQUE (c)",
        ],
        None,
    ),
    "add_column_inline": (
        add_column(
            sa.Column("c", sa.Integer, sa.ForeignKey("u.id", ondelete="CASCADE")),
            inline_references=True,
        ),
        ["ALTER TABLE t ADD COLUMN c INTEGER REFERENCES u (id) ON DELETE CASCADE"],
        [
            "ALTER TABLE t ADD COLUMN c INTEGER",
            "ALTER TABLE t ADD FOREIGN KEY(c) REFERENCES u (id) ON DELETE CASCADE",
        ],
        None,
    ),
    "add_key_inline": (
        add_column(
            sa.Column("c", sa.Integer, primary_key=True), inline_primary_key=True
        ),
        ["ALTER TABLE t ADD COLUMN c SERIAL NOT NULL PRIMARY KEY"],
        ["ALTER TABLE t ADD COLUMN c INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY"],
        None,
    ),
    "drop_column": (
        DropColumn(IN_SCHEMA, "c"),
        ["ALTER TABLE s.t DROP COLUMN c"],
        ["ALTER TABLE s.t DROP COLUMN c"],
        None,
    ),
    "alter_default": (
        alter_column(server_default="5%"),
        ["ALTER TABLE t ALTER COLUMN c SET DEFAULT '5%'"],
        ["ALTER TABLE t ALTER COLUMN c SET DEFAULT '5%'"],
        None,
    ),
    "remove_default_of_nullable": (
        alter_column(server_default=None, existing_nullable=True),
        ["ALTER TABLE t ALTER COLUMN c DROP DEFAULT"],
        ["ALTER TABLE t ALTER COLUMN c SET DEFAULT NULL"],
        None,
    ),
    "rename_column": (
        alter_column(new_column_name="d"),
        ["ALTER TABLE t RENAME COLUMN c TO d"],
        ["ALTER TABLE t RENAME COLUMN c TO d"],
        None,
    ),
    "alter_everything": (
        alter_column(
            type_=sa.Integer(),
            existing_type=sa.String(5),
            nullable=False,
            server_default="7",
            comment="c",
            new_column_name="d",
        ),
        [
            "ALTER TABLE t ALTER COLUMN c DROP DEFAULT",
            "ALTER TABLE t ALTER COLUMN c TYPE INTEGER USING c::INTEGER",
            "ALTER TABLE t ALTER COLUMN c SET DEFAULT '7'",
            "ALTER TABLE t ALTER COLUMN c SET NOT NULL",
            "COMMENT ON COLUMN t.c IS 'c'",
            "ALTER TABLE t RENAME COLUMN c TO d",
        ],
        [
            "ALTER TABLE t MODIFY COLUMN c INTEGER NOT NULL DEFAULT '7' COMMENT 'c'",
            "ALTER TABLE t RENAME COLUMN c TO d",
        ],
        None,
    ),
    "alter_using": (
        alter_column(
            type_=sa.Integer(), existing_nullable=True, postgresql_using="length(c)"
        ),
        ["ALTER TABLE t ALTER COLUMN c TYPE INTEGER USING length(c)"],
        ["ALTER TABLE t MODIFY COLUMN c INTEGER NULL"],
        None,
    ),
    "alter_without_cast": (
        alter_column(
            type_=sa.String(5), existing_type=sa.String(9), existing_nullable=True
        ),
        ["ALTER TABLE t ALTER COLUMN c TYPE VARCHAR(5)"],
        ["ALTER TABLE t MODIFY COLUMN c VARCHAR(5) NULL"],
        None,
    ),
    "keep_all_that_is_known": (
        alter_column(
            nullable=True,
            existing_type=sa.Integer(),
            existing_server_default="5",
            existing_comment="c",
            existing_autoincrement=True,
        ),
        ["ALTER TABLE t ALTER COLUMN c DROP NOT NULL"],
        [
            "ALTER TABLE t MODIFY COLUMN c INTEGER NULL DEFAULT '5' AUTO_INCREMENT"
            " COMMENT 'c'"
        ],
        None,
    ),
    "add_constraint": (
        AddConstraint(T, Check("ck", Expression("a > 5 % 2"))),
        ["ALTER TABLE t ADD CONSTRAINT ck CHECK (a > 5 % 2)"],
        ["ALTER TABLE t ADD CONSTRAINT ck CHECK (a > 5 % 2)"],
        None,
    ),
    "add_primary_key": (
        AddConstraint(T, PrimaryKey("pk", ("a", "b"))),
        ["ALTER TABLE t ADD CONSTRAINT pk PRIMARY KEY (a, b)"],
        ["ALTER TABLE t ADD CONSTRAINT pk PRIMARY KEY (a, b)"],
        None,
    ),
    "drop_unique": (
        DropConstraint(T, "u", Unique),
        ["ALTER TABLE t DROP CONSTRAINT u"],
        ["ALTER TABLE t DROP INDEX u"],
        None,
    ),
    "drop_foreign_key": (
        DropConstraint(T, "f", ForeignKey),
        ["ALTER TABLE t DROP CONSTRAINT f"],
        ["ALTER TABLE t DROP FOREIGN KEY f"],
        None,
    ),
    "drop_primary_key": (
        DropConstraint(T, "p", PrimaryKey),
        ["ALTER TABLE t DROP CONSTRAINT p"],
        ["ALTER TABLE t DROP PRIMARY KEY"],
        None,
    ),
    "drop_check": (
        DropConstraint(T, "c", Check),
        ["ALTER TABLE t DROP CONSTRAINT c"],
        ["ALTER TABLE t DROP CONSTRAINT c"],
        ["ALTER TABLE t DROP CHECK c"],
    ),
    "create_index": (
        index("a", "b", unique=True, mysql_length={"a": 5}),
        ["CREATE UNIQUE INDEX i ON t (a, b)"],
        ["CREATE UNIQUE INDEX i ON t (a, b)"],
        ["CREATE UNIQUE INDEX i ON t (a(5), b)"],
    ),
    "index_of_expression": (
        index(sa.column("a") + 1, sa.func.lower(sa.column("b")), sa.desc("c")),
        ["CREATE INDEX i ON t ((a + 1), lower(b), c DESC)"],
        ["CREATE INDEX i ON t ((a + 1), (lower(b)), c DESC)"],
        None,
    ),
    "index_with_options": (
        index(
            sa.func.lower(sa.column("b")).label("low"),
            postgresql_ops={"low": "text_pattern_ops"},
            postgresql_include=["d"],
            postgresql_where=sa.column("a") > 5,
        ),
        ["CREATE INDEX i ON t (lower(b) text_pattern_ops) INCLUDE (d) WHERE a > 5"],
        ["CREATE INDEX i ON t (lower(b))"],
        None,
    ),
    "drop_index": (
        DropIndex(IN_SCHEMA, "i"),
        ["DROP INDEX s.i"],
        ["DROP INDEX i ON s.t"],
        None,
    ),
    "insert_rows": (
        InsertRows(T, ({"a": 1, "b": None}, {"a": 2, "b": "it's 5%"}), ROWS),
        [
            "INSERT INTO t (a, b) VALUES (1, 'null');"
            " INSERT INTO t (a, b) VALUES (2, '\"it''s 5%\"')"
        ],
        [
            "INSERT INTO t (a, b) VALUES (1, 'null');"
            " INSERT INTO t (a, b) VALUES (2, '\"it''s 5%\"')"
        ],
        None,
    ),
    "insert_expressions": (
        InsertRows(T, ({"a": sa.func.now()}, {"a": sa.literal("x")}), ROWS, False),
        ["INSERT INTO t (a) VALUES (now())", "INSERT INTO t (a) VALUES ('x')"],
        ["INSERT INTO t (a) VALUES (now())", "INSERT INTO t (a) VALUES ('x')"],
        None,
    ),
    "rows_of_different_columns": (
        InsertRows(T, ({"a": 1}, {"b": []}), ROWS),
        ["INSERT INTO t (a) VALUES (1)", "INSERT INTO t (b) VALUES ('[]')"],
        ["INSERT INTO t (a) VALUES (1)", "INSERT INTO t (b) VALUES ('[]')"],
        None,
    ),
    "execute_text": (
        ExecuteSql("UPDATE t SET a = '5%', b = '\\:x';"),
        ["UPDATE t SET a = '5%', b = ':x'"],
        ["UPDATE t SET a = '5%', b = ':x'"],
        None,
    ),
    "execute_statement": (
        ExecuteSql(
            "",
            sa.update(ROWS).values(a=datetime.date(2020, 1, 2)).where(ROWS.c.a == "5%"),
        ),
        ["UPDATE t SET a='2020-01-02' WHERE t.a = '5%'"],
        ["UPDATE t SET a='2020-01-02' WHERE t.a = '5%'"],
        None,
    ),
    "create_enum": (
        CreateEnum("e", ("a",), "s"),
        [
            "DO $$ BEGIN CREATE TYPE s.e AS ENUM ('a');"
            " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        ],
        [],
        None,
    ),
    "drop_enum": (DropEnum("e"), ["DROP TYPE IF EXISTS e"], [], None),
}


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("case", CASES)
def test_an_operation_as_text(case: str, name: str) -> None:
    operation, on_postgresql, on_mariadb, on_mysql = CASES[case]
    expected = {
        "postgresql": on_postgresql,
        "mariadb": on_mariadb,
        "mysql": on_mariadb if on_mysql is None else on_mysql,
    }[name]

    assert said(operation, dialect_named(name)) == expected


IF_CASES: dict[str, tuple[Operation, str, str]] = {
    "add_column": (
        add_column(
            sa.Column("c", sa.Integer, sa.ForeignKey("u.id", name="f"), unique=True),
            if_not_exists=True,
        ),
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS c INTEGER"
        " CONSTRAINT f REFERENCES u (id) UNIQUE",
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS c INTEGER",
    ),
    "drop_column": (
        DropColumn(T, "c", if_exists=True),
        "ALTER TABLE t DROP COLUMN IF EXISTS c",
        "ALTER TABLE t DROP COLUMN IF EXISTS c",
    ),
    "drop_constraint": (
        DropConstraint(T, "f", ForeignKey, if_exists=True),
        "ALTER TABLE t DROP CONSTRAINT IF EXISTS f",
        "ALTER TABLE t DROP FOREIGN KEY IF EXISTS f",
    ),
    "create_index": (
        CreateIndex(T, Index("i", ("a",)), if_not_exists=True),
        "CREATE INDEX IF NOT EXISTS i ON t (a)",
        "CREATE INDEX IF NOT EXISTS i ON t (a)",
    ),
    "drop_index": (
        DropIndex(T, "i", if_exists=True),
        "DROP INDEX IF EXISTS i",
        "DROP INDEX IF EXISTS i ON t",
    ),
}


@pytest.mark.parametrize("case", IF_CASES)
def test_if_exists_is_said_where_it_is_known_and_refused_elsewhere(case: str) -> None:
    operation, on_postgresql, on_mariadb = IF_CASES[case]

    assert said(operation, dialect_named("postgresql"))[0] == on_postgresql
    assert said(operation, dialect_named("mariadb"))[0] == on_mariadb
    with pytest.raises(UnsupportedOperation, match="EXISTS in SQL text"):
        said(operation, dialect_named("mysql"))


REFUSED: dict[str, tuple[str, Operation, str]] = {
    "modify_of_unknown_column": (
        "mysql",
        alter_column(nullable=False),
        "give existing_type and existing_nullable",
    ),
    "modify_without_nullable": (
        "mariadb",
        alter_column(type_=sa.Integer()),
        "existing_nullable",
    ),
    "constraint_of_unknown_kind": ("mysql", DropConstraint(T, "u"), "give type_"),
    "constraint_without_name": (
        "postgresql",
        DropConstraint(T, None, Unique),
        "without its name",
    ),
    "index_without_name": ("postgresql", DropIndex(T, None), "without its name"),
    "index_without_table": ("mysql", DropIndex(None, "i"), "table_name"),
    "primary_key_if_exists": (
        "mariadb",
        DropConstraint(T, "p", PrimaryKey, if_exists=True),
        "if_exists",
    ),
    "text_with_parameter": (
        "postgresql",
        ExecuteSql("SELECT ':x', :y"),
        "no value for ':x', ':y'",
    ),
    "statement_with_parameter": (
        "mariadb",
        ExecuteSql("", sa.select(sa.literal_column("1")).where(sa.bindparam("b"))),
        "no value for ':b'",
    ),
    "value_of_unknown_class": (
        "postgresql",
        InsertRows(T, ({"a": object()},), ROWS),
        "cannot write",
    ),
    "enum_without_name": (
        "postgresql",
        add_column(sa.Column("c", sa.Enum("a"))),
        "has none",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_said_is_refused_with_advice(case: str) -> None:
    name, operation, advice = REFUSED[case]

    with pytest.raises(OperationError, match=advice):
        said(operation, dialect_named(name))


def test_a_create_table_says_its_indexes_and_comments_after_it() -> None:
    table = sa.Table(
        "t",
        sa.MetaData(),
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("a", sa.String(5), comment="5%", index=True),
        comment="c",
        prefixes=["UNLOGGED"],
        postgresql_tablespace="fast",
        mysql_engine="InnoDB",
        mariadb_engine="InnoDB",
    )
    operation = CreateTable(read_table(table), if_not_exists=True)

    assert said(operation, dialect_named("postgresql")) == [
        "CREATE UNLOGGED TABLE IF NOT EXISTS t ( id BIGSERIAL NOT NULL, a VARCHAR(5),"
        " PRIMARY KEY (id) ) TABLESPACE fast",
        "CREATE INDEX IF NOT EXISTS ix_t_a ON t (a)",
        "COMMENT ON TABLE t IS 'c'",
        "COMMENT ON COLUMN t.a IS '5%'",
    ]
    table_text, index_text = said(operation, dialect_named("mariadb"))
    columns, _, options = table_text.rpartition(")")
    assert columns == (
        "CREATE UNLOGGED TABLE IF NOT EXISTS t ( id BIGINT NOT NULL AUTO_INCREMENT,"
        " a VARCHAR(5) COMMENT '5%', PRIMARY KEY (id) "
    )
    # SQLAlchemy 2.0 has them in the order of a set.
    assert sorted(options.split()) == ["COMMENT='c'", "ENGINE=InnoDB"]
    assert index_text == "CREATE INDEX IF NOT EXISTS ix_t_a ON t (a)"


def test_the_naming_convention_names_what_has_no_name() -> None:
    convention = {
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
    dialect = dialect_named("postgresql", convention)
    unique = AddConstraint(T, Unique(None, ("a",)))
    check = DropConstraint(T, "positive", Check)
    final = DropConstraint(T, sa.schema.conv("positive"), Check)
    new_index = CreateIndex(T, Index(None, ("a",)))

    assert said(unique, dialect) == ["ALTER TABLE t ADD CONSTRAINT uq_t_a UNIQUE (a)"]
    assert said(unique.reversed(), dialect) == ["ALTER TABLE t DROP CONSTRAINT uq_t_a"]
    assert said(check, dialect) == ["ALTER TABLE t DROP CONSTRAINT ck_t_positive"]
    assert said(final, dialect) == ["ALTER TABLE t DROP CONSTRAINT positive"]
    assert said(new_index, dialect) == ["CREATE INDEX ix_t_a ON t (a)"]
    assert said(new_index.reversed(), dialect) == ["DROP INDEX ix_t_a"]


def test_an_enum_is_created_once_in_a_run_that_has_no_database() -> None:
    dialect = dialect_named("postgresql")
    enum = sa.Enum("a", name="e")
    table = sa.Table("u", sa.MetaData(), sa.Column("c", sa.ARRAY(enum)))
    create = CreateTable(read_table(table))

    assert said(create, dialect) == [
        "CREATE TYPE e AS ENUM ('a')",
        "CREATE TABLE u ( c e[] )",
    ]
    assert said(add_column(sa.Column("c", enum)), dialect) == [
        "ALTER TABLE t ADD COLUMN c e"
    ]

    said(DropEnum("e"), dialect)

    assert said(add_column(sa.Column("c", enum)), dialect) == [
        "CREATE TYPE e AS ENUM ('a')",
        "ALTER TABLE t ADD COLUMN c e",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TYPE e AS ENUM ('a')",
        "create type \"e\" as enum ('a'); SELECT 1",
        "DROP TYPE IF EXISTS other; CREATE DOMAIN e AS int",
    ],
)
def test_a_type_that_a_script_creates_itself_is_not_created_again(
    statement: str,
) -> None:
    dialect = dialect_named("postgresql")

    said(ExecuteSql(statement), dialect)

    assert said(add_column(sa.Column("c", sa.Enum("a", name="e"))), dialect) == [
        "ALTER TABLE t ADD COLUMN c e"
    ]


def test_an_enum_that_says_so_is_never_created() -> None:
    enum = postgresql.ENUM("a", name="e", create_type=False)

    assert said(add_column(sa.Column("c", enum)), dialect_named("postgresql")) == [
        "ALTER TABLE t ADD COLUMN c e"
    ]


def test_an_index_made_concurrently_is_outside_of_transactions() -> None:
    operation = index("a", postgresql_concurrently=True)
    dialect = dialect_named("postgresql")
    made = list(dialect.statements(operation, None))
    dropped = list(dialect.statements(operation.reversed(), None))

    assert [each.transactional for each in made + dropped] == [False, False]
    assert dialect.text(made[0]) == "CREATE INDEX CONCURRENTLY i ON t (a)"
    assert dialect.text(dropped[0]) == "DROP INDEX CONCURRENTLY i"


def test_an_index_of_a_new_table_is_never_made_concurrently() -> None:
    column = sa.Column("a", sa.Integer)
    table = sa.Table("t", sa.MetaData(), column)
    sa.Index("i", column, postgresql_concurrently=True)
    statements = list(
        dialect_named("postgresql").statements(CreateTable(read_table(table)), None)
    )

    assert all(statement.transactional for statement in statements)


def test_a_comment_at_the_end_does_not_swallow_what_ends_the_statement() -> None:
    assert (
        dialect_named("postgresql")
        .text(
            next(
                dialect_named("postgresql").statements(
                    ExecuteSql("SELECT 1 -- x"), None
                )
            )
        )
        .endswith("\n")
    )
