"""Whether two texts of a script mean the same. Pure: comments, layout, annotations and
texts that stand alone count for nothing, whatever version of Python reads them."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

# An annotation decides nothing about what runs; "u" before a text neither; whether a
# name is read or assigned follows from where it stands.
_PASSED_OVER = frozenset({"annotation", "returns", "type_comment", "kind", "ctx"})


def digest_of(source: bytes) -> str:
    """Return what is equal for equal bytes, whatever ends their lines."""
    return hashlib.sha256(source.replace(b"\r\n", b"\n")).hexdigest()


def fingerprint_of(source: bytes) -> str | None:
    """Return what is equal for scripts that mean the same; None if it is no Python."""
    told = hashlib.sha256()
    try:
        for part in _parts(ast.parse(source)):
            told.update(part.encode("utf-8", "surrogatepass") + b"\0")
    # Some numbers are too long to be written out.
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return told.hexdigest()


@dataclass(frozen=True)
class _Mark:
    text: str


def _parts(node: object) -> Iterator[str]:
    """Yield what a tree consists of, each part and where it ends."""
    waiting: list[object] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.AST):
            yield f"({type(_plain(each)).__name__}"
            fields = [
                (name, value)
                for name, value in ast.iter_fields(_plain(each))
                # Versions of Python add fields, which are empty where they are unused.
                if name not in _PASSED_OVER and value not in (None, [])
            ]
            waiting.append(_Mark(")"))
            for name, value in reversed(fields):
                waiting += [value, _Mark(name)]
        elif isinstance(each, list):
            several = [one for one in each if not _is_text_alone(one)]
            waiting += [_Mark("]"), *reversed(several)]
        elif isinstance(each, _Mark):
            yield each.text
        else:
            yield f"{type(each).__name__} {each!r}"


def _plain(node: ast.AST) -> ast.AST:
    """Return an assignment with an annotation as one without."""
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        return ast.Assign([node.target], node.value)

    return node


def _is_text_alone(node: object) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
