"""What a SQLite database says of itself: texts, references, broken rows and views.

Each answer is asked for when it is needed, and never kept: a dialect looks between
two of its own statements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import closing
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from ...errors import TableMissing
from ...errors import UnsupportedOperation
from ...schema.model import TableName
from .definition import TableText
from .outline import parse_index
from .parser import parse_table
from .tokens import folded
from .tokens import quote

# https://www.sqlite.org/pragma.html#pragma_table_list
_LISTS_TABLES = (3, 37)

Rows = Counter[Any]
"""How many times each rowid is meant; None where a table has no rowid."""


# To ask each table for its foreign keys takes longer than to search its text. A name
# with quotes in it is written otherwise.
_REFERENCES_TO = """
FROM (SELECT ? AS name) AS asked, sqlite_master AS m
JOIN pragma_foreign_key_list(m.name) AS k
WHERE m.type = 'table' AND instr(lower(m.sql), 'references')
AND (asked.name GLOB '*[''"`]*' OR instr(lower(m.sql), asked.name))
AND lower(k."table") = asked.name
"""


@dataclass(frozen=True)
class StoredText:
    """An entry of ``sqlite_master``; an index that a constraint made has no text."""

    kind: str
    name: str
    table: str
    sql: str | None


@dataclass(frozen=True)
class Dependent:
    """A view, or the triggers of a table on one event: what may stop to compile."""

    title: str
    event: str
    probe: str = field(compare=False)


@dataclass(frozen=True)
class Outline:
    """A table by its name, whether it is STRICT, and its columns."""

    name: str
    is_strict: bool
    columns: tuple[str, ...]

    def has(self, column: str) -> bool:
        """Return whether it has a column of that name."""
        return folded(column) in map(folded, self.columns)


class SqliteCatalog:
    """Asks the database behind a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    # -- texts -------------------------------------------------------------

    def version(self) -> tuple[int, ...]:
        """Return the version of the SQLite library."""
        found: Any = self.connection.dialect
        version: tuple[int, ...] = tuple(found.server_version_info or ())

        return version

    def find(self, name: str) -> StoredText | None:
        """Return the table or view of that name."""
        return next(
            iter(self._stored("type IN ('table', 'view') AND lower(name) = ?", name)),
            None,
        )

    def read_table(self, table: TableName) -> TableText:
        """Return the definition of a table that is to be altered.

        :raises TableMissing: if there is none.
        :raises UnsupportedOperation: if SQLite would alter something else.
        """
        found = self.find(table.name)
        if found is None or found.sql is None:
            raise TableMissing(
                "SQLite",
                f"alter table '{table}': no such table: {table.name}",
                "see whether an earlier revision creates it under this name",
            )
        if self.is_hidden(table.name):
            # It is the one that SQLite would alter.
            raise UnsupportedOperation(
                "SQLite",
                f"alter table '{table}': a temporary table of this name hides it",
                f"drop that first: op.execute('DROP TABLE temp.{quote(found.name)}')",
            )
        if found.kind == "view":
            raise UnsupportedOperation(
                "SQLite",
                f"alter '{table}': it is a view",
                "drop it and create it again, with op.execute()",
            )

        return parse_table(found.sql)

    def outline(self, table: str) -> Outline | None:
        """Return what is known of a table without its text.

        None if there is none, if another thing of its name is in the way, or if this
        SQLite does not tell.
        """
        if self.version() < _LISTS_TABLES:
            return None
        rows = self._rows(
            "SELECT l.schema, l.type, l.name, l.strict, c.name"
            " FROM pragma_table_list(?) AS l"
            " JOIN pragma_table_xinfo(l.name, l.schema) AS c"
            " WHERE l.schema IN ('main', 'temp')",
            table,
        )
        if {(row[0], row[1]) for row in rows} != {("main", "table")}:
            return None

        return Outline(rows[0][2], bool(rows[0][3]), tuple(row[4] for row in rows))

    def indexes_of(self, table: str) -> tuple[StoredText, ...]:
        """Return the indexes of a table that were created by a statement."""
        found = self._stored("type = 'index' AND lower(tbl_name) = ?", table)

        return tuple(each for each in found if each.sql is not None)

    def indexes_on(self, table: str, column: str) -> tuple[StoredText, ...]:
        """Return those of its indexes that use a column."""
        return tuple(
            index
            for index in self.indexes_of(table)
            if folded(column) in map(folded, parse_index(index.sql or "").columns)
        )

    def triggers_of(self, table: str) -> tuple[StoredText, ...]:
        """Return the triggers on a table."""
        return self._stored("type = 'trigger' AND lower(tbl_name) = ?", table)

    def temporary_triggers_of(self, table: str) -> tuple[StoredText, ...]:
        """Return the triggers on a table that only this connection has."""
        found = self._stored(
            "type = 'trigger' AND lower(tbl_name) = ?", table, "sqlite_temp_master"
        )
        # The stored text leaves the word out.
        prefix = "CREATE TEMP TRIGGER"

        return tuple(
            replace(each, sql=prefix + (each.sql or "").removeprefix("CREATE TRIGGER"))
            for each in found
        )

    def is_hidden(self, name: str) -> bool:
        """Return whether a temporary table or view has that name, too."""
        sql = (
            "SELECT EXISTS (SELECT 1 FROM sqlite_temp_master"
            " WHERE type IN ('table', 'view') AND lower(name) = ?)"
        )

        return bool(self._rows(sql, folded(name))[0][0])

    def _stored(
        self, condition: str, name: str, master: str = "sqlite_master"
    ) -> tuple[StoredText, ...]:
        rows = self._rows(
            f"SELECT type, name, tbl_name, sql FROM {master}"
            f" WHERE {condition} ORDER BY rowid",
            # Like lower() of SQLite, this changes ASCII only.
            folded(name),
        )

        return tuple(StoredText(*row) for row in rows)

    def _rows(self, sql: str, *values: str) -> Sequence[Any]:
        """Return the rows of a query that only looks.

        In a transaction there is nothing that SQLAlchemy has to begin for it, and its
        way takes many times longer than the database.
        """
        if self.connection.in_transaction():
            driver: Any = self.connection.connection
            # What it refuses is asked again, for an error of SQLAlchemy's.
            with suppress(self.connection.dialect.loaded_dbapi.Error):
                with closing(driver.cursor()) as cursor:
                    cursor.execute(sql, values)
                    found: Sequence[Any] = cursor.fetchall()
                    return found

        return self.connection.exec_driver_sql(sql, values).all()

    # -- statistics --------------------------------------------------------

    def statistics_of(self, table: str) -> tuple[str, ...]:
        """Return the tables in which ANALYZE has said something about a table."""
        found = self._names(
            "type = 'table' AND name IN ('sqlite_stat1', 'sqlite_stat4')"
        )

        return tuple(
            each
            for each in found
            if self.connection.exec_driver_sql(
                f"SELECT EXISTS (SELECT 1 FROM {each} WHERE lower(tbl) = ?)",
                (folded(table),),
            ).scalar()
        )

    def index_keys(self, table: str) -> Mapping[str, tuple[str | None, ...]]:
        """Return what each index of a table is on; None for an expression."""
        rows = self._rows(
            "SELECT l.name, i.name FROM pragma_index_list(?) l,"
            " pragma_index_info(l.name) i ORDER BY l.name, i.seqno",
            table,
        )

        return {
            index: tuple(key for _, key in keys)
            for index, keys in groupby(rows, key=lambda row: str(row[0]))
        }

    # -- rows --------------------------------------------------------------

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        sql = f"SELECT count(*) FROM {quote(table)}"
        number: int = self.connection.exec_driver_sql(sql).scalar_one()

        return number

    def rows_about(self, table: str) -> int | None:
        """Return the highest row number, which is found without counting."""
        stored = self.find(table)
        if stored is None or stored.kind != "table":
            return None
        try:
            sql = f"SELECT max(_rowid_) FROM {quote(table)}"
            return self.connection.exec_driver_sql(sql).scalar() or 0
        except sa.exc.OperationalError:
            # WITHOUT ROWID.
            return None

    def counts(self, tables: Iterable[str]) -> Mapping[str, int]:
        """Return how many rows each of the tables has."""
        return {table: self.count(table) for table in tables}

    # -- foreign keys ------------------------------------------------------

    def references(self) -> tuple[tuple[str, str], ...]:
        """Return each pair of a table and one that its foreign keys point to."""
        rows = self.connection.exec_driver_sql(
            'SELECT DISTINCT m.name, k."table"'
            " FROM sqlite_master m, pragma_foreign_key_list(m.name) k"
            " WHERE m.type = 'table'"
        )

        return tuple((child, parent) for child, parent in rows)

    def referring_columns(self, table: str, column: str) -> tuple[str, ...]:
        """Return the other tables with a foreign key to a column by its name."""
        rows = self._rows(
            f"SELECT DISTINCT m.name {_REFERENCES_TO}"
            ' AND lower(k."to") = ? AND lower(m.name) <> asked.name',
            folded(table),
            folded(column),
        )

        return tuple(name for (name,) in rows)

    def referred_columns(self, table: str) -> frozenset[str | None]:
        """Return the columns, folded, that foreign keys to a table name.

        None stands for the primary key, where one names no columns.
        """
        rows = self._rows(
            f'SELECT DISTINCT lower(k."to") {_REFERENCES_TO}', folded(table)
        )

        return frozenset(column for (column,) in rows)

    def is_referred_to(self, table: str) -> bool:
        """Return whether a foreign key of any table, or its own, points to it."""
        return bool(self.referred_columns(table))

    def dependants(self, table: str) -> tuple[str, ...]:
        """Return the other tables that point to a table, directly or not."""
        pairs = self.references()
        found: dict[str, str] = {}
        open_ends = [folded(table)]
        while open_ends:
            parent = open_ends.pop()
            for child, target in pairs:
                if folded(target) == parent and folded(child) not in found:
                    found[folded(child)] = child
                    open_ends.append(folded(child))
        found.pop(folded(table), None)

        return tuple(found.values())

    def violations(self, tables: Iterable[str] | None = None) -> Mapping[str, Rows]:
        """Return the rows whose foreign keys point nowhere, by table.

        A foreign key that fits no key of the other table counts as one violation.
        """
        if tables is None:
            tables = dict.fromkeys(child for child, _ in self.references())
        found = {table: self._violations_of(table) for table in tables}

        return {table: rows for table, rows in found.items() if rows}

    def _violations_of(self, table: str) -> Rows:
        try:
            rows = self.connection.exec_driver_sql(
                f"PRAGMA foreign_key_check({quote(table)})"
            )
            return Counter(rowid for _, rowid, _, _ in rows)
        except sa.exc.DBAPIError as error:
            return Counter([str(error.orig)])

    # -- views and triggers ------------------------------------------------

    def dependents(self) -> tuple[Dependent, ...]:
        """Return all views, and the triggers of each table by event."""
        if not self._names("type IN ('view', 'trigger')"):
            return ()

        return (*self._views(), *self._triggers())

    def broken(self) -> Mapping[Dependent, str]:
        """Return the views and triggers that do not compile, with the reasons."""
        failures = {each: self._failure(each) for each in self.dependents()}

        return {each: why for each, why in failures.items() if why is not None}

    def _failure(self, dependent: Dependent) -> str | None:
        try:
            self.connection.exec_driver_sql(dependent.probe).close()
        except sa.exc.DBAPIError as error:
            return str(error.orig)

        return None

    def _views(self) -> Iterator[Dependent]:
        for name in self._names("type = 'view'"):
            probe = f"SELECT * FROM {quote(name)} LIMIT 0"
            yield Dependent(f"view '{name}'", "SELECT", probe)

    def _triggers(self) -> Iterator[Dependent]:
        rows = self.connection.exec_driver_sql(
            "SELECT m.name, t.name FROM sqlite_master t JOIN sqlite_master m"
            " ON m.type IN ('table', 'view') AND lower(m.name) = lower(t.tbl_name)"
            " WHERE t.type = 'trigger' ORDER BY m.name, t.name"
        ).all()
        for table, of_table in groupby(rows, key=lambda row: str(row[0])):
            names = "', '".join(name for _, name in of_table)
            for event, change in self._changes_of(table):
                yield Dependent(
                    f"trigger '{names}' of '{table}'", event, f"EXPLAIN {change}"
                )

    def _changes_of(self, table: str) -> Iterator[tuple[str, str]]:
        """Yield statements that would fire all triggers of a table."""
        target = quote(table)
        yield "DELETE", f"DELETE FROM {target}"
        yield "INSERT", f"INSERT INTO {target} DEFAULT VALUES"
        columns = self.connection.exec_driver_sql(
            "SELECT name FROM pragma_table_info(?)", (table,)
        ).scalars()
        changes = ", ".join(f"{quote(each)} = {quote(each)}" for each in columns)
        if changes:
            yield "UPDATE", f"UPDATE {target} SET {changes}"

    def _names(self, condition: str) -> tuple[str, ...]:
        rows = self._rows(
            f"SELECT name FROM sqlite_master WHERE {condition} ORDER BY name"
        )

        return tuple(name for (name,) in rows)


def copy_tables(connection: sa.Connection, to: sa.Connection) -> None:
    """Make the tables, indexes, views and triggers of a database in another one."""
    texts = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"
        " AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
        # A trigger may name what was made after it.
        " ORDER BY type IN ('view', 'trigger'), rowid"
    )
    for text in texts.scalars():
        # What belongs to a virtual table is there already; one whose module only the
        # app loads cannot be had.
        with suppress(sa.exc.OperationalError):
            to.exec_driver_sql(text)
    to.commit()


def literal(text: str) -> str:
    """Return a text as a string of SQL."""
    escaped = text.replace("'", "''")

    return f"'{escaped}'"
