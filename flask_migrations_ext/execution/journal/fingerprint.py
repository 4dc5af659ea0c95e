"""What tells an operation, or a statement, from the others of its script."""

from __future__ import annotations

import hashlib
import re

from ...operations.base import Operation
from ...operations.rows import InsertRows

# Where Python shows a function or an object, it also shows where that is just now.
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def of_operation(operation: Operation) -> str:
    """Return what stays the same as long as the script says the same.

    Of rows, their columns count and not their values: those may be of the moment.
    """
    if isinstance(operation, InsertRows):
        columns = sorted({name for row in operation.rows for name in row})
        return _digest(f"{operation.verb} {operation.table} {columns}")

    return _digest(_ADDRESS.sub("", repr(operation)))


def of_statement(sql: str) -> str:
    """Return what stays the same for the same text; its values are not in it."""
    return _digest(" ".join(sql.split()))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
