"""Tables without a model that may have to stay: of others, or of a forgotten module.

What no revision of the project has made is another's, and left alone; at a terminal it
is asked once, and what was said is kept. What a module of the app defines that nobody
has imported is dropped only if a person says so.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path

from ...dialects.comparison import ComparisonRules
from ...errors import UnusableAnswer
from ...schema.model import Schema
from ...schema.model import Table
from ...schema.model import TableName
from ..filters import Filters
from ..renames import Renames
from .answers import Answers
from .answers import Said
from .question import Choice
from .question import Question
from .sources import Definition
from .stakes import Stakes


def _nowhere(tables: Collection[str]) -> Mapping[str, Definition]:
    return {}


@dataclass(frozen=True)
class Origins:
    """What is known of where tables come from, without asking a database.

    :param is_made: whether some revision mentions a table.
    :param defined: returns where tables without a model are, or were, defined.
    """

    is_made: Callable[[TableName], bool] = lambda table: True
    defined: Callable[[Collection[str]], Mapping[str, Definition]] = _nowhere


@dataclass(frozen=True)
class Strangers:
    """The database without what is left alone.

    :param left: the tables that nobody has said anything of.
    :param notes: what is known of those that go.
    """

    database: Schema
    questions: tuple[Question, ...] = ()
    left: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    used: frozenset[Said] = frozenset()
    refused: Mapping[Said, str] = field(default_factory=dict)


def without_strangers(
    database: Schema,
    models: Schema,
    renames: Renames,
    rules: ComparisonRules,
    filters: Filters,
    answers: Answers,
    stakes: Stakes | None,
    origins: Origins,
) -> Strangers:
    """Return the database without the tables to leave alone.

    :param stakes: counts their rows; None: nothing is asked.
    :raises UnusableAnswer: if answers contradict each other.
    """
    there = {rules.same_name(each.name) for each in models.tables}
    gone = {
        str(each.name): each
        for each in database.tables
        if rules.same_name(each.name) not in there
        and each.name not in renames.tables
        and not filters.ignores(each.name)
    }
    said = {*answers.drop, *answers.keep}
    for text in {*answers.drop} & {*answers.keep}:
        raise UnusableAnswer(f"--keep {text}", "--drop says the opposite")
    strangers = [
        each
        for name, each in gone.items()
        if name not in said
        and not origins.is_made(each.name)
        and filters.takes_table(each, None)
    ]
    asks = stakes is not None and answers.waits
    forgotten = _forgotten(
        [each for name, each in gone.items() if name not in said], strangers, origins
    )
    alone = {*(str(each.name) for each in strangers), *answers.keep}

    return Strangers(
        replace(
            database,
            tables=tuple(
                each
                for each in database.tables
                if str(each.name) not in alone or str(each.name) not in gone
            ),
        ),
        (
            *(_question(each, stakes) for each in strangers if asks and stakes),
            *(
                _question_of_module(each, path, stakes)
                for each, where in forgotten
                if stakes is not None and where.is_there
                for path in [where.path]
            ),
        ),
        () if asks else tuple(str(each.name) for each in strangers),
        tuple(
            f"Table {each.name} goes; {where.path} used to define it."
            for each, where in forgotten
            if stakes is not None and not where.is_there
        ),
        frozenset(
            (option, text)
            for option, text in answers.said()
            if option in ("drop", "keep") and text in gone
        ),
        {
            (option, text): "it is not a table that is in the database alone"
            for option, text in answers.said()
            if option in ("drop", "keep") and text not in gone
        },
    )


def _forgotten(
    gone: Sequence[Table], strangers: Sequence[Table], origins: Origins
) -> list[tuple[Table, Definition]]:
    tables = {each.name.name: each for each in gone if each not in strangers}
    found = origins.defined(list(tables)) if tables else {}
    return [(tables[name], where) for name, where in sorted(found.items())]


def _question_of_module(table: Table, path: Path, stakes: Stakes) -> Question:
    name = str(table.name)
    return Question(
        "not_imported",
        name,
        f"table {name} ({stakes.rows(table).words}) has no model, but {path} defines"
        " one, and is not imported: import it where the app is made, or say what"
        " becomes of the table",
        (
            Choice("drop it", "drop", name),
            Choice("leave it alone, for good", "keep", name),
        ),
    )


def _question(table: Table, stakes: Stakes) -> Question:
    name = str(table.name)
    return Question(
        "unknown_table",
        name,
        f"table {name} ({stakes.rows(table).words}) has no model, and no revision made"
        " it: whose is it?",
        (
            Choice("another's: leave it alone, for good", "keep", name),
            Choice("this app's: drop it", "drop", name),
        ),
        default=0,
        safe=0,
    )
