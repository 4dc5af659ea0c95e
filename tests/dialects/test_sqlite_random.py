"""Any table, any rows, any operations: what is altered loses no value, or refuses."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from hypothesis import example
from hypothesis import given
from hypothesis import reject
from hypothesis import settings
from hypothesis import strategies as st

from flask_migrations_ext.dialects.sqlite.definition import TableText
from flask_migrations_ext.dialects.sqlite.parser import parse_table
from flask_migrations_ext.dialects.sqlite.tokens import folded
from flask_migrations_ext.dialects.sqlite.tokens import quote
from flask_migrations_ext.errors import MigrationError
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import DropColumn
from flask_migrations_ext.operations.constraints import AddConstraint
from flask_migrations_ext.operations.indexes import CreateIndex
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import RebuildOptions
from flask_migrations_ext.schema.model import Check
from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import Index
from flask_migrations_ext.schema.model import TableName
from flask_migrations_ext.schema.model import Unique
from tests.operations.made import add_column
from tests.operations.made import alter_column

from .sqlite_runs import close_databases
from .sqlite_runs import closed
from .sqlite_runs import database
from .sqlite_runs import driver_of
from .sqlite_runs import dump
from .sqlite_runs import named
from .sqlite_runs import rows_of
from .sqlite_runs import run
from .sqlite_tables import create_tables

__all__ = ["closed"]  # the fixture is in use without being named

EXAMPLES = settings(max_examples=500, deadline=None)
"""As many in a quick run as in CI: they take some seconds."""

# -- a table whose columns are known, and types that change ---------------------------

T = TableName("t")

TYPES = {
    "INTEGER": sa.Integer(),
    "TEXT": sa.Text(),
    "REAL": sa.Float(),
    "NUMERIC": sa.Numeric(),
    "DATETIME": sa.DateTime(),
    "BLOB": sa.LargeBinary(),
}
VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-3, 3),
    st.sampled_from([2**53 + 1, 2**63 - 1, -(2**63), 2.0**53, 2.0**63, -0.0, 0.1]),
    st.sampled_from(["9007199254740993", "9223372036854775808", "-0", "1e5", "007"]),
    st.floats(allow_nan=False),
    st.text("0123456789.-e aé'\"%:", max_size=6),
    st.binary(max_size=3),
)
COLUMNS = ["a", "b", "order", 'q"t']


@st.composite
def changes(draw: st.DrawFn) -> Operation:
    name = draw(st.sampled_from(COLUMNS))
    what = draw(st.integers(0, 7))
    if what == 0:
        return DropColumn(T, name)
    if what == 1:
        return alter_column(T, name, nullable=draw(st.booleans()))
    if what in (2, 3):
        return alter_column(T, name, type_=draw(st.sampled_from(list(TYPES.values()))))
    if what == 4:
        return AddConstraint(T, Unique("u", (name,)))
    if what == 5:
        return alter_column(T, name, new_column_name=f"{name}2")
    if what == 6:
        return CreateIndex(T, Index(f"i_{name}", (name,)))
    default = draw(st.sampled_from([None, sa.text("7"), "x"]))

    return add_column(
        T, sa.Column("new", sa.Text(), server_default=default, unique=True), None
    )


@dataclass(frozen=True)
class Start:
    types: Sequence[str]
    key: str
    rows: Sequence[Sequence[Any]]
    foreign_keys: bool


TO_WHOLE = alter_column(T, "a", type_=sa.Integer())
STARTS = st.builds(
    Start,
    types=st.lists(st.sampled_from(list(TYPES)), min_size=4, max_size=4),
    key=st.sampled_from(["INTEGER PRIMARY KEY", "INTEGER PRIMARY KEY DESC", "INT"]),
    rows=st.lists(st.tuples(*[VALUES] * 4), max_size=4),
    foreign_keys=st.booleans(),
)


def started(start: Start) -> sa.Engine:
    columns = ", ".join(
        '"{}" {}'.format(name.replace('"', '""'), type_)
        for name, type_ in zip(COLUMNS, start.types, strict=True)
    )
    engine = database(
        f"CREATE TABLE t (id {start.key}, {columns}, UNIQUE (id));"
        "CREATE TABLE c (t INTEGER REFERENCES t (id) ON DELETE CASCADE);",
        foreign_keys=start.foreign_keys,
    )
    driver = driver_of(engine)
    for number, row in enumerate(start.rows):
        driver.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?)", (number, *row))
        driver.execute("INSERT INTO c VALUES (?)", (number,))
    driver.commit()

    return engine


PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)([.][0-9]*)?(e[+-]?[0-9]+)?")


def same(old: Any, new: Any) -> bool:
    """Whether a value is still what it was, perhaps of another type.

    Exactly: a float holds no integer near 2**53 but the one that it is equal to, and
    a text is a number only if it can be read back from that.
    """
    if type(old) is type(new) or old is None or new is None:
        return bool(old == new)
    if isinstance(new, bytes):
        # By way of a text: 0 has become '0' first.
        return same(old, new.decode())
    if isinstance(old, bytes):
        return False
    if not isinstance(old, str) and not isinstance(new, str):
        return Fraction(old) == Fraction(new)

    if isinstance(old, float) and isinstance(new, str):
        # The smallest floats are written with more digits than they have.
        return float(new) == old
    text, number = (old, new) if isinstance(old, str) else (new, old)

    # 0.1 means the float beside it, and 67979440107444352 is one exactly.
    return bool(
        PLAIN_NUMBER.fullmatch(text)
        and Decimal(text) in (Decimal(repr(number)), Decimal(number))
    )


@given(STARTS, st.lists(changes(), min_size=1, max_size=3), st.booleans())
@example(
    Start(["TEXT"] * 4, "INT", [("9007199254740993",) * 4], False), [TO_WHOLE], True
)
@EXAMPLES
def test_whatever_is_altered_no_value_is_lost(
    start: Start, operations: list[Operation], together: bool
) -> None:
    close_databases()
    engine = started(start)
    before = dump(engine)
    rows = {
        row[0]: dict(zip(COLUMNS, row[1:], strict=True))
        for row in named(engine, "t", "id", *COLUMNS)
    }
    wanted = [AlterTable(T, tuple(operations))] if together else operations

    try:
        run(engine, *wanted)
    except (MigrationError, sa.exc.DBAPIError):
        assert dump(engine) == before
        return

    driver = driver_of(engine)
    cursor = driver.execute("SELECT * FROM t")
    names = [description[0] for description in cursor.description]
    now = {row[0]: dict(zip(names, row, strict=True)) for row in cursor}
    assert now.keys() == rows.keys()
    assert len(rows_of(engine, "c")) == len(rows)
    for key, row in rows.items():
        for name in COLUMNS:
            present = name if name in names else f"{name}2"
            if present in names:
                assert same(row[name], now[key][present])


# -- a table with anything that SQLite knows ------------------------------------------


@st.composite
def any_change(draw: st.DrawFn, table: TableName, columns: Sequence[str]) -> Operation:
    name = draw(st.sampled_from(columns))
    # A number would do, but old versions add a text as the default of a STRICT INT.
    new = sa.Column("new", sa.Text(), server_default=draw(DEFAULTS))

    return draw(
        st.sampled_from(
            [
                DropColumn(table, name),
                alter_column(table, name, nullable=draw(st.booleans())),
                alter_column(
                    table, name, type_=draw(st.sampled_from(list(TYPES.values())))
                ),
                alter_column(table, name, server_default=draw(DEFAULTS)),
                alter_column(table, name, new_column_name=f"{name}_renamed"),
                AddConstraint(table, Unique(None, (name,))),
                AddConstraint(table, Check("c", Expression("1"))),
                CreateIndex(table, Index("i", (name,))),
                replace(add_column(table, new, None), before=name),
                AlterTable(table, (), RebuildOptions(recreate="always")),
            ]
        )
    )


DEFAULTS = st.sampled_from([None, sa.text("7"), sa.text("(1 + 1)"), "it's"])


@given(create_tables(), st.booleans(), st.data())
@EXAMPLES
def test_no_table_loses_a_row_or_a_value(
    sql: str, foreign_keys: bool, draws: st.DataObject
) -> None:
    close_databases()
    old = parse_table(sql)
    try:
        engine = database(sql)
    except sqlite3.OperationalError:
        # The strategy writes more than SQLite takes, as a comment in a STRICT type.
        reject()
    driver = driver_of(engine)
    fill(driver, old.name, [c.name for c in old.columns if not c.is_generated], draws)
    driver.execute(f"PRAGMA foreign_keys={foreign_keys:d}")
    table = TableName(old.name)
    operations = draws.draw(
        st.lists(any_change(table, old.column_names), min_size=1, max_size=3)
    )
    together = draws.draw(st.booleans())
    troubles = unsound(driver)
    before, rows, others = dump(engine), values(engine, old.name), others_of(engine)

    try:
        run(engine, *[AlterTable(table, tuple(operations))] if together else operations)
    except (MigrationError, sa.exc.DBAPIError):
        assert dump(engine) == before
        assert driver.execute("PRAGMA foreign_keys").fetchone() == (foreign_keys,)
        return

    assert others_of(engine) == others
    now, rows = values(engine, old.name), numbered_as_now(engine, old, rows)
    assert now.keys() == rows.keys()
    for key, row in rows.items():
        for column in old.columns:
            name = folded(column.name)
            present = name if name in now[key] else folded(f"{name}_renamed")
            if present in now[key] and not column.is_generated:
                assert same(row[name], now[key][present])
    assert unsound(driver) <= troubles


def unsound(driver: Any) -> set[str]:
    found = {text for (text,) in driver.execute("PRAGMA integrity_check")} - {"ok"}

    # SQLite does not look at what a computed column of a STRICT table holds.
    return {text for text in found if not text.startswith("non-")}


def fill(driver: Any, table: str, columns: list[str], draws: st.DataObject) -> None:
    """Insert the rows that the table takes, and rows that point to them."""
    marks = ", ".join("?" for _ in columns)
    listed = ", ".join(map(quote, columns))
    rows = draws.draw(st.lists(st.tuples(*[VALUES] * len(columns)), max_size=4))
    for row in rows:
        try:
            driver.execute(
                f"INSERT INTO {quote(table)} ({listed}) VALUES ({marks})", row
            )
        except sqlite3.Error:
            pass
    driver.execute(
        f"CREATE TABLE [points there] (x REFERENCES {quote(table)}"
        f" ({quote(columns[0])}) ON DELETE CASCADE)"
    )
    driver.execute(
        f"INSERT INTO [points there] SELECT {quote(columns[0])} FROM {quote(table)}"
    )
    driver.commit()


def values(engine: sa.Engine, table: str) -> dict[Any, dict[str, Any]]:
    """Return the rows by their rowid, or by their number where they have none."""
    found = {}
    cursor = driver_of(engine).execute(f"SELECT * FROM {quote(table)} ORDER BY 1")
    names = [folded(column[0]) for column in cursor.description]
    for number, row in enumerate(rows_of(engine, table)):
        key, row = (row[0], row[1:]) if len(row) > len(names) else (number, row)
        found[key] = dict(zip(names, row, strict=True))

    return found


def numbered_as_now(
    engine: sa.Engine, old: TableText, rows: dict[Any, dict[str, Any]]
) -> dict[Any, dict[str, Any]]:
    """Return the rows by the column that has become the name of their rowid, if any."""
    (text,) = (
        driver_of(engine)
        .execute("SELECT sql FROM sqlite_master WHERE name = ?", (old.name,))
        .fetchone()
    )
    alias = parse_table(text).rowid_alias
    before = alias and old.find_column(alias.name)
    if not before or before == old.rowid_alias:
        return rows

    return {int(row[folded(before.name)]): row for row in rows.values()}


def others_of(engine: sa.Engine) -> list[Any]:
    return rows_of(engine, "points there")
