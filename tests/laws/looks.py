"""What a database holds, read by other means than our own, to be compared."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

Look = Mapping[str, Any]


def schemas_of(connection: sa.Connection) -> list[str | None]:
    """Return the schemas that cases have tables in; None is the default one."""
    found = sa.inspect(connection).get_schema_names()
    return [None, *(name for name in found if name == "other")]


def structure(connection: sa.Connection) -> Look:
    """Return all that SQLAlchemy sees of the tables, in an order of no importance."""
    with warnings.catch_warnings():
        # On SQLite it passes over indexes on expressions; own_words() sees them.
        warnings.filterwarnings("ignore", "Skipped unsupported reflection")
        return _structure(connection)


def _structure(connection: sa.Connection) -> Look:
    inspector: Any = sa.inspect(connection)
    found: dict[str, Any] = {}
    for schema in schemas_of(connection):
        tables = inspector.get_multi_columns(schema)
        parts = {
            "columns": tables,
            "primary key": inspector.get_multi_pk_constraint(schema),
            "foreign keys": inspector.get_multi_foreign_keys(schema),
            "uniques": inspector.get_multi_unique_constraints(schema),
            "checks": inspector.get_multi_check_constraints(schema),
            "indexes": inspector.get_multi_indexes(schema),
        }
        if connection.dialect.supports_comments:
            parts["comment"] = inspector.get_multi_table_comment(schema)
        for key in tables:
            name = ".".join(filter(None, key))
            for part, of_tables in parts.items():
                found[f"{part} of {name}"] = _plain(of_tables.get(key))
        if hasattr(inspector, "get_enums"):
            found[f"enums of {schema}"] = _plain(inspector.get_enums(schema))

    return found


def _plain(found: Any) -> Any:
    if isinstance(found, Mapping):
        plain = {key: _plain(value) for key, value in found.items()}
        if "sqltext" in plain:
            # SQLite writes names in quotes where a column was renamed and back.
            plain["sqltext"] = str(plain["sqltext"]).replace('"', "")
        return plain
    if isinstance(found, list):
        several = [_plain(each) for each in found]
        # What stands beside what is no part of a table's meaning; the order within
        # a constraint or an index is.
        return sorted(several, key=repr) if _are_parts(found) else several
    if isinstance(found, sa.types.TypeEngine):
        return repr(found)

    return str(found) if isinstance(found, sa.ClauseElement) else found


def _are_parts(found: Iterable[Any]) -> bool:
    return all(isinstance(each, Mapping) for each in found)


def own_words(connection: sa.Connection) -> Look:
    """Return what the database itself says of its tables, letter by letter."""
    name = connection.dialect.name
    if name == "sqlite":
        found = connection.exec_driver_sql(
            "SELECT type || ' ' || name, sql FROM sqlite_master"
        )
        return {str(key): text for key, text in found}
    if name == "mariadb":
        return {
            table: connection.exec_driver_sql(
                f"SHOW CREATE TABLE {_quoted(connection, table)}"
            ).one()[1]
            for table in sa.inspect(connection).get_table_names()
        }

    found = connection.exec_driver_sql(_POSTGRESQL_WORDS)
    return {str(key): text for key, text in found}


def rows(connection: sa.Connection) -> Look:
    """Return the rows of all tables, each as a mapping."""
    found: dict[str, Any] = {}
    for schema in schemas_of(connection):
        for name in sa.inspect(connection).get_table_names(schema):
            table = _quoted(connection, name, schema)
            result = connection.exec_driver_sql(f"SELECT * FROM {table}")
            found[".".join(filter(None, (schema, name)))] = sorted(
                (dict(row) for row in result.mappings()), key=repr
            )

    return found


def _quoted(connection: sa.Connection, name: str, schema: str | None = None) -> str:
    quote = connection.dialect.identifier_preparer.quote
    return ".".join(quote(part) for part in (schema, name) if part)


_POSTGRESQL_WORDS = """
WITH ours AS (
    SELECT oid FROM pg_class
    WHERE relkind IN ('r', 'S') AND relnamespace::regnamespace::text = ANY
          (ARRAY['public', 'other'])
)
SELECT concat_ws(' ', attrelid::regclass, attname),
       concat_ws(' ', attnum, attnotnull, attidentity, attgenerated,
                 format_type(atttypid, atttypmod), pg_get_expr(adbin, adrelid))
FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attrelid IN (SELECT oid FROM ours) AND attnum > 0
UNION ALL
SELECT concat_ws(' ', conrelid::regclass, conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE conrelid IN (SELECT oid FROM ours)
UNION ALL
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid IN (SELECT oid FROM ours)
"""
