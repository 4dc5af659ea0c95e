"""PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect as SADialect

from ...errors.failure import Failure
from ...operations.base import Operation
from ...operations.columns import AlterColumn
from ...operations.enums import CreateEnum
from ...operations.enums import DropEnum
from ...operations.sql import ExecuteSql
from ...operations.tables import CreateTable
from ...portion import Tell
from ...schema.model import Column
from ...schema.model import Computed
from ...schema.model import Identity
from ...schema.model import KEPT
from ...schema.model import Kept
from ...schema.model import ServerDefault
from ...schema.model import TableName
from ...schema.to_sqlalchemy import NamingConvention
from ...schema.to_sqlalchemy import SQLAlchemyBuilder
from ..dialect import Preparation
from ..dialect import Statement
from ..dialect import Statements
from ..literals import Literals
from ..lock import Recovery
from ..lock import SessionLimits
from ..lock import SessionLock
from ..standard import StandardSql
from ..standard_columns import OF_COLUMNS_AND_INDEXES
from .identity import default_of
from .identity import is_generated
from .identity import serial_sequence
from .identity import with_identity
from .limits import PostgreSQLLimits
from .literals import PostgreSQLBuilder
from .literals import PostgreSQLLiterals
from .lock import AdvisoryLock
from .lock import PostgreSQLRecovery
from .queries import BLOCKING
from .queries import building
from .queries import rows_about
from .transaction import failure_of
from .transaction import is_broken
from .transaction import is_in_transaction
from .transaction import runs_outside
from .types import adds_value
from .types import creation_of
from .types import enum_altered
from .types import grows
from .types import is_enum
from .types import is_string
from .types import key_of
from .types import named_types
from .types import refuse_lacking
from .types import stored_type
from .types import TypesOfRun
from .types import value_added
from .types import values_in
from .types import with_other_values


class PostgreSQL(StandardSql):
    """PostgreSQL: changes of tables roll back, enums are types with names."""

    name: ClassVar[str] = "postgresql"
    title: ClassVar[str] = "PostgreSQL"
    transactional_ddl: ClassVar[bool] = True
    comparison: ClassVar[type[Any] | str] = (
        f"{__package__}.comparison:PostgreSQLComparison"
    )
    savepoints: ClassVar[bool] = True
    excludes: ClassVar[bool] = True
    named_enums: ClassVar[bool] = True
    has_identities: ClassVar[bool] = True
    numbers_without_key: ClassVar[bool] = True
    conditions_hold_inline: ClassVar[bool] = True
    session_lock: ClassVar[type[SessionLock] | None] = AdvisoryLock
    blocking: ClassVar[Mapping[str, str]] = BLOCKING
    session_limits: ClassVar[type[SessionLimits]] = PostgreSQLLimits
    recovery: ClassVar[type[Recovery]] = PostgreSQLRecovery
    literals: ClassVar[type[Literals]] = PostgreSQLLiterals
    builder: ClassVar[type[SQLAlchemyBuilder]] = PostgreSQLBuilder

    def __init__(
        self, sa_dialect: SADialect, naming_convention: NamingConvention | None = None
    ) -> None:
        super().__init__(sa_dialect, naming_convention)
        self._types = TypesOfRun()
        # SQLAlchemy 2.0 takes backslashes for escapes until a server has told it
        # that they are not. No server since 9.1 takes them so, unless it is told to.
        if getattr(sa_dialect, "server_version_info", None) is None:
            sa_dialect._backslash_escapes = False  # type: ignore[attr-defined]  # an attribute of this dialect only

    @property
    def says_if_exists(self) -> frozenset[str]:
        return OF_COLUMNS_AND_INDEXES

    # -- transactions ------------------------------------------------------

    def is_in_transaction(self, connection: sa.Connection) -> bool:
        return is_in_transaction(connection)

    def is_broken(self, connection: sa.Connection) -> bool:
        return is_broken(connection)

    def runs_outside(self, sql: str) -> bool:
        return runs_outside(sql)

    def done_first(self, executed: Sequence[str]) -> Preparation | None:
        added = [sql for sql in executed if adds_value(sql)]
        return self._types.committing(added) if added else None

    def failure_of(self, error: BaseException) -> Failure:
        return failure_of(error) or super().failure_of(error)

    @contextmanager
    def advancing(
        self, connection: sa.Connection, statement: Statement, tell: Tell
    ) -> Iterator[None]:
        with building(connection, self.text(statement), tell):
            yield

    def rows_about(self, connection: sa.Connection, table: TableName) -> int | None:
        return rows_about(connection, self.table_text(table))

    # -- verbs -------------------------------------------------------------

    def create_table(
        self, operation: CreateTable, connection: sa.Connection | None
    ) -> Statements:
        # Nobody waits for a table that is new, and a transaction can hold it.
        for statement in super().create_table(operation, connection):
            element: Any = statement.element
            if isinstance(element, sa.schema.CreateIndex):
                element.element.dialect_options[PostgreSQL.name]["concurrently"] = False
                yield Statement(element)
            else:
                yield statement

    def execute_sql(
        self, operation: ExecuteSql, connection: sa.Connection | None
    ) -> Statements:
        if self._types.is_done(operation.text):
            return

        apart = connection is None and adds_value(operation.text)
        for statement in super().execute_sql(operation, connection):
            yield replace(statement, transactional=not apart)
        self._types.read(operation.text)

    def create_enum(
        self, operation: CreateEnum, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``CREATE TYPE``, or what adds the values that the type lacks."""
        enum = postgresql.ENUM(
            *operation.values, name=operation.name, schema=operation.schema
        )
        yield from self._create_types([enum], operation, connection)

    def drop_enum(
        self, operation: DropEnum, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP TYPE``, unless the database does not have the type."""
        key = (operation.schema, operation.name)
        if connection is not None and values_in(connection, key) is None:
            return

        preparer: Any = self.sa_dialect.identifier_preparer
        named = postgresql.ENUM(name=operation.name, schema=operation.schema)
        text = self._undoubled(str(preparer.format_type(named)))
        clause = "IF EXISTS " if connection is None else ""
        yield self.raw(f"DROP TYPE {clause}{text}")
        self._types.dropped(key)

    # -- types -------------------------------------------------------------

    def types_for(
        self,
        columns: Iterable[sa.Column[Any]],
        operation: Operation,
        connection: sa.Connection | None,
    ) -> Statements:
        needed = [
            named
            for column in columns
            for named in named_types(column.type, self.sa_dialect)
            if named.create_type
        ]
        yield from self._create_types(needed, operation, connection)

    def _create_types(
        self,
        needed: Iterable[postgresql.ENUM | postgresql.DOMAIN],
        operation: Operation,
        connection: sa.Connection | None,
    ) -> Statements:
        for named in {key_of(each): each for each in needed}.values():
            if connection is None:
                yield from self._create_type_unseen(named, operation)
            else:
                yield from self._create_type(named, operation, connection)

    def _create_type(
        self,
        named: postgresql.ENUM | postgresql.DOMAIN,
        operation: Operation,
        connection: sa.Connection,
    ) -> Statements:
        there = values_in(connection, key_of(named))
        if there is None:
            yield Statement(creation_of(named))
        elif isinstance(named, postgresql.ENUM):
            # Written on a database that has no such types, a script says the enum
            # with more values, and gives it to its column once more.
            said_anew = isinstance(operation, AlterColumn | CreateEnum)
            if said_anew and grows(named.enums, there):
                for value in named.enums:
                    if value not in there:
                        yield self.raw(value_added(named, value, self.sa_dialect))
            else:
                refuse_lacking(key_of(named), named.enums, there)

    def _create_type_unseen(
        self, named: postgresql.ENUM | postgresql.DOMAIN, operation: Operation
    ) -> Statements:
        key = key_of(named)
        exists = self._types.exists(key)
        # An enum without values is a mention of one that is there.
        if exists or (isinstance(named, postgresql.ENUM) and not named.enums):
            return

        creation = creation_of(named)
        if exists is None and not isinstance(operation, CreateTable):
            # A column often gets a type that earlier revisions, which are not part
            # of this text, have created.
            text = self.compiled(creation)
            yield self.raw(
                f"DO $$ BEGIN {text}; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            )
        else:
            yield Statement(creation)

        self._types.created(key)

    # -- columns -----------------------------------------------------------

    def drop_generation(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP IDENTITY`` or ``DROP EXPRESSION``: values stay."""
        if operation.becomes.identity is None:
            yield self.altered_column(operation, "DROP IDENTITY")

        if operation.becomes.computed is None:
            yield self.altered_column(operation, "DROP EXPRESSION")

    def add_generation(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield what adds an identity or alters one, or another expression.

        :raises UnsupportedOperation: for an expression where there was none.
        """
        becomes, was = operation.becomes, operation.was
        if isinstance(becomes.identity, Identity):
            yield from with_identity(self, operation, becomes.identity, connection)

        if isinstance(becomes.computed, Computed):
            if was.computed is None or isinstance(was.default, ServerDefault):
                raise self.no_generation(operation)

            expression = becomes.computed.expression.sql(self.write)
            yield self.altered_column(operation, f"SET EXPRESSION AS ({expression})")

    def is_transactional(self, index: sa.Index) -> bool:
        return not index.dialect_options[PostgreSQL.name]["concurrently"]

    def alter_type(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statements:
        becomes = operation.becomes.type
        if isinstance(becomes, Kept):
            return

        column = self.build.column(Column(operation.name, becomes), operation.table)
        yield from with_other_values(self, operation, column.type, connection)
        yield from self.types_for([column], operation, connection)
        text = self.type_text(column.type)
        if enum_altered(self, operation, column.type) is not None:
            # The type has other values now, and is the column's already.
            return

        if is_generated(operation, self.table_text(operation.table), connection):
            # It has neither a default nor values that could be converted.
            yield self.altered_column(operation, f"TYPE {text}")
            return

        using = dict(operation.options).get(f"{self.name}_using")
        using = using or self._cast(operation, column.type)
        default = operation.becomes.default
        old = self._old_default(operation, column.type, connection)
        # A default of the old type would not become one of the new type by itself.
        if old or (using and isinstance(default, ServerDefault)):
            yield self.altered_column(operation, "DROP DEFAULT")

        yield self.altered_column(
            operation, f"TYPE {text}{f' USING {using}' if using else ''}"
        )
        if old:
            yield self.altered_column(operation, f"SET DEFAULT {old}")

        if isinstance(stored_type(column.type, self.sa_dialect), sa.Integer):
            yield from self._alter_sequence(operation, text, connection)

    def _alter_sequence(
        self, operation: AlterColumn, text: str, connection: sa.Connection | None
    ) -> Statements:
        """Yield what has the sequence of a SERIAL count as far as its column."""
        if connection is not None:
            table = self.table_text(operation.table)
            name = serial_sequence(table, operation.name, connection)
            if name is not None:
                yield self.raw(f"ALTER SEQUENCE {name} AS {text}")
            return

        if operation.was.autoincrement is True:
            table = self.literal(self.table_text(operation.table))
            column = self.literal(operation.name)
            yield self.raw(
                "DO $$ BEGIN EXECUTE 'ALTER SEQUENCE ' ||"
                f" pg_get_serial_sequence({table}, {column}) || ' AS {text}'; END $$"
            )

    def commented(self, element: sa.Table | sa.Column[Any]) -> Statement:
        # SQLAlchemy leaves out the schema where it takes the comment of a column away.
        if isinstance(element, sa.Column) and element.comment is None:
            table = self.table_text(TableName(element.table.name, element.table.schema))
            column = self.quote(element.name)
            return self.raw(f"COMMENT ON COLUMN {table}.{column} IS NULL")

        return super().commented(element)

    def _cast(
        self, operation: AlterColumn, target: sa.types.TypeEngine[Any]
    ) -> str | None:
        """Return the expression for a change that PostgreSQL does not do by itself.

        Where it does, none is added: a cast cuts strings that are too long.
        """
        was = operation.was.type
        source = None if isinstance(was, Kept) else self.build.type(was)
        column, text = self.quote(operation.name), self.type_text(target)
        stored = stored_type(target, self.sa_dialect)
        if is_enum(target, self.sa_dialect):
            if source is not None and self.type_text(source) == text:
                return None

            array = "[]" if isinstance(stored, sa.ARRAY) else ""
            return f"{column}::text{array}::{text}"

        if source is None or is_string(stored):
            return None

        before = stored_type(source, self.sa_dialect)
        if is_string(before):
            return f"{column}::{text}"

        if isinstance(before, postgresql.ENUM):
            return f"{column}::text::{text}"

        if isinstance(before, sa.Boolean) and isinstance(stored, _NUMBERS):
            return f"{column}::integer::{text}"

        if isinstance(before, _NUMBERS) and isinstance(stored, sa.Boolean):
            return f"{column} <> 0"

        return None

    def _old_default(
        self,
        operation: AlterColumn,
        target: sa.types.TypeEngine[Any],
        connection: sa.Connection | None,
    ) -> str | None:
        """Return a default that stays and has to be said anew for another type."""
        was, default = operation.was.type, operation.was.default
        if operation.becomes.default is not KEPT or default is None:
            return None

        if self._cast(operation, target) is None:
            # To a string everything goes, and takes along what it was.
            source = None if isinstance(was, Kept) else self.build.type(was)
            if source is None or is_string(stored_type(source, self.sa_dialect)):
                return None

        if isinstance(default, ServerDefault):
            return self._converted(self.default_text(default), target)

        if connection is None:
            return None

        table = self.table_text(operation.table)
        found = default_of(table, operation.name, connection)
        return None if found is None else self._converted(str(found), target)

    def _converted(self, default: str, target: sa.types.TypeEngine[Any]) -> str:
        # What PostgreSQL tells of a default holds the type that it was for.
        literal = _LITERAL.fullmatch(default)
        if literal is not None:
            return literal["value"]

        stored = stored_type(target, self.sa_dialect)
        if isinstance(stored, _NUMBERS):
            return {"true": "1", "false": "0"}.get(default.lower(), default)

        if isinstance(stored, sa.Boolean):
            return {"1": "true", "0": "false"}.get(default, default)

        return default


_NUMBERS = (sa.Integer, sa.Numeric)

_LITERAL = re.compile(r"(?P<value>'(?:[^']|'')*')::[^']+")
