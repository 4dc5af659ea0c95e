"""The exclude constraints of PostgreSQL's tables, which SQLAlchemy does not read."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ...schema.model import Exclude
from ...schema.model import Expression
from ...schema.model import options_from

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
        found.setdefault(row.table_name, []).append(_exclude(row))

    return found


def _exclude(row: sa.Row[Any]) -> Exclude:
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
