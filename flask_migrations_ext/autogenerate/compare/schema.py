"""What has to be done to make a database look like the models.

What has another name in the models is renamed first, and the rest is compared as if
that had been done. Of what is no rename, one goes and one comes.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

from ...dialects.comparison import ComparisonRules
from ...operations.base import Operation
from ...operations.constraints import AddConstraint
from ...operations.constraints import DropConstraint
from ...operations.indexes import CreateIndex
from ...operations.tables import CommentTable
from ...schema.model import Column
from ...schema.model import ForeignKey
from ...schema.model import Index
from ...schema.model import PrimaryKey
from ...schema.model import Schema
from ...schema.model import Table
from ...schema.model import TableName
from ...schema.model import Unique
from ..filters import Filters
from ..located import located
from ..options import CompareOptions
from ..order import ordered
from ..questions.renaming import find_renames
from ..renames import operations_of
from ..renames import renamed
from ..renames import Renames
from .beside import altered_domains
from .beside import missing_schemas
from .columns import ColumnComparison
from .columns import is_type_change
from .constraints import ConstraintComparison
from .constraints import same_reference
from .enums import enum_operations
from .sequences import new_sequences
from .table import TableChanges


@dataclass(frozen=True)
class Difference:
    """What to do, and what was noticed that no operation does."""

    operations: tuple[Operation, ...] = ()
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.operations or self.notes)


def compare(
    database: Schema,
    models: Schema,
    rules: ComparisonRules,
    *,
    options: CompareOptions | None = None,
) -> tuple[Operation, ...]:
    """Return the operations that make the database look like the models."""
    return comparison(database, models, rules, options=options).operations


def comparison(
    database: Schema,
    models: Schema,
    rules: ComparisonRules,
    *,
    options: CompareOptions | None = None,
    renames: Renames | None = None,
) -> Difference:
    """Return the operations, and notes on what they leave out.

    :param renames: what has other names in the models; by default, what certainly has.
    """
    filters = Filters(options or CompareOptions(), rules)
    if renames is None:
        renames = find_renames(database, models, rules, filters)
    renaming = tuple(operations_of(renames, database))
    if renames:
        database = renamed(database, renames)
    columns = ColumnComparison(rules, filters)
    constraints = ConstraintComparison(rules, filters)

    def changes_of(found: Table, wanted: Table) -> TableChanges:
        changes = TableChanges(found, wanted)
        with located(f"table '{wanted.name}'"):
            columns.compare(changes)
            constraints.compare(changes)
        if rules.dialect.keys_make_indexes:
            _say_indexes_of_keys(changes)
        if rules.dialect.counts_by_column:
            _say_key_with_column(changes)
        _compare_comments(changes, rules)
        if filters.options.compare_options:
            changes.options = rules.options_changed(found, wanted)
            changes.options_last = rules.options_come_last
        return changes

    created: list[Table] = []
    dropped: list[Table] = []
    changed: list[TableChanges] = []
    undecided: list[int] = []
    questions = rules.questions
    if questions is not None:
        questions.hold()
    for found, wanted in _pairs(database, models, rules, filters):
        if found is None and wanted is not None:
            created.append(_without_excluded_indexes(wanted, filters))
        elif wanted is None and found is not None:
            dropped.append(found)
        elif found is not None and wanted is not None:
            held = questions.waiting if questions else 0
            changed.append(changes_of(found, wanted))
            if questions is not None and questions.waiting > held:
                undecided.append(len(changed) - 1)

    if questions is not None:
        questions.ask_all()
    for place in undecided:
        changed[place] = changes_of(changed[place].database, changed[place].model)

    if rules.dialect.keys_fix_types:
        _lift_keys(changed, rules)

    notes = [note for each in changed for note in each.notes]
    compared, changed = changed, [each for each in changed if not each.is_empty()]
    operations = ordered(created, dropped, changed)
    counting = new_sequences(operations, database, models, rules)
    beside: tuple[Operation, ...] = ()
    if filters.options.compare_options:
        beside = (*missing_schemas(created, rules), *altered_domains(compared, rules))
    renaming = (
        *renaming,
        *beside,
        *counting,
    )
    if not filters.options.compare_enums:
        return Difference((*renaming, *operations), tuple(notes))

    before, after = enum_operations(
        operations,
        database,
        models,
        list(_kept_columns(database, dropped, changed)),
        rules,
    )

    return Difference(
        (*renaming, *before, *operations, *after),
        tuple(notes),
    )


def _pairs(
    database: Schema, models: Schema, rules: ComparisonRules, filters: Filters
) -> Iterator[tuple[Table | None, Table | None]]:
    here = {rules.same_name(table.name): table for table in database.tables}
    there = {rules.same_name(table.name): table for table in models.tables}

    for name in sorted({*here, *there}, key=_name_order):
        if filters.ignores(name):
            continue

        found, wanted = here.get(name), there.get(name)
        if found is not None:
            if wanted is not None:
                found, wanted = rules.own_parts(found, wanted, models)
            found = rules.prepared(found, wanted)
            if wanted is not None:
                found = replace(found, name=wanted.name)
        if filters.takes_table(found, wanted):
            yield found, wanted


def _name_order(name: TableName) -> tuple[str, str]:
    return name.schema or "", name.name


def _without_excluded_indexes(table: Table, filters: Filters) -> Table:
    kept = tuple(
        index for index in table.indexes if filters.takes((None, table), None, index)
    )
    return replace(table, indexes=kept)


def _compare_comments(changes: TableChanges, rules: ComparisonRules) -> None:
    found, wanted = changes.database.comment or None, changes.model.comment or None
    if rules.dialect.has_comments and found != wanted:
        changes.comment = CommentTable(changes.model.name, wanted, was=found)


def _say_key_with_column(changes: TableChanges) -> None:
    """Say a key with the new column that is it: a column that counts has to be one."""
    key = changes.model.primary_key
    for place, added in enumerate(changes.added):
        if added.column.primary_key and key and key.columns == (added.column.name,):
            changes.added[place] = replace(added, inline_primary_key=True)
            changes.additions = [
                each
                for each in changes.additions
                if not isinstance(each, AddConstraint)
                or not isinstance(each.constraint, PrimaryKey)
            ]


def _say_indexes_of_keys(changes: TableChanges) -> None:
    """Add the indexes that new foreign keys would make, so that undoing drops them."""
    model = changes.model
    there = [each.columns for each in model.indexes]
    there += [each.columns for each in model.of_kind(Unique)]
    there += [each.columns for each in model.of_kind(PrimaryKey)]
    # Those that are there have got one.
    there += [each.columns for each in changes.database.of_kind(ForeignKey)]

    for added in changes.keys_added():
        columns = added.constraint.mentioned
        if not any(each[: len(columns)] == columns for each in there):
            index = Index(added.constraint.name, columns)
            changes.additions.append(CreateIndex(model.name, index))
            there.append(columns)


def _lift_keys(changed: Sequence[TableChanges], rules: ComparisonRules) -> None:
    """Take away the foreign keys of columns that change type, for as long."""
    moving = {
        (each.model.name, altered.name)
        for each in changed
        for altered in each.altered
        if is_type_change(altered)
    }
    for each in changed:
        going = {id(drop.was) for drop in each.keys_dropped()}
        for key in each.database.of_kind(ForeignKey):
            ends = {(each.model.name, name) for name in key.columns}
            ends |= {(key.referent, name) for name in key.referent_columns}
            if id(key) in going or not ends & moving:
                continue

            again: ForeignKey = next(
                wanted
                for wanted in each.model.of_kind(ForeignKey)
                if same_reference(rules, key, wanted)
            )
            if again.name is None:
                again = replace(again, name=key.name)
            each.removals.append(
                DropConstraint(each.model.name, key.name, kind=ForeignKey, was=key)
            )
            each.additions.append(AddConstraint(each.model.name, again))


def _kept_columns(
    database: Schema, dropped: Iterable[Table], changed: Iterable[TableChanges]
) -> Iterator[Column]:
    gone = {table.name for table in dropped}
    by_name = {each.database.name: each for each in changed}

    for table in database.tables:
        if table.name in gone:
            continue

        changes = by_name.get(table.name)
        if changes is None:
            yield from table.columns
            continue

        leaving = {each.name for each in changes.dropped}
        leaving |= {each.name for each in changes.altered if is_type_change(each)}
        yield from (each for each in table.columns if each.name not in leaving)
