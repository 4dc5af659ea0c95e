"""``alembic.ddl``: databases and types that plug-ins bring along."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.alembic_compat.plugged import Plugged
from tests.alembic_compat.plugged import plugged

OWN_TYPE = """
import sqlalchemy as sa
from alembic.ddl.sqlite import SQLiteImpl


class Colour(sa.types.UserDefinedType):
    cache_ok = True

    def get_col_spec(self):
        return "COLOUR"


class OwnImpl(SQLiteImpl):
    __dialect__ = "sqlite"

    def render_type(self, type_obj, autogen_context):
        if isinstance(type_obj, Colour):
            autogen_context.imports.add("import models")
            return "models.Colour()"
        return super().render_type(type_obj, autogen_context)

    def compare_type(self, inspector_column, metadata_column):
        if isinstance(metadata_column.type, Colour):
            return False
        return super().compare_type(inspector_column, metadata_column)


metadata = sa.MetaData()
sa.Table("hat", metadata, sa.Column("size", sa.String({length})),
         sa.Column("colour", Colour))
"""


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    url = sa.make_url(f"sqlite:///{tmp_path / 'shop.db'}")
    return plugged(tmp_path / "app", url)


def test_a_plug_in_writes_and_compares_types_of_its_own(project: Plugged) -> None:
    project.models(OWN_TYPE.replace("{length}", "20"))
    text = project.migrate("a1")
    assert '"colour", models.Colour()' in text
    assert "import models" in text

    project.models(OWN_TYPE.replace("{length}", "30"))
    text = project.migrate("b2")
    assert "String(length=30)" in text
    assert "colour" not in text


ANOTHER = """
import sqlalchemy as sa
from alembic.ddl.impl import DefaultImpl
from alembic.ddl.postgresql import PostgresqlImpl
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg


class Crab(PGDialect_psycopg):
    name = "crab"
    supports_statement_cache = True


class CrabImpl(PostgresqlImpl):
    __dialect__ = "crab"
    transactional_ddl = False


written = []
connection = sa.create_mock_engine("postgresql://", written.append)
context = MigrationContext.configure(dialect=Crab(), opts={"as_sql": True})
impl = context.impl
assert type(impl) is CrabImpl, impl
assert impl.__dialect__ == "crab" and impl.as_sql
assert not impl.transactional_ddl
operations = Operations(context)
operations.add_column("hat", sa.Column("size", sa.String(9)))
impl.rename_table("hat", "cap")
impl.add_column("cap", sa.Column("shape", sa.Integer()))
"""


def test_a_plug_in_makes_a_database_known(project: Plugged) -> None:
    said = project.python(
        "import flask_migrations_ext.alembic_compat as compat\ncompat.install()\n"
        + ANOTHER
    )

    assert said.split("\n\n") == [
        "ALTER TABLE hat ADD COLUMN size VARCHAR(9);",
        "ALTER TABLE hat RENAME TO cap;",
        "ALTER TABLE cap ADD COLUMN shape INTEGER;",
        "",
    ]


STATEMENTS = """
import sqlalchemy as sa
from alembic.ddl import base
from sqlalchemy.ext.compiler import compiles

@compiles(base.AddColumn, "mysql")
def in_its_place(element, compiler, **kw):
    begin = base.alter_table(compiler, element.table_name, element.schema)
    return f"{begin} {base.add_column(compiler, element.column)} FIRST"

column = sa.Column("my size", sa.String(9))
for element, name in (
    (base.AddColumn("hat", column, schema="s"), "postgresql"),
    (base.AddColumn("hat", column), "mysql"),
    (base.DropColumn("hat", column), "postgresql"),
    (base.RenameTable("hat", "cap", schema="s"), "postgresql"),
    (base.ColumnNullable("hat", "size", False), "postgresql"),
    (base.ColumnType("hat", "size", sa.Integer()), "postgresql"),
    (base.ColumnName("hat", "size", "width"), "postgresql"),
    (base.ColumnDefault("hat", "size", "x"), "postgresql"),
    (base.ColumnDefault("hat", "size", None), "postgresql"),
):
    dialect = sa.dialects.registry.load(name)()
    print(element.compile(dialect=dialect))
"""


def test_statements_can_be_said_otherwise(project: Plugged) -> None:
    said = project.python(
        "import flask_migrations_ext.alembic_compat as compat\ncompat.install()\n"
        + STATEMENTS
    )

    assert said.splitlines() == [
        'ALTER TABLE s.hat ADD COLUMN "my size" VARCHAR(9)',
        "ALTER TABLE hat ADD COLUMN `my size` VARCHAR(9) FIRST",
        'ALTER TABLE hat DROP COLUMN "my size"',
        "ALTER TABLE s.hat RENAME TO cap",
        "ALTER TABLE hat ALTER COLUMN size SET NOT NULL",
        "ALTER TABLE hat ALTER COLUMN size TYPE INTEGER",
        "ALTER TABLE hat RENAME COLUMN size TO width",
        "ALTER TABLE hat ALTER COLUMN size SET DEFAULT 'x'",
        "ALTER TABLE hat ALTER COLUMN size DROP DEFAULT",
    ]


PLUGIN = """
import sys
import sqlalchemy as sa
from alembic.runtime.plugins import Plugin
from alembic.util import DispatchPriority
from alembic.util import PriorityDispatchResult

metadata = sa.MetaData()
sa.Table("hat", metadata, sa.Column("size", sa.String(20)))
calls = []


def setup(plugin):
    plugin.add_autogenerate_comparator(first, "schema", "hats")
    plugin.add_autogenerate_comparator(
        last, "schema", "hats", priority=DispatchPriority.LAST
    )


def first(autogen_context, upgrade_ops, schemas):
    calls.append("first")
    upgrade_ops.ops.clear()
    return PriorityDispatchResult.STOP


def last(autogen_context, upgrade_ops, schemas):
    raise AssertionError("the first one has ended it")


Plugin.setup_plugin_from_module(sys.modules[__name__], "shop.hats")
"""


def test_plug_ins_run_where_env_py_names_them(project: Plugged) -> None:
    project.models(PLUGIN)
    assert project.run(["check"]) != [""]

    project.env(options="autogenerate_plugins=['alembic.autogenerate.*', 'shop.*']")
    assert project.run(["check"]) == [""]

    project.env(options="autogenerate_plugins=['alembic.autogenerate.*', 'none']")
    assert "no plug-in 'none'" in project.run(["check"])[0]


OWN_PLUGINS = """
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table(
    "hat",
    metadata,
    sa.Column("size", sa.Integer, nullable=False, server_default="2", index=True),
)
"""

# What differs: a nullable, a type, a default, an index.
NAMED = {
    "alembic.*": "index nullable type default",
    "~alembic.autogenerate.constraints": "type default",
    "~alembic.autogenerate.types": "index nullable default",
    "~alembic.autogenerate.defaults": "index nullable type",
    "~alembic.autogenerate.comments": "index nullable type default",
    "~alembic.autogenerate.tables": "",
    "~alembic.*": "",
}


@pytest.mark.parametrize("named", NAMED)
def test_alembics_own_plug_ins_are_those_that_are_named(
    project: Plugged, named: str
) -> None:
    engine = sa.create_engine(project.url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE hat (size TEXT DEFAULT '1')"))
    engine.dispose()
    project.models(OWN_PLUGINS)
    project.env(
        options="compare_server_default=True,"
        f" autogenerate_plugins=['alembic.autogenerate.*', {named!r}]"
    )
    (said,) = project.run(["check"])

    words = {
        "index": "create index",
        "nullable": "not null",
        "type": "type from",
        "default": "default '2'",
    }
    found = [word for word, text in words.items() if text in said]
    assert found == NAMED[named].split()


OWN_ANSWERS = """
import sqlalchemy as sa
from alembic.ddl.impl import ComparisonResult
from alembic.ddl.sqlite import SQLiteImpl


class OwnImpl(SQLiteImpl):
    __dialect__ = "sqlite"

    def compare_server_default(self, inspector_column, metadata_column, *rendered):
        return super().compare_server_default(
            inspector_column, metadata_column, *rendered
        )

    def compare_{kind}(self, metadata, reflected):
        mine = super().compare_{kind}(metadata, reflected)
        assert mine.is_different and mine.message
        assert metadata.name == reflected.name == "of_size"
        return ComparisonResult.{answer}


metadata = sa.MetaData()
sa.Table("hat", metadata, sa.Column("size", sa.Integer, server_default="1"),
         sa.Column("age", sa.Integer), {element})
"""


@pytest.mark.parametrize("answer", ["Equal()", "Skip('?')", "Different('!')"])
@pytest.mark.parametrize(
    ("kind", "element"),
    [
        ("check_constraint", 'sa.CheckConstraint("size > 1", name="of_size")'),
        ("unique_constraint", 'sa.UniqueConstraint("age", name="of_size")'),
        ("indexes", 'sa.Index("of_size", "age")'),
    ],
)
def test_an_impl_says_whether_definitions_are_the_same(
    project: Plugged, kind: str, element: str, answer: str
) -> None:
    there = {
        "check_constraint": ", CONSTRAINT of_size CHECK (size > 0)",
        "unique_constraint": ", CONSTRAINT of_size UNIQUE (size)",
        "indexes": "",
    }[kind]
    engine = sa.create_engine(project.url)
    with engine.begin() as connection:
        columns = f"size INTEGER DEFAULT 1, age INTEGER {there}"
        connection.execute(sa.text(f"CREATE TABLE hat ({columns})"))
        if kind == "indexes":
            connection.execute(sa.text("CREATE INDEX of_size ON hat (size)"))
    engine.dispose()
    project.models(OWN_ANSWERS.format(kind=kind, element=element, answer=answer))
    project.env(options="compare_server_default=True")
    (said,) = project.run(["check"])

    assert ("of_size" in said) is answer.startswith("Different"), said
