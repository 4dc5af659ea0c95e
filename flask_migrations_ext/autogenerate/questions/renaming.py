"""Which tables and columns of a database have another name in the models.

What is certain is a rename. What is likely is one question, with the likeliest pair as
what Enter accepts, if no other is near. Until that is answered, the rest is compared
as if it were a rename, so that what depends on it is not asked.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from ...dialects.comparison import ComparisonRules
from ...schema.model import Column
from ...schema.model import Schema
from ...schema.model import Table
from ...schema.model import TableName
from ..filters import Filters
from ..matching.assignment import best_pairs
from ..matching.assignment import Pair
from ..matching.identity import certain_columns
from ..matching.identity import certain_tables
from ..matching.identity import ModelNames
from ..matching.scores import column_scores
from ..matching.scores import is_confident
from ..matching.scores import Likely
from ..matching.scores import table_scores
from ..renames import Renames
from .answers import Answers
from .answers import Said
from .question import Choice
from .question import Question
from .said import said_names
from .said import SaidNames
from .stakes import Stakes


@dataclass(frozen=True)
class DecidedNames:
    """What has another name, and what is still to be asked about it.

    :param used: the answers that were of use.
    :param refused: those that were not, with the reason.
    """

    renames: Renames = Renames()
    questions: tuple[Question, ...] = ()
    used: frozenset[Said] = frozenset()
    refused: Mapping[Said, str] = field(default_factory=dict)


def find_renames(
    database: Schema, models: Schema, rules: ComparisonRules, filters: Filters
) -> Renames:
    """Return what is certain to have another name, of what the app lets be compared."""
    return _Search(
        database, models, rules, filters, SaidNames(), ModelNames()
    ).certain()


def decided_names(
    database: Schema,
    models: Schema,
    rules: ComparisonRules,
    filters: Filters,
    *,
    answers: Answers,
    names: ModelNames,
    stakes: Stakes | None,
) -> DecidedNames:
    """Return what has another name in the models, with what a person has to say.

    :param names: what the models call things.
    :param stakes: how much there is to lose; None: nothing is asked.
    :raises UnusableAnswer: if answers contradict each other.
    """
    said = said_names(answers, database, models)
    search = _Search(database, models, rules, filters, said, names)
    renames, questions = (
        (search.certain(), ()) if stakes is None else search.likely(stakes)
    )

    return DecidedNames(renames, questions, frozenset(said.used), said.refused)


class _Search:
    def __init__(
        self,
        database: Schema,
        models: Schema,
        rules: ComparisonRules,
        filters: Filters,
        said: SaidNames,
        names: ModelNames,
    ) -> None:
        self.rules = rules
        self.filters = filters
        self.said = said
        self.names = names
        self.here = {rules.same_name(each.name): each for each in database.tables}
        self.there = {rules.same_name(each.name): each for each in models.tables}
        self._model_names = {each.name: each for each in models.tables}

    def certain(self) -> Renames:
        tables = self._certain_tables()
        return self._renames(tables, self._certain_columns(tables))

    def likely(self, stakes: Stakes) -> tuple[Renames, tuple[Question, ...]]:
        tables = self._certain_tables()
        questions = _Questions(stakes)
        sure = dict(tables)
        gone, new = self._tables_left(tables)
        gone = [each for each in gone if each.name not in self.said.other_tables]
        if gone and new:
            scores = table_scores(gone, new, self.rules)
            for i, j in _assigned(scores):
                questions.ask_about_table(gone, new, (i, j), scores)
                tables[gone[i].name] = new[j]

        columns = self._certain_columns(tables)
        for name, wanted in self._pairs(tables):
            table = self.here[name]
            supposes = None
            if table.name in tables and table.name not in sure:
                supposes = f"{table.name}={wanted.name.name}"
            found = self._likely_columns(
                (table, wanted), columns, tables, questions, supposes
            )
            if found:
                columns[table.name] = {**columns.get(table.name, {}), **found}

        return self._renames(tables, columns), tuple(questions.asked)

    # -- tables ------------------------------------------------------------

    def _certain_tables(self) -> dict[TableName, Table]:
        tables = {old: self._model_names[new] for old, new in self.said.tables.items()}
        gone, new = self._tables_left(tables)
        for found, wanted in certain_tables(gone, new, self.names):
            if self.filters.takes_table(found, wanted):
                tables[found.name] = wanted

        return tables

    def _tables_left(
        self, tables: Mapping[TableName, Table]
    ) -> tuple[list[Table], list[Table]]:
        """Return what is in the database alone, and what is in the models alone."""
        taken = {id(each) for each in tables.values()}
        gone = [
            each
            for name, each in self.here.items()
            if name not in self.there
            and each.name not in tables
            and not self.filters.ignores(name)
        ]
        new = [
            each
            for name, each in self.there.items()
            if id(each) not in taken and (name not in self.here)
        ]
        # Filters of an app are asked where something depends on it, and not before.
        if gone and new:
            gone = [each for each in gone if self.filters.takes_table(each, None)]

        return gone, new

    def _pairs(
        self, tables: Mapping[TableName, Table]
    ) -> list[tuple[TableName, Table]]:
        """Return each table of the database that has a model, with it."""
        taken = {id(each) for each in tables.values()}
        pairs = []
        for name, found in self.here.items():
            wanted = tables.get(found.name)
            if wanted is None:
                wanted = self.there.get(name)
                if wanted is None or id(wanted) in taken:
                    continue
            pairs.append((name, wanted))

        return pairs

    # -- columns -----------------------------------------------------------

    def _certain_columns(
        self, tables: Mapping[TableName, Table]
    ) -> dict[TableName, dict[str, str]]:
        columns = {name: dict(each) for name, each in self.said.columns.items()}
        for name, wanted in self._pairs(tables):
            found = self.here[name]
            said = columns.get(found.name, {})
            gone, new = _columns_left(found, wanted, said)
            if not gone or not new:
                continue
            attributes = self.names.attributes.get(wanted.name, {})
            pairs = list(certain_columns(gone, new, attributes))
            kept = self._kept(found, wanted) if pairs else None
            more = {
                old.name: becomes.name
                for old, becomes in pairs
                if kept is not None
                and {old.name, becomes.name} <= kept
                and (found.name, old.name) not in self.said.other_columns
            }
            if more:
                columns[found.name] = {**said, **more}

        return columns

    def _likely_columns(
        self,
        pair: tuple[Table, Table],
        columns: Mapping[TableName, Mapping[str, str]],
        tables: Mapping[TableName, Table],
        questions: _Questions,
        supposes: str | None,
    ) -> dict[str, str]:
        found, wanted = pair
        gone, new = _columns_left(found, wanted, columns.get(found.name, {}))
        gone = [
            each
            for each in gone
            if (found.name, each.name) not in self.said.other_columns
        ]
        if not gone or not new:
            return {}
        kept = self._kept(found, wanted)
        if kept is None:
            return {}

        prepared = self.rules.prepared(found, wanted)
        gone = [each for each in map(prepared.column, _names(gone, kept)) if each]
        new = [each for each in new if each.name in kept]
        renamed = {old: each.name for old, each in tables.items()}
        scores = column_scores((prepared, wanted), gone, new, self.rules, renamed)
        pairs = _assigned(scores)
        for each in pairs:
            questions.ask_about_column(found, (gone, new), each, scores, supposes)

        return {gone[i].name: new[j].name for i, j in pairs}

    def _kept(self, found: Table, wanted: Table) -> set[str] | None:
        """Return the columns that the app lets be compared; None: none of them."""
        if not self.filters.takes_table(found, wanted):
            return None

        return {
            column.name
            for each in self.filters.without_excluded_columns(found, wanted)
            for column in each
        }

    def _renames(
        self,
        tables: Mapping[TableName, Table],
        columns: Mapping[TableName, Mapping[str, str]],
    ) -> Renames:
        return Renames({old: new.name for old, new in tables.items()}, columns)


def _columns_left(
    found: Table, wanted: Table, said: Mapping[str, str]
) -> tuple[list[Column], list[Column]]:
    """Return what is in the database alone, and what is in the models alone."""
    here = {each.name for each in found.columns}
    there = {each.name for each in wanted.columns}
    if here == there and not said:
        return [], []

    given = set(said.values())
    return (
        [x for x in found.columns if x.name not in there and x.name not in said],
        [x for x in wanted.columns if x.name not in here and x.name not in given],
    )


def _names(columns: Sequence[Column], kept: set[str]) -> list[str]:
    return [each.name for each in columns if each.name in kept]


def _assigned(scores: Mapping[Pair, Likely]) -> list[Pair]:
    # A pair that is right weighs more than two that may be.
    return [*best_pairs({pair: x.score**4 for pair, x in scores.items()}).items()]


class _Questions:
    """Makes one question of each thing that is gone and may have a new name."""

    def __init__(self, stakes: Stakes) -> None:
        self._stakes = stakes
        self.asked: list[Question] = []

    def ask_about_table(
        self,
        gone: Sequence[Table],
        new: Sequence[Table],
        pair: Pair,
        scores: Mapping[Pair, Likely],
    ) -> None:
        old = gone[pair[0]]
        rows = self._stakes.rows(old)
        self._ask(
            "rename_table",
            str(old.name),
            f"table {old.name} ({rows.words})",
            f"drop table {old.name}, and add {new[pair[1]].name} empty",
            _others(pair, scores, lambda j: new[j].name.name),
            is_confident(pair, scores),
            None,
        )

    def ask_about_column(
        self,
        table: Table,
        columns: tuple[Sequence[Column], Sequence[Column]],
        pair: Pair,
        scores: Mapping[Pair, Likely],
        supposes: str | None,
    ) -> None:
        gone, new = columns
        old = gone[pair[0]]
        values = self._stakes.values(table, old)
        self._ask(
            "rename_column",
            f"{table.name}.{old.name}",
            f"column {table.name}.{old.name} ({values.words})",
            f"drop {table.name}.{old.name}, and add {new[pair[1]].name} without values",
            _others(pair, scores, lambda j: new[j].name),
            is_confident(pair, scores),
            supposes,
        )

    def _ask(
        self,
        kind: str,
        subject: str,
        thing: str,
        otherwise: str,
        names: Sequence[str],
        is_sure: bool,
        supposes: str | None,
    ) -> None:
        choices = [
            Choice(f"rename {subject} to {name}", "rename", f"{subject}={name}")
            for name in names
        ]
        choices.append(Choice(otherwise, "no-rename", subject))
        first = 0 if is_sure else None
        self.asked.append(
            Question(
                kind,
                subject,
                f"{thing} is gone from the models, which have {_either(names)} now:"
                " is it renamed?",
                tuple(choices),
                default=first,
                safe=first,
                supposes=supposes,
            )
        )


def _others(
    pair: Pair, scores: Mapping[Pair, Likely], name_of: Callable[[int], str]
) -> list[str]:
    """Return the names that one thing may have got, the likeliest first."""
    places = sorted(
        (j for i, j in scores if i == pair[0]),
        key=lambda j: (j != pair[1], -scores[pair[0], j].score, j),
    )
    return [name_of(j) for j in places[:9]]


def _either(names: Sequence[str]) -> str:
    return " or ".join(names)
