"""Columns that PostgreSQL fills: identities, sequences, generated ones."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect

from ...operations.columns import AlterColumn
from ...operations.columns import ColumnFacts
from ...schema.model import Computed
from ...schema.model import Identity
from ...schema.model import Kept
from ...schema.model import options_from
from ..dialect import Statements
from ..standard_columns import ColumnSql

_IS_IDENTITY = """
SELECT attidentity <> '' FROM pg_catalog.pg_attribute
WHERE attrelid = CAST(:table AS regclass) AND attname = :column
"""


_IS_GENERATED = """
SELECT attgenerated <> '' FROM pg_catalog.pg_attribute
WHERE attrelid = CAST(:table AS regclass) AND attname = :column
"""

_DEFAULT = """
SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid)
FROM pg_catalog.pg_attrdef d
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE d.adrelid = CAST(:table AS regclass) AND a.attname = :column
"""

# The sequence of an identity follows its column by itself.
_SEQUENCE = """
SELECT pg_catalog.pg_get_serial_sequence(:table, :column)
FROM pg_catalog.pg_attribute
WHERE attrelid = CAST(:table AS regclass) AND attname = :column AND attidentity = ''
"""


def is_generated(
    operation: AlterColumn, table: str, connection: sa.Connection | None
) -> bool:
    """Return whether a column is computed from others.

    :param table: its name as SQL.
    """
    known = operation.was.computed
    if not isinstance(known, Kept) or connection is None:
        return isinstance(known, Computed)

    values = {"table": table, "column": operation.name}
    return bool(connection.scalar(sa.text(_IS_GENERATED), values))


def serial_sequence(table: str, column: str, connection: sa.Connection) -> str | None:
    """Return the sequence that belongs to a SERIAL, as SQL; None if there is none."""
    values = {"table": table, "column": column}
    found: str | None = connection.scalar(sa.text(_SEQUENCE), values)
    return found


def default_of(table: str, column: str, connection: sa.Connection) -> str | None:
    """Return the default of a column, as SQL; None if it has none."""
    values = {"table": table, "column": column}
    found: str | None = connection.scalar(sa.text(_DEFAULT), values)
    return found


def with_identity(
    dialect: ColumnSql,
    operation: AlterColumn,
    identity: Identity,
    connection: sa.Connection | None,
) -> Statements:
    """Yield what makes a column an identity, or another one.

    With a connection, a new one counts on from the rows that are there: from where it
    starts, it would give numbers that they have.
    """
    table = dialect.table_text(operation.table)
    if _has_identity(operation.was, table, operation.name, connection):
        action = _identity_changes(identity, operation.was.identity, dialect.sa_dialect)
        if action:
            yield dialect.altered_column(operation, action)
        return

    action = f"ADD {_identity_text(identity, dialect.sa_dialect)}"
    yield dialect.altered_column(operation, action)
    options = _complete(dict(identity.options))
    if connection is None or options["increment"] < 0:
        return

    column = dialect.quote(operation.name)
    last = connection.scalar(dialect.raw(f"SELECT max({column}) FROM {table}").element)
    if last is not None and last >= options["start"]:
        place = f"{dialect.literal(table)}, {dialect.literal(operation.name)}"
        sequence = f"pg_catalog.pg_get_serial_sequence({place})"
        yield dialect.raw(f"SELECT setval({sequence}, {last})")


def _identity_text(identity: Identity, sa_dialect: SADialect) -> str:
    """Return ``GENERATED … AS IDENTITY`` with its options."""
    built = sa.Identity(always=identity.always, **dict(identity.options))
    return str(_compiler(sa_dialect).process(built)).strip()


def _has_identity(
    was: ColumnFacts, table: str, column: str, connection: sa.Connection | None
) -> bool:
    """Return whether a column is an identity already.

    :param table: its name as SQL.
    """
    if not isinstance(was.identity, Kept) or connection is None:
        return isinstance(was.identity, Identity)

    values = {"table": table, "column": column}
    return bool(connection.scalar(sa.text(_IS_IDENTITY), values))


def _identity_changes(
    becomes: Identity, was: Identity | None | Kept, sa_dialect: SADialect
) -> str:
    """Return what makes one identity of another: ``SET …``, empty if nothing does."""
    known = was if isinstance(was, Identity) else None
    said = []
    if known is None or known.always != becomes.always:
        kind = "ALWAYS" if becomes.always else "BY DEFAULT"
        said.append(f"SET GENERATED {kind}")

    options = _complete(dict(becomes.options))
    before = _complete(dict(known.options)) if known else {}
    if before and (before["increment"] < 0) != (options["increment"] < 0):
        # The usual ends are others now.
        before = {**before, "minvalue": ..., "maxvalue": ...}
    # What is said no more goes back to what it is when nobody says it.
    names = options if known else dict(becomes.options)
    changes: dict[str, Any] = {}
    for name in sorted(names):
        value = options.get(name, names[name])
        if name in before and before[name] == value:
            continue
        changes[f"no{name}" if value is None else name] = (
            True if value is None else value
        )

    compiler = _compiler(sa_dialect)
    for name, value in changes.items():
        alone = sa.Identity(**{name: value})
        said.append(f"SET {str(compiler.get_identity_options(alone)).strip()}")

    return " ".join(said)


def _complete(options: dict[str, Any]) -> dict[str, Any]:
    """Return all options, also those that nobody said; None is the type's own end."""
    downwards = options.get("increment", 1) < 0
    ends = {
        name: None if options.get(f"no{name}") else options.get(name)
        for name in ("minvalue", "maxvalue")
    }
    first = ends["maxvalue" if downwards else "minvalue"]
    usual = -1 if downwards else 1
    return {
        "cache": options.get("cache", 1),
        "cycle": bool(options.get("cycle")),
        "increment": options.get("increment", 1),
        **ends,
        "start": options.get("start", usual if first is None else first),
    }


def without_usual(identity: Identity, type_text: str | None) -> Identity:
    """Return an identity with the options that it would not have by itself.

    :param type_text: the type of its column, which sets its ends.
    """
    options = _complete(dict(identity.options))
    downwards = options["increment"] < 0
    size = _SIZES.get((type_text or "").upper(), 63)
    ends = {"minvalue": -(2**size), "maxvalue": 2**size - 1}
    ends["maxvalue" if downwards else "minvalue"] = -1 if downwards else 1
    options.update({name: None for name in ends if options[name] == ends[name]})
    usual = _complete(
        {**{name: options[name] for name in ends}, "increment": options["increment"]}
    )
    return Identity(
        identity.always,
        options_from(
            {
                name: value
                for name, value in options.items()
                if value
                != {**usual, "increment": 1, "minvalue": None, "maxvalue": None}[name]
            }
        ),
    )


_SIZES = {"SMALLINT": 15, "INTEGER": 31, "INT": 31}


def _compiler(sa_dialect: Any) -> Any:
    return sa_dialect.ddl_compiler(sa_dialect, None)
