"""``alembic.autogenerate``: what of it there is."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..autogenerate.compare import comparison
from ..autogenerate.describe import describe
from ..autogenerate.options import CompareOptions
from ..dialects.meaning import meaning_for
from ..errors import ConfigurationError
from ..operations.base import Operation
from ..schema.from_sqlalchemy import read_metadata
from ..schema.model import TableName
from .migration import MigrationContext

__all__ = ["compare_metadata", "differences"]


def compare_metadata(context: MigrationContext, metadata: sa.MetaData) -> list[Any]:
    """Return a line for each difference; none, if there is none.

    Alembic returns tuples of its own; what projects ask is mostly whether it is empty.
    """
    return [describe(each) for each in differences(context, metadata)]


def differences(
    context: MigrationContext, metadata: sa.MetaData
) -> tuple[Operation, ...]:
    """Return the operations that bring a database to its models."""
    connection = context.connection
    if connection is None:
        raise ConfigurationError("comparing needs a database, not its kind alone")

    options = context.opts
    meaning = meaning_for(connection.dialect, connection)
    return comparison(
        meaning.read_database(connection, (None,), options.get("include_name")),
        read_metadata((metadata,)),
        meaning,
        options=CompareOptions(
            include_object=options.get("include_object"),
            compare_type=options.get("compare_type", True),
            compare_server_default=options.get("compare_server_default", True),
            version_table=TableName(
                context.version_table, context.version_table_schema
            ),
            context=context,
        ),
    ).operations
