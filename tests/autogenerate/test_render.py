"""Which Python text an operation becomes."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import conv

from flask_migrations_ext.autogenerate import describe
from flask_migrations_ext.autogenerate.render import operations as render_operations
from flask_migrations_ext.autogenerate.render.script import Body
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.script import render_reversed
from flask_migrations_ext.autogenerate.render.script import UNNAMED_CONVENTION
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import AddColumn
from flask_migrations_ext.operations.columns import AlterColumn
from flask_migrations_ext.operations.columns import ColumnFacts
from flask_migrations_ext.operations.columns import DropColumn
from flask_migrations_ext.operations.constraints import AddConstraint
from flask_migrations_ext.operations.constraints import DropConstraint
from flask_migrations_ext.operations.enums import CreateEnum
from flask_migrations_ext.operations.enums import DropEnum
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.operations.indexes import DropIndex
from flask_migrations_ext.operations.rows import InsertRows
from flask_migrations_ext.operations.sql import ExecuteSql
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import CommentTable
from flask_migrations_ext.operations.tables import CreateTable
from flask_migrations_ext.operations.tables import DropTable
from flask_migrations_ext.operations.tables import RenameTable
from flask_migrations_ext.schema.from_sqlalchemy import read_column
from flask_migrations_ext.schema.from_sqlalchemy import read_table
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import Index
from flask_migrations_ext.schema.model import PrimaryKey
from flask_migrations_ext.schema.model import ServerDefault
from flask_migrations_ext.schema.model import SqlType
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.model import Unique

from .scenarios import Color
from .scenarios import Moment
from .scenarios import Tags

BOOK = TableName("book")
ELSEWHERE = TableName("book", "shop")
PLAIN = RenderOptions(render_as_batch=False)
TARGET = sa.table("book", sa.column("id", sa.Integer()))


def typed(kind: Any) -> SqlType:
    return SqlType.of(kind)


CALLS: list[tuple[Operation, str]] = [
    (DropTable(BOOK), 'op.drop_table("book")'),
    (DropTable(ELSEWHERE), 'op.drop_table("book", schema="shop")'),
    (RenameTable(BOOK, "tome"), 'op.rename_table("book", "tome")'),
    (
        CommentTable(BOOK, "of paper", was=None),
        'op.create_table_comment("book", "of paper")',
    ),
    (
        CommentTable(BOOK, None, was="old"),
        'op.drop_table_comment("book", existing_comment="old")',
    ),
    (
        AddColumn(BOOK, read_column(sa.Column("a", sa.String(9), nullable=False))),
        'op.add_column("book", sa.Column("a", sa.String(length=9), nullable=False))',
    ),
    (DropColumn(BOOK, "a"), 'op.drop_column("book", "a")'),
    (DropColumn(ELSEWHERE, "a"), 'op.drop_column("book", "a", schema="shop")'),
    (
        AlterColumn(BOOK, "a", ColumnFacts(nullable=False), ColumnFacts()),
        'op.alter_column("book", "a", nullable=False)',
    ),
    (
        AlterColumn(BOOK, "a", ColumnFacts(), ColumnFacts(), new_name="b"),
        'op.alter_column("book", "a", new_column_name="b")',
    ),
    (
        CreateIndex(BOOK, Index(conv("ix"), ("a", "b"), unique=True)),
        'op.create_index(op.f("ix"), "book", ["a", "b"], unique=True)',
    ),
    (
        CreateIndex(BOOK, Index("ix", (Expression("a || b"), Expression("a DESC")))),
        'op.create_index("ix", "book", [sa.text("(a || b)"), sa.text("a DESC")])',
    ),
    (DropIndex(BOOK, "ix"), 'op.drop_index("ix", table_name="book")'),
    (
        AddConstraint(BOOK, Unique("uq", ("a",), deferrable=True)),
        'op.create_unique_constraint("uq", "book", ["a"], deferrable=True)',
    ),
    (
        AddConstraint(BOOK, PrimaryKey(None, ("a", "b"))),
        'op.create_primary_key(None, "book", ["a", "b"])',
    ),
    (
        AddConstraint(BOOK, Check("ck", Expression("a > 0"))),
        'op.create_check_constraint("ck", "book", "a > 0")',
    ),
    (
        AddConstraint(BOOK, ForeignKey("fk", ("a",), TableName("x"), ("id",))),
        'op.create_foreign_key("fk", "book", "x", ["a"], ["id"])',
    ),
    (
        DropConstraint(BOOK, "uq", kind=Unique),
        'op.drop_constraint("uq", "book", type_="unique")',
    ),
    (
        DropConstraint(BOOK, "fk", kind=ForeignKey),
        'op.drop_constraint("fk", "book", type_="foreignkey")',
    ),
    (CreateEnum("color", ("a", "b")), 'op.create_enum("color", ["a", "b"])'),
    (DropEnum("color", "shop"), 'op.drop_enum("color", schema="shop")'),
    (
        ExecuteSql("DELETE FROM book WHERE title = \"x\" OR title = 'y'"),
        "op.execute('DELETE FROM book WHERE title = \"x\" OR title = \\'y\\'')",
    ),
    (
        InsertRows(BOOK, ({"id": 1},), TARGET),
        'op.bulk_insert(sa.table("book", sa.column("id", sa.Integer())), [{"id": 1}])',
    ),
]


@pytest.mark.parametrize(("operation", "call"), CALLS)
def test_an_operation_is_a_call_of_op(operation: Operation, call: str) -> None:
    assert render([operation], PLAIN).text == f"    {call}"


TYPES: list[tuple[Any, str, list[str]]] = [
    (sa.String(20), "sa.String(length=20)", []),
    (sa.Text, "sa.Text()", []),
    (sa.types.NULLTYPE, "sa.types.NullType()", []),
    (sa.Numeric(10, 2), "sa.Numeric(precision=10, scale=2)", []),
    (sa.DateTime(timezone=True), "sa.DateTime(timezone=True)", []),
    (sa.JSON(none_as_null=True), "sa.JSON()", []),
    (sa.Enum(Color, name="color"), 'sa.Enum("RED", "BLUE", name="color")', []),
    (
        sa.Enum(
            Color,
            name="color",
            values_callable=lambda members: [each.value for each in members],
        ),
        'sa.Enum("red", "blue", name="color")',
        [],
    ),
    (
        sa.Enum("a", native_enum=False, length=5, create_constraint=True, name="x"),
        'sa.Enum("a", name="x", native_enum=False, create_constraint=True, length=5)',
        [],
    ),
    (sa.ARRAY(sa.String(3)), "sa.ARRAY(sa.String(length=3))", []),
    (
        postgresql.JSONB(),
        "postgresql.JSONB()",
        ["from sqlalchemy.dialects import postgresql"],
    ),
    (
        postgresql.ARRAY(sa.Integer, dimensions=2),
        "postgresql.ARRAY(sa.Integer(), dimensions=2)",
        ["from sqlalchemy.dialects import postgresql"],
    ),
    (
        sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
        'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")',
        ["from sqlalchemy.dialects import postgresql"],
    ),
    (
        mysql.INTEGER(unsigned=True),
        "mysql.INTEGER(unsigned=True)",
        ["from sqlalchemy.dialects import mysql"],
    ),
    (
        Moment(),
        "tests.autogenerate.scenarios.Moment()",
        ["import tests.autogenerate.scenarios"],
    ),
    (
        Tags(";", 30),
        "tests.autogenerate.scenarios.Tags(length=30)",
        ["import tests.autogenerate.scenarios"],
    ),
]


@pytest.mark.parametrize(("kind", "code", "imports"), TYPES)
def test_a_type_is_the_code_that_makes_it(
    kind: Any, code: str, imports: list[str]
) -> None:
    operation = AlterColumn(BOOK, "a", becomes=ColumnFacts(type=typed(kind)))

    body = render([operation], PLAIN)

    assert " ".join(body.text.split()).replace("( ", "(").replace(", )", ")") == (
        f'op.alter_column("book", "a", type_={code})'
    )
    assert list(body.imports) == imports


def test_a_class_that_cannot_be_imported_is_what_it_stores() -> None:
    class Local(sa.types.TypeDecorator[str]):
        impl = sa.String
        cache_ok = True

    operation = AlterColumn(BOOK, "a", becomes=ColumnFacts(type=typed(Local(7))))

    assert "type_=sa.String(length=7)" in render([operation], PLAIN).text


def test_types_of_the_app_may_have_a_prefix() -> None:
    operation = AlterColumn(BOOK, "a", becomes=ColumnFacts(type=typed(Moment())))

    body = render(
        [operation], RenderOptions(render_as_batch=False, user_module_prefix="my.")
    )

    assert body == Body('    op.alter_column("book", "a", type_=my.Moment())', ())


DEFAULTS: list[tuple[Any, str]] = [
    ("it's", '"it\'s"'),
    ("0", '"0"'),
    (sa.text("7"), 'sa.text("7")'),
    (sa.func.now(), "sa.func.now()"),
    (sa.true(), "sa.true()"),
    (sa.text(r"'a\:b'"), "sa.text(\"'a\\\\:b'\")"),
    (None, "None"),
]


@pytest.mark.parametrize(("default", "code"), DEFAULTS)
def test_a_default_is_the_code_that_makes_it(default: Any, code: str) -> None:
    value = None if default is None else ServerDefault.of(default)
    operation = AlterColumn(BOOK, "a", becomes=ColumnFacts(default=value))

    assert render([operation], PLAIN).text == (
        f'    op.alter_column("book", "a", server_default={code})'
    )


def test_a_new_table_has_a_line_for_each_thing() -> None:
    table = sa.Table(
        "book",
        sa.MetaData(
            naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(column_0_label)s"}
        ),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(200), nullable=False, index=True, comment="x"),
        sa.Column("twice", sa.Integer, sa.Computed("id * 2", persisted=True)),
        sa.Column(
            "author_id", sa.Integer, sa.ForeignKey("author.id", ondelete="CASCADE")
        ),
        sa.CheckConstraint("id > 0", name="positive"),
        comment="what is sold",
    )

    body = render([CreateTable(read_table(table))])

    assert (
        body.text
        == """\
    op.create_table(
        "book",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False, comment="x"),
        sa.Column(
            "twice",
            sa.Integer(),
            sa.Computed("id * 2", persisted=True),
            nullable=True,
        ),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book")),
        sa.ForeignKeyConstraint(["author_id"], ["author.id"], ondelete="CASCADE"),
        sa.CheckConstraint("id > 0", name="positive"),
        comment="what is sold",
    )
    op.create_index(op.f("ix_book_title"), "book", ["title"])"""
    )


def test_alterations_of_one_table_are_one_batch_block() -> None:
    operations = [
        DropColumn(BOOK, "a"),
        CreateIndex(BOOK, Index(conv("ix"), ("b",))),
        DropColumn(ELSEWHERE, "c"),
        DropTable(TableName("other")),
        DropIndex(BOOK, "ix_old"),
    ]

    assert (
        render(operations).text
        == """\
    with op.batch_alter_table("book") as batch_op:
        batch_op.drop_column("a")
        batch_op.create_index(batch_op.f("ix"), ["b"])
    with op.batch_alter_table("book", schema="shop") as batch_op:
        batch_op.drop_column("c")
    op.drop_table("other")
    with op.batch_alter_table("book") as batch_op:
        batch_op.drop_index("ix_old")"""
    )


def test_a_group_of_alterations_is_a_batch_block_in_any_case() -> None:
    group = AlterTable(BOOK, (DropColumn(BOOK, "a"),))

    assert (
        render([group], PLAIN).text
        == """\
    with op.batch_alter_table("book") as batch_op:
        batch_op.drop_column("a")"""
    )


def test_a_constraint_without_a_name_is_found_by_a_convention() -> None:
    drop = DropConstraint(BOOK, None, kind=Unique, was=Unique(None, ("a", "b")))

    text = render([drop]).text

    for name in UNNAMED_CONVENTION:
        assert f'"{name}": "{name}_%(table_name)s' in text
    assert 'drop_constraint(batch_op.f("uq_book_a_b"), type_="unique")' in text


def test_no_operations_are_a_pass() -> None:
    assert render([]) == Body("    pass", ())


def test_lines_are_short_where_possible() -> None:
    names = [f"a_rather_long_name_of_a_column_{number}" for number in range(4)]
    operation = AddConstraint(BOOK, Unique(conv("uq_of_all"), tuple(names)))

    assert (
        render([operation]).text
        == """\
    with op.batch_alter_table("book") as batch_op:
        batch_op.create_unique_constraint(
            batch_op.f("uq_of_all"),
            [
                "a_rather_long_name_of_a_column_0",
                "a_rather_long_name_of_a_column_1",
                "a_rather_long_name_of_a_column_2",
                "a_rather_long_name_of_a_column_3",
            ],
        )"""
    )


def test_what_cannot_be_undone_is_said_in_a_comment() -> None:
    operations = [ExecuteSql("DELETE FROM book"), RenameTable(BOOK, "tome")]

    assert (
        render_reversed(operations).text
        == """\
    op.rename_table("tome", "book")
    # cannot be undone automatically: execute DELETE FROM book"""
    )
    assert (
        render_reversed(operations[:1]).text
        == """\
    # cannot be undone automatically: execute DELETE FROM book
    pass"""
    )


def test_an_enum_type_that_a_table_brings_along_is_not_created_before() -> None:
    kind = sa.Enum("a", "b", name="color")
    table = read_table(sa.Table("t", sa.MetaData(), sa.Column("c", kind)))
    operations = [CreateEnum("color", ("a", "b")), CreateTable(table)]

    up, down = render(operations).text, render_reversed(operations).text

    assert "create_enum" not in up
    assert down == '    op.drop_table("t")\n    op.drop_enum("color")'


def test_the_app_may_render_things_itself() -> None:
    def render_item(kind: str, element: Any, context: Any) -> str | bool | None:
        if kind == "column" and element.name == "secret":
            return None
        if kind == "type" and isinstance(element, Moment):
            context.imports.add("import my_types")
            return "my_types.When()"
        return False

    table = sa.Table(
        "t", sa.MetaData(), sa.Column("m", Moment), sa.Column("secret", sa.Integer)
    )

    body = render(
        [CreateTable(read_table(table))], RenderOptions(render_item=render_item)
    )

    assert 'sa.Column("m", my_types.When(), nullable=True),' in body.text
    assert "secret" not in body.text
    assert body.imports == ("import my_types",)


def test_modules_may_have_other_names() -> None:
    options = RenderOptions(
        op_prefix="ops.", sqlalchemy_module_prefix="sqla.", render_as_batch=True
    )
    column = read_column(sa.Column("a", sa.Integer))

    assert (
        render([AddColumn(BOOK, column)], options).text
        == """\
    with ops.batch_alter_table("book") as batch_op:
        batch_op.add_column(sqla.Column("a", sqla.Integer(), nullable=True))"""
    )


def subclasses(kind: type[Operation]) -> Iterator[type[Operation]]:
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


def test_every_operation_has_a_renderer_and_a_description() -> None:
    own = {
        each
        for each in subclasses(Operation)
        if each.__module__.startswith("flask_migrations_ext.")
        # The translation registers its renderer as anybody does.
        and not each.__module__.startswith("flask_migrations_ext.alembic_compat.")
    }

    assert own == set(render_operations.RENDERERS)
    assert own == set(describe.DESCRIPTIONS)


class Shade(enum.Enum):
    """An enum whose members look like SQL."""

    QUOTED = "it's"


def test_values_of_enums_are_strings_in_quotes() -> None:
    kind = sa.Enum(Shade, name="shade", values_callable=lambda all_: ["it's"])
    operation = AlterColumn(BOOK, "a", becomes=ColumnFacts(type=typed(kind)))

    assert 'sa.Enum("it\'s", name="shade")' in render([operation], PLAIN).text
