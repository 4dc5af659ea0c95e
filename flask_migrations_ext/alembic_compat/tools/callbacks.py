"""The functions that an ``env.py`` gives, with Alembic's objects in place of ours."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Dialect as SADialect

from ...environment import Configured
from .autogenerate import comparators  # noqa: F401  # lets plug-ins compare
from .autogenerate.context import AutogenContext
from .autogenerate.impl_options import with_answers
from .migration import MigrationContext
from .operations.views import shown_as_alembic_does
from .script.version_step import MigrationInfo

Function = Callable[..., Any]


def with_plugins(options: Mapping[str, Any], dialect: SADialect) -> dict[str, Any]:
    """Return options with what plug-ins answer in place of our comparison."""
    return with_answers(options, dialect)


def with_migration_context(function: Function, *_: Any) -> Function:
    """Return a function whose first argument is a ``MigrationContext`` there."""

    def call(configured: Any, *arguments: Any, **keywords: Any) -> Any:
        return function(MigrationContext.of(configured), *arguments, **keywords)

    return call


def with_step(function: Function, *_: Any) -> Function:
    """Return a function that is told of each step in Alembic's words."""

    def call(*, ctx: Any, step: Any, **keywords: Any) -> None:
        context = MigrationContext.of(ctx)
        shown = MigrationInfo.of(step, context.script.revision_map)
        function(ctx=context, step=shown, **keywords)

    return call


def with_autogen_context(
    function: Function, options: Mapping[str, Any], configured: Sequence[Configured]
) -> Function:
    """Return a function that writes an element, told what a renderer is there."""

    def call(kind: str, element: Any, rendered: Any) -> Any:
        # Code may be written when env.py, and what it configured, is done.
        context = MigrationContext.of(configured[0])
        seen = AutogenContext(context, opts=options, autogenerate=False)
        seen.imports = rendered.imports
        return function(kind, element, seen)

    return call


def with_directives(function: Function, *_: Any) -> Function:
    """Return a function that sees new revisions as Alembic's objects."""
    return shown_as_alembic_does(function)
