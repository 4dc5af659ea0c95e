"""What operations destroy, as far as they say so: pure, no database is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..schema.model import Kept
from ..schema.model import SqlType
from ..schema.model import TableName
from .base import Operation
from .columns import AlterColumn
from .columns import DropColumn
from .sql import ExecuteSql
from .tables import AlterTable
from .tables import DropTable

_DESTROYS = re.compile(
    r"""(?ix) \b(?: DROP \s+ (?:TABLE|COLUMN|SCHEMA|DATABASE|MATERIALIZED \s+ VIEW)
    | DELETE \s+ FROM | TRUNCATE | REPLACE \s+ INTO | UPDATE \s+ (?:\w|["`\[.])+ \s+ SET
    ) \b"""
)
# What stands in quotes or behind dashes does nothing.
_TEXTS = re.compile(r"(?s)'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/")


@dataclass(frozen=True)
class Loss:
    """What cannot be had back once an operation has been done.

    :param words: as in ``the values of column user.email``.
    :param table: whose rows it concerns, where that is one that can be named.
    """

    words: str
    table: TableName | None = None


def losses_of(operation: Operation) -> tuple[Loss, ...]:
    """Return what an operation destroys.

    A statement of a script's own is judged by its words: ``DELETE``, ``DROP TABLE``.
    """
    match operation:
        case AlterTable(operations=inner):
            return tuple(loss for each in inner for loss in losses_of(each))
        case DropTable(name=name):
            return (Loss(f"table {name} and its rows", name),)
        case DropColumn(table=table, name=name):
            return (Loss(f"the values of column {table}.{name}", table),)
        case AlterColumn():
            return _narrowed(operation)
        case ExecuteSql(text=text):
            said = destroys_by_words(text)
            return (Loss(f"what its {said} meets"),) if said else ()
        case _:
            return ()


def destroys_by_words(text: str) -> str | None:
    """Return the words of a statement that destroy something: ``DELETE FROM``."""
    found = _DESTROYS.search(_TEXTS.sub(" ", text))
    if found is None:
        return None

    words = " ".join(found[0].upper().split()[:2])
    return words.split()[0] if words.startswith("UPDATE") else words


def _narrowed(operation: AlterColumn) -> tuple[Loss, ...]:
    becomes, was = operation.becomes.type, operation.was.type
    if isinstance(becomes, Kept) or isinstance(was, Kept):
        return ()

    new, old = _length(becomes), _length(was)
    if new is None or (old is not None and new >= old):
        return ()

    words = f"values of {operation.table}.{operation.name} longer than {new}, or stops"
    return (Loss(words, operation.table),)


def _length(type_: SqlType) -> int | None:
    length = getattr(type_.element, "length", None)
    return length if isinstance(length, int) else None
