"""Which tables a revision is about: those it mentions or changes, and their nearest.

Rows in all others cannot tell anything, and with them each revision would cost as much
as the whole schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from ...schema.model import ForeignKey
from ...schema.model import Table
from ...schema.model import TableName
from ..snapshots import Snapshot

_WORD = re.compile(r"\w+")


@contextmanager
def words_on(engine: sa.Engine) -> Iterator[set[str]]:
    """Yield the words of all statements within the block, in small letters."""
    words: set[str] = set()

    def hear(*event: Any) -> None:
        words.update(_WORD.findall(event[2].lower()))

    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        yield words
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)


def around(before: Snapshot, after: Snapshot, words: set[str]) -> frozenset[TableName]:
    """Return the tables that a revision is about.

    Those that statements mention; those that point to one of these, as their rows can
    go with its rows; and all that any of them points to, as their rows need some there.
    """
    tables = [*before.schema.tables, *after.schema.tables]
    found = {
        table.name for table in tables if words.issuperset(_words_of(table.name.name))
    }
    found |= {each.name for each in tables if found & {*_referents(each)}}
    waiting = list(found)
    pointing: dict[TableName, set[TableName]] = {}
    for table in tables:
        pointing.setdefault(table.name, set()).update(_referents(table))
    while waiting:
        new = pointing.get(waiting.pop(), set()) - found
        found |= new
        waiting += new

    return frozenset(found)


def _words_of(name: str) -> Iterable[str]:
    return _WORD.findall(name.lower())


def _referents(table: Table) -> Iterator[TableName]:
    for key in table.of_kind(ForeignKey):
        yield key.referent
