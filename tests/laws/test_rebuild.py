"""Law 6: whatever SQLite does to a table, rows, views, triggers and keys stay."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.columns import AlterColumn
from flask_migrations_ext.operations.rows import InsertRows
from flask_migrations_ext.operations.sql import ExecuteSql
from flask_migrations_ext.operations.tables import AlterTable
from flask_migrations_ext.operations.tables import DropTable
from flask_migrations_ext.operations.tables import RenameTable

from .case import Case
from .looks import own_words
from .looks import rows
from .runs import carry_out
from .runs import engine_for
from .runs import make

pytestmark = pytest.mark.pairs("laws")

ONLOOKERS = (
    "CREATE TABLE log (said TEXT)",
    "CREATE VIEW view_of_thing AS SELECT id, anchor FROM thing WHERE id < 3",
    "CREATE VIEW view_of_view AS SELECT v.anchor, child.id FROM view_of_thing AS v"
    " LEFT JOIN child ON child.thing_id = v.id",
    "CREATE TRIGGER on_thing AFTER DELETE ON thing BEGIN"
    " INSERT INTO log VALUES ('gone: ' || old.anchor); END",
    "CREATE TRIGGER on_child AFTER DELETE ON child BEGIN"
    " INSERT INTO log SELECT 'left: ' || count(*) FROM thing; END",
)
VIEWS = ("view_of_thing", "view_of_view")

Names = Mapping[str, str]


@pytest.fixture
def engine(sqlite_url: sa.URL) -> Iterator[sa.Engine]:
    with engine_for(sqlite_url) as engine:
        yield engine


def test_rows_views_triggers_and_keys_stay(case: Case, engine: sa.Engine) -> None:
    operations = list(each_of(case.operations()))
    if any(
        isinstance(each, ExecuteSql | InsertRows | DropTable) for each in operations
    ):
        pytest.skip("means to change rows")

    make(engine, case.start, case.rows)
    has_thing = "thing" in case.start.tables
    with engine.begin() as connection:
        for onlooker in ONLOOKERS if has_thing else ():
            connection.exec_driver_sql(onlooker)
        before, words = rows(connection), own_words(connection)
        seen = views(connection) if has_thing else {}

    carry_out(engine, case.script)

    tables, columns = renamed(operations)
    with engine.connect() as connection:
        assert kept(rows(connection), before, tables, columns) == []
        assert pragma(connection, "foreign_key_check") == []
        assert pragma(connection, "integrity_check") == [("ok",)]
        assert pragma(connection, "foreign_keys") == [(1,)]
        if has_thing:
            assert views(connection) == seen
            assert onlookers(own_words(connection)) == onlookers(words, tables)
            assert_all_still_work(connection, tables.get("thing", "thing"))


def each_of(operations: tuple[Operation, ...]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, AlterTable):
            yield from each_of(operation.operations)
        else:
            yield operation


def renamed(operations: list[Operation]) -> tuple[Names, Names]:
    """Return the new names of tables and of columns."""
    tables = {
        each.name.name: each.new_name
        for each in operations
        if isinstance(each, RenameTable)
    }
    columns = {
        each.name: each.new_name
        for each in operations
        if isinstance(each, AlterColumn) and each.new_name is not None
    }
    return tables, columns


def kept(
    after: Mapping[str, Any], before: Mapping[str, Any], tables: Names, columns: Names
) -> list[str]:
    """Return which tables have lost or changed a value that they should have kept."""
    lost = []
    for table, old_rows in before.items():
        new_rows = after[tables.get(table, table)]
        there = set(new_rows[0]) if new_rows else set()
        common = [
            (old, columns.get(old, old))
            for old in (old_rows[0] if old_rows else ())
            if columns.get(old, old) in there
        ]
        # As text: an integer may have become a string.
        old_values = sorted([str(row[old]) for old, _ in common] for row in old_rows)
        new_values = sorted([str(row[new]) for _, new in common] for row in new_rows)
        if old_values != new_values:
            lost.append(f"{table}: {old_values} became {new_values}")

    return lost


def views(connection: sa.Connection) -> Mapping[str, Any]:
    return {
        view: sorted(
            map(tuple, connection.exec_driver_sql(f"SELECT * FROM {view}")), key=repr
        )
        for view in VIEWS
    }


def onlookers(
    words: Mapping[str, Any], tables: Names | None = None
) -> Mapping[str, Any]:
    """Return the texts of views and triggers, as they are to be after renames."""
    found = {}
    for name, text in words.items():
        if name.startswith(("view ", "trigger ")):
            found[name] = text
            for old, new in (tables or {}).items():
                for words_before in ("FROM ", "ON "):
                    found[name] = found[name].replace(
                        f"{words_before}{old}", f'{words_before}"{new}"'
                    )

    return found


def pragma(connection: sa.Connection, name: str) -> list[Any]:
    return list(map(tuple, connection.exec_driver_sql(f"PRAGMA {name}")))


def assert_all_still_work(connection: sa.Connection, thing: str) -> None:
    """Delete a row that others point to, and look at what all of them do."""
    connection.exec_driver_sql("DELETE FROM log")
    connection.exec_driver_sql(f'DELETE FROM "{thing}" WHERE id = 2')

    def values(sql: str) -> list[Any]:
        return list(connection.exec_driver_sql(sql).scalars())

    assert values("SELECT id FROM child") == [2]
    assert values("SELECT thing_id FROM friend ORDER BY id") == [None, None]
    assert values(f'SELECT next_id FROM "{thing}" ORDER BY id') == [None, None]
    assert sorted(values("SELECT said FROM log")) == [
        "gone: it's 5% :two \\",
        "left: 2",
    ]
