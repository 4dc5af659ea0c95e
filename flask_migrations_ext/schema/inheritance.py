"""Which tables a table has its columns from, where a database has such tables."""

from __future__ import annotations

from collections.abc import Iterator

from .model import Schema
from .model import Table
from .model import TableName


def inherited_names(table: Table) -> Iterator[TableName]:
    """Yield the names that the tables above one may have: it says no schema."""
    for option, said in table.options:
        if not option.endswith("_inherits"):
            continue

        several = said if isinstance(said, tuple | list) else (said,)
        for name in map(str, several):
            yield TableName(name)
            if table.name.schema is not None:
                yield TableName(name, table.name.schema)


def above_of(table: Table, models: Schema) -> list[Table]:
    """Return the tables above one, and those above these."""
    found: dict[TableName, Table] = {}
    waiting = [table]
    while waiting:
        for name in inherited_names(waiting.pop()):
            if name in models.by_name and name not in found:
                found[name] = models.by_name[name]
                waiting.append(found[name])

    return list(found.values())
