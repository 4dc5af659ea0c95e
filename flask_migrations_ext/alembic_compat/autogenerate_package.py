"""``alembic.autogenerate``: all that is asked of it."""

from __future__ import annotations

from .autogenerate import AutogenContext
from .autogenerate import comparators
from .autogenerate import compare_metadata
from .autogenerate import produce_migrations
from .autogenerate import render
from .autogenerate import render_op_text
from .autogenerate import render_python_code
from .autogenerate import renderers
from .autogenerate import Rewriter
from .autogenerate import rewriter
from .revision_context import RevisionContext

__all__ = [
    "AutogenContext",
    "comparators",
    "compare_metadata",
    "produce_migrations",
    "render",
    "render_op_text",
    "render_python_code",
    "renderers",
    "RevisionContext",
    "Rewriter",
    "rewriter",
]
