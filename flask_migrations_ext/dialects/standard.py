"""Operations as the SQL standard, or SQLAlchemy, says them.

A dialect derives from this and overrides what its database says otherwise. What
SQLAlchemy can write is left to it, so that what apps teach it (``@compiles``) holds
here, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from ..errors import OperationError
from ..errors import UnsupportedOperation
from ..operations.base import Operation
from ..operations.constraints import AddConstraint
from ..operations.constraints import DropConstraint
from ..operations.enums import CreateEnum
from ..operations.enums import DropEnum
from ..operations.indexes import CreateIndex
from ..operations.indexes import DropIndex
from ..operations.rows import InsertRows
from ..operations.sequences import CreateSequence
from ..operations.sequences import DropSequence
from ..operations.sql import ExecuteSql
from ..operations.tables import AlterTable
from ..operations.tables import CommentTable
from ..operations.tables import CreateTable
from ..operations.tables import DropTable
from ..operations.tables import RenameTable
from ..schema.from_sqlalchemy import read_parts
from ..schema.model import Constraint
from ..schema.model import Exclude
from ..schema.model import Index
from ..schema.model import NumberSequence
from ..schema.model import Table
from ..schema.model import TableName
from .constraint_lookup import constraint_to_drop
from .constraint_lookup import found_name
from .dialect import Statement
from .dialect import Statements
from .literals import refuse_missing_values
from .standard_columns import ColumnSql
from .standard_columns import indexes_of
from .table_events import tell_listeners


class StandardSql(ColumnSql):
    """A database that says operations as most databases do."""

    # -- tables ------------------------------------------------------------

    def create_table(
        self, operation: CreateTable, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``CREATE TABLE``, then its indexes and comments."""
        name = operation.table.name
        if operation.if_not_exists and connection is not None:
            if sa.inspect(connection).has_table(name.name, schema=name.schema):
                return

        for constraint in operation.table.constraints:
            self.refuse_unknown(constraint, name)

        built = self.build.table(operation.table)
        tell_listeners("before_create", built, connection)
        yield from self.types_for(built.columns, operation, connection)
        yield self.table_created(built, if_not_exists=operation.if_not_exists)
        # With a connection, the question has been answered for all of it.
        hedge = operation.if_not_exists and connection is None
        for index in indexes_of(built):
            yield from self.new_index(
                index, if_not_exists=hedge and "create_index" in self.says_if_exists
            )

        if self._comments_apart and built.comment is not None:
            yield self.commented(built)

        for column in built.columns:
            yield from self.column_comment(column)

        tell_listeners("after_create", built, connection)

    def table_created(self, table: sa.Table, *, if_not_exists: bool) -> Statement:
        """Return ``CREATE TABLE``."""
        return Statement(sa.schema.CreateTable(table, if_not_exists=if_not_exists))

    def drop_table(
        self, operation: DropTable, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP TABLE``."""
        built = self._stub(operation.name)
        tell_listeners("before_drop", built, connection)
        yield self.table_dropped(built, if_exists=operation.if_exists)
        tell_listeners("after_drop", built, connection)

    def table_dropped(self, table: sa.Table, *, if_exists: bool) -> Statement:
        """Return ``DROP TABLE``."""
        return Statement(sa.schema.DropTable(table, if_exists=if_exists))

    def rename_table(
        self, operation: RenameTable, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``ALTER TABLE … RENAME TO``."""
        new_name = self.quote(operation.new_name)
        yield self.altered(operation.name, f"RENAME TO {new_name}")

    def comment_table(
        self, operation: CommentTable, connection: sa.Connection | None
    ) -> Statements:
        """Yield the statement that sets a comment, where there are comments."""
        if not self.has_comments:
            return

        yield self.commented(self._stub(operation.table, operation.comment))

    def alter_table(
        self, operation: AlterTable, connection: sa.Connection | None
    ) -> Statements:
        """Yield what the block says: no table is rebuilt here.

        :raises UnsupportedOperation: if a rebuild was to change the table's options.
        """
        rebuild = operation.rebuild
        if rebuild.recreate == "always":
            self._refuse_options(operation)

        yield from self.altered_together(operation, connection)
        if rebuild.recreate == "always":
            for part in read_parts(rebuild.table_args):
                yield from self.statements(_addition(operation, part), connection)

    def altered_together(
        self, operation: AlterTable, connection: sa.Connection | None
    ) -> Statements:
        """Yield the statements of a block, each operation by itself."""
        for each in operation.operations:
            yield from self.statements(each, connection)

    def _refuse_options(self, operation: AlterTable) -> None:
        # Those of other databases are for them alone.
        own = [
            name
            for name, _ in operation.rebuild.table_options
            if name.startswith(tuple(f"{each}_" for each in self.names()))
        ]
        if own:
            raise UnsupportedOperation(
                self.title,
                f"give the table '{operation.table}' the option '{own[0]}'"
                " by making it anew",
                "say it with op.execute('ALTER TABLE …')",
            )

    # -- constraints -------------------------------------------------------

    def add_constraint(
        self, operation: AddConstraint, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``ADD CONSTRAINT``.

        :raises UnsupportedOperation: if this kind of database has no such constraint.
        """
        self.refuse_unknown(operation.constraint, operation.table)
        built = self.build.constraint(operation.constraint, operation.table)
        yield Statement(sa.schema.AddConstraint(built))

    def drop_constraint(
        self, operation: DropConstraint, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP CONSTRAINT``."""
        name = self.constraint_name(operation, connection)
        clause = self.existence("IF EXISTS", operation, connection)
        yield self.altered(operation.table, f"DROP CONSTRAINT {clause}{name}")

    # -- indexes -----------------------------------------------------------

    def create_index(
        self, operation: CreateIndex, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``CREATE INDEX``."""
        clause = self.existence("IF NOT EXISTS", operation, connection)
        built = self.build.index(operation.index, operation.table)
        yield from self.new_index(built, if_not_exists=bool(clause))

    def drop_index(
        self, operation: DropIndex, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP INDEX``."""
        clause = self.existence("IF EXISTS", operation, connection)
        built = self.dropped_index(operation)
        yield Statement(
            sa.schema.DropIndex(built, if_exists=bool(clause)),
            transactional=self.is_transactional(built),
        )

    # -- rows and SQL ------------------------------------------------------

    def insert_rows(
        self, operation: InsertRows, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``INSERT``: one for all rows where that is asked for and possible."""
        # Inline: nobody asks for the keys that the database has given.
        insert = sa.insert(operation.target).inline()
        rows = [_with_defaults(row, operation.target) for row in operation.rows]
        plain = not any(
            isinstance(value, sa.ClauseElement)
            for row in rows
            for value in row.values()
        )
        if not (operation.together and plain):
            for row in rows:
                yield Statement(insert.values(dict(row)))
            return

        # Rows of one statement have values for the same columns.
        for _, same in groupby(rows, key=lambda row: sorted(row)):
            yield Statement(insert, parameters=tuple(same))

    def execute_sql(
        self, operation: ExecuteSql, connection: sa.Connection | None
    ) -> Statements:
        """Yield the statement as it was given.

        :raises OperationError: if it has parameters without values.
        """
        element: Any = operation.statement
        if element is None:
            element = sa.text(operation.text)

        refuse_missing_values(element, self.sa_dialect)
        yield Statement(element, execution_options=dict(operation.execution_options))

    # -- enum types --------------------------------------------------------

    def create_enum(
        self, operation: CreateEnum, connection: sa.Connection | None
    ) -> Statements:
        """Yield nothing: an enum is no object of its own here."""
        return iter(())

    def drop_enum(
        self, operation: DropEnum, connection: sa.Connection | None
    ) -> Statements:
        """Yield nothing: an enum is no object of its own here."""
        return iter(())

    # -- sequences ---------------------------------------------------------

    def create_sequence(
        self, operation: CreateSequence, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``CREATE SEQUENCE``, unless the database has it, or has no such."""
        if self._has_sequence(operation.sequence.name, connection) is False:
            built = self.build.sequence(operation.sequence)
            yield Statement(sa.schema.CreateSequence(built))

    def drop_sequence(
        self, operation: DropSequence, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP SEQUENCE``, if the database has it."""
        if connection is None or self._has_sequence(operation.name, connection):
            if self.sa_dialect.supports_sequences:
                built = self.build.sequence(NumberSequence(operation.name))
                yield Statement(sa.schema.DropSequence(built))

    def _has_sequence(
        self, name: TableName, connection: sa.Connection | None
    ) -> bool | None:
        """Return whether there is a sequence; None where there are none at all."""
        if not self.sa_dialect.supports_sequences:
            return None
        if connection is None:
            return False

        return sa.inspect(connection).has_sequence(name.name, schema=name.schema)

    # -- what is meant -----------------------------------------------------

    def refuse_unknown(self, constraint: Constraint, table: TableName) -> None:
        """Refuse a constraint that this kind of database does not have.

        :raises UnsupportedOperation: if it is one.
        """
        if isinstance(constraint, Exclude) and not self.excludes:
            raise UnsupportedOperation(
                self.title,
                f"keep an exclude constraint on the table '{table}'",
                "leave it out for this database",
            )

    def constraint_name(
        self, operation: DropConstraint, connection: sa.Connection | None
    ) -> str:
        """Return the name of the constraint that is meant, as SQL.

        :raises OperationError: if it has none and cannot be found.
        """
        built = constraint_to_drop(operation, self.build)
        if built.name is None and connection is not None:
            found = found_name(operation, connection, self.write)
            if found is not None:
                return self.quote(found)

        if not isinstance(built.name, str):
            raise OperationError(
                f"cannot drop a constraint of the table '{operation.table}' without"
                " its name; look it up in the database and give it"
            )

        preparer = self.sa_dialect.identifier_preparer
        return self._undoubled(str(preparer.format_constraint(built)))

    def table_of_index(self, operation: DropIndex) -> TableName:
        """Return the table of an index that is dropped from a table.

        :raises OperationError: if it is not said.
        """
        if operation.table is None:
            raise OperationError(
                f"{self.title} drops an index from a table: which one has"
                f" '{operation.name}'? Give table_name"
            )

        return operation.table

    def dropped_index(self, operation: DropIndex) -> sa.Index:
        """Return the index that is meant, on a table.

        :raises OperationError: if it has no name.
        """
        table = operation.table or TableName("", operation.schema)
        name: Any = operation.name
        if name is None and operation.was is not None:
            name = self.build.index(operation.was, table).name

        if name is None:
            raise OperationError(
                f"cannot drop an index of the table '{table}' without its name;"
                " look it up in the database and give it"
            )

        # Undone as it was made: without blocking the table, if so.
        was = operation.was.options if operation.was is not None else ()
        options = {key: value for key, value in was if key.endswith("_concurrently")}
        options.update(operation.options)
        return self.build.index(Index(name, (), options=tuple(options.items())), table)

    def _stub(self, name: TableName, comment: str | None = None) -> sa.Table:
        return self.build.table(Table(name, comment=comment))


def _addition(operation: AlterTable, part: Constraint | Index) -> Operation:
    if isinstance(part, Index):
        return CreateIndex(operation.table, part)

    return AddConstraint(operation.table, part)


def _with_defaults(row: Mapping[str, Any], target: sa.TableClause) -> Mapping[str, Any]:
    # What the table gives a row in Python is there in a file, too.
    given = dict(row)
    for column in target.columns if isinstance(target, sa.Table) else ():
        default: Any = column.default
        if column.key in row or default is None:
            continue

        if default.is_scalar:
            given[column.key] = default.arg
        elif default.is_callable:
            # One that looks at the statement around it is left to SQLAlchemy.
            with suppress(AttributeError, TypeError):
                given[column.key] = default.arg(None)

    return given
