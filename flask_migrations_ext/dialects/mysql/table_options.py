"""What a table is as a whole: its engine, how its rows are kept, and its collation,
which columns have that say none.

Only what a model says is compared, and of that only what a server tells again. A server
repeats of columns only what differs from the table, and a model says it in one of many
ways; both are compared by the collation that the values have.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect as SADialect

from ...schema.model import Column
from ...schema.model import Options
from ...schema.model import SqlType
from ...schema.model import Table
from ..types import resolved
from ..types import type_text
from .types import MySQLType

_CHARSETS = ("charset", "default_charset", "character_set", "default_character_set")
_COLLATIONS = ("collate", "default_collate")
_ABSENT = {
    **{"row_format": "DEFAULT", "key_block_size": "0"},
    **dict.fromkeys(("avg_row_length", "max_rows", "min_rows"), "0"),
}
"""Those that are told of a table that was given them, and what takes each away."""


def one_name(name: str) -> str:
    """Return a character set or collation under the one name of several it has.

    https://mariadb.com/kb/en/old-mode/: utf8 is the older name of utf8mb3.
    """
    charset, mark, rest = name.lower().partition("_")
    return f"{'utf8mb3' if charset == 'utf8' else charset}{mark}{rest}"


def collation_of(
    table: Table, sa_dialect: SADialect, defaults: Mapping[str, str]
) -> str | None:
    """Return the collation that a table says, or its character set does; else None."""
    said = _said(table, sa_dialect)
    for name in _COLLATIONS:
        if name in said:
            return one_name(said[name])

    charset = _charset(said)
    return defaults.get(charset) if charset is not None else None


def given_options(table: Table, sa_dialect: SADialect) -> Options:
    """Return what a table of the database was given beside engine and collation."""
    given = {*(f"{sa_dialect.name}_{name}" for name in _ABSENT)}
    return tuple(each for each in table.options if each[0] in given)


class TableOptions:
    """The options in which a table of the database differs from its model.

    :param defaults: the collation that each character set has by itself.
    """

    def __init__(
        self,
        database: Table,
        model: Table,
        sa_dialect: SADialect,
        defaults: Mapping[str, str],
    ) -> None:
        self._name = sa_dialect.name
        self._found = _said(database, sa_dialect)
        self._wanted = _said(model, sa_dialect)
        self._collation = collation_of(database, sa_dialect, defaults)
        self.recodes = self._is_recoded()
        """Whether the collation becomes another one."""

    def becomes(self) -> Options:
        """Return what the model says otherwise than the database."""
        changed = {*self._changed()}
        if self.recodes:
            changed |= {*_CHARSETS, *_COLLATIONS}

        return self._named(
            {name: said for name, said in self._wanted.items() if name in changed}
        )

    def was(self) -> Options:
        """Return what undoes it."""
        was = {
            name: self._found.get(name, _ABSENT.get(name, ""))
            for name in self._changed()
        }
        if self.recodes and self._collation is not None:
            was["collate"] = self._collation

        return self._named(was)

    def _changed(self) -> Iterator[str]:
        for name in ("engine", *_ABSENT):
            said = self._wanted.get(name)
            found = self._found.get(name, _ABSENT.get(name))
            if said is not None and found and said.lower() != found.lower():
                yield name

    def _is_recoded(self) -> bool:
        if self._collation is None:
            return False

        for name in _COLLATIONS:
            if name in self._wanted:
                return one_name(self._wanted[name]) != self._collation

        charset = _charset(self._wanted)
        return charset is not None and charset != self._collation.partition("_")[0]

    def _named(self, said: Mapping[str, str]) -> Options:
        return tuple((f"{self._name}_{name}", said[name]) for name in sorted(said))


def options_text(options: Options, sa_dialect: SADialect) -> str:
    """Return options as they stand in ``CREATE TABLE`` and ``ALTER TABLE``."""
    table = sa.Table("t", sa.MetaData(), **dict(options))
    compiler: Any = sa_dialect.ddl_compiler
    return str(compiler(sa_dialect, None).post_create_table(table))


def _charset(said: Mapping[str, str]) -> str | None:
    return next((one_name(said[each]) for each in _CHARSETS if each in said), None)


def _said(table: Table, sa_dialect: SADialect) -> dict[str, str]:
    prefix = f"{sa_dialect.name}_"
    return {
        name.removeprefix(prefix).lower().replace(" ", "_"): str(value)
        for name, value in table.options
        if name.startswith(prefix) and value is not None
    }


# -- columns -----------------------------------------------------------------

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
    :param becomes: what the table is to become, if it is to become another.
    """

    def __init__(
        self,
        sa_dialect: SADialect,
        defaults: Callable[[], Defaults],
        table: Table,
        becomes: Table | None = None,
    ) -> None:
        self.sa_dialect = sa_dialect
        self._defaults = defaults
        self._table = collation_of(table, sa_dialect, defaults())
        self._asked = self._table
        if becomes is not None:
            self._asked = collation_of(becomes, sa_dialect, defaults())

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
        silent = not _says_any(column.type.element) and not _says_any(plain)
        if silent and self._table == self._asked:
            return column

        found = self._of(column.type.element, self._table)
        asked = self._of(plain, self._asked)
        differs = found != asked and found is not None and asked is not None
        element = _collated(column.type.element, found if differs else None)
        if element is column.type.element:
            return column

        return replace(column, type=SqlType.of(element))

    def _of(
        self, element: sa.types.TypeEngine[Any], of_table: str | None
    ) -> str | None:
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
            return one_name(said.collation)
        if "binary" in said.words:
            charset = charset or (of_table or "").partition("_")[0] or None
            return charset and one_name(f"{charset}_bin")

        return self._default(charset) if charset else of_table

    def _default(self, charset: str | None) -> str | None:
        return self._defaults().get(one_name(charset)) if charset else None


def default_collations(connection: sa.Connection) -> Defaults:
    """Return the collation that each character set has where none is said."""
    return {
        one_name(charset): one_name(collation)
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
