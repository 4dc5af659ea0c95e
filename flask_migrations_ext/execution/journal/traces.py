"""What an operation, or a statement, leaves to be seen in a database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from ...dialects.dialect import Dialect
from ...operations.base import Operation
from ...operations.columns import AddColumn
from ...operations.columns import AlterColumn
from ...operations.columns import DropColumn
from ...operations.constraints import AddConstraint
from ...operations.constraints import DropConstraint
from ...operations.indexes import CreateIndex
from ...operations.indexes import DropIndex
from ...operations.sql import ExecuteSql
from ...operations.tables import AlterTable
from ...operations.tables import CommentTable
from ...operations.tables import CreateTable
from ...operations.tables import DropTable
from ...operations.tables import RenameTable
from ...schema.model import TableName
from ..statement_log import words_of


@dataclass(frozen=True)
class Trace:
    """Something that is there afterwards, or is gone.

    :param kind: ``table``, ``column`` or ``index``.
    :param name: of what is in the table; the table's for itself.
    """

    kind: str
    table: TableName
    name: str
    is_there: bool

    def shows(self, connection: sa.Connection) -> bool:
        """Return whether the database looks as it does afterwards."""
        return self.is_there == self._found(connection)

    def _found(self, connection: sa.Connection) -> bool:
        inspector = sa.inspect(connection)
        name, schema = self.table.name, self.table.schema
        if not inspector.has_table(name, schema=schema):
            return False

        if self.kind == "table":
            return True

        if self.kind == "column":
            found = {each["name"] for each in inspector.get_columns(name, schema)}
        else:
            found = {str(each["name"]) for each in inspector.get_indexes(name, schema)}
        return self.name.lower() in {each.lower() for each in found}


def traces_of(operation: Operation) -> tuple[Trace, ...]:
    """Return what an operation leaves to be seen; none if that is not known."""
    if isinstance(operation, ExecuteSql):
        return traces_in(operation.text)

    return tuple(_traces(operation))


def _traces(operation: Operation) -> Iterator[Trace]:
    match operation:
        case CreateTable(table=table):
            yield Trace("table", table.name, table.name.name, True)
        case DropTable(name=name):
            yield Trace("table", name, name.name, False)
        case RenameTable(name=name, new_name=new):
            yield Trace("table", TableName(new, name.schema), new, True)
            yield Trace("table", name, name.name, False)
        case AddColumn(table=name, column=column):
            yield Trace("column", name, column.name, True)
        case DropColumn(table=name, name=column_name):
            yield Trace("column", name, column_name, False)
        case AlterColumn(table=name, name=old, new_name=str(new)) if old != new:
            yield Trace("column", name, new, True)
            yield Trace("column", name, old, False)
        case AlterTable(operations=operations):
            for each in operations:
                yield from _traces(each)
        case CreateIndex(table=name, index=index) if index.name:
            yield Trace("index", name, str(index.name), True)
        case DropIndex(table=TableName() as name, name=str(index_name)):
            yield Trace("index", name, index_name, False)


def table_of(operation: Operation) -> TableName | None:
    """Return the table whose definition an operation changes, if there is one."""
    match operation:
        case CreateTable(table=table):
            return table.name
        case DropTable(name=name) | RenameTable(name=name):
            return name
        case (
            AddColumn(table=name)
            | DropColumn(table=name)
            | AlterColumn(table=name)
            | CreateIndex(table=name)
            | AddConstraint(table=name)
            | DropConstraint(table=name)
            | AlterTable(table=name)
            | CommentTable(table=name)
        ):
            return name
        case DropIndex(table=TableName() as name):
            return name
        case ExecuteSql(text=text):
            return table_in(text)
    return None


class Expected:
    """What has to be seen of all that a revision has done, taken together."""

    def __init__(self) -> None:
        self._by_name: dict[tuple[str, TableName, str], tuple[Trace, str]] = {}

    def add(self, traces: tuple[Trace, ...], what: str, on: str) -> None:
        """Take a statement into account.

        :param what: the statement, in short.
        :param on: the table that it changes; of it, nothing is expected any more where
            it does not show what was changed.
        """
        if not traces:
            self._forget(TableName.parse(on) if on else None)
        for trace in traces:
            if trace.kind == "table":
                self._forget(trace.table)
            self._by_name[trace.kind, trace.table, trace.name] = (trace, what)

    def _forget(self, table: TableName | None) -> None:
        self._by_name = {
            key: found
            for key, found in self._by_name.items()
            if table is not None and key[1] != table
        }

    def missing(self, connection: sa.Connection) -> str | None:
        """Return a statement whose traces are not there; then expect no more."""
        found, self._by_name = self._by_name, {}
        for trace, what in found.values():
            if not trace.shows(connection):
                return what

        return None


# -- SQL as text -----------------------------------------------------------

_NAME = r"(?:[\"`\[]?[\w$]+[\"`\]]?\.)?[\"`\[]?[\w$]+[\"`\]]?"
_OF_TABLE = re.compile(
    rf"\s*(?:CREATE|ALTER|DROP|RENAME|TRUNCATE)\s+(?:TABLE\s+)"
    rf"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:ONLY\s+)?({_NAME})",
    re.I,
)
_OF_INDEX = re.compile(
    rf"\s*(CREATE|DROP)\s+(?:UNIQUE\s+|FULLTEXT\s+|SPATIAL\s+)?INDEX\s+"
    rf"(?:CONCURRENTLY\s+)?(?:IF\s+(?:NOT\s+)?EXISTS\s+)?({_NAME})\s+ON\s+"
    rf"(?:ONLY\s+)?({_NAME})",
    re.I,
)
_OF_COLUMN = re.compile(
    rf"\s*ALTER\s+TABLE\s+({_NAME})\s+(ADD|DROP)\s+(COLUMN\s+)?"
    rf"(?!(?:CONSTRAINT|INDEX|KEY|UNIQUE|PRIMARY|FOREIGN|CHECK|PARTITION)\b)({_NAME})",
    re.I,
)
_AGAIN = re.compile(r"\s*CREATE\s+OR\s+REPLACE\b|.*?\bIF\s+(?:NOT\s+)?EXISTS\b", re.I)


_OF_ROWS = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "WITH", "LOAD"})
# Gone with the session: made again each time.
_TEMPORARY = re.compile(r"\s*(?:CREATE|DROP)\s+(?:LOCAL\s+|GLOBAL\s+)?TEMP", re.I)


def is_of_rows(sql: str) -> bool:
    """Return whether a statement that changes something changes rows."""
    return bool(_OF_ROWS.intersection(words_of(sql)[:1]))


def is_temporary(sql: str) -> bool:
    """Return whether a statement concerns a table that goes with the session."""
    return _TEMPORARY.match(sql) is not None


def table_in(sql: str) -> TableName | None:
    """Return the table whose definition a statement changes, as far as it shows."""
    found = _OF_INDEX.match(sql)
    if found is not None:
        return _named(found[3])

    found = _OF_TABLE.match(sql)
    return None if found is None else _named(found[1])


def traces_in(sql: str) -> tuple[Trace, ...]:
    """Return what a statement leaves to be seen; none if it does not show."""
    index = _OF_INDEX.match(sql)
    if index is not None:
        table, name = _named(index[3]), _named(index[2]).name
        return (Trace("index", table, name, index[1].upper() == "CREATE"),)

    column = _OF_COLUMN.match(sql)
    if column is not None and "," not in sql:
        table, name = _named(column[1]), _named(column[4]).name
        return (Trace("column", table, name, column[2].upper() == "ADD"),)

    verb = sql.split(None, 1)[0].upper() if sql.strip() else ""
    if verb in ("CREATE", "DROP") and _OF_TABLE.match(sql) and "TEMPORARY" not in sql:
        created = table_in(sql)
        if created is not None and not (verb == "DROP" and "," in sql):
            return (Trace("table", created, created.name, verb == "CREATE"),)

    return ()


def may_run_again(sql: str) -> bool:
    """Return whether a statement may run where it has run already."""
    return _AGAIN.match(sql) is not None


def _named(text: str) -> TableName:
    return TableName.parse(re.sub(r"[\"`\[\]]", "", text))


# -- definitions -----------------------------------------------------------


def definition(
    connection: sa.Connection, dialect: Dialect, table: TableName
) -> str | None:
    """Return how a table is defined, as text; empty if it is not there."""
    said = dialect.recovery.definition(connection, dialect.table_text(table))
    if said is not None:
        return said

    inspector = sa.inspect(connection)
    name, schema = table.name, table.schema
    if not inspector.has_table(name, schema=schema):
        return ""

    columns = [
        (each["name"], str(each["type"]), each["nullable"], each["default"])
        for each in inspector.get_columns(name, schema)
    ]
    indexes = sorted(
        (str(each["name"]), each["column_names"], each["unique"])
        for each in inspector.get_indexes(name, schema)
    )
    parts = [
        columns,
        inspector.get_pk_constraint(name, schema),
        sorted(map(str, inspector.get_foreign_keys(name, schema))),
        sorted(map(str, inspector.get_unique_constraints(name, schema))),
        sorted(map(str, inspector.get_check_constraints(name, schema))),
        indexes,
    ]
    return "\n".join(map(str, parts))
