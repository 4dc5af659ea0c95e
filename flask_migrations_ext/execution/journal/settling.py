"""Whether a statement in doubt came to its end: the database is looked at."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from ...dialects.dialect import Dialect
from ...errors import InDoubt
from ...schema.model import TableName
from .table import Entry
from .traces import definition
from .traces import may_run_again
from .traces import Trace

# Longer definitions are compared as far: a TEXT of MySQL ends after 65535 bytes.
_LONGEST_DEFINITION = 15_000


def noted_definition(
    connection: sa.Connection, dialect: Dialect, table: TableName | None
) -> str | None:
    """Return how a table is defined, to be noted; None where none is meant."""
    if table is None:
        return None

    text = definition(connection, dialect, table)
    return None if text is None else text[:_LONGEST_DEFINITION]


def came_to_its_end(
    entry: Entry,
    connection: sa.Connection,
    dialect: Dialect,
    traces: Sequence[Trace],
    sql: str,
) -> bool:
    """Return whether a statement that was begun did what it was to do.

    :param traces: what it leaves to be seen, as far as that is known.
    :param sql: the statement, if a script says it as text; that may do more.
    :raises InDoubt: if that cannot be told.
    """
    for trace in traces:
        if trace.kind == "index" and trace.is_there:
            # Built with others at work, and broken off: it is of no use.
            if dialect.recovery.drop_unfinished(connection, trace.table, trace.name):
                return False

    table = TableName.parse(entry.on) if entry.on else None
    now = noted_definition(connection, dialect, table)
    if entry.before is not None and now == entry.before:
        return False

    shown = {trace.shows(connection) for trace in traces}
    if shown == {True}:
        return True

    if entry.before is None and shown == {False}:
        return False

    # Nobody else changes tables while we have the lock.
    if not traces and entry.before is not None and not sql:
        return True

    if may_run_again(sql):
        return False

    raise InDoubt(
        entry.revision, entry.direction, entry.what, entry.on, entry.before, now
    )
