"""SQLite: real transactions, and every alteration that the others know.

What ``ALTER TABLE`` cannot do is done by a rebuild (``rebuild``), from the
text that the database keeps of a table.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from typing import ClassVar
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ...errors import NeedsDatabase
from ...errors import UnsupportedOperation
from ...errors.failure import driver_error
from ...errors.failure import Failure
from ...operations.base import Operation
from ...operations.columns import AddColumn
from ...operations.columns import AlterColumn
from ...operations.columns import DropColumn
from ...operations.constraints import AddConstraint
from ...operations.constraints import DropConstraint
from ...operations.indexes import CreateIndex
from ...operations.indexes import DropIndex
from ...operations.tables import AlterTable
from ...operations.tables import DropTable
from ...operations.tables import RebuildOptions
from ...operations.tables import RenameTable
from ...portion import Tell
from ...schema.model import Index
from ...schema.model import TableName
from ..dialect import Statement
from ..dialect import Statements
from ..standard import StandardSql
from .transaction import begin_again
from .transaction import foreign_keys_are_on
from .transaction import immediate_transaction
from .transaction import is_in_transaction
from .transaction import joined_transaction
from .transaction import switch_foreign_keys_off
from .transaction import waiting
from .transaction import without_foreign_keys

if TYPE_CHECKING:
    from .catalog import SqliteCatalog

_RUNS_OUTSIDE = re.compile(r"\s*(VACUUM|ATTACH|DETACH)\b", re.I)


class SQLite(StandardSql):
    """SQLite, and how it alters tables all the same."""

    name: ClassVar[str] = "sqlite"
    title: ClassVar[str] = "SQLite"
    comparison: ClassVar[type[Any] | str] = f"{__package__}.comparison:SQLiteComparison"
    transactional_ddl: ClassVar[bool] = True
    system_schemas: ClassVar[frozenset[str]] = frozenset({"temp"})
    savepoints: ClassVar[bool] = True
    locks_by_transaction: ClassVar[bool] = True
    # https://www.sqlite.org/pragma.html#pragma_data_version
    asks_for_foreign_commits: ClassVar[str | None] = "PRAGMA data_version"
    blocking: ClassVar[Mapping[str, str]] = {
        r"INSERT OR ABORT INTO \W?_fme_new_": "all other writers wait meanwhile",
        r"CREATE (UNIQUE )?INDEX": "all other writers wait meanwhile",
    }
    says_if_exists: ClassVar[frozenset[str]] = frozenset(["create_index", "drop_index"])

    # -- transactions ------------------------------------------------------

    @contextmanager
    def transaction(self, connection: sa.Connection) -> Iterator[None]:
        """Run the block in a transaction that can roll back all it did to tables.

        :raises DataAtRisk: if foreign keys were switched off for it, and rows would
            point nowhere at its end.
        """
        with immediate_transaction(connection):
            yield

    @contextmanager
    def joined(self, connection: sa.Connection) -> Iterator[None]:
        """Run the block in the caller's transaction, which the driver begins late.

        :raises DataAtRisk: as :meth:`transaction`.
        """
        with joined_transaction(connection):
            yield

    @contextmanager
    def waiting(
        self,
        connection: sa.Connection,
        seconds: float,
        tell: Callable[[str], None],
    ) -> Iterator[None]:
        with waiting(connection, seconds, tell):
            yield

    def is_in_transaction(self, connection: sa.Connection) -> bool:
        return is_in_transaction(connection)

    def begin_again(self, connection: sa.Connection) -> None:
        begin_again(connection)

    def runs_outside(self, sql: str) -> bool:
        return _RUNS_OUTSIDE.match(sql) is not None

    def failure_of(self, error: BaseException) -> Failure:
        text = str(driver_error(error))
        if "is locked" in text or "is busy" in text:
            return Failure.LOCKED

        if text.startswith("duplicate column name"):
            return Failure.DUPLICATE

        if "disk is full" in text:
            return Failure.FULL

        if "readonly database" in text:
            return Failure.FORBIDDEN

        return super().failure_of(error)

    def is_absent(self, url: sa.URL) -> bool:
        path = url.database
        if not path or path == ":memory:" or path.startswith("file:"):
            return False

        return not Path(path).exists()

    @classmethod
    def is_in_memory(cls, url: sa.URL) -> bool:
        return not url.database or ":memory:" in url.database

    @contextmanager
    def scratch(self) -> Iterator[sa.Connection | None]:
        engine = sa.create_engine("sqlite://")
        try:
            with engine.connect() as connection:
                # An app may switch them on for every engine; here are no rows that
                # could be lost, and tables come and go in any order.
                switch_foreign_keys_off(connection)
                yield connection
        finally:
            engine.dispose()

    @contextmanager
    def scratch_like(self, connection: sa.Connection) -> Iterator[sa.Connection | None]:
        with self.scratch() as copy:
            assert copy is not None
            from .catalog import copy_tables

            copy_tables(connection, copy)
            yield copy

    @contextmanager
    def advancing(
        self, connection: sa.Connection, statement: Statement, tell: Tell
    ) -> Iterator[None]:
        if statement.copies is None:
            yield
            return

        from .rebuild import copying

        table = statement.copies
        total = _catalog(connection).rows_about(table) or 0
        with copying(connection, table, self.text(statement), total, tell):
            yield

    def rows_about(self, connection: sa.Connection, table: TableName) -> int | None:
        return _catalog(connection).rows_about(table.name)

    def begin_text(self) -> str | None:
        """Return what begins a transaction; nobody restarts a file half-way."""
        return "BEGIN IMMEDIATE"

    def prelude_text(self, statements: Sequence[str]) -> str | None:
        """Return what switches foreign keys off for rebuilds, and for them alone."""
        # Dropping a table with foreign keys on, as a rebuild does, would empty those
        # that point to it. Inside of a transaction the pragma does nothing.
        if any("DROP TABLE" in each.upper() for each in statements):
            return "PRAGMA foreign_keys=OFF"

        return None

    # -- tables ------------------------------------------------------------

    def rename_table(
        self, operation: RenameTable, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``RENAME TO``, by way of a third name where only capitals change."""
        name, new_name = operation.name.name, operation.new_name
        if name == new_name:
            return

        from .tokens import names_equal

        if names_equal(name, new_name):
            # To SQLite, the new name is taken.
            interim = f"_fme_new_{name}"
            yield from super().rename_table(replace(operation, new_name=interim), None)
            there = replace(operation.name, name=interim)
            operation = replace(operation, name=there)
        yield from super().rename_table(operation, connection)

    def drop_table(
        self, operation: DropTable, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP TABLE``; no row that points to the table goes with it."""
        name = operation.name
        # With foreign keys on, SQLite deletes all rows first, and CASCADE follows.
        if connection is not None and not _is_attached(name):
            is_on = foreign_keys_are_on(connection)
            if is_on and _catalog(connection).is_referred_to(name.name):
                without_foreign_keys(connection, f"drop table '{name}'")

        yield from super().drop_table(operation, connection)

    def alter_table(
        self, operation: AlterTable, connection: sa.Connection | None
    ) -> Statements:
        """Yield the alterations, with one rebuild for all that need one."""
        if _is_attached(operation.table):
            yield from super().alter_table(operation, connection)
            return

        yield from self._altered(
            operation.table, operation.operations, connection, operation.rebuild
        )

    # -- indexes -----------------------------------------------------------

    def create_index(
        self, operation: CreateIndex, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``CREATE INDEX``; one on plain columns is written without a table."""
        text = self._plain_index(operation.index, operation.table)
        if text is None or operation.if_not_exists:
            return super().create_index(operation, connection)

        return iter([self.raw(text)])

    def drop_index(
        self, operation: DropIndex, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP INDEX``; a plain one is written without a table."""
        given = operation.was or operation.options or operation.if_exists
        is_taught = "_compiler_dispatcher" in vars(sa.schema.DropIndex)
        if given or is_taught or type(operation.name) is not str:
            return super().drop_index(operation, connection)

        schema = operation.table.schema if operation.table else operation.schema
        name = self.table_text(TableName(operation.name, schema))
        return iter([self.raw(f"DROP INDEX {name}")])

    def _plain_index(self, index: Index, table: TableName) -> str | None:
        parts = [each for each in index.parts if type(each) is str]
        # How an app has it said (``@compiles``), and what a convention makes of a name,
        # is for SQLAlchemy to know.
        is_taught = "_compiler_dispatcher" in vars(sa.schema.CreateIndex)
        is_plain = parts and len(parts) == len(index.parts) and not index.options
        if is_taught or not is_plain or type(index.name) is not str:
            return None

        kind = "UNIQUE INDEX" if index.unique else "INDEX"
        name = self.table_text(TableName(index.name, table.schema))
        columns = ", ".join(map(self.quote, parts))
        return f"CREATE {kind} {name} ON {self.quote(table.name)} ({columns})"

    # -- columns -----------------------------------------------------------

    def add_column(
        self, operation: AddColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``ADD COLUMN``, or a rebuild for what SQLite does not add."""
        if _is_attached(operation.table):
            return super().add_column(operation, connection)

        return self._altered(operation.table, [operation], connection)

    def drop_column(
        self, operation: DropColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP COLUMN``, or a rebuild if the column is in use."""
        if _is_attached(operation.table):
            return super().drop_column(operation, connection)

        return self._altered(operation.table, [operation], connection)

    def alter_column(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``RENAME COLUMN``, and a rebuild for anything else that changes."""
        return self._altered(operation.table, [operation], connection)

    # -- constraints -------------------------------------------------------

    def add_constraint(
        self, operation: AddConstraint, connection: sa.Connection | None
    ) -> Statements:
        """Yield a rebuild of the table with the constraint."""
        return self._altered(operation.table, [operation], connection)

    def drop_constraint(
        self, operation: DropConstraint, connection: sa.Connection | None
    ) -> Statements:
        """Yield a rebuild of the table without the constraint."""
        return self._altered(operation.table, [operation], connection)

    def _altered(
        self,
        table: TableName,
        operations: Sequence[Operation],
        connection: sa.Connection | None,
        options: RebuildOptions | None = None,
    ) -> Statements:
        if _is_attached(table):
            raise UnsupportedOperation(
                self.title,
                f"alter table '{table}' of an attached database like this",
                "migrate that database by a connection of its own",
            )
        if connection is None:
            raise NeedsDatabase(f"altering table '{table}' on SQLite")

        from .alteration import TableAlteration

        alteration = TableAlteration(
            self, connection, table, options or RebuildOptions()
        )
        yield from alteration.statements(operations)


# What reads and edits the texts of tables is imported when one is altered: few commands
# do that, and it is most of this package.
def _catalog(connection: sa.Connection) -> SqliteCatalog:
    from .catalog import SqliteCatalog

    return SqliteCatalog(connection)


def _is_attached(table: TableName) -> bool:
    return table.schema not in (None, "main")
