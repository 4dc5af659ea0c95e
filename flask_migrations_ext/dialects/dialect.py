"""What every kind of database shares: traits, transactions, SQL as text.

A dialect turns an operation into statements by a method named like its verb. The
methods are generators: each statement has been executed before the next one is
made, so that a dialect may look at the database, through ``connection``, between
two of its own statements. Without a connection (``--sql``) it must not look.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect
from sqlalchemy.sql.ddl import BaseDDLElement

from ..errors import MigrationError
from ..errors import UnsupportedOperation
from ..errors.failure import driver_error
from ..errors.failure import Failure
from ..operations.base import Operation
from ..portion import Tell
from ..schema.model import ServerDefault
from ..schema.model import SqlWriter
from ..schema.model import TableName
from ..schema.to_sqlalchemy import NamingConvention
from ..schema.to_sqlalchemy import SQLAlchemyBuilder
from .literals import Literals
from .literals import text_with_values
from .literals import with_values
from .lock import Recovery
from .lock import SessionLimits
from .lock import SessionLock
from .operation_registry import compiler_for

Statements = Iterator["Statement"]


@dataclass(frozen=True)
class Statement:
    """One thing to say to a database.

    ``parameters`` are sent beside the statement, a mapping for each row; as text,
    values are written into it. ``transactional`` is False for what a database
    refuses inside a transaction.
    """

    element: sa.Executable
    parameters: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    transactional: bool = True
    comment: str | None = None
    copies: str | None = None
    """The table whose rows it copies, and with them the time that it takes."""

    execution_options: Mapping[str, Any] = field(default_factory=dict, repr=False)


Preparation = Callable[[sa.Connection], Callable[[], None]]
"""Readies a connection, and returns what takes that back."""


class RestartStep(BaseException):  # not an Exception: scripts catch those
    """Raised by a dialect to have the revision run again from its start.

    The transaction is rolled back first. ``prepare`` is called with the connection,
    outside of a transaction, and returns what restores the connection afterwards.
    It is never seen by a caller of the library.
    """

    def __init__(self, prepare: Preparation) -> None:
        self.prepare = prepare
        super().__init__("the revision has to start again")


class Dialect:
    """How one kind of database says each operation.

    :param sa_dialect: SQLAlchemy's dialect of the same database.
    :param naming_convention: the one of the app's metadata.
    """

    name: ClassVar[str]
    """The name of SQLAlchemy's dialect, and of the options: ``<name>_where``."""

    title: ClassVar[str]
    """The name as people write it, for messages."""

    builder: ClassVar[type[SQLAlchemyBuilder]] = SQLAlchemyBuilder
    """What makes SQLAlchemy's tables of ours, as this database wants them."""

    transactional_ddl: ClassVar[bool] = False
    """Whether changes of tables can be rolled back."""

    savepoints: ClassVar[bool] = False
    """Whether a part of a transaction, changes of tables too, can be rolled back."""

    session_lock: ClassVar[type[SessionLock] | None] = None
    """What keeps other processes out for a whole run, if the server has such."""

    session_limits: ClassVar[type[SessionLimits]] = SessionLimits
    """How long statements wait for others there, and who those are."""

    recovery: ClassVar[type[Recovery]] = Recovery
    """What a session that ended too soon may have left there."""

    locks_by_transaction: ClassVar[bool] = False
    """Whether a transaction keeps all others out, so that runs take turns."""

    asks_for_foreign_commits: ClassVar[str | None] = None
    """What asks for a number that changes when another connection commits."""

    text_transactions: bool | None = None
    """Whether a file has transactions in it; None if as changes can be rolled back."""

    terminator: ClassVar[str] = ";"
    """What ends a statement in a file."""

    batch_separator: str | None = None
    """What stands on a line of its own after each statement in a file."""

    blocking: ClassVar[Mapping[str, str]] = {}
    """Patterns of statements that go through all rows of a table; who waits then."""

    literals: ClassVar[type[Literals]] = Literals
    """How values are written into SQL."""

    comparison: ClassVar[type[Any] | str] = f"{__package__}.comparison:ComparisonRules"
    """The rules by which definitions are the same, or where they are: a command that
    compares nothing need not import them."""

    excludes: ClassVar[bool] = False
    """Whether there are exclude constraints."""

    named_enums: ClassVar[bool] = False
    """Whether enum types exist by themselves, outside of tables."""

    has_identities: ClassVar[bool] = False
    """Whether ``GENERATED … AS IDENTITY`` is kept and read back."""

    system_schemas: ClassVar[frozenset[str]] = frozenset({"information_schema"})
    """Schemas that no app owns."""

    keys_fix_types: ClassVar[bool] = False
    """Whether a foreign key has to go while the type of its columns changes."""

    counts_by_column: ClassVar[bool] = False
    """Whether a column says itself, and not by its type, that it numbers the rows."""

    keys_make_indexes: ClassVar[bool] = False
    """Whether a foreign key makes an index for itself, which stays when it goes."""

    restricts_by_default: ClassVar[bool] = False
    """Whether RESTRICT and NO ACTION are one thing."""

    def __init__(
        self,
        sa_dialect: SADialect,
        naming_convention: NamingConvention | None = None,
    ) -> None:
        self.sa_dialect = sa_dialect
        self.naming_convention = naming_convention
        self.write: SqlWriter = self.literals(sa_dialect).expression
        self.build = self.builder(sa_dialect, naming_convention, self.write)

    # -- operations --------------------------------------------------------

    def statements(
        self, operation: Operation, connection: sa.Connection | None
    ) -> Statements:
        """Yield what has to be said for an operation, in order.

        :param connection: the database, to look at; None when SQL text is written.
        :raises UnsupportedOperation: if this kind of database has no way to do it.
        """
        registered = compiler_for(operation, self.names())
        if registered is not None:
            yield from registered(operation, self, connection)
            return

        compiler = getattr(self, operation.verb, None)
        if compiler is None:
            raise UnsupportedOperation(
                self.title,
                f"do '{operation.verb}'",
                "leave it out for this database",
            )

        yield from compiler(operation, connection)

    @classmethod
    def of_server(cls, sa_dialect: SADialect) -> type[Dialect]:
        """Return the dialect of the server that answers, where one name has several."""
        return cls

    @property
    def has_comments(self) -> bool:
        """Whether tables and columns have comments."""
        return self.sa_dialect.supports_comments

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names that mean this database: its own, those of its bases."""
        found = (vars(kind).get("name") for kind in cls.__mro__)
        return tuple(each for each in found if isinstance(each, str))

    # -- transactions ------------------------------------------------------

    @contextmanager
    def transaction(self, connection: sa.Connection) -> Iterator[None]:
        """Run the block in a transaction: committed at its end, else rolled back.

        The script may end it before, and begin another.
        """
        connection.begin()
        try:
            yield
        except BaseException:
            connection.rollback()
            raise
        else:
            connection.commit()

    def is_in_transaction(self, connection: sa.Connection) -> bool:
        """Return whether a transaction is open, without asking the server."""
        return connection.in_transaction()

    def asked_for_transaction(self, connection: sa.Connection) -> bool:
        """Return :meth:`is_in_transaction` after a failure, which may tell nothing."""
        return self.is_in_transaction(connection)

    def is_broken(self, connection: sa.Connection) -> bool:
        """Return whether the transaction can only be rolled back, whatever is said."""
        return False

    def begin_again(self, connection: sa.Connection) -> None:
        """Begin a transaction where a script has ended ours; most drivers do that."""

    def runs_outside(self, sql: str) -> bool:
        """Return whether a statement is refused inside of a transaction."""
        return False

    def done_first(self, executed: Sequence[str]) -> Preparation | None:
        """Return what commits those statements that others could not use at once."""
        return None

    def failure(self, error: BaseException) -> Failure:
        """Return why a database refused a statement; ``OTHER`` if it was not that."""
        if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
            return Failure.DISCONNECTED

        driver: Any = getattr(self.sa_dialect, "dbapi", None)
        known = (sa.exc.DBAPIError, *([driver.Error] if driver is not None else []))
        is_ours = isinstance(error, MigrationError)
        if is_ours or not isinstance(error, known):
            return Failure.OTHER

        return self.failure_of(error)

    def failure_of(self, error: BaseException) -> Failure:
        """Return why a database refused a statement, whose driver raised the error."""
        is_of_rows = isinstance(error, sa.exc.IntegrityError)
        if "already exists" in str(driver_error(error)) and not is_of_rows:
            return Failure.DUPLICATE

        return Failure.OTHER

    @contextmanager
    def waiting(
        self, connection: sa.Connection, seconds: float, tell: Callable[[str], None]
    ) -> Iterator[None]:
        """Have transactions of the block wait for others as long, where they do.

        :param tell: is called with who is waited for, if that takes long.
        """
        yield

    @contextmanager
    def joined(self, connection: sa.Connection) -> Iterator[None]:
        """Run the block in the transaction that a caller has begun, and leave it open.

        :raises RestartStep: if all of the block has to be done again, differently;
            then nothing of it is left.
        """
        yield

    @contextmanager
    def scratch(self) -> Iterator[sa.Connection | None]:
        """Yield an empty database to try SQL text out on; None where there is none.

        SQLite has databases in memory; there a revision that is being written as
        text also runs, so that later statements can look at what earlier ones made.
        """
        yield None

    @contextmanager
    def scratch_like(self, connection: sa.Connection) -> Iterator[sa.Connection | None]:
        """Yield :meth:`scratch` with the tables of a database, without their rows."""
        yield None

    @contextmanager
    def advancing(
        self, connection: sa.Connection, statement: Statement, tell: Tell
    ) -> Iterator[None]:
        """Tell how much is done of a statement that runs long in the block."""
        yield

    def rows_about(self, connection: sa.Connection, table: TableName) -> int | None:
        """Return about how many rows a table has, without counting; None if unknown."""
        return None

    def blocked_by(self, sql: str) -> str | None:
        """Return who waits while a statement goes through all rows of a table."""
        flags = re.IGNORECASE | re.DOTALL
        return next(
            (w for p, w in self.blocking.items() if re.match(p, sql, flags)), None
        )

    def is_absent(self, url: sa.URL) -> bool:
        """Return whether there is no such database, and connecting would make it."""
        return False

    @classmethod
    def is_in_memory(cls, url: sa.URL) -> bool:
        """Return whether each engine of this URL has a database of its own."""
        return False

    def begin_text(self) -> str | None:
        """Return what begins a transaction in a file; None if nothing does."""
        return "BEGIN" if self._writes_transactions else None

    def commit_text(self) -> str | None:
        """Return what ends a transaction in a file; None if nothing does."""
        return "COMMIT" if self._writes_transactions else None

    def prelude_text(self, statements: Sequence[str]) -> str | None:
        """Return what a file has to say before a transaction of these statements."""
        return None

    @property
    def _writes_transactions(self) -> bool:
        wanted = self.text_transactions
        return self.transactional_ddl if wanted is None else wanted

    # -- SQL as text -------------------------------------------------------

    def text(self, statement: Statement) -> str:
        """Return a statement as text with its values written into it, unended.

        Where it has parameters, it is said once for each row.
        """
        if not statement.parameters:
            return self._text_of(statement.element)

        *first, last = (
            self._text_of(with_values(statement.element, row))
            for row in statement.parameters
        )
        return "\n".join([*map(self.ended, first), last])

    def ended(self, text: str) -> str:
        """Return the text of a statement with what ends it in a file."""
        separator = f"\n{self.batch_separator}" if self.batch_separator else ""
        return f"{text}{self.terminator}{separator}"

    def _text_of(self, element: Any) -> str:
        if isinstance(element, BaseDDLElement):
            compiled: Any = element.compile(dialect=self.sa_dialect)
            text = self._undoubled(str(compiled))
        else:
            text = self._undoubled(
                text_with_values(element, self.literals(self.sa_dialect))
            )

        return self._endable(text)

    def _endable(self, text: str) -> str:
        text = text.strip()
        if self.terminator == ";":
            text = text.removesuffix(";").rstrip()

        # A comment on the last line would swallow what ends the statement. Where
        # there is nothing but comments, there is nothing to end either.
        bare = all(line.lstrip().startswith("--") for line in text.splitlines())
        swallows = "--" in text.rpartition("\n")[2] and not bare
        return f"{text}\n" if swallows else text

    def _undoubled(self, text: str) -> str:
        # A driver that formats its parameters reads %% as %; SQL in a file, and in
        # raw(), holds what the database is to see.
        preparer: Any = self.sa_dialect.identifier_preparer
        return text.replace("%%", "%") if preparer._double_percents else text

    def raw(
        self, sql: str, *, transactional: bool = True, comment: str | None = None
    ) -> Statement:
        """Return a statement of exactly this text: no parameters, no escapes."""
        # DDL() formats its text with %.
        verbatim: Any = sa.DDL
        return Statement(
            verbatim(sql.replace("%", "%%")),
            transactional=transactional,
            comment=comment,
        )

    def quote(self, name: str) -> str:
        """Return a name as an identifier, quoted where it has to be."""
        return self._undoubled(self.sa_dialect.identifier_preparer.quote(name))

    def table_text(self, name: TableName) -> str:
        """Return the name of a table, with its schema, as SQL."""
        table = self.quote(name.name)
        if not name.schema:
            return table
        schema = self.sa_dialect.identifier_preparer.quote_schema(name.schema)
        return f"{self._undoubled(schema)}.{table}"

    def type_text(self, element: sa.types.TypeEngine[Any]) -> str:
        """Return a type as SQL."""
        return self._undoubled(element.compile(dialect=self.sa_dialect))

    def default_text(self, default: ServerDefault) -> str:
        """Return what stands after ``DEFAULT``."""
        if default.literal:
            return self.literal(default.expression.text, sa.String())
        return default.expression.sql(self.write)

    def literal(self, value: Any, type_: sa.types.TypeEngine[Any] | None = None) -> str:
        """Return a value as SQL.

        :raises OperationError: if there is no way to write it.
        """
        written = self.literals(self.sa_dialect).written(
            value, sa.types.NULLTYPE if type_ is None else type_
        )
        return self._undoubled(written)

    def compiled(self, element: Any) -> str:
        """Return a DDL element as SQL."""
        return self._text_of(element)
