"""Columns in the texts of SQLite's indexes and triggers.

An index names columns of one table only, so what is said about it is exact. A
trigger may name columns of any table: what is said about it is a good guess,
and the database must be asked afterwards whether the trigger still works.
SQLite's own ``ALTER TABLE … RENAME COLUMN`` resolves names, and is to be
preferred wherever it can be used.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

from .reader import Reader
from .tokens import column_uses
from .tokens import ColumnUse
from .tokens import folded
from .tokens import names_equal
from .tokens import renamed_at
from .tokens import Token
from .tokens import TokenKind

_BEFORE_TABLE = frozenset(["FROM", "INTO", "JOIN", "UPDATE"])


@dataclass(frozen=True)
class IndexText:
    """What a CREATE INDEX text says.

    :param columns: the names it uses, in keys, expressions and WHERE, each once.
    :param keys: its plain key columns; None where a key is an expression.
    """

    name: str
    table: str
    is_unique: bool
    is_partial: bool
    keys: tuple[str | None, ...]
    columns: tuple[str, ...]
    uses: tuple[ColumnUse, ...]


def index_mentions(sql: str) -> IndexText:
    """Return what an index is on.

    :raises UnreadableDefinition: if ``sql`` is not a CREATE INDEX text.
    """
    reader = Reader(sql)
    reader.expect("CREATE")
    is_unique = reader.accept("UNIQUE")
    reader.expect("INDEX")
    reader.accept("IF", "NOT", "EXISTS")
    name = reader.name()
    if reader.accept("."):
        name = reader.name()
    reader.expect("ON")
    table = reader.tokens[reader.name()].name
    start, stop = reader.group()
    terms = list(_terms(reader.tokens, start, stop))
    is_partial = reader.word() == "WHERE"
    uses = [use for term in terms for use in _term_uses(reader.tokens, *term)]
    uses += column_uses(reader.tokens, reader.at, len(reader.tokens))
    names: dict[str, str] = {}
    for use in uses:
        names.setdefault(folded(use.name), use.name)

    return IndexText(
        name=reader.tokens[name].name,
        table=table,
        is_unique=is_unique,
        is_partial=is_partial,
        keys=tuple(_key(reader.tokens, *term) for term in terms),
        columns=tuple(names.values()),
        uses=tuple(uses),
    )


def rename_in_index(sql: str, old: str, new: str) -> str:
    """Return the text of an index with a column of its table renamed."""
    uses = index_mentions(sql).uses

    return renamed_at(sql, [u.spot for u in uses if names_equal(u.name, old)], new)


def rename_in_trigger(sql: str, table: str, old: str, new: str) -> str:
    """Return the text of a trigger with a column of ``table`` renamed.

    Renamed are ``NEW.old``, ``OLD.old`` and ``UPDATE OF old`` if the trigger is on
    the table; ``old`` behind the table's name or an alias of it; and a bare ``old``
    if its body names the table, even where another table has such a column.
    """
    tokens = Reader(sql).tokens
    target, body = _trigger_parts(tokens)
    is_on_table = names_equal(target, table)
    aliases = _aliases(tokens, table, body)
    is_named = bool(aliases)
    if is_on_table:
        aliases |= {"new", "old"}
    spots = [
        use.spot
        for use in column_uses(tokens, body, len(tokens))
        if names_equal(use.name, old)
        and not _is_table(tokens, use)
        and (is_named if use.qualifier is None else folded(use.qualifier) in aliases)
    ]
    if is_on_table:
        spots += _update_of(tokens, body, old)

    return renamed_at(sql, spots, new)


def _terms(tokens: Sequence[Token], start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield where each item of a list between commas starts and stops."""
    depth = 0
    for spot in range(start, stop):
        word = tokens[spot].keyword
        depth += (word == "(") - (word == ")")
        if word == "," and depth == 0:
            yield start, spot
            start = spot + 1
    yield start, stop


def _significant(tokens: Sequence[Token], start: int, stop: int) -> list[int]:
    return [spot for spot in range(start, stop) if not tokens[spot].is_trivia]


def _term_uses(tokens: Sequence[Token], start: int, stop: int) -> Iterator[ColumnUse]:
    spots = _significant(tokens, start, stop)
    # A key in string quotes is a column all the same.
    if spots and tokens[spots[0]].kind is TokenKind.STRING:
        yield ColumnUse(tokens[spots[0]].name, spots[0], spots[0])
    yield from column_uses(tokens, start, stop)


def _key(tokens: Sequence[Token], start: int, stop: int) -> str | None:
    spots = _significant(tokens, start, stop)
    rest = tokens[spots[1]].keyword if len(spots) > 1 else ""
    plain = tokens[spots[0]].is_name and rest in ("", "COLLATE", "ASC", "DESC")

    return tokens[spots[0]].name if plain else None


def _trigger_parts(tokens: Sequence[Token]) -> tuple[str, int]:
    """Return the table a trigger is on, and where what it does begins."""
    spots = _significant(tokens, 0, len(tokens))
    for place, spot in enumerate(spots[:-1]):
        if tokens[spot].keyword == "ON":
            name = spots[place + 1]
            return tokens[name].name, name + 1

    return "", 0


def _aliases(tokens: Sequence[Token], table: str, start: int) -> set[str]:
    """Return the names by which statements from ``start`` on call a table."""
    aliases = set()
    spots = _significant(tokens, start, len(tokens))
    for place, spot in enumerate(spots):
        if not tokens[spot].is_name or not names_equal(tokens[spot].name, table):
            continue
        aliases.add(folded(table))
        following = [tokens[i] for i in spots[place + 1 : place + 3]]
        if following and following[0].keyword == "AS":
            following = following[1:]
        if following and following[0].is_name:
            aliases.add(folded(following[0].name))

    return aliases


def _is_table(tokens: Sequence[Token], use: ColumnUse) -> bool:
    before = _significant(tokens, 0, use.start)

    return bool(before) and tokens[before[-1]].keyword in _BEFORE_TABLE


def _update_of(tokens: Sequence[Token], stop: int, name: str) -> list[int]:
    spots = _significant(tokens, 0, stop)
    words = [tokens[spot].keyword for spot in spots]
    starts = [
        i for i in range(1, len(spots)) if words[i - 1 : i + 1] == ["UPDATE", "OF"]
    ]
    if not starts:
        return []

    return [
        spot
        for spot in spots[starts[0] + 1 : -2]
        if tokens[spot].is_name and names_equal(tokens[spot].name, name)
    ]
