"""Which sequences the models count by that the database does not have.

None is dropped: whether others count by it, nobody can tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

from ...dialects.comparison import ComparisonRules
from ...operations.base import Operation
from ...operations.columns import AddColumn
from ...operations.sequences import CreateSequence
from ...operations.tables import CreateTable
from ...schema.model import Column
from ...schema.model import NumberSequence
from ...schema.model import Schema
from ...schema.sequences import used_by


def new_sequences(
    operations: Sequence[Operation],
    database: Schema,
    models: Schema,
    rules: ComparisonRules,
) -> list[CreateSequence]:
    """Return what creates them, to be done first.

    A database without sequences says nothing of them: there, those come that only new
    columns count by, for the databases that a script is also run on.
    """
    if rules.sa_dialect.supports_sequences:
        wanted: Iterable[NumberSequence] = models.sequences
        there = {rules.same_name(each.name) for each in database.sequences}
        there |= rules.sequences_in({each.name.schema for each in models.sequences})
    else:
        new = list(_new_columns(operations))
        places = {(table, column.name) for table, column in new}
        there = {
            rules.same_name(each.name)
            for table in models.tables
            for column in table.columns
            if (table.name, column.name) not in places
            for each in used_by(column)
        }
        wanted = (each for _, column in new for each in used_by(column))

    missing = {
        name: each
        for each in wanted
        if (name := rules.same_name(each.name)) not in there
    }
    return [CreateSequence(each) for each in missing.values()]


def _new_columns(operations: Iterable[Operation]) -> Iterator[tuple[object, Column]]:
    for operation in operations:
        if isinstance(operation, CreateTable):
            for column in operation.table.columns:
                yield operation.table.name, column
        elif isinstance(operation, AddColumn):
            yield operation.table, operation.column
