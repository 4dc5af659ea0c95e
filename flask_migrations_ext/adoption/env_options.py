"""Settings of an ``env.py`` as Python text that another one can hold."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field


@dataclass(frozen=True)
class CarriedOption:
    """A setting with the text of its value.

    :param value: what it is, if it is written out; None for a function.
    :param needs: statements that it needs, such as the function that it names.
    :param nodes: the same as they were parsed.
    """

    name: str
    text: str
    value: object = None
    needs: tuple[str, ...] = ()
    nodes: tuple[ast.stmt, ...] = field(default=(), compare=False, repr=False)


# Functions that are called with the same arguments wherever they are set. Others get
# a MigrationContext from an env.py of Alembic, and another value from one of ours.
_FUNCTIONS = frozenset({"include_object", "include_name", "render_item"})

# Their values are functions, or say where things are.
_NEVER = frozenset(
    {
        *("directory", "version_locations", "on_version_apply", "models"),
        *("engines", "metadatas", "upgrade_token", "downgrade_token"),
    }
)

OTHERWISE_NAMED = frozenset({"context", "config", "target", "current_app"})
"""Names that mean another thing in an ``env.py`` of Alembic than in one of ours."""


def carried_option(
    name: str, value: ast.expr, tree: ast.Module, lines: Sequence[str]
) -> CarriedOption | None:
    """Return a setting as text, or None if it would mean something else elsewhere.

    :param tree: the file, in which the names of the value are looked up.
    :param lines: the same as text.
    """
    if name in _NEVER:
        return None

    try:
        literal: object = ast.literal_eval(value)
    except ValueError:
        literal = None
        if name not in _FUNCTIONS:
            return None

    nodes = _needed(value, tree)
    if nodes is None:
        return None

    ordered = [node for node in tree.body if node in nodes]
    return CarriedOption(
        name,
        ast.unparse(value),
        literal,
        tuple(_source_text(node, lines) for node in ordered),
        # An import may serve the rest of the file as well.
        tuple(n for n in ordered if not isinstance(n, ast.Import | ast.ImportFrom)),
    )


def _source_text(node: ast.stmt, lines: Sequence[str]) -> str:
    if isinstance(node, ast.Import | ast.ImportFrom) or node.col_offset:
        return ast.unparse(node)

    # With its comments.
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    first = min([node.lineno, *(each.lineno for each in decorators)])
    return "\n".join(lines[first - 1 : node.end_lineno])


def _needed(value: ast.expr, tree: ast.Module) -> list[ast.stmt] | None:
    homes = {name: node for node in tree.body for name in _names_made_by(node)}
    needed: list[ast.stmt] = []
    wanted = sorted(_free_names(value))

    while wanted:
        name = wanted.pop()
        if name in OTHERWISE_NAMED:
            return None
        node = homes.get(name)
        if node is None and not hasattr(builtins, name):
            return None
        if node is not None and node not in needed:
            needed.append(node)
            wanted.extend(_free_names(node))

    return needed


def _names_made_by(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [each.id for each in targets if isinstance(each, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names, level=0):
            return [
                alias.asname or alias.name.partition(".")[0]
                for alias in names
                if alias.name != "*"
            ]
        case _:
            return []


def _free_names(node: ast.AST) -> set[str]:
    """Return the names that a piece of code takes from around it."""
    used: set[str] = set()
    own: set[str] = set()
    for each in ast.walk(node):
        match each:
            case ast.Name(id=name, ctx=ast.Load()):
                used.add(name)
            case ast.Name(id=name):
                own.add(name)
            case ast.arg(arg=name):
                own.add(name)
            case ast.FunctionDef(name=name):
                own.add(name)

    return used - own
