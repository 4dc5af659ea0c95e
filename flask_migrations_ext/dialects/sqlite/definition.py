"""A SQLite table as its ``CREATE TABLE`` text says it. Pure text: no database.

SQLite keeps that text in ``sqlite_master``. It holds what reflection loses:
collations, generated columns, ON CONFLICT, STRICT, WITHOUT ROWID, comments. So a
table is rebuilt from its own text, edited. Each part keeps its own text, so that
what is not edited is written as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from enum import StrEnum
from functools import cached_property

from ...errors import NotInTable
from .tokens import ColumnUse
from .tokens import folded
from .tokens import joined
from .tokens import names_equal
from .tokens import quote
from .tokens import tokenize
from .tokens import unquote


class Kind(StrEnum):
    """What a constraint says. SQLite calls all that follows a type a constraint."""

    PRIMARY = "primary key"
    UNIQUE = "unique"
    CHECK = "check"
    FOREIGN = "foreign key"
    NOT_NULL = "not null"
    NULL = "null"
    DEFAULT = "default"
    COLLATE = "collate"
    GENERATED = "generated"
    # DEFERRABLE that does not stand right behind its REFERENCES.
    DEFERRABLE = "deferrable"
    # CONSTRAINT x with nothing behind it, which SQLite accepts.
    NAME = "name"


_PLAIN = (
    *(Kind.NOT_NULL, Kind.NULL, Kind.DEFAULT, Kind.COLLATE),
    *(Kind.GENERATED, Kind.NAME),
)
"""What a column may say of itself and still be dropped by SQLite."""


@dataclass(frozen=True)
class Reference:
    """What a foreign key refers to. No columns: the primary key of the table."""

    table: str
    columns: tuple[str, ...] = ()
    on_delete: str | None = None
    on_update: str | None = None
    match: str | None = None
    deferrable: bool | None = None
    initially: str | None = None


@dataclass(frozen=True)
class ConstraintText:
    """One constraint, of a column or of the table.

    :param text: all of it as written, with ``CONSTRAINT name`` if it has one.
    :param lead: the spaces and comments before it.
    :param column: the column it is written at; None for one of the table.
    :param columns: the columns it is on, or the names its expression uses.
    :param expression: of CHECK and generated columns, without parentheses; of
        DEFAULT, as written.
    :param uses: where in ``text`` it names columns of its own table.
    :param target_spots: where it names columns of the table it refers to.
    """

    kind: Kind
    text: str = ""
    lead: str = ""
    name: str | None = None
    column: str | None = None
    columns: tuple[str, ...] = ()
    expression: str | None = None
    reference: Reference | None = None
    conflict: str | None = None
    collation: str | None = None
    autoincrement: bool = False
    descending: bool = False
    stored: bool = False
    uses: tuple[ColumnUse, ...] = field(default=(), repr=False)
    target_spots: tuple[int, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class ColumnText:
    """One column: its name, its type and its constraints, in their order.

    :param tail: comments that a dropped constraint left at the end.
    """

    name: str
    name_text: str
    type: str = ""
    type_lead: str = ""
    constraints: tuple[ConstraintText, ...] = ()
    tail: str = ""

    @property
    def text(self) -> str:
        """The definition as it is written."""
        return joined(self._parts())

    def _parts(self) -> Iterator[str]:
        yield self.name_text
        yield self.type_lead
        yield self.type
        for constraint in self.constraints:
            yield constraint.lead
            yield constraint.text
        yield self.tail

    def of_kind(self, kind: Kind) -> tuple[ConstraintText, ...]:
        """Return its constraints of one kind."""
        return tuple(c for c in self.constraints if c.kind is kind)

    @property
    def is_generated(self) -> bool:
        """Whether its values are computed."""
        return bool(self.of_kind(Kind.GENERATED))

    @property
    def is_not_null(self) -> bool:
        """Whether it says NOT NULL."""
        return bool(self.of_kind(Kind.NOT_NULL))

    @property
    def default(self) -> str | None:
        """Its default as written."""
        # SQLite takes the last of several.
        return next((c.expression for c in self.of_kind(Kind.DEFAULT)[::-1]), None)

    @property
    def needs_value(self) -> bool:
        """Whether rows cannot do without one, and nothing gives it to them."""
        has_value = (self.default or "NULL").strip("() ").upper() != "NULL"

        return self.is_not_null and not has_value and not self.is_generated

    @property
    def type_words(self) -> str:
        """Its type without comments and quotes, in single spaces."""
        return " ".join(t.name for t in tokenize(self.type) if not t.is_trivia)


@dataclass(frozen=True)
class Item:
    """A column or a constraint with the spaces and comments around it.

    :param lead: what stands before it.
    :param after: what stands between it and the comma.
    :param comment: what stands behind the comma on the same line.
    :param comma: whether a comma sets it apart from what is before it. SQLite
        does not ask for one between constraints of the table.
    """

    part: ColumnText | ConstraintText
    lead: str = " "
    after: str = ""
    comment: str = ""
    comma: bool = True


@dataclass(frozen=True)
class TableText:
    """The text of a table, in the pieces that an edit may replace."""

    head: str
    name_text: str
    opening: str
    items: tuple[Item, ...]
    closing: str
    options: str

    @property
    def name(self) -> str:
        """Its name, without quotes."""
        return unquote(self.name_text)

    @cached_property
    def columns(self) -> tuple[ColumnText, ...]:
        """Its columns, in their order."""
        return tuple(i.part for i in self.items if isinstance(i.part, ColumnText))

    @property
    def table_constraints(self) -> tuple[ConstraintText, ...]:
        """The constraints that stand behind the columns."""
        return tuple(i.part for i in self.items if isinstance(i.part, ConstraintText))

    @cached_property
    def constraints(self) -> tuple[ConstraintText, ...]:
        """All constraints: those of each column, then those of the table."""
        of_columns = [c for column in self.columns for c in column.constraints]

        return (*of_columns, *self.table_constraints)

    def of_kind(self, kind: Kind) -> tuple[ConstraintText, ...]:
        """Return its constraints of one kind, wherever they stand."""
        return tuple(c for c in self.constraints if c.kind is kind)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of its columns, without quotes."""
        return tuple(column.name for column in self.columns)

    @property
    def constraint_names(self) -> tuple[str, ...]:
        """The names that constraints have, without quotes."""
        return tuple(c.name for c in self.constraints if c.name is not None)

    def find_column(self, name: str) -> ColumnText | None:
        """Return the column of that name, if there is one."""
        return self._by_name.get(folded(name))

    @cached_property
    def _by_name(self) -> dict[str, ColumnText]:
        # Of two of one name, which SQLite has none of, the first.
        return {folded(c.name): c for c in reversed(self.columns)}

    def column(self, name: str) -> ColumnText:
        """Return the column of that name.

        :raises NotInTable: if there is none.
        """
        column = self.find_column(name)
        if column is None:
            raise NotInTable(self.name, f"column '{name}'", self.column_names)

        return column

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns of its primary key, as the constraint spells them."""
        return next((c.columns for c in self.of_kind(Kind.PRIMARY)), ())

    @property
    def foreign_keys(self) -> tuple[ConstraintText, ...]:
        """Its foreign keys; each has a ``reference``."""
        return self.of_kind(Kind.FOREIGN)

    @property
    def generated_columns(self) -> tuple[ColumnText, ...]:
        """The columns that are computed; no INSERT may name them."""
        return tuple(column for column in self.columns if column.is_generated)

    @property
    def has_autoincrement(self) -> bool:
        """Whether ``sqlite_sequence`` counts for it."""
        return any(c.autoincrement for c in self.of_kind(Kind.PRIMARY))

    @property
    def is_strict(self) -> bool:
        """Whether it is a STRICT table."""
        return ("STRICT",) in self._option_words()

    @property
    def without_rowid(self) -> bool:
        """Whether it is a WITHOUT ROWID table."""
        return ("WITHOUT", "ROWID") in self._option_words()

    def _option_words(self) -> Iterator[tuple[str, ...]]:
        option: list[str] = []
        for token in tokenize(self.options):
            if token.keyword in (",", ";"):
                yield tuple(option)
                option = []
            elif not token.is_trivia:
                option.append(token.name.upper())
        yield tuple(option)

    @property
    def rowid_alias(self) -> ColumnText | None:
        """The INTEGER PRIMARY KEY, which is the rowid itself, if there is one."""
        keys = self.of_kind(Kind.PRIMARY)
        if self.without_rowid or len(keys) != 1 or len(keys[0].columns) != 1:
            return None
        column = self.find_column(keys[0].columns[0])
        # DESC behind a column makes an ordinary key, in a list it does not:
        # https://www.sqlite.org/lang_createtable.html#rowid
        if column is None or keys[0].descending:
            return None

        return column if column.type_words.upper() == "INTEGER" else None

    def mentions(self, name: str) -> tuple[ConstraintText, ...]:
        """Return the constraints that use a column, and all those written at it."""
        return tuple(c for c in self.constraints if self.uses_column(c, name))

    def is_free_of_use(self, name: str) -> bool:
        """Return whether no constraint says more of a column than what it holds."""
        own = self.column(name).constraints

        return all(each in own and each.kind in _PLAIN for each in self.mentions(name))

    def uses_column(self, constraint: ConstraintText, name: str) -> bool:
        """Return whether a constraint of this table uses one of its columns."""
        at = constraint.column is not None and names_equal(constraint.column, name)

        return (
            at
            or any(names_equal(column, name) for column in constraint.columns)
            or self.refers_to_column(constraint, name)
        )

    def refers_to_column(self, constraint: ConstraintText, name: str) -> bool:
        """Return whether it is a foreign key of this table to its own column."""
        reference = constraint.reference
        if reference is None or not names_equal(reference.table, self.name):
            return False

        return any(
            names_equal(column, name)
            for column in reference.columns or self.primary_key
        )

    def render(self, name: str | None = None) -> str:
        """Return the CREATE TABLE statement, perhaps of another name.

        Under another name, expressions lose the table in front of their columns,
        as ``CHECK (t.a > 0)`` would not be understood. REFERENCES stay: those to
        the table itself mean its final name.
        """
        if name is None or names_equal(name, self.name):
            return joined([self.head, self.name_text, *self._rest()])

        return joined([self.head, quote(name), *self._without_qualifiers()._rest()])

    def _rest(self) -> Iterator[str]:
        yield self.opening
        comment = ""
        for i, item in enumerate(self.items):
            if i > 0:
                before = self.items[i - 1].part
                yield "," if item.comma or isinstance(before, ColumnText) else ""
            yield comment
            yield item.lead
            yield item.part.text
            yield item.after
            comment = item.comment
        yield comment
        yield self.closing
        yield self.options

    def _without_qualifiers(self) -> TableText:
        return replace(
            self, items=tuple(replace(i, part=_unqualified(i.part)) for i in self.items)
        )


def _unqualified(part: ColumnText | ConstraintText) -> ColumnText | ConstraintText:
    if isinstance(part, ColumnText):
        constraints = [_without_qualifiers(c) for c in part.constraints]

        return replace(part, constraints=tuple(constraints))

    return _without_qualifiers(part)


def _without_qualifiers(constraint: ConstraintText) -> ConstraintText:
    left_out = {i for use in constraint.uses for i in range(use.start, use.spot)}
    if not left_out:
        return constraint
    tokens = tokenize(constraint.text)
    kept = [token.text for i, token in enumerate(tokens) if i not in left_out]

    # Only the text is used from here on: the places in it are no longer right.
    return replace(constraint, text=joined(kept), uses=())


def affinity(type_name: str) -> str:
    """Return the affinity of a type, by the rules of SQLite.

    https://www.sqlite.org/datatype3.html#determination_of_column_affinity
    """
    name = type_name.upper()
    if "INT" in name:
        return "INTEGER"
    if any(word in name for word in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if "BLOB" in name or not name:
        return "BLOB"
    if any(word in name for word in ("REAL", "FLOA", "DOUB")):
        return "REAL"

    return "NUMERIC"
