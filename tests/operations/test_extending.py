"""Operations and databases from outside, as other packages bring them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import ClassVar

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from flask_migrations_ext import op
from flask_migrations_ext import register_dialect
from flask_migrations_ext import register_operation
from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.dialects import operation_registry
from flask_migrations_ext.dialects import registry
from flask_migrations_ext.dialects.dialect import Dialect
from flask_migrations_ext.dialects.dialect import Statement
from flask_migrations_ext.dialects.postgresql.comparison import PostgreSQLComparison
from flask_migrations_ext.dialects.postgresql.dialect import PostgreSQL
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.errors import Irreversible
from flask_migrations_ext.errors import UnsupportedDatabase
from flask_migrations_ext.errors import UnsupportedOperation
from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.text_executor import TextExecutor
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import RenameTable
from flask_migrations_ext.schema.model import TableName

from .scripts import carried_out
from .scripts import recorded
from .scripts import steps
from .scripts import written


@dataclass(frozen=True)
class CreateView(Operation):
    verb: ClassVar[str] = "create_view"
    name: str
    select: str
    kind: str = ""

    def reversed(self) -> Operation:
        return DropView(self.name)


@dataclass(frozen=True)
class DropView(Operation):
    verb: ClassVar[str] = "drop_view"
    name: str


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Register what is used here, and forget it afterwards."""
    for module, names in (
        (operation_registry, ("_COMPILERS", "_OPERATIONS")),
        (registry, ("_REGISTERED",)),
    ):
        for name in names:
            monkeypatch.setattr(module, name, dict(getattr(module, name)))

    @register_operation(CreateView)
    def say_create(
        operation: CreateView, dialect: Dialect, connection: sa.Connection | None
    ) -> Iterator[Statement]:
        name = dialect.quote(operation.name)
        yield dialect.raw(f"CREATE VIEW {name} AS {operation.select}")

    @register_operation(CreateView, "mysql", "oracle")
    def say_replace(
        operation: CreateView, dialect: Dialect, connection: sa.Connection | None
    ) -> Iterator[Statement]:
        name = dialect.quote(operation.name)
        yield dialect.raw(f"CREATE OR REPLACE VIEW {name} AS {operation.select}")

    @register_operation(DropView, "sqlite", "postgresql", "mysql")
    def say_drop(
        operation: DropView, dialect: Dialect, connection: sa.Connection | None
    ) -> Iterator[Statement]:
        yield dialect.raw(f"DROP VIEW {dialect.quote(operation.name)}")

    yield


# -- an operation ----------------------------------------------------------


def test_an_operation_from_outside_is_carried_out(engine: sa.Engine) -> None:
    carried_out(
        steps(
            lambda: op.create_table("t", sa.Column("a", sa.Integer)),
            lambda: op.create_view("order", "SELECT a FROM t"),  # type: ignore[attr-defined]  # known at run time
        ),
        engine,
    )
    there = sa.inspect(engine).get_view_names()
    carried_out(lambda: op.invoke(DropView("order")), engine)

    assert there == ["order"]
    assert sa.inspect(engine).get_view_names() == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("postgresql", "CREATE VIEW v AS SELECT 5 % 2;"),
        ("mysql", "CREATE OR REPLACE VIEW v AS SELECT 5 % 2;"),
        ("mariadb", "CREATE OR REPLACE VIEW v AS SELECT 5 % 2;"),
        ("mssql", "CREATE VIEW v AS SELECT 5 % 2; GO"),
        ("oracle", "CREATE OR REPLACE VIEW v AS SELECT 5 % 2 /"),
    ],
)
def test_each_database_says_it_its_own_way(name: str, said: str) -> None:
    assert written(lambda: op.invoke(CreateView("v", "SELECT 5 % 2")), name) == [said]


def test_a_database_that_has_no_way_to_say_it_refuses() -> None:
    with pytest.raises(UnsupportedOperation, match="Oracle cannot do 'drop_view'"):
        written(lambda: op.invoke(DropView("v")), "oracle")


def test_it_stands_in_a_block_in_its_place(engine: sa.Engine) -> None:
    def script() -> None:
        op.create_table("t", sa.Column("a", sa.Integer))
        with op.batch_alter_table("t") as batch_op:
            batch_op.add_column(sa.Column("b", sa.Integer))
            batch_op.invoke(CreateView("v", "SELECT b FROM t"))

    carried_out(script, engine)

    assert sa.inspect(engine).get_view_names() == ["v"]


def test_it_reverses_is_described_and_is_written_as_a_call() -> None:
    operation = CreateView("v", "SELECT 1")

    assert operation.reversed() == DropView("v")
    with pytest.raises(Irreversible):
        DropView("v").reversed()
    assert describe(operation) == "create view"
    text = render([operation]).text
    assert text == '    op.create_view(name="v", select="SELECT 1")'
    said = recorded(lambda: exec(text.strip(), {"op": op}))
    assert said == [operation]


def test_an_operation_of_ours_can_be_said_otherwise() -> None:
    @register_operation(RenameTable, "postgresql")
    def say(
        operation: RenameTable, dialect: Dialect, connection: sa.Connection | None
    ) -> Iterator[Statement]:
        yield dialect.raw(f"CALL rename({dialect.literal(operation.new_name)})")

    rename = RenameTable(TableName("t"), "u")

    assert written(lambda: op.invoke(rename), "postgresql") == ["CALL rename('u');"]
    assert written(lambda: op.invoke(rename), "mariadb") == [
        "ALTER TABLE t RENAME TO u;"
    ]
    block = AlterTable(TableName("t"), (rename,))
    assert written(lambda: op.invoke(block), "postgresql") == ["CALL rename('u');"]


# -- a database ------------------------------------------------------------


class ShopDialect(PGDialect_psycopg):
    """What a package for SQLAlchemy brings."""

    name = "shopdb"
    supports_statement_cache = True


def shop_dialect() -> sa.Dialect:
    kind: Any = ShopDialect
    return kind()  # type: ignore[no-any-return]  # its class is not typed


class ShopDB(PostgreSQL):
    name: ClassVar[str] = "shopdb"
    title: ClassVar[str] = "ShopDB"
    transactional_ddl: ClassVar[bool] = False

    def rename_table(
        self, operation: RenameTable, connection: sa.Connection | None
    ) -> Iterator[Statement]:
        yield self.raw(f"MOVE {self.table_text(operation.name)}")


def test_a_database_is_refused_until_it_is_registered() -> None:
    with pytest.raises(UnsupportedDatabase, match="'shopdb'.*'mssql', 'mysql'"):
        dialect_for(shop_dialect())

    register_dialect(ShopDB, comparison=PostgreSQLComparison)
    executor = TextExecutor(dialect_for(shop_dialect()), None)
    with running(executor), executor.transaction():
        op.rename_table("t", "u")
        op.create_check_constraint("ck", "t", "a > 0")

    assert executor.lines == [
        "MOVE t;\n",
        "ALTER TABLE t ADD CONSTRAINT ck CHECK (a > 0);\n",
    ]
    assert isinstance(rules_for(shop_dialect()), PostgreSQLComparison)


def test_a_registered_database_migrates(
    postgresql_engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here a server of PostgreSQL, under another name."""
    register_dialect(ShopDB)
    monkeypatch.setitem(sa.dialects.registry.impls, "shopdb", lambda: ShopDialect)
    url = postgresql_engine.url.set(drivername="shopdb")
    engine = sa.create_engine(url)
    carried_out(
        steps(
            lambda: op.create_table("t", sa.Column("a", sa.Integer, index=True)),
            lambda: op.alter_column("t", "a", type_=sa.String(5)),
        ),
        engine,
    )
    columns = sa.inspect(postgresql_engine).get_columns("t")
    engine.dispose()

    assert [str(each["type"]) for each in columns] == ["VARCHAR(5)"]


def test_an_installed_package_offers_its_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an entry point, without an import in the app."""
    (tmp_path / "shopdb_migrations.py").write_text(
        "from flask_migrations_ext.dialects.postgresql.dialect import PostgreSQL\n\n\n"
        "class FromPackage(PostgreSQL):\n"
        "    name = 'shopdb'\n"
        "    title = 'ShopDB'\n"
    )
    metadata = tmp_path / "shopdb_migrations-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: shopdb-migrations\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(
        "[flask_migrations_ext.dialects]\nshopdb = shopdb_migrations:FromPackage\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = dialect_for(shop_dialect())

    assert type(found).__name__ == "FromPackage"
    assert type(dialect_for(shop_dialect())) is type(found)
    sys.modules.pop("shopdb_migrations")


def test_what_is_registered_keeps_nothing_of_a_run() -> None:
    """Only classes and functions are shared; each run has a dialect of its own."""
    register_dialect(ShopDB)

    assert dialect_for(shop_dialect()) is not dialect_for(shop_dialect())


def test_the_older_names_of_a_comparison_still_register_it() -> None:
    from flask_migrations_ext.dialects.postgresql_meaning import PostgreSQLMeaning

    register_dialect(ShopDB, meaning=PostgreSQLMeaning)

    assert PostgreSQLMeaning is PostgreSQLComparison
    assert isinstance(rules_for(shop_dialect()), PostgreSQLComparison)


def test_a_database_like_postgresql_makes_indexes_as_it_does() -> None:
    """SQLAlchemy's words for them stay PostgreSQL's, whatever the name."""
    register_dialect(ShopDB)
    executor = TextExecutor(dialect_for(shop_dialect()), None)
    with running(executor), executor.transaction():
        op.create_index("i", "t", ["a"], postgresql_using="hash")

    assert executor.lines == ["CREATE INDEX i ON t USING hash (a);\n"]
