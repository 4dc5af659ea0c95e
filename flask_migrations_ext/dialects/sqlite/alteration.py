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
from ...errors import TableMissing
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
from ..dialect import Statements
from ..standard_columns import warn_of_autoincrement
from .catalog import SqliteCatalog
from .catalog import StoredText
from .columns import drop_column
from .columns import order_of
from .columns import rename_column
from .columns import reorder_columns
from .columns import set_not_null
from .constraints import demand_of
from .constraints import restore_constraints
from .constraints import set_primary_key
from .data_checks import refuse_forgotten
from .data_checks import refuse_losses
from .definition import ConstraintText
from .definition import Kind
from .definition import TableText
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
_FREE_OF_USE = (
    Kind.NOT_NULL,
    Kind.NULL,
    Kind.DEFAULT,
    Kind.COLLATE,
    Kind.GENERATED,
    Kind.NAME,
)


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
        self.stored = self._stored()
        self.table = self._with_names(self._wanted())
        self.words: list[str] = []
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

        becomes = self._with_options(self.table)
        if becomes != self.table:
            self._become(Edit(becomes))
        yield from self._settle()

    def _stored(self) -> TableText:
        found = self.catalog.find(self.name.name)
        if found is None or found.sql is None:
            raise TableMissing(
                "SQLite",
                f"alter table '{self.name}': no such table: {self.name.name}",
                "see whether an earlier revision creates it under this name",
            )
        if self.catalog.is_hidden(self.name.name):
            # It is the one that SQLite would alter.
            raise UnsupportedOperation(
                "SQLite",
                f"alter table '{self.name}': a temporary table of this name hides it",
                f"drop that first: op.execute('DROP TABLE temp.{quote(found.name)}')",
            )
        if found.kind == "view":
            raise UnsupportedOperation(
                "SQLite",
                f"alter '{self.name}': it is a view",
                "drop it and create it again, with op.execute()",
            )

        return parse_table(found.sql)

    def _wanted(self) -> TableText:
        """Return the table as it is to be taken for, without any change."""
        given = self.options.copy_from
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

        self.table = edit.table
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
        self.stored = self._stored()
        self.table = self._with_names(self.stored)

    def _with_names(self, table: TableText) -> TableText:
        """Return the table as a rebuild makes it: with the names of the convention."""
        given = self.options.naming_convention is not None
        return self.editor.with_names(table) if given else table

    def _column(self, name: str) -> str:
        """Return the present name of a column, which may be called as before."""
        if self.table.find_column(name):
            return name

        return self.renamed.get(folded(name), name)

    # -- columns -----------------------------------------------------------

    def _add_column(self, operation: AddColumn) -> Statements:
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
            constraints=tuple(map(self._with_new_names, operation.constraints)),
        )
        natively = self.options.recreate == "never"
        self._become(self.editor.with_column(self.table, operation, natively=natively))
        self._restored(name)
        self.indexes += [
            CreateIndex(operation.table, index) for index in operation.indexes
        ]

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
        words = None
        if self.stored.find_column(name) and self._can_be_dropped(name):
            words = f"DROP COLUMN {quote(name)}"
        self.dropped[folded(name)] = self.table.mentions(name)
        self.dropped_indexes[folded(name)] = self._indexes_on(name)
        self._become(Edit(without, words))

    def _can_be_dropped(self, name: str) -> bool:
        """Return whether SQLite drops a column: it has to be free of any use."""
        mentions = self.stored.mentions(name)
        own = self.stored.column(name).constraints
        if any(each not in own or each.kind not in _FREE_OF_USE for each in mentions):
            return False

        if self._indexes_on(name):
            return False

        # SQLite would stop at a view that is broken already.
        return self.catalog.version() >= DROPS_COLUMNS and not self.catalog.broken()

    def _indexes_on(self, column: str) -> tuple[StoredText, ...]:
        found = self.catalog.indexes_of(self.name.name)
        wanted = folded(column)

        return tuple(
            index
            for index in found
            if wanted in map(folded, parse_index(index.sql or "").columns)
        )

    def _restored(self, name: str) -> None:
        """Have what went away with a column come back with it."""
        dropped = self.dropped.pop(folded(name), ())
        self._become(Edit(restore_constraints(self.table, name, dropped)))
        self.restored_indexes += self.dropped_indexes.pop(folded(name), ())

    def _alter_column(self, operation: AlterColumn) -> Statements:
        warn_of_autoincrement(operation, self.dialect.title)
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
        settled = not self.must_rebuild and not self.words
        yield self.dialect.raw(
            f"ALTER TABLE {quote(self.stored.name)}"
            f" RENAME COLUMN {quote(name)} TO {quote(new_name)}"
        )
        self.stored = self._stored()
        self.table = self._with_names(self.stored) if settled else becomes

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
                yield self.dialect.raw(f"ALTER TABLE {quote(self.stored.name)} {words}")
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
            self.indexes += [
                CreateIndex(self.name, each)
                for each in self.arguments
                if isinstance(each, Index)
            ]
        for part in self.arguments:
            if isinstance(part, Constraint):
                table = self._with_argument(table, part)

        options = dict(self.options.table_options)
        keys = table.primary_key
        counts = options.get("sqlite_autoincrement") and not table.has_autoincrement
        if counts and len(keys) == 1:
            table = set_primary_key(
                set_not_null(table, keys[0]), keys, autoincrement=True
            )
        words = []
        if table.without_rowid or options.get("sqlite_with_rowid") is False:
            words.append("WITHOUT ROWID")
        if table.is_strict or options.get("sqlite_strict"):
            words.append("STRICT")
        if words and not (table.without_rowid + table.is_strict == len(words)):
            table = replace(table, options=f" {', '.join(words)}")

        return table

    def _with_argument(self, table: TableText, constraint: Constraint) -> TableText:
        """Return the table with a constraint, unless it has it already."""
        edited = self.editor.with_constraint(table, constraint).table
        new = edited.table_constraints[-1]
        for known in table.constraints:
            same_name = known.name and new.name and names_equal(known.name, new.name)
            same_words = _words(known) == _words(new)
            if same_name or (same_words and demand_of(known) == demand_of(new)):
                return table

        return edited


def _words(constraint: ConstraintText) -> tuple[object, ...]:
    return constraint.kind, constraint.columns, constraint.reference
