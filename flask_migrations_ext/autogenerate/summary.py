"""Operations as the message of a revision, if nobody has given one."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from ..operations.base import Operation
from ..operations.columns import AddColumn
from ..operations.columns import AlterColumn
from ..operations.columns import DropColumn
from ..operations.constraints import AddConstraint
from ..operations.constraints import DropConstraint
from ..operations.indexes import CreateIndex
from ..operations.indexes import DropIndex
from ..operations.tables import CreateTable
from ..operations.tables import DropTable
from ..operations.tables import RenameTable
from ..schema.model import TableName
from .compare.conversions import FillRows
from .describe import describe

_NAMED = 3
"""Of more things than these, two are named."""

_LONG = 40


def summary_of(operations: Sequence[Operation]) -> str:
    """Return what operations do in a few words: ``add email to users``."""
    said: dict[tuple[str, str], list[str]] = {}
    added: set[tuple[TableName, str]] = set()
    for each in operations:
        if isinstance(each, FillRows) or _is_of_new_column(each, added):
            continue
        if isinstance(each, AddColumn):
            added.add((each.table, each.column.name))
        verb, name, place = _parts(each)
        names = said.setdefault((verb, place), [])
        names += [name] * (name not in names)

    phrases = [_phrase(verb, names, place) for (verb, place), names in said.items()]
    whole = " and ".join(phrases)
    # It becomes the name of a file, which is cut where it gets long.
    return (
        whole if len(phrases) < 2 or len(whole) <= _LONG else f"{phrases[0]} and more"
    )


def _is_of_new_column(
    operation: Operation, added: Collection[tuple[TableName, str]]
) -> bool:
    """Return whether an operation is no news beside the column that it is about."""
    match operation:
        case AlterColumn(table=table, name=name):
            columns: tuple[str, ...] = (name,)
        case AddConstraint(table=table, constraint=constraint):
            columns = constraint.mentioned
        case CreateIndex(table=table, index=index):
            columns = index.columns
        case _:
            return False

    return any((table, each) in added for each in columns)


def _phrase(verb: str, names: Sequence[str], place: str) -> str:
    if len(names) > _NAMED:
        names = [*names[: _NAMED - 1], f"{len(names) - _NAMED + 1} more"]
    listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))

    return " ".join(filter(None, (verb, listed, place)))


def _parts(operation: Operation) -> tuple[str, str, str]:
    """Return a verb, what it is done to, and where that is."""
    parts = _PARTS.get(type(operation))
    if parts is not None:
        return parts(operation)
    if isinstance(operation, AlterColumn):
        table = operation.table.name
        if operation.new_name is not None:
            return "rename", f"{operation.name} to {operation.new_name}", f"in {table}"
        return "alter", operation.name, f"of {table}"

    return "", describe(operation).partition(":")[0].partition(" (")[0], ""


_PARTS: Mapping[type[Operation], Callable[[Any], tuple[str, str, str]]] = {
    AddColumn: lambda o: ("add", o.column.name, f"to {o.table.name}"),
    DropColumn: lambda o: ("drop", o.name, f"from {o.table.name}"),
    AddConstraint: lambda o: (
        "add",
        o.constraint.name or "constraint",
        f"to {o.table.name}",
    ),
    DropConstraint: lambda o: (
        "drop",
        o.name or "constraint",
        f"from {o.table.name}",
    ),
    CreateIndex: lambda o: ("add", o.index.name or "index", f"to {o.table.name}"),
    DropIndex: lambda o: (
        "drop",
        o.name,
        f"from {o.table.name}" if o.table is not None else "",
    ),
    CreateTable: lambda o: ("create", o.table.name.name, ""),
    DropTable: lambda o: ("drop", o.name.name, ""),
    RenameTable: lambda o: ("rename", f"{o.name.name} to {o.new_name}", ""),
}
