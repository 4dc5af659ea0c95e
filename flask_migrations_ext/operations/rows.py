"""Verbs for rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import ClassVar

import sqlalchemy as sa

from ..schema.model import TableName
from .base import Operation


@dataclass(frozen=True)
class InsertRows(Operation):
    """Insert rows into a table.

    ``target`` holds the types that the values are sent with. ``together`` sends
    all rows as one statement; else each goes alone and may hold SQL expressions.
    """

    verb: ClassVar[str] = "insert_rows"
    table: TableName
    rows: tuple[Mapping[str, Any], ...]
    target: sa.TableClause = field(compare=False, repr=False)
    together: bool = True
