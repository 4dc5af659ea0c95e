"""The verb for what no other verb says: a statement of the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import ClassVar

import sqlalchemy as sa

from ..schema.model import Options
from .base import Operation


@dataclass(frozen=True)
class ExecuteSql(Operation):
    """Execute one statement. A string is SQLAlchemy ``text()``: ``:name`` binds."""

    verb: ClassVar[str] = "execute_sql"
    text: str
    statement: sa.Executable | None = field(default=None, compare=False, repr=False)
    execution_options: Options = field(default=(), compare=False, repr=False)
