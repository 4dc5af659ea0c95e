"""Which collation a column has, whoever says it: the column, its table or a short word.

A server repeats only what differs from the table, and a model says it in one of many
ways; both are compared by the collation that the values have.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect as SADialect

from ...schema.model import Column
from ...schema.model import SqlType
from ...schema.model import Table
from ..types import resolved
from ..types import type_text
from .types import MySQLType

Defaults = Mapping[str, str]
"""The collation of each character set."""

_DEFAULTS = """
SELECT character_set_name, default_collate_name FROM information_schema.character_sets
"""

_SHORT = {"ascii": "latin1", "unicode": "ucs2"}
"""Words that stand for a character set."""


class Collations:
    """The collations of one table of a database, against those of its model.

    :param defaults: returns those of character sets; it is asked where needed.
    """

    def __init__(
        self, sa_dialect: SADialect, defaults: Callable[[], Defaults], table: Table
    ) -> None:
        self.sa_dialect = sa_dialect
        self._defaults = defaults
        options = dict(table.options)
        charset = options.get(f"{sa_dialect.name}_default charset")
        said = options.get(f"{sa_dialect.name}_collate")
        self._table = _one_name(said) if said else self._default(charset)

    def compared(self, column: Column, model: Table | None) -> Column:
        """Return a column with its collation, if the model wants another one.

        Where both have the same, or that cannot be told, it comes without.
        """
        wanted = model.column(column.name) if model is not None else None
        if wanted is None or not isinstance(column.type.element, sa.String):
            return column

        plain = resolved(wanted.type.element, self.sa_dialect)
        if not isinstance(plain, sa.String):
            return column
        if not _says_any(column.type.element) and not _says_any(plain):
            return column

        found, asked = self._of(column.type.element), self._of(plain)
        differs = found != asked and found is not None and asked is not None
        element = _collated(column.type.element, found if differs else None)
        if element is column.type.element:
            return column

        return replace(column, type=SqlType.of(element))

    def _of(self, element: sa.types.TypeEngine[Any]) -> str | None:
        text = type_text(element, self.sa_dialect)
        if text is None:
            return None

        said = MySQLType.parse(text)
        charset = said.charset or next(
            (_SHORT[word] for word in _SHORT if word in said.words), None
        )
        if said.is_national:
            charset = "utf8mb3"
        if said.collation:
            return _one_name(said.collation)
        if "binary" in said.words:
            charset = charset or (self._table or "").partition("_")[0] or None
            return charset and _one_name(f"{charset}_bin")

        return self._default(charset) if charset else self._table

    def _default(self, charset: str | None) -> str | None:
        return self._defaults().get(_one_name(charset)) if charset else None


def default_collations(connection: sa.Connection) -> Defaults:
    """Return the collation that each character set has where none is said."""
    return {
        _one_name(charset): _one_name(collation)
        for charset, collation in connection.execute(sa.text(_DEFAULTS))
    }


def _says_any(element: sa.types.TypeEngine[Any]) -> bool:
    # A class of the user's may say what its attributes do not.
    if not type(element).__module__.startswith("sqlalchemy."):
        return True

    return isinstance(element, sa.NVARCHAR | sa.NCHAR) or any(
        getattr(element, name, None) for name in _ARGUMENTS
    )


_ARGUMENTS = ("charset", "collation", "ascii", "unicode", "binary", "national")


def _one_name(name: str) -> str:
    # https://mariadb.com/kb/en/old-mode/: utf8 is the older name of utf8mb3.
    charset, mark, rest = name.lower().partition("_")
    return f"{'utf8mb3' if charset == 'utf8' else charset}{mark}{rest}"


def _collated(
    element: sa.types.TypeEngine[Any], collation: str | None
) -> sa.types.TypeEngine[Any]:
    said: Any = element
    if getattr(said, "charset", None) is None and said.collation == collation:
        return element
    if isinstance(element, mysql.ENUM):
        return mysql.ENUM(*element.enums, name=element.name, collation=collation)

    made: Any = copy.copy(element)
    made.charset, made.collation = None, collation
    return made  # type: ignore[no-any-return]  # a copy of a TypeEngine[Any]
