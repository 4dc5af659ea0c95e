"""How MySQL and MariaDB change a column: by saying all of it again.

What an operation does not say is read from the database, and stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from ...errors import OperationError
from ...operations.columns import AlterColumn
from ...operations.columns import ColumnFacts
from ...schema.model import Column
from ...schema.model import Computed
from ...schema.model import Identity
from ...schema.model import Kept
from ...schema.model import ServerDefault
from ...schema.model import SqlType
from ...schema.model import TableName
from ..dialect import Statement
from ..dialect import Statements
from ..standard import StandardSql
from .columns import ColumnDefinition
from .columns import definition_in
from .data_checks import refuse_nulls
from .types import MySQLType


class ColumnChanges(StandardSql):
    """A database that changes columns by ``MODIFY``."""

    @property
    def is_mariadb(self) -> bool:
        """Whether the server is known to be MariaDB: after connecting, or by name."""
        return bool(getattr(self.sa_dialect, "is_mariadb", False))

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
        elif self._says_charset(becomes) or self._says_charset(operation.was.type):
            # One that was never said is the column's own, and stays.
            lost.update({"charset": None, "collation": None})
        if not isinstance(stored, sa.Integer | sa.Float):
            lost["autoincrement"] = None

        return lost

    def _says_charset(self, said: SqlType | Kept) -> bool:
        if isinstance(said, Kept):
            return False

        parts = MySQLType.parse(self.type_text(self.build.type(said)))
        return parts.says_charset


def _is_plain(value: str) -> bool:
    """Return whether a default is a string, a number or NULL."""
    return value.startswith("'") or value.upper() == "NULL" or _is_number(value)


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False

    return True
