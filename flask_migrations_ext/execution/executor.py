"""What carries out operations: on a database, into SQL text, or into a list."""

from __future__ import annotations

import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import contextmanager
from contextlib import ExitStack
from contextlib import nullcontext
from contextlib import suppress
from typing import Any
from typing import cast
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect
from sqlalchemy.engine.default import DefaultDialect

from ..dialects.dialect import Dialect
from ..dialects.dialect import Statement
from ..errors import NeedsDatabase
from ..errors import UnsupportedOperation
from ..operations.base import Operation
from ..operations.rows import InsertRows
from ..operations.sql import ExecuteSql
from ..schema.to_sqlalchemy import NamingConvention
from .offline import OfflineConnection


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


# What only looks, and is not worth telling of.
_LOOKS = ("SELECT", "SHOW", "DESCRIBE", "EXPLAIN", "PRAGMA", "SET", "WITH")


class DatabaseExecutor:
    """Carries out operations on a database.

    If the connection is in a transaction already, that belongs to the caller:
    none is begun, committed or rolled back here.

    ``executed`` holds the statements of the last transaction, those included that a
    script sent by itself; the first ``committed`` of them are committed, whatever
    becomes of the others.
    """

    offline = False

    def __init__(self, connection: sa.Connection, dialect: Dialect) -> None:
        self._connection = connection
        self.dialect = dialect
        self.external = connection.in_transaction()
        self.executed: list[str] = []
        self.committed = 0
        self._transaction: ExitStack | None = None
        self._autocommit = False

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
        for statement in self.dialect.statements(operation, self._connection):
            self.run(statement)

    def run(self, statement: Statement) -> None:
        """Execute one statement."""
        outside = self._autocommit and not self._connection.in_transaction()
        if not statement.transactional and not (outside or self._autocommit):
            raise UnsupportedOperation(
                self.dialect.title,
                f"run this in a transaction: {self.dialect.text(statement)}",
                "put it into 'with op.get_context().autocommit_block():'",
            )

        self._connection.execute(
            statement.element,
            [dict(row) for row in statement.parameters] or None,
            execution_options=dict(statement.execution_options),
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block in a transaction: committed at its end, else rolled back."""
        if self.external or self._transaction is not None:
            yield
            return

        self.forget()
        sa.event.listen(self._connection, "after_cursor_execute", self._note)
        try:
            self._begin()
            yield
        except BaseException:
            self._end(*sys.exc_info())
            raise
        else:
            self._end(None, None, None)
        finally:
            sa.event.remove(self._connection, "after_cursor_execute", self._note)

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
        self.executed.clear()
        self.committed = 0

    def _note(self, *arguments: Any) -> None:
        _, _, statement, *_ = arguments
        if not statement.lstrip().upper().startswith(_LOOKS):
            self.executed.append(statement)

    def _begin(self) -> None:
        self._transaction = ExitStack()
        self._transaction.enter_context(self.dialect.transaction(self._connection))

    def _end(self, *reason: Any) -> None:
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

        reopen = self._transaction is not None
        self._end(None, None, None)
        isolation_level = self._connection.get_isolation_level()
        self._connection.execution_options(isolation_level="AUTOCOMMIT")
        self._autocommit = True
        try:
            yield
        finally:
            self._autocommit = False
            # Ends what SQLAlchemy has begun by itself in the block.
            self._connection.commit()
            self._connection.execution_options(isolation_level=isolation_level)
            # Reading the level begins a transaction, too.
            self._connection.commit()
            self.committed = len(self.executed)

        if reopen:
            self._begin()


class TextExecutor:
    """Writes operations as SQL text; changes no database but a scratch one.

    :param scratch: an empty database in memory that follows along, for a dialect
        that has to look at what it made (SQLite).
    """

    offline = True

    def __init__(self, dialect: Dialect, scratch: DatabaseExecutor | None) -> None:
        self.dialect = dialect
        self.lines: list[str] = []
        self._begun = 0
        self._scratch = scratch
        self._bind = OfflineConnection(dialect.sa_dialect, self.execute)

    @property
    def naming_convention(self) -> NamingConvention | None:
        return self.dialect.naming_convention

    @property
    def sa_dialect(self) -> SADialect:
        return self.dialect.sa_dialect

    @property
    def connection(self) -> sa.Connection:
        raise NeedsDatabase("op.get_bind()")

    @property
    def bind(self) -> sa.Connection:
        return cast(sa.Connection, self._bind)

    def execute(self, operation: Operation) -> None:
        connection = self._scratch.connection if self._scratch else None
        concerns_rows = isinstance(operation, (ExecuteSql, InsertRows))
        for statement in self.dialect.statements(operation, connection):
            # Without the rows that the real database has, a row may be refused here.
            with suppress(sa.exc.IntegrityError) if concerns_rows else nullcontext():
                self.run(statement)

    def run(self, statement: Statement) -> None:
        """Write one statement."""
        if statement.comment:
            self.comment(statement.comment)

        self.write(self.dialect.text(statement))
        if self._scratch is not None:
            self._scratch.run(statement)

    def write(self, text: str) -> None:
        """Write a statement that is text already."""
        self.lines.append(f"{self.dialect.ended(text)}\n")

    def comment(self, text: str) -> None:
        """Write a comment."""
        self.lines.append("\n".join(f"-- {line}" for line in text.splitlines()) + "\n")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write what begins and ends a transaction around the block."""
        self._begin()

        if self._scratch is None:
            yield
        else:
            with self._scratch.transaction():
                yield

        self._commit()

    @contextmanager
    def autocommit_block(self) -> Iterator[None]:
        """Write the block outside of a transaction."""
        self._commit()
        self._begun = len(self.lines)

        if self._scratch is None:
            yield
        else:
            with self._scratch.autocommit_block():
                yield

        self._prepare()
        self._begin()

    def _begin(self) -> None:
        self._begun = len(self.lines)
        begin = self.dialect.begin_text()
        if begin:
            self.write(begin)

    def _commit(self) -> None:
        self._prepare()
        commit = self.dialect.commit_text()
        if commit:
            self.write(commit)

    def _prepare(self) -> None:
        # What they need is known when all are written, and has to come first.
        needed = self.dialect.prelude_text(self.lines[self._begun :])
        if needed:
            self.lines.insert(self._begun, f"{self.dialect.ended(needed)}\n")


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
