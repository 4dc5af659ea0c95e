"""``alembic.autogenerate``: a database against models, outside of any command."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ....autogenerate.compare.schema import comparison
from ....autogenerate.filters import schemas_to_read
from ....autogenerate.hooks import compared_outside
from ....autogenerate.hooks import Comparing
from ....autogenerate.hooks import is_taken_over
from ....autogenerate.options import CompareOptions
from ....dialects.registry import rules_for
from ....errors import ConfigurationError
from ....errors import Irreversible
from ....operations.base import Operation
from ....schema.from_sqlalchemy import read_metadata
from ....schema.model import TableName
from ..migration import MigrationContext
from ..operations.containers import DowngradeOps
from ..operations.containers import MigrationScript
from ..operations.containers import UpgradeOps
from ..operations.views import View
from . import render
from . import rewriter
from .comparators import comparators
from .context import AutogenContext
from .impl_options import with_answers
from .plugins import Plugin
from .render import render_python_code
from .renderers import render_op_text
from .renderers import renderers
from .rewriter import Rewriter

__all__ = [
    "AutogenContext",
    "comparators",
    "compare_metadata",
    "differences",
    "Plugin",
    "produce_migrations",
    "render",
    "render_op_text",
    "render_python_code",
    "renderers",
    "Rewriter",
    "rewriter",
]


def compare_metadata(context: MigrationContext, metadata: sa.MetaData) -> Any:
    """Return the differences as tuples: ``("add_table", Table(…))`` and others.

    What changes in one column comes as a list of them.
    """
    found: Any = produce_migrations(context, metadata).upgrade_ops.as_diffs()
    return found


def produce_migrations(
    context: MigrationContext, metadata: sa.MetaData
) -> MigrationScript:
    """Return what brings a database to its models, as a script without an id."""
    imports: set[str] = set()
    found = differences(context, metadata, imports)
    autogen_context = AutogenContext(context, metadata)
    return MigrationScript(
        rev_id=None,
        upgrade_ops=UpgradeOps(View(found, autogen_context).ops),
        downgrade_ops=DowngradeOps(View(_undone(found), autogen_context).ops),
        imports=imports,
    )


def _undone(operations: tuple[Operation, ...]) -> list[Operation]:
    undone = []
    for each in reversed(operations):
        try:
            undone.append(each.reversed())
        except Irreversible:
            continue

    return undone


def differences(
    context: MigrationContext,
    metadata: sa.MetaData,
    imports: set[str] | None = None,
) -> tuple[Operation, ...]:
    """Return the operations that bring a database to its models.

    :raises ConfigurationError: if there is no database.
    """
    connection = context.connection
    if connection is None:
        raise ConfigurationError("comparing needs a database, not its kind alone")

    said = AutogenContext(context, metadata).opts
    opts = with_answers(said, connection.dialect)
    several = tuple(metadata) if isinstance(metadata, (list, tuple)) else (metadata,)
    rules = rules_for(connection.dialect, connection)
    models = read_metadata(several, rules.write)
    schemas = schemas_to_read(
        sa.inspect(connection),
        models,
        rules,
        include_schemas=opts["include_schemas"],
        include_name=opts["include_name"],
    )
    database = rules.read_database(connection, schemas, opts["include_name"])
    options = CompareOptions(
        include_object=opts["include_object"],
        compare_type=opts["compare_type"],
        compare_server_default=opts["compare_server_default"],
        compare_enums=not is_taken_over("enums"),
        version_table=TableName(context.version_table, context.version_table_schema),
        context=context,
    )
    found = comparison(database, models, rules, options=options).operations
    comparing = Comparing(
        connection,
        several,
        database,
        models,
        schemas if opts["include_schemas"] else (None,),
        rules,
        options,
        set() if imports is None else imports,
    )
    return compared_outside(comparing, found)
