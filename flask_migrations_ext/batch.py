"""What scripts call inside ``with op.batch_alter_table(…) as batch_op:``."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import conv

from .execution.async_bridge import awaited
from .execution.current import running_executor
from .operations import from_arguments
from .operations.base import Operation
from .operations.sql import ExecuteSql
from .operations.tables import AlterTable
from .operations.tables import RebuildOptions
from .schema.model import TableName
from .schema.to_sqlalchemy import NamingConvention


class BatchOperations:
    """Collects alterations of one table; each method adds one.

    The methods are named like the functions of ``op``, without the table.
    """

    def __init__(self, table: TableName, convention: NamingConvention | None) -> None:
        self._table = table
        self._convention = convention
        self._operations: list[Operation] = []

    def collected(self, rebuild: RebuildOptions) -> Iterator[Operation]:
        """Yield the operations: alterations in groups, statements between them."""
        # What a rebuild is to start from, and to add, is said to the first one only.
        later = replace(
            rebuild,
            recreate="never" if rebuild.recreate == "never" else "auto",
            copy_from=None,
            table_args=(),
            table_options=(),
        )

        group: list[Operation] = []
        for operation in (*self._operations, None):
            if operation is not None and not isinstance(operation, ExecuteSql):
                group.append(operation)
                continue

            if group or (operation is None and rebuild.recreate == "always"):
                yield AlterTable(self._table, tuple(group), rebuild)
                rebuild, group = later, []
            if operation is not None:
                yield operation

    # -- columns -----------------------------------------------------------

    def add_column(
        self,
        column: sa.Column[Any],
        *,
        insert_before: str | None = None,
        insert_after: str | None = None,
        if_not_exists: bool = False,
        inline_references: bool = False,
        inline_primary_key: bool = False,
    ) -> None:
        """Add a column; its place is kept where the table is rebuilt."""
        self._operations.append(
            from_arguments.add_column(
                self._table,
                column,
                self._convention,
                if_not_exists=if_not_exists,
                inline_references=inline_references,
                inline_primary_key=inline_primary_key,
                before=insert_before,
                after=insert_after,
            )
        )

    def alter_column(
        self,
        column_name: str,
        *,
        insert_before: str | None = None,
        insert_after: str | None = None,
        **changes: Any,
    ) -> None:
        """Change a column; arguments as of ``op.alter_column``."""
        self._operations.append(
            from_arguments.alter_column(
                self._table,
                column_name,
                before=insert_before,
                after=insert_after,
                **changes,
            )
        )

    def drop_column(
        self, column_name: str, *, if_exists: bool = False, **options: Any
    ) -> None:
        """Drop a column and its values."""
        self._operations.append(
            from_arguments.drop_column(
                self._table, column_name, if_exists=if_exists, **options
            )
        )

    # -- indexes -----------------------------------------------------------

    def create_index(
        self,
        index_name: str | None,
        columns: Sequence[str | sa.ColumnElement[Any] | sa.TextClause],
        *,
        unique: bool = False,
        if_not_exists: bool = False,
        **options: Any,
    ) -> None:
        """Create an index on columns or expressions."""
        self._operations.append(
            from_arguments.create_index(
                self._table,
                index_name,
                columns,
                self._convention,
                unique=unique,
                if_not_exists=if_not_exists,
                **options,
            )
        )

    def drop_index(
        self, index_name: str, *, if_exists: bool = False, **options: Any
    ) -> None:
        """Drop an index."""
        self._operations.append(
            from_arguments.drop_index(
                self._table, index_name, if_exists=if_exists, **options
            )
        )

    # -- constraints -------------------------------------------------------

    def create_primary_key(
        self, constraint_name: str | None, columns: Sequence[str], **options: Any
    ) -> None:
        """Make columns the primary key."""
        self._operations.append(
            from_arguments.create_primary_key(
                self._table, constraint_name, columns, **options
            )
        )

    def create_unique_constraint(
        self,
        constraint_name: str | None,
        columns: Sequence[str],
        *,
        deferrable: bool | None = None,
        initially: str | None = None,
        **options: Any,
    ) -> None:
        """Demand that values of the columns occur once together."""
        self._operations.append(
            from_arguments.create_unique_constraint(
                self._table,
                constraint_name,
                columns,
                deferrable=deferrable,
                initially=initially,
                **options,
            )
        )

    def create_foreign_key(
        self,
        constraint_name: str | None,
        referent_table: str,
        local_cols: Sequence[str],
        remote_cols: Sequence[str],
        *,
        onupdate: str | None = None,
        ondelete: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
        match: str | None = None,
        referent_schema: str | None = None,
        **options: Any,
    ) -> None:
        """Demand that columns point to a row of another table."""
        self._operations.append(
            from_arguments.create_foreign_key(
                self._table,
                constraint_name,
                referent_table,
                local_cols,
                remote_cols,
                onupdate=onupdate,
                ondelete=ondelete,
                deferrable=deferrable,
                initially=initially,
                match=match,
                referent_schema=referent_schema,
                **options,
            )
        )

    def create_check_constraint(
        self,
        constraint_name: str | None,
        condition: str | sa.ColumnElement[bool] | sa.TextClause,
        **options: Any,
    ) -> None:
        """Demand that every row fulfils a condition."""
        self._operations.append(
            from_arguments.create_check_constraint(
                self._table, constraint_name, condition, **options
            )
        )

    def create_exclude_constraint(
        self,
        constraint_name: str | None,
        *elements: tuple[Any, str],
        where: str | sa.ColumnElement[bool] | sa.TextClause | None = None,
        using: str = "gist",
        deferrable: bool | None = None,
        initially: str | None = None,
        ops: Mapping[str, str] | None = None,
    ) -> None:
        """Demand that no two rows agree in all elements, each by its operator."""
        self._operations.append(
            from_arguments.create_exclude_constraint(
                self._table,
                constraint_name,
                elements,
                where=where,
                using=using,
                deferrable=deferrable,
                initially=initially,
                ops=ops,
            )
        )

    def drop_constraint(
        self, constraint_name: str, type_: str | None = None, *, if_exists: bool = False
    ) -> None:
        """Drop a constraint."""
        self._operations.append(
            from_arguments.drop_constraint(
                self._table, constraint_name, type_, if_exists=if_exists
            )
        )

    # -- comments, SQL, and around -----------------------------------------

    def create_table_comment(
        self, comment: str | None, *, existing_comment: str | None = None
    ) -> None:
        """Set the comment of the table."""
        self._operations.append(
            from_arguments.comment_table(self._table, comment, existing_comment)
        )

    def drop_table_comment(self, *, existing_comment: str | None = None) -> None:
        """Remove the comment of the table."""
        self.create_table_comment(None, existing_comment=existing_comment)

    def execute(
        self,
        sqltext: str | sa.Executable,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Execute a statement, in its place among the alterations."""
        self._operations.append(from_arguments.execute(sqltext, execution_options))

    def invoke(self, operation: Operation) -> None:
        """Carry out an operation, in its place among the alterations."""
        self._operations.append(from_arguments.operation(operation))

    def inline_literal(
        self, value: Any, type_: sa.types.TypeEngine[Any] | None = None
    ) -> sa.BindParameter[Any]:
        """Return a value that is written into the SQL."""
        return from_arguments.inline_literal(value, type_)

    def f(self, name: str) -> conv:
        """Return a name that is final."""
        return conv(name)

    def get_bind(self) -> sa.Connection:
        """Return the connection that the migration runs on."""
        return running_executor("batch_op.get_bind").bind

    def run_async(
        self,
        async_function: Callable[..., Awaitable[Any]],
        *args: Any,
        **kw_args: Any,
    ) -> Any:
        """Run a coroutine function on the database, at once: the block comes later."""
        connection = running_executor("batch_op.run_async").connection
        return awaited(connection, async_function, *args, **kw_args)
