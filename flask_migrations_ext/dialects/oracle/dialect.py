"""Oracle: each change of a table is for good at once, and ``MODIFY`` says most.

Written by its documentation: Oracle Database SQL Language Reference, 19c.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from typing import ClassVar

import sqlalchemy as sa

from ...operations.columns import AddColumn
from ...operations.columns import AlterColumn
from ...operations.columns import DropColumn
from ...operations.constraints import DropConstraint
from ...operations.indexes import DropIndex
from ...schema.model import Computed
from ...schema.model import Constraint
from ...schema.model import ForeignKey
from ...schema.model import Identity
from ...schema.model import KEPT
from ...schema.model import Kept
from ...schema.model import PrimaryKey
from ...schema.model import ServerDefault
from ...schema.model import TableName
from ...schema.to_sqlalchemy import SQLAlchemyBuilder
from ..dialect import Statement
from ..dialect import Statements
from ..literals import Literals
from ..standard import StandardSql
from ..standard_columns import OF_COLUMNS_AND_INDEXES
from ..standard_columns import warn_of_autoincrement
from .literals import OracleLiterals

# What the server says of something that is there already, or is not there.
_NAME_TAKEN = -955
_INDEXED_ALREADY = -1408
_NO_TABLE = -942
_NO_INDEX = -1418
_HAS_COLUMN = -1430
_NO_COLUMN = -904
_NO_CONSTRAINT = -2443
_NO_PRIMARY_KEY = -2441

_PROGRAM = re.compile(
    r"\s*(?:<<|(?:BEGIN|DECLARE)\b|CREATE\b(?:\s+OR\s+REPLACE)?"
    r"(?:\s+(?:NON)?EDITIONABLE)?\s+(?:FUNCTION|PROCEDURE|TRIGGER|PACKAGE|TYPE)\b)",
    re.IGNORECASE,
)


class OracleBuilder(SQLAlchemyBuilder):
    """Builds SQLAlchemy's elements for Oracle."""

    def adapted(self, constraint: Constraint) -> Constraint:
        # CASCADE and SET NULL are all that can be said; to refuse is what else is done.
        if isinstance(constraint, ForeignKey):
            said = (constraint.ondelete or "").upper()
            if said in ("RESTRICT", "NO ACTION"):
                return replace(constraint, ondelete=None)

        return constraint


class Oracle(StandardSql):
    """Oracle: no change of a table rolls back."""

    name: ClassVar[str] = "oracle"
    title: ClassVar[str] = "Oracle"
    terminator: ClassVar[str] = ""
    batch_separator: str | None = "/"
    conditions_hold_inline: ClassVar[bool] = True
    literals: ClassVar[type[Literals]] = OracleLiterals
    builder: ClassVar[type[SQLAlchemyBuilder]] = OracleBuilder
    says_if_exists: ClassVar[frozenset[str]] = OF_COLUMNS_AND_INDEXES

    def commit_text(self) -> str | None:
        # Rows are in a transaction, which begins by itself.
        return "COMMIT"

    def _endable(self, text: str) -> str:
        # The separator is what executes it. Of a program, the semicolon is a part.
        text = super()._endable(text)
        return text if _PROGRAM.match(text) else text.rstrip().removesuffix(";")

    # -- tables and indexes ------------------------------------------------

    def table_created(self, table: sa.Table, *, if_not_exists: bool) -> Statement:
        created = super().table_created(table, if_not_exists=False)
        return self._unless(if_not_exists, created, _NAME_TAKEN)

    def table_dropped(self, table: sa.Table, *, if_exists: bool) -> Statement:
        dropped = super().table_dropped(table, if_exists=False)
        return self._unless(if_exists, dropped, _NO_TABLE)

    def new_index(self, index: sa.Index, *, if_not_exists: bool = False) -> Statements:
        created = Statement(sa.schema.CreateIndex(index))
        yield self._unless(if_not_exists, created, _NAME_TAKEN, _INDEXED_ALREADY)

    def drop_index(
        self, operation: DropIndex, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP INDEX``."""
        dropped = Statement(sa.schema.DropIndex(self.dropped_index(operation)))
        yield self._unless(operation.if_exists, dropped, _NO_INDEX)

    def commented(self, element: sa.Table | sa.Column[Any]) -> Statement:
        if element.comment is not None or isinstance(element, sa.Table):
            return super().commented(element)

        # NULL is no text here, and an empty text is none.
        table = TableName(str(element.table.name), element.table.schema)
        column = f"{self.table_text(table)}.{self.quote(str(element.name))}"
        return self.raw(f"COMMENT ON COLUMN {column} IS ''")

    # -- constraints -------------------------------------------------------

    def drop_constraint(
        self, operation: DropConstraint, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP CONSTRAINT``; a primary key needs no name."""
        is_key = PrimaryKey in (operation.kind, type(operation.was))
        if is_key and operation.name is None:
            dropped = self.altered(operation.table, "DROP PRIMARY KEY")
        else:
            name = self.constraint_name(operation, connection)
            dropped = self.altered(operation.table, f"DROP CONSTRAINT {name}")

        absent = (_NO_CONSTRAINT, _NO_PRIMARY_KEY)
        yield self._unless(operation.if_exists, dropped, *absent)

    # -- columns -----------------------------------------------------------

    def column_added(self, operation: AddColumn, words: str, clause: str) -> Statement:
        added = self.altered(operation.table, f"ADD {words}")
        return self._unless(bool(clause), added, _HAS_COLUMN)

    def drop_column(
        self, operation: DropColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP COLUMN``."""
        column = self.quote(operation.name)
        dropped = self.altered(operation.table, f"DROP COLUMN {column}")
        yield self._unless(operation.if_exists, dropped, _NO_COLUMN)

    def alter_column(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield one ``MODIFY`` for all that it can say, then the rest."""
        warn_of_autoincrement(operation, self.title)
        yield from self.without_type_checks(operation)
        yield from self.drop_generation(operation, connection)
        words = self._modification(operation)
        if words:
            yield self._modified(operation, " ".join(words))

        yield from self.add_generation(operation, connection)
        yield from self.alter_comment(operation)
        yield from self.rename_column(operation)
        yield from self.with_type_checks(operation)

    def _modification(self, operation: AlterColumn) -> Sequence[str]:
        becomes, was = operation.becomes, operation.was
        words = []
        if not isinstance(becomes.type, Kept):
            words.append(self.type_text(self.build.type(becomes.type)))

        if isinstance(becomes.default, ServerDefault):
            words.append(f"DEFAULT {self.default_text(becomes.default)}")
        elif becomes.default is None:
            words.append("DEFAULT NULL")

        # Saying what is so already is an error here.
        if becomes.nullable is not KEPT and becomes.nullable != was.nullable:
            words.append("NULL" if becomes.nullable else "NOT NULL")

        return words

    def drop_generation(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP IDENTITY``.

        :raises UnsupportedOperation: for a computed column: it holds no values.
        """
        if operation.becomes.computed is None:
            raise self.no_generation(operation)

        if operation.becomes.identity is None:
            yield self._modified(operation, "DROP IDENTITY")

    def add_generation(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield what alters an identity or an expression.

        :raises UnsupportedOperation: if the column is known to be no identity, or
            not known to be computed.
        """
        becomes, was = operation.becomes, operation.was
        if isinstance(becomes.identity, Identity):
            if was.identity is None:
                raise self.no_generation(operation)

            identity = becomes.identity
            built: Any = sa.Identity(always=identity.always, **dict(identity.options))
            yield self._modified(operation, self._ddl_text(built))

        if isinstance(becomes.computed, Computed):
            # What the values are computed by changes; that they are does not.
            if not isinstance(was.computed, Computed):
                raise self.no_generation(operation)

            text = self.build.text(becomes.computed.expression)
            built = sa.Computed(text, persisted=becomes.computed.persisted)
            yield self._modified(operation, self._ddl_text(built))

    def _ddl_text(self, element: Any) -> str:
        sa_dialect: Any = self.sa_dialect
        compiler = sa_dialect.ddl_compiler(sa_dialect, None)
        return self._undoubled(str(compiler.process(element)))

    def _modified(self, operation: AlterColumn, words: str) -> Statement:
        column = self.quote(operation.name)
        return self.altered(operation.table, f"MODIFY {column} {words}")

    # -- parts -------------------------------------------------------------

    def _unless(self, asked: bool, statement: Statement, *errors: int) -> Statement:
        """Return a statement that passes over some errors, if that is asked for."""
        if not asked:
            return statement

        text = self.text(statement).replace("'", "''")
        codes = ", ".join(str(error) for error in errors)
        return self.raw(
            "BEGIN\n"
            f"    EXECUTE IMMEDIATE '{text}';\n"
            "EXCEPTION\n"
            "    WHEN OTHERS THEN\n"
            f"        IF SQLCODE NOT IN ({codes}) THEN RAISE; END IF;\n"
            "END;"
        )
