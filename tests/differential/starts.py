"""Puts databases back to where a case starts, as quickly as they can."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from pymysql.constants import CLIENT
from sqlalchemy.engine import Dialect

from .case import ROWS
from .engines import sa_dialect

# One message for many statements.
CONNECTED: Mapping[str, Mapping[str, Any]] = {
    "sqlite": {},
    "postgresql": {},
    "mariadb": {"client_flag": CLIENT.MULTI_STATEMENTS},
}

Tables = Mapping[str, Sequence[str]]
"""For each table the statements that make it and fill it, in a working order."""


def send(connection: sa.Connection, statements: Sequence[str]) -> None:
    """Send statements all at once, and commit."""
    cursor = connection.connection.cursor()
    script = ";\n".join(statements)
    if connection.dialect.name == "sqlite":
        cursor.executescript(script)
    else:
        cursor.execute(script)
        while cursor.nextset():
            pass
    cursor.close()
    connection.connection.commit()


def tables_of(metadata: sa.MetaData, name: str, with_rows: bool) -> Tables:
    """Return the tables of a start for a kind of database."""
    key = (id(metadata), name, with_rows)
    if key not in _TABLES:
        # The metadata is kept, too: its id must not become that of another.
        _TABLES[key] = (metadata, _tables_of(metadata, name, with_rows))

    return _TABLES[key][1]


_TABLES: dict[tuple[int, str, bool], tuple[sa.MetaData, Tables]] = {}


def _tables_of(metadata: sa.MetaData, name: str, with_rows: bool) -> Tables:
    dialect = sa_dialect(name)
    tables: dict[str, Sequence[str]] = {}
    for table in metadata.sorted_tables:
        statements: list[str] = []

        def note(element: Any, *_: Any, into: Any = statements, **__: Any) -> None:
            into.append(str(element.compile(dialect=dialect)).strip().rstrip(";"))

        engine: Any = sa.create_mock_engine(_URLS[name], note)
        table.create(engine, checkfirst=False)
        rows = ROWS.get(table.name, ()) if with_rows else ()
        tables[table.name] = [
            *statements,
            *(_insert(table, row, dialect) for row in rows),
        ]

    return tables


_URLS = {
    "sqlite": "sqlite://",
    "postgresql": "postgresql+psycopg://",
    "mariadb": "mariadb+pymysql://",
}


def _insert(table: sa.Table, row: Mapping[str, Any], dialect: Dialect) -> str:
    taken = [each.name for each in table.columns if each.computed is None]
    known = {key: row[key] for key in row if key in taken}
    compiled = (
        table.insert()
        .inline()
        .values(known)
        .compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    )

    return str(compiled)


class MariaDBTables:
    """Makes only those tables anew that are not what they were: each takes its time."""

    def __init__(self) -> None:
        self._wanted: dict[int, Mapping[str, tuple[str, ...]]] = {}

    def reset(self, connection: sa.Connection, tables: Tables) -> None:
        """Put a database back."""
        there = self._found(connection)
        wanted = self._wanted.get(id(tables), {})
        script = ["SET foreign_key_checks = 0"]
        for name, (kind, *_) in there.items():
            if there[name] != wanted.get(name):
                script.append(f"DROP {kind} `{name}`")
        for name, statements in tables.items():
            if name not in wanted or there.get(name) != wanted[name]:
                script += statements
        script.append("SET foreign_key_checks = 1")
        send(connection, script)
        if not wanted:
            self._wanted[id(tables)] = self._found(connection)

    def _found(self, connection: sa.Connection) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for name, kind in connection.exec_driver_sql("SHOW FULL TABLES"):
            if kind == "VIEW":
                found[name] = ("VIEW",)
                continue
            quoted = name.replace("`", "``")
            shown = connection.exec_driver_sql(f"SHOW CREATE TABLE `{quoted}`").one()
            summed = connection.exec_driver_sql(f"CHECKSUM TABLE `{quoted}`").one()
            found[name] = ("TABLE", str(shown[1]), str(summed[1]))
        connection.commit()

        return found
