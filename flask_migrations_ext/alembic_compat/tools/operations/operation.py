"""What Alembic's operation objects have in common: a mutable object for each call."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from ....schema.copies import copied_column
from ..constructors import Takes


class MigrateOperation(Takes):
    """Base of operations; projects derive their own from it."""

    # Which rewriters have made or seen it: they leave it alone.
    _mutations: frozenset[Any] = frozenset()

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        if arguments or keywords:
            raise TypeError(f"{type(self).__name__}() takes no arguments")

    @cached_property
    def info(self) -> dict[Any, Any]:
        """What a project wants to remember about it."""
        return {}

    def reverse(self) -> MigrateOperation:
        """Return what undoes it.

        :raises NotImplementedError: unless a subclass says how.
        """
        raise NotImplementedError(f"{type(self).__name__} has no reverse()")

    def to_diff_tuple(self) -> Any:
        """Return it as ``compare_metadata`` lists it.

        :raises NotImplementedError: unless a subclass says how.
        """
        raise NotImplementedError(f"{type(self).__name__} has no to_diff_tuple()")


class AlterTableOp(MigrateOperation, takes="table_name * schema"):
    """Base of what changes one table."""


def metadata_of(migration_context: Any = None) -> sa.MetaData:
    """Return an empty ``MetaData`` that names constraints as the app's does."""
    opts = getattr(migration_context, "opts", None) or {}
    target = opts.get("target_metadata")
    several = target if isinstance(target, (list, tuple)) else [target]
    for each in several:
        if each is not None and each.naming_convention:
            return sa.MetaData(naming_convention=each.naming_convention)

    return sa.MetaData()


def stub(
    name: str | None,
    columns: Iterable[str],
    schema: str | None,
    metadata: sa.MetaData,
) -> sa.Table:
    """Return a table that has no more than these columns."""
    return sa.Table(
        name or "no_table",
        metadata,
        *(sa.Column(each, sa.types.NULLTYPE) for each in dict.fromkeys(columns)),
        schema=schema,
    )


def place_of(element: Any) -> tuple[str, str | None]:
    """Return the table of an element of SQLAlchemy's, and its schema."""
    return str(element.table.name), element.table.schema


def unattached(column: sa.Column[Any]) -> sa.Column[Any]:
    """Return a copy of a column that no table has yet.

    Where a table has the column, its constraints and indexes are the table's, and the
    copy has none.
    """
    copy = copied_column(column)
    if getattr(column, "table", None) is not None:
        copy.index = copy.unique = None

    return copy
