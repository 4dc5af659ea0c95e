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
from ...schema.model import Column
from ...schema.model import KEPT
from ...schema.model import Options
from ...schema.model import Table
from ...schema.model import TableName
from ..filters import Filters
from .constraints import without_check
from .conversions import ConvertColumn
from .conversions import FreeColumn
from .remembered import RememberedRules
from .table import mentions
from .table import TableChanges

_SOURCES = ("identity", "computed", "default")


class ColumnComparison:
    """Compares the columns of tables."""

    def __init__(self, rules: ComparisonRules, filters: Filters) -> None:
        self.rules = rules
        self.filters = filters
        self._remembered = RememberedRules(rules)

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
                if self._has_to_be_replaced(changes, old, column):
                    changes.replaced.append(_replacement(changes, old, column))
                elif altered := self._altered(changes, old, column):
                    changes.altered.append(altered)
            except UnsupportedExpression as error:
                raise error.at(f"column '{column.name}'") from error

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
            becomes["type"] = without_check(wanted.type)
            there = self.rules.conversion(found, wanted)
            back = self.rules.conversion(wanted, found)
        if self._nullable_differs(found, wanted):
            becomes["nullable"] = wanted.nullable
        becomes.update(self._source(changes, found, wanted))
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
        if "computed" in becomes and not self.rules.can_compute(wanted, found):
            again = _replacement(changes, wanted, found)
            return FreeColumn(**vars(altered) | {"again": again})
        if not there and not back:
            return altered

        return ConvertColumn(**vars(altered) | {"options": there, "options_back": back})

    def _has_sequence(self, column: Column) -> bool:
        sequence = column.sequence
        known = self.rules.sa_dialect.supports_sequences
        return known and sequence is not None and not sequence.optional

    def _nullable_differs(self, found: Column, wanted: Column) -> bool:
        # The columns of a key, and those that are computed, have no choice.
        if found.primary_key and wanted.primary_key:
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

        if not setting or self._is_left_to_others(found, wanted):
            return False

        return not self._remembered.same_type(found, wanted)

    def _is_left_to_others(self, found: Column, wanted: Column) -> bool:
        """Return whether only the values of an enum type may differ, and who cares."""
        if self.filters.options.compare_enums or not self.rules.dialect.named_enums:
            return False

        one, other = (self.rules.enum_of(each.type) for each in (found, wanted))
        return one is not None and other is not None and one.name == other.name

    def _has_to_be_replaced(
        self, changes: TableChanges, found: Column, wanted: Column
    ) -> bool:
        """Return whether a column can only be dropped, and added as it is to be."""
        return (
            self._compares_sources
            and not _is_left_open(wanted)
            and not self._same_computed(changes, found, wanted)
            and not self.rules.can_compute(found, wanted)
        )

    @property
    def _compares_sources(self) -> bool:
        return self.filters.options.compare_server_default is not False

    def _source(
        self, changes: TableChanges, found: Column, wanted: Column
    ) -> dict[str, Any]:
        """Return what changes of where a column has its values from, by its name."""
        # Whatever the app calls a default by FetchedValue, the database keeps.
        if _is_left_open(wanted):
            return {}
        if found.computed is not None or wanted.computed is not None:
            same = not self._compares_sources
            same = same or self._same_computed(changes, found, wanted)
        elif found.identity is not None or wanted.identity is not None:
            same = not self._compares_sources
            same = same or self._same_identity(changes, found, wanted)
        else:
            same = not self._default_differs(changes, found, wanted)
        if same:
            return {}

        # A column has one of them: another one goes.
        pairs = {
            each: (getattr(found, each), getattr(wanted, each)) for each in _SOURCES
        }
        return {each: pair[1] for each, pair in pairs.items() if pair != (None, None)}

    def _same_identity(
        self, changes: TableChanges, found: Column, wanted: Column
    ) -> bool:
        if not self.rules.dialect.has_identities:
            return True
        if wanted.identity is None and _counts(wanted, changes.model):
            # Nobody said how a key is to number the rows.
            return True

        return self.rules.same_identity(found, wanted)

    def _same_computed(
        self, changes: TableChanges, found: Column, wanted: Column
    ) -> bool:
        one, other = found.computed, wanted.computed
        if one is None or other is None:
            return one is other

        return not mentions(
            other.expression.text, changes.coming
        ) and self.rules.same_computed(one, other, changes.database)

    def _default_differs(
        self, changes: TableChanges, found: Column, wanted: Column
    ) -> bool:
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
        identity=found.identity if "identity" in becomes else KEPT,
        computed=found.computed if "computed" in becomes else KEPT,
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


def _is_left_open(column: Column) -> bool:
    """Return whether a model says that a column has values, and not from where."""
    element = column.element
    said = (column.default, column.computed, column.identity)
    return (
        element is not None
        and element.server_default is not None
        and all(each is None for each in said)
    )


def _replacement(
    changes: TableChanges, old: Column, new: Column
) -> tuple[DropColumn, AddColumn]:
    table = changes.model.name
    back, there = (
        AddColumn(table, _alone(column, of))
        for column, of in ((old, changes.database), (new, changes.model))
    )
    return DropColumn(table, old.name, was=back), there


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
