"""Revision files without their source: what the compiled code says and is.

Its header is read from the constants that it assigns, without running it.
"""

from __future__ import annotations

import dis
import importlib.util
import marshal
from collections.abc import Iterable
from pathlib import Path
from types import CodeType

from ..errors import UnreadableScript

SUFFIXES = (".pyc", ".pyo")

# The magic number, flags, and the time and size or the hash of the source.
_PREAMBLE = 16

# What may stand for a header in the code of a module, by its position on the stack.
_PASSED_OVER = frozenset({"RESUME", "NOP", "CACHE", "NOT_TAKEN"})

_UNKNOWN = "computed()"

_HEADER = frozenset({"revision", "down_revision", "branch_labels", "depends_on"})


def compiled_code(path: Path) -> CodeType:
    """Return the code in a compiled file.

    :raises UnreadableScript: if it is not of this version of Python.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableScript(path, None, error.strerror or str(error)) from error

    if content[:4] != importlib.util.MAGIC_NUMBER:
        raise UnreadableScript(
            path,
            None,
            "it was compiled by another version of Python; compile it again with this"
            " one, or bring its source",
        )

    try:
        code = marshal.loads(content[_PREAMBLE:])
    except (EOFError, TypeError, ValueError) as error:
        raise UnreadableScript(path, None, f"it is damaged: {error}") from error

    if not isinstance(code, CodeType):
        raise UnreadableScript(path, None, "it holds no code")
    return code


def header_source(code: CodeType) -> bytes:
    """Return the assignments of a module as source, such as ``revision = 'a1'``.

    What is computed is named so; functions are there without what they do.
    """
    lines = [
        f"{name} = {value}"
        for name, value in _assigned(dis.get_instructions(code))
        if name in _HEADER
    ]
    doc = code.co_consts[0] if "__doc__" in code.co_names else None
    docstring = [repr(doc)] if isinstance(doc, str) else []
    functions = [
        f"def {name}(): pass"
        for name in ("upgrade", "downgrade")
        if name in code.co_names
    ]
    return "\n".join([*docstring, *lines, *functions, ""]).encode()


def _assigned(instructions: Iterable[dis.Instruction]) -> Iterable[tuple[str, str]]:
    """Yield the names that are assigned, each with its value as source."""
    values: list[object] = []
    for each in instructions:
        match each.opname, each.argval:
            case (("STORE_NAME" | "STORE_GLOBAL"), name):
                yield str(name), repr(values.pop(0)) if values else _UNKNOWN
            case opname, value if opname.startswith("LOAD_CONST"):
                values.append(value)
            case "COPY", _ if values:
                values.append(values[-1])
            case "UNPACK_SEQUENCE", count if _is_row(values, count):
                values = list(values[-1])  # type: ignore[call-overload]  # _is_row
            case (("BUILD_LIST" | "BUILD_SET" | "BUILD_TUPLE"), count) if count == len(
                values
            ):
                values = [tuple(values)]
            case (("LIST_EXTEND" | "SET_UPDATE"), _) if _are_rows(values):
                first, second = values
                values = [(*first, *second)]  # type: ignore[misc]  # _are_rows
            case opname, _ if opname not in _PASSED_OVER:
                values = []


def _is_row(values: list[object], count: int) -> bool:
    last = values[-1] if values else None
    return isinstance(last, tuple) and len(last) == count


def _are_rows(values: list[object]) -> bool:
    return len(values) == 2 and all(
        isinstance(each, tuple | frozenset) for each in values
    )
