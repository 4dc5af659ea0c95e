"""Questions at a terminal: plain lines and numbers, which any terminal can show.

Where there is none, or its input ends, they are the error message of exit status 4.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from ...autogenerate.questions.answers import Answers
from ...autogenerate.questions.question import Choice
from ...autogenerate.questions.question import Question
from ...errors import Undecided
from ..refusal import Refusal
from ..terminal import tell
from ..terminal import write

INTERRUPTED = 130

Done = TypeVar("Done")


def asked(answers: Answers, format: str, attempt: Callable[[Answers], Done]) -> Done:
    """Return what an attempt comes to, once a person has answered its questions.

    :raises Undecided: if there is nobody to ask.
    """
    is_terminal = sys.stdin.isatty() and sys.stderr.isatty() and format != "json"
    answers = replace(answers, waits=is_terminal)
    while True:
        try:
            return attempt(answers)
        except Undecided as error:
            if format == "json":
                shown = {"questions": [each.as_json() for each in error.questions]}
                write(json.dumps(shown, indent=2))
                raise
            if not is_terminal:
                raise
            try:
                answers = _dialogue(error.questions, answers)
            except EOFError:
                raise error from None
            except KeyboardInterrupt:
                raise Refusal("nothing was written", INTERRUPTED) from None


def _dialogue(questions: Sequence[Question], answers: Answers) -> Answers:
    for question in questions:
        if question.supposes is not None and question.supposes not in answers.rename:
            # What was answered before has made it another question.
            continue
        left = _without_taken(question, answers)
        if len(left.choices) > 1:
            choice = _chosen(left)
            answers = answers.with_choice(choice, _more(choice))

    return answers


def _without_taken(question: Question, answers: Answers) -> Question:
    """Return a question without the names that something else has got."""
    parent = question.subject.rpartition(".")[0]
    taken = {
        new
        for old, _, new in (each.partition("=") for each in answers.rename)
        if old.rpartition(".")[0] == parent
    }
    left = tuple(
        each
        for each in question.choices
        if each.option != "rename" or each.value.partition("=")[2] not in taken
    )
    if left == question.choices:
        return question

    return replace(question, choices=left, default=None, safe=None)


def _chosen(question: Question) -> Choice:
    tell("")
    tell(question.words)
    for number, each in enumerate(question.choices, 1):
        mark = " (Enter)" if question.default == number - 1 else ""
        tell(f"  {number}. {each.words}{mark}")

    while True:
        line = _typed(f"1 to {len(question.choices)}: ")
        if not line and question.default is not None:
            return question.choices[question.default]
        if (
            line.isascii()
            and line.isdigit()
            and 1 <= int(line) <= len(question.choices)
        ):
            return question.choices[int(line) - 1]
        tell(f"Type a number from 1 to {len(question.choices)}; Ctrl-C writes nothing.")


def _more(choice: Choice) -> str:
    if not choice.wants:
        return ""

    while not (line := _typed(f"{choice.wants}: ")):
        tell("Type something; Ctrl-C writes nothing.")
    return line


def _typed(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        tell("")
        raise EOFError

    return line.strip()
