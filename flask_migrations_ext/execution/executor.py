"""What carries out operations: on a database, into SQL text, or into a list."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import contextmanager
from contextlib import ExitStack
from typing import Any
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect
from sqlalchemy.engine.default import DefaultDialect

from ..dialects.dialect import Dialect
from ..dialects.dialect import Statement
from ..dialects.lock import Limits
from ..errors import NeedsDatabase
from ..errors import UnsupportedOperation
from ..operations.base import Operation
from ..schema.to_sqlalchemy import NamingConvention
from .journal.journal import Journal
from .journal.journal import Place
from .statement_log import changes_something
from .statement_log import gives_back
from .statement_log import StatementLog
from .steps.progress import advancing


class Executor(Protocol):
    """Carries out one operation after the other, at once."""

    offline: bool
    """Whether SQL text is written in place of changing a database."""

    @property
    def naming_convention(self) -> NamingConvention | None:
        """What names the constraints that scripts leave without a name."""

    @property
    def sa_dialect(self) -> SADialect:
        """SQLAlchemy's dialect of the database."""

    @property
    def connection(self) -> sa.Connection:
        """The database.

        :raises NeedsDatabase: if there is none.
        """

    @property
    def bind(self) -> sa.Connection:
        """The database, or what writes in its place and has no rows.

        :raises NeedsDatabase: if there is neither.
        """

    def execute(self, operation: Operation) -> None:
        """Carry out an operation."""

    def autocommit_block(self) -> AbstractContextManager[None]:
        """Run a block outside of any transaction."""


_SAVEPOINT = "flask_migrations_ext"
_NO_LIMITS = Limits()


class DatabaseExecutor:
    """Carries out operations on a database.

    If the connection is in a transaction already, that belongs to the caller:
    none is begun, committed or rolled back here.

    :param scratch: whether the database is one in memory, that nobody else knows of.
    :param limits: how long statements wait for others.
    """

    offline = False

    def __init__(
        self,
        connection: sa.Connection,
        dialect: Dialect,
        *,
        scratch: bool = False,
        limits: Limits = _NO_LIMITS,
    ) -> None:
        self._connection = connection
        self.dialect = dialect
        self.external = connection.in_transaction()
        self.scratch = scratch
        self.log = StatementLog(connection, dialect)
        """What became of the statements since the last :meth:`forget`."""
        self.limits = dialect.session_limits(connection, limits)
        self.waits_since: float | None = None
        """When the statement began that runs, by the clock of ``time.monotonic``."""
        self.journal: Journal | None = None
        """Notes what is for good of a revision that is not done; none: nothing is."""
        self._transaction: ExitStack | None = None
        self._listens = False
        self._in_block = False
        self._outside: Any = None

    @property
    def executed(self) -> list[str]:
        """The statements that changed something and were not rolled back."""
        return self.log.executed

    @property
    def committed(self) -> int:
        """How many of them are committed, whatever becomes of the others."""
        return self.log.committed

    @property
    def naming_convention(self) -> NamingConvention | None:
        return self.dialect.naming_convention

    @property
    def sa_dialect(self) -> SADialect:
        return self.dialect.sa_dialect

    @property
    def connection(self) -> sa.Connection:
        return self._connection

    @property
    def bind(self) -> sa.Connection:
        return self._connection

    def execute(self, operation: Operation) -> None:
        if self.journal is None or not self.journal.is_open:
            self._execute(operation)
            return

        with self.journal.operation(operation) as is_left:
            if is_left:
                self._execute(operation)

    def _execute(self, operation: Operation) -> None:
        for statement in self.dialect.statements(operation, self._connection):
            self.run(statement)

    def run(self, statement: Statement) -> None:
        """Execute one statement."""
        if not (statement.transactional or self._may_leave_transactions()):
            raise UnsupportedOperation(
                self.dialect.title,
                f"run this in a transaction: {self.dialect.text(statement)}",
                "put it into 'with op.get_context().autocommit_block():'",
            )

        with advancing(self.dialect, self._connection, statement):
            self._connection.execute(
                statement.element,
                [dict(row) for row in statement.parameters] or None,
                execution_options=dict(statement.execution_options),
            )

    def _may_leave_transactions(self) -> bool:
        if self._in_block:
            return True

        # Ended by the script itself, as people did before there were blocks for it.
        ended = self._transaction is not None and self.log.ended
        return ended and not self.dialect.is_in_transaction(self._connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block in a transaction: committed at its end, else rolled back."""
        if self._transaction is not None:
            yield
            return

        self.forget()
        if self.external:
            with self._of_the_caller():
                yield
            return

        with ExitStack() as listening:
            listening.enter_context(self._hearing())
            try:
                self._begin()
                yield
            except BaseException as error:
                self.log.settle(error)
                listening.close()
                self._end(*sys.exc_info())
                if self.journal is not None:
                    self.journal.failed(error)
                raise
            else:
                self.log.settle()
                listening.close()
                self._end(None, None, None)

    @contextmanager
    def _of_the_caller(self) -> Iterator[None]:
        with self._hearing():
            try:
                yield
            except BaseException as error:
                self.log.settle(error)
                raise
            else:
                self.log.settle()

    # -- a part of a transaction -------------------------------------------

    def set_savepoint(self) -> None:
        """Mark what a part of the transaction can be rolled back to."""
        self._say(f"SAVEPOINT {_SAVEPOINT}")

    def release_savepoint(self) -> None:
        """Let what was done since :meth:`set_savepoint` be a part of the whole."""
        self._say(f"RELEASE SAVEPOINT {_SAVEPOINT}")

    def return_to_savepoint(self) -> None:
        """Roll back what was done since :meth:`set_savepoint`."""
        self._connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}")
        self.release_savepoint()

    def foreign_commits(self) -> int | None:
        """Return what changes when another connection commits; None if not known."""
        asked = self.dialect.asks_for_foreign_commits
        # One that the database does not know has no rows.
        row = (self._say(asked, rows=True) if asked else None) or (None,)
        number: int | None = row[0]
        return number

    def _say(self, sql: str, *, rows: bool = False) -> Any:
        # Said of each revision, and no part of it: not by way of SQLAlchemy, which
        # takes longer than the database.
        cursor: Any = self._connection.connection.cursor()
        try:
            cursor.execute(sql)
            return cursor.fetchone() if rows else None
        finally:
            cursor.close()

    # -- what a script may do by itself ------------------------------------

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen throughout the block, and hear what happens in its transactions."""
        with self.log.listening(self._before, self._after, self._commit):
            self._listens = True
            try:
                yield
            finally:
                self._listens = False

    @contextmanager
    def _hearing(self) -> Iterator[None]:
        if not self._listens:
            with self.listening(), self._hearing():
                yield
            return

        with self.log.hearing():
            try:
                yield
            finally:
                self._return_inside()

    def _before(self, sql: str, context: Any, executemany: bool) -> str | None:
        """Have a statement meet what it needs; return what is sent in its place."""
        self._return_inside()
        if self._in_block:
            if changes_something(sql):
                with self.log.deaf():
                    self.limits.outside(sql)
        elif self.log.ended:
            self._meet(sql)
        if self._is_done(sql, context, executemany):
            # What a script meets again that it has done before is not done twice.
            return self.journal.nothing if self.journal else None

        self.waits_since = time.monotonic()
        return None

    def _is_done(self, sql: str, context: Any, executemany: bool) -> bool:
        """Return whether the journal has a statement; note it there otherwise."""
        journal = self.journal
        if journal is None or not journal.is_open:
            return False

        if not changes_something(sql):
            journal.control(sql)
            return False

        return journal.before(
            sql, self._place, can_skip=not gives_back(sql, context, executemany)
        )

    @property
    def _place(self) -> Place:
        if self._in_block or self._outside is not None:
            return Place.OUTSIDE

        return Place.INSIDE if self.dialect.transactional_ddl else Place.COMMITTING

    def _commit(self, connection: sa.Connection) -> None:
        """Have the journal note what a script commits by itself."""
        if self.journal is not None and self.journal.is_open and self.log.hears:
            self.journal.flush()

    def _meet(self, sql: str) -> None:
        if self.dialect.is_in_transaction(self._connection):
            return

        if self.dialect.runs_outside(sql):
            self._outside = self._connection.connection.dbapi_connection
            self.sa_dialect.set_isolation_level(self._outside, "AUTOCOMMIT")
        elif changes_something(sql):
            self.dialect.begin_again(self._connection)

    def _after(self) -> None:
        self.waits_since = None
        if self.journal is not None and self.journal.is_open:
            self.journal.after()
        self._return_inside()

    def _return_inside(self) -> None:
        driver, self._outside = self._outside, None
        if driver is not None:
            self.sa_dialect.reset_isolation_level(driver)

    def at_end_of_callers(self, function: Callable[[], None]) -> None:
        """Call a function once the caller has ended its transaction, either way."""
        waiting = [function]

        def ended(how: str) -> Callable[[sa.Connection], None]:
            def call(connection: sa.Connection) -> None:
                # SQLAlchemy says so just before it tells the driver.
                if waiting:
                    getattr(connection.connection.dbapi_connection, how)()
                    waiting.pop()()

            return call

        for how in ("commit", "rollback"):
            sa.event.listen(self._connection, how, ended(how))

    def forget(self) -> None:
        """Forget what was executed so far."""
        self.log.forget()

    def _begin(self) -> None:
        self._transaction = ExitStack()
        self._transaction.enter_context(self.dialect.transaction(self._connection))
        with self.log.deaf():
            self.limits.of_transaction()

    def _end(self, *reason: Any) -> None:
        self.waits_since = None
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            transaction.__exit__(*reason)

    @contextmanager
    def autocommit_block(self) -> Iterator[None]:
        """Run the block outside of any transaction.

        What was done before is committed first.

        :raises UnsupportedOperation: if the transaction belongs to the caller.
        """
        if self.external:
            raise UnsupportedOperation(
                self.dialect.title,
                "leave a transaction that was begun before the migration",
                "pass a connection that is in no transaction",
            )

        if self._in_block:
            yield
            return

        reopen = self._transaction is not None
        if reopen and self.journal is not None and self.journal.is_open:
            self.journal.flush()
        with self.log.by_us():
            self._end(None, None, None)
            # A script may have begun another one through its connection.
            self._connection.commit()
        isolation_level = self._connection.get_isolation_level()
        self._connection.execution_options(isolation_level="AUTOCOMMIT")
        self._in_block = True
        try:
            yield
        finally:
            self.log.settle(sys.exception() if reopen else None)
            self._in_block = False
            self.waits_since = None
            with self.log.by_us():
                if not self._connection.invalidated:
                    self.limits.outside_ended()
                # Ends what SQLAlchemy has begun by itself in the block.
                self._connection.commit()
                self._connection.execution_options(isolation_level=isolation_level)
                # Reading the level begins a transaction, too.
                self._connection.commit()

        if reopen:
            self._begin()


class Recorder:
    """Keeps operations in a list and does nothing else.

    :param naming_convention: what names constraints that are left without a name.
    """

    offline = True

    def __init__(self, naming_convention: NamingConvention | None = None) -> None:
        self._naming_convention = naming_convention
        self.operations: list[Operation] = []

    @property
    def naming_convention(self) -> NamingConvention | None:
        return self._naming_convention

    @property
    def sa_dialect(self) -> SADialect:
        return DefaultDialect()

    @property
    def connection(self) -> sa.Connection:
        raise NeedsDatabase("op.get_bind()")

    @property
    def bind(self) -> sa.Connection:
        return self.connection

    def execute(self, operation: Operation) -> None:
        self.operations.append(operation)

    @contextmanager
    def autocommit_block(self) -> Iterator[None]:
        """Run the block; there is no transaction."""
        yield
