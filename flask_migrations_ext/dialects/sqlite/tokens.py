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
from functools import lru_cache

from ...errors import UnreadableDefinition


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


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of SQL, as written.

    :param is_trivia: whether it is a space or a comment.
    :param keyword: the word in upper case, the punctuation, or nothing for the others.
    :param is_name: whether SQLite may take it for a name where it expects one.
    :param name: the name it stands for, without its quotes.
    """

    kind: TokenKind
    text: str
    is_trivia: bool
    keyword: str
    is_name: bool
    name: str


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

_NEVER_BARE = RESERVED | FALLBACK | {"TRUE", "FALSE"}
_TIMES = frozenset(["CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP"])
_ENDS_OPERAND = frozenset(["NULL", "ISNULL", "NOTNULL", "END", "ASC", "DESC"])
_QUOTES = {'"': '"', "`": "`", "'": "'", "[": "]"}
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# Every character at or above U+0080 may be part of a name, except that a byte
# order mark at the start of a token is a space.
FORMS = {
    TokenKind.SPACE: r"[ \t\n\f\r\v\ufeff]+",
    TokenKind.BLOB: r"[xX]'[0-9A-Fa-f]*'",
    TokenKind.WORD: r"[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_$\u0080-\U0010ffff]*",
    TokenKind.COMMENT: r"--[^\n]*|/\*.*?(?:\*/|\Z)",
    TokenKind.STRING: r"'(?:[^']|'')*'",
    TokenKind.QUOTED: r'"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]',
    TokenKind.NUMBER: r"0[xX][0-9A-Fa-f_]+"
    r"|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?",
    TokenKind.VARIABLE: r"\?[0-9]*|[:@#$][A-Za-z0-9_$\u0080-\U0010ffff]+",
    TokenKind.PUNCTUATION: r"->>|->|\|\||<<|>>|<=|>=|<>|==|!=|.",
}
_TOKENS = re.compile("|".join(FORMS.values()), re.DOTALL)
_FORM = re.compile(
    "|".join(f"(?P<{kind}>{form})" for kind, form in FORMS.items()), re.DOTALL
)


def tokenize(sql: str) -> tuple[Token, ...]:
    """Return the tokens of ``sql``; joined, their texts are ``sql`` again."""
    return tuple(map(_token, _TOKENS.findall(sql)))


# What a token is depends on its own text alone, and texts are of few words.
@lru_cache(maxsize=4096)
def _token(text: str) -> Token:
    match = _FORM.match(text)
    kind = TokenKind((match and match.lastgroup) or TokenKind.PUNCTUATION)
    is_word = kind is TokenKind.WORD
    keyword = text.upper() if is_word or kind is TokenKind.PUNCTUATION else ""

    return Token(
        kind,
        text,
        is_trivia=kind in (TokenKind.SPACE, TokenKind.COMMENT),
        keyword=keyword,
        is_name=keyword not in RESERVED
        if is_word
        else kind in (TokenKind.QUOTED, TokenKind.STRING),
        name=unquote(text),
    )


def folded(name: str) -> str:
    """Return the form of a name that SQLite compares: only ASCII loses its case."""
    if name.isascii():
        return name.lower()

    return "".join(c.lower() if c.isascii() else c for c in name)


def names_equal(one: str, other: str) -> bool:
    """Return whether SQLite takes two unquoted names for the same."""
    return folded(one) == folded(other)


def quote(name: str) -> str:
    """Return a name as SQL: bare where every SQLite reads it so, or in quotes."""
    if _PLAIN_NAME.fullmatch(name) and name.upper() not in _NEVER_BARE:
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


def names_used(uses: Iterable[ColumnUse]) -> tuple[str, ...]:
    """Return the names of columns as they are first written, each once."""
    names: dict[str, str] = {}
    for use in uses:
        names.setdefault(folded(use.name), use.name)

    return tuple(names.values())


class TokenReader:
    """A place in a text, going forward over its tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.at = 0
        end = len(self.tokens)
        # From each position, where the next token is that is no space or comment.
        self._next = [end] * (end + 1)
        for spot in range(end - 1, -1, -1):
            trivia = self.tokens[spot].is_trivia
            self._next[spot] = self._next[spot + 1] if trivia else spot

    def fail(self, reason: str) -> UnreadableDefinition:
        """Return the error that says what stands here."""
        rest = self.between(self.at, len(self.tokens)).strip()
        found = f"before '{rest[:40]}'" if rest else "at its end"

        return UnreadableDefinition(self.text, f"{reason} {found}")

    def between(self, start: int, stop: int) -> str:
        """Return the text of some tokens."""
        return "".join(token.text for token in self.tokens[start:stop])

    def trivia(self) -> str:
        """Return the spaces and comments here, and go past them."""
        start, self.at = self.at, self._next[self.at]

        return self.between(start, self.at)

    def spot(self, ahead: int = 0) -> int:
        """Return the position of a coming token; past the end if there is none."""
        spot = self._next[self.at]
        for _ in range(ahead):
            spot = self._next[min(spot + 1, len(self.tokens))]

        return spot

    def word(self, ahead: int = 0) -> str:
        """Return a coming keyword or punctuation, or nothing."""
        spot = self.spot(ahead)

        return self.tokens[spot].keyword if spot < len(self.tokens) else ""

    @property
    def at_end(self) -> bool:
        """Whether nothing but spaces and comments comes."""
        return self.spot() == len(self.tokens)

    def take(self) -> int:
        """Go past the next token and return its position."""
        spot = self.spot()
        if spot == len(self.tokens):
            raise self.fail("something is missing")
        self.at = spot + 1

        return spot

    def accept(self, *words: str) -> bool:
        """Go past these words if they come next."""
        if any(self.word(i) != word for i, word in enumerate(words)):
            return False
        for _ in words:
            self.take()

        return True

    def expect(self, *words: str) -> None:
        """Go past these words, which must come next."""
        if not self.accept(*words):
            raise self.fail(f"'{' '.join(words)}' is missing")

    def comes_name(self) -> bool:
        """Whether a name comes next."""
        spot = self.spot()

        return spot < len(self.tokens) and self.tokens[spot].is_name

    def name(self) -> int:
        """Go past a name and return its position."""
        if not self.comes_name():
            raise self.fail("a name is missing")

        return self.take()

    def group(self) -> tuple[int, int]:
        """Go past parentheses and return where what they hold starts and stops."""
        self.expect("(")
        start = self.at
        depth = 1
        while depth:
            word = self.tokens[self.take()].keyword
            depth += (word == "(") - (word == ")")

        return start, self.at - 1

    def listed(self) -> tuple[ColumnUse, ...]:
        """Go past a list of columns and return where it names them."""
        start, stop = self.group()
        uses = []
        depth = 0
        starts_term = True
        for spot in range(start, stop):
            token = self.tokens[spot]
            depth += (token.keyword == "(") - (token.keyword == ")")
            if starts_term and token.is_name:
                uses.append(ColumnUse(token.name, spot, spot))
                starts_term = False
            elif token.keyword == "," and depth == 0:
                starts_term = True

        return tuple(uses)
