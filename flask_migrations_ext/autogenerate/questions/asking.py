"""All questions about one database and its models, and which answers were of use."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from ...dialects.comparison import ComparisonRules
from ...errors import UnusableAnswer
from ...schema.model import Schema
from ..compare.schema import comparison
from ..compare.schema import Difference
from ..filters import Filters
from ..matching.identity import ModelNames
from ..options import CompareOptions
from .answers import Answers
from .answers import Said
from .destruction import Losses
from .destruction import losses
from .filling import filled
from .question import Question
from .renaming import decided_names
from .stakes import Stakes
from .strangers import Origins
from .strangers import without_strangers


@dataclass(frozen=True)
class Asking:
    """What was answered, and what questions may be about.

    :param asks: whether what is only likely is asked; if not, it is not done.
    """

    answers: Answers = Answers()
    names: ModelNames = ModelNames()
    asks: bool = True
    origins: Origins = Origins()


@dataclass(frozen=True)
class Asked:
    """What is still to be asked, and what became of the answers.

    :param used: those that were of use.
    :param refused: those that were not, with the reason.
    """

    questions: tuple[Question, ...] = ()
    used: frozenset[Said] = frozenset()
    refused: Mapping[Said, str] = field(default_factory=dict)
    losses: Losses = ()
    """What is lost by which operation."""

    left: tuple[str, ...] = ()
    """The tables that are left alone, unasked."""


def asked_comparison(
    database: Schema,
    models: Schema,
    rules: ComparisonRules,
    options: CompareOptions,
    asking: Asking,
) -> tuple[Difference, Asked]:
    """Return the difference as it is with the answers, and what was not answered.

    :raises UnusableAnswer: if answers contradict each other.
    """
    filters = Filters(options, rules)
    stakes = Stakes(rules, rules.connection) if asking.asks else None
    answers = asking.answers
    while True:
        named = decided_names(
            database,
            models,
            rules,
            filters,
            answers=answers,
            names=asking.names,
            stakes=stakes,
        )
        ours = without_strangers(
            database,
            models,
            named.renames,
            rules,
            filters,
            answers,
            stakes,
            asking.origins,
        )
        found = comparison(
            ours.database, models, rules, options=options, renames=named.renames
        )
        rest = filled(
            found.operations,
            database,
            models,
            named.renames,
            rules,
            answers,
            stakes,
        )
        questions = (*named.questions, *rest.questions, *ours.questions)
        safe = answers.safely(questions) if answers.yes else answers
        if safe == answers:
            break
        answers = safe

    notes = tuple(
        note
        for note in found.notes
        if not any(note.startswith(f"Column {x} is NOT NULL") for x in rest.settled)
    )
    lost = losses(rest.operations, database, named.renames, stakes)
    return Difference(rest.operations, (*notes, *ours.notes)), Asked(
        questions,
        named.used | rest.used | ours.used,
        {**rest.refused, **named.refused, **ours.refused},
        () if questions else lost,
        ours.left,
    )


def refuse_unused(answers: Answers, several: Iterable[Asked]) -> None:
    """Refuse an answer that no database has a question for.

    :raises UnusableAnswer: with the reason, as far as it is known.
    """
    asked = list(several)
    used = {said for each in asked for said in each.used}
    for said in answers.said():
        if said in used:
            continue
        option, text = said
        reasons = [each.refused[said] for each in asked if said in each.refused]
        raise UnusableAnswer(
            f"--{option} {text}", reasons[0] if reasons else "nothing asks for it"
        )
