"""The functions of ``op`` that do more than name an operation, on each database."""

from __future__ import annotations

import logging
import textwrap
from collections.abc import Callable
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from flask_migrations_ext import op
from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.errors import DataAtRisk
from flask_migrations_ext.errors import InvalidArgument
from flask_migrations_ext.errors import NeedsDatabase
from flask_migrations_ext.errors import UnknownFunction
from flask_migrations_ext.errors import UnsupportedOperation
from flask_migrations_ext.execution.async_bridge import awaited
from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.executor import DatabaseExecutor
from flask_migrations_ext.operations.columns import AlterColumn
from flask_migrations_ext.operations.columns import ColumnFacts
from flask_migrations_ext.operations.constraints import AddConstraint
from flask_migrations_ext.operations.constraints import DropConstraint
from flask_migrations_ext.operations.sql import ExecuteSql
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import RenameTable
from flask_migrations_ext.schema.from_sqlalchemy import read_table
from flask_migrations_ext.schema.model import Computed
from flask_migrations_ext.schema.model import Exclude
from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import Identity
from flask_migrations_ext.schema.model import ServerDefault
from flask_migrations_ext.schema.model import Table
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.to_sqlalchemy import SQLAlchemyBuilder
from tests.needs import needs_sqlalchemy

from .scripts import carried_out
from .scripts import recorded
from .scripts import sa_dialect
from .scripts import Script
from .scripts import steps
from .scripts import text_executor
from .scripts import written

T = TableName("t")
SERVERS_AS_TEXT = ("postgresql", "mysql", "mariadb", "mssql", "oracle")


def columns_of(engine: sa.Engine, table: str = "t") -> dict[str, Any]:
    return {each["name"]: each for each in sa.inspect(engine).get_columns(table)}


def table_in(engine: sa.Engine) -> Table:
    with engine.connect() as connection:
        rules = rules_for(connection.dialect, connection)
        return rules.read_database(connection).by_name[T]


def rows_of(engine: sa.Engine, sql: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(sql))]


def refusal(engine: sa.Engine, sql: str) -> bool:
    """Return whether a database refuses a statement because of a constraint."""
    with engine.connect() as connection:
        try:
            connection.execute(sa.text(sql))
        except (sa.exc.IntegrityError, sa.exc.OperationalError, sa.exc.DataError):
            return True

    return False


# -- exclude constraints ---------------------------------------------------


def test_an_exclude_constraint_is_a_value() -> None:
    said = recorded(
        lambda: op.create_exclude_constraint(
            "ex",
            "t",
            ("room", "="),
            (sa.column("span"), "&&"),
            (sa.func.lower(sa.column("word")), "="),
            where="room > 1",
            schema="s",
            deferrable=True,
            initially="DEFERRED",
            ops={"room": "int4_ops"},
        )
    )

    elements: Any = (("room", "="), ("span", "&&"), (Expression("lower(word)"), "="))
    exclude = Exclude(
        "ex",
        elements,
        where=Expression("room > 1"),
        deferrable=True,
        initially="DEFERRED",
        ops=(("room", "int4_ops"),),
    )
    assert said == [AddConstraint(TableName("t", "s"), exclude)]
    assert said[0].reversed() == DropConstraint(
        TableName("t", "s"), "ex", Exclude, was=exclude
    )


def test_an_exclude_constraint_of_a_table_is_read_and_built() -> None:
    table = sa.Table(
        "t",
        sa.MetaData(),
        sa.Column("room", sa.Integer),
        sa.Column("span", postgresql.INT4RANGE),
        postgresql.ExcludeConstraint(
            (sa.column("room"), "="),
            ("span", "&&"),
            (sa.text("(room + 1)"), "<>"),
            name="ex",
            where=sa.text("room > 1"),
            ops={"span": "range_ops"},
        ),
    )
    value = read_table(table)
    builder = SQLAlchemyBuilder(sa_dialect("postgresql"))

    assert [type(each) for each in value.constraints] == [Exclude]
    assert value.constraints[0].mentioned == ("room", "span")
    assert value.of_kind(Exclude)[0].ops == (("span", "range_ops"),)
    assert read_table(builder.table(value)) == value


def test_an_exclude_constraint_excludes(postgresql_engine: sa.Engine) -> None:
    span = sa.Column("span", postgresql.INT4RANGE)
    carried_out(
        steps(
            lambda: op.create_table("t", span),
            lambda: op.create_exclude_constraint(
                "ex", "t", ("span", "&&"), where="lower(span) > 0"
            ),
        ),
        postgresql_engine,
    )
    with postgresql_engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO t VALUES ('[1,5)'), ('[0,2)')"))

    assert refusal(postgresql_engine, "INSERT INTO t VALUES ('[4,9)')")
    with pytest.raises(UnsupportedOperation):
        written(lambda: op.create_exclude_constraint("ex", "t", ("a", "=")), "mysql")

    carried_out(
        lambda: op.drop_constraint("ex", "t", type_="exclude"), postgresql_engine
    )
    assert not refusal(postgresql_engine, "INSERT INTO t VALUES ('[4,9)')")


def test_an_exclude_constraint_in_a_block() -> None:
    def script() -> None:
        with op.batch_alter_table("t") as batch_op:
            batch_op.create_exclude_constraint("ex", ("a", "="), using="btree")

    exclude = Exclude("ex", (("a", "="),), using="btree")
    assert recorded(script) == [AlterTable(T, (AddConstraint(T, exclude),))]


@pytest.mark.parametrize("name", [*SERVERS_AS_TEXT[1:]])
def test_others_refuse_an_exclude_constraint(name: str) -> None:
    exclude = postgresql.ExcludeConstraint(("a", "="))
    scripts: list[Script] = [
        lambda: op.create_exclude_constraint("ex", "t", ("a", "=")),
        lambda: op.create_table("t", sa.Column("a", sa.Integer), exclude),
    ]
    for script in scripts:
        with pytest.raises(UnsupportedOperation, match="exclude"):
            written(script, name)


def test_sqlite_refuses_an_exclude_constraint(sqlite_engine: sa.Engine) -> None:
    carried_out(lambda: op.create_table("t", sa.Column("a", sa.Integer)), sqlite_engine)

    with pytest.raises(UnsupportedOperation, match="Exclude"):
        carried_out(
            lambda: op.create_exclude_constraint("ex", "t", ("a", "=")), sqlite_engine
        )


@pytest.mark.parametrize("element", ["a", ("a",), ("a", "=", "b")])
def test_an_element_is_a_pair(element: Any) -> None:
    with pytest.raises(InvalidArgument, match="pairs"):
        recorded(lambda: op.create_exclude_constraint("ex", "t", element))


# -- columns that the database fills ---------------------------------------

ALWAYS = sa.Identity(always=True, start=5, increment=2)
SUM = sa.Computed("a + 1", persisted=True)
IDENTITY = Identity(True, (("increment", 2), ("start", 5)))
COMPUTED = Computed(Expression("a + 1"), True)
DEFAULT = ServerDefault.of("x")

# server_default, existing_server_default, what becomes, what was.
GENERATED: list[tuple[Any, Any, ColumnFacts, ColumnFacts]] = [
    (ALWAYS, False, ColumnFacts(identity=IDENTITY), ColumnFacts()),
    (ALWAYS, None, ColumnFacts(identity=IDENTITY), ColumnFacts(identity=None)),
    (
        ALWAYS,
        "x",
        ColumnFacts(identity=IDENTITY, default=None),
        ColumnFacts(default=DEFAULT, identity=None),
    ),
    (None, ALWAYS, ColumnFacts(identity=None), ColumnFacts(identity=IDENTITY)),
    (
        "x",
        ALWAYS,
        ColumnFacts(default=DEFAULT, identity=None),
        ColumnFacts(identity=IDENTITY, default=None),
    ),
    (SUM, False, ColumnFacts(computed=COMPUTED), ColumnFacts()),
    (None, SUM, ColumnFacts(computed=None), ColumnFacts(computed=COMPUTED)),
    ("x", None, ColumnFacts(default=DEFAULT), ColumnFacts(default=None)),
    (None, "x", ColumnFacts(default=None), ColumnFacts(default=DEFAULT)),
    (False, ALWAYS, ColumnFacts(), ColumnFacts(identity=IDENTITY)),
    (None, False, ColumnFacts(default=None), ColumnFacts()),
    (sa.FetchedValue(), False, ColumnFacts(), ColumnFacts()),
]


@pytest.mark.parametrize(("given", "existing", "becomes", "was"), GENERATED)
def test_server_default_says_three_things(
    given: Any, existing: Any, becomes: ColumnFacts, was: ColumnFacts
) -> None:
    said = recorded(
        lambda: op.alter_column(
            "t", "c", server_default=given, existing_server_default=existing
        )
    )

    assert said == [AlterColumn(T, "c", becomes=becomes, was=was)]


POSTGRESQL_TEXTS: list[tuple[Any, Any, list[str]]] = [
    (
        ALWAYS,
        None,
        ["ADD GENERATED ALWAYS AS IDENTITY (INCREMENT BY 2 START WITH 5)"],
    ),
    (ALWAYS, "x", ["DROP DEFAULT", "ADD GENERATED ALWAYS AS IDENTITY (INCREMENT BY 2"]),
    (
        sa.Identity(always=False, start=7, cycle=True),
        ALWAYS,
        ["SET GENERATED BY DEFAULT SET CYCLE SET INCREMENT BY 1 SET START WITH 7"],
    ),
    (ALWAYS, ALWAYS, []),
    (None, ALWAYS, ["DROP IDENTITY"]),
    ("x", ALWAYS, ["DROP IDENTITY", "SET DEFAULT 'x'"]),
    (None, SUM, ["DROP EXPRESSION"]),
    (sa.Computed("a"), SUM, ["SET EXPRESSION AS (a)"]),
]


@pytest.mark.parametrize(("given", "existing", "actions"), POSTGRESQL_TEXTS)
def test_what_postgresql_is_told(given: Any, existing: Any, actions: list[str]) -> None:
    said = written(
        lambda: op.alter_column(
            "t", "c", server_default=given, existing_server_default=existing
        ),
        "postgresql",
    )

    prefix = "ALTER TABLE t ALTER COLUMN c "
    assert len(said) == len(actions)
    for text, action in zip(said, actions, strict=True):
        assert text.startswith(prefix + action)


def test_postgresql_counts_from_another_place(postgresql_engine: sa.Engine) -> None:
    """As an identity, as another one that nobody says it was, and no more."""
    number = sa.Column("c", sa.Integer, nullable=False, server_default="1")
    carried_out(
        steps(
            lambda: op.create_table("t", sa.Column("a", sa.Integer), number),
            lambda: op.alter_column(
                "t", "c", server_default=ALWAYS, existing_server_default="1"
            ),
        ),
        postgresql_engine,
    )
    added = columns_of(postgresql_engine)["c"]["identity"]
    carried_out(
        lambda: op.alter_column("t", "c", server_default=sa.Identity(increment=3)),
        postgresql_engine,
    )
    changed = columns_of(postgresql_engine)["c"]["identity"]
    carried_out(
        lambda: op.alter_column(
            "t", "c", server_default="9", existing_server_default=sa.Identity()
        ),
        postgresql_engine,
    )
    dropped = columns_of(postgresql_engine)["c"]

    assert (added["always"], added["start"], added["increment"]) == (True, 5, 2)
    assert (changed["always"], changed["increment"]) == (False, 3)
    assert dropped.get("identity") is None
    assert dropped["default"] == "9"


def test_postgresql_stops_computing(postgresql_engine: sa.Engine) -> None:
    carried_out(
        steps(
            lambda: op.create_table(
                "t", sa.Column("a", sa.Integer), sa.Column("c", sa.Integer, SUM)
            ),
            lambda: op.execute("INSERT INTO t (a) VALUES (1)"),
            lambda: op.alter_column(
                "t", "c", server_default=None, existing_server_default=SUM
            ),
        ),
        postgresql_engine,
    )

    assert "computed" not in columns_of(postgresql_engine)["c"]
    assert rows_of(postgresql_engine, "SELECT c FROM t") == [(2,)]


def test_mariadb_starts_and_stops_computing(mariadb_engine: sa.Engine) -> None:
    carried_out(
        steps(
            lambda: op.create_table(
                "t",
                sa.Column("a", sa.Integer),
                sa.Column("c", sa.Integer, server_default="7"),
            ),
            lambda: op.execute("INSERT INTO t (a) VALUES (1)"),
            lambda: op.alter_column(
                "t", "c", server_default=SUM, existing_server_default="7"
            ),
        ),
        mariadb_engine,
    )
    computed = columns_of(mariadb_engine)["c"]["computed"]
    row = rows_of(mariadb_engine, "SELECT c FROM t")
    carried_out(
        lambda: op.alter_column(
            "t", "c", server_default=None, existing_server_default=SUM
        ),
        mariadb_engine,
    )

    assert computed["persisted"]
    assert row == [(2,)]
    assert "computed" not in columns_of(mariadb_engine)["c"]
    assert rows_of(mariadb_engine, "SELECT c FROM t") == [(2,)]


@needs_sqlalchemy("2.0.32", "reads the expression of a column behind which it ends")
def test_sqlite_starts_and_stops_computing(sqlite_engine: sa.Engine) -> None:
    carried_out(
        steps(
            lambda: op.create_table(
                "t",
                sa.Column("a", sa.Integer),
                sa.Column("c", sa.Integer, server_default="7"),
            ),
            lambda: op.execute("INSERT INTO t (a, c) VALUES (1, NULL)"),
            lambda: op.alter_column(
                "t", "c", server_default=SUM, existing_server_default="7"
            ),
        ),
        sqlite_engine,
    )
    computed = columns_of(sqlite_engine)["c"]["computed"]
    row = rows_of(sqlite_engine, "SELECT c FROM t")
    carried_out(
        lambda: op.alter_column(
            "t", "c", server_default=None, existing_server_default=SUM
        ),
        sqlite_engine,
    )

    assert computed == {"sqltext": "a + 1", "persisted": True}
    assert row == [(2,)]
    assert "computed" not in columns_of(sqlite_engine)["c"]
    assert rows_of(sqlite_engine, "SELECT c FROM t") == [(2,)]


def test_sqlite_keeps_values_from_being_computed_over(
    sqlite_engine: sa.Engine,
) -> None:
    carried_out(
        steps(
            lambda: op.create_table(
                "t", sa.Column("a", sa.Integer), sa.Column("c", sa.Integer)
            ),
            lambda: op.execute("INSERT INTO t (a, c) VALUES (1, 50)"),
        ),
        sqlite_engine,
    )

    with pytest.raises(DataAtRisk):
        carried_out(
            lambda: op.alter_column("t", "c", server_default=SUM), sqlite_engine
        )


def test_sqlite_counts_in_its_key_alone(sqlite_engine: sa.Engine) -> None:
    carried_out(
        steps(
            lambda: op.create_table(
                "t",
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("c", sa.Integer),
            ),
            lambda: op.alter_column("t", "id", server_default=sa.Identity()),
        ),
        sqlite_engine,
    )

    with pytest.raises(UnsupportedOperation, match="identity"):
        carried_out(
            lambda: op.alter_column("t", "c", server_default=ALWAYS), sqlite_engine
        )


@pytest.mark.parametrize(
    ("name", "given", "existing"),
    [
        ("postgresql", SUM, "x"),
        ("postgresql", SUM, None),
        ("mysql", ALWAYS, False),
        ("mariadb", ALWAYS, None),
    ],
)
def test_what_generates_no_column_is_refused(
    name: str, given: Any, existing: Any
) -> None:
    def script() -> None:
        op.alter_column(
            "t",
            "c",
            server_default=given,
            existing_server_default=existing,
            existing_type=sa.Integer(),
            existing_nullable=True,
        )

    with pytest.raises(UnsupportedOperation, match="add another column"):
        written(script, name)


# -- add_column ------------------------------------------------------------


def test_a_column_comes_with_all_it_declares(engine: sa.Engine) -> None:
    def script() -> None:
        op.create_table("p", sa.Column("id", sa.Integer, primary_key=True))
        op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))
        op.add_column(
            "t",
            sa.Column(
                "c",
                sa.Integer,
                sa.ForeignKey("p.id", name="fk_c", ondelete="CASCADE"),
                sa.CheckConstraint("c > 0", name="ck_c"),
                unique=True,
                comment="a column",
            ),
        )
        op.add_column("t", sa.Column("d", sa.Integer, index=True))

    carried_out(script, engine)
    inspector = sa.inspect(engine)
    (key,) = table_in(engine).of_kind(ForeignKey)
    indexes = {
        index["name"]: index["column_names"] for index in inspector.get_indexes("t")
    }

    # SQLite has the name in its text, where reflection does not find it.
    assert key.name == "fk_c" or engine.dialect.name == "sqlite"
    assert (key.referent.name, key.ondelete) == ("p", "CASCADE")
    assert [each["name"] for each in inspector.get_check_constraints("t")] == ["ck_c"]
    uniques = inspector.get_unique_constraints("t")
    assert [each["column_names"] for each in uniques] == [["c"]]
    assert indexes["ix_t_d"] == ["d"]
    if engine.dialect.supports_comments:
        assert columns_of(engine)["c"]["comment"] == "a column"


# -- the checks of types ---------------------------------------------------

TRUTH = sa.Boolean(create_constraint=True, name="truth")
COLOUR = sa.Enum(
    "red", "blue", name="colour", create_constraint=True, native_enum=False
)
CONVENTION = {"ck": "ck_%(table_name)s_%(constraint_name)s"}


def with_convention(script: Script, engine: sa.Engine) -> None:
    with engine.connect() as connection:
        dialect = dialect_for(connection.dialect, CONVENTION)
        executor = DatabaseExecutor(connection, dialect)
        with executor.transaction(), running(executor):
            script()


def test_the_check_of_a_type_goes_and_comes_with_it(engine: sa.Engine) -> None:
    def other() -> None:
        op.alter_column(
            "t", "c", type_=COLOUR, existing_type=sa.String(4), existing_nullable=True
        )

    def back() -> None:
        op.alter_column(
            "t", "c", type_=sa.String(9), existing_type=COLOUR, existing_nullable=True
        )

    insert = "INSERT INTO t (c) VALUES ('green')"
    with_convention(lambda: op.create_table("t", sa.Column("c", sa.String(4))), engine)
    with_convention(other, engine)
    checks = sa.inspect(engine).get_check_constraints("t")
    refused = refusal(engine, insert)
    with_convention(back, engine)

    assert [each["name"] for each in checks] == ["ck_t_colour"]
    assert refused
    assert sa.inspect(engine).get_check_constraints("t") == []
    assert not refusal(engine, insert)


@pytest.mark.parametrize("name", ["mysql", "mssql"])
def test_the_check_of_a_truth_value(name: str) -> None:
    said = written(
        lambda: op.alter_column(
            "t", "c", type_=sa.Integer(), existing_type=TRUTH, existing_nullable=True
        ),
        name,
        CONVENTION,
    )

    if name == "mysql":
        assert said[0] == "ALTER TABLE t DROP CHECK ck_t_truth;"
    else:
        # There BIT holds nothing else, and needs no check.
        assert said == ["ALTER TABLE t ALTER COLUMN c INTEGER NULL; GO"]


# -- words that nobody knows -----------------------------------------------

NEAR: list[tuple[Script, str | None]] = [
    (lambda: op.alter_column("t", "c", erxisting_type=sa.Integer()), "existing_type"),
    (lambda: op.alter_column("t", "c", existing_type_=sa.Integer()), "existing_type"),
    (lambda: op.alter_column("t", "c", postgres_using="c::int"), "postgresql_using"),
    (lambda: op.alter_column("t", "c", colour="red"), "passed over"),
    (lambda: op.drop_column("t", "c", mssql_drop_defualt=True), "mssql_drop_default"),
    (lambda: op.drop_column("t", "c", cascade=True), "passed over"),
    (lambda: op.alter_column("t", "c", postgresql_using="c::int"), None),
    (lambda: op.alter_column("t", "c", mysql_something="x"), None),
    (lambda: op.drop_column("t", "c", mssql_drop_check=True), None),
]


@pytest.mark.parametrize(("script", "said"), NEAR)
def test_a_misspelt_word_is_told_and_passed_over(
    script: Script, said: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "flask_migrations_ext"):
        recorded(script)

    if said is None:
        assert caplog.messages == []
    else:
        assert [said in message for message in caplog.messages] == [True]


def test_a_misspelt_function_is_told() -> None:
    with pytest.raises(UnknownFunction, match="did you mean 'add_column'"):
        op.ad_column  # type: ignore[attr-defined]  # noqa: B018

    assert not hasattr(op, "no_such_thing")


# -- if it is there, or not ------------------------------------------------


def test_what_is_there_is_not_made_again(engine: sa.Engine) -> None:
    def script() -> None:
        op.create_table("t", sa.Column("a", sa.Integer, index=True), if_not_exists=True)
        op.add_column("t", sa.Column("b", sa.Integer), if_not_exists=True)
        op.create_index("i", "t", ["b"], if_not_exists=True)

    carried_out(script, engine)
    carried_out(script, engine)

    assert list(columns_of(engine)) == ["a", "b"]
    assert {each["name"] for each in sa.inspect(engine).get_indexes("t")} == {
        "i",
        "ix_t_a",
    }


def test_what_is_not_there_is_not_dropped(engine: sa.Engine) -> None:
    def script() -> None:
        op.drop_constraint("uq", "t", type_="unique", if_exists=True)
        op.drop_index("i", "t", if_exists=True)
        op.drop_column("t", "b", if_exists=True)

    carried_out(
        steps(
            lambda: op.create_table(
                "t",
                sa.Column("a", sa.Integer),
                sa.Column("b", sa.Integer),
                sa.UniqueConstraint("a", name="uq"),
                sa.Index("i", "a"),
            )
        ),
        engine,
    )
    carried_out(script, engine)
    carried_out(script, engine)
    assert list(columns_of(engine)) == ["a"]

    carried_out(lambda: op.drop_table("t", if_exists=True), engine)
    carried_out(lambda: op.drop_table("t", if_exists=True), engine)
    assert not sa.inspect(engine).has_table("t")


A_COLUMN = sa.Column("c", sa.Integer)
CONDITIONAL: dict[str, Script] = {
    "create_table": lambda: op.create_table(
        "t", sa.Column("a", sa.Integer), if_not_exists=True
    ),
    "drop_table": lambda: op.drop_table("t", if_exists=True),
    "add_column": lambda: op.add_column("t", A_COLUMN, if_not_exists=True),
    "drop_column": lambda: op.drop_column("t", "c", if_exists=True),
    "create_index": lambda: op.create_index("i", "t", ["c"], if_not_exists=True),
    "drop_index": lambda: op.drop_index("i", "t", if_exists=True),
    "drop_constraint": lambda: op.drop_constraint(
        "uq", "t", type_="unique", if_exists=True
    ),
}


@pytest.mark.parametrize("verb", CONDITIONAL)
@pytest.mark.parametrize("name", SERVERS_AS_TEXT)
def test_sql_text_has_the_condition_or_is_refused(name: str, verb: str) -> None:
    if name == "mysql" and verb not in ("create_table", "drop_table"):
        with pytest.raises(UnsupportedOperation, match="leave out if_"):
            written(CONDITIONAL[verb], name)
        return

    said = " ".join(written(CONDITIONAL[verb], name))

    assert any(word in said for word in ("EXISTS", "IS NULL", "SQLCODE NOT IN"))


# -- options of one kind of database ---------------------------------------

OPTIONS: list[Any] = [
    (
        "postgresql",
        lambda: op.create_index(
            "i",
            "t",
            ["a", sa.text("lower(b)")],
            unique=True,
            postgresql_using="btree",
            postgresql_ops={"a": "text_pattern_ops"},
            postgresql_with={"fillfactor": 50},
            postgresql_include=["c"],
            postgresql_nulls_not_distinct=True,
            postgresql_where=sa.text("a > 'x:y'"),
            mysql_length=5,
        ),
        "CREATE UNIQUE INDEX i ON t USING btree (a text_pattern_ops, lower(b))"
        " INCLUDE (c) NULLS NOT DISTINCT WITH (fillfactor = 50)"
        " WHERE a > 'x:y';",
    ),
    (
        "postgresql",
        lambda: op.create_index("i", "t", ["a"], postgresql_concurrently=True),
        "CREATE INDEX CONCURRENTLY i ON t (a);",
    ),
    (
        "postgresql",
        lambda: op.drop_index("i", "t", postgresql_concurrently=True, if_exists=True),
        "DROP INDEX CONCURRENTLY IF EXISTS i;",
    ),
    (
        "postgresql",
        lambda: op.create_check_constraint(
            "ck", "t", "a > 0", postgresql_not_valid=True
        ),
        "ALTER TABLE t ADD CONSTRAINT ck CHECK (a > 0) NOT VALID;",
    ),
    (
        "postgresql",
        lambda: op.create_foreign_key(
            "fk", "t", "u", ["a"], ["id"], postgresql_not_valid=True
        ),
        "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY(a) REFERENCES u (id) NOT VALID;",
    ),
    (
        "postgresql",
        lambda: op.create_unique_constraint(
            "uq",
            "t",
            ["a"],
            deferrable=True,
            initially="DEFERRED",
            postgresql_nulls_not_distinct=True,
        ),
        "ALTER TABLE t ADD CONSTRAINT uq UNIQUE NULLS NOT DISTINCT (a)"
        " DEFERRABLE INITIALLY DEFERRED;",
    ),
    pytest.param(
        "postgresql",
        lambda: op.create_unique_constraint("uq", "t", ["a"], postgresql_include=["b"]),
        "ALTER TABLE t ADD CONSTRAINT uq UNIQUE (a) INCLUDE (b);",
        marks=needs_sqlalchemy("2.0.41", "INCLUDE of constraints"),
    ),
    (
        "postgresql",
        lambda: op.alter_column(
            "t", "c", type_=sa.Integer(), postgresql_using="c::integer"
        ),
        "ALTER TABLE t ALTER COLUMN c TYPE INTEGER USING c::integer;",
    ),
    (
        "mysql",
        lambda: op.create_index(
            "i",
            "t",
            ["a", "b"],
            mysql_length={"a": 5},
            mysql_prefix="FULLTEXT",
            mysql_using="hash",
            postgresql_where=sa.text("a > 5"),
        ),
        "CREATE FULLTEXT INDEX i ON t (a(5), b) USING hash;",
    ),
    (
        "mariadb",
        lambda: op.create_index("i", "t", ["a"], mariadb_length=5),
        "CREATE INDEX i ON t (a(5));",
    ),
    (
        "mysql",
        lambda: op.create_table("t", sa.Column("a", sa.Integer), mysql_engine="MyISAM"),
        "CREATE TABLE t ( a INTEGER )ENGINE=MyISAM;",
    ),
    (
        "mssql",
        lambda: op.create_unique_constraint("uq", "t", ["a"], mssql_clustered=True),
        "ALTER TABLE t ADD CONSTRAINT uq UNIQUE CLUSTERED (a); GO",
    ),
    (
        "oracle",
        lambda: op.create_index("i", "t", ["a"], oracle_bitmap=True),
        "CREATE BITMAP INDEX i ON t (a) /",
    ),
]


@pytest.mark.parametrize(("name", "script", "said"), OPTIONS)
def test_an_option_reaches_its_database_alone(
    name: str, script: Script, said: str
) -> None:
    assert written(script, name) == [said]


@needs_sqlalchemy("2.0.37", "STRICT tables")
def test_a_partial_index_of_sqlite(sqlite_engine: sa.Engine) -> None:
    carried_out(
        steps(
            lambda: op.create_table(
                "t", sa.Column("a", sa.String), sqlite_strict=False
            ),
            lambda: op.create_index("i", "t", ["a"], sqlite_where=sa.text("a > 'x:y'")),
        ),
        sqlite_engine,
    )
    text = rows_of(sqlite_engine, "SELECT sql FROM sqlite_master WHERE name = 'i'")

    assert text == [("CREATE INDEX i ON t (a) WHERE a > 'x:y'",)]


# -- tables ----------------------------------------------------------------


def test_the_table_that_is_made_takes_rows(engine: sa.Engine) -> None:
    def script() -> None:
        made = op.create_table(
            "t",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("word", sa.String(20), default="none"),
            sa.Column("when", sa.Date),
        )
        op.bulk_insert(made, [{"id": 1, "word": "it's :x 5%"}, {"id": 2}])
        op.bulk_insert(
            made,
            [
                {"id": op.inline_literal(3), "word": op.inline_literal("a:b")},
                {"id": 4, "word": sa.func.lower("ABC")},
            ],
            multiinsert=False,
        )

    carried_out(script, engine)

    assert rows_of(engine, "SELECT id, word FROM t ORDER BY id") == [
        (1, "it's :x 5%"),
        (2, "none"),
        (3, "a:b"),
        (4, "abc"),
    ]


def test_an_inline_literal_is_in_the_text(engine: sa.Engine) -> None:
    statements: list[str] = []
    words = sa.table("t", sa.column("a", sa.String))
    sa.event.listen(
        engine, "before_cursor_execute", lambda *each: statements.append(each[2])
    )
    carried_out(
        steps(
            lambda: op.create_table("t", sa.Column("a", sa.String(20))),
            lambda: op.execute(
                words.insert().values(a=op.inline_literal("it's", sa.String()))
            ),
        ),
        engine,
    )

    assert any("'it''s'" in statement for statement in statements)


@pytest.fixture
def heard() -> Iterator[list[tuple[str, str, str]]]:
    """Return what listeners of all tables hear of the tables that are not theirs."""
    found: list[tuple[str, str, str]] = []
    listeners: list[tuple[str, Callable[..., None]]] = []
    for event in ("before_create", "after_create", "before_drop", "after_drop"):

        def listen(
            table: sa.Table, connection: sa.Connection, *, event: str = event, **_: Any
        ) -> None:
            there = sa.inspect(connection).has_table(table.name)
            found.append((event, str(table.name), "there" if there else "not there"))

        listeners.append((event, listen))
        sa.event.listen(sa.Table, event, listen)

    yield found

    for event, listen in listeners:
        sa.event.remove(sa.Table, event, listen)


def test_who_listens_to_all_tables_is_told(
    engine: sa.Engine, heard: list[tuple[str, str, str]]
) -> None:
    column: sa.Column[str] = sa.Column("a", sa.Enum("x", name="e"))
    carried_out(
        steps(lambda: op.create_table("t", column), lambda: op.drop_table("t")), engine
    )

    assert heard == [
        ("before_create", "t", "not there"),
        ("after_create", "t", "there"),
        ("before_drop", "t", "there"),
        ("after_drop", "t", "not there"),
    ]


def test_nobody_is_told_of_text(heard: list[tuple[str, str, str]]) -> None:
    written(lambda: op.create_table("t", sa.Column("a", sa.Integer)), "postgresql")

    assert heard == []


# -- around ----------------------------------------------------------------


def test_an_operation_is_invoked() -> None:
    def script() -> None:
        op.invoke(RenameTable(T, "u"))
        with op.batch_alter_table("u") as batch_op:
            batch_op.invoke(ExecuteSql("SELECT 1"))
            batch_op.alter_column("a", nullable=True)

    assert [type(each) for each in recorded(script)] == [
        RenameTable,
        ExecuteSql,
        AlterTable,
    ]


@pytest.mark.parametrize("given", [None, "SELECT 1", RenameTable])
def test_only_an_operation_is_invoked(given: Any) -> None:
    with pytest.raises(InvalidArgument, match="'operation' takes"):
        recorded(lambda: op.invoke(given))


def test_a_literal_in_a_block_is_the_same() -> None:
    def script() -> None:
        with op.batch_alter_table("t") as batch_op:
            literal = batch_op.inline_literal("x", sa.String())
            assert literal.compare(op.inline_literal("x", sa.String()))
            assert batch_op.f("x") == "x"

    recorded(script)


def test_what_is_known_of_a_run(engine: sa.Engine) -> None:
    def script() -> None:
        context = op.get_context()

        assert context.bind is op.get_bind()
        assert context.connection is context.bind
        assert not context.as_sql
        assert context.dialect.name == engine.dialect.name

    carried_out(script, engine)


def test_what_is_known_of_text() -> None:
    with running(text_executor("oracle")):
        context = op.get_context()

        assert context.bind is context.connection is op.get_bind()
        assert context.as_sql
        assert context.dialect.name == op.get_bind().dialect.name == "oracle"


async def answer(connection: Any, number: int, *, more: int = 0) -> int:
    found: int = await connection.scalar(sa.text(f"SELECT {number + more}"))
    return found


def test_a_coroutine_needs_an_asynchronous_driver(engine: sa.Engine) -> None:
    def script() -> None:
        with op.batch_alter_table("t") as batch_op:
            with pytest.raises(UnsupportedOperation, match="not an asynchronous one"):
                batch_op.run_async(answer, 1)

        op.run_async(answer, 1)

    with pytest.raises(UnsupportedOperation, match="run a coroutine"):
        carried_out(script, engine)


def test_a_coroutine_needs_a_database() -> None:
    with pytest.raises(NeedsDatabase):
        recorded(lambda: op.run_async(answer, 1))


@pytest.mark.skipif(
    find_spec("greenlet") is not None or sa.__version__.startswith("2.0"),
    reason="SQLAlchemy has what it needs, or says it another way",
)
def test_without_greenlet_it_says_what_to_install(sqlite_engine: sa.Engine) -> None:
    with sqlite_engine.connect() as connection:
        connection.dialect.is_async = True

        with pytest.raises(UnsupportedOperation, match="pip install"):
            awaited(connection, answer, 1)


def test_a_coroutine_runs_on_the_connection(tmp_path: Any) -> None:
    pytest.importorskip("greenlet")
    pytest.importorskip("aiosqlite")
    import asyncio

    from sqlalchemy.ext.asyncio import create_async_engine

    def migrate(connection: sa.Connection) -> int:
        executor = DatabaseExecutor(connection, dialect_for(connection.dialect))
        with running(executor):
            found: int = op.run_async(answer, 40, more=2)
        return found

    async def run() -> int:
        engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'x'}")
        async with engine.connect() as connection:
            result = await connection.run_sync(migrate)
        await engine.dispose()
        return result

    assert asyncio.run(run()) == 42


def test_a_final_name_follows_no_convention() -> None:
    convention = {"uq": "uq_%(table_name)s_%(column_0_name)s", **CONVENTION}

    def script() -> None:
        op.create_unique_constraint(None, "t", ["a"])
        op.create_check_constraint("positive", "t", "a > 0")
        op.create_check_constraint(op.f("positive"), "t", "a > 0")

    said = written(script, "postgresql", convention)

    assert [each.split()[5] for each in said] == [
        "uq_t_a",
        "ck_t_positive",
        "positive",
    ]


def test_sqlalchemys_dialects_need_no_driver() -> None:
    assert sa_dialect("mssql").name == "mssql"


# -- written and run again -------------------------------------------------


def excluding() -> None:
    op.create_table(
        "t",
        sa.Column("a", postgresql.INT4RANGE()),
        postgresql.ExcludeConstraint(
            ("a", "&&"),
            (sa.text("lower(a)"), "="),
            name="ex",
            where=sa.text("a > 'x\\:y'"),
            ops={"a": "range_ops"},
        ),
    )
    op.create_exclude_constraint(
        op.f("ex"), "t", ("a", "&&"), schema="s", where="a > 'x:y'", deferrable=False
    )
    op.drop_constraint("ex", "t", type_="exclude")


def generating() -> None:
    for given, existing, _, _ in GENERATED:
        op.alter_column(
            "t", "c", server_default=given, existing_server_default=existing
        )


@pytest.mark.parametrize("script", [excluding, generating])
def test_what_is_rendered_says_the_same(script: Script) -> None:
    said = recorded(script)
    body = render(said, RenderOptions(render_as_batch=False))
    names = {"op": op, "sa": sa, "postgresql": postgresql}
    text = textwrap.dedent(body.text)

    assert recorded(lambda: exec(text, names)) == said
    assert all(describe(each) for each in said)
    assert set(body.imports) <= {"from sqlalchemy.dialects import postgresql"}


def test_what_can_be_undone_is_undone() -> None:
    """With what was there before, back and forth ends where it began."""
    for given, existing, becomes, was in GENERATED:
        operation = AlterColumn(T, "c", becomes=becomes, was=was)
        if existing is False or given is False:
            continue

        assert operation.reversed().reversed() == operation
