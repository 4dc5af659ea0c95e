"""The parts of a SQLite ``CREATE TABLE`` text, as values.

Each keeps its own text, so that what is not edited is written as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum

from .tokens import ColumnUse
from .tokens import joined
from .tokens import tokenize


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
    :param target_spot: where it names that table.
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
    target_spot: int | None = field(default=None, repr=False)
    name_spot: int | None = field(default=None, repr=False)


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
    def type_words(self) -> str:
        """Its type without comments and quotes, in single spaces."""
        return " ".join(t.name for t in tokenize(self.type) if not t.is_trivia)
