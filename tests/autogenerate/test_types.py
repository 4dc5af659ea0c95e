"""Law: the code of a type makes the same column again, and tells no secrets."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql

from flask_migrations_ext import op
from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.autogenerate.render.layout import one_line
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.types import RenderContext
from flask_migrations_ext.autogenerate.render.types import RenderOptions
from flask_migrations_ext.autogenerate.render.types import type_node
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.types import type_text
from flask_migrations_ext.operations.columns import AddColumn
from flask_migrations_ext.operations.columns import AlterColumn
from flask_migrations_ext.operations.columns import ColumnFacts
from flask_migrations_ext.operations.columns import DropColumn
from flask_migrations_ext.schema.from_sqlalchemy import read_column
from flask_migrations_ext.schema.model import SqlType
from flask_migrations_ext.schema.model import TableName

from .own_types import OWN_TYPES
from .own_types import SECRET

NAMES = ("sqlite", "postgresql+psycopg", "mariadb+pymysql", "mysql+pymysql")
DIALECTS = [sa.make_url(f"{name}://").get_dialect()() for name in NAMES]

GIVEN: dict[type[Any], Any] = {
    sa.ARRAY: [sa.ARRAY(sa.Integer), sa.ARRAY(sa.String(5), dimensions=2)],
    postgresql.ARRAY: [postgresql.ARRAY(sa.Numeric(5, 2))],
    postgresql.DOMAIN: [postgresql.DOMAIN("positive", sa.Integer)],
    postgresql.ENUM: [postgresql.ENUM("a", "it's", name="e")],
    mysql.ENUM: [mysql.ENUM("a", "it's")],
    mysql.SET: [mysql.SET("a", "b")],
    sa.Enum: [
        sa.Enum("a", "b", name="e", native_enum=False, length=9),
        sa.Enum("a", name="e", schema="s", create_constraint=True),
    ],
    **dict.fromkeys(  # bases, and of expressions only
        [sa.types.TypeDecorator, sa.types.TupleType, sa.types.UserDefinedType], []
    ),
}
SAMPLES: dict[str, Any] = {
    **{"length": 7, "precision": 6, "scale": 2, "timezone": True, "fields": "DAY"},
    **{"collation": "C", "unsigned": True, "zerofill": True, "charset": "utf8mb4"},
    **{"fsp": 3, "varying": True, "display_width": 4, "native_uuid": False},
    **{"as_uuid": False, "binary": True, "national": True, "dimensions": 1},
    **{"second_precision": 3, "day_precision": 3, "native": False},
    **{"decimal_return_scale": 2, "asdecimal": True, "none_as_null": True},
}


def all_types() -> Iterator[sa.types.TypeEngine[Any]]:
    """Yield types of each class: without arguments, with each, and with all."""
    homes = ["sqlalchemy.types"]
    homes += [f"sqlalchemy.dialects.{name}" for name in ("sqlite", "postgresql")]
    homes += ["sqlalchemy.dialects.mysql"]
    kinds = {
        kind: None
        for home in homes
        for name, kind in sorted(vars(importlib.import_module(home)).items())
        if inspect.isclass(kind)
        and issubclass(kind, sa.types.TypeEngine)
        and not name.startswith("_")
        and hasattr(kind, "__visit_name__")
        and hasattr(kind, "_compiler_dispatch")
    }
    for kind in kinds:
        if kind in GIVEN:
            yield from GIVEN[kind]
            continue

        names = _arguments_of(kind)
        given = {name: value for name, value in SAMPLES.items() if name in names}
        for arguments in ({}, *({name: given[name]} for name in given), given):
            try:
                yield kind(**arguments)
            except (TypeError, NotImplementedError, sa.exc.ArgumentError):
                continue  # one argument needs another


def _arguments_of(kind: type[Any]) -> set[str]:
    return {
        name
        for base in kind.__mro__
        if "__init__" in vars(base)
        for name in inspect.signature(base.__init__).parameters  # type: ignore[misc]  # only its signature is read
    }


ALL_TYPES = [each for each in all_types() if any(type_text(each, d) for d in DIALECTS)]


def code_of(element: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> tuple[str, Any]:
    """Return the code for a type, and what it makes."""
    context = RenderContext(RenderOptions(dialect=dialect_for(dialect)))
    code = one_line(type_node(element, context))
    names: dict[str, Any] = {"sa": sa, "op": op}
    for line in context.imports:
        exec(line, names)

    return code, eval(code, names)


@pytest.mark.parametrize("dialect", DIALECTS, ids=NAMES)
def test_the_code_of_any_type_makes_it_again(dialect: sa.Dialect) -> None:
    assert len(ALL_TYPES) > 150
    for element in ALL_TYPES:
        code, made = code_of(element, dialect)

        assert [type_text(made, each) for each in DIALECTS] == [
            type_text(element, each) for each in DIALECTS
        ], code
        if not isinstance(element, sa.JSON):  # None is the app's affair
            assert repr(made) == repr(element), code


@pytest.mark.parametrize("dialect", DIALECTS, ids=NAMES)
@pytest.mark.parametrize("name", OWN_TYPES)
def test_the_code_of_an_own_type_makes_the_same_column(
    name: str, dialect: sa.Dialect
) -> None:
    element, wanted = OWN_TYPES[name]

    code, made = code_of(element, dialect)

    assert code.replace("tests.autogenerate.own_types.", "") == wanted
    assert [type_text(made, each) for each in DIALECTS] == [
        type_text(element, each) for each in DIALECTS
    ]


@pytest.mark.parametrize("name", OWN_TYPES)
def test_a_secret_of_a_type_is_told_nowhere(name: str) -> None:
    element, _ = OWN_TYPES[name]
    table, column = TableName("t"), read_column(sa.Column("c", element))
    facts = ColumnFacts(type=SqlType.of(element))
    said: list[str] = []
    for operation in (
        AddColumn(table, column),
        DropColumn(table, "c", was=AddColumn(table, column)),
        AlterColumn(table, "c", becomes=facts, was=facts),
    ):
        said += [describe(operation), repr(operation)]
        said += [repr(operation.reversed()), render([operation]).text]

    assert SECRET not in "".join(said)
    assert " at 0x" not in "".join(said)


def test_what_stands_for_a_type_is_said_in_a_comment() -> None:
    element, _ = OWN_TYPES["choices"]
    column = read_column(sa.Column("c", element))

    text = render([AddColumn(TableName("t"), column)]).text

    assert text.startswith(
        "    # tests.autogenerate.own_types.Choice cannot be made of what may be"
    )
