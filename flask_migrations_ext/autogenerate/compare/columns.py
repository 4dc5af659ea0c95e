"""How the columns of one table differ."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from ...dialects.comparison import ComparisonRules
from ...errors import UnsupportedExpression
from ...operations.base import Operation
from ...operations.columns import AddColumn
from ...operations.columns import AlterColumn
from ...operations.columns import ColumnFacts
from ...operations.columns import DropColumn
from ...operations.sql import ExecuteSql
from ...schema.model import Column
from ...schema.model import KEPT
from ...schema.model import Options
from ...schema.model import SqlType
from ...schema.model import Table
from ...schema.model import TableName
from ..filters import Filters
from .conversions import ConvertColumn
from .remembered import RememberedRules
from .table import TableChanges


class ColumnComparison:
    """Compares the columns of tables, and remembers which enum types have grown."""

    def __init__(self, rules: ComparisonRules, filters: Filters) -> None:
        self.rules = rules
        self.filters = filters
        self._remembered = RememberedRules(rules)
        self.enum_values: dict[str, ExecuteSql] = {}

    def compare(self, changes: TableChanges) -> None:
        """Write into the changes of a table what differs in its columns."""
        database, model = changes.database, changes.model
        found, wanted = self.filters.without_excluded_columns(database, model)
        here = {column.name: column for column in found}
        names = {column.name for column in wanted}

        for column in wanted:
            if column.name not in here:
                changes.added.append(AddColumn(model.name, _alone(column, model)))
                changes.notes.extend(_difficulty(model.name, column))
                continue

            old = here[column.name]
            try:
                altered = self._altered(changes, old, column)
                changes.notes += self._notes(model, old, column)
            except UnsupportedExpression as error:
                raise error.at(f"column '{column.name}'") from error
            if altered is not None:
                changes.altered.append(altered)

        for column in found:
            if column.name not in names:
                was = AddColumn(database.name, _alone(column, database))
                changes.dropped.append(DropColumn(database.name, column.name, was=was))

    def _altered(
        self, changes: TableChanges, found: Column, wanted: Column
    ) -> AlterColumn | None:
        becomes: dict[str, Any] = {}
        there: Options = ()
        back: Options = ()

        if self._type_differs(changes, found, wanted):
            grown = self._grown_enum(changes, found.type, wanted.type)
            if not grown:
                becomes["type"] = wanted.type
                there = self.rules.conversion(found, wanted)
                back = self.rules.conversion(wanted, found)
        if self._nullable_differs(found, wanted):
            becomes["nullable"] = wanted.nullable
        if self._default_differs(changes, found, wanted):
            becomes["default"] = wanted.default
        if self.rules.dialect.counts_by_column:
            counted = _counts(wanted, changes.model)
            counted = counted and not self._has_sequence(wanted)
            if _counts(found, changes.database) != counted:
                becomes["autoincrement"] = counted
        if self.rules.dialect.has_comments:
            if (found.comment or None) != (wanted.comment or None):
                becomes["comment"] = wanted.comment or None
        if not becomes:
            return None

        altered = AlterColumn(
            changes.model.name,
            wanted.name,
            becomes=ColumnFacts(**becomes),
            was=_known(found, becomes, changes.database),
        )
        if not there and not back:
            return altered

        return ConvertColumn(**vars(altered) | {"options": there, "options_back": back})

    def _has_sequence(self, column: Column) -> bool:
        sequence = column.sequence
        known = self.rules.sa_dialect.supports_sequences
        return known and sequence is not None and not sequence.optional

    def _nullable_differs(self, found: Column, wanted: Column) -> bool:
        # The columns of a key, and those that are computed, have no choice.
        if found.primary_key or wanted.primary_key:
            return False
        if found.computed is not None or wanted.computed is not None:
            return False

        return found.nullable != wanted.nullable

    def _type_differs(
        self, changes: TableChanges, found: Column, wanted: Column
    ) -> bool:
        setting = self.filters.options.compare_type
        if callable(setting):
            said = self._asked(
                setting,
                changes,
                found,
                found.type.element,
                wanted.type.element,
            )
            if said is not None:
                return said

        return bool(setting) and not self._remembered.same_type(found, wanted)

    def _default_differs(
        self, changes: TableChanges, found: Column, wanted: Column
    ) -> bool:
        special = (found.computed, wanted.computed, found.identity, wanted.identity)
        if any(each is not None for each in special):
            return False
        # Whatever the app calls a default by FetchedValue, the database keeps.
        if wanted.default is None and _is_fetched(wanted):
            return False

        setting = self.filters.options.compare_server_default
        if callable(setting):
            write = self.rules.write
            said = self._asked(
                setting,
                changes,
                found,
                found.default.sql(write) if found.default else None,
                getattr(wanted.element, "server_default", None),
                wanted.default.sql(write) if wanted.default else None,
            )
            if said is not None:
                return said

        return bool(setting) and not self._remembered.same_default(found, wanted)

    def _asked(
        self,
        question: Callable[..., bool | None],
        changes: TableChanges,
        column: Column,
        *values: Any,
    ) -> bool | None:
        return question(
            self.filters.options.context,
            self.filters.sa_column(changes.database, column.name, reflected=True),
            self.filters.sa_column(changes.model, column.name, reflected=False),
            *values,
        )

    def _grown_enum(
        self, changes: TableChanges, found: SqlType, wanted: SqlType
    ) -> bool:
        """Return whether the types are one enum type, which other SQL changes."""
        missing = self.rules.new_enum_values(found, wanted)
        if missing == ():
            return False
        if not self.filters.options.compare_enums:
            return True

        enum = self.rules.enum_of(wanted)
        assert enum is not None
        if missing is None:
            changes.notes.append(
                f"the values of enum type {enum.name} differ, and a value cannot be"
                " taken away or moved: make a new type and convert the columns"
            )
            return True

        for value in missing:
            text = self.rules.add_enum_value(enum, value)
            self.enum_values.setdefault(text, ExecuteSql(text.replace(":", "\\:")))

        return True

    def _notes(self, table: Table, found: Column, wanted: Column) -> Iterator[str]:
        place = f"{table.name}.{wanted.name}"
        if (found.computed is None) != (wanted.computed is None):
            yield f"column {place} is computed in the models or in the database only"
        elif found.computed is not None and wanted.computed is not None:
            if not self.rules.same_expression(
                found.computed.expression.text, wanted.computed.expression, table.name
            ):
                yield f"the expression of computed column {place} differs"

        if self.rules.dialect.has_identities and wanted.identity is not None:
            if found.identity is None:
                yield f"column {place} is no identity in the database"
            elif found.identity.always != wanted.identity.always:
                yield f"column {place} differs in GENERATED ALWAYS or BY DEFAULT"


def _known(found: Column, becomes: dict[str, Any], table: Table) -> ColumnFacts:
    """Return what is worth saying of a column as it was.

    MySQL has to be told all of a column again, whatever changes.
    """
    counts: bool | None = _counts(found, table) or None
    if "autoincrement" in becomes:
        counts = bool(counts)

    return ColumnFacts(
        type=found.type,
        nullable=found.nullable,
        default=found.default if found.default or "default" in becomes else KEPT,
        comment=found.comment if found.comment or "comment" in becomes else KEPT,
        autoincrement=KEPT if counts is None else counts,
    )


def _alone(column: Column, table: Table) -> Column:
    """Return a column as it is to be added: one of several in a key is no key."""
    key = table.primary_key
    is_key = key is not None and key.columns == (column.name,)

    return replace(column, primary_key=is_key and _is_integer(column))


def _is_integer(column: Column) -> bool:
    return isinstance(column.type.element, sa.Integer)


def _counts(column: Column, table: Table) -> bool:
    """Return whether a column numbers the rows by itself."""
    element = column.element
    if element is not None and isinstance(element.table, sa.Table):
        return element.table._autoincrement_column is element

    key = table.primary_key
    if key is None or column.name not in key.columns or not _is_integer(column):
        return False

    return column.autoincrement is True or (
        column.autoincrement is not False and len(key.columns) == 1
    )


def _is_fetched(column: Column) -> bool:
    element = column.element
    return element is not None and element.server_default is not None


def is_type_change(operation: Operation) -> bool:
    """Return whether an operation gives a column another type."""
    return isinstance(operation, AlterColumn) and operation.becomes.type is not KEPT


def _difficulty(table: TableName, column: Column) -> Iterator[str]:
    filled = (column.default, column.computed, column.identity, column.sequence)
    if column.nullable or any(each is not None for each in filled):
        return

    yield (
        f"Column {table}.{column.name} is NOT NULL and has no server default: where the"
        " table has rows, the upgrade will be refused. Give it a server_default, or"
        " add it as nullable, fill it, and tighten it then."
    )
