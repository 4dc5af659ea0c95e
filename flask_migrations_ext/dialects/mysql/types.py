"""The types of columns as MySQL and MariaDB write them, read as they read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from ..types import TypeText

_TYPE = re.compile(
    r"\s*(?P<name>[A-Za-z]\w*(?:\s+(?:VARYING|PRECISION|VARCHAR|CHAR)\b)?)"
    r"\s*(?:\((?P<arguments>(?:'(?:[^'\\]|''|\\.)*'|[^')])*)\))?(?P<rest>.*)$",
    re.DOTALL | re.IGNORECASE,
)
_STRING = re.compile(r"'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_CHARSET = re.compile(r"\b(?:CHARACTER SET|CHARSET)\s+(\w+)", re.IGNORECASE)
_COLLATE = re.compile(r"\bCOLLATE\s+[`'\"]?(\w+)[`'\"]?", re.IGNORECASE)
_ESCAPE = re.compile(r"''|\\(.)", re.DOTALL)

# https://dev.mysql.com/doc/refman/8.4/en/string-literals.html
_MEANT = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "b": "\b", "Z": "\x1a"}
_CHARSET_WORDS = frozenset({"ascii", "unicode", "binary"})
_TIMED = (mysql.DATETIME, mysql.TIME, mysql.TIMESTAMP)


@dataclass(frozen=True)
class MySQLType:
    """A type by its parts: ``enum('a','b')``, ``int(10) unsigned``.

    The name and the words after it have lower case; strings are values.
    """

    name: str
    arguments: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    charset: str | None = None
    collation: str | None = None

    @classmethod
    def parse(cls, text: str, *, escapes: bool = True) -> MySQLType:
        """Return the parts of a type.

        :param escapes: whether the server reads a backslash as one.
        """
        found = _TYPE.match(text)
        assert found is not None, text
        arguments, rest = found["arguments"] or "", found["rest"]
        strings = [string_value(each, escapes) for each in _STRING.findall(arguments)]
        charset, collation = _CHARSET.search(rest), _COLLATE.search(rest)
        words = _COLLATE.sub(" ", _CHARSET.sub(" ", rest)).lower().split()
        return cls(
            " ".join(found["name"].lower().split()),
            tuple(strings or (each.strip() for each in arguments.split(",") if each)),
            frozenset(words),
            charset[1].lower() if charset else None,
            collation[1].lower() if collation else None,
        )

    def element(self, kinds: Mapping[str, Any]) -> sa.types.TypeEngine[Any]:
        """Return SQLAlchemy's type.

        :param kinds: its classes, by name.
        """
        kind = kinds.get(self.name)
        if kind is None:
            return sa.types.NullType()

        keywords: dict[str, Any] = {
            word: True for word in ("unsigned", "zerofill") if word in self.words
        }
        said = {"charset": self.charset, "collation": self.collation}
        keywords.update({name: value for name, value in said.items() if value})
        if issubclass(kind, mysql.ENUM | mysql.SET):
            if issubclass(kind, mysql.SET) and "" in self.arguments:
                keywords["retrieve_as_bitwise"] = True
            made = kind(*self.arguments, **keywords)
        else:
            numbers = [int(each) for each in self.arguments]
            if numbers and issubclass(
                kind, mysql.DATETIME | mysql.TIME | mysql.TIMESTAMP
            ):
                keywords["fsp"] = numbers.pop(0)
            made = kind(*numbers, **keywords)

        return made  # type: ignore[no-any-return]  # of a class known at run time only

    @property
    def says_charset(self) -> bool:
        """Whether a character set or collation is said, in full or by a short word."""
        said = self.charset or self.collation or self.words & _CHARSET_WORDS
        return bool(said) or self.is_national

    @property
    def is_national(self) -> bool:
        """Whether the name of the type says the character set: ``NCHAR``."""
        return self.name.startswith("national") or self.name in ("nchar", "nvarchar")

    def collated(self, charset: str | None, collation: str | None) -> MySQLType:
        """Return the type with this character set and collation."""
        return replace(self, charset=charset, collation=collation)


def with_meant_values(
    element: sa.types.TypeEngine[Any], escapes: bool
) -> sa.types.TypeEngine[Any]:
    """Return a type that SQLAlchemy has read, without the server's escapes."""
    if not isinstance(element, mysql.ENUM | mysql.SET):
        return element

    values = element.enums if isinstance(element, mysql.ENUM) else element.values
    if not escapes or not any("\\" in each for each in values):
        return element

    return type(element)(
        *(string_value(each) for each in values),
        charset=element.charset,
        collation=element.collation,
    )


def string_value(text: str, escapes: bool = True) -> str:
    """Return the value of a string, which is given without its quotes."""

    def meant(found: re.Match[str]) -> str:
        if found[1] is None:
            return "'"

        return _MEANT.get(found[1], found[1]) if escapes else found[0]

    return _ESCAPE.sub(meant, text)


_INTEGERS = ("INT", "INTEGER", "BIGINT", "SMALLINT", "MEDIUMINT", "TINYINT")
_OF_BYTES = {
    **{"CHAR": "BINARY", "VARCHAR": "VARBINARY", "TEXT": "BLOB"},
    **{f"{size}TEXT": f"{size}BLOB" for size in ("TINY", "MEDIUM", "LONG")},
}


def kept_form(said: MySQLType) -> TypeText:
    """Return a type under the name that the server gives it."""
    form = TypeText(said.name.upper(), said.arguments, collation=said.collation)
    if said.charset == "binary" and form.name in _OF_BYTES:
        form = form.renamed(_OF_BYTES[form.name], *form.arguments)

    return _as_kept(form, _number_words(said))


def _as_kept(form: TypeText, words: str) -> TypeText:
    """Return a type as the server keeps it; ``words`` follow the name of a number."""
    name, arguments = form.name, form.arguments
    if name in ("BOOL", "BOOLEAN") or (name == "TINYINT" and arguments == ("1",)):
        return form.renamed(f"TINYINT {words}" if words else "BOOL")
    if name in _INTEGERS:
        # The display width means nothing, and newer servers do not keep it.
        return form.renamed(f"{'INTEGER' if name == 'INT' else name} {words}".strip())
    if name in ("NUMERIC", "DECIMAL", "DEC", "FIXED"):
        precision, scale = (*arguments, "0", "0")[:2]
        precision = precision if arguments else "10"
        return form.renamed(f"DECIMAL {words}".strip(), precision, scale)
    if name == "FLOAT" and len(arguments) == 1:
        exact = int(arguments[0]) > 24
        return form.renamed(f"{'DOUBLE' if exact else 'FLOAT'} {words}".strip())
    if name in ("DOUBLE PRECISION", "REAL", "DOUBLE", "FLOAT"):
        kept = "FLOAT" if name == "FLOAT" else "DOUBLE"
        return form.renamed(f"{kept} {words}".strip(), *arguments)
    if name.startswith("NATIONAL ") or name in ("NVARCHAR", "NCHAR"):
        name = name.split()[-1].lstrip("N")
    if name in ("CHAR", "BINARY", "BIT") and not arguments:
        return form.renamed(name, "1")
    if name == "YEAR":
        return form.renamed("YEAR", *(each for each in arguments if each != "4"))
    if name in ("TIME", "DATETIME", "TIMESTAMP") and arguments == ("0",):
        return form.renamed(name)
    if name in ("ENUM", "SET"):
        return form.renamed(name, *(each.rstrip(" ") for each in arguments))

    return form.renamed(name, *arguments)


def _number_words(said: MySQLType) -> str:
    # What is filled with zeros has no sign, whether that is said or not.
    zerofill = "zerofill" in said.words
    unsigned = zerofill or "unsigned" in said.words
    return " ".join(["UNSIGNED"] * unsigned + ["ZEROFILL"] * zerofill)
