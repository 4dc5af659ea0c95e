"""How to compare, as an app or its env.py says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..schema.model import TableName

IncludeObject = Callable[[Any, str | None, str, bool, Any], bool]
"""``include_object(object, name, type_, reflected, compare_to)``."""


@dataclass(frozen=True)
class CompareOptions:
    """How to compare; each option is named as in ``context.configure()``.

    ``compare_type`` and ``compare_server_default`` may be functions, which return
    True for "different", False for "same" and None for "decide yourself". They get
    ``context`` as their first argument.
    """

    include_object: IncludeObject | None = None
    compare_type: bool | Callable[..., bool | None] = True
    compare_server_default: bool | Callable[..., bool | None] = True
    compare_checks: bool = True
    compare_options: bool = True
    """Whether tables get the options that models say of their kind of database."""

    compare_enums: bool = True
    """Whether enum types that the database keeps by name are created and changed."""

    version_table: TableName = TableName("alembic_version")
    context: Any = None
