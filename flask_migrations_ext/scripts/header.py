"""What a revision file says about itself, read without running it.

Only the top of a file is parsed, up to its first function or class, so that a
long history costs little and a mistake in one ``upgrade()`` does not stop the
commands that never run it.
"""

from __future__ import annotations

import ast
import codecs
import os
import re
from pathlib import Path

from ..errors import ComputedHeader
from ..errors import IllegalRevisionId
from ..errors import UnreadableScript
from ..revisions.revision import Revision
from .compiled import compiled_code
from .compiled import header_source
from .compiled import SUFFIXES
from .plain_header import plain_header
from .plain_header import Value
from .plain_header import VARIABLES

# These see lines, not Python: a line of a long text may look like one. They only
# choose what to parse; what counts is what the parser finds.
_VARIABLE_LINE = re.compile(rb"^\f*(?:%s)\b" % "|".join(VARIABLES).encode(), re.M)
_WORDS = (b"revision", b"branch_labels", b"depends_on")
_BODY_LINE = re.compile(rb"^\f*(?:@|(?:async[ \t]+)?def\b|class\b)", re.M)
_DIRECTION_LINE = re.compile(rb"^\f*(?:async[ \t]+)?def[ \t]+(?:up|down)grade\b", re.M)

_EMPTY_LINE = re.compile(r"\n[ \t]*\n")

# Python ends a line at each of them.
_LINE_END = re.compile(rb"\r\n?")

# Before files declared ``revision``, their name was the id. Short runs of hex
# digits before an underscore are words, as in ``add_users.py``.
_ID_IN_NAME = re.compile(r"([0-9a-f]+)\.py|([0-9a-f]{8,})_.*\.py")


def read_header(path: Path) -> Revision | None:
    """Return the revision in a file, or None if the file is no migration.

    :raises ComputedHeader: if it is computed rather than written out.
    :raises UnreadableScript: if it is not valid Python, or names no revision.
    """
    if path.suffix in SUFFIXES:
        return header_of(header_source(compiled_code(path)), path)

    try:
        source = _content(path)
    except OSError as error:
        raise UnreadableScript(path, None, error.strerror or str(error)) from error

    return header_of(source, path)


def _content(path: Path) -> bytes:
    # Without the layers of io, which cost more than a small file.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        parts = [os.read(descriptor, 1 << 16)]
        while parts[-1]:
            parts.append(os.read(descriptor, 1 << 16))
    finally:
        os.close(descriptor)

    return b"".join(parts)


def header_of(source: bytes, path: Path) -> Revision | None:
    """Return the revision in the text of a file; see :func:`read_header`."""
    source = source.removeprefix(codecs.BOM_UTF8)
    if b"\r" in source:
        source = _LINE_END.sub(b"\n", source)

    return _plain(source, path) or parsed_header(source, path)


def parsed_header(source: bytes, path: Path) -> Revision | None:
    """Return the revision in a text with plain line ends, of any form."""
    if not _VARIABLE_LINE.search(source) and not _DIRECTION_LINE.search(source):
        return None

    statements = _head(source, path)
    assigned = _assignments(statements)
    identifier = _identifier(assigned, source, path)

    if identifier is None:
        return None

    doc = _docstring(statements)
    try:
        return Revision(
            id=identifier,
            parents=_names("down_revision", assigned, path),
            depends_on=_names("depends_on", assigned, path),
            labels=_names("branch_labels", assigned, path),
            message=first_paragraph(doc),
            doc=doc,
            path=path,
        )
    except IllegalRevisionId as error:
        variable = "revision" if error.identifier == identifier else "branch_labels"
        node = assigned.get(variable)
        line = node.lineno if node is not None else None
        raise UnreadableScript(path, line, str(error)) from error


def _plain(source: bytes, path: Path) -> Revision | None:
    """Return the revision, if all that matters is written in the plain form."""
    body = _BODY_LINE.search(source)
    if body is None or _assigns_after(source, body.start()):
        return None

    header = plain_header(source[: body.start()])
    id = header.values.get("revision") if header else None
    if header is None or not isinstance(id, str) or not id:
        return None

    try:
        return Revision(
            id=id,
            parents=_several(header.values.get("down_revision")),
            depends_on=_several(header.values.get("depends_on")),
            labels=_several(header.values.get("branch_labels")),
            message=first_paragraph(header.doc),
            doc=header.doc,
            path=path,
        )
    except IllegalRevisionId:
        # The parser knows the line, for the message.
        return None


def _assigns_after(source: bytes, position: int) -> bool:
    # To look for a word is quicker than to look at the beginning of each line.
    there = any(source.find(word, position) >= 0 for word in _WORDS)
    return there and _VARIABLE_LINE.search(source, position) is not None


def _several(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,) if value else ()


def _head(source: bytes, path: Path) -> list[ast.stmt]:
    head: list[ast.stmt] | None = None

    for body in _BODY_LINE.finditer(source):
        # Where a text or bracket is still open, this line is not yet the body.
        try:
            head = _parsed(source[: body.start()])
        except SyntaxError:
            continue

        if not _assigns_after(source, body.start()):
            return head
        break

    try:
        return _parsed(source)
    except SyntaxError as error:
        if head is not None and "revision" in _assignments(head):
            return head
        raise UnreadableScript(path, error.lineno, error.msg) from error


def _parsed(source: bytes) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except ValueError as error:
        # The first releases of Python 3.11 say so of NUL bytes.
        raise SyntaxError(str(error)) from error


def _assignments(statements: list[ast.stmt]) -> dict[str, ast.expr]:
    assigned: dict[str, ast.expr] = {}

    for statement in statements:
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    assigned.update(_unpacked(target, value))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                assigned[name] = value
            case ast.AugAssign(target=ast.Name(id=name) as target):
                # The name stands for what cannot be known without running it.
                assigned[name] = target
            case ast.Import() | ast.ImportFrom():
                assigned.update(_imported(statement))
            case ast.If() | ast.Try() | ast.With() | ast.For() | ast.While():
                assigned.update(_set_within(statement))

    return {name: assigned[name] for name in VARIABLES if name in assigned}


def _imported(statement: ast.Import | ast.ImportFrom) -> dict[str, ast.expr]:
    place = {"lineno": statement.lineno, "col_offset": statement.col_offset}
    names = [alias.asname or alias.name for alias in statement.names]
    return {name: ast.Name(name, ast.Load(), **place) for name in names}


def _set_within(statement: ast.stmt) -> dict[str, ast.expr]:
    return {
        node.id: node
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _unpacked(target: ast.expr, value: ast.expr) -> dict[str, ast.expr]:
    match target, value:
        case ast.Name(id=name), _:
            return {name: value}
        case (
            ast.Tuple(elts=targets) | ast.List(elts=targets),
            ast.Tuple(elts=values) | ast.List(elts=values),
        ) if len(targets) == len(values):
            return {
                name: part
                for pair in zip(targets, values, strict=True)
                for name, part in _unpacked(*pair).items()
            }
        case ast.Tuple(elts=targets) | ast.List(elts=targets), _:
            return {part.id: value for part in targets if isinstance(part, ast.Name)}
        case _:
            return {}


def _identifier(assigned: dict[str, ast.expr], source: bytes, path: Path) -> str | None:
    node = assigned.get("revision")

    if node is not None:
        identifier = _literal("revision", node, path)
        if isinstance(identifier, str) and identifier:
            return identifier
        raise UnreadableScript(path, node.lineno, "revision must be one id, in quotes")

    if "down_revision" not in assigned and not _DIRECTION_LINE.search(source):
        return None

    if named := _ID_IN_NAME.fullmatch(path.name):
        return named[1] or named[2]

    raise UnreadableScript(
        path,
        None,
        "it looks like a migration and has no id; add a line such as"
        " revision = 'ab12cd34ef56', or move the file elsewhere",
    )


def _names(variable: str, assigned: dict[str, ast.expr], path: Path) -> tuple[str, ...]:
    node = assigned.get(variable)
    return () if node is None else _several(_literal(variable, node, path))


def _literal(variable: str, node: ast.expr, path: Path) -> Value:
    match node:
        case ast.Constant(value=str() | None as value):
            return value
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            names = [_literal(variable, part, path) for part in parts]
            if all(isinstance(name, str) for name in names):
                return tuple(str(name) for name in names)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first = _literal(variable, left, path)
            second = _literal(variable, right, path)
            if isinstance(first, str) and isinstance(second, str):
                return first + second
            if isinstance(first, tuple) and isinstance(second, tuple):
                return first + second

    raise ComputedHeader(path, node.lineno, variable)


def _docstring(statements: list[ast.stmt]) -> str:
    match statements:
        case [ast.Expr(value=ast.Constant(value=str() as text)), *_]:
            return text.strip()
        case _:
            return ""


def first_paragraph(doc: str) -> str:
    """Return the message that a docstring begins with, in one line."""
    end = _EMPTY_LINE.search(doc)
    paragraph = doc[: end.start()] if end else doc
    return " ".join([line.strip() for line in paragraph.splitlines()])
