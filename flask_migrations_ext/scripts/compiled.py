"""Revision files without their source: what the compiled code says and is.

Its header is read from the constants that it assigns, without running it.
"""

from __future__ import annotations

import dis
import importlib.util
import marshal
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

from ..errors import UnreadableScript
from .marshalled import is_endless

SUFFIXES = (".pyc", ".pyo")

# The magic number, flags, and the time and size or the hash of the source.
_PREAMBLE = 16

# What may stand for a header in the code of a module, by its position on the stack.
_PASSED_OVER = frozenset({"RESUME", "NOP", "CACHE", "NOT_TAKEN"})

_UNKNOWN = "computed()"

_MOST_NAMES = 1000
"""What a header may list. A forged file could go on doubling a list for ever."""

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

    if is_endless(content[_PREAMBLE:]):
        raise UnreadableScript(path, None, "it is damaged: it holds more than a script")

    try:
        code = marshal.loads(content[_PREAMBLE:])
    except (EOFError, MemoryError, TypeError, ValueError) as error:
        raise UnreadableScript(path, None, f"it is damaged: {error}") from error

    if not isinstance(code, CodeType):
        raise UnreadableScript(path, None, "it holds no code")
    return code


def header_source(code: CodeType) -> bytes:
    """Return the assignments of a module as source, such as ``revision = 'a1'``.

    What is computed is named so; functions are there without what they do.
    """
    lines = [f"{name} = {value}" for name, value in _assigned(code) if name in _HEADER]
    doc = code.co_consts[0] if "__doc__" in code.co_names and code.co_consts else None
    docstring = [repr(doc)] if isinstance(doc, str) else []
    functions = [
        f"def {name}(): pass"
        for name in ("upgrade", "downgrade")
        if name in code.co_names
    ]
    return "\n".join([*docstring, *lines, *functions, ""]).encode()


def _instructions(code: CodeType) -> Iterator[tuple[str, object]]:
    """Yield each instruction, with the constant or the name that it is about.

    Not by way of ``dis``, which reads tables of lines and positions as well: those of a
    forged file may have no end.
    """
    extended = 0
    for position in range(0, len(code.co_code) - 1, 2):
        opcode, argument = code.co_code[position], code.co_code[position + 1] | extended
        extended = argument << 8 if opcode == dis.EXTENDED_ARG else 0
        if opcode in dis.hasconst and argument < len(code.co_consts):
            yield dis.opname[opcode], code.co_consts[argument]
        elif opcode in dis.hasname and argument < len(code.co_names):
            yield dis.opname[opcode], code.co_names[argument]
        elif opcode != dis.EXTENDED_ARG:
            yield dis.opname[opcode], argument


def _assigned(code: CodeType) -> Iterator[tuple[str, str]]:
    """Yield the names that are assigned, each with its value as source."""
    values: list[object] = []
    for opname, value in _instructions(code):
        match opname, value:
            case (("STORE_NAME" | "STORE_GLOBAL"), name):
                yield str(name), _source_of(values.pop(0)) if values else _UNKNOWN
            case name, _ if name.startswith("LOAD_CONST"):
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
            case name, _ if name not in _PASSED_OVER:
                values = []


def _source_of(value: object) -> str:
    # Of anything else, a file of few bytes may hold more than there is memory.
    plain = value is None or isinstance(value, str)
    names = isinstance(value, tuple | frozenset) and all(
        isinstance(each, str) for each in value
    )
    return repr(value) if plain or names else _UNKNOWN


def _is_row(values: list[object], count: object) -> bool:
    last = values[-1] if values else None
    return isinstance(last, tuple) and len(last) == count


def _are_rows(values: list[object]) -> bool:
    return (
        len(values) == 2
        and all(isinstance(each, tuple | frozenset) for each in values)
        and sum(len(each) for each in values) <= _MOST_NAMES  # type: ignore[misc, arg-type] # rows
    )
