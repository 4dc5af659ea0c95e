"""What a change takes away, with how much of it is there now."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from ...operations.base import Operation
from ...operations.columns import DropColumn
from ...operations.losses import losses_of
from ...operations.tables import DropTable
from ...schema.model import Schema
from ...schema.model import Table
from ...schema.model import TableName
from ..compare.conversions import FillRows
from ..renames import Renames
from .stakes import Stake
from .stakes import Stakes

Losses = tuple[tuple[Operation, str], ...]
"""Operations, and in words what is lost by each."""


def losses(
    operations: Iterable[Operation],
    database: Schema,
    renames: Renames,
    stakes: Stakes | None,
) -> Losses:
    """Return what is lost by operations that destroy something.

    :param database: as it is before the renames.
    """
    if stakes is None:
        return ()

    here = {renames.tables.get(each.name, each.name): each for each in database.tables}
    return tuple(
        (operation, words)
        for operation in operations
        if not isinstance(operation, FillRows)
        for words in [", ".join(_lost(operation, here, renames, stakes))]
        if words
    )


def _lost(
    operation: Operation,
    here: Mapping[TableName, Table],
    renames: Renames,
    stakes: Stakes,
) -> Iterator[str]:
    if isinstance(operation, DropTable) and operation.name in here:
        yield _its(stakes.rows(here[operation.name]), "rows")
    elif isinstance(operation, DropColumn) and operation.table in here:
        table = here[operation.table]
        names = renames.columns.get(table.name, {})
        old = next((a for a, b in names.items() if b == operation.name), operation.name)
        column = table.column(old)
        if column is not None:
            yield _its(stakes.values(table, column), "values")
    else:
        yield from (each.words for each in losses_of(operation))


def _its(stake: Stake, noun: str) -> str:
    # Other databases that this is to run on may have some.
    return f"its {stake.words}" if stake.number else f"its {noun}; here it has none"
