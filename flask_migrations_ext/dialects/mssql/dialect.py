"""Microsoft SQL Server: procedures where others have statements, names by lookup.

Written by its documentation: https://learn.microsoft.com/sql/t-sql/statements/
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any
from typing import ClassVar

import sqlalchemy as sa

from ...errors import OperationError
from ...operations.columns import AddColumn
from ...operations.columns import AlterColumn
from ...operations.columns import DropColumn
from ...operations.indexes import DropIndex
from ...operations.rows import InsertRows
from ...operations.tables import RenameTable
from ...schema.model import Constraint
from ...schema.model import ForeignKey
from ...schema.model import KEPT
from ...schema.model import Kept
from ...schema.model import ServerDefault
from ...schema.model import SqlType
from ...schema.model import TableName
from ...schema.to_sqlalchemy import SQLAlchemyBuilder
from ..dialect import Statement
from ..dialect import Statements
from ..literals import Literals
from ..standard import StandardSql
from ..standard_columns import OF_COLUMNS_AND_INDEXES
from ..standard_columns import warn_of_autoincrement
from .literals import MSSQLLiterals

_COMMENT = "MS_Description"

# Where the constraints of a column are: how each is named, and the catalog.
_CONSTRAINTS = {
    "default": ("name", "sys.default_constraints"),
    "check": ("name", "sys.check_constraints"),
    "foreign_key": ("OBJECT_NAME(constraint_object_id)", "sys.foreign_key_columns"),
}


class MSSQLBuilder(SQLAlchemyBuilder):
    """Builds SQLAlchemy's elements for Microsoft SQL Server."""

    def adapted(self, constraint: Constraint) -> Constraint:
        # NO ACTION is what RESTRICT is elsewhere, and the word is not known here.
        if isinstance(constraint, ForeignKey):
            return replace(
                constraint,
                onupdate=_known_action(constraint.onupdate),
                ondelete=_known_action(constraint.ondelete),
            )

        return constraint


def _known_action(action: str | None) -> str | None:
    return "NO ACTION" if action and action.upper() == "RESTRICT" else action


class MSSQL(StandardSql):
    """Microsoft SQL Server, since 2016: changes of tables roll back."""

    name: ClassVar[str] = "mssql"
    title: ClassVar[str] = "Microsoft SQL Server"
    transactional_ddl: ClassVar[bool] = True
    batch_separator: str | None = "GO"
    numbers_without_key: ClassVar[bool] = True
    conditions_hold_inline: ClassVar[bool] = True
    literals: ClassVar[type[Literals]] = MSSQLLiterals
    builder: ClassVar[type[SQLAlchemyBuilder]] = MSSQLBuilder
    says_if_exists: ClassVar[frozenset[str]] = OF_COLUMNS_AND_INDEXES

    def begin_text(self) -> str | None:
        return "BEGIN TRANSACTION" if self._writes_transactions else None

    # -- tables and indexes ------------------------------------------------

    def table_created(self, table: sa.Table, *, if_not_exists: bool) -> Statement:
        created = super().table_created(table, if_not_exists=False)
        if not if_not_exists:
            return created

        name = TableName(str(table.name), table.schema)
        return self._only_if(
            f"OBJECT_ID({self._text_name(name)}, N'U') IS NULL", created
        )

    def rename_table(
        self, operation: RenameTable, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``sp_rename``, which takes the new name as it is, without quotes."""
        old = self._text_name(operation.name)
        yield self.raw(f"EXEC sp_rename {old}, {_text(operation.new_name)}")

    def new_index(self, index: sa.Index, *, if_not_exists: bool = False) -> Statements:
        created = Statement(sa.schema.CreateIndex(index))
        if not if_not_exists:
            yield created
            return

        table: Any = index.table
        owner = self._text_name(TableName(str(table.name), table.schema))
        yield self._only_if(
            "NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id ="
            f" OBJECT_ID({owner}) AND name = {_text(str(index.name))})",
            created,
        )

    def drop_index(
        self, operation: DropIndex, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP INDEX``.

        :raises OperationError: if its table is not said.
        """
        table = self.table_of_index(operation)
        clause = "IF EXISTS " if operation.if_exists else ""
        name = self.quote(str(self.dropped_index(operation).name))
        yield self.raw(f"DROP INDEX {clause}{name} ON {self.table_text(table)}")

    # -- comments ----------------------------------------------------------

    def commented(self, element: sa.Table | sa.Column[Any]) -> Statement:
        """Return the procedure that adds, changes or drops a comment, as it fits."""
        table: Any = element if isinstance(element, sa.Table) else element.table
        owner = (
            f"OBJECT_ID({self._text_name(TableName(str(table.name), table.schema))})"
        )
        place = f"N'SCHEMA', @schema, N'TABLE', {_text(str(table.name))}"
        minor = "0"
        if isinstance(element, sa.Column):
            column = _text(str(element.name))
            place += f", N'COLUMN', {column}"
            minor = f"COLUMNPROPERTY({owner}, {column}, 'ColumnId')"

        name = f"N'{_COMMENT}'"
        there = (
            "EXISTS (SELECT 1 FROM sys.extended_properties WHERE class = 1 AND"
            f" major_id = {owner} AND minor_id = {minor} AND name = {name})"
        )
        lines = [f"DECLARE @schema sysname = OBJECT_SCHEMA_NAME({owner})"]
        if element.comment is None:
            lines.append(f"IF {there} EXEC sys.sp_dropextendedproperty {name}, {place}")
        else:
            said = f"{name}, {_text(element.comment)}, {place}"
            lines.append(f"IF {there} EXEC sys.sp_updateextendedproperty {said}")
            lines.append(f"ELSE EXEC sys.sp_addextendedproperty {said}")

        return self.raw("\n".join(lines))

    # -- columns -----------------------------------------------------------

    def column_added(self, operation: AddColumn, words: str, clause: str) -> Statement:
        added = self.altered(operation.table, f"ADD {words}")
        if not clause:
            return added

        table, column = self._text_name(operation.table), _text(operation.column.name)
        return self._only_if(f"COL_LENGTH({table}, {column}) IS NULL", added)

    def drop_column(
        self, operation: DropColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``DROP COLUMN``, after the constraints of the column that are to go."""
        options = dict(operation.options)
        was = operation.was.column if operation.was is not None else None
        known = {"default": was is not None and was.default is not None}
        for kind in _CONSTRAINTS:
            if options.get(f"{self.name}_drop_{kind}", known.get(kind)):
                yield self._without(kind, operation.table, operation.name)

        yield from super().drop_column(operation, connection)

    def alter_column(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield a statement for each thing that changes, the name last."""
        becomes, was = operation.becomes, operation.was
        warn_of_autoincrement(operation, self.title)
        yield from self.without_type_checks(operation)
        yield from self.drop_generation(operation, connection)
        default = becomes.default
        if default is KEPT and becomes.type is not KEPT:
            # A default, which is a constraint, keeps its column from changing.
            default = was.default or KEPT

        if default is not KEPT:
            yield self._without("default", operation.table, operation.name)

        yield from self._alter_definition(operation, connection)
        if isinstance(default, ServerDefault):
            text, column = self.default_text(default), self.quote(operation.name)
            yield self.altered(operation.table, f"ADD DEFAULT {text} FOR {column}")

        yield from self.add_generation(operation, connection)
        yield from self.alter_comment(operation)
        yield from self.rename_column(operation)
        yield from self.with_type_checks(operation)

    def rename_column(self, operation: AlterColumn) -> Statements:
        """Yield ``sp_rename``."""
        if operation.new_name is not None:
            table, column = self.table_text(operation.table), self.quote(operation.name)
            old, new = _text(f"{table}.{column}"), _text(operation.new_name)
            yield self.raw(f"EXEC sp_rename {old}, {new}, N'COLUMN'")

    def _alter_definition(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statements:
        becomes, was = operation.becomes, operation.was
        if becomes.type is KEPT and becomes.nullable is KEPT:
            return

        sql_type = was.type if isinstance(becomes.type, Kept) else becomes.type
        if isinstance(sql_type, Kept):
            sql_type = self._present_type(operation, connection)

        text = self.type_text(self.build.type(sql_type))
        nullable = becomes.nullable if becomes.nullable is not KEPT else was.nullable
        if nullable is not KEPT:
            word = "NULL" if nullable else "NOT NULL"
            yield self.altered_column(operation, f"{text} {word}")
            return

        # What is not said again would be lost: the column would take NULL.
        column, owner = _text(operation.name), self._text_name(operation.table)
        begun = _text(self.compiled(self.altered_column(operation, text).element))
        yield self.raw(
            f"DECLARE @change nvarchar(max) = {begun}"
            f" + CASE COLUMNPROPERTY(OBJECT_ID({owner}), {column}, 'AllowsNull')"
            " WHEN 0 THEN N' NOT NULL' ELSE N' NULL' END\n"
            "EXEC (@change)"
        )

    def _present_type(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> SqlType:
        if connection is None:
            raise OperationError(
                f"{self.title} changes whether '{operation.table}.{operation.name}'"
                " takes NULL by saying its type again; give existing_type"
            )

        table = operation.table
        columns = sa.inspect(connection).get_columns(table.name, schema=table.schema)
        found = {column["name"]: column["type"] for column in columns}
        return SqlType.of(found[operation.name])

    # -- rows --------------------------------------------------------------

    def insert_rows(
        self, operation: InsertRows, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``INSERT``, and around it what lets it say values of an identity."""
        target = operation.target
        if connection is not None and isinstance(target, sa.Table):
            # SQLAlchemy does it by itself, as it knows the identity.
            yield from super().insert_rows(operation, connection)
            return

        for keys, rows in groupby(operation.rows, key=lambda row: tuple(sorted(row))):
            part = replace(operation, rows=tuple(rows))
            columns = target.columns
            names = [str(columns[k].name) if k in columns else str(k) for k in keys]
            may_count = self._may_count(target, names)
            if may_count:
                yield self._identity_insert(operation.table, names, "ON")
            yield from super().insert_rows(part, connection)
            if may_count:
                yield self._identity_insert(operation.table, names, "OFF")

    def _may_count(self, target: sa.TableClause, names: list[str]) -> bool:
        if not isinstance(target, sa.Table):
            return bool(names)

        counting = target._autoincrement_column
        return counting is not None and str(counting.name) in names

    def _identity_insert(
        self, table: TableName, names: list[str], switch: str
    ) -> Statement:
        # It is an error for a table without an identity, and without its values.
        listed = ", ".join(_text(name) for name in names)
        switched = self.raw(f"SET IDENTITY_INSERT {self.table_text(table)} {switch}")
        return self._only_if(
            "EXISTS (SELECT 1 FROM sys.identity_columns WHERE object_id ="
            f" OBJECT_ID({self._text_name(table)}) AND name IN ({listed}))",
            switched,
        )

    # -- parts -------------------------------------------------------------

    def _without(self, kind: str, table: TableName, column: str) -> Statement:
        """Return what drops all constraints of a kind that a column has."""
        name, catalog = _CONSTRAINTS[kind]
        begun = _text(f"ALTER TABLE {self.table_text(table)} DROP CONSTRAINT ")
        owner = self._text_name(table)
        return self.raw(
            "DECLARE @drop nvarchar(max)\n"
            "WHILE 1 = 1\n"
            "BEGIN\n"
            f"    SET @drop = (SELECT TOP (1) {begun} + QUOTENAME({name})"
            f" FROM {catalog} WHERE parent_object_id = OBJECT_ID({owner})"
            f" AND COL_NAME(parent_object_id, parent_column_id) = {_text(column)})\n"
            "    IF @drop IS NULL BREAK\n"
            "    EXEC (@drop)\n"
            "END"
        )

    def _only_if(self, condition: str, statement: Statement) -> Statement:
        return self.raw(f"IF {condition}\n{self.text(statement)}")

    def _text_name(self, table: TableName) -> str:
        return _text(self.table_text(table))


def _text(value: str) -> str:
    quoted = value.replace("'", "''")
    return f"N'{quoted}'"
