"""Goes over the tokens of a SQLite text: what comes next, and past it."""

from __future__ import annotations

from ...errors import UnreadableDefinition
from .tokens import ColumnUse
from .tokens import tokenize


class Reader:
    """A place in a text, going forward over its tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.at = 0

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
        start = self.at
        while self.at < len(self.tokens) and self.tokens[self.at].is_trivia:
            self.at += 1

        return self.between(start, self.at)

    def spot(self, ahead: int = 0) -> int:
        """Return the position of a coming token; past the end if there is none."""
        spot = self.at
        while True:
            while spot < len(self.tokens) and self.tokens[spot].is_trivia:
                spot += 1
            if ahead == 0 or spot == len(self.tokens):
                return spot
            ahead -= 1
            spot += 1

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

    def comes_name(self, ahead: int = 0) -> bool:
        """Whether a name comes next."""
        spot = self.spot(ahead)

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
