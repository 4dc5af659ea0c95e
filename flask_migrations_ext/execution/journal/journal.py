"""The journal of one run: what is noted beforehand, and what is skipped again.

Where a transaction holds all of a revision, nothing is noted: a rollback leaves no
trace. What is for good before the revision is done is noted as follows.

- Where changes of tables commit by themselves: before each of them, which commits the
  note as well. The next note says that this one is done.
- Outside of transactions: before each, and after it.
- Changes of rows: in the transaction that they are in.
- Where a transaction ends before its revision does: in it, all that it did.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import replace
from enum import auto
from enum import Enum
from itertools import groupby

import sqlalchemy as sa

from ...dialects.dialect import Dialect
from ...errors import HalfApplied
from ...errors import MigrationError
from ...errors import RevisionEdited
from ...errors import UndoneByHand
from ...errors.failure import Failure
from ...masking import shown_query
from ...operations.base import Operation
from ...operations.sql import ExecuteSql
from ...schema.model import TableName
from ..statement_log import StatementLog
from ..statement_log import words_of
from .fingerprint import of_operation
from .fingerprint import of_statement
from .said import Said
from .settling import came_to_its_end
from .settling import noted_definition
from .table import BEGUN
from .table import DONE
from .table import Entry
from .table import JournalTable
from .table import PART
from .traces import Expected
from .traces import is_of_rows
from .traces import is_temporary
from .traces import Trace
from .traces import traces_in
from .traces import traces_of


class Place(Enum):
    """Where a statement runs, which decides whether it is for good."""

    INSIDE = auto()
    """In a transaction that holds it."""

    COMMITTING = auto()
    """Where a change of a table commits all that was before it."""

    OUTSIDE = auto()
    """In no transaction."""


class Journal:
    """What a run has noted, and has found noted, of the revision that it is at."""

    def __init__(
        self,
        table: JournalTable,
        connection: sa.Connection,
        dialect: Dialect,
        log: StatementLog,
    ) -> None:
        self._table = table
        self.nothing = (
            f"DELETE FROM {dialect.table_text(TableName(table.name, table.schema))}"
            " WHERE 1 = 0"
        )
        """What is sent in place of a statement that is skipped."""
        self._connection = connection
        self._dialect = dialect
        self._log = log
        self._is_there: bool | None = None
        self.is_open = False
        self._reset("", "")

    def _reset(self, revision: str, direction: str) -> None:
        self._of = (revision, direction)
        self._past: dict[int, list[Entry]] = {}
        self._ordinal = 0
        self._part = 0
        self._operation: Operation | None = None
        self._is_unfinished = False
        self._skipped_parts = 0
        self._expected = Expected()
        self._pending: list[Said | Entry] = []
        self._ended: set[int] = set()
        self._savepoints: dict[str, int] = {}
        self._outside: list[Entry] = []
        self._begun_now: set[tuple[int, int]] = set()
        self._running: tuple[Said, Place, Entry | None] | None = None
        self._transaction_is_ours = False
        self.recorded = 0
        """How many statements of this try are noted."""

    # -- a revision --------------------------------------------------------

    def open(self, revision: str, direction: str) -> None:
        """Begin to note what a revision does, and to skip what it has done before.

        :raises HalfApplied: if it is another one that is half applied.
        :raises CannotNote: if we may not make the table for it.
        """
        self._reset(revision, direction)
        with self._log.deaf():
            found = self._read()
            for each in found:
                if (each.revision, each.direction) != self._of:
                    raise HalfApplied(each.revision, each.direction, revision)
            if not self._dialect.transactional_ddl:
                self._create()
        for ordinal, entries in groupby(found, lambda each: each.ordinal):
            self._past[ordinal] = list(entries)
        self.is_open = True

    def _read(self) -> tuple[Entry, ...]:
        if self._is_there is None:
            self._is_there = self._table.exists(self._connection)
        return self._table.read(self._connection) if self._is_there else ()

    def _create(self) -> None:
        if not self._is_there:
            self._table.create(self._connection, self._dialect, self._of[0])
            self._is_there = True

    @property
    def _last(self) -> int:
        return max(self._past, default=0)

    def close(self) -> None:
        """See that a script has come by all that it did before.

        :raises RevisionEdited: if it has not.
        """
        self.is_open = False
        if self._ordinal < self._last:
            raise self._edited(self._past[self._last][0], "comes to its end")
        self._check_done()

    def _check_done(self) -> None:
        """See that what is skipped is there still.

        :raises UndoneByHand: if it is not.
        """
        with self._log.deaf():
            missing = self._expected.missing(self._connection)
        if missing is not None:
            raise UndoneByHand(*self._of, missing)

    def finish(self) -> None:
        """Delete the notes, in the transaction in which the revision is done."""
        if self._is_there and (self._past or self.recorded):
            with self._log.deaf():
                self._table.forget(self._connection, self._of[0])
                if self._dialect.transactional_ddl:
                    self._table.drop(self._connection)
                    self._is_there = False

    def end(self) -> None:
        """Drop the table where no revision is half applied any more."""
        if not self._is_there:
            return

        with suppress(sa.exc.DBAPIError), self._connection.begin():
            if not self._table.read(self._connection):
                self._table.drop(self._connection)
        self._is_there = None

    def covers(self, committed: int) -> bool:
        """Return whether all that is committed of this try is noted."""
        return self.recorded >= committed

    # -- an operation ------------------------------------------------------

    @contextmanager
    def operation(self, operation: Operation) -> Iterator[bool]:
        """Yield whether an operation is to be run, which the block does then."""
        self._ordinal += 1
        self._part = 0
        past = self._past.get(self._ordinal)
        with self._log.deaf():
            runs = past is None or self._is_left(operation, past)
        if not runs and past:
            if not is_of_rows(past[0].what):
                self._expected.add(traces_of(operation), past[0].what, past[0].on)
            yield False
            return

        self._operation = operation
        self._is_unfinished = True
        try:
            yield True
        finally:
            self._operation, self._skipped_parts = None, 0
        self._is_unfinished = False
        self._completed(past or [])

    def _completed(self, past: list[Entry]) -> None:
        noted, self._outside = [*past, *self._outside], []
        self._ended.add(self._ordinal)
        if noted:
            with self._log.deaf():
                self._table.mark(self._connection, noted, DONE)

    def _is_left(self, operation: Operation, past: list[Entry]) -> bool:
        """Return whether an operation that was begun before is to be run now."""
        same = past[0].operation == of_operation(operation)
        final = past[-1]
        if self._ordinal < self._last or final.state == DONE:
            if not same:
                raise self._edited(final, f"has '{operation.verb}'")
            return False

        if final.state == BEGUN:
            sql = operation.text if isinstance(operation, ExecuteSql) else ""
            traces = traces_of(operation) if same else ()
            # Of another operation, nothing is known but how the table was before.
            if not self._came_to_its_end(final, traces, sql if same else "?"):
                self._table.delete(self._connection, [past.pop()])
            elif self._count(operation) == final.part:
                self._table.mark(self._connection, past, DONE)
                return False
        if past and not same:
            raise self._edited(past[-1], f"has '{operation.verb}'")

        self._skipped_parts = len(past)
        return True

    def _came_to_its_end(self, entry: Entry, traces: Sequence[Trace], sql: str) -> bool:
        return came_to_its_end(entry, self._connection, self._dialect, traces, sql)

    def _count(self, operation: Operation) -> int | None:
        """Return how many statements an operation takes; None if it has to look."""
        if isinstance(operation, ExecuteSql):
            return 1

        try:
            return sum(1 for _ in self._dialect.statements(operation, None))
        except MigrationError:
            return None

    # -- a statement -------------------------------------------------------

    def before(self, sql: str, place: Place, *, can_skip: bool) -> bool:
        """Note a statement where it is noted before; return whether to skip it.

        :param can_skip: whether the script can do without its result.
        """
        self._give_up_transaction()
        if is_temporary(sql):
            self._running = None
            return False

        if self._operation is None:
            self._ordinal += 1
            self._part = 0
            self._is_unfinished = False
        self._part += 1
        with self._log.deaf():
            if self._was_done(sql):
                if not can_skip:
                    raise self._edited(
                        self._past[self._ordinal][0],
                        "asks for what that gave, which is not known any more",
                    )
                noted = self._past[self._ordinal][0]
                if self._operation is None and not is_of_rows(sql):
                    self._expected.add(traces_in(sql), noted.what, noted.on)
                return True

        self._check_done()
        said = Said(self._of, self._ordinal, self._part, self._operation, sql)
        with self._log.deaf():
            self._running = (said, place, self._begun(said, place))
        return False

    def _was_done(self, sql: str) -> bool:
        past = self._past.get(self._ordinal, [])
        if self._operation is not None:
            if self._part > self._skipped_parts:
                return False
            noted = past[self._part - 1]
            if noted.statement != of_statement(sql):
                raise self._edited(noted, f"says '{shown_query(sql)}'")
            return True

        if not past:
            return False

        same = past[0].statement == of_statement(sql)
        if self._ordinal == self._last and past[0].state == BEGUN:
            traces = traces_in(sql) if same else ()
            if not self._came_to_its_end(past[0], traces, sql if same else "?"):
                self._table.delete(self._connection, past)
                del self._past[self._ordinal]
                return False
        if not same:
            raise self._edited(past[0], f"says '{shown_query(sql)}'")
        return True

    def _begun(self, said: Said, place: Place) -> Entry | None:
        """Return the note of a statement, written where it has to be beforehand.

        None where a transaction holds it: it is noted if that ends before its revision.
        """
        # What changes rows may hold many of them: to keep its note takes less.
        if place is Place.INSIDE and not is_of_rows(said.sql):
            return None

        entry = said.note()
        if is_of_rows(said.sql):
            if place is Place.OUTSIDE:
                self._connection.exec_driver_sql("BEGIN")
                self._transaction_is_ours = True
            return entry

        before = noted_definition(self._connection, self._dialect, said.table)
        entry = replace(entry, state=BEGUN, before=before)
        self._table.insert(self._connection, [entry])
        self._begun_now.add((self._ordinal, self._part))
        self.recorded += 1
        return entry

    def after(self) -> None:
        """Note that the statement has come to its end, where that is to be noted."""
        running, self._running = self._running, None
        if running is None:
            return

        said, place, entry = running
        if entry is None or place is Place.INSIDE:
            self._pending.append(entry or said)
            return

        done = PART if self._operation else DONE
        with self._log.deaf():
            if entry.state != BEGUN:
                self._table.insert(self._connection, [entry])
                self.recorded += 1
                if self._transaction_is_ours:
                    self._transaction_is_ours = False
                    self._connection.exec_driver_sql("COMMIT")
                    self._log.keep()
            elif place is Place.OUTSIDE:
                self._table.mark(self._connection, [entry], done)
        if place is Place.OUTSIDE and self._operation:
            self._outside.append(entry)

    def _give_up_transaction(self) -> None:
        # A statement in it has failed, and the script goes on.
        if self._transaction_is_ours:
            self._transaction_is_ours = False
            with self._log.deaf():
                self._connection.exec_driver_sql("ROLLBACK")

    def control(self, sql: str) -> None:
        """Follow what a script says of its transaction, before it is said."""
        match words_of(sql):
            case ["COMMIT" | "END", *_]:
                self.flush()
            case ["SAVEPOINT", name, *_]:
                self._savepoints[name] = len(self._pending)
            case ["ROLLBACK", *_, ("TO" | "SAVEPOINT"), name] if (
                name in self._savepoints
            ):
                del self._pending[self._savepoints[name] :]

    def flush(self) -> None:
        """Note what the transaction did that is about to be committed."""
        with self._log.deaf():
            self._create()
            if self._pending:
                self._table.insert(self._connection, map(self._note_of, self._pending))
        self.recorded += len(self._pending)
        self._pending = []
        self._savepoints.clear()

    def _note_of(self, each: Said | Entry) -> Entry:
        is_done = each.ordinal in self._ended
        if isinstance(each, Said):
            return each.note(is_done=is_done)

        return replace(each, state=DONE) if is_done else each

    # -- a failure ---------------------------------------------------------

    def abandon(self) -> None:
        """Note nothing more of a revision, as it is rolled back."""
        self.is_open = False

    def failed(self, error: BaseException) -> None:
        """Note what is known of statements that are committed, once all is rolled back.

        Without it, the one before the failure would be in doubt.
        """
        was_open, self.is_open = self.is_open, False
        if self._dialect.transactional_ddl:
            # It may have been made, or dropped, in what is rolled back.
            self._is_there = None
            return

        if not (was_open and self._is_there):
            return

        with suppress(sa.exc.DBAPIError), self._connection.begin():
            self._mark_known(error)
        self.end()

    def _mark_known(self, error: BaseException) -> None:
        running = self._running[0] if self._running else None
        refused = (
            isinstance(error, sa.exc.DBAPIError)
            and self._dialect.failure(error) is not Failure.DISCONNECTED
        )
        for each in self._table.read(self._connection):
            place = (each.ordinal, each.part)
            # Of what an earlier run has begun, this one knows no more than before.
            if place not in self._begun_now or each.state != BEGUN:
                continue

            if running and place == (running.ordinal, running.part):
                if refused:
                    self._table.delete(self._connection, [each])
                continue

            is_last = each.ordinal == self._ordinal
            state = PART if is_last and self._is_unfinished else DONE
            self._table.mark(self._connection, [each], state)

    def _edited(self, noted: Entry, now: str) -> RevisionEdited:
        return RevisionEdited(*self._of, noted.ordinal, noted.what, now)
