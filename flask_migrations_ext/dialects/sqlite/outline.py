"""What the texts of SQLite's tables and indexes say that no pragma tells. Pure text.

Nothing is read that is not asked for: of a thousand tables, the columns are known from
elsewhere, and nearly all constraints have one of a few forms.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from functools import lru_cache
from itertools import groupby
from itertools import zip_longest
from typing import Any

from sqlalchemy.sql.elements import conv

from ...schema.model import Check
from ...schema.model import Computed
from ...schema.model import Expression
from ...schema.model import ForeignKey
from ...schema.model import Options
from ...schema.model import TableName
from ...schema.model import Unique
from .definition import ConstraintText
from .definition import Kind
from .definition import Reference
from .parser import parse_constraints
from .tokens import column_uses
from .tokens import ColumnUse
from .tokens import folded
from .tokens import FORMS
from .tokens import names_equal
from .tokens import names_used
from .tokens import TokenKind
from .tokens import TokenReader
from .tokens import unquote

# Words without which a column says nothing of a constraint or an expression.
_SAYING_MORE = (
    *("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES", "AS", "COLLATE"),
)
_SAYS_MORE = re.compile(rf"\b(?:{'|'.join(_SAYING_MORE)})\b")
_MARKS = re.compile(
    "|".join(
        ["[(),]"]
        + [FORMS[kind] for kind in (TokenKind.STRING, TokenKind.QUOTED)]
        + [FORMS[TokenKind.COMMENT]]
    ),
    re.DOTALL,
)
_NAME = r'(?:[\w$]+|"[^",]+")'
_NAMES = rf"\(\s*{_NAME}(?:\s*,\s*{_NAME})*\s*\)"
_USUAL = re.compile(
    rf"""\s*(?:CONSTRAINT\s+(?P<name>{_NAME})\s+)?(?:
          (?P<key>PRIMARY\s+KEY|UNIQUE)\s*(?P<columns>{_NAMES})
        | CHECK\s*\((?P<condition>.*)\)
        | FOREIGN\s+KEY\s*(?P<own>{_NAMES})\s*
          REFERENCES\s+(?P<table>{_NAME})\s*(?P<targets>{_NAMES})?
          (?:\s*ON\s+(?:DELETE|UPDATE)\s+
             (?:CASCADE|RESTRICT|SET\s+NULL|SET\s+DEFAULT|NO\s+ACTION))*
    )\s*""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


Row = Sequence[Any]
"""What a pragma says of one thing."""


@dataclass(frozen=True)
class IndexText:
    """What a CREATE INDEX text says.

    :param terms: what it indexes, as written, without ``ASC`` and ``DESC``.
    :param columns: the names it uses, in its terms and in WHERE, each once.
    :param condition: what stands behind WHERE, as written; None if it is not partial.
    """

    terms: tuple[str, ...]
    columns: tuple[str, ...]
    condition: str | None


def constraints_in(sql: str) -> tuple[ConstraintText, ...]:
    """Return the constraints of a table, and its generated columns, in their order.

    Of the usual ones, only what no pragma tells is filled in: kind, name, columns and
    condition.

    :raises UnreadableDefinition: if one is not understood.
    """
    found: list[ConstraintText] = []
    for place, (text, groups) in enumerate(_items(sql)):
        if _says_more(text):
            usual = _usual(text, groups) if place else None
            found += [usual] if usual else parse_constraints(text, first=not place)

    return tuple(found)


def _says_more(text: str) -> bool:
    said = text.upper()
    # To look for a few texts takes far less time than to look for the words at once.
    return any(word in said for word in _SAYING_MORE) and bool(_SAYS_MORE.search(said))


def _items(sql: str) -> Iterator[tuple[str, int]]:
    """Yield what stands between the commas of a table, and its pairs of parentheses."""
    depth = start = groups = 0
    for match in _MARKS.finditer(sql):
        mark = match.group()
        if mark == "(":
            depth += 1
            if depth == 1:
                start = match.end()
        elif mark == ")":
            depth -= 1
            groups += depth == 1
            if depth == 0:
                yield sql[start : match.start()], groups
                return
        elif mark == "," and depth == 1:
            yield sql[start : match.start()], groups
            start, groups = match.end(), 0


def _usual(text: str, groups: int) -> ConstraintText | None:
    """Return the one constraint of a table that a text is, if it is a usual one."""
    match = _USUAL.fullmatch(text)
    if match is None or "--" in text or "/*" in text:
        return None
    if match["condition"] is not None and groups > 1:
        # It may end with the parentheses of another constraint.
        return None
    name, key, condition, table = match.group("name", "key", "condition", "table")
    name = unquote(name) if name else None
    if condition is not None:
        return ConstraintText(Kind.CHECK, name=name, expression=condition)
    if table is not None:
        reference = Reference(unquote(table))
        columns = _names(match["own"])
        return ConstraintText(
            Kind.FOREIGN, name=name, columns=columns, reference=reference
        )
    kind = Kind.UNIQUE if len(key) == len("UNIQUE") else Kind.PRIMARY

    return ConstraintText(kind, name=name, columns=_names(match["columns"]))


def _names(listed: str) -> tuple[str, ...]:
    return tuple(unquote(name.strip()) for name in listed[1:-1].split(","))


@lru_cache(maxsize=512)
def parse_index(sql: str) -> IndexText:
    """Return what an index is on.

    :raises UnreadableDefinition: if ``sql`` is not a CREATE INDEX text.
    """
    reader = TokenReader(sql)
    reader.expect("CREATE")
    reader.accept("UNIQUE")
    reader.expect("INDEX")
    reader.accept("IF", "NOT", "EXISTS")
    reader.name()
    if reader.accept("."):
        reader.name()
    reader.expect("ON")
    reader.name()
    terms = list(_terms(reader))
    end = len(reader.tokens)
    is_partial = reader.accept("WHERE")
    uses = [use for term in terms for use in _uses(reader, *term)]
    uses += column_uses(reader.tokens, reader.at, end)

    return IndexText(
        terms=tuple(reader.between(*term) for term in terms),
        columns=names_used(uses),
        condition=reader.between(*_trimmed(reader, reader.at, end))
        if is_partial
        else None,
    )


def _terms(reader: TokenReader) -> Iterator[tuple[int, int]]:
    """Yield where each item of a list between commas starts and stops."""
    start, stop = reader.group()
    depth = 0
    for spot in range(start, stop + 1):
        word = reader.tokens[spot].keyword
        if depth == 0 and (word == "," or spot == stop):
            yield _trimmed(reader, start, spot, {"ASC", "DESC"})
            start = spot + 1
        depth += (word == "(") - (word == ")")


def _trimmed(
    reader: TokenReader, start: int, stop: int, last_words: Collection[str] = ()
) -> tuple[int, int]:
    """Return a range of tokens without what says nothing at its ends."""
    spots = [i for i in range(start, stop) if not reader.tokens[i].is_trivia]
    if len(spots) > 1 and reader.tokens[spots[-1]].keyword in last_words:
        spots.pop()

    return (spots[0], spots[-1] + 1) if spots else (start, start)


def _uses(reader: TokenReader, start: int, stop: int) -> Iterator[ColumnUse]:
    first = reader.tokens[start]
    # A key in string quotes is a column all the same.
    if first.kind is TokenKind.STRING:
        yield ColumnUse(first.name, start, start)
    yield from column_uses(reader.tokens, start, stop)


@dataclass(frozen=True)
class TableFacts:
    """What is known of one table.

    :param primary_keys: those of all tables, by their names without capitals.
    """

    name: TableName
    columns: Sequence[Row]
    primary_keys: Mapping[str, tuple[str, ...]]
    constraints: tuple[ConstraintText, ...]

    @property
    def schema(self) -> str | None:
        """The schema of the table."""
        return self.name.schema

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns of its primary key."""
        return self.primary_keys.get(folded(self.name.name), ())

    @property
    def counting(self) -> Options:
        """The option of a key that never takes a number again."""
        keys = self.of_kind(Kind.PRIMARY)
        counts = any(each.autoincrement for each in keys)
        return (("sqlite_autoincrement", True),) if counts else ()

    @cached_property
    def collations(self) -> Mapping[str, str]:
        """The collations that columns say, by their names without capitals."""
        return {
            folded(each.column): each.collation
            for each in self.of_kind(Kind.COLLATE)
            if each.column is not None and each.collation is not None
        }

    def of_kind(self, kind: Kind) -> list[ConstraintText]:
        """Return its constraints of a kind."""
        return [each for each in self.constraints if each.kind is kind]

    def computed(self, column: str, persisted: bool) -> Computed:
        """Return what a column is computed by."""
        said = (
            each.expression or ""
            for each in self.of_kind(Kind.GENERATED)
            if each.column is not None and names_equal(each.column, column)
        )

        return Computed(Expression(next(said, "")), persisted)

    def foreign_keys(self, rows: Sequence[Row]) -> Iterator[ForeignKey]:
        """Yield its foreign keys, of which the rows of a pragma tell most."""
        # SQLite numbers them from the last to the first.
        texts = self.of_kind(Kind.FOREIGN)[::-1]
        keys = [list(of_one) for _, of_one in groupby(rows, key=lambda row: row[1])]
        for parts, text in zip_longest(keys, texts[: len(keys)]):
            _, _, referent, _, target, on_update, on_delete = parts[0]
            said = text.reference if text else None
            yield ForeignKey(
                name=final(text.name if text else None),
                columns=tuple(part[3] for part in parts),
                referent=TableName(referent, self.schema),
                referent_columns=self.primary_keys.get(folded(referent), ())
                if target is None
                else tuple(part[4] for part in parts),
                onupdate=None if on_update == "NO ACTION" else on_update,
                ondelete=None if on_delete == "NO ACTION" else on_delete,
                deferrable=said.deferrable if said else None,
                initially=said.initially if said else None,
            )

    def uniques(self) -> Iterator[Unique]:
        """Yield its unique constraints."""
        own = {folded(row[1]): row[1] for row in self.columns}
        for each in self.of_kind(Kind.UNIQUE):
            # A constraint may write a column with other capitals than its table does.
            columns = tuple(own.get(folded(name), name) for name in each.columns)
            yield Unique(final(each.name), columns)

    def checks(self) -> Iterator[Check]:
        """Yield its checks."""
        for each in self.of_kind(Kind.CHECK):
            yield Check(final(each.name), Expression(each.expression or ""))


def final(name: str | None) -> str | None:
    """Return a name of the database as one that no naming convention changes."""
    # What a database calls something is no longer subject to a naming convention.
    return None if name is None else conv(name)
