"""Carries out alterations of one SQLite table: natively, or by one rebuild of it.

Renames of columns come at once, as SQLite then corrects views, triggers and other
tables by itself. The rest is gathered as edits of the table's text. Indexes are
made last, so that they may be on new columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from ...errors import NotInTable
from ...errors import UnsupportedOperation
from ...operations.base import Operation
from ...operations.columns import AddColumn
from ...operations.columns import AlterColumn
from ...operations.columns import ColumnFacts
from ...operations.columns import DropColumn
from ...operations.constraints import AddConstraint
from ...operations.constraints import DropConstraint
from ...operations.indexes import CreateIndex
from ...operations.indexes import DropIndex
from ...operations.tables import CommentTable
from ...operations.tables import RebuildOptions
from ...schema.from_sqlalchemy import read_parts
from ...schema.model import Constraint
from ...schema.model import ForeignKey
from ...schema.model import Index
from ...schema.model import TableName
from ...schema.to_sqlalchemy import SQLAlchemyBuilder
from ..dialect import Dialect
from ..dialect import Statement
from ..dialect import Statements
from ..standard_columns import warn_of_autoincrement
from .catalog import Outline
from .catalog import SqliteCatalog
from .catalog import StoredText
from .columns import drop_column
from .columns import order_of
from .columns import rename_column
from .columns import reorder_columns
from .constraints import restore_constraints
from .constraints import with_options
from .data_checks import refuse_forgotten
from .data_checks import refuse_losses
from .definition import ConstraintText
from .definition import TableText
from .editor import Addition
from .editor import Edit
from .editor import TableEditor
from .outline import parse_index
from .parser import parse_table
from .rebuild import rebuilt
from .tokens import folded
from .tokens import names_equal
from .tokens import quote

# Earlier ones could damage a table: https://www.sqlite.org/changes.html#version_3_35_5
DROPS_COLUMNS = (3, 35, 5)


class TableAlteration:
    """The alterations of one table, in the order they are to be done."""

    def __init__(
        self,
        dialect: Dialect,
        connection: sa.Connection,
        name: TableName,
        options: RebuildOptions,
    ) -> None:
        self.dialect = dialect
        self.connection = connection
        self.catalog = SqliteCatalog(connection)
        self.name = name
        self.options = options
        convention = options.naming_convention or dialect.naming_convention
        self.build = SQLAlchemyBuilder(dialect.sa_dialect, convention, dialect.write)
        self.editor = TableEditor(dialect, self.build, name)
        # Read when they are needed: SQLite does much by itself.
        self._stored: TableText | None = None
        self._table: TableText | None = None
        self.words: list[str] = []
        self.copy_from = options.copy_from
        self.must_rebuild = options.recreate == "always"
        self.moves: list[Sequence[str]] = list(options.partial_reordering)
        self.renamed: dict[str, str] = {}
        self.indexes: list[CreateIndex] = []
        self.arguments: tuple[Constraint | Index, ...] | None = None
        self.dropped: dict[str, tuple[ConstraintText, ...]] = {}
        self.dropped_indexes: dict[str, tuple[StoredText, ...]] = {}
        self.restored_indexes: list[StoredText] = []

    def statements(self, operations: Iterable[Operation]) -> Statements:
        """Yield what carries out the operations."""
        for operation in operations:
            yield from self._take(operation)

        own = [o for o in self.options.table_options if o[0].startswith("sqlite_")]
        if self.options.table_args or own:
            self._become(Edit(self._with_options(self.table)))
        yield from self._settle()

    @property
    def stored(self) -> TableText:
        """The table as the database has it."""
        if self._stored is None:
            self._stored = self.catalog.read_table(self.name)

        return self._stored

    @property
    def table(self) -> TableText:
        """The table as it is to become."""
        if self._table is None:
            self._table = self._with_names(self._wanted())

        return self._table

    def _wanted(self) -> TableText:
        """Return the table as it is to be taken for, without any change."""
        given = self.copy_from
        if given is None:
            return self.stored

        table = parse_table(self.dialect.compiled(sa.schema.CreateTable(given)))
        refuse_forgotten(self.connection, self.stored, table)

        return table

    # -- gathering ---------------------------------------------------------

    def _take(self, operation: Operation) -> Statements:
        match operation:
            case AddColumn():
                yield from self._add_column(operation)
            case DropColumn():
                self._drop_column(operation)
            case AlterColumn():
                yield from self._alter_column(operation)
            case AddConstraint():
                constraint = self._with_new_names(operation.constraint)
                self._become(self.editor.with_constraint(self.table, constraint))
            case DropConstraint():
                self._become(self.editor.without_constraint(self.table, operation))
            case CreateIndex():
                self.indexes.append(operation)
            case DropIndex():
                yield from self._drop_index(operation)
            case CommentTable():
                # SQLite keeps no comments.
                pass
            case _:
                yield from self._settle()
                yield from self.dialect.statements(operation, self.connection)
                self._look_again()

    def _become(self, edit: Edit) -> None:
        if edit.table == self.table:
            return

        self._table = edit.table
        if edit.words is not None:
            self.words.append(edit.words)
        else:
            self._refuse_if_never()
            self.must_rebuild = True

    def _refuse_if_never(self) -> None:
        if self.options.recreate == "never":
            raise UnsupportedOperation(
                "SQLite",
                f"alter table '{self.name}' like this without a rebuild",
                "leave out recreate='never'",
            )

    def _look_again(self) -> None:
        self._stored = self._table = None
        # It has been what the table is taken for.
        self.copy_from = None

    def _with_names(self, table: TableText) -> TableText:
        """Return the table as a rebuild makes it: with the names of the convention."""
        given = self.options.naming_convention is not None
        return self.editor.with_names(table) if given else table

    def _column(self, name: str) -> str:
        """Return the present name of a column, which may be called as before."""
        if not self.renamed or self.table.find_column(name):
            return name

        return self.renamed.get(folded(name), name)

    # -- columns -----------------------------------------------------------

    def _add_column(self, operation: AddColumn) -> Statements:
        native = self._native_addition(operation)
        if native is not None:
            yield native
            self._add_indexes(operation.indexes)
            return

        name = operation.column.name
        if operation.if_not_exists and self.table.find_column(name):
            return
        if self.stored.find_column(name) and not self.table.find_column(name):
            # Only its name comes back: the values of the dropped one do not.
            yield from self._settle(with_indexes=False)

        operation = replace(
            operation,
            before=self._column(operation.before) if operation.before else None,
            after=self._column(operation.after) if operation.after else None,
        )
        addition = self._addition(operation)
        self._become(self.editor.with_column(self.table, operation, addition))
        self._restored(name)
        self._add_indexes(operation.indexes)

    def _addition(self, operation: AddColumn) -> Addition:
        constraints = tuple(map(self._with_new_names, operation.constraints))

        return self.editor.addition(
            replace(operation, constraints=constraints),
            natively=self.options.recreate == "never",
        )

    def _untouched(self) -> Outline | None:
        """Return the table in the database, if it is all there is so far, unread."""
        if self._table or self.must_rebuild or self.copy_from is not None:
            return None

        return self.catalog.outline(self.name.name)

    def _native_addition(self, operation: AddColumn) -> Statement | None:
        """Return what adds a column to a table that need not be read for it."""
        placed = operation.before or operation.after or operation.if_not_exists
        is_key = operation.inline_primary_key or operation.column.primary_key
        outline = None if placed or is_key else self._untouched()
        if outline is None or outline.has(operation.column.name):
            return None
        addition = self._addition(operation)
        words = addition.words(is_strict=outline.is_strict)
        # Whether there are rows is asked elsewhere.
        if words is None or addition.column.needs_value:
            return None

        return self._alter(outline.name, words)

    def _alter(self, table: str, words: str) -> Statement:
        return self.dialect.raw(f"ALTER TABLE {quote(table)} {words}")

    def _drop_column(self, operation: DropColumn) -> None:
        name = self._column(operation.name)
        if operation.if_exists and not self.table.find_column(name):
            return

        without = drop_column(self.table, name)
        for other in self.catalog.referring_columns(self.name.name, name):
            raise UnsupportedOperation(
                "SQLite",
                f"drop column '{name}' of table '{self.name}': table '{other}' has a"
                " foreign key to it",
                "drop that foreign key, or that table, first",
            )
        indexes = self.catalog.indexes_on(self.name.name, name)
        words = None
        if self.stored.find_column(name) and not indexes and self._can_be_dropped(name):
            words = f"DROP COLUMN {quote(name)}"
        self.dropped[folded(name)] = self.table.mentions(name)
        self.dropped_indexes[folded(name)] = indexes
        self._become(Edit(without, words))

    def _can_be_dropped(self, name: str) -> bool:
        """Return whether SQLite drops a column in no index: it is free of any use."""
        if not self.stored.is_free_of_use(name):
            return False

        # SQLite would stop at a view that is broken already.
        return self.catalog.version() >= DROPS_COLUMNS and not self.catalog.broken()

    def _restored(self, name: str) -> None:
        """Have what went away with a column come back with it."""
        dropped = self.dropped.pop(folded(name), ())
        self._become(Edit(restore_constraints(self.table, name, dropped)))
        self.restored_indexes += self.dropped_indexes.pop(folded(name), ())

    def _alter_column(self, operation: AlterColumn) -> Statements:
        warn_of_autoincrement(operation, self.dialect.title)
        native = self._native_rename(operation)
        if native is not None:
            yield native
            return

        name = self._column(operation.name)
        if not self.table.find_column(name):
            raise NotInTable(
                str(self.name), f"column '{operation.name}'", self.table.column_names
            )
        if operation.new_name is not None and operation.new_name != name:
            yield from self._rename(name, operation.new_name)
            self.renamed[folded(operation.name)] = operation.new_name
            name = operation.new_name

        if operation.becomes != ColumnFacts():
            self._become(
                self.editor.altered(self.table, name, operation.becomes, operation.was)
            )
        if operation.before:
            self.moves.append((name, self._column(operation.before)))
        if operation.after:
            self.moves.append((self._column(operation.after), name))

    def _native_rename(self, operation: AlterColumn) -> Statement | None:
        """Return what renames a column of a table that need not be read for it."""
        name, new_name = operation.name, operation.new_name
        more = operation.becomes != ColumnFacts() or operation.before or operation.after
        if more or new_name in (None, name) or self.renamed:
            return None
        outline = self._untouched()
        if outline is None or not outline.has(name):
            return None
        if outline.has(new_name) and not names_equal(name, new_name):
            return None
        self.renamed[folded(name)] = new_name

        return self._alter(
            outline.name, f"RENAME COLUMN {quote(name)} TO {quote(new_name)}"
        )

    def _rename(self, name: str, new_name: str) -> Statements:
        taken = self.stored.find_column(new_name)
        is_free_later = taken and not self.table.find_column(new_name)
        if is_free_later or not self.must_rebuild:
            # The column that has the name is to be dropped; or what SQLite is to
            # do by itself has been written with the old name.
            yield from self._settle(with_indexes=False)
        if not self.stored.find_column(name):
            self._become(Edit(rename_column(self.table, name, new_name)))
            return

        becomes = rename_column(self.table, name, new_name)
        gathered = self.must_rebuild or self.words or self.copy_from is not None
        yield self._alter(
            self.stored.name, f"RENAME COLUMN {quote(name)} TO {quote(new_name)}"
        )
        self._look_again()
        if gathered:
            self._table = becomes

    # -- indexes -----------------------------------------------------------

    def _drop_index(self, operation: DropIndex) -> Statements:
        kept = [each for each in self.indexes if each.index.name != operation.name]
        back = [each for each in self.restored_indexes if each.name != operation.name]
        if len(kept) < len(self.indexes) or len(back) < len(self.restored_indexes):
            self.indexes, self.restored_indexes = kept, back
            return

        for column, texts in self.dropped_indexes.items():
            self.dropped_indexes[column] = tuple(
                each for each in texts if each.name != operation.name
            )
        yield from self.dialect.statements(operation, self.connection)

    def _add_indexes(self, indexes: Iterable[Index]) -> None:
        self.indexes += [CreateIndex(self.name, index) for index in indexes]

    def _create_indexes(self) -> Statements:
        for operation in self.indexes:
            parts = tuple(
                self._column(part) if isinstance(part, str) else part
                for part in operation.index.parts
            )
            index = replace(operation.index, parts=parts)
            yield from self.dialect.statements(
                replace(operation, index=index), self.connection
            )
        self.indexes = []
        for each in self.restored_indexes:
            used = parse_index(each.sql or "").columns
            there = all(self.table.find_column(name) for name in used)
            if there and each.name not in self.catalog.index_keys(self.name.name):
                yield self.dialect.raw(each.sql or "")
        self.restored_indexes = []

    def _with_new_names(self, constraint: Constraint) -> Constraint:
        changed: Any = constraint
        if hasattr(constraint, "columns"):
            columns = tuple(map(self._column, constraint.columns))
            changed = replace(changed, columns=columns)
        if isinstance(changed, ForeignKey) and changed.referent.name == self.name.name:
            targets = tuple(map(self._column, changed.referent_columns))
            changed = replace(changed, referent_columns=targets)

        return changed  # type: ignore[no-any-return]  # the class stays the same

    # -- doing -------------------------------------------------------------

    def _settle(self, *, with_indexes: bool = True) -> Statements:
        """Yield what brings the table of the database to what was gathered."""
        if self.must_rebuild:
            becomes = self._in_order(self._with_options(self.table))
            yield from rebuilt(self.dialect.raw, self.connection, self.stored, becomes)
        elif self.words:
            refuse_losses(self.connection, self.stored, self.table)
            for words in self.words:
                yield self._alter(self.stored.name, words)
        if self.must_rebuild or self.words:
            self.must_rebuild = False
            self.words = []
            self._look_again()
        if with_indexes:
            yield from self._create_indexes()

    def _in_order(self, table: TableText) -> TableText:
        if not self.moves:
            return table

        spelled = {folded(name): name for name in table.column_names}
        partial = [
            [spelled[folded(name)] for name in names if folded(name) in spelled]
            for names in ([self._column(each) for each in move] for move in self.moves)
        ]

        return reorder_columns(table, order_of(table.column_names, partial))

    def _with_options(self, table: TableText) -> TableText:
        """Return the table with the arguments that the block gave for it."""
        if self.arguments is None:
            self.arguments = read_parts(self.options.table_args)
            # An index is no part of the table's text.
            self._add_indexes(
                each for each in self.arguments if isinstance(each, Index)
            )
        constraints = [each for each in self.arguments if isinstance(each, Constraint)]
        table = self.editor.with_arguments(table, constraints)

        return with_options(table, dict(self.options.table_options))
