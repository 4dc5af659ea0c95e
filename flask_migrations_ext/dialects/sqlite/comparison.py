"""When definitions are the same to SQLite: types by their name, or else by affinity."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import ClassVar

import sqlalchemy as sa

from ...schema.from_database import DatabaseReader
from ...schema.model import Column
from ...schema.model import SqlType
from ..comparison import ComparisonRules
from ..default_text import loose
from ..types import type_text
from ..types import TypeText
from .definition import affinity
from .definition import ConstraintText
from .definition import Kind
from .definition import TableText
from .indexes import parse_index
from .parser import parse_table
from .tokens import folded

_INDEXES = """
SELECT t.name AS table_name, l.name AS index_name, l."unique" AS is_unique,
       x.name AS "column", x."desc" AS descends, i.sql AS sql
FROM {schema}sqlite_master AS t
JOIN pragma_index_list(t.name{argument}) AS l
JOIN pragma_index_xinfo(l.name{argument}) AS x
JOIN {schema}sqlite_master AS i ON i.type = 'index' AND i.name = l.name
WHERE t.type = 'table' AND l.origin = 'c' AND x."key" = 1
ORDER BY t.name, l.name, x.seqno
"""


_Found = Mapping[tuple[str | None, str], Sequence[Mapping[str, Any]]]


class SQLiteReader(DatabaseReader):
    """Reads indexes and constraints itself.

    SQLAlchemy passes over indexes on expressions, with a warning, and looks for
    constraints by patterns.
    """

    def unmanaged(self, schema: str | None) -> frozenset[str]:
        """Return virtual tables and the tables that these keep their rows in."""
        if not self._lists_tables():
            return frozenset()

        found = self.connection.exec_driver_sql(
            "SELECT name FROM pragma_table_list"
            " WHERE type IN ('virtual', 'shadow') AND schema = ?",
            (schema or "main",),
        )
        return frozenset(found.scalars())

    def _lists_tables(self) -> bool:
        version: Any = self.connection.dialect.server_version_info
        # https://www.sqlite.org/pragma.html#pragma_table_list
        return bool(version) and tuple(version) >= (3, 37)

    def references(self, schema: str | None, names: Sequence[str]) -> _Found:
        """Return the foreign keys of tables, with what those at columns do."""
        return {
            key: [self._with_actions(key, facts) for facts in found]
            for key, found in super().references(schema, names).items()
        }

    def _with_actions(
        self, key: tuple[str | None, str], facts: Mapping[str, Any]
    ) -> dict[str, Any]:
        schema, name = key
        rows = self.connection.exec_driver_sql(
            'SELECT id, "from", on_update, on_delete'
            " FROM pragma_foreign_key_list(?, ?) ORDER BY id, seq",
            (name, schema or "main"),
        ).all()
        keys: dict[int, list[Any]] = {}
        for row in rows:
            keys.setdefault(row[0], []).append(row)

        options = dict(facts.get("options") or {})
        for of_one in keys.values():
            if [row[1] for row in of_one] == list(facts["constrained_columns"]):
                for option, action in (
                    ("onupdate", of_one[0][2]),
                    ("ondelete", of_one[0][3]),
                ):
                    if action != "NO ACTION":
                        options.setdefault(option, action)

        return {**facts, "options": options}

    def uniques(self, schema: str | None, names: Sequence[str]) -> _Found:
        """Return the unique constraints of tables, at columns too."""
        return {
            (schema, name): [
                {"name": each.name, "column_names": list(_columns_of(table, each))}
                for each in table.of_kind(Kind.UNIQUE)
            ]
            for name, table in self._definitions(schema, names)
        }

    def checks(self, schema: str | None, names: Sequence[str]) -> _Found:
        """Return the conditions of tables, at columns too."""
        return {
            (schema, name): [
                {"name": each.name, "sqltext": each.expression or ""}
                for each in table.of_kind(Kind.CHECK)
            ]
            for name, table in self._definitions(schema, names)
        }

    def _definitions(
        self, schema: str | None, names: Sequence[str]
    ) -> Iterator[tuple[str, TableText]]:
        """Yield the definitions of tables.

        :raises UnreadableDefinition: if one is not understood.
        """
        rows = self.connection.exec_driver_sql(
            f"SELECT name, sql FROM {self._prefix(schema)}sqlite_master"
            " WHERE type = 'table'"
        )
        for row in rows.all():
            if row.name in names:
                yield row.name, parse_table(row.sql)

    def _prefix(self, schema: str | None) -> str:
        preparer = self.connection.dialect.identifier_preparer
        return f"{preparer.quote_identifier(schema)}." if schema else ""

    def indexes(self, schema: str | None, names: Sequence[str]) -> _Found:
        """Return the indexes of tables, those on expressions too."""
        where = self._prefix(schema)
        literal = ", '" + schema.replace("'", "''") + "'" if schema else ""
        rows = self.connection.exec_driver_sql(
            _INDEXES.format(schema=where, argument=literal)
        )
        found: dict[tuple[str | None, str], dict[str, list[Any]]] = {}
        for row in rows:
            if row.table_name in names:
                of_table = found.setdefault((schema, row.table_name), {})
                of_table.setdefault(row.index_name, []).append(row)

        return {
            table: [_index(name, rows) for name, rows in indexes.items()]
            for table, indexes in found.items()
        }


def _columns_of(table: TableText, constraint: ConstraintText) -> Iterator[str]:
    # A constraint may write a column with other capitals than its table does.
    own = {folded(name): name for name in table.column_names}
    for name in constraint.columns:
        yield own.get(folded(name), name)


def _index(name: str, rows: Sequence[Any]) -> dict[str, Any]:
    index = parse_index(rows[0].sql)
    texts = [
        row.column if row.column is not None else term
        for term, row in zip(index.terms, rows, strict=True)
    ]

    return {
        "name": name,
        "unique": bool(rows[0].is_unique),
        "column_names": [row.column for row in rows],
        "expressions": texts,
        "column_sorting": {
            text: ("desc",)
            for text, row in zip(texts, rows, strict=True)
            if row.descends
        },
        "dialect_options": {}
        if index.condition is None
        else {"sqlite_where": sa.text(index.condition.replace(":", "\\:"))},
    }


class SQLiteComparison(ComparisonRules):
    """SQLite keeps types and defaults as they were written."""

    reads_conditions: ClassVar[bool] = True
    reader: ClassVar[type[DatabaseReader]] = SQLiteReader

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

    def same_form(self, found: TypeText, wanted: TypeText) -> bool:
        """Return whether two types are the same; collations are not read back."""
        return (found.name, found.arguments) == (wanted.name, wanted.arguments)

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

        return form

    def same_default_text(self, found: str, wanted: str, model: Column) -> bool:
        """Return whether two defaults differ in spaces and parentheses only."""
        return loose(found) == loose(wanted)
