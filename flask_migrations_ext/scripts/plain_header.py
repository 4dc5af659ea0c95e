"""Headers in the plain form that nearly all files have, read without a parser.

A docstring, imports, and the variables with names written out. What is read here is
what the parser would read; of anything else, nothing is said here.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import NamedTuple

Value = str | tuple[str, ...] | None


class PlainHeader(NamedTuple):
    """The docstring of a file, and what it assigns to the variables."""

    doc: str
    values: dict[str, Value]


VARIABLES = ("revision", "down_revision", "branch_labels", "depends_on")

_TEXT = r"""(?:'[^'\\\n]*'|"[^"\\\n]*")"""
# A single text in parentheses is a text; with a comma, it is a tuple.
_TUPLE = rf"\(\s*(?:(?:{_TEXT}\s*,\s*)+(?:{_TEXT}\s*)?)?\)"
_LIST = rf"\[\s*(?:{_TEXT}\s*,\s*)*(?:{_TEXT}\s*)?\]"
_EMPTY = r"[ \t\f]*(?:\#[^\n]*)?\n"
_DOCSTRING = re.compile(
    rf'(?:{_EMPTY})*(?:"""((?:[^"\\]|"(?!""))*)"""(?:{_EMPTY})+)?', re.VERBOSE
)
_LINES = re.compile(
    rf"""
    (?: (?P<imports>(?:(?:import|from)[ ][\w., ]+\n)+)
      | (?P<name>{"|".join(VARIABLES)})
        (?:[ ]?:[ ]?(?P<annotation>[\w.\[\], |]+?))?
        [ ]?=[ ]?
        (?P<value>None|{_TEXT}|{_TUPLE}|{_LIST}){_EMPTY}
    )
    (?:{_EMPTY})*
    """,
    re.VERBOSE,
)
_STRING = re.compile(_TEXT)
_CODING = re.compile(rb"\A(?:[^\n]*\n)?[^\n]*coding[:=]")


def plain_header(head: bytes) -> PlainHeader | None:
    """Return what the top of a file says, if all of it is in the plain form.

    :param head: whole lines, with plain line ends.
    """
    if b"\0" in head or _CODING.match(head):
        return None

    try:
        text = head.decode()
    except UnicodeDecodeError:
        return None

    start = _DOCSTRING.match(text)
    assert start is not None  # it may be empty
    position, values = start.end(), dict[str, Value]()

    while position < len(text):
        lines = _LINES.match(text, position)
        if lines is None:
            return None
        position = lines.end()
        imports, name, annotation, value = lines.groups()
        if name is None:
            if not _are_imports(imports):
                return None
        elif annotation and not _is_annotation(annotation):
            return None
        else:
            values[name] = _value(value)

    return PlainHeader((start[1] or "").strip(), values)


def _value(written: str) -> Value:
    if written == "None":
        return None

    if written[0] in "([":
        return tuple(each[1:-1] for each in _STRING.findall(written))

    return written[1:-1]


# The same few lines stand in all files of a folder.
@lru_cache(maxsize=1024)
def _are_imports(lines: str) -> bool:
    return all(
        isinstance(each, ast.Import | ast.ImportFrom)
        and {alias.asname or alias.name for alias in each.names}.isdisjoint(VARIABLES)
        for each in _statements(lines)
    )


@lru_cache(maxsize=1024)
def _is_annotation(text: str) -> bool:
    return all(
        isinstance(each, ast.AnnAssign) for each in _statements(f"x: {text} = 1")
    )


def _statements(lines: str) -> list[ast.stmt | None]:
    try:
        return [*ast.parse(lines).body]
    except (SyntaxError, ValueError):
        return [None]
