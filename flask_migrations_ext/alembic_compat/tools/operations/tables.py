"""Alembic's operation objects for tables and rows, and for a statement."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ....schema.from_sqlalchemy import declared_constraints
from .operation import AlterTableOp
from .operation import metadata_of
from .operation import MigrateOperation
from .operation import unattached


class CreateTableOp(
    MigrateOperation,
    takes="table_name columns * schema if_not_exists _namespace_metadata"
    " _constraints_included=False **kw",
):
    """Create a table.

    :param columns: columns and constraints, as ``sqlalchemy.Table`` takes.
    """

    def _complete(self) -> None:
        self.info = self.kw.pop("info", {})
        self.comment = self.kw.pop("comment", None)
        self.prefixes = self.kw.pop("prefixes", None)

    @classmethod
    def from_table(
        cls, table: sa.Table, *, _namespace_metadata: sa.MetaData | None = None
    ) -> CreateTableOp:
        """Return the operation that creates a table; its indexes are not part of it."""
        of_columns = {each for column in table.columns for each in column.constraints}
        return cls(
            str(table.name),
            [
                *table.columns,
                *(
                    each
                    for each in declared_constraints(table)
                    if each not in of_columns
                ),
            ],
            schema=table.schema,
            _namespace_metadata=_namespace_metadata or table.metadata,
            _constraints_included=True,
            # As Alembic does: what becomes of one is not the other's affair.
            info=dict(table.info),
            comment=table.comment,
            prefixes=list(table._prefixes),
            **dict(table.kwargs),
        )

    def to_table(self, migration_context: Any = None) -> sa.Table:
        """Return SQLAlchemy's table."""
        table = sa.Table(
            self.table_name,
            metadata_of(migration_context),
            *(unattached(e) for e in self.columns if isinstance(e, sa.Column)),
            schema=self.schema,
            comment=self.comment,
            info=dict(self.info),
            prefixes=list(self.prefixes or ()),
            **self.kw,
        )
        for each in self.columns:
            if isinstance(each, sa.Constraint):
                # A copy knows its columns by their names in the new table.
                table.append_constraint(_copied(each, table))
            elif not isinstance(each, sa.Column):
                each._set_parent_with_dispatch(table)

        return table

    def reverse(self) -> DropTableOp:
        return DropTableOp.from_table(
            self.to_table(), _namespace_metadata=self._namespace_metadata
        )

    def to_diff_tuple(self) -> tuple[str, sa.Table]:
        return "add_table", self.to_table()


def _copied(constraint: Any, table: sa.Table) -> sa.Constraint:
    if getattr(constraint, "parent", None) is None:
        copied: sa.Constraint = constraint
    else:
        copied = constraint._copy(target_table=table)
    return copied


class DropTableOp(
    MigrateOperation,
    takes="table_name * schema if_exists table_kw _reverse",
):
    """Drop a table."""

    table_kw: dict[Any, Any]

    def _complete(self) -> None:
        self.table_kw = dict(self.table_kw or {})
        self.comment = self.table_kw.pop("comment", None)
        self.info = self.table_kw.pop("info", None)
        self.prefixes = self.table_kw.pop("prefixes", None)

    @classmethod
    def from_table(
        cls, table: sa.Table, *, _namespace_metadata: sa.MetaData | None = None
    ) -> DropTableOp:
        """Return the operation that drops a table."""
        return cls(
            str(table.name),
            schema=table.schema,
            table_kw={
                "comment": table.comment,
                "info": dict(table.info),
                "prefixes": list(table._prefixes),
                **dict(table.kwargs),
            },
            _reverse=CreateTableOp.from_table(
                table, _namespace_metadata=_namespace_metadata
            ),
        )

    def to_table(self, migration_context: Any = None) -> sa.Table:
        """Return SQLAlchemy's table, as far as it is known."""
        created = CreateTableOp(
            self.table_name,
            self._reverse.columns if self._reverse is not None else [],
            schema=self.schema,
            comment=self.comment,
            info=dict(self.info or {}),
            prefixes=list(self.prefixes or ()),
            **self.table_kw,
        )
        return created.to_table(migration_context)

    def reverse(self) -> CreateTableOp:
        return CreateTableOp.from_table(
            self.to_table(),
            _namespace_metadata=(
                self._reverse._namespace_metadata if self._reverse else None
            ),
        )

    def to_diff_tuple(self) -> tuple[str, sa.Table]:
        return "remove_table", self.to_table()


class RenameTableOp(
    AlterTableOp,
    takes="old_table_name:table_name new_table_name * schema",
):
    """Give a table another name."""


class CreateTableCommentOp(
    AlterTableOp,
    takes="table_name comment * schema existing_comment",
):
    """Set the comment of a table."""

    def to_table(self, migration_context: Any = None) -> sa.Table:
        """Return a table that has the comment and no columns."""
        return sa.Table(
            self.table_name,
            metadata_of(migration_context),
            schema=self.schema,
            comment=self.comment,
        )

    def reverse(self) -> CreateTableCommentOp | DropTableCommentOp:
        if self.existing_comment is None:
            return DropTableCommentOp(
                self.table_name, existing_comment=self.comment, schema=self.schema
            )

        return CreateTableCommentOp(
            self.table_name,
            self.existing_comment,
            existing_comment=self.comment,
            schema=self.schema,
        )

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return "add_table_comment", self.to_table(), self.existing_comment


class DropTableCommentOp(AlterTableOp, takes="table_name * schema existing_comment"):
    """Remove the comment of a table."""

    def to_table(self, migration_context: Any = None) -> sa.Table:
        """Return a table that has neither comment nor columns."""
        return sa.Table(
            self.table_name, metadata_of(migration_context), schema=self.schema
        )

    def reverse(self) -> CreateTableCommentOp:
        return CreateTableCommentOp(
            self.table_name, self.existing_comment, schema=self.schema
        )

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return "remove_table_comment", self.to_table()


class BulkInsertOp(MigrateOperation, takes="table rows * multiinsert=True"):
    """Insert rows."""


class ExecuteSQLOp(MigrateOperation, takes="sqltext * execution_options"):
    """Execute a statement."""

    def to_diff_tuple(self) -> tuple[str, str | sa.Executable]:
        return "execute", self.sqltext
