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

_IS_IDENTITY = """
SELECT attidentity <> '' FROM pg_catalog.pg_attribute
WHERE attrelid = CAST(:table AS regclass) AND attname = :column
"""


_IS_GENERATED = """
SELECT attgenerated <> '' FROM pg_catalog.pg_attribute
WHERE attrelid = CAST(:table AS regclass) AND attname = :column
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


def identity_text(identity: Identity, sa_dialect: SADialect) -> str:
    """Return ``GENERATED … AS IDENTITY`` with its options."""
    built = sa.Identity(always=identity.always, **dict(identity.options))
    return str(_compiler(sa_dialect).process(built)).strip()


def has_identity(
    was: ColumnFacts, table: str, column: str, connection: sa.Connection | None
) -> bool:
    """Return whether a column is an identity already.

    :param table: its name as SQL.
    """
    if not isinstance(was.identity, Kept) or connection is None:
        return isinstance(was.identity, Identity)

    values = {"table": table, "column": column}
    return bool(connection.scalar(sa.text(_IS_IDENTITY), values))


def identity_changes(
    becomes: Identity, was: Identity | None | Kept, sa_dialect: SADialect
) -> str:
    """Return what makes one identity of another: ``SET …``, empty if nothing does."""
    known = was if isinstance(was, Identity) else None
    said = []
    if known is None or known.always != becomes.always:
        kind = "ALWAYS" if becomes.always else "BY DEFAULT"
        said.append(f"SET GENERATED {kind}")

    options = dict(becomes.options)
    before = dict(known.options) if known else {}
    changes = {
        name: value
        for name, value in options.items()
        if name not in before or before[name] != value
    }
    # What is said no more goes back to what it is when nobody says it.
    for name in sorted(before.keys() - options.keys()):
        changes.update(_USUAL.get(name, {}))

    compiler = _compiler(sa_dialect)
    for name, value in changes.items():
        alone = sa.Identity(**{name: value})
        said.append(f"SET {str(compiler.get_identity_options(alone)).strip()}")

    return " ".join(said)


_USUAL: dict[str, dict[str, Any]] = {
    "cache": {"cache": 1},
    "cycle": {"cycle": False},
    "increment": {"increment": 1},
    "maxvalue": {"nomaxvalue": True},
    "minvalue": {"nominvalue": True},
    "start": {"start": 1},
}


def _compiler(sa_dialect: Any) -> Any:
    return sa_dialect.ddl_compiler(sa_dialect, None)
