"""A question that only a person can answer, as a value.

Whoever shows it decides how: lines at a terminal, JSON, an error. Each choice has the
option of ``flask db migrate`` that makes it.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Choice:
    """One answer.

    :param words: what it does, for a person to read.
    :param option: what is typed to choose it, such as ``rename``; without dashes.
    :param value: what is typed behind it.
    :param wants: what has to be added to the value, such as ``VALUE``; empty: nothing.
    """

    words: str
    option: str
    value: str
    wants: str = ""

    @property
    def flag(self) -> str:
        """What is typed in a shell, or written into CI."""
        value = shlex.quote(self.value) + self.wants
        return f"--{self.option} {value}"


@dataclass(frozen=True)
class Question:
    """What is asked of one thing.

    :param kind: ``rename_table``, ``rename_column``, ``not_null``, ``nulls``,
        ``too_long``, ``enum_values`` or ``unknown_table``.
    :param subject: the thing, such as ``users.email``.
    :param words: the question, with what is at stake.
    :param default: the place of the choice that Enter makes; None: there is none.
    :param safe: the place of the one that ``--yes`` makes; None: it makes none.
    :param supposes: the value of another choice: without it, this is not asked.
    """

    kind: str
    subject: str
    words: str
    choices: tuple[Choice, ...]
    default: int | None = None
    safe: int | None = None
    supposes: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what a program needs to answer it."""

        def flag_at(place: int | None) -> str | None:
            return None if place is None else self.choices[place].flag

        return {
            "kind": self.kind,
            "subject": self.subject,
            "question": self.words,
            "choices": [
                {
                    "words": each.words,
                    "flag": each.flag,
                    "option": each.option,
                    "value": each.value,
                    "wants": each.wants or None,
                }
                for each in self.choices
            ],
            "default": flag_at(self.default),
            "safe": flag_at(self.safe),
        }

    def __str__(self) -> str:
        width = max(len(each.flag) for each in self.choices)
        lines = [f"    {each.flag:{width}}  {each.words}" for each in self.choices]
        return "\n".join([f"  {self.words}", *lines])
