"""The nouns: tables, columns, constraints and indexes, as frozen values.

They compare by meaning, never by identity. Where a value cannot hold what
SQLAlchemy holds (a custom type, an expression), it keeps the SQLAlchemy element
beside the text that it is compared by, so that nothing is lost on the way to SQL.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property
from typing import Any
from typing import TypeVar

import sqlalchemy as sa

from ..errors import UnsupportedExpression
from .sql_text import unescaped
from .type_identity import identity_of

Options = tuple[tuple[str, Any], ...]
"""Keyword arguments of one kind of database, such as ``postgresql_where``."""


class Kept(enum.Enum):
    """The value of what an alteration does not touch or does not know."""

    KEPT = "kept"

    def __repr__(self) -> str:
        return "KEPT"


KEPT = Kept.KEPT


def options_from(keywords: Mapping[str, Any]) -> Options:
    """Return the keywords as a value, sorted by name."""
    return tuple(sorted(keywords.items()))


@dataclass(frozen=True, order=True)
class TableName:
    """The name of a table, and of its schema where it is not the default one."""

    name: str
    schema: str | None = None

    @classmethod
    def parse(cls, key: str) -> TableName:
        """Return the name in ``table`` or ``schema.table``."""
        schema, _, name = key.rpartition(".")
        return cls(name, schema or None)

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


SqlWriter = Callable[[sa.ClauseElement], str]
"""Writes an SQLAlchemy element in the words of one database, values inlined."""


@dataclass(frozen=True, eq=False, repr=False)
class Expression:
    """A piece of SQL: a condition, a default, an index expression.

    Either it is text, the same for every database, or an SQLAlchemy element, which
    each database words differently. Two are equal when they read the same.

    :param words_of: the words that an element is read in; none: of no database.
    """

    written: str | None
    element: sa.ClauseElement | None = None
    words_of: SqlWriter | None = None

    @classmethod
    def of(
        cls, source: str | sa.ClauseElement, words_of: SqlWriter | None = None
    ) -> Expression:
        """Return the expression that a string or an SQLAlchemy element stands for."""
        if isinstance(source, str):
            return cls(source)
        if type(source) is sa.TextClause and not source._bindparams:
            return cls(unescaped(source.text))

        return cls(None, source, words_of)

    def sql(self, write: SqlWriter) -> str:
        """Return the text as a database writes it.

        :raises UnsupportedExpression: if it has no words for it.
        """
        if self.written is not None:
            return self.written

        assert self.element is not None
        return write(self.element)

    @cached_property
    def text(self) -> str:
        """The text to read and to compare; what a database is told is ``sql()``."""
        if self.written is not None:
            return self.written

        assert self.element is not None
        if self.words_of is not None:
            try:
                return self.words_of(self.element)
            except UnsupportedExpression:
                pass

        return shown(self.element)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Expression):
            return NotImplemented

        return self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def shown(element: sa.ClauseElement) -> str:
    """Return an element for a person to read, in the words of no database."""
    try:
        compiled = element.compile(
            compile_kwargs={"literal_binds": True, "include_table": False}
        )
    except (sa.exc.SQLAlchemyError, NotImplementedError):
        # Known to one kind of database only: its class and parts tell it apart.
        parts = ", ".join(shown(each) for each in _parts_of(element))
        return f"{type(element).__name__}({parts})"

    return str(compiled)


def _parts_of(element: sa.ClauseElement) -> Iterator[sa.ClauseElement]:
    for each in element.get_children():
        if isinstance(each, sa.ClauseElement):
            yield each


@dataclass(frozen=True, eq=False, repr=False)
class SqlType:
    """The type of a column: an SQLAlchemy type that compares by meaning."""

    element: sa.types.TypeEngine[Any]

    @classmethod
    def of(cls, source: Any) -> SqlType:
        """Return the type that an SQLAlchemy type, or its class, stands for."""
        return cls(sa.types.to_instance(source))

    @cached_property
    def identity(self) -> Hashable:
        """What two types share if they cannot be told apart.

        Cheap to make; two types that are the same may also have different ones.
        """
        return identity_of(self.element)

    @cached_property
    def _meaning(self) -> str:
        kind = type(self.element)
        return f"{kind.__module__}.{kind.__qualname__}: {self.element!r}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SqlType):
            return NotImplemented
        if self.element is other.element:
            return True

        return (
            type(self.element) is type(other.element)
            and self._meaning == other._meaning
        )

    def __hash__(self) -> int:
        return hash(type(self.element))

    def __repr__(self) -> str:
        # Its attributes may hold what is no one's business.
        return f"SqlType({type(self.element).__name__})"


@dataclass(frozen=True)
class ServerDefault:
    """What a database puts into a column by itself.

    ``literal`` tells a string value, which is to be quoted, from a piece of SQL.
    """

    expression: Expression
    literal: bool = False

    @classmethod
    def of(
        cls, source: str | sa.ClauseElement, words_of: SqlWriter | None = None
    ) -> ServerDefault:
        """Return the default that ``server_default=source`` stands for."""
        return cls(Expression.of(source, words_of), literal=isinstance(source, str))

    def sql(self, write: SqlWriter) -> str:
        """Return the text after ``DEFAULT``."""
        text = self.expression.sql(write)

        if self.literal:
            return "'" + text.replace("'", "''") + "'"

        return text


@dataclass(frozen=True)
class Computed:
    """The expression of a generated column; ``persisted`` None is the default."""

    expression: Expression
    persisted: bool | None = None


@dataclass(frozen=True)
class Identity:
    """``GENERATED … AS IDENTITY``; the options are those of ``sqlalchemy.Identity``."""

    always: bool = False
    options: Options = ()


@dataclass(frozen=True)
class NumberSequence:
    """A sequence by itself; the options are those of ``sqlalchemy.Sequence``."""

    name: TableName
    options: Options = field(default=(), compare=False)


@dataclass(frozen=True)
class Column:
    """One column, without the constraints and indexes that mention it.

    ``element`` is the SQLAlchemy column that it was read from, for filters and
    renderers that users write.
    """

    name: str
    type: SqlType
    nullable: bool = True
    default: ServerDefault | None = None
    computed: Computed | None = None
    identity: Identity | None = None
    comment: str | None = None
    primary_key: bool = False
    autoincrement: bool | str = "auto"
    sequence: sa.Sequence | None = field(default=None, compare=False, repr=False)
    options: Options = ()
    element: sa.Column[Any] | None = field(default=None, compare=False, repr=False)

    def of(self, type: SqlType, default: ServerDefault | None) -> Column:
        """Return the column with another type and default."""
        # As dataclasses.replace() does, without asking what fields there are: a schema
        # has many columns.
        made = object.__new__(Column)
        made.__dict__.update(self.__dict__, type=type, default=default)
        return made


@dataclass(frozen=True)
class Constraint:
    """Base of what a table demands of its rows.

    A name that is an ``sqlalchemy.sql.elements.conv`` is final; another one is
    still subject to the naming convention of the app's metadata, as is None.
    """

    name: str | None = None

    @property
    def mentioned(self) -> tuple[str, ...]:
        """The columns of its own table that it names."""
        return ()


@dataclass(frozen=True)
class PrimaryKey(Constraint):
    """The columns that identify a row."""

    columns: tuple[str, ...] = ()
    options: Options = ()

    @property
    def mentioned(self) -> tuple[str, ...]:
        return self.columns


@dataclass(frozen=True)
class Unique(Constraint):
    """Columns whose values occur once together."""

    columns: tuple[str, ...] = ()
    deferrable: bool | None = None
    initially: str | None = None
    options: Options = ()

    @property
    def mentioned(self) -> tuple[str, ...]:
        return self.columns


@dataclass(frozen=True)
class ForeignKey(Constraint):
    """Columns that point to a row of another table, or of the same one."""

    columns: tuple[str, ...] = ()
    referent: TableName = TableName("")
    referent_columns: tuple[str, ...] = ()
    onupdate: str | None = None
    ondelete: str | None = None
    deferrable: bool | None = None
    initially: str | None = None
    match: str | None = None
    use_alter: bool = field(default=False, compare=False)
    options: Options = ()

    @property
    def mentioned(self) -> tuple[str, ...]:
        return self.columns


@dataclass(frozen=True)
class Check(Constraint):
    """A condition that every row fulfils."""

    condition: Expression = Expression("")
    options: Options = ()


IndexPart = str | Expression
"""The name of a column, or an expression."""


@dataclass(frozen=True)
class Exclude(Constraint):
    """What no two rows may share: of each part, that its operator says so.

    ``ops`` are the operator classes of columns, by their names.
    """

    elements: tuple[tuple[IndexPart, str], ...] = ()
    using: str = "gist"
    where: Expression | None = None
    deferrable: bool | None = None
    initially: str | None = None
    ops: Options = ()

    @property
    def mentioned(self) -> tuple[str, ...]:
        return tuple(part for part, _ in self.elements if isinstance(part, str))


Kind = TypeVar("Kind", bound=Constraint)


@dataclass(frozen=True)
class Index:
    """An index; its parts are column names and expressions."""

    name: str | None
    parts: tuple[IndexPart, ...]
    unique: bool = False
    options: Options = ()
    element: sa.Index | None = field(default=None, compare=False, repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The parts that are plain columns."""
        return tuple(part for part in self.parts if isinstance(part, str))


@dataclass(frozen=True)
class Table:
    """A table with all that belongs to it.

    ``element`` is the SQLAlchemy table that it was read from, if it was.
    """

    name: TableName
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    comment: str | None = None
    options: Options = ()
    prefixes: tuple[str, ...] = ()
    element: sa.Table | None = field(default=None, compare=False, repr=False)

    def column(self, name: str) -> Column | None:
        """Return the column of that name, or None."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> Mapping[str, Column]:
        # The first of a name, where a text has said one twice.
        return {each.name: each for each in reversed(self.columns)}

    def of_kind(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Return the constraints of one class."""
        return tuple(each for each in self.constraints if isinstance(each, kind))

    @property
    def primary_key(self) -> PrimaryKey | None:
        """The primary key, if the table has one."""
        return next(iter(self.of_kind(PrimaryKey)), None)


@dataclass(frozen=True)
class Schema:
    """All tables of one database, in the order they were read, and its sequences."""

    tables: tuple[Table, ...] = ()
    sequences: tuple[NumberSequence, ...] = ()

    @classmethod
    def of(
        cls, tables: Iterable[Table], sequences: Iterable[NumberSequence] = ()
    ) -> Schema:
        """Return the schema of these tables and sequences."""
        return cls(tuple(tables), tuple(sequences))

    @cached_property
    def by_name(self) -> Mapping[TableName, Table]:
        """The tables by their names."""
        return {table.name: table for table in self.tables}
