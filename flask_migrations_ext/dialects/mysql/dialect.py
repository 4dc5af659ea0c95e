"""MySQL and MariaDB: each change of a table is for good at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect

from ...errors import OperationError
from ...errors import UnsupportedOperation
from ...errors.failure import Failure
from ...errors.failure import number_of
from ...operations.base import Operation
from ...operations.columns import AddColumn
from ...operations.columns import DropColumn
from ...operations.constraints import AddConstraint
from ...operations.constraints import DropConstraint
from ...operations.indexes import CreateIndex
from ...operations.indexes import DropIndex
from ...operations.tables import AlterTable
from ...operations.tables import RenameTable
from ...schema.model import Check
from ...schema.model import Constraint
from ...schema.model import ForeignKey
from ...schema.model import PrimaryKey
from ...schema.model import TableName
from ..dialect import Dialect
from ..dialect import Statement
from ..dialect import Statements
from ..literals import Literals
from ..lock import Recovery
from ..lock import SessionLimits
from ..lock import SessionLock
from .alteration import Together
from .catalog import constraint_kinds
from .catalog import foreign_keys_of
from .catalog import index_names
from .catalog import rows_about
from .column_changes import ColumnChanges
from .columns import ColumnDefinition
from .data_checks import refuse_empty
from .data_checks import refuse_nulls
from .data_checks import wants_a_value
from .limits import MySQLLimits
from .literals import MySQLLiterals
from .lock import MySQLRecovery
from .lock import NamedLock
from .table_options import options_text
from .transaction import asked_for_transaction
from .transaction import FAILURES
from .transaction import is_in_transaction


class MySQL(ColumnChanges):
    """MySQL, and MariaDB behind a URL that says ``mysql://``."""

    name: ClassVar[str] = "mysql"
    title: ClassVar[str] = "MySQL"
    session_lock: ClassVar[type[SessionLock] | None] = NamedLock
    session_limits: ClassVar[type[SessionLimits]] = MySQLLimits
    recovery: ClassVar[type[Recovery]] = MySQLRecovery
    literals: ClassVar[type[Literals]] = MySQLLiterals
    comparison: ClassVar[type[Any] | str] = f"{__package__}.comparison:MySQLComparison"
    blocking: ClassVar[Mapping[str, str]] = {
        r"ALTER TABLE.*\b(MODIFY|CHANGE|CONVERT TO|ENGINE|PRIMARY KEY|STORED)\b": (
            "writes to the table wait while it is copied"
        ),
        r"ALTER TABLE.*\bFOREIGN KEY \(": "writes to the table wait meanwhile",
    }
    keys_fix_types: ClassVar[bool] = True
    counts_by_column: ClassVar[bool] = True
    keys_make_indexes: ClassVar[bool] = True
    restricts_by_default: ClassVar[bool] = True
    system_schemas: ClassVar[frozenset[str]] = frozenset(
        {"information_schema", "mysql", "performance_schema", "sys"}
    )

    @classmethod
    def of_server(cls, sa_dialect: SADialect) -> type[Dialect]:
        """Return the dialect of MariaDB for one that a URL calls MySQL.

        It is known once there has been a connection.
        """
        return MariaDB if getattr(sa_dialect, "is_mariadb", False) else cls

    @property
    def says_if_exists(self) -> frozenset[str]:
        return frozenset(_IF_EXISTS) if self.is_mariadb else frozenset()

    # -- transactions ------------------------------------------------------

    def is_in_transaction(self, connection: sa.Connection) -> bool:
        return is_in_transaction(connection)

    def asked_for_transaction(self, connection: sa.Connection) -> bool:
        return asked_for_transaction(connection)

    def failure_of(self, error: BaseException) -> Failure:
        return FAILURES.get(number_of(error) or 0) or super().failure_of(error)

    # -- tables and indexes ------------------------------------------------

    def rename_table(
        self, operation: RenameTable, connection: sa.Connection | None
    ) -> Statements:
        # Without the schema, the table would move to the current one.
        new_name = TableName(operation.new_name, operation.name.schema)
        yield self.altered(operation.name, f"RENAME TO {self.table_text(new_name)}")

    def create_index(
        self, operation: CreateIndex, connection: sa.Connection | None
    ) -> Statements:
        name: Any = self.build.index(operation.index, operation.table).name
        if operation.if_not_exists and connection is not None:
            if name in index_names(connection, operation.table):
                return

        yield from super().create_index(operation, connection)

    def drop_index(
        self, operation: DropIndex, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP INDEX``.

        :raises OperationError: if its table is not said.
        """
        table = self.table_of_index(operation)
        if operation.if_exists and connection is not None:
            name = self.dropped_index(operation).name
            if name not in index_names(connection, table):
                return

        yield from super().drop_index(operation, connection)

    def alter_table(
        self, operation: AlterTable, connection: sa.Connection | None
    ) -> Statements:
        """Yield what the block says, the options of the whole table first."""
        options = [
            (name, value)
            for name, value in operation.rebuild.table_options
            if name.startswith(f"{self.sa_dialect.name}_")
        ]
        if options:
            text = options_text(tuple(options), self.sa_dialect)
            yield self.altered(operation.table, self._undoubled(text))

        rebuild = replace(operation.rebuild, table_options=())
        yield from super().alter_table(replace(operation, rebuild=rebuild), connection)

    def altered_together(
        self, operation: AlterTable, connection: sa.Connection | None
    ) -> Statements:
        together = self._together(operation.table, connection)
        yield from together.statements(operation.operations)

    def statements(
        self, operation: Operation, connection: sa.Connection | None
    ) -> Statements:
        # What a foreign key needs is replaced by the same statement.
        if isinstance(operation, DropIndex | DropConstraint) and operation.table:
            together = self._together(operation.table, connection)
            yield from together.statements([operation])
        else:
            yield from super().statements(operation, connection)

    def _together(self, table: TableName, connection: sa.Connection | None) -> Together:
        alone = super().statements
        return Together(self, table, connection, lambda each: alone(each, connection))

    # -- constraints -------------------------------------------------------

    def add_constraint(
        self, operation: AddConstraint, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``ADD CONSTRAINT``; the columns of a key take no NULL.

        :raises DataAtRisk: if there are NULLs in what is to be the primary key.
        """
        key = operation.constraint
        if connection is not None and isinstance(key, PrimaryKey):
            refuse_nulls(self, connection, operation.table, key.columns)

        yield from super().add_constraint(operation, connection)

    def drop_constraint(
        self, operation: DropConstraint, connection: sa.Connection | None
    ) -> Statements:
        """Yield the ``DROP`` of the constraint's kind.

        :raises OperationError: if the kind is not known and cannot be looked up.
        """
        kind = operation.kind or (type(operation.was) if operation.was else None)
        name = "" if kind is PrimaryKey else self.constraint_name(operation, connection)
        if connection is not None and (kind is None or operation.if_exists):
            bare = name.strip("`").replace("``", "`") or "PRIMARY"
            kinds = constraint_kinds(connection, operation.table, bare)
            if operation.if_exists and not kinds & {kind or each for each in kinds}:
                return
            kind = kind or self._only(kinds, operation)

        if kind is None:
            raise OperationError(
                f"{self.title} drops a constraint by its kind, and that of"
                f" '{operation.name}' is not said; give type_: 'foreignkey',"
                " 'primary', 'unique' or 'check'"
            )

        clause = self.existence("IF EXISTS", operation, connection)
        if kind is PrimaryKey:
            if clause and connection is None:
                raise UnsupportedOperation(
                    self.title, "drop a primary key IF EXISTS", "leave out if_exists"
                )
            yield self.altered(operation.table, "DROP PRIMARY KEY")
            return

        yield self.altered(operation.table, f"DROP {self._word(kind)} {clause}{name}")

    def _word(self, kind: type[Constraint]) -> str:
        if kind is Check:
            return "CONSTRAINT" if self.is_mariadb else "CHECK"

        return "FOREIGN KEY" if kind is ForeignKey else "INDEX"

    def _only(
        self, kinds: set[type[Constraint]], operation: DropConstraint
    ) -> type[Constraint] | None:
        if len(kinds) > 1:
            raise OperationError(
                f"the table '{operation.table}' has more than one constraint named"
                f" '{operation.name}'; say which kind is meant with type_"
            )

        return next(iter(kinds), None)

    # -- columns -----------------------------------------------------------

    def add_column(
        self, operation: AddColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``ADD COLUMN``, then its constraints and indexes.

        :raises DataAtRisk: if rows would get a value that nobody has given.
        """
        name, table = operation.column.name, operation.table
        if connection is not None and wants_a_value(self._added(operation)):
            there = operation.if_not_exists and self.has_column(connection, table, name)
            if not there:
                refuse_empty(self, connection, table, name)

        yield from super().add_column(operation, connection)

    def _added(self, operation: AddColumn) -> ColumnDefinition:
        column = self.added_table(operation).c[operation.column.name]
        return ColumnDefinition.parse(self.compiled(sa.schema.CreateColumn(column)))

    def column_added(self, operation: AddColumn, words: str, clause: str) -> Statement:
        added = super().column_added(operation, words, clause)
        if not wants_a_value(ColumnDefinition.parse(words)):
            return added

        comment = (
            f"{operation.table}.{operation.column.name} takes no NULL and has no"
            " default: if the table has rows, leave this out; run without --sql, it is"
            " refused"
        )
        return replace(added, comment=comment)

    def drop_column(
        self, operation: DropColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP COLUMN``, with the constraints that hold on to the column."""
        clause = self.existence("IF EXISTS", operation, connection)
        table, name = operation.table, operation.name
        if operation.if_exists and connection is not None:
            if not self.has_column(connection, table, name):
                return

        dropped = [
            f"DROP FOREIGN KEY {clause}{self.quote(key)}"
            for key in self._foreign_keys(operation, connection)
        ]
        dropped += [
            f"DROP {self._word(Check)} {clause}{self.quote(check)}"
            for check in self._own_checks(operation)
        ]
        dropped.append(f"DROP COLUMN {clause}{self.quote(name)}")
        yield self.altered(table, ", ".join(dropped))

    def _foreign_keys(
        self, operation: DropColumn, connection: sa.Connection | None
    ) -> list[str]:
        if connection is not None:
            return foreign_keys_of(connection, operation.table, operation.name)

        known = operation.was.constraints if operation.was is not None else ()
        return [
            each.name for each in known if isinstance(each, ForeignKey) and each.name
        ]

    def _own_checks(self, operation: DropColumn) -> list[str]:
        if operation.was is None:
            return []

        checks = self.constraints_with(operation.was, self.added_table(operation.was))
        return [
            str(check.name)
            for check in checks
            if isinstance(check, sa.CheckConstraint) and isinstance(check.name, str)
        ]

    def rows_about(self, connection: sa.Connection, table: TableName) -> int | None:
        return rows_about(connection, table)

    def says_inline(
        self,
        constraint: sa.Constraint,
        operation: AddColumn,
        connection: sa.Connection | None,
    ) -> bool:
        # MySQL reads inline REFERENCES, and does nothing about them.
        return (
            isinstance(constraint, sa.PrimaryKeyConstraint)
            and operation.inline_primary_key
        )

    def inline_text(self, constraint: sa.Constraint) -> str:
        # A primary key has no name of its own here.
        return "PRIMARY KEY"


class MariaDB(MySQL):
    """MariaDB."""

    name: ClassVar[str] = "mariadb"
    title: ClassVar[str] = "MariaDB"
    comparison: ClassVar[type[Any] | str] = (
        f"{__package__}.comparison:MariaDBComparison"
    )

    @property
    def is_mariadb(self) -> bool:
        return True


_IF_EXISTS = (
    "add_column",
    "drop_column",
    "drop_constraint",
    "create_index",
    "drop_index",
)
