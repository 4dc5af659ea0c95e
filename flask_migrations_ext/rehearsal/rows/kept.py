"""Which rows, and which of their values, a revision has to leave as they are.

A row of a table that is there before and afterwards stays; so does a value, unless the
type of its column changes. What a revision says to update or to delete it may.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import sqlalchemy as sa

from ...schema.model import Table
from ...schema.model import TableName
from ...wording import counted
from ..snapshots import Snapshot
from .maker import in_order
from .maker import Row
from .maker import rows_of

Rows = Mapping[TableName, list[Row]]

_WRITES = re.compile(
    r"\s*(?:WITH\b.*?\)\s*)?(UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?)\s+(?:ONLY\s+)?"
    r"(?:[\w\"`\[\]]+\.)?[\"`\[]?(\w+)",
    re.I | re.S,
)


def all_rows(
    connection: sa.Connection,
    snapshot: Snapshot,
    only: Collection[TableName] | None = None,
) -> Rows:
    """Return the rows of all tables, or of some."""
    return {
        table.name: rows_of(connection, table, table.name)
        for table in snapshot.schema.tables
        if only is None or table.name in only
    }


def put_back(
    connection: sa.Connection,
    snapshot: Snapshot,
    rows: Rows,
    only: Collection[TableName] | None = None,
) -> None:
    """Let all tables, or some, have these rows and no others."""
    found = all_rows(connection, snapshot, only)
    if all(found[name] == rows[name] for name in found):
        return

    order = [each for each in in_order(snapshot.schema.by_name) if each.name in found]
    for table in reversed(order):
        target = sa.table(table.name.name, schema=table.name.schema)
        connection.execute(target.delete())
    for table in order:
        made = [each.name for each in table.columns if each.computed]
        for row in rows[table.name]:
            values = {name: row[name] for name in row if name not in made}
            columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in values]
            target = sa.table(table.name.name, *columns, schema=table.name.schema)
            connection.execute(target.insert().values(values))


@dataclass
class Written:
    """The tables whose rows a script changes by statements of its own."""

    updated: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    def hear(self, *event: Any) -> None:
        """Take a statement, as SQLAlchemy's ``before_cursor_execute`` tells it."""
        if found := _WRITES.match(event[2]):
            kind = self.updated if found[1].upper() == "UPDATE" else self.deleted
            kind.add(found[2].lower())


@contextmanager
def written_on(engine: sa.Engine) -> Iterator[Written]:
    """Yield what is written on an engine within the block."""
    written = Written()
    sa.event.listen(engine, "before_cursor_execute", written.hear)
    try:
        yield written
    finally:
        sa.event.remove(engine, "before_cursor_execute", written.hear)


def losses(
    before: tuple[Snapshot, Rows], after: tuple[Snapshot, Rows], written: Written
) -> Iterator[str]:
    """Yield what became of rows that should have stayed, each with table and key."""
    tables = after[0].schema.by_name
    for old in before[0].schema.tables:
        new = tables.get(old.name)
        if new is None or old.name not in before[1] or old.name not in after[1]:
            continue
        if old.name.name.lower() in written.deleted:
            continue
        same = [name for name in _kept_columns(old, new, before[0])]
        if old.name.name.lower() in written.updated:
            same = []
        yield from _lost(old, new, same, before[1][old.name], after[1][old.name])


def _kept_columns(old: Table, new: Table, snapshot: Snapshot) -> Iterator[str]:
    for column in old.columns:
        twin = new.column(column.name)
        if twin is None or column.computed or twin.computed:
            continue
        if snapshot.rules.same_type(column.type, twin.type):
            yield column.name


def _lost(
    old: Table, new: Table, same: list[str], before: list[Row], after: list[Row]
) -> Iterator[str]:
    key = old.primary_key.columns if old.primary_key else ()
    if not key or not all(new.column(each) for each in key):
        yield from _fewer(old, same, before, after)
        return

    found = {_key(row, key): row for row in after}
    for row in before:
        place = f"table '{old.name}', {_said_key(row, key)}"
        now = found.get(_key(row, key))
        if now is None:
            yield f"{place}: the row is gone"
            continue
        for name in same:
            if row.get(name) != now.get(name):
                yield f"{place}: '{name}' was {row.get(name)!r}, is {now.get(name)!r}"


def _fewer(
    table: Table, same: list[str], before: list[Row], after: list[Row]
) -> Iterator[str]:
    def counts(rows: list[Row]) -> Counter[str]:
        return Counter(repr([row.get(name) for name in same]) for row in rows)

    lost = sum((counts(before) - counts(after)).values())
    if lost:
        yield f"table '{table.name}', no key: {counted(lost, 'row')} gone or changed"


def _key(row: Row, key: tuple[str, ...]) -> tuple[str, ...]:
    # As text: the type of a key may change, and what it says may not.
    return tuple(str(row.get(each)) for each in key)


def _said_key(row: Row, key: tuple[str, ...]) -> str:
    return ", ".join(f"{each} = {row.get(each)}" for each in key)
