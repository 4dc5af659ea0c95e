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
from ...operations.base import Operation
from ...operations.columns import AddColumn
from ...operations.columns import AlterColumn
from ...operations.columns import ColumnFacts
from ...operations.columns import DropColumn
from ...operations.constraints import AddConstraint
from ...operations.constraints import DropConstraint
from ...operations.indexes import CreateIndex
from ...operations.indexes import DropIndex
from ...operations.tables import AlterTable
from ...operations.tables import RenameTable
from ...schema.model import Check
from ...schema.model import Column
from ...schema.model import Computed
from ...schema.model import Constraint
from ...schema.model import ForeignKey
from ...schema.model import Identity
from ...schema.model import Kept
from ...schema.model import PrimaryKey
from ...schema.model import ServerDefault
from ...schema.model import SqlType
from ...schema.model import TableName
from ..dialect import Dialect
from ..dialect import Statement
from ..dialect import Statements
from ..failure import Failure
from ..failure import number_of
from ..literals import Literals
from ..standard import StandardSql
from .alteration import Together
from .catalog import constraint_kinds
from .catalog import foreign_keys_of
from .catalog import index_names
from .columns import ColumnDefinition
from .columns import definition_in
from .data_checks import refuse_empty
from .data_checks import refuse_nulls
from .data_checks import wants_a_value
from .literals import MySQLLiterals
from .transaction import asked_for_transaction
from .transaction import FAILURES
from .transaction import is_in_transaction


class MySQL(StandardSql):
    """MySQL, and MariaDB behind a URL that says ``mysql://``."""

    name: ClassVar[str] = "mysql"
    title: ClassVar[str] = "MySQL"
    literals: ClassVar[type[Literals]] = MySQLLiterals
    comparison: ClassVar[type[Any] | str] = f"{__package__}.comparison:MySQLComparison"
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
    def is_mariadb(self) -> bool:
        """Whether the server is known to be MariaDB: after connecting, or by name."""
        return bool(getattr(self.sa_dialect, "is_mariadb", False))

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
        if operation.table is None:
            raise OperationError(
                f"{self.title} drops an index from a table: which one has"
                f" '{operation.name}'? Give table_name"
            )

        if operation.if_exists and connection is not None:
            name = self.dropped_index(operation).name
            if name not in index_names(connection, operation.table):
                return

        yield from super().drop_index(operation, connection)

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

    def alter_column(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statements:
        """Yield ``MODIFY`` for most changes, less where less says all."""
        if isinstance(operation.becomes.identity, Identity):
            raise self.no_generation(operation)

        name, table = operation.name, operation.table
        takes_none = operation.becomes.nullable is False
        if connection is not None and takes_none:
            refuse_nulls(self, connection, table, [name])

        yield from self.without_type_checks(operation)
        statement = self._default_alone(operation, connection)
        if statement is not None:
            yield statement
        elif operation.becomes != ColumnFacts():
            definition = self._definition(operation, connection)
            modified = f"MODIFY COLUMN {self.quote(name)} {definition}"
            comment = f"{table}.{name} takes no NULL: rows with NULL have to be filled"
            yield replace(
                self.altered(table, modified), comment=comment if takes_none else None
            )

        if operation.new_name is not None:
            yield self._renaming(operation, connection)

        yield from self.with_type_checks(operation)

    def _renaming(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statement:
        old = self.quote(operation.name)
        new = self.quote(str(operation.new_name))
        if self._renames_columns:
            return self.altered(operation.table, f"RENAME COLUMN {old} TO {new}")

        definition = self._definition(operation, connection)
        return self.altered(operation.table, f"CHANGE COLUMN {old} {new} {definition}")

    @property
    def _renames_columns(self) -> bool:
        since = (10, 5, 2) if self.is_mariadb else (8, 0)
        version = getattr(self.sa_dialect, "server_version_info", None)
        return version is None or tuple(version[: len(since)]) >= since

    def _default_alone(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> Statement | None:
        """Return the statement for nothing but a new default, where it says all."""
        default = operation.becomes.default
        if isinstance(default, Kept):
            return None

        if operation.becomes != ColumnFacts(default=default):
            return None

        known = self._known(operation, connection)
        if known["on update"] is not None:
            return None

        if default is not None:
            text = self._parts(ColumnFacts(default=default))["default"] or ""
            value = text.removeprefix("DEFAULT ")
            if not _is_plain(value):
                return None

            return self.altered_column(operation, f"SET DEFAULT {value}")

        # Without any default, a row that leaves out the column is refused, also
        # where NULL is allowed.
        if known["null"] == "NULL" or (connection and known["null"] is None):
            return self.altered_column(operation, "SET DEFAULT NULL")

        return self.altered_column(operation, "DROP DEFAULT")

    def _definition(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> ColumnDefinition:
        """Return all that a column is to be: what it was, with what changes."""
        known = self._known(operation, connection)
        changes = self._parts(operation.becomes)
        if "type" in changes:
            changes = {**self._lost_with_type(operation, known), **changes}

        if changes.get("null") == "NOT NULL" and known["default"] == "DEFAULT NULL":
            changes = {"default": None, **changes}

        definition = known.replaced(changes)
        lacking = [part for part in ("type", "null") if definition[part] is None]
        if connection is None and lacking:
            raise OperationError(
                f"{self.title} changes the column '{operation.table}.{operation.name}'"
                " by saying all of it again, and as SQL text there is no database to"
                " look at; give existing_type and existing_nullable, and"
                " existing_server_default and existing_comment where there are any"
            )

        return definition

    def _known(
        self, operation: AlterColumn, connection: sa.Connection | None
    ) -> ColumnDefinition:
        if connection is None:
            parts = self._parts(operation.was)
            return ColumnDefinition(()).replaced(parts)

        table = self.table_text(operation.table)
        shown = connection.execute(self.raw(f"SHOW CREATE TABLE {table}").element)
        return definition_in(str(shown.one()[1]), str(operation.table), operation.name)

    def _parts(self, facts: ColumnFacts) -> dict[str, str | None]:
        """Return the parts of a definition that facts say; None for those that go."""
        parts: dict[str, str | None] = {}
        if not isinstance(facts.type, Kept):
            text = self.type_text(self.build.type(facts.type))
            parts.update(ColumnDefinition.parse(text).parts)

        if not isinstance(facts.nullable, Kept):
            parts["null"] = "NULL" if facts.nullable else "NOT NULL"

        if not isinstance(facts.default, Kept):
            parts.update({"default": None, "on update": None})
            parts.update(self._default_parts(facts.default))

        if not isinstance(facts.computed, Kept):
            parts["generated"] = self._computed_text(facts.computed)
            if facts.computed is not None:
                parts.update({"default": None, "on update": None})

        if not isinstance(facts.comment, Kept):
            comment = facts.comment
            parts["comment"] = (
                f"COMMENT {self.literal(comment, sa.String())}" if comment else None
            )

        if isinstance(facts.autoincrement, bool):
            parts["autoincrement"] = "AUTO_INCREMENT" if facts.autoincrement else None

        return parts

    def _computed_text(self, computed: Computed | None) -> str | None:
        if computed is None:
            return None

        kept = "STORED" if computed.persisted else "VIRTUAL"
        return f"GENERATED ALWAYS AS ({computed.expression.sql(self.write)}) {kept}"

    def _default_parts(self, default: ServerDefault | None) -> Mapping[str, str | None]:
        if default is None:
            return {}

        # SQLAlchemy knows which expressions need brackets.
        column = self.build.column(
            Column("c", SqlType.of(sa.Integer), default=default), TableName("t")
        )
        _, _, text = self.compiled(sa.schema.CreateColumn(column)).partition(" ")
        said = dict(ColumnDefinition.parse(text).parts)
        return {part: said[part] for part in ("default", "on update") if part in said}

    def _lost_with_type(
        self, operation: AlterColumn, known: ColumnDefinition
    ) -> dict[str, str | None]:
        # JSON is long text with a check on MariaDB, and both come with the type.
        was_json = "json_valid" in (known["check"] or "").lower()
        lost: dict[str, str | None] = {"check": None} if was_json else {}
        becomes: Any = operation.becomes.type
        stored = becomes.element._unwrapped_dialect_impl(self.sa_dialect)
        if was_json or not isinstance(stored, sa.String):
            lost.update({"charset": None, "collation": None})
        if not isinstance(stored, sa.Integer | sa.Float):
            lost["autoincrement"] = None

        return lost


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


def _is_plain(value: str) -> bool:
    """Return whether a default is a string, a number or NULL."""
    return value.startswith("'") or value.upper() == "NULL" or _is_number(value)


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False

    return True
