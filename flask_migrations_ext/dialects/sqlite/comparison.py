"""When definitions are the same to SQLite, and what reads them from a database.

Types are the same by their name, or else by affinity. What the pragmas of SQLite say
is taken from them, for all tables at once, in a fixed number of statements; the rest,
as the names of constraints and their conditions, is read from the tables' texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any
from typing import ClassVar

import sqlalchemy as sa

from ...operations.tables import AlterTable
from ...operations.tables import RebuildOptions
from ...schema.from_database import DatabaseReader
from ...schema.from_database import IncludeName
from ...schema.model import Column
from ...schema.model import Constraint
from ...schema.model import Expression
from ...schema.model import Index
from ...schema.model import IndexPart
from ...schema.model import Options
from ...schema.model import options_from
from ...schema.model import PrimaryKey
from ...schema.model import Schema
from ...schema.model import ServerDefault
from ...schema.model import SqlType
from ...schema.model import Table
from ...schema.model import TableName
from ..comparison import ComparisonRules
from ..default_text import loose
from ..types import type_text
from ..types import TypeText
from .definition import affinity
from .definition import Kind
from .outline import constraints_in
from .outline import final
from .outline import parse_index
from .outline import TableFacts
from .tokens import folded

_TEXTS = """
SELECT type, name, sql FROM {place}.sqlite_master
WHERE type IN ('table', 'index') AND name NOT LIKE 'sqlite~_%' ESCAPE '~'
"""

_KINDS = "SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = {schema}"

_COLUMNS = """
SELECT t.name, c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden
FROM {place}.sqlite_master AS t JOIN pragma_table_xinfo(t.name, {schema}) AS c
WHERE t.type = 'table'
"""

_FOREIGN_KEYS = """
SELECT t.name, k.id, k."table", k."from", k."to", k.on_update, k.on_delete
FROM {place}.sqlite_master AS t JOIN pragma_foreign_key_list(t.name, {schema}) AS k
WHERE t.type = 'table' ORDER BY t.name, k.id, k.seq
"""

_INDEXES = """
SELECT t.name, i.name, i."unique", i.partial, c.name, c."desc"
FROM {place}.sqlite_master AS t JOIN pragma_index_list(t.name, {schema}) AS i
JOIN pragma_index_xinfo(i.name, {schema}) AS c
WHERE t.type = 'table' AND i.origin = 'c' AND c."key" = 1
ORDER BY t.name, i.name, c.seqno
"""

_COLLATES = re.compile("COLLATE", re.IGNORECASE)
_ASCENDS = re.compile(r"\s+ASC\s*$", re.IGNORECASE)

_Row = Sequence[Any]
_ByTable = Mapping[str, Sequence[_Row]]


class SQLiteReader(DatabaseReader):
    """Reads tables from the catalog of SQLite, and from the texts that it keeps.

    SQLAlchemy asks several times for each table, passes over indexes on expressions,
    with a warning, and looks for constraints by patterns.
    """

    def __init__(
        self, connection: sa.Connection, include_name: IncludeName | None = None
    ) -> None:
        super().__init__(connection, include_name)
        self._known_types: dict[str, SqlType] = {}
        self._known_columns: dict[tuple[object, ...], Column] = {}

    def read(self, schemas: Sequence[str | None] = (None,)) -> Schema:
        """Return the tables of these schemas, sorted by name.

        :raises UnreadableDefinition: if the text of one is not understood.
        """
        tables = [table for schema in schemas for table in self._tables(schema)]

        return Schema.of(
            sorted(tables, key=lambda each: (each.name.schema or "", each.name.name))
        )

    # -- asking ------------------------------------------------------------

    def _tables(self, schema: str | None) -> Iterator[Table]:
        texts: dict[str, dict[str, str]] = {"table": {}, "index": {}}
        for kind, name, sql in self._rows(_TEXTS, schema):
            texts[kind][name] = sql
        options = self._options(schema, texts["table"])
        columns = _by_table(self._rows(_COLUMNS, schema))
        keys = _by_table(self._rows(_FOREIGN_KEYS, schema))
        indexes = _by_table(self._rows(_INDEXES, schema))
        primary_keys = {
            folded(name): _key_columns(rows) for name, rows in columns.items()
        }

        for name in texts["table"]:
            if name not in options or not self.includes_table(name, schema):
                continue
            of_table = columns.get(name, ())
            facts = TableFacts(
                TableName(name, schema),
                of_table,
                primary_keys,
                constraints_in(texts["table"][name]),
            )
            yield Table(
                name=facts.name,
                columns=tuple(self._columns_of(facts)),
                constraints=tuple(self._constraints_of(facts, keys.get(name, ()))),
                indexes=tuple(
                    self._indexes_of(facts, indexes.get(name, ()), texts["index"])
                ),
                options=options[name] + facts.counting,
            )

    def _rows(self, query: str, schema: str | None) -> Sequence[_Row]:
        # Without the name of a schema, a temporary table would hide the one meant.
        place = schema or "main"
        quoted = self.connection.dialect.identifier_preparer.quote_identifier(place)
        literal = "'" + place.replace("'", "''") + "'"
        sql = query.format(place=quoted, schema=literal)
        found: Any = self.connection.exec_driver_sql(sql)
        rows: Sequence[_Row] = found.all()
        return rows

    def _options(
        self, schema: str | None, names: Mapping[str, str]
    ) -> dict[str, Options]:
        """Return the options of each table that is no virtual one, nor part of one."""
        version: Any = self.connection.dialect.server_version_info
        # https://www.sqlite.org/pragma.html#pragma_table_list
        if not version or tuple(version) < (3, 37):
            return dict.fromkeys(names, ())

        return {
            name: (
                *([("sqlite_strict", True)] if strict else []),
                *([("sqlite_with_rowid", False)] if without_rowid else []),
            )
            for name, kind, without_rowid, strict in self._rows(_KINDS, schema)
            if kind not in ("virtual", "shadow")
        }

    def includes_table(self, name: str, schema: str | None) -> bool:
        """Return whether a table is to be read."""
        return self._includes_table(name, schema)

    # -- columns -----------------------------------------------------------

    def _columns_of(self, facts: TableFacts) -> Iterator[Column]:
        for _, name, type_, not_null, default, key, hidden in facts.columns:
            # Hidden columns of virtual tables are 1, computed ones 2 and 3.
            if hidden == 1 or not self.includes(
                "column", name, facts.name, facts.schema
            ):
                continue
            computed = facts.computed(name, hidden == 3) if hidden else None
            collation = facts.collations.get(folded(name))
            said = (name, type_, not_null, default, key > 0, computed, collation)
            column = self._known_columns.get(said)
            if column is None:
                column = self._known_columns[said] = Column(
                    name=name,
                    type=_collated(self._type(type_, computed=hidden > 0), collation),
                    nullable=not not_null,
                    default=None
                    if default is None or hidden
                    else ServerDefault(Expression(str(default))),
                    computed=computed,
                    primary_key=key > 0,
                )
            yield column

    def _type(self, text: str, *, computed: bool) -> SqlType:
        said = text.upper()
        if computed:
            # Some versions take what follows for a part of the type.
            said = re.sub(r"\s*\b(GENERATED|ALWAYS)\b", "", said).strip()
        if said == "DOUBLE PRECISION":
            # SQLAlchemy writes it so, and does not know it again.
            said = "DOUBLE"
        if said not in self._known_types:
            dialect: Any = self.connection.dialect
            self._known_types[said] = SqlType.of(dialect._resolve_type_affinity(said))

        return self._known_types[said]

    # -- constraints -------------------------------------------------------

    def _constraints_of(
        self, facts: TableFacts, rows: Sequence[_Row]
    ) -> Iterator[Constraint]:
        if facts.primary_key:
            name = next((each.name for each in facts.of_kind(Kind.PRIMARY)), None)
            yield PrimaryKey(final(name), facts.primary_key)
        for kind, found in (
            ("foreign_key_constraint", facts.foreign_keys(rows)),
            ("unique_constraint", facts.uniques()),
            ("check_constraint", facts.checks()),
        ):
            yield from (
                each
                for each in sorted(found, key=_constraint_order)
                if self.includes(kind, each.name, facts.name, facts.schema)
            )

    # -- indexes -----------------------------------------------------------

    def _indexes_of(
        self, facts: TableFacts, rows: Sequence[_Row], texts: Mapping[str, str]
    ) -> Iterator[Index]:
        for name, of_one in groupby(rows, key=lambda row: str(row[1])):
            if self.includes("index", name, facts.name, facts.schema):
                yield _index(name, list(of_one), texts[name])


def _collated(found: SqlType, collation: str | None) -> SqlType:
    if collation is None or not isinstance(found.element, sa.String):
        return found

    element = found.element.copy()
    element.collation = collation
    return SqlType.of(element)


def _by_table(rows: Sequence[_Row]) -> _ByTable:
    return {name: list(found) for name, found in groupby(rows, key=lambda row: row[0])}


def _key_columns(rows: Sequence[_Row]) -> tuple[str, ...]:
    key = sorted((row[5], row[1]) for row in rows if row[5])

    return tuple(name for _, name in key)


def _constraint_order(constraint: Constraint) -> tuple[str, tuple[str, ...]]:
    return constraint.name or "", constraint.mentioned


def _index(name: str, rows: Sequence[_Row], sql: str) -> Index:
    is_partial = bool(rows[0][3])
    columns: list[str | None] = [row[4] for row in rows]
    # No pragma tells expressions, conditions, or whether a collation was asked for.
    collates = _COLLATES.search(sql)
    said = parse_index(sql) if is_partial or collates or None in columns else None
    terms = said.terms if said else [str(each) for each in columns]
    parts: list[IndexPart] = []
    for column, term, row in zip(columns, terms, rows, strict=True):
        if column is not None and collates and _COLLATES.search(term):
            column = None
        text = term if column is None else column
        if row[5]:
            parts.append(Expression(f"{text} DESC"))
        else:
            parts.append(text if column is not None else Expression(text))
    where = said.condition if said else None

    return Index(
        name=final(name),
        parts=tuple(parts),
        unique=bool(rows[0][2]),
        options=() if where is None else (("sqlite_where", Expression(where)),),
    )


_TABLE_OPTIONS = (
    ("sqlite_autoincrement", False),
    ("sqlite_strict", False),
    ("sqlite_with_rowid", True),
)
"""What can be said of a table, and what it is where nothing is said."""


def _collation(form: TypeText) -> str:
    return (form.collation or "BINARY").strip('"').upper()


class SQLiteComparison(ComparisonRules):
    """SQLite keeps types and defaults as they were written."""

    reads_conditions: ClassVar[bool] = True
    options_come_last: ClassVar[bool] = True
    reader: ClassVar[type[DatabaseReader]] = SQLiteReader

    def can_compute(self, found: Column, wanted: Column) -> bool:
        """Return True: the table is rebuilt."""
        return True

    def same_type(self, database: SqlType, model: SqlType) -> bool:
        """Return whether the types have one name, or one affinity if it is unknown."""
        found = type_text(database.element, self.sa_dialect)
        wanted = type_text(model.element, self.sa_dialect)
        if found is None or wanted is None:
            return True
        if isinstance(database.element, sa.types.NullType):
            return affinity(wanted) == "BLOB"

        form = self.form(wanted)
        known: Any = self.sa_dialect
        if form.name not in known.ischema_names:
            return affinity(found) == affinity(wanted)

        return self.same_form(self.form(found), form)

    def prepared(self, database: Table, model: Table | None) -> Table:
        """Return a table with its options: nothing of them is made by itself."""
        return replace(super().prepared(database, model), options=database.options)

    def options_changed(self, database: Table, model: Table) -> AlterTable | None:
        """Return what makes a table STRICT, or the like, as its model says."""
        here, there = dict(database.options), dict(model.options)
        pairs = {
            name: (bool(here.get(name, usual)), bool(there.get(name, usual)))
            for name, usual in _TABLE_OPTIONS
        }
        changed = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        if not changed:
            return None

        was, becomes = (
            options_from({name: pair[side] for name, pair in changed.items()})
            for side in (0, 1)
        )
        options = RebuildOptions(table_options=becomes, was_options=was)
        return AlterTable(model.name, (), options)

    def same_form(self, found: TypeText, wanted: TypeText) -> bool:
        """Return whether two types are the same, and compare strings alike."""
        return (found.name, found.arguments) == (
            wanted.name,
            wanted.arguments,
        ) and _collation(found) == _collation(wanted)

    def form(self, text: str) -> TypeText:
        """Return the parts of a type, under one of the names that mean the same."""
        form = TypeText.parse(text)
        if form.name in ("DECIMAL", "NUMERIC"):
            return form.renamed("NUMERIC", *form.arguments)
        if form.name in ("DOUBLE_PRECISION", "DOUBLE PRECISION", "DOUBLE"):
            return form.renamed("DOUBLE")
        if form.name in ("INT", "INTEGER"):
            return form.renamed("INTEGER")
        if form.name in ("BOOL", "BOOLEAN"):
            return form.renamed("BOOLEAN")
        if form.name in ("DATE_CHAR", "TIME_CHAR", "DATETIME_CHAR"):
            # What SQLAlchemy calls them where they are not stored as usual.
            return form.renamed(form.name.removesuffix("_CHAR"))

        return form

    def same_index(self, found: Index, wanted: Index, table: TableName) -> bool:
        """Return whether two indexes do the same; ascending is what they are anyway."""
        if all(isinstance(part, str) for part in wanted.parts):
            return super().same_index(found, wanted, table)

        parts = tuple(map(self._without_asc, wanted.parts))

        return super().same_index(found, replace(wanted, parts=parts), table)

    def _without_asc(self, part: IndexPart) -> IndexPart:
        if isinstance(part, str):
            return part
        text = part.sql(self.write)
        ascends = _ASCENDS.search(text)

        return Expression(text[: ascends.start()]) if ascends else part

    def same_default_text(self, found: str, wanted: str, model: Column) -> bool:
        """Return whether two defaults differ in spaces and parentheses only."""
        return loose(found) == loose(wanted)
