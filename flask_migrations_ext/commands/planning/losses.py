"""What an upgrade would destroy: by what its scripts say, and else by their words."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...environment import Configured
from ...operations.losses import destroys_by_words
from ...revisions.plan import Plan
from ...revisions.revision import Revision
from .plan import planned_steps

_DESTROYING = frozenset({"drop_table", "drop_column"})


def losses_of_plan(plan: Plan, configured: Configured) -> list[str]:
    """Return what the revisions of a plan destroy, a line for each.

    Where a script cannot be followed to its end without running it, its text is
    looked through for what may destroy something.
    """
    told = planned_steps(plan, configured)
    return [
        line
        for step, planned in zip(plan.steps, told, strict=True)
        for line in (
            *(
                f"'{planned.id}' destroys {loss}"
                for operation in planned.operations
                for loss in operation.destroys
            ),
            *(_by_words(step.revision) if planned.stops is not None else ()),
        )
    ]


def _by_words(revision: Revision) -> Iterator[str]:
    if revision.path is None or revision.path.suffix != ".py":
        yield f"'{revision.id}' cannot be told without running it"
        return

    for node in _nodes(ast.parse(revision.path.read_bytes())):
        name = node.attr if isinstance(node, ast.Attribute) else None
        text = node.value if isinstance(node, ast.Constant) else None
        if name in _DESTROYING:
            yield f"'{revision.id}' may destroy something: {name}()"
        if isinstance(text, str) and destroys_by_words(text):
            yield f"'{revision.id}' may destroy something: {' '.join(text.split())}"


def _nodes(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what stands in a script, but for its way back."""
    for each in tree.body:
        is_function = isinstance(each, ast.FunctionDef)
        if not (is_function and each.name.startswith("downgrade")):  # type: ignore[attr-defined]  # it is one
            yield from ast.walk(each)
