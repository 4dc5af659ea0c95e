"""What was answered: by options, in a file, from Python or at the terminal.

All of it is text as it is typed behind ``flask db migrate``, and means something only
beside a database and its models.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields
from dataclasses import replace
from pathlib import Path
from typing import Any
from typing import TypeVar

from ...errors import Undecided
from ...errors import UnusableAnswer
from .question import Choice
from .question import Question

Said = tuple[str, str]
"""An option without its dashes, and what was typed behind it."""


@dataclass(frozen=True)
class Answers:
    """What was answered so far.

    :param rename: ``users.email=email_address`` and ``users=accounts``.
    :param no_rename: what is not renamed: ``users.email``.
    :param default: ``users.age=0``: what rows get that would have nothing.
    :param drop: the tables to drop that no revision has made.
    :param keep: those to leave alone.
    :param yes: whether questions with a safe answer get that.
    :param waits: whether somebody is there to be asked what could be left as it is.
    """

    rename: tuple[str, ...] = ()
    no_rename: tuple[str, ...] = ()
    default: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    yes: bool = False
    waits: bool = False

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Answers:
        """Return what a mapping holds: lists of texts by the names of options.

        :raises UnusableAnswer: if it holds anything else.
        """
        if not isinstance(said, Mapping):
            raise UnusableAnswer(
                repr(said), 'answers are one object, as {"rename": ["users=accounts"]}'
            )

        named = {str(name).replace("-", "_"): value for name, value in said.items()}
        for name, value in named.items():
            if name not in _NAMES:
                raise UnusableAnswer(
                    name, f"there are only {', '.join(sorted(_NAMES))}"
                )
            if name == "yes" and not isinstance(value, bool):
                raise UnusableAnswer(name, "it is true or false")

        yes = named.pop("yes", False)
        texts: dict[str, Any] = {name: _texts(name, x) for name, x in named.items()}
        return cls(**texts, yes=yes)

    @classmethod
    def read(cls, path: Path) -> Answers:
        """Return what a JSON file holds.

        :raises UnusableAnswer: if it cannot be read.
        """
        try:
            return cls.of(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UnusableAnswer(f"--answers {path}", reason) from error

    def with_choice(self, choice: Choice, more: str = "") -> Answers:
        """Return the answers with one more.

        :param more: what the choice wants to have added to its value.
        """
        name = choice.option.replace("-", "_")
        return self.joined(Answers.of({name: [f"{choice.value}{more}"]}))

    def joined(self, other: Answers) -> Answers:
        """Return these answers and others."""
        several: dict[str, Any] = {
            name: tuple(dict.fromkeys((*getattr(self, name), *getattr(other, name))))
            for name in _NAMES - {"yes"}
        }
        return replace(
            Answers(**several),
            yes=self.yes or other.yes,
            waits=self.waits or other.waits,
        )

    def safely(self, questions: Iterable[Question]) -> Answers:
        """Return the answers with the safe ones of these questions."""
        answers = self
        for each in questions:
            if each.safe is not None:
                answers = answers.with_choice(each.choices[each.safe])

        return answers

    def said(self) -> Iterator[Said]:
        """Yield each answer as it would be typed."""
        for name in ("rename", "no_rename", "default", "drop", "keep"):
            for text in getattr(self, name):
                yield name.replace("_", "-"), text


GivenAnswers = (
    Answers
    | Mapping[str, Any]
    | Callable[[Sequence[Question]], Answers | Mapping[str, Any] | None]
    | None
)
"""What code may give for answers; a function is called with the questions."""

Done = TypeVar("Done")


def answered(given: GivenAnswers, attempt: Callable[[Answers], Done]) -> Done:
    """Return what an attempt comes to, with all answers that are given.

    :param attempt: is made again as long as a function has an answer to its questions.
    :raises Undecided: if it has none, or is none.
    """
    if not callable(given):
        return attempt(_made(given))

    answers = Answers()
    while True:
        try:
            return attempt(answers)
        except Undecided as error:
            more = answers.joined(_made(given(error.questions)))
            if more == answers:
                raise
            answers = more


def _made(given: Answers | Mapping[str, Any] | None) -> Answers:
    return given if isinstance(given, Answers) else Answers.of(given or {})


def _texts(name: str, value: Any) -> tuple[str, ...]:
    several = [value] if isinstance(value, str) else value
    if not isinstance(several, list | tuple) or not all(
        isinstance(each, str) for each in several
    ):
        raise UnusableAnswer(name, "it is a list of texts, as they are typed")

    return tuple(several)


_NAMES = frozenset(each.name for each in fields(Answers)) - {"waits"}
