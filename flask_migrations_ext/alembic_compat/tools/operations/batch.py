"""``alembic.operations.BatchOperations``: ours, with what projects have added."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import sqlalchemy as sa

from .... import op as ours
from ....batch import BatchOperations as OurBatch
from ...projects import additions
from ..migration import MigrationContext
from .constraints import AddConstraintOp
from .constraints import DropConstraintOp
from .from_alembic import operations_of
from .implementations import implementation_of
from .indexes import CreateIndexOp
from .indexes import DropIndexOp
from .methods import offer


class AbstractOperations:
    """What both have that projects call."""


class BatchOperations(AbstractOperations):
    """What collects the alterations of one table.

    :param batch: ours, which does it.
    """

    def __init__(
        self,
        batch: OurBatch,
        migration_context: MigrationContext,
        table_name: str,
        schema: str | None,
    ) -> None:
        self._batch = batch
        self.migration_context = migration_context
        self.impl = BatchOperationsImpl(self, table_name, schema)

    @classmethod
    def register_operation(
        cls, name: str, sourcename: str | None = None
    ) -> Callable[[type], type]:
        """Add a method: the class method of a class, as a decorator."""

        def register(operation: type) -> type:
            additions.batch_functions[name] = getattr(operation, sourcename or name)
            return operation

        return register

    def invoke(self, operation: Any) -> Any:
        """Carry out an operation in its place among the alterations."""
        own = implementation_of(operation, self.migration_context.dialect.name)
        if own is not None:
            return own(self, operation)

        for each in operations_of([operation]):
            self._batch.invoke(each)
        return None

    def get_context(self) -> MigrationContext:
        """Return what is known of the run."""
        return self.migration_context

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in additions.batch_functions:
            return partial(additions.batch_functions[name], self)

        return getattr(self._batch, name)


offer(
    BatchOperations,
    (
        *("add_column", "alter_column", "create_check_constraint", "execute", "f"),
        *("create_exclude_constraint", "create_foreign_key", "create_index"),
        *("create_primary_key", "create_table_comment", "create_unique_constraint"),
        *("drop_column", "drop_constraint", "drop_index", "drop_table_comment"),
        *("get_bind", "inline_literal", "run_async"),
    ),
)


class BatchOperationsImpl:
    """What operations of projects ask, and call, to alter the table of a batch."""

    def __init__(
        self, operations: BatchOperations, table_name: str, schema: str | None
    ) -> None:
        self.operations = operations
        self.table_name = table_name
        self.schema = schema
        self.dialect = operations.migration_context.dialect
        self.batch = operations._batch

    def add_column(
        self,
        table_name: str,
        column: sa.Column[Any],
        *,
        schema: str | None = None,
        **options: Any,
    ) -> None:
        """Add a column."""
        self.batch.add_column(column, **options)

    def drop_column(
        self,
        table_name: str,
        column: sa.Column[Any],
        *,
        schema: str | None = None,
        **options: Any,
    ) -> None:
        """Drop a column."""
        self.batch.drop_column(column.name, **options)

    def alter_column(self, table_name: str, column_name: str, **options: Any) -> None:
        """Change a column."""
        options.pop("schema", None)
        name = options.pop("name", None)
        self.batch.alter_column(column_name, new_column_name=name, **options)

    def create_index(self, index: sa.Index, **options: Any) -> None:
        """Create an index."""
        self.operations.invoke(CreateIndexOp.from_index(index))

    def drop_index(self, index: sa.Index, **options: Any) -> None:
        """Drop an index."""
        self.operations.invoke(DropIndexOp.from_index(index))

    def add_constraint(self, constraint: sa.Constraint, **options: Any) -> None:
        """Add a constraint."""
        self.operations.invoke(AddConstraintOp.from_constraint(constraint))

    def drop_constraint(self, constraint: sa.Constraint, **options: Any) -> None:
        """Drop a constraint."""
        self.operations.invoke(DropConstraintOp.from_constraint(constraint))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        return getattr(self.operations.migration_context.impl, name)


@contextmanager
def batch_alter_table(
    migration_context: MigrationContext,
    table_name: str,
    schema: str | None = None,
    *arguments: Any,
    **keywords: Any,
) -> Iterator[BatchOperations]:
    """Collect alterations of one table, and do them together at the block's end.

    In no transaction, without a command, they are one, which is committed.
    """
    connection, is_own = migration_context.connection, False
    try:
        with ours.batch_alter_table(table_name, schema, *arguments, **keywords) as each:
            yield BatchOperations(each, migration_context, table_name, schema)
            is_own = migration_context.is_idle
    except BaseException:
        if connection is not None and is_own:
            connection.rollback()
        raise
    if connection is not None and is_own:
        connection.commit()
