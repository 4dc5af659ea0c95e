"""The verbs for columns, as most databases say them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any
from typing import ClassVar

import sqlalchemy as sa

from ..errors import UnsupportedOperation
from ..operations.base import Operation
from ..operations.columns import AddColumn
from ..operations.columns import AlterColumn
from ..operations.columns import DropColumn
from ..schema.model import Column
from ..schema.model import Computed
from ..schema.model import Identity
from ..schema.model import KEPT
from ..schema.model import Kept
from ..schema.model import PrimaryKey
from ..schema.model import ServerDefault
from ..schema.model import SqlType
from ..schema.model import Table
from ..schema.model import TableName
from .dialect import Dialect
from .dialect import Statement
from .dialect import Statements
from .types import is_made

log = logging.getLogger("flask_migrations_ext.op")


def warn_of_autoincrement(operation: AlterColumn, title: str) -> None:
    """Log that ``autoincrement`` of a column does nothing here, if it is said."""
    if operation.becomes.autoincrement is not KEPT:
        log.warning(
            "alter_column('%s', '%s'): autoincrement is for MySQL and MariaDB; on %s"
            " it is passed over",
            operation.table,
            operation.name,
            title,
        )


OF_COLUMNS_AND_INDEXES = frozenset(
    ("add_column", "drop_column", "drop_constraint", "create_index", "drop_index")
)
"""The verbs with ``IF EXISTS`` or ``IF NOT EXISTS``, where nearly all have it."""


class ColumnSql(Dialect):
    """A database that says changes of columns as most databases do."""

    conditions_hold_inline: ClassVar[bool] = False
    """Whether ``IF NOT EXISTS`` of a column counts for what is said along with it,
    so that in SQL text all that fits into the column is said there."""
    numbers_without_key: ClassVar[bool] = False
    """Whether a column that is declared with ``primary_key`` numbers the rows also
    where it does not become the key."""

    @property
    def says_if_exists(self) -> frozenset[str]:
        """The verbs that know ``IF EXISTS`` or ``IF NOT EXISTS``, but for tables."""
        return frozenset(["create_index", "drop_index"])

    # -- the verbs ---------------------------------------------------------

    def add_column(
        self, operation: AddColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``ADD COLUMN``, then its constraints, comment and indexes."""
        name = operation.column.name
        if operation.if_not_exists and connection is not None:
            if self.has_column(connection, operation.table, name):
                return

        clause = self.existence("IF NOT EXISTS", operation, connection)
        table = self.added_table(operation)
        column = table.c[name]
        constraints = list(self.constraints_with(operation, table))
        inline = [
            each
            for each in constraints
            if self.says_inline(each, operation, connection)
        ]

        yield from self.types_for([column], operation, connection)
        words = [self.compiled(sa.schema.CreateColumn(column))]
        words += [self.inline_text(each) for each in inline]
        yield self.column_added(operation, " ".join(words), clause)
        for constraint in constraints:
            if constraint not in inline:
                yield Statement(sa.schema.AddConstraint(constraint))

        yield from self.column_comment(column)
        for index in indexes_of(table):
            yield from self.new_index(index, if_not_exists=bool(clause))

    def drop_column(
        self, operation: DropColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP COLUMN``."""
        clause = self.existence("IF EXISTS", operation, connection)
        if operation.if_exists and not clause and connection is not None:
            if not self.has_column(connection, operation.table, operation.name):
                return

        column = self.quote(operation.name)
        yield self.altered(operation.table, f"DROP COLUMN {clause}{column}")

    def alter_column(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield a statement for each thing that changes, the name last."""
        warn_of_autoincrement(operation, self.title)
        yield from self.without_type_checks(operation)
        yield from self.drop_generation(operation, connection)
        if operation.becomes.default is None:
            yield self.altered_column(operation, "DROP DEFAULT")

        yield from self.alter_type(operation, connection)
        yield from self._set_default(operation)
        yield from self._alter_nullable(operation)
        yield from self.add_generation(operation, connection)
        yield from self.alter_comment(operation)
        yield from self.rename_column(operation)
        yield from self.with_type_checks(operation)

    # -- what dialects override --------------------------------------------

    def column_added(self, operation: AddColumn, words: str, clause: str) -> Statement:
        """Return ``ADD COLUMN``.

        :param words: the column and what is said with it.
        :param clause: ``IF NOT EXISTS`` and a space, or nothing.
        """
        return self.altered(operation.table, f"ADD COLUMN {clause}{words}")

    def types_for(
        self,
        columns: Iterable[sa.Column[Any]],
        operation: Operation,
        connection: sa.Connection | None,
    ) -> Statements:
        """Yield what creates the types that columns need and the database lacks."""
        return iter(())

    def new_index(
        self,
        index: sa.Index,
        *,
        if_not_exists: bool = False,
    ) -> Statements:
        """Yield ``CREATE INDEX``."""
        yield Statement(
            sa.schema.CreateIndex(index, if_not_exists=if_not_exists),
            transactional=self.is_transactional(index),
        )

    def is_transactional(self, index: sa.Index) -> bool:
        """Return whether an index can be made, or dropped, in a transaction."""
        return True

    def alter_type(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield the statement for a new type."""
        becomes = operation.becomes.type
        if not isinstance(becomes, Kept):
            text = self.type_text(self.build.type(becomes))
            yield self.altered_column(operation, f"SET DATA TYPE {text}")

    def drop_generation(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield what turns a column that the database fills into one that it does not.

        :raises UnsupportedOperation: if there is no way.
        """
        if operation.becomes.identity is None or operation.becomes.computed is None:
            raise self.no_generation(operation)

        return iter(())

    def add_generation(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield what has the database fill a column, or fill it otherwise.

        :raises UnsupportedOperation: if there is no way.
        """
        said = (operation.becomes.identity, operation.becomes.computed)
        if any(isinstance(each, (Identity, Computed)) for each in said):
            raise self.no_generation(operation)

        return iter(())

    def no_generation(self, operation: AlterColumn) -> UnsupportedOperation:
        """Return the error for a column that cannot be computed, or an identity."""
        of_identity = not isinstance(operation.becomes.identity, Kept)
        kind = "an identity" if of_identity else "a computed one"
        return UnsupportedOperation(
            self.title,
            f"make the column '{operation.table}.{operation.name}' {kind},"
            " or change that it is one",
            "add another column, copy the values, then drop this one",
        )

    def says_inline(
        self,
        constraint: sa.Constraint,
        operation: AddColumn,
        connection: sa.Connection | None,
    ) -> bool:
        """Return whether ``ADD COLUMN`` itself says a constraint of the column."""
        is_conditional = operation.if_not_exists and connection is None
        if is_conditional and self.conditions_hold_inline:
            return len(getattr(constraint, "columns", ())) <= 1

        if isinstance(constraint, sa.PrimaryKeyConstraint):
            return operation.inline_primary_key

        if isinstance(constraint, sa.ForeignKeyConstraint):
            return operation.inline_references and len(constraint.elements) == 1

        return False

    def inline_text(self, constraint: sa.Constraint) -> str:
        """Return a constraint as ``ADD COLUMN`` says it: without the column."""
        text = self.compiled(sa.schema.AddConstraint(constraint)).partition(" ADD ")[2]
        if isinstance(constraint, sa.CheckConstraint):
            return text

        if isinstance(constraint, sa.ForeignKeyConstraint):
            before, _, after = text.partition("FOREIGN KEY(")
            return f"{before}REFERENCES {after.partition(') REFERENCES ')[2]}"

        names = getattr(constraint, "columns", ())
        listed = ", ".join(self.quote(str(each.name)) for each in names)
        return text.replace(f" ({listed})", "", 1)

    # -- shared ------------------------------------------------------------

    def altered(self, table: TableName, action: str) -> Statement:
        """Return ``ALTER TABLE`` with an action."""
        return self.raw(f"ALTER TABLE {self.table_text(table)} {action}")

    def altered_column(self, operation: AlterColumn, action: str) -> Statement:
        """Return ``ALTER TABLE … ALTER COLUMN …`` with an action."""
        column = self.quote(operation.name)
        return self.altered(operation.table, f"ALTER COLUMN {column} {action}")

    def existence(
        self, words: str, operation: Operation, connection: sa.Connection | None
    ) -> str:
        """Return ``IF [NOT] EXISTS`` and a space where it is asked for and known.

        With a connection, a dialect that does not know it looks before it speaks.

        :raises UnsupportedOperation: if it is asked for, unknown, and there is no
            database to look at.
        """
        asked = words.lower().replace(" ", "_")
        if not getattr(operation, asked):
            return ""

        if operation.verb in self.says_if_exists:
            return f"{words} "

        if connection is not None:
            return ""

        raise UnsupportedOperation(
            self.title,
            f"{operation.verb.replace('_', ' ')} with {words} in SQL text",
            f"leave out {asked}, or run without --sql: then the database is looked at",
        )

    def has_column(
        self, connection: sa.Connection, table: TableName, name: str
    ) -> bool:
        """Return whether a table has a column. The table has to exist."""
        return name in self.column_names(connection, table)

    def column_names(
        self, connection: sa.Connection, table: TableName
    ) -> frozenset[str]:
        """Return the names of the columns of a table, which has to exist."""
        # Less than reflection, which stumbles over types that it does not know.
        nothing = f"SELECT * FROM {self.table_text(table)} WHERE 1 = 0"
        with connection.execute(self.raw(nothing).element) as result:
            return frozenset(result.keys())

    def added_table(self, operation: AddColumn) -> sa.Table:
        """Return a table of the new column and those that its constraints mention."""
        constraints = operation.constraints
        keys = [each for each in constraints if isinstance(each, PrimaryKey)]
        numbers = operation.column.primary_key and self.numbers_without_key
        if (operation.inline_primary_key or numbers) and not keys:
            constraints += (PrimaryKey(None, (operation.column.name,)),)

        mentioned = [name for each in constraints for name in each.mentioned]
        mentioned += [name for index in operation.indexes for name in index.columns]
        others = dict.fromkeys(mentioned)
        others.pop(operation.column.name, None)
        unknown = SqlType.of(sa.types.NULLTYPE)
        return self.build.table(
            Table(
                operation.table,
                (operation.column, *(Column(name, unknown) for name in others)),
                constraints,
                operation.indexes,
            )
        )

    def constraints_with(
        self, operation: AddColumn, table: sa.Table
    ) -> Iterator[sa.Constraint]:
        """Yield the constraints of a new column, also those its type makes."""
        declared = {type(each) for each in operation.constraints}
        with_key = operation.inline_primary_key or PrimaryKey in declared
        for constraint in sorted(table.constraints, key=_inline_order):
            if isinstance(constraint, sa.PrimaryKeyConstraint) and not with_key:
                continue
            if is_made(constraint, self.sa_dialect):
                yield constraint

    def column_comment(self, column: sa.Column[Any]) -> Statements:
        """Yield what comments on a column, where that is a statement of its own."""
        if self._comments_apart and column.comment is not None:
            yield self.commented(column)

    def commented(self, element: sa.Table | sa.Column[Any]) -> Statement:
        """Return what gives a table or column its comment, or takes it away."""
        of_table = isinstance(element, sa.Table)
        made: Any
        if element.comment is None:
            made = (
                sa.schema.DropTableComment if of_table else sa.schema.DropColumnComment
            )
        else:
            made = sa.schema.SetTableComment if of_table else sa.schema.SetColumnComment

        return Statement(made(element))

    def without_type_checks(self, operation: AlterColumn) -> Statements:
        """Yield what drops the checks that the old type has made by itself."""
        becomes, was = operation.becomes.type, operation.was.type
        if isinstance(becomes, Kept) or isinstance(was, Kept) or becomes == was:
            return

        for check in self._checks_of(operation, operation.name, was):
            # Without a name, nothing tells the check from the user's own.
            if isinstance(check.name, str):
                yield Statement(sa.schema.DropConstraint(check))

    def with_type_checks(self, operation: AlterColumn) -> Statements:
        """Yield what adds the checks that the new type makes by itself."""
        becomes = operation.becomes.type
        if isinstance(becomes, Kept) or becomes == operation.was.type:
            return

        name = operation.new_name or operation.name
        for check in self._checks_of(operation, name, becomes):
            yield Statement(sa.schema.AddConstraint(check))

    # -- parts -------------------------------------------------------------

    @property
    def _comments_apart(self) -> bool:
        return self.has_comments and not self.sa_dialect.inline_comments

    def _checks_of(
        self, operation: AlterColumn, name: str, sql_type: SqlType
    ) -> list[sa.Constraint]:
        table = self.build.table(Table(operation.table, (Column(name, sql_type),)))
        return [
            constraint
            for constraint in sorted(table.constraints, key=_inline_order)
            if isinstance(constraint, sa.CheckConstraint)
            and is_made(constraint, self.sa_dialect)
        ]

    def _set_default(self, operation: AlterColumn) -> Statements:
        default = operation.becomes.default
        if isinstance(default, ServerDefault):
            text = self.default_text(default)
            yield self.altered_column(operation, f"SET DEFAULT {text}")

    def _alter_nullable(self, operation: AlterColumn) -> Statements:
        nullable = operation.becomes.nullable
        if not isinstance(nullable, Kept):
            word = "DROP" if nullable else "SET"
            yield self.altered_column(operation, f"{word} NOT NULL")

    def alter_comment(self, operation: AlterColumn) -> Statements:
        """Yield what gives a column another comment, where that is said apart."""
        comment = operation.becomes.comment
        if isinstance(comment, Kept) or not self._comments_apart:
            return

        unknown = SqlType.of(sa.types.NULLTYPE)
        column = self.build.column(
            Column(operation.name, unknown, comment=comment), operation.table
        )
        yield self.commented(column)

    def rename_column(self, operation: AlterColumn) -> Statements:
        """Yield what gives a column its new name, if it gets one."""
        if operation.new_name is not None:
            old, new = self.quote(operation.name), self.quote(operation.new_name)
            yield self.altered(operation.table, f"RENAME COLUMN {old} TO {new}")


def indexes_of(table: sa.Table) -> list[sa.Index]:
    """Return the indexes of a table in a steady order."""
    return sorted(table.indexes, key=lambda index: str(index.name or ""))


def _inline_order(constraint: sa.Constraint) -> tuple[str, str]:
    return type(constraint).__name__, str(constraint.name or "")
