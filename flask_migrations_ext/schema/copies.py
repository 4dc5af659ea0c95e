"""Copies of SQLAlchemy's types, columns and tables, with all that they say.

Its own copy of an ``Enum`` forgets what the type is elsewhere (``with_variant``), and
that of MySQL's ``ENUM`` its character set and collation.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.base import SchemaEventTarget

_FORGOTTEN = (
    *("charset", "collation", "ascii", "unicode", "binary", "national"),
    "_variant_mapping",
)


def copied_type(
    element: sa.types.TypeEngine[Any], metadata: sa.MetaData
) -> sa.types.TypeEngine[Any]:
    """Return a type for another table; one that listens to its table is copied."""
    if not isinstance(element, SchemaEventTarget):
        return element

    said: Any = element
    copy: sa.types.TypeEngine[Any] = said.copy(_to_metadata=metadata)
    _remind(copy, element)
    return copy


def copied_column(column: sa.Column[Any]) -> sa.Column[Any]:
    """Return a column for another table."""
    copy = column._copy()
    _remind(copy.type, column.type)
    return copy


def copied_table(table: sa.Table, metadata: sa.MetaData) -> sa.Table:
    """Return a table in other metadata."""
    copy = table.to_metadata(metadata)
    for column in table.columns:
        _remind(copy.columns[column.key].type, column.type)

    return copy


def _remind(copy: Any, element: Any) -> None:
    for name in _FORGOTTEN:
        if getattr(copy, name, None) != getattr(element, name, None):
            setattr(copy, name, getattr(element, name))
