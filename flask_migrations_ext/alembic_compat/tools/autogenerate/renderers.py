"""Which function writes which of Alembic's operation objects."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from ....autogenerate.render.types import RenderContext
from ....errors import UnknownOption
from .context import AutogenContext
from .dispatch import Dispatcher

renderers = Dispatcher()

# Those of this package: what they write, our own renderers write as well.
_OURS: set[Callable[..., Any]] = set()


def is_ours(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a renderer as one of this package."""
    _OURS.add(function)
    return function


def has_own_renderer(op: Any) -> bool:
    """Return whether a project says how an operation is written."""
    try:
        return renderers.dispatch(op) not in _OURS
    except ValueError:
        return False


def are_replaced() -> bool:
    """Return whether a project writes any operation in its own way."""
    return any(each not in _OURS for each in renderers._functions.values())


def render_op(autogen_context: AutogenContext, op: Any) -> list[str]:
    """Return an operation as Python: a text, or several.

    :raises UnknownOption: if nothing writes it.
    """
    try:
        function = renderers.dispatch(op)
    except ValueError:
        raise UnknownOption(
            type(op).__name__,
            "nothing writes this operation into a revision; register a function with"
            " @renderers.dispatch_for",
        ) from None

    said = function(autogen_context, op)
    if said is None:
        return []
    return [said] if isinstance(said, str) else list(said)


def render_op_text(autogen_context: AutogenContext, op: Any) -> str:
    """Return an operation as Python."""
    return "\n".join(render_op(autogen_context, op))


def rendered_by_project(
    op: Any, autogen_context: AutogenContext | None, context: RenderContext
) -> list[str]:
    """Return what a project's renderer writes, with the options of ours."""
    if autogen_context is None:
        autogen_context = AutogenContext(None, autogenerate=False)

    seen = copy.copy(autogen_context)
    options = context.options
    seen.opts = {
        **autogen_context.opts,
        "alembic_module_prefix": options.op_prefix,
        "sqlalchemy_module_prefix": options.sqlalchemy_module_prefix,
        "user_module_prefix": options.user_module_prefix,
        "render_as_batch": options.render_as_batch,
        "render_item": options.render_item,
    }
    seen.imports = context.imports
    seen._has_batch = False
    return render_op(seen, op)
