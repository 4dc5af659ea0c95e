"""A SQLite table as its ``CREATE TABLE`` text says it. Pure text: no database.

SQLite keeps that text in ``sqlite_master``. It holds what reflection loses:
collations, generated columns, ON CONFLICT, STRICT, WITHOUT ROWID, comments. So a
table is rebuilt from its own text, edited (see ``sqlite_edits``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace

from ...errors import NotInTable
from ...errors import UnsupportedOperation
from .parser import read_column
from .parser import read_table_constraint
from .parser import TABLE_CONSTRAINTS
from .parts import ColumnText
from .parts import ConstraintText
from .parts import Kind
from .reader import Reader
from .tokens import folded
from .tokens import joined
from .tokens import names_equal
from .tokens import quote
from .tokens import tokenize
from .tokens import TokenKind
from .tokens import unquote


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

    @property
    def is_temporary(self) -> bool:
        """Whether the text says TEMP. ``sqlite_temp_master`` leaves it out."""
        words = {token.keyword for token in tokenize(self.head)}

        return not words.isdisjoint(["TEMP", "TEMPORARY"])

    @property
    def columns(self) -> tuple[ColumnText, ...]:
        """Its columns, in their order."""
        return tuple(i.part for i in self.items if isinstance(i.part, ColumnText))

    @property
    def table_constraints(self) -> tuple[ConstraintText, ...]:
        """The constraints that stand behind the columns."""
        return tuple(i.part for i in self.items if isinstance(i.part, ConstraintText))

    @property
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
        return next((c for c in self.columns if names_equal(c.name, name)), None)

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
    def referred_tables(self) -> tuple[str, ...]:
        """The tables that its foreign keys refer to, each once."""
        tables: dict[str, str] = {}
        for key in self.foreign_keys:
            if key.reference is not None:
                tables.setdefault(folded(key.reference.table), key.reference.table)

        return tuple(tables.values())

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


def parse_table(sql: str) -> TableText:
    """Return the table that a CREATE TABLE statement makes.

    :raises UnsupportedOperation: if it makes a virtual table.
    :raises UnreadableDefinition: if it cannot be read.
    """
    reader = Reader(sql)
    name = _read_name(reader)
    head = reader.between(0, name)
    name_end = reader.at
    reader.expect("(")
    opening = reader.between(name_end, reader.at)
    items = tuple(_read_items(reader))
    start = reader.at
    reader.expect(")")

    return TableText(
        head=head,
        name_text=reader.tokens[name].text,
        opening=opening,
        items=items,
        closing=reader.between(start, reader.at),
        options=reader.between(reader.at, len(reader.tokens)),
    )


def _read_name(reader: Reader) -> int:
    """Go past the name of the table and return its position."""
    reader.expect("CREATE")
    if not reader.accept("TEMP"):
        reader.accept("TEMPORARY")
    if reader.word() == "VIRTUAL":
        raise UnsupportedOperation(
            "SQLite",
            "alter a virtual table",
            f"drop and create it again with op.execute(): {reader.text.strip()}",
        )
    reader.expect("TABLE")
    reader.accept("IF", "NOT", "EXISTS")
    name = reader.name()

    return reader.name() if reader.accept(".") else name


def _read_items(reader: Reader) -> Iterator[Item]:
    """Yield the columns and constraints up to the closing parenthesis."""
    part: ColumnText | ConstraintText | None = None
    comma = True
    while True:
        lead = reader.trivia()
        part = _read_part(reader, part)
        ends = reader.word() == ")"
        next_comma = reader.word() == ","
        if not (ends or next_comma or isinstance(part, ConstraintText)):
            raise reader.fail("a comma is missing")
        # Where no comma comes, what is in between belongs to the next constraint.
        after = reader.trivia() if next_comma else ""
        reader.accept(",")
        comment = _line_comment(reader) if next_comma or ends else ""
        yield Item(part, lead, after, comment, comma)
        if ends:
            return
        comma = next_comma


def _read_part(
    reader: Reader, before: ColumnText | ConstraintText | None
) -> ColumnText | ConstraintText:
    comes_constraint = reader.word() in TABLE_CONSTRAINTS
    if before is not None and comes_constraint:
        return read_table_constraint(reader)
    if isinstance(before, ConstraintText):
        raise reader.fail("a constraint of the table is missing")

    return read_column(reader)


def _line_comment(reader: Reader) -> str:
    """Go past a comment that ends this line, but not past the line."""
    start = spot = end = reader.at
    while spot < len(reader.tokens):
        token = reader.tokens[spot]
        if not token.is_trivia or "\n" in token.text:
            break
        spot += 1
        if token.kind is TokenKind.COMMENT:
            end = spot
    ends_line = spot < len(reader.tokens) and (
        reader.tokens[spot].kind is TokenKind.SPACE
        or reader.tokens[spot].keyword == ")"
    )
    if not ends_line:
        # It stands before the next column, which it is about.
        return ""
    reader.at = end

    return reader.between(start, end)
