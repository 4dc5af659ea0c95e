"""SQL text that several databases are told, each in its own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles

# As SQLAlchemy takes the backslash before a colon away again.
_ESCAPED = re.compile(r"\\(:[\w$]*)(?![:\w$])")


def escaped(text: str) -> str:
    """Return text for ``sqlalchemy.text()``: a colon is only a colon."""
    return text.replace(":", "\\:")


def unescaped(text: str) -> str:
    """Return what a database is told of the text of ``sqlalchemy.text()``."""
    return _ESCAPED.sub(r"\1", text)


class SqlText(sa.TextClause):
    """Text without parameters, and what certain databases are told instead of it.

    :param others: by the names of SQLAlchemy's dialects. What MySQL is told, MariaDB
        is told, too.
    """

    inherit_cache = False

    def __init__(self, text: str, others: Mapping[str, str]) -> None:
        super().__init__(escaped(text))
        self.plain = text
        self.others = dict(others)

    def said_to(self, dialect: Dialect) -> str:
        """Return the text for the databases of a dialect."""
        # A dialect that another one is the base of is told what that one is.
        names = [vars(kind).get("name") for kind in type(dialect).__mro__]
        return next(
            (self.others[name] for name in names if name in self.others), self.plain
        )


class RawType(sa.types.UserDefinedType[Any]):
    """A type by its text, for what no class at hand makes."""

    cache_ok = True

    def __init__(self, text: str) -> None:
        self.text = text

    def get_col_spec(self, **_: Any) -> str:
        """Return the text."""
        return self.text


@compiles(SqlText)
def _compile(element: SqlText, compiler: Any, **keywords: Any) -> str:
    said = sa.text(escaped(element.said_to(compiler.dialect)))
    text: str = compiler.process(said, **keywords)
    return text
