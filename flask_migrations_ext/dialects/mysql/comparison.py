"""When definitions are the same to MySQL and MariaDB.

Both make indexes of their own for foreign keys, and call a unique constraint an
index. MariaDB also keeps JSON as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects.mysql import LONGTEXT

from ...operations.tables import AlterTable
from ...operations.tables import RebuildOptions
from ...schema.from_database import DatabaseReader
from ...schema.model import Column
from ...schema.model import Expression
from ...schema.model import Index
from ...schema.model import IndexPart
from ...schema.model import ServerDefault
from ...schema.model import SqlType
from ...schema.model import Table
from ...schema.model import TableName
from ...schema.model import Unique
from .. import default_text
from ..comparison import ComparisonRules
from ..types import resolved
from ..types import type_text
from ..types import TypeText
from .catalog import KeyIndexes
from .reader import MySQLReader
from .table_options import Collations
from .table_options import default_collations
from .table_options import Defaults
from .table_options import given_options
from .table_options import TableOptions
from .types import kept_form
from .types import MySQLType

_SIZES = (("TINY", 0xFF), ("", 0xFFFF), ("MEDIUM", 0xFFFFFF), ("LONG", 0xFFFFFFFF))
_BYTES_PER_CHARACTER = (1, 2, 3, 4)

# https://dev.mysql.com/doc/refman/8.4/en/string-literals.html
_ESCAPED = {
    "'": "''",
    **{"'": "''", "n": "\n", "r": "\r", "t": "\t"},
    **{"0": "\0", "b": "\b", "Z": "\x1a"},
}

_SORTED = re.compile(
    r"^(?:`(?P<quoted>[^`]+)`|(?P<plain>\w+))(?:\s+(?P<way>ASC|DESC))?$", re.IGNORECASE
)

# MariaDB adds it to a column of JSON.
_JSON_CHECK = re.compile(r" CHECK \(json_valid\(`c`\)\)$")


class MySQLComparison(ComparisonRules):
    """MySQL and MariaDB rename types, and index what foreign keys need."""

    reader: ClassVar[type[DatabaseReader]] = MySQLReader
    row_estimate: ClassVar[str | None] = (
        "SELECT table_rows FROM information_schema.tables"
        " WHERE table_schema = coalesce(:schema, DATABASE()) AND table_name = :name"
    )

    @cached_property
    def _defaults(self) -> Defaults:
        return default_collations(self.connection) if self.connection else {}

    @property
    def _escapes(self) -> bool:
        return bool(getattr(self.sa_dialect, "_backslash_escapes", True))

    def prepared(self, database: Table, model: Table | None) -> Table:
        """Return a table without the indexes that MySQL made by itself."""
        whole = None if model is None else self._whole(database, model)
        becomes = model if whole is not None and whole.recodes else None
        collations = Collations(
            self.sa_dialect, lambda: self._defaults, database, becomes
        )
        database = replace(
            database,
            columns=tuple(
                collations.compared(
                    _as_declared(self._without_escapes(each), model), model
                )
                for each in database.columns
            ),
        )
        table = super().prepared(database, model)
        if model is None:
            table = replace(table, options=tuple(self._own_options(database)))
        else:
            columns = [self._named_enum(each, model) for each in table.columns]
            table = replace(table, columns=tuple(columns), options=database.options)
            said = self._option(model, "comment")
            if said is not None and said == table.comment:
                table = replace(table, comment=model.comment)
        as_indexes = {
            each.name for each in (model.indexes if model else ()) if each.unique
        }
        # No constraint says how much of a text is to be unique.
        as_indexes |= {
            each.name for each in table.indexes if each.unique and each.options
        }
        uniques = {each.name for each in table.of_kind(Unique)} - as_indexes
        of_keys = KeyIndexes(table, model)

        return replace(
            table,
            constraints=tuple(
                each
                for each in table.constraints
                if not isinstance(each, Unique) or each.name in uniques
            ),
            indexes=tuple(
                each
                for each in table.indexes
                if each.name not in uniques and not of_keys.has(each)
            ),
        )

    def _whole(self, database: Table, model: Table) -> TableOptions:
        return TableOptions(database, model, self.sa_dialect, self._defaults)

    def options_changed(self, database: Table, model: Table) -> AlterTable | None:
        """Return what gives a table the engine, … that its model says."""
        whole = self._whole(database, model)
        if not whole.becomes():
            return None

        options = RebuildOptions(table_options=whole.becomes(), was_options=whole.was())
        return AlterTable(model.name, (), options)

    def _own_options(self, table: Table) -> Iterator[tuple[str, Any]]:
        """Yield what a table has otherwise than one that says nothing of it."""
        for name, usual in self._usual_options.items():
            said = self._option(table, name)
            if said and said != usual:
                yield f"{self.sa_dialect.name}_{name}", said
        yield from given_options(table, self.sa_dialect)

    @cached_property
    def _usual_options(self) -> Mapping[str, str]:
        if self.connection is None:
            return {}

        query = sa.text("SELECT @@collation_database, @@default_storage_engine")
        collation, engine = self.connection.execute(query).one()
        return {"collate": collation, "engine": engine}

    def _option(self, table: Table, name: str) -> Any:
        return dict(table.options).get(f"{self.sa_dialect.name}_{name}")

    def _named_enum(self, column: Column, model: Table) -> Column:
        """Return an enum column with the name that the models have for its type."""
        element = column.type.element
        if not isinstance(element, sa.Enum):
            return column
        wanted = model.column(column.name)
        enum = self.enum_of(wanted.type) if wanted is not None else None
        if enum is None:
            return column

        collation = getattr(element, "collation", None)
        kind: Any = sa.Enum if collation is None else mysql.ENUM
        said = {} if collation is None else {"collation": collation}
        named = kind(*element.enums, name=enum.name, schema=enum.schema, **said)
        return replace(column, type=SqlType.of(named))

    def _generic(
        self, element: sa.types.TypeEngine[Any]
    ) -> sa.types.TypeEngine[Any] | None:
        if getattr(element, "unsigned", False) or getattr(element, "zerofill", False):
            return None
        text = type_text(element, self.sa_dialect)
        if text is None:
            return None
        if self.form(text).name == "BOOL":
            return sa.Boolean()
        if isinstance(element, sa.Double):
            return sa.Double()
        if isinstance(element, sa.Integer | sa.Float):
            return type(element.as_generic())()

        return super()._generic(element)

    def loose(self, text: str) -> str:
        """Return SQL without what a server adds, with the characters it means."""
        return super().loose(_unescaped(text) if self._escapes else text)

    def same_index_options(self, found: Index, wanted: Index, table: TableName) -> bool:
        """Return whether kind and the lengths of prefixes are the same."""
        return self._index_kind(found) == self._index_kind(wanted) and (
            self._lengths(found) == self._lengths(wanted)
        )

    def _index_kind(self, index: Index) -> str:
        return str(self.option(index, "prefix") or "").upper()

    def _lengths(self, index: Index) -> dict[str, int]:
        said: Any = self.option(index, "length")
        if self._index_kind(index) or not said:
            return {}
        if not isinstance(said, Mapping):
            said = dict.fromkeys(index.columns, said)

        # One that is as long as its column is none.
        columns = index.element.columns if index.element is not None else ()
        whole = {each.name: getattr(each.type, "length", None) for each in columns}
        return {name: each for name, each in said.items() if each != whole.get(name)}

    def can_compute(self, found: Column, wanted: Column) -> bool:
        """Return whether none of the values are made when they are asked for."""
        return not any(
            each.computed is not None and not each.computed.persisted
            for each in (found, wanted)
        )

    def same_default(self, database: Column, model: Column) -> bool:
        """Return whether two columns have the same server default."""
        return super().same_default(database, self._without_escapes(model))

    def _without_escapes(self, column: Column) -> Column:
        """Return a column whose default says a backslash once, as standard SQL does."""
        default = column.default
        if default is None or default.literal:
            return column

        text = default.expression.sql(self.write)
        if "\\" not in text:
            return column

        return replace(column, default=ServerDefault(Expression(_unescaped(text))))

    def same_default_text(self, found: str, wanted: str, model: Column) -> bool:
        """Return whether the server keeps a default as what was found."""
        element = resolved(model.type.element, self.sa_dialect)
        text = type_text(element, self.sa_dialect)
        if self.connection is None or text is None:
            return False

        kept = self._kept_default(f"c {text} DEFAULT ({wanted})")
        return kept is not None and default_text.loose(kept) == default_text.loose(
            found
        )

    def _kept_default(self, column: str) -> str | None:
        # SQLAlchemy does not read a default that is an expression.
        shown = self._shown(f"({column})")
        found = re.search(r"^ +`c` .*? DEFAULT (.*)$", shown or "", re.MULTILINE)
        return _unescaped(_JSON_CHECK.sub("", found[1])) if found else None

    def _shown(self, definition: str) -> str | None:
        """Return what the server keeps of a table; None if it would not make it."""
        # A temporary table commits nothing, and nobody else sees it.
        assert self.connection is not None
        run = self.connection.exec_driver_sql
        try:
            run(f"CREATE TEMPORARY TABLE _asked {definition}".replace("%", "%%"))
        except sa.exc.DBAPIError:
            return None

        try:
            return str(run("SHOW CREATE TABLE _asked").one()[1])
        finally:
            run("DROP TEMPORARY TABLE _asked")

    def form(self, text: str) -> TypeText:
        """Return the parts of a type, under the name that the server gives it."""
        if text not in self._forms:
            self._forms[text] = kept_form(MySQLType.parse(text, escapes=self._escapes))

        return self._forms[text]

    @cached_property
    def _forms(self) -> dict[str, TypeText]:
        # A thousand tables have some dozens of types.
        return {}

    def same_index(self, found: Index, wanted: Index, table: TableName) -> bool:
        """Return whether two indexes are the same, also in what they descend by."""
        pairs = list(zip(found.parts, wanted.parts, strict=False))
        if any(not self._same_part(one, other) for one, other in pairs):
            return False

        return super().same_index(found, wanted, table)

    def _same_part(self, found: IndexPart, wanted: IndexPart) -> bool:
        one, other = self._sorted(found), self._sorted(wanted)
        if one is None or other is None:
            return True

        return one == other if self.keeps_order else one[0] == other[0]

    def _sorted(self, part: IndexPart) -> tuple[str, bool] | None:
        """Return a column and whether an index descends by it; None: no column."""
        if isinstance(part, str):
            return part.lower(), False

        said = _SORTED.match(part.sql(self.write))
        if said is None:
            return None

        name = said["quoted"] or said["plain"]
        return name.lower(), (said["way"] or "").upper() == "DESC"

    @property
    def keeps_order(self) -> bool:
        """Whether indexes descend, and it can be read that they do."""
        return False

    def same_form(self, found: TypeText, wanted: TypeText) -> bool:
        """Return whether two types are the same, with sizes as MySQL rounds them.

        What ``prepared`` leaves of a collation is another than the model's.
        """
        if found.collation is not None and found.collation != wanted.collation:
            return False
        if wanted.name in ("TEXT", "BLOB") and wanted.arguments:
            length = int(wanted.arguments[0])
            sizes = set(_sized(wanted.name, length))
            return found == wanted or found.name in sizes

        return super().same_form(found, wanted)


class MariaDBComparison(MySQLComparison):
    """MariaDB knows JSON as text with a check, and can be asked how it keeps one."""

    def same_expression(self, found: str, wanted: Expression, table: TableName) -> bool:
        """Return whether MariaDB keeps an expression as what was found."""
        text = wanted.sql(self.write)
        if self.loose(found) == self.loose(text):
            return True

        kept = self.kept_condition(text, table)
        return kept is None or self.loose(kept) == self.loose(found)

    def kept_condition(self, text: str, table: TableName) -> str | None:
        """Return a condition as the server keeps it."""
        if self.connection is None:
            return None

        source = self.dialect.table_text(table)
        shown = self._shown(
            f"(CONSTRAINT _c CHECK ({text})) SELECT * FROM {source} LIMIT 0"
        )
        found = re.search(r"CONSTRAINT `_c` CHECK \((.*)\)", shown or "")
        return found[1] if found else None

    @property
    def keeps_order(self) -> bool:
        """Whether indexes descend, and it can be read that they do."""
        version: tuple[int, ...] = getattr(self.sa_dialect, "server_version_info", ())
        return tuple(version or ()) >= (10, 8)

    def _generic(
        self, element: sa.types.TypeEngine[Any]
    ) -> sa.types.TypeEngine[Any] | None:
        if isinstance(element, LONGTEXT) and element.collation == "utf8mb4_bin":
            return sa.JSON()

        return super()._generic(element)

    def same_form(self, found: TypeText, wanted: TypeText) -> bool:
        """Return whether two types are the same; JSON is LONGTEXT."""
        if {found.name, wanted.name} == {"JSON", "LONGTEXT"}:
            return True

        return super().same_form(found, wanted)


def _as_declared(column: Column, model: Table | None) -> Column:
    """Return a column without an ``ON UPDATE`` that no model could say otherwise."""
    wanted = model.column(column.name) if model is not None else None
    default = column.default
    alone = default is not None and default.expression.text.startswith("NULL ON UPDATE")
    if alone and wanted is not None and wanted.default is None:
        return replace(column, default=None)

    return column


def _sized(name: str, length: int) -> Iterator[str]:
    # A length counts characters, and the character set is that of the table.
    for width in _BYTES_PER_CHARACTER if name == "TEXT" else (1,):
        yield next(size for size, most in _SIZES if length * width <= most) + name


def _unescaped(text: str) -> str:
    return re.sub(
        r"\\(.)",
        lambda found: _ESCAPED.get(found[1], found[1]),
        text,
        flags=re.DOTALL,
    )
