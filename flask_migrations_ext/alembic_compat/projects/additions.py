"""What the modules of a project add to ``op``, filled while they are imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

functions: dict[str, Callable[..., Any]] = {}
"""By name, what makes an operation of the project and carries it out."""

batch_functions: dict[str, Callable[..., Any]] = {}
"""The same, for the block of ``batch_alter_table``."""

replaced: set[type] = set()
"""The classes of Alembic's whose operations the project carries out itself."""
