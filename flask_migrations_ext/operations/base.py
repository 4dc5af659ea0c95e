"""What every operation is: a frozen value that knows its opposite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..errors import Irreversible


@dataclass(frozen=True)
class Operation:
    """One change to a database.

    It says what changes, never how: a dialect has a method named like ``verb``
    for that.
    """

    verb: ClassVar[str]

    def reversed(self) -> Operation:
        """Return the operation that undoes this one.

        :raises Irreversible: if what is needed to undo it is not known.
        """
        raise Irreversible(self)


def reversed_all(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """Return the operations that undo these, in the order to do them.

    :raises Irreversible: if one of them cannot be undone.
    """
    return tuple(operation.reversed() for operation in reversed(operations))
