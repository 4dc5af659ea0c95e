"""Which operations a difference becomes, and in which order."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

from flask_migrations_ext.autogenerate.compare.beside import missing_schemas
from flask_migrations_ext.autogenerate.compare.schema import comparison
from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.autogenerate.filters import schemas_to_read
from flask_migrations_ext.autogenerate.options import CompareOptions
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata
from flask_migrations_ext.schema.from_sqlalchemy import read_table
from flask_migrations_ext.schema.model import TableName

from .scenarios import Build
from .scenarios import circle
from .scenarios import CONVENTION
from .scenarios import keys
from .scenarios import library
from .scenarios import nothing
from .scenarios import one_table

DIALECTS = {
    "sqlite": sqlite.dialect(),
    "postgresql": postgresql.dialect(),  # type: ignore[no-untyped-call]  # SQLAlchemy left its signature out
    "mysql": mysql.dialect(),
}


def metadata_of(build: Build) -> sa.MetaData:
    metadata = sa.MetaData(naming_convention=CONVENTION)
    build(metadata)
    return metadata


def steps(
    before: Build, after: Build, dialect: str = "sqlite", **options: Any
) -> list[str]:
    found = comparison(
        read_metadata(metadata_of(before)),
        read_metadata(metadata_of(after)),
        rules_for(DIALECTS[dialect]),
        options=CompareOptions(**options),
    )
    return [*(describe(each) for each in found.operations), *found.notes]


def column(name: str, *arguments: Any, **keywords: Any) -> Callable[[], Any]:
    return lambda: sa.Column(name, *arguments, **keywords)


COLUMN_CASES = [
    (
        [],
        [column("c", sa.String(9), nullable=False, server_default="x")],
        ["add column thing.c (String(9), not null, default 'x')"],
    ),
    ([column("c", sa.String(9))], [], ["drop column thing.c"]),
    (
        [column("c", sa.String(9))],
        [column("c", sa.String(10))],
        ["alter column thing.c: type from String(9) to String(10)"],
    ),
    (
        [column("c", sa.String(9))],
        [column("c", sa.String)],
        ["alter column thing.c: type from String(9) to String"],
    ),
    (
        [column("c", sa.Integer)],
        [column("c", sa.Integer, nullable=False)],
        ["alter column thing.c: not null"],
    ),
    (
        [column("c", sa.Integer)],
        [column("c", sa.Integer, server_default="0")],
        ["alter column thing.c: default '0'"],
    ),
    (
        [column("c", sa.Integer, server_default="0")],
        [column("c", sa.Integer)],
        ["alter column thing.c: no default"],
    ),
    (
        [column("c", sa.Integer, server_default="0")],
        [column("c", sa.Integer, server_default=sa.text("0"))],
        [],
    ),
    (
        [column("c", sa.Numeric(8, 2))],
        [column("c", sa.Numeric(8, 3))],
        [
            "alter column thing.c: type from Numeric(precision=8, scale=2)"
            " to Numeric(precision=8, scale=3)"
        ],
    ),
    (
        [column("c", sa.Integer, comment="x")],
        [column("c", sa.Integer, comment="y")],
        ["alter column thing.c: comment 'y'"],
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), COLUMN_CASES)
def test_a_column_that_differs(
    before: list[Callable[[], Any]], after: list[Callable[[], Any]], expected: list[str]
) -> None:
    found = steps(one_table(*before), one_table(*after), "postgresql")

    assert found == expected


def test_comments_are_nothing_where_there_are_none() -> None:
    before = one_table(column("c", sa.Integer, comment="x"))

    assert steps(before, one_table(column("c", sa.Integer)), "sqlite") == []


def test_tables_come_after_those_that_they_point_to() -> None:
    assert steps(nothing, library) == [
        "create table author (3 columns)",
        "create table book (5 columns)",
        "create table book_mark (2 columns)",
    ]


def test_tables_go_before_those_that_they_point_to() -> None:
    assert steps(library, nothing) == [
        "drop table book_mark",
        "drop table book",
        "drop table author",
    ]


def test_a_circle_of_tables_is_closed_afterwards() -> None:
    assert steps(nothing, circle) == [
        "create table egg (2 columns)",
        "create table hen (3 columns)",
        "add foreign key fk_of_egg on egg (hen_id) to hen (id)",
    ]


def test_a_circle_of_tables_is_opened_first() -> None:
    assert steps(circle, nothing) == [
        "drop foreign key fk_of_egg on egg (hen_id) to hen (id)",
        "drop table hen",
        "drop table egg",
    ]


def test_mysql_lifts_the_keys_of_columns_that_change_type() -> None:
    found = steps(keys(sa.Integer), keys(sa.BigInteger), "mysql")

    assert found == [
        "drop foreign key fk_dog_owner_id_owner on dog (owner_id) to owner (id)",
        "alter column owner.id: type from Integer to BigInteger",
        "alter column dog.owner_id: type from Integer to BigInteger",
        "add foreign key fk_dog_owner_id_owner on dog (owner_id) to owner (id)",
    ]


def test_a_new_index_comes_before_an_old_one_goes() -> None:
    before = one_table(lambda: sa.Index("ix_old", "b"))
    after = one_table(lambda: sa.Index("ix_new", "b", "a"))

    assert steps(before, after) == [
        "create index ix_new on thing (b, a)",
        "drop index ix_old on thing (b)",
    ]


def test_an_index_of_the_same_name_goes_before_it_comes() -> None:
    before = one_table(lambda: sa.Index("ix", "b"))
    after = one_table(lambda: sa.Index("ix", "b", unique=True))

    assert steps(before, after) == [
        "drop index ix on thing (b)",
        "create unique index ix on thing (b)",
    ]


def test_foreign_keys_are_known_by_what_they_do_not_by_name() -> None:
    def keyed(name: str, ondelete: str | None) -> Build:
        return one_table(
            lambda: sa.ForeignKeyConstraint(
                ["b"], ["thing.id"], name=name, ondelete=ondelete
            )
        )

    assert steps(keyed("x", "NO ACTION"), keyed("y", None)) == []
    assert steps(keyed("x", "RESTRICT"), keyed("x", None), "mysql") == []
    assert steps(keyed("x", "CASCADE"), keyed("x", None)) == [
        "drop foreign key x on thing (b) to thing (id) on delete CASCADE",
        "add foreign key x on thing (b) to thing (id)",
    ]


def test_named_checks_come_and_go() -> None:
    def checked(condition: str) -> Build:
        return one_table(lambda: sa.CheckConstraint(condition, name="x"))

    assert steps(one_table(), checked("a > 0")) == [
        "add check constraint ck_thing_x on thing (a > 0)"
    ]
    assert steps(checked("a > 0"), checked("(a>0)")) == []
    assert steps(checked("a > 0"), checked("a > 1")) == [
        "drop check constraint ck_thing_x on thing (a > 0)",
        "add check constraint ck_thing_x on thing (a > 1)",
    ]
    assert steps(one_table(), checked("a > 0"), compare_checks=False) == []


def test_an_added_constraint_has_a_name_to_drop_it_by() -> None:
    metadata = sa.MetaData()
    one_table(lambda: sa.UniqueConstraint("a", "b"))(metadata)

    found = comparison(
        read_metadata(metadata_of(one_table())),
        read_metadata(metadata),
        rules_for(DIALECTS["sqlite"]),
    )

    assert [describe(each) for each in found.operations] == [
        "add unique constraint uq_thing_a_b on thing (a, b)"
    ]


def test_the_version_table_and_leftovers_are_not_looked_at() -> None:
    def bookkeeping(metadata: sa.MetaData) -> None:
        for name in ("alembic_version", "_alembic_tmp_thing", "own_version"):
            sa.Table(name, metadata, sa.Column("x", sa.Integer))

    assert steps(bookkeeping, nothing) == ["drop table own_version"]
    assert steps(bookkeeping, nothing, version_table=TableName("own_version")) == [
        "drop table alembic_version"
    ]


# -- enum types -----------------------------------------------------------------------


def enum_table(*values: str, name: str = "thing") -> Build:
    def build(metadata: sa.MetaData) -> None:
        sa.Table(
            name,
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("color", sa.Enum(*values, name="color")),
        )

    return build


def both(one: Build, other: Build) -> Build:
    def build(metadata: sa.MetaData) -> None:
        one(metadata)
        other(metadata)

    return build


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_enum_type_comes_with_its_first_table(dialect: str) -> None:
    assert steps(nothing, enum_table("a", "b"), dialect) == [
        "create enum type color (a, b)",
        "create table thing (2 columns)",
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_enum_type_that_is_used_already_does_not_come_again(dialect: str) -> None:
    here, new = enum_table("a", "b"), enum_table("a", "b", name="other")

    assert steps(here, both(here, new), dialect) == ["create table other (2 columns)"]


def test_an_enum_type_goes_with_its_last_table() -> None:
    here, other = enum_table("a", "b"), enum_table("a", "b", name="other")

    assert steps(both(here, other), other, "postgresql") == ["drop table thing"]
    assert steps(here, nothing, "postgresql") == [
        "drop table thing",
        "drop enum type color",
    ]


@pytest.mark.parametrize("values", [("a", "b", "c", "d"), ("b",), ("d", "b")])
def test_values_of_an_enum_type_are_those_of_its_columns(
    values: tuple[str, ...],
) -> None:
    found = steps(enum_table("b", "d"), enum_table(*values), "postgresql")

    assert found == [
        "alter column thing.color: type from Enum('b', 'd', name='color')"
        f" to Enum({', '.join(map(repr, values))}, name='color')"
    ]
    assert not steps(
        enum_table("b", "d"), enum_table(*values), "postgresql", compare_enums=False
    )


def test_the_values_of_an_enum_are_its_type_on_mysql() -> None:
    found = steps(enum_table("a"), enum_table("a", "b"), "mysql")

    assert found == [
        "alter column thing.color: type from Enum('a', name='color')"
        " to Enum('a', 'b', name='color')"
    ]


def test_a_computed_column_is_made_anew_where_it_cannot_be_altered() -> None:
    before = one_table(column("c", sa.Integer, sa.Computed("a + 1")))
    after = one_table(column("c", sa.Integer, sa.Computed("a + 2")))

    assert steps(before, after) == ["alter column thing.c: as a + 2"]
    plain = one_table(column("c", sa.Integer))
    assert steps(plain, after, "postgresql") == [
        "drop column thing.c",
        "add column thing.c (Integer, computed)",
    ]
    assert steps(after, plain, "postgresql") == ["alter column thing.c: not computed"]
    assert not steps(before, after, compare_server_default=False)


def test_what_stands_on_a_computed_column_is_made_anew_with_it() -> None:
    def with_index(*computed: Any) -> Build:
        return one_table(
            column("c", sa.Integer, *computed),
            lambda: sa.Index("ix_a", "a"),
            lambda: sa.Index("ix_c", "c"),
            lambda: sa.UniqueConstraint("a", "c"),
        )

    assert steps(with_index(), with_index(sa.Computed("a")), "postgresql") == [
        "drop unique constraint uq_thing_a_c on thing (a, c)",
        "drop index ix_c on thing (c)",
        "drop column thing.c",
        "add column thing.c (Integer, computed)",
        "add unique constraint uq_thing_a_c on thing (a, c)",
        "create index ix_c on thing (c)",
    ]


@pytest.mark.parametrize(
    ("option", "item"),
    [
        ("compare_checks", lambda: sa.CheckConstraint("a > 0", name="positive")),
        ("compare_server_default", column("c", sa.Integer, sa.Computed("a + 2"))),
        ("compare_type", column("c", sa.Text)),
    ],
)
def test_a_kind_can_be_switched_off(option: str, item: Callable[[], Any]) -> None:
    plain = [] if option == "compare_checks" else [column("c", sa.Integer)]
    before, after = one_table(*plain), one_table(item)
    off: Any = {option: False}

    assert steps(before, after)
    assert not steps(before, after, **off)


def test_options_of_tables_can_be_switched_off() -> None:
    def strict(metadata: sa.MetaData) -> None:
        one_table()(metadata)
        metadata.tables["thing"].kwargs["sqlite_strict"] = True

    assert steps(one_table(), strict) == ["alter table thing: sqlite_strict True"]
    assert not steps(one_table(), strict, compare_options=False)


# -- filters --------------------------------------------------------------------------


def test_include_object_gets_what_an_env_py_expects() -> None:
    asked: list[tuple[str, str | None, str, bool, str | None]] = []

    def include(element: Any, name: str | None, kind: str, seen: bool, to: Any) -> bool:
        shown = None if to is None else type(to).__name__
        asked.append((type(element).__name__, name, kind, seen, shown))
        return True

    before = one_table(column("c", sa.Integer), lambda: sa.Index("ix_a", "a"))
    after = one_table(column("d", sa.Integer), lambda: sa.UniqueConstraint("b"))
    steps(before, after, include_object=include)

    assert asked == [
        ("Table", "thing", "table", False, "Table"),
        ("Column", "id", "column", False, "Column"),
        ("Column", "a", "column", False, "Column"),
        ("Column", "b", "column", False, "Column"),
        ("Column", "d", "column", False, None),
        ("Column", "c", "column", True, None),
        ("UniqueConstraint", "uq_thing_b", "unique_constraint", False, None),
        ("Index", "ix_a", "index", True, None),
    ]


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        ("table", []),
        ("column", ["add unique constraint uq_thing_b on thing (b)"]),
        ("unique_constraint", ["drop column thing.c"]),
    ],
)
def test_include_object_leaves_things_out(kind: str, left: list[str]) -> None:
    before = one_table(column("c", sa.Integer))
    after = one_table(lambda: sa.UniqueConstraint("b"))

    def include(element: Any, name: str, type_: str, seen: bool, to: Any) -> bool:
        return type_ != kind

    assert steps(before, after, include_object=include) == left


def test_compare_type_may_be_a_function() -> None:
    before, after = (
        one_table(column("c", sa.String(9))),
        one_table(column("c", sa.Text)),
    )
    heard: list[Any] = []

    def never(context: Any, *arguments: Any) -> bool:
        heard.append((context, *arguments))
        return False

    assert steps(before, after, compare_type=never, context="here") == []
    context, found, wanted, found_type, wanted_type = heard[-1]
    assert (context, found.name, wanted.name) == ("here", "c", "c")
    assert isinstance(found_type, sa.String)
    assert isinstance(wanted_type, sa.Text)
    assert len(steps(before, after, compare_type=lambda *arguments: None)) == 1
    assert steps(before, after, compare_type=False) == []


def test_compare_server_default_may_be_a_function() -> None:
    before = one_table(column("c", sa.String(9), server_default="x"))
    after = one_table(column("c", sa.String(9), server_default="y"))
    heard: list[Any] = []

    def never(context: Any, *arguments: Any) -> bool:
        heard.append(arguments[2:])
        return False

    assert steps(before, after, compare_server_default=never) == []
    found, wanted, rendered = heard[-1]
    assert (found, wanted.arg, rendered) == ("'x'", "y", "'y'")
    assert len(steps(before, after, compare_server_default=lambda *a: None)) == 1
    assert steps(before, after, compare_server_default=False) == []


def test_all_schemas_are_read_when_asked(postgresql_engine: sa.Engine) -> None:
    def elsewhere(metadata: sa.MetaData) -> None:
        sa.Table("x", metadata, sa.Column("id", sa.Integer), schema="named")

    with postgresql_engine.connect() as connection:
        for name in ("named", "other"):
            connection.execute(sa.text(f"CREATE SCHEMA {name}"))
        inspector = sa.inspect(connection)
        models = read_metadata(metadata_of(elsewhere))
        rules = rules_for(connection.dialect)
        some = schemas_to_read(inspector, models, rules)
        every = schemas_to_read(inspector, models, rules, include_schemas=True)
        asked = schemas_to_read(
            inspector,
            models,
            rules,
            include_schemas=True,
            include_name=lambda name, kind, parents: name != "other",
        )

    assert some == (None, "named")
    assert every == (None, "named", "other")
    assert asked == (None, "named")


def test_a_schema_that_no_downgrade_drops_is_made_where_it_is_missing(
    mariadb_engine: sa.Engine,
) -> None:
    table = sa.Table("x", sa.MetaData(), sa.Column("id", sa.Integer), schema="absent")

    with mariadb_engine.connect() as connection:
        rules = rules_for(connection.dialect, connection)
        made = list(missing_schemas([read_table(table)], rules))

    assert "CREATE SCHEMA IF NOT EXISTS absent" in str(made)


# -- the same on every run ------------------------------------------------------------

SCRIPT = """
from tests.autogenerate.scenarios import CHANGES
from tests.autogenerate.test_compare import steps
for name, (before, after) in CHANGES.items():
    for dialect in ("sqlite", "postgresql", "mysql"):
        print(name, *steps(before, after, dialect), sep=chr(10))
"""


def test_the_order_does_not_depend_on_chance() -> None:
    texts = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(texts) == 1
    assert "create table book_mark" in texts.pop()
