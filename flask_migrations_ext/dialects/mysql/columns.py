"""A column of MySQL or MariaDB as its definition says it. Pure text: no database.

``MODIFY`` wants all of a definition and loses what is left out. The server's own
text, ``SHOW CREATE TABLE``, holds all of it, also what reflection does not know: so
an alteration replaces the parts that change and repeats the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass

from ...errors import NotInTable

_TOKEN = re.compile(
    r"""
      (?P<space>   \s+ )
    | (?P<quoted>  '(?:[^'\\]|\\.|'')*' | `(?:[^`]|``)*` | "(?:[^"\\]|\\.|"")*" )
    | (?P<hidden>  /\*.*?\*/ )
    | (?P<word>    [\w$.@]+ )
    | (?P<other>   . )
    """,
    re.VERBOSE | re.DOTALL,
)

# The words that a part of a definition begins with, and the name of that part. A
# part lasts until the next such word; what a DEFAULT says may hold some of them.
_BEGINS: Mapping[tuple[str, ...], str] = {
    ("CHARACTER", "SET"): "charset",
    ("CHARSET",): "charset",
    ("COLLATE",): "collation",
    ("GENERATED",): "generated",
    ("AS",): "generated",
    ("NOT", "NULL"): "null",
    ("NULL",): "null",
    ("DEFAULT",): "default",
    ("ON", "UPDATE"): "on update",
    ("AUTO_INCREMENT",): "autoincrement",
    ("COMMENT",): "comment",
    ("CHECK",): "check",
    ("CONSTRAINT",): "check",
    ("INVISIBLE",): "invisible",
    ("VISIBLE",): "invisible",
    ("COMPRESSED",): "compressed",
    ("WITHOUT", "SYSTEM"): "versioning",
    ("WITH", "SYSTEM"): "versioning",
    ("REFERENCES",): "references",
    ("SRID",): "srid",
    ("REF_SYSTEM_ID",): "srid",
}

# The order in which both servers read the parts.
_ORDER = (
    "type",
    "charset",
    "collation",
    "generated",
    "hidden",
    "compressed",
    "null",
    "invisible",
    "versioning",
    "default",
    "on update",
    "autoincrement",
    "srid",
    "comment",
    "check",
    "references",
)


@dataclass(frozen=True)
class ColumnDefinition:
    """The parts of a column's definition, without its name, each by its text."""

    parts: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> ColumnDefinition:
        """Return the definition in a text such as ``int(11) NOT NULL``."""
        parts: dict[str, str] = {}
        for part, piece in _pieces(text):
            parts[part] = f"{parts[part]} {piece}" if part in parts else piece

        return cls(tuple(parts.items()))

    def __getitem__(self, part: str) -> str | None:
        """Return the text of a part, or None."""
        return dict(self.parts).get(part)

    def replaced(self, changes: Mapping[str, str | None]) -> ColumnDefinition:
        """Return the definition with some parts said otherwise, or left out."""
        parts = {**dict(self.parts), **changes}
        return ColumnDefinition(
            tuple((part, text) for part, text in parts.items() if text is not None)
        )

    def __str__(self) -> str:
        return " ".join(
            text for _, text in sorted(self.parts, key=lambda each: _rank(each[0]))
        )


def definition_in(create_table: str, table: str, column: str) -> ColumnDefinition:
    """Return the definition of a column in a text of ``SHOW CREATE TABLE``.

    :raises NotInTable: if the table has no such column.
    """
    found: dict[str, str] = {}
    for line in _lines(create_table):
        named = _COLUMN_LINE.match(line)
        if named:
            name = named["name"].replace(named["quote"] * 2, named["quote"])
            found[name.lower()] = line[named.end() :]

    # Names of columns do not tell upper case from lower case.
    if column.lower() not in found:
        raise NotInTable(table, f"column '{column}'", tuple(found))

    return ColumnDefinition.parse(found[column.lower()])


_COLUMN_LINE = re.compile(r"\s*(?P<quote>[`\"])(?P<name>(?:(?!\1).|\1\1)*)\1\s+")


def _lines(create_table: str) -> Iterator[str]:
    # The server puts each column on a line of its own; a string may hold a newline
    # only as \n.
    inside = create_table.partition("(\n")[2]
    for line in inside.split("\n"):
        if line.startswith(")"):
            return

        yield line.removesuffix(",")


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield each stretch of a definition with the part that it belongs to."""
    tokens = [
        (str(found.lastgroup), found.group())
        for found in _TOKEN.finditer(text)
        if found.lastgroup != "space"
    ]
    words = [token.upper() if kind == "word" else "" for kind, token in tokens]
    starts = [found.start() for found in _TOKEN.finditer(text) if found.group().strip()]
    part, begin, depth = "type", 0, 0
    operand = False
    for at, (kind, token) in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth or token == ")" or operand:
            # After DEFAULT and COMMENT comes a value, whatever its word.
            operand = False
            continue

        new = "hidden" if kind == "hidden" else _part_at(words, at)
        if new is None:
            continue

        if at > begin:
            yield part, text[starts[begin] : starts[at]].strip()
        part, begin = new, at
        operand = new in ("default", "comment", "generated")

    if tokens:
        yield part, text[starts[begin] :].strip()


def _part_at(words: list[str], at: int) -> str | None:
    for begins, part in _BEGINS.items():
        if tuple(words[at : at + len(begins)]) == begins:
            return part

    return None


def _rank(part: str) -> int:
    return _ORDER.index(part)
