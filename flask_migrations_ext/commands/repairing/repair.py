"""``repair``: what a half-applied revision has done, and what a person says of it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from ...environment import Configured
from ...errors import InvalidArgument
from ...errors import NothingInDoubt
from ...execution.executor import DatabaseExecutor
from ...execution.journal.settling import noted_definition
from ...execution.journal.table import BEGUN
from ...execution.journal.table import DONE
from ...execution.journal.table import Entry
from ...execution.journal.table import JournalTable
from ...schema.model import TableName
from ..locking import database_lock
from ..locking import OnWait
from ..locking import waiting_for
from ..running import run
from ..running import version_table
from ..session import Binds
from ..session import Directory
from ..session import open_project
from ..session import XArguments

_LOOKS = 5
"""How often a table is looked for that comes and goes."""


@dataclass(frozen=True)
class HalfDone:
    """What a database has of a revision that stopped half-way.

    :param title: its bind keys; empty for the default database.
    :param entries: the statements that are, or may be, for good, in order.
    :param found: how the table of the one in doubt is defined now.
    """

    title: str
    url: str
    entries: tuple[Entry, ...]
    found: str | None = None

    @property
    def in_doubt(self) -> Entry | None:
        """The statement of which nobody knows whether it is done."""
        last = self.entries[-1] if self.entries else None
        return last if last is not None and last.state == BEGUN else None


def repair(
    directory: Directory = None,
    how: str | None = None,
    *,
    x_arg: XArguments = None,
    bind: Binds = None,
    wait: float | None = None,
    on_wait: OnWait | None = None,
) -> tuple[HalfDone, ...]:
    """Return what each database has of a revision that stopped half-way.

    :param how: ``done`` or ``undone`` says so of the statement in doubt; ``forget``,
        of all that the revision did, that it was undone, or finished, by hand.
    :param bind: the name of one database, or of several; none: all.
    :param wait: for how many seconds another process may hold the lock.
    :param on_wait: is called with who holds it, if it has to be waited for.
    :raises NothingInDoubt: if there is nothing to say that of.
    """
    if how not in (None, "done", "undone", "forget"):
        raise InvalidArgument("how", "'done', 'undone' or 'forget'", how)

    session = open_project(directory)
    found: list[HalfDone] = []

    def work(configured: Configured) -> None:
        if how is None:
            found.append(_look(configured))
            return

        waiting = waiting_for(configured, "repair", wait, on_wait)
        with database_lock(configured, waiting):
            found.append(_settle(configured, how))

    run(session, work, reading=how is None, x_arg=x_arg, bind=bind)
    if how is not None and not any(each.entries for each in found):
        raise NothingInDoubt(how)

    return tuple(found)


def _look(configured: Configured) -> HalfDone:
    connection = configured.connection
    assert connection is not None
    entries = half_done_in(configured)
    found = HalfDone(configured.title, configured.url, entries)
    doubt = found.in_doubt
    if doubt is not None and doubt.on:
        table = TableName.parse(doubt.on)
        text = noted_definition(connection, configured.dialect, table)
        found = HalfDone(configured.title, configured.url, entries, text)
    _end_transaction(configured, connection)
    return found


def half_done_in(configured: Configured) -> tuple[Entry, ...]:
    """Return what is noted in a database of a revision that stopped half-way."""
    connection = configured.connection
    if connection is None:
        return ()

    table = JournalTable(version_table(configured).name)
    if configured.was_in_transaction:
        return table.read(connection) if table.exists(connection) else ()

    # A run of others makes the table and drops it meanwhile, and a transaction that
    # began before sees neither.
    for looks_left in reversed(range(_LOOKS)):
        connection.rollback()
        if not table.exists(connection):
            break
        try:
            return table.read(connection)
        except sa.exc.DBAPIError as error:
            if error.connection_invalidated or not looks_left:
                raise
    return ()


def _settle(configured: Configured, how: str) -> HalfDone:
    connection = configured.connection
    assert connection is not None
    before = _look(configured)
    doubt = before.in_doubt
    if not before.entries or (how != "forget" and doubt is None):
        return HalfDone(configured.title, configured.url, ())

    table = JournalTable(version_table(configured).name)
    executor = DatabaseExecutor(connection, configured.dialect)
    with executor.transaction():
        if how == "forget":
            table.forget(connection)
            table.drop(connection)
        elif doubt is not None:
            one = [each for each in before.entries if each.ordinal == doubt.ordinal]
            if how == "done":
                table.mark(connection, one, DONE)
            else:
                table.delete(connection, [doubt])
    return before


def _end_transaction(configured: Configured, connection: sa.Connection) -> None:
    # Reading has begun one, which is not the caller's.
    if not configured.was_in_transaction:
        connection.rollback()
