"""Operations as edits of the text of a SQLite table, before anything is executed.

Each function returns what the table becomes and, where SQLite may be able to alter
it by itself, the words behind ``ALTER TABLE name``.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ...errors import UnsupportedOperation
from ...operations.columns import AddColumn
from ...operations.columns import ColumnFacts
from ...operations.constraints import DropConstraint
from ...schema.from_sqlalchemy import is_plain_type
from ...schema.model import Check
from ...schema.model import Column
from ...schema.model import Computed
from ...schema.model import Constraint
from ...schema.model import ForeignKey
from ...schema.model import Identity
from ...schema.model import KEPT
from ...schema.model import Kept
from ...schema.model import PrimaryKey
from ...schema.model import SqlType
from ...schema.model import Table
from ...schema.model import TableName
from ...schema.model import Unique
from ...schema.to_sqlalchemy import SQLAlchemyBuilder
from ..constraint_lookup import constraint_to_drop
from ..dialect import Dialect
from .columns import add_column
from .columns import can_be_added
from .columns import drop_default
from .columns import drop_generated
from .columns import drop_not_null
from .columns import set_collation
from .columns import set_default
from .columns import set_generated
from .columns import set_not_null
from .columns import set_type
from .columns import without
from .constraints import add_constraint
from .constraints import at_column
from .constraints import drop_constraint
from .constraints import drop_matching
from .constraints import drop_primary_key
from .constraints import find_constraint
from .constraints import has_constraint
from .constraints import is_legible
from .constraints import named
from .constraints import put_constraint
from .constraints import set_primary_key
from .definition import ColumnText
from .definition import ConstraintText
from .definition import Kind
from .definition import TableText
from .parser import parse_column
from .parser import parse_table_constraint
from .tokens import folded
from .tokens import names_equal
from .tokens import unquote

KINDS: dict[type[Constraint], Kind] = {
    PrimaryKey: Kind.PRIMARY,
    Unique: Kind.UNIQUE,
    Check: Kind.CHECK,
    ForeignKey: Kind.FOREIGN,
}


@dataclass(frozen=True)
class Edit:
    """What a table becomes; ``words`` if SQLite may do it by itself."""

    table: TableText
    words: str | None = None


@dataclass(frozen=True)
class Addition:
    """A column to add, and the constraints that cannot stand at it."""

    column: ColumnText
    others: tuple[str, ...]

    def words(self, *, is_strict: bool) -> str | None:
        """Return what stands behind ``ALTER TABLE name``; None if SQLite refuses it."""
        if self.others or not can_be_added(self.column, is_strict=is_strict):
            return None

        return f"ADD COLUMN {self.column.text}"


class TableEditor:
    """Edits the text of one table as operations ask for it.

    :param dialect: writes types, columns and constraints as SQL.
    :param build: the same, with the naming convention that holds here.
    """

    def __init__(
        self, dialect: Dialect, build: SQLAlchemyBuilder, name: TableName
    ) -> None:
        self.dialect = dialect
        self.build = build
        self.name = name

    # -- columns -----------------------------------------------------------

    def with_column(
        self, table: TableText, operation: AddColumn, addition: Addition
    ) -> Edit:
        """Return the table with a new column and the constraints it came with."""
        edited = add_column(table, addition.column, operation.before, operation.after)
        for text in addition.others:
            edited = add_constraint(edited, text)
        if self._becomes_key(table, operation):
            return Edit(set_primary_key(edited, [operation.column.name]))

        return Edit(edited, addition.words(is_strict=table.is_strict))

    def addition(self, operation: AddColumn, *, natively: bool = False) -> Addition:
        """Return a new column as SQL, whatever the table is like.

        :param natively: whether SQLite is to add it by itself if it can, also where
            SQLAlchemy will not read all of it.
        """
        if not operation.constraints and is_plain_type(operation.column.type.element):
            # A table would have nothing to say of it.
            alone = self.build.column(operation.column, self.name)
            definition = self.dialect.compiled(sa.schema.CreateColumn(alone))
            return Addition(parse_column(definition), ())

        built = self._table_of(operation)
        column = built.c[operation.column.name]
        inline, others = [], []
        for text in self._constraint_texts(built):
            constraint = parse_table_constraint(text)
            short = at_column(constraint, operation.column.name)
            if not (natively or operation.inline_references or is_legible(constraint)):
                short = None
            if short is None:
                others.append(text)
            else:
                inline.append(short)

        definition = self.dialect.compiled(sa.schema.CreateColumn(column))

        return Addition(parse_column(" ".join([definition, *inline])), tuple(others))

    def _becomes_key(self, table: TableText, operation: AddColumn) -> bool:
        wanted = operation.inline_primary_key or operation.column.primary_key

        return wanted and not table.primary_key

    def _table_of(self, operation: AddColumn) -> sa.Table:
        mentioned = dict.fromkeys(
            name for each in operation.constraints for name in each.mentioned
        )
        mentioned.pop(operation.column.name, None)
        unknown = SqlType.of(sa.types.NULLTYPE)

        return self.build.table(
            Table(
                self.name,
                (operation.column, *(Column(each, unknown) for each in mentioned)),
                operation.constraints,
            )
        )

    def _constraint_texts(self, built: sa.Table) -> Iterator[str]:
        """Yield the constraints of a table, those that a type makes among them."""
        compiler: Any = self.dialect.sa_dialect.ddl_compiler
        compiler = compiler(self.dialect.sa_dialect, None)
        texts = []
        for constraint in built.constraints:
            rule: Any = constraint._create_rule
            if rule is None or rule(compiler):
                texts.append(compiler.process(constraint))

        # A set has no order of its own.
        yield from sorted(text for text in texts if text)

    def altered(
        self, table: TableText, name: str, becomes: ColumnFacts, was: ColumnFacts
    ) -> Edit:
        """Return the table with a column changed in what ``becomes`` says."""
        if not isinstance(becomes.type, Kept):
            table = self._with_type(table, name, becomes.type, was.type)
        if becomes.nullable is not KEPT:
            change = drop_not_null if becomes.nullable else set_not_null
            table = change(table, name)
        table = self._with_generation(table, name, becomes)
        if becomes.default is None:
            table = drop_default(table, name)
        elif not isinstance(becomes.default, Kept):
            text = self.dialect.default_text(becomes.default)
            changed = set_default(table, name, text)
            if changed.column(name).default != table.column(name).default:
                table = changed

        return Edit(table)

    def _with_generation(
        self, table: TableText, name: str, becomes: ColumnFacts
    ) -> TableText:
        alias = table.rowid_alias
        counts = alias is not None and names_equal(alias.name, name)
        if isinstance(becomes.identity, Identity) and not counts:
            raise UnsupportedOperation(
                "SQLite",
                f"make the column '{self.name}.{name}' an identity",
                "only an INTEGER PRIMARY KEY counts up; leave it out for this database",
            )
        if becomes.computed is None:
            table = drop_generated(table, name)
        elif isinstance(becomes.computed, Computed):
            expression = becomes.computed.expression.sql(self.dialect.write)
            kept = "STORED" if becomes.computed.persisted else "VIRTUAL"
            table = drop_default(table, name)
            table = set_generated(
                table, name, f"GENERATED ALWAYS AS ({expression}) {kept}"
            )

        return table

    def _with_type(
        self, table: TableText, name: str, becomes: SqlType, was: SqlType | Kept
    ) -> TableText:
        text = self.dialect.type_text(self.build.type(becomes))
        # A type may bring its collation.
        column = parse_column(f"x {text}")
        if column.type_words.upper() != table.column(name).type_words.upper():
            table = set_type(table, name, column.type)
        for each in column.of_kind(Kind.COLLATE):
            table = set_collation(table, name, each.collation or "BINARY")
        if self._loses_collation(becomes, was):
            table = set_collation(table, name, None)
        if becomes == was:
            return table

        return self._with_checks_of(table, name, becomes, was)

    def _loses_collation(self, becomes: SqlType, was: SqlType | Kept) -> bool:
        """Return whether the old type says a collation, and the new one does not."""
        return self._says_collation(was) and not self._says_collation(becomes)

    def _says_collation(self, said: SqlType | Kept) -> bool:
        if isinstance(said, Kept):
            return False

        text = self.dialect.type_text(self.build.type(said))
        return bool(parse_column(f"x {text}").of_kind(Kind.COLLATE))

    def _with_checks_of(
        self, table: TableText, name: str, becomes: SqlType, was: SqlType | Kept
    ) -> TableText:
        """Return the table with the CHECK of an Enum or Boolean taken or given."""
        if not isinstance(was, Kept):
            old = [parse_table_constraint(each) for each in self._checks(name, was)]
            for check in old:
                if check.name in table.constraint_names:
                    table = drop_constraint(table, check.name or "", Kind.CHECK)
        for text in self._checks(name, becomes):
            if parse_table_constraint(text).name not in table.constraint_names:
                table = add_constraint(table, text)

        return table

    def _checks(self, name: str, type_: SqlType) -> list[str]:
        built = self.build.table(Table(self.name, (Column(name, type_),)))

        return list(self._constraint_texts(built))

    # -- constraints -------------------------------------------------------

    def with_constraint(self, table: TableText, constraint: Constraint) -> Edit:
        """Return the table with one more constraint.

        :raises UnsupportedOperation: if SQLite has no such constraint.
        """
        if type(constraint) not in KINDS:
            raise UnsupportedOperation(
                "SQLite",
                f"keep {constraint} on table '{self.name}'",
                "leave it out for this database",
            )

        built = self.build.constraint(constraint, self.name)
        compiler: Any = self.dialect.sa_dialect.ddl_compiler
        text = compiler(self.dialect.sa_dialect, None).process(built)
        if not text:
            raise UnsupportedOperation(
                "SQLite",
                f"add {constraint} to table '{self.name}'",
                "a foreign key cannot leave its database file; leave it out",
            )
        if not isinstance(constraint, PrimaryKey):
            return Edit(put_constraint(table, text))

        if self._is_counted(table, constraint):
            # Only at its column can a key be said to count.
            name = self._written_name(built)
            counted = set_primary_key(
                table, table.primary_key, name=name, autoincrement=True
            )
            return Edit(set_not_null(counted, table.primary_key[0]))

        table = add_constraint(drop_primary_key(table), text)
        for name in constraint.columns:
            # Elsewhere SQLite would let NULL into a primary key.
            table = set_not_null(table, name)

        return Edit(table)

    def _is_counted(self, table: TableText, constraint: PrimaryKey) -> bool:
        """Return whether the key stays on the one column that numbers the rows."""
        same = [each.lower() for each in constraint.columns] == [
            each.lower() for each in table.primary_key
        ]

        return same and table.has_autoincrement

    def without_constraint(self, table: TableText, operation: DropConstraint) -> Edit:
        """Return the table without a constraint, found by its name or meaning.

        :raises NotInTable: if there is none.
        """
        kind = KINDS.get(operation.kind) if operation.kind else None
        for name in self._names_meant(operation):
            if any(names_equal(name, each) for each in table.constraint_names):
                return Edit(drop_constraint(table, name, kind))

        unnamed = self._unnamed(table, operation, kind)
        if unnamed is not None:
            return Edit(without(table, [unnamed]))
        if operation.was is not None:
            return Edit(self._without_matching(table, operation.was))
        if kind is Kind.PRIMARY and table.of_kind(Kind.PRIMARY):
            key = table.of_kind(Kind.PRIMARY)[0]
            if key.name is None:
                return Edit(drop_primary_key(table))
        if operation.if_exists:
            return Edit(table)

        # Says which names there are.
        find_constraint(table, operation.name or "", kind)
        raise AssertionError("the constraint was found after all")

    def with_arguments(
        self, table: TableText, constraints: Iterable[Constraint]
    ) -> TableText:
        """Return the table with constraints, but for those that it has already."""
        for constraint in constraints:
            edited = self.with_constraint(table, constraint).table
            if not has_constraint(table, edited.table_constraints[-1]):
                table = edited

        return table

    def with_names(self, table: TableText) -> TableText:
        """Return the table with the convention's names for constraints without one.

        SQLAlchemy's convention for CHECK builds upon a name that is given.
        """
        for constraint in table.constraints:
            value = _value_of(constraint) if constraint.name is None else None
            name = self._conventional_name(value) if value else None
            if name and folded(name) not in map(folded, table.constraint_names):
                table = named(table, constraint, name)

        return table

    def _names_meant(self, operation: DropConstraint) -> Iterator[str]:
        if operation.name is not None:
            yield operation.name
        name = self._written_name(constraint_to_drop(operation, self.build))
        if name is not None:
            yield name

    def _unnamed(
        self, table: TableText, operation: DropConstraint, kind: Kind | None
    ) -> ConstraintText | None:
        """Return the constraint that would have the name by the convention."""
        for constraint in table.constraints:
            if constraint.name is not None or kind not in (None, constraint.kind):
                continue
            value = _value_of(constraint)
            name = self._conventional_name(value) if value else None
            if name is not None and names_equal(name, operation.name or ""):
                return constraint

        return None

    def _conventional_name(self, constraint: Constraint) -> str | None:
        """Return the name that a constraint without one gets, if it gets one."""
        try:
            return self._written_name(self.build.constraint(constraint, self.name))
        except (sa.exc.SQLAlchemyError, IndexError, KeyError):
            # A convention may ask for what is not known here.
            return None

    def _written_name(self, constraint: sa.Constraint) -> str | None:
        if constraint.name is None:
            return None
        preparer = self.dialect.sa_dialect.identifier_preparer
        text = preparer.format_constraint(constraint)

        return unquote(text) if text else None

    def _without_matching(self, table: TableText, was: Constraint) -> TableText:
        if isinstance(was, Check):
            condition = was.condition.sql(self.dialect.write)
            return drop_matching(table, Kind.CHECK, expression=condition)

        referred = was.referent.name if isinstance(was, ForeignKey) else None

        return drop_matching(
            table, KINDS[type(was)], was.mentioned, referred_table=referred
        )


def _value_of(constraint: ConstraintText) -> Constraint | None:
    columns = constraint.columns
    if constraint.kind is Kind.UNIQUE:
        return Unique(None, columns)
    if constraint.kind is Kind.PRIMARY:
        return PrimaryKey(None, columns)
    if constraint.kind is Kind.FOREIGN and constraint.reference is not None:
        reference = constraint.reference
        targets = reference.columns or tuple("?" for _ in columns)
        return ForeignKey(None, columns, TableName(reference.table), targets)

    return None
