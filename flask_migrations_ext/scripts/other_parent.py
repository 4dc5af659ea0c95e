"""The text of a revision with another parent: in its header, and in what it says."""

from __future__ import annotations

import ast
import re

_REVISES = re.compile(r"^(Revises:)[^\S\n]*[^\n]*$", re.MULTILINE)


def with_parent(source: bytes, parent: str) -> bytes | None:
    """Return the text of a script with one other parent.

    None if its ``down_revision`` is not written out as one id, or as None.
    """
    text = source.decode("utf-8")
    tree = ast.parse(text)
    values = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id == "down_revision"
    ]
    if len(values) != 1 or not isinstance(values[0], ast.Constant):
        return None

    lines = source.splitlines(keepends=True)
    value = values[0]
    if value.end_lineno != value.lineno:
        return None

    line = lines[value.lineno - 1]
    quoted = f'"{parent}"'.encode()
    lines[value.lineno - 1] = (
        line[: value.col_offset] + quoted + line[value.end_col_offset :]
    )
    return _with_doc(b"".join(lines), tree, parent)


def _with_doc(source: bytes, tree: ast.Module, parent: str) -> bytes:
    first = tree.body[0]
    if not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)):
        return source

    end = first.end_lineno or 0
    lines = source.decode("utf-8").splitlines(keepends=True)
    doc = _REVISES.sub(rf"\1 {parent}", "".join(lines[:end]))
    return (doc + "".join(lines[end:])).encode()
