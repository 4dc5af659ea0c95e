"""``alembic.autogenerate``: all that is asked of it."""

from __future__ import annotations

from .compare import AutogenContext
from .compare import comparators
from .compare import compare_metadata
from .compare import produce_migrations
from .compare import render
from .compare import render_op_text
from .compare import render_python_code
from .compare import renderers
from .compare import Rewriter
from .compare import rewriter
from .plugins import Plugin
from .revision_context import RevisionContext

__all__ = [
    "AutogenContext",
    "comparators",
    "compare_metadata",
    "Plugin",
    "produce_migrations",
    "render",
    "render_op_text",
    "render_python_code",
    "renderers",
    "RevisionContext",
    "Rewriter",
    "rewriter",
]
