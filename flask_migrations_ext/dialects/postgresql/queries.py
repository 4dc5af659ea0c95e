"""What PostgreSQL is asked of itself: of a whole schema, in a fixed number of queries.

Each begins with the same choice of tables, so that none has to name them, and none
grows with their number. https://www.postgresql.org/docs/current/catalogs.html
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from ...portion import Portion
from ...portion import Tell

BLOCKING: Mapping[str, str] = {
    r"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)": (
        "writes to the table wait while the index is built; CONCURRENTLY avoids that"
    ),
    r"ALTER TABLE.*\bALTER (COLUMN )?\S+ (SET DATA )?TYPE\b": (
        "reads and writes of the table wait while it is rewritten"
    ),
    r"ALTER TABLE.*\bADD COLUMN.*(\bSERIAL\b|\bBIGSERIAL\b|\bSTORED\b|\bIDENTITY\b)": (
        "reads and writes of the table wait while it is rewritten"
    ),
    r"ALTER TABLE.*\bSET NOT NULL\b": (
        "reads and writes of the table wait while its rows are checked"
    ),
    r"ALTER TABLE.*\bADD .*FOREIGN KEY(?!.*NOT VALID)": (
        "writes to both tables wait while the rows are checked; NOT VALID avoids that"
    ),
    r"ALTER TABLE.*\bADD .*\bCHECK\b(?!.*NOT VALID)": (
        "reads and writes of the table wait while its rows are checked"
    ),
    r"ALTER TABLE.*\bADD .*\b(UNIQUE|PRIMARY KEY|EXCLUDE)\b(?!.*USING INDEX)": (
        "reads and writes of the table wait while its index is built"
    ),
    r"(VACUUM FULL|CLUSTER|LOCK TABLE|REINDEX (?!.*CONCURRENTLY))": (
        "reads and writes of the table wait meanwhile"
    ),
}
"""https://www.postgresql.org/docs/current/explicit-locking.html"""


def rows_about(connection: sa.Connection, table: str) -> int | None:
    """Return what the last ANALYZE has found; None if there was none."""
    asked = sa.text(
        "SELECT reltuples FROM pg_catalog.pg_class WHERE oid = to_regclass(:name)"
    )
    found = connection.execute(asked, {"name": table}).scalar()
    return None if found is None or found < 0 else int(found)


# Without partitions, which go with their table, and what extensions brought along.
_WANTED = """
WITH wanted AS (
    SELECT c.oid, n.nspname::text AS place, c.relname::text AS name,
        pg_catalog.pg_table_is_visible(c.oid)
            AND n.nspname <> 'pg_catalog' AS visible
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
        AND NOT c.relispartition
        AND (n.nspname IN :named OR (
            :default AND n.nspname <> 'pg_catalog'
            AND pg_catalog.pg_table_is_visible(c.oid)
        ))
        AND NOT EXISTS (
            SELECT 1 FROM pg_catalog.pg_depend d
            WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                AND d.deptype = 'e'
        )
)
"""

_TABLES = """
SELECT w.oid, w.place, w.name, w.visible, d.description AS comment,
    c.reloptions AS settings, s.spcname::text AS tablespace,
    CASE WHEN a.amname <> current_setting('default_table_access_method')
        THEN a.amname::text END AS method,
    ARRAY(
        SELECT p.relname::text FROM pg_catalog.pg_inherits i
        JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
        WHERE i.inhrelid = w.oid ORDER BY i.inhseqno
    ) AS parents
FROM wanted w
JOIN pg_catalog.pg_class c ON c.oid = w.oid
LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_description d ON d.objoid = w.oid AND d.objsubid = 0
    AND d.classoid = 'pg_catalog.pg_class'::regclass
"""

_COLUMNS = """
SELECT a.attrelid, a.attnum, a.attname::text AS name,
    pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
    a.attnotnull AS not_null, a.attislocal AS is_local,
    pg_catalog.pg_get_expr(f.adbin, f.adrelid) AS default,
    EXISTS (
        SELECT 1 FROM pg_catalog.pg_depend o
        WHERE f.oid IS NOT NULL AND o.deptype = 'a'
            AND o.classid = 'pg_catalog.pg_class'::regclass
            AND o.refclassid = 'pg_catalog.pg_class'::regclass
            AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum
    ) AS owns_sequence,
    a.attgenerated::text AS generated, a.attidentity::text AS identity,
    l.collname::text AS collation, d.description AS comment,
    s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle
FROM wanted w
JOIN pg_catalog.pg_attribute a ON a.attrelid = w.oid
    AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
    AND a.attcollation <> t.typcollation
LEFT JOIN pg_catalog.pg_description d ON d.objoid = w.oid AND d.objsubid = a.attnum
    AND d.classoid = 'pg_catalog.pg_class'::regclass
LEFT JOIN pg_catalog.pg_depend p ON a.attidentity <> '' AND p.deptype = 'i'
    AND p.refclassid = 'pg_catalog.pg_class'::regclass
    AND p.classid = 'pg_catalog.pg_class'::regclass
    AND p.refobjid = a.attrelid AND p.refobjsubid = a.attnum
LEFT JOIN pg_catalog.pg_sequence s ON s.seqrelid = p.objid
ORDER BY a.attrelid, a.attnum
"""

_CONSTRAINTS = """
SELECT k.conrelid, k.conname::text AS name, k.contype::text AS kind,
    k.conkey AS columns, k.conindid AS index, k.condeferrable AS deferrable,
    k.condeferred AS deferred, k.convalidated AS validated,
    k.connoinherit AS no_inherit, k.conislocal AS is_local,
    pg_catalog.pg_get_expr(k.conbin, k.conrelid, true) AS condition,
    n.nspname::text AS place, r.relname::text AS referent,
    pg_catalog.pg_table_is_visible(r.oid) AS visible,
    CASE WHEN k.contype = 'f' THEN ARRAY(
        SELECT a.attname::text
        FROM unnest(k.confkey) WITH ORDINALITY AS f (number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid
            AND a.attnum = f.number ORDER BY f.place
    ) END AS referred,
    k.confupdtype::text AS onupdate, k.confdeltype::text AS ondelete,
    k.confmatchtype::text AS match, {columns_to_set} AS columns_to_set
FROM wanted w
JOIN pg_catalog.pg_constraint k ON k.conrelid = w.oid
    AND k.contype IN ('p', 'u', 'f', 'c', 'x')
LEFT JOIN pg_catalog.pg_class r ON r.oid = k.confrelid AND k.contype = 'f'
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
"""

# What pg_get_indexdef() says is slow to get: only of expressions, and of what has a
# collation or options of its own.
_INDEXES = """
SELECT i.indrelid, i.indexrelid, c.relname::text AS name, i.indisunique AS unique,
    i.indisprimary AS primary, i.indisvalid AS valid, i.indnkeyatts AS keys,
    i.indkey::int2[] AS columns, i.indoption::int2[] AS flags,
    i.indclass::oid[] AS classes, a.amname::text AS method, c.reloptions AS settings,
    pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS condition,
    {nulls_not_distinct} AS nulls_not_distinct,
    CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(
        SELECT pg_catalog.pg_get_indexdef(i.indexrelid, place::int, true)
        FROM generate_series(1, i.indnkeyatts) AS place ORDER BY place
    ) END AS parts,
    CASE WHEN i.indcollation::text !~ '^(0|100)( (0|100))*$' OR EXISTS (
        SELECT 1 FROM pg_catalog.pg_attribute o WHERE o.attrelid = i.indexrelid
            AND o.attoptions IS NOT NULL
    ) THEN pg_catalog.pg_get_indexdef(i.indexrelid) END AS definition
FROM wanted w
JOIN pg_catalog.pg_index i ON i.indrelid = w.oid
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am a ON a.oid = c.relam
"""

_EXCLUDES = """
SELECT k.conrelid, k.conname::text AS name, a.amname::text AS method,
    k.condeferrable AS deferrable, k.condeferred AS deferred,
    pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS condition,
    ARRAY(
        SELECT a.attname::text FROM unnest(i.indkey::int2[])
            WITH ORDINALITY AS f (number, place)
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid
            AND a.attnum = f.number AND f.number > 0
        ORDER BY f.place
    ) AS columns,
    ARRAY(
        SELECT pg_catalog.pg_get_indexdef(k.conindid, place::int, true)
        FROM generate_series(1, cardinality(k.conexclop)) AS place ORDER BY place
    ) AS parts,
    ARRAY(
        SELECT o.oprname::text
        FROM unnest(k.conexclop) WITH ORDINALITY AS f (id, place)
        JOIN pg_catalog.pg_operator o ON o.oid = f.id ORDER BY f.place
    ) AS operators,
    ARRAY(
        SELECT o.opcname::text
        FROM unnest(i.indclass::oid[]) WITH ORDINALITY AS f (id, place)
        JOIN pg_catalog.pg_opclass o ON o.oid = f.id ORDER BY f.place
    ) AS classes
FROM wanted w
JOIN pg_catalog.pg_constraint k ON k.conrelid = w.oid AND k.contype = 'x'
JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid
JOIN pg_catalog.pg_class c ON c.oid = k.conindid
JOIN pg_catalog.pg_am a ON a.oid = c.relam
ORDER BY k.conname
"""

CLASSES = sa.text(
    "SELECT oid, opcname::text AS name FROM pg_catalog.pg_opclass WHERE NOT opcdefault"
)
"""The operator classes that have to be said, by their numbers."""

USUAL_CLASSES = sa.text(
    "SELECT DISTINCT opcname::text FROM pg_catalog.pg_opclass WHERE opcdefault"
)
"""The operator classes that types have by themselves."""


class CatalogQueries:
    """The queries for some schemas of a server.

    :param schemas: None is what can be seen without a schema.
    :param version: that of the server.
    """

    def __init__(
        self,
        connection: sa.Connection,
        schemas: Sequence[str | None],
        version: tuple[int, ...],
    ) -> None:
        self._connection = connection
        self._values = {
            "named": [each for each in schemas if each is not None] or [""],
            "default": None in schemas,
        }
        self._is_15 = version >= (15,)

    def tables(self) -> sa.CursorResult[tuple[object, ...]]:
        """Return a row for each table."""
        return self._rows(_TABLES)

    def columns(self) -> sa.CursorResult[tuple[object, ...]]:
        """Return a row for each column, in order."""
        return self._rows(_COLUMNS)

    def constraints(self) -> sa.CursorResult[tuple[object, ...]]:
        """Return a row for each constraint."""
        said = "k.confdelsetcols" if self._is_15 else "NULL::int2[]"
        return self._rows(_CONSTRAINTS.replace("{columns_to_set}", said))

    def indexes(self) -> sa.CursorResult[tuple[object, ...]]:
        """Return a row for each index, those of constraints among them."""
        said = "i.indnullsnotdistinct" if self._is_15 else "false"
        return self._rows(_INDEXES.replace("{nulls_not_distinct}", said))

    def excludes(self) -> sa.CursorResult[tuple[object, ...]]:
        """Return a row for each exclude constraint."""
        return self._rows(_EXCLUDES)

    def _rows(self, query: str) -> sa.CursorResult[tuple[object, ...]]:
        named: Any = sa.bindparam("named", expanding=True)
        return self._connection.execute(
            sa.text(_WANTED + query).bindparams(named), self._values
        )


# -- how far an index is ----------------------------------------------------
# https://www.postgresql.org/docs/current/progress-reporting.html

_INDEX = re.compile(
    r"CREATE (?:UNIQUE )?INDEX (?:CONCURRENTLY )?(?:IF NOT EXISTS )?(\S+)", re.I
)
_PATIENCE = 1.0
"""Seconds after which it is worth a second connection."""

_PAUSE = 0.5
"""Seconds between two questions."""

_ASKED = sa.text(
    "SELECT phase, blocks_done, blocks_total, tuples_done, tuples_total"
    " FROM pg_catalog.pg_stat_progress_create_index WHERE pid = :pid"
)


@contextmanager
def building(connection: sa.Connection, sql: str, tell: Tell) -> Iterator[None]:
    """Tell how far an index is that a statement of the block makes."""
    found = _INDEX.match(sql)
    if found is None or connection.dialect.is_async:
        yield
        return

    pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    done = threading.Event()
    watching = threading.Thread(
        target=_watch,
        args=(connection.engine, pid, found[1], done, tell),
        daemon=True,
    )
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()


def _watch(
    engine: sa.Engine, pid: int, index: str, done: threading.Event, tell: Tell
) -> None:
    if done.wait(_PATIENCE):
        return

    # That it cannot be asked, or there is none from another pool, stops no index.
    with suppress(Exception):
        asking = sa.create_engine(engine.url, poolclass=sa.NullPool)
        with asking.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            while True:
                row = connection.execute(_ASKED, {"pid": pid}).first()
                if row is not None:
                    _tell(row, index, tell)
                if done.wait(_PAUSE):
                    return


def _tell(row: Any, index: str, tell: Tell) -> None:
    phase, blocks, all_blocks, tuples, all_tuples = row
    done, total, unit = (
        (tuples, all_tuples, "rows") if all_tuples else (blocks, all_blocks, "blocks")
    )
    if total:
        tell(Portion(f"index {index}, {phase}", done, total, unit))
