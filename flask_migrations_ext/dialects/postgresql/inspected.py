"""Reads tables through SQLAlchemy's inspector, and what it does not read.

For servers that have no catalog as PostgreSQL has it; and to check :mod:`.catalog` by.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ...schema.from_database import DatabaseReader
from ...schema.model import Exclude
from ...schema.model import Expression
from ...schema.model import options_from

_UNMANAGED = """
SELECT c.relname
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relkind IN ('r', 'p', 'f') AND (
  c.relispartition OR EXISTS (
    SELECT 1 FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
    AND d.deptype = 'e'
  )
)
"""
# SQLAlchemy does not ask for it.
# https://www.postgresql.org/docs/current/catalog-pg-constraint.html
_DEFERRABLE = """
SELECT pg_class.relname AS table_name, pg_constraint.conname AS name,
    CASE WHEN condeferred THEN 'DEFERRED' ELSE 'IMMEDIATE' END AS initially
FROM pg_constraint
JOIN pg_class ON pg_class.oid = pg_constraint.conrelid
JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
WHERE contype = 'u' AND condeferrable AND nspname = :schema
"""

_Found = Mapping[tuple[str | None, str], Sequence[Mapping[str, Any]]]


class InspectingReader(DatabaseReader):
    """Passes over partitions, which go with their table, and over extensions."""

    def unmanaged(self, schema: str | None) -> frozenset[str]:
        """Return the partitions, and the tables that extensions brought."""
        found = self.connection.execute(
            sa.text(_UNMANAGED),
            {"schema": schema or self.inspector.default_schema_name},
        )
        return frozenset(found.scalars())

    def uniques(self, schema: str | None, names: Sequence[str]) -> _Found:
        """Return the unique constraints of tables, and when they are checked."""
        waiting = {
            (row.table_name, row.name): row.initially
            for row in self.connection.execute(
                sa.text(_DEFERRABLE),
                {"schema": schema or self.inspector.default_schema_name},
            )
        }
        return {
            (place, table): [
                self._with_time(each, waiting.get((table, each["name"])))
                for each in found
            ]
            for (place, table), found in super().uniques(schema, names).items()
        }

    def excludes(
        self, schema: str | None
    ) -> Mapping[tuple[str | None, str], Sequence[Exclude]]:
        """Return the exclude constraints of a schema, by schema and table."""
        place = schema or str(self.inspector.default_schema_name)
        found = read_excludes(self.connection, place)
        return {(schema, table): several for table, several in found.items()}

    def _with_time(
        self, facts: Mapping[str, Any], initially: str | None
    ) -> Mapping[str, Any]:
        if initially is None:
            return facts

        options = {"deferrable": True, "initially": initially}
        return {
            **facts,
            "dialect_options": {**(facts.get("dialect_options") or {}), **options},
        }


# https://www.postgresql.org/docs/current/catalog-pg-constraint.html
_EXCLUDES = """
SELECT tables.relname AS table_name, con.conname AS name, pg_am.amname AS method,
    con.condeferrable AS deferrable, con.condeferred AS deferred,
    pg_get_expr(idx.indpred, idx.indrelid) AS condition,
    ARRAY(
        SELECT a.attname::text FROM unnest(idx.indkey::int2[])
            WITH ORDINALITY AS k (number, place)
        LEFT JOIN pg_attribute a ON a.attrelid = idx.indrelid
            AND a.attnum = k.number AND k.number > 0
        ORDER BY k.place
    ) AS columns,
    ARRAY(
        SELECT pg_get_indexdef(con.conindid, place::int, true)
        FROM generate_series(1, cardinality(con.conexclop)) AS place ORDER BY place
    ) AS parts,
    ARRAY(
        SELECT pg_operator.oprname::text
        FROM unnest(con.conexclop) WITH ORDINALITY AS o (id, place)
        JOIN pg_operator ON pg_operator.oid = o.id ORDER BY o.place
    ) AS operators,
    ARRAY(
        SELECT opcname::text
        FROM unnest(idx.indclass::oid[]) WITH ORDINALITY AS c (id, place)
        JOIN pg_opclass ON pg_opclass.oid = c.id ORDER BY c.place
    ) AS classes
FROM pg_constraint con
JOIN pg_class tables ON tables.oid = con.conrelid
JOIN pg_namespace ON pg_namespace.oid = tables.relnamespace
JOIN pg_index idx ON idx.indexrelid = con.conindid
JOIN pg_class indexes ON indexes.oid = con.conindid
JOIN pg_am ON pg_am.oid = indexes.relam
WHERE con.contype = 'x' AND nspname = :schema
ORDER BY con.conname
"""


def read_excludes(
    connection: sa.Connection, schema: str
) -> Mapping[str, Sequence[Exclude]]:
    """Return the exclude constraints of a schema by their tables' names."""
    found: dict[str, list[Exclude]] = {}
    for row in connection.execute(sa.text(_EXCLUDES), {"schema": schema}):
        found.setdefault(row.table_name, []).append(exclude_of(row))

    return found


def exclude_of(row: sa.Row[Any]) -> Exclude:
    """Return the exclude constraint that a row of the catalog tells of."""
    columns = row.columns[: len(row.operators)]
    parts = [
        Expression(text) if column is None else column
        for column, text in zip(columns, row.parts, strict=True)
    ]
    classes = zip(columns, row.classes, strict=False)

    return Exclude(
        name=row.name,
        elements=tuple(zip(parts, row.operators, strict=True)),
        using=row.method,
        where=None if row.condition is None else Expression(row.condition),
        deferrable=row.deferrable or None,
        initially="DEFERRED" if row.deferred else None,
        ops=options_from({name: kind for name, kind in classes if name}),
    )
