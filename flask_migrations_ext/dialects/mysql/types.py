"""The types of columns as MySQL and MariaDB write them, read as they read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

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
