"""A SQLite index as its ``CREATE INDEX`` text says it. Pure text: no database.

An index names columns of one table only, so what is said about it is exact.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from .tokens import column_uses
from .tokens import ColumnUse
from .tokens import names_used
from .tokens import TokenKind
from .tokens import TokenReader


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
