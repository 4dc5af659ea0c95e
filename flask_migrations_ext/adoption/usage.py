"""What revision files import and call, read without running them.

The parts of the documents that are named here are sections of docs/differences.md.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import UnreadableScript


@dataclass(frozen=True)
class Imported:
    """Something that a file imports: a module, or a name from one."""

    path: Path
    line: int
    module: str
    name: str = ""

    @property
    def text(self) -> str:
        """Both, as they are written with a dot."""
        return f"{self.module}.{self.name}" if self.name else self.module


@dataclass(frozen=True)
class Difference:
    """A call that does another thing here than with Alembic.

    :param section: the part of docs/differences.md that says how.
    """

    path: Path
    line: int
    call: str
    section: str


@dataclass(frozen=True)
class Usage:
    """What one file uses.

    :param takes_engine_name: whether ``upgrade`` has to be told its database so.
    """

    imports: tuple[Imported, ...]
    differences: tuple[Difference, ...]
    takes_engine_name: bool = False


def read_usage(path: Path) -> Usage:
    """Return what a file uses.

    :raises UnreadableScript: if it is not valid Python.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except OSError as error:
        raise UnreadableScript(path, None, error.strerror or str(error)) from error
    except SyntaxError as error:
        raise UnreadableScript(path, error.lineno, error.msg) from error
    except ValueError as error:
        raise UnreadableScript(path, None, str(error)) from error

    return Usage(
        tuple(_imports(tree, path)),
        tuple(
            Difference(path, call.line, call.name, section)
            for call in _calls(tree)
            for section, differs in _RULES.items()
            if differs(call)
        ),
        any(_takes_engine_name(statement) for statement in tree.body),
    )


def _takes_engine_name(statement: ast.stmt) -> bool:
    match statement:
        case ast.FunctionDef(name="upgrade", args=ast.arguments(args=[first, *_])):
            return first.arg == "engine_name"
        case _:
            return False


def _imports(tree: ast.Module, path: Path) -> Iterator[Imported]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield Imported(path, node.lineno, alias.name)
            case ast.ImportFrom(module=str() as module, level=0, names=names):
                for alias in names:
                    name = "" if alias.name == "*" else alias.name
                    yield Imported(path, node.lineno, module, name)


# -- calls -----------------------------------------------------------------


@dataclass(frozen=True)
class _Call:
    """A call of ``op`` or of a batch block."""

    receiver: str
    name: str
    arguments: tuple[ast.expr, ...]
    keywords: dict[str, ast.expr]
    line: int

    def says(self, keyword: str, value: object) -> bool:
        return _is(self.keywords.get(keyword), value)

    @property
    def in_block(self) -> bool:
        return self.receiver != "op"


def _is(node: ast.expr | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _calls(tree: ast.Module) -> Iterator[_Call]:
    blocks = {"batch_op"} | {
        item.optional_vars.id
        for node in ast.walk(tree)
        if isinstance(node, ast.With)
        for item in node.items
        if "batch_alter_table" in ast.unparse(item.context_expr)
        and isinstance(item.optional_vars, ast.Name)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=receiver), attr=name)):
                if receiver in {"op", *blocks}:
                    yield _call(receiver, name, node)
            case ast.Call(func=ast.Attribute(attr="autocommit_block" as name)):
                yield _call("op", name, node)


def _call(receiver: str, name: str, node: ast.Call) -> _Call:
    keywords = {each.arg: each.value for each in node.keywords if each.arg}
    return _Call(receiver, name, tuple(node.args), keywords, node.lineno)


# -- what differs ----------------------------------------------------------

_PARAMETER = re.compile(r"(?<![:\\\w]):([a-zA-Z_]\w*)")


def _column_says(call: _Call, keyword: str) -> bool:
    return call.name == "add_column" and any(
        isinstance(argument, ast.Call)
        and any(k.arg == keyword and _is(k.value, True) for k in argument.keywords)
        for argument in call.arguments
    )


def _has_parameters(call: _Call) -> bool:
    match call:
        case _Call(name="execute", arguments=(ast.Constant(value=str() as sql), *_)):
            return bool(_PARAMETER.search(sql))
        case _:
            return False


def _has_default_true(call: _Call) -> bool:
    return any(
        keyword.arg == "server_default" and _is(keyword.value, True)
        for each in (*call.arguments, *call.keywords.values())
        for node in ast.walk(each)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
    ) or call.says("server_default", True)


def _indexes_concurrently(call: _Call) -> bool:
    return call.name == "create_table" and any(
        "_concurrently=" in ast.unparse(argument) for argument in call.arguments
    )


_RULES: dict[str, Callable[[_Call], bool]] = {
    "inline-references": lambda call: call.says("inline_references", True),
    "inline-primary-key": lambda call: call.says("inline_primary_key", True),
    "key-of-an-added-column": lambda call: (
        _column_says(call, "primary_key") and not call.says("inline_primary_key", True)
    ),
    "if-exists": lambda call: (
        call.says("if_exists", True) or call.says("if_not_exists", True)
    ),
    "comment-none": lambda call: (
        call.name == "create_table_comment"
        and any(_is(each, None) for each in call.arguments)
    ),
    "python-true": _has_default_true,
    "parameters-without-values": _has_parameters,
    "autocommit": lambda call: call.name == "autocommit_block",
    "places-of-columns": lambda call: bool(
        {"insert_before", "insert_after"} & call.keywords.keys()
    ),
    "execute-in-a-block": lambda call: call.in_block and call.name == "execute",
    "recreate-elsewhere": lambda call: (
        isinstance(node := call.keywords.get("recreate"), ast.Constant)
        and node.value == "always"
    ),
    "using-without-type": lambda call: (
        "type_" not in call.keywords
        and any(name.endswith("_using") for name in call.keywords)
    ),
    "concurrent-index-of-a-new-table": _indexes_concurrently,
    "kinds-of-constraints-on-mysql": lambda call: (
        call.name == "drop_constraint"
        and "type_" not in call.keywords
        and len(call.arguments) < (2 if call.in_block else 3)
    ),
    "index-without-table": lambda call: (
        call.name == "drop_index"
        and not call.in_block
        and "table_name" not in call.keywords
        and len(call.arguments) < 2
    ),
    "reflect-args": lambda call: "reflect_args" in call.keywords,
    "defaults-on-mssql": lambda call: any("_drop_" in name for name in call.keywords),
}

SECTIONS = frozenset(_RULES)
"""The parts of docs/differences.md that can be recognised in a file."""
