"""What stands beside tables: schemas that they need, domains of their columns."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

import sqlalchemy as sa

from ...dialects.comparison import ComparisonRules
from ...operations.base import Operation
from ...operations.sql import ExecuteSql
from ...schema.model import Table
from ...schema.sql_text import escaped
from .conversions import ReversibleSql
from .table import TableChanges


def missing_schemas(
    created: Sequence[Table], rules: ComparisonRules
) -> Iterator[Operation]:
    """Yield what creates the schemas that new tables are for and nobody has made."""
    named = {table.name.schema for table in created}
    needed = {name for name in named if name and name != rules.default_schema}
    if not needed or rules.connection is None:
        return

    there = sa.inspect(rules.connection).get_schema_names()
    for name in sorted(needed.difference(there)):
        back = rules.dropped_schema(name)
        # What no downgrade drops is still there when the revision is run again.
        made = sa.schema.CreateSchema(name, if_not_exists=back is None)
        text = escaped(rules.dialect.compiled(made))
        yield (
            ExecuteSql(text)
            if back is None
            else ReversibleSql(text, back=escaped(back))
        )


def altered_domains(
    changed: Iterable[TableChanges], rules: ComparisonRules
) -> Iterator[Operation]:
    """Yield what alters the domains of columns, each once."""
    said: dict[str, str] = {}
    for changes in changed:
        for column in changes.model.columns:
            found = changes.database.column(column.name)
            if found is not None:
                said.update(rules.domain_texts(found.type, column.type))

    for text, back in said.items():
        yield ReversibleSql(escaped(text), back=escaped(back))
