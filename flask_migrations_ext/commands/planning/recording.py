"""Runs revisions that change nothing: their operations and statements are kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import ExitStack
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import sqlalchemy as sa

from ...autogenerate.describe import describe
from ...dialects.dialect import Dialect
from ...dialects.dialect import Statement
from ...errors import MigrationError
from ...errors import NeedsDatabase
from ...execution.executor import DatabaseExecutor
from ...execution.text_executor import TextExecutor
from ...masking import shown_sql
from ...operations.base import Operation
from ...operations.losses import Loss
from ...operations.losses import losses_of


@dataclass
class Recorded:
    """An operation with what was said for it.

    :param copies: the tables whose rows are copied.
    :param blocks: who would wait, in words, once each.
    :param complete: whether all its statements are known.
    """

    text: str
    losses: tuple[Loss, ...] = ()
    sql: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    blocks: dict[str, None] = field(default_factory=dict)
    complete: bool = True


class RecordingExecutor(TextExecutor):
    """Writes SQL text, and keeps beside it which operation each statement is for."""

    def __init__(self, dialect: Dialect, scratch: DatabaseExecutor | None) -> None:
        super().__init__(dialect, scratch)
        self._recorded: list[Recorded] = []
        self._depth = 0

    def taken(self) -> list[Recorded]:
        """Return what was recorded since the last call."""
        taken, self._recorded = self._recorded, []
        return taken

    def execute(self, operation: Operation) -> None:
        # What an operation from outside does by others is a part of it.
        if not self._depth:
            self._recorded.append(Recorded(describe(operation), losses_of(operation)))
        self._depth += 1
        try:
            super().execute(operation)
        except MigrationError:
            # Without a copy there is nothing to look at, as some want to.
            if self._scratch is not None:
                raise
            self._recorded[-1].complete = False
        finally:
            self._depth -= 1

    def run(self, statement: Statement) -> None:
        """Keep one statement, and follow it on the scratch database."""
        if self._recorded and self._depth:
            self._keep(statement, self._recorded[-1])
        super().run(statement)

    def _keep(self, statement: Statement, kept: Recorded) -> None:
        text = self.dialect.text(statement)
        kept.sql.append(shown_sql(self.dialect.ended(text)))
        if statement.copies is not None:
            kept.copies.append(statement.copies)
        blocked = self.dialect.blocked_by(text)
        if blocked is not None:
            kept.blocks[blocked] = None


@contextmanager
def recording(
    dialect: Dialect, connection: sa.Connection
) -> Iterator[RecordingExecutor]:
    """Yield an executor for a database that stays as it is.

    Where a dialect looks at what it made, a copy of the tables without rows follows.
    """
    with dialect.scratch_like(connection) as scratch:
        yield RecordingExecutor(
            dialect,
            None
            if scratch is None
            else DatabaseExecutor(scratch, dialect, scratch=True),
        )


@contextmanager
def untouched(engines: Sequence[sa.Engine]) -> Iterator[None]:
    """Refuse what a script of this thread says to the app's databases by itself.

    Other threads, such as those of a server, go on as ever.

    :raises NeedsDatabase: in place of a statement, from within the script.
    """
    thread = threading.get_ident()

    def refuse(*arguments: Any) -> None:
        if threading.get_ident() == thread:
            raise NeedsDatabase("db.session, or a connection of its own,")

    with ExitStack() as stack:
        for engine in engines:
            sa.event.listen(engine, "before_cursor_execute", refuse)
            stack.callback(sa.event.remove, engine, "before_cursor_execute", refuse)
        yield
