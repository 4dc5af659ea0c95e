"""SQLite's SQL as tokens, and back without losing a character. Pure text.

Tells which words of an expression name a column. It reads SQL that SQLite has
accepted before; it does not judge whether SQL is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class TokenKind(StrEnum):
    """What a token is."""

    SPACE = "space"
    COMMENT = "comment"
    STRING = "string"
    QUOTED = "quoted"
    BLOB = "blob"
    NUMBER = "number"
    VARIABLE = "variable"
    WORD = "word"
    PUNCTUATION = "punctuation"


@dataclass(frozen=True)
class Token:
    """A piece of SQL, as written."""

    kind: TokenKind
    text: str

    @property
    def is_trivia(self) -> bool:
        """Whether it is a space or a comment."""
        return self.kind in (TokenKind.SPACE, TokenKind.COMMENT)

    @property
    def keyword(self) -> str:
        """The word in upper case, the punctuation, or nothing for the others."""
        plain = self.kind in (TokenKind.WORD, TokenKind.PUNCTUATION)

        return self.text.upper() if plain else ""

    @property
    def is_name(self) -> bool:
        """Whether SQLite may take it for a name where it expects one."""
        if self.kind is TokenKind.WORD:
            return self.keyword not in RESERVED

        return self.kind in (TokenKind.QUOTED, TokenKind.STRING)

    @property
    def name(self) -> str:
        """The name it stands for, without its quotes."""
        return unquote(self.text)


# Words that are never a name unless quoted; SQLite 3.40 was asked for each.
RESERVED = frozenset(
    """
    ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CHECK COLLATE COMMIT CONSTRAINT
    CREATE DEFAULT DEFERRABLE DELETE DISTINCT DROP ELSE ESCAPE EXCEPT EXISTS FOREIGN
    FROM GROUP HAVING IN INDEX INSERT INTERSECT INTO IS ISNULL JOIN LIMIT NOT NOTHING
    NOTNULL NULL ON OR ORDER PRIMARY REFERENCES RETURNING SELECT SET TABLE THEN TO
    TRANSACTION UNION UNIQUE UPDATE USING VALUES WHEN WHERE
    """.split()
)

# Words with a meaning of their own that SQLite reads as names elsewhere.
FALLBACK = frozenset(
    """
    ABORT ACTION AFTER ALWAYS ANALYZE ASC ATTACH BEFORE BEGIN BY CASCADE CAST COLUMN
    CONFLICT CROSS CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DATABASE
    DEFERRED DESC DETACH DO EACH END EXCLUDE EXCLUSIVE EXPLAIN FAIL FILTER FIRST
    FOLLOWING FOR FULL GENERATED GLOB GROUPS IF IGNORE IMMEDIATE INDEXED INITIALLY
    INNER INSTEAD KEY LAST LEFT LIKE MATCH MATERIALIZED NATURAL NO NULLS OF OFFSET
    OTHERS OUTER OVER PARTITION PLAN PRAGMA PRECEDING QUERY RAISE RANGE RECURSIVE
    REGEXP REINDEX RELEASE RENAME REPLACE RESTRICT RIGHT ROLLBACK ROW ROWS SAVEPOINT
    TEMP TEMPORARY TIES TRIGGER UNBOUNDED VACUUM VIEW VIRTUAL WINDOW WITH WITHIN
    WITHOUT
    """.split()
)

_TIMES = frozenset(["CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP"])
_ENDS_OPERAND = frozenset(["NULL", "ISNULL", "NOTNULL", "END", "ASC", "DESC"])
_QUOTES = {'"': '"', "`": "`", "'": "'", "[": "]"}
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# Every character at or above U+0080 may be part of a name, except that a byte
# order mark at the start of a token is a space.
_TOKEN = re.compile(
    r"""
      (?P<space>       [ \t\n\f\r\v\ufeff]+ )
    | (?P<comment>     --[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<blob>        [xX]'[0-9A-Fa-f]*' )
    | (?P<string>      '(?:[^']|'')*' )
    | (?P<quoted>      "(?:[^"]|"")*" | `(?:[^`]|``)*` | \[[^\]]*\] )
    | (?P<number>      0[xX][0-9A-Fa-f_]+
                     | (?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)
                       (?:[eE][+-]?[0-9][0-9_]*)? )
    | (?P<variable>    \?[0-9]* | [:@\#$][A-Za-z0-9_$\u0080-\U0010ffff]+ )
    | (?P<word>        [A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_$\u0080-\U0010ffff]* )
    | (?P<punctuation> ->> | -> | \|\| | << | >> | <= | >= | <> | == | != | . )
    """,
    re.VERBOSE | re.DOTALL,
)


def tokenize(sql: str) -> tuple[Token, ...]:
    """Return the tokens of ``sql``; joined, their texts are ``sql`` again."""
    return tuple(
        Token(TokenKind(match.lastgroup or ""), match.group())
        for match in _TOKEN.finditer(sql)
    )


def folded(name: str) -> str:
    """Return the form of a name that SQLite compares: only ASCII loses its case."""
    return "".join(c.lower() if c.isascii() else c for c in name)


def names_equal(one: str, other: str) -> bool:
    """Return whether SQLite takes two unquoted names for the same."""
    return folded(one) == folded(other)


def quote(name: str) -> str:
    """Return a name as SQL: bare where every SQLite reads it so, or in quotes."""
    words = RESERVED | FALLBACK | {"TRUE", "FALSE"}
    if _PLAIN_NAME.fullmatch(name) and name.upper() not in words:
        return name

    escaped = name.replace('"', '""')

    return f'"{escaped}"'


def quoted_like(name: str, pattern: str) -> str:
    """Return a name in the quotes that ``pattern`` has, where they can hold it."""
    opening = pattern[:1]
    if opening == '"' or opening == "`":
        return opening + name.replace(opening, opening * 2) + opening
    if opening == "[" and "]" not in name:
        return f"[{name}]"

    return quote(name)


def unquote(text: str) -> str:
    """Return the name that a token stands for."""
    closing = _QUOTES.get(text[:1])
    if closing is None:
        return text
    if closing == "]":
        return text[1:-1]

    return text[1:-1].replace(closing * 2, closing)


def joined(parts: Iterable[str]) -> str:
    """Return parts of SQL as one text, apart where they would grow together.

    Each part holds whole tokens. Nothing is added between parts that stood so
    in a text before.
    """
    text = ""
    last: Token | None = None
    for part in parts:
        tokens = tokenize(part)
        if not tokens:
            continue
        if last is not None:
            text += _gap(last, tokens[0])
        text += part
        last = tokens[-1]

    return text


def _gap(left: Token, right: Token) -> str:
    if left.text.startswith("--"):
        return "" if right.text.startswith("\n") else "\n"
    if tokenize(left.text + right.text)[0] == left:
        return ""
    # Two spaces become one token, and nothing is lost.
    if left.kind is TokenKind.SPACE and right.kind is TokenKind.SPACE:
        return ""

    return " "


def replaced(text: str, texts: Mapping[int, str]) -> str:
    """Return ``text`` with the tokens at some positions written otherwise."""
    tokens = tokenize(text)

    return joined(texts.get(i, token.text) for i, token in enumerate(tokens))


def renamed_at(text: str, spots: Iterable[int], name: str) -> str:
    """Return ``text`` with another name at ``spots``, in the quotes found there."""
    tokens = tokenize(text)

    return replaced(text, {i: quoted_like(name, tokens[i].text) for i in spots})


@dataclass(frozen=True)
class ColumnUse:
    """A word of an expression that names a column.

    :param spot: the position of the token.
    :param start: where the qualifiers before it begin, or the same.
    :param qualifier: the table it is said to be of, without quotes.
    """

    name: str
    spot: int
    start: int
    qualifier: str | None = None


def column_uses(tokens: Sequence[Token], start: int, stop: int) -> Iterator[ColumnUse]:
    """Yield the names in the expression between two positions.

    A word such as ``end`` or ``like`` can be a column or syntax. It is syntax
    where an operand has just ended, and a column where one is expected.
    """
    spots = [i for i in range(start, stop) if not tokens[i].is_trivia]
    words = [tokens[i].keyword for i in spots] + ["", "", ""]
    after_operand = False
    at = 0
    while at < len(spots):
        token, word = tokens[spots[at]], words[at]
        if word in ("COLLATE", "AS") and words[at + 1] != "(":
            # What follows is a collation, a type, or a name given here.
            after_operand = True
            at += 2
        elif token.kind is TokenKind.PUNCTUATION or word in RESERVED:
            # No expression begins a statement: END there is not a column.
            after_operand = word in (")", ";") or word in _ENDS_OPERAND
            at += 1
        elif not token.is_name or token.kind is TokenKind.STRING or word in _TIMES:
            after_operand = True
            at += 1
        elif after_operand:
            after_operand = word not in FALLBACK or word in _ENDS_OPERAND
            at += 1
        else:
            first = at
            while words[at + 1] == "." and at + 2 < len(spots):
                at += 2
            if words[at + 1] != "(" and tokens[spots[at]].is_name:
                qualifier = tokens[spots[at - 2]].name if at > first else None
                name = tokens[spots[at]].name
                yield ColumnUse(name, spots[at], spots[first], qualifier)
            after_operand = words[at + 1] != "("
            at += 1
