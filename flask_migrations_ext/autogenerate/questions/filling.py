"""What rows are to hold that a change leaves without a value, or with a wrong one.

A new column that takes no NULL, one that no longer takes any, and a type that does not
hold all that is there. Each is one question, if there is such a row; its answer is an
``UPDATE`` before the change. Three steps written out, to be filled by hand, lose
nothing: until then the upgrade is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

import sqlalchemy as sa

from ...dialects.comparison import ComparisonRules
from ...errors import UnusableAnswer
from ...operations.base import Operation
from ...operations.columns import AddColumn
from ...operations.columns import AlterColumn
from ...operations.columns import ColumnFacts
from ...schema.model import Column
from ...schema.model import Kept
from ...schema.model import Schema
from ...schema.model import Table
from ...schema.model import TableName
from ...schema.sql_text import escaped
from ..compare.conversions import FillRows
from ..renames import Renames
from .answers import Answers
from .answers import Said
from .question import Choice
from .question import Question
from .ranges import Misfit
from .ranges import misfits
from .stakes import Stakes
from .values import check_value
from .values import model_default
from .values import Place
from .values import sql_of

STEPS = "steps"
MODEL = "model"


@dataclass(frozen=True)
class Filled:
    """The operations with the values that were said, and what is still to be asked.

    :param settled: the columns, as ``table.column``, of which nothing is left to say.
    """

    operations: tuple[Operation, ...]
    questions: tuple[Question, ...] = ()
    used: frozenset[Said] = frozenset()
    refused: Mapping[Said, str] = field(default_factory=dict)
    settled: frozenset[str] = frozenset()


def filled(
    operations: Sequence[Operation],
    database: Schema,
    models: Schema,
    renames: Renames,
    rules: ComparisonRules,
    answers: Answers,
    stakes: Stakes | None,
) -> Filled:
    """Return the operations with what their rows need.

    :param database: as it is before the renames.
    :param stakes: counts rows; None: nothing is asked.
    :raises UnusableAnswer: if a value cannot be what its column holds.
    """
    search = _Search(operations, database, models, renames, rules, answers, stakes)
    done = tuple(each for o in operations for each in search.with_values(o))
    refused = {
        ("default", text): "no column of that name needs a value"
        for text in answers.default
        if ("default", text) not in search.used
    }

    return Filled(
        done,
        tuple(search.questions),
        frozenset(search.used),
        refused,
        frozenset(search.settled),
    )


@dataclass(frozen=True)
class _Need:
    """Rows that need another value in a column.

    :param where: which rows those are, with the names after the renames.
    :param before: the same before them; None: all rows.
    """

    kind: str
    place: Place
    column: Column
    where: sa.ColumnElement[bool]
    before: sa.ColumnElement[bool] | None
    having: str
    cut: str | None = None


class _Search:
    def __init__(
        self,
        operations: Sequence[Operation],
        database: Schema,
        models: Schema,
        renames: Renames,
        rules: ComparisonRules,
        answers: Answers,
        stakes: Stakes | None,
    ) -> None:
        self.rules = rules
        self.stakes = stakes
        self.questions: list[Question] = []
        self.used: set[Said] = set()
        self.settled: set[str] = set()
        self._models = models.by_name
        self._here = {
            renames.tables.get(each.name, each.name): each for each in database.tables
        }
        self._columns = renames.columns
        self._said: dict[str, str] = {}
        self._given: dict[str, Said] = {}
        self._added: dict[TableName, list[str]] = {}
        for text in answers.default:
            place, equals, value = text.partition("=")
            if not equals:
                raise UnusableAnswer(f"--default {text}", "it is TABLE.COLUMN=VALUE")
            if self._said.get(place, value) != value:
                raise UnusableAnswer(
                    f"--default {text}", f"'{self._said[place]}' is said as well"
                )
            self._said[place] = value
            self._given[place] = ("default", text)
        for each in operations:
            if isinstance(each, AddColumn):
                self._added.setdefault(each.table, []).append(each.column.name)

    def with_values(self, operation: Operation) -> Iterator[Operation]:
        """Yield an operation, with what its rows need before it."""
        needs = list(self._needs(operation))
        if not needs:
            yield operation
            return

        place = needs[0].place
        said = self._said.get(place.name)
        if said is None:
            if self.stakes is not None:
                self._ask_first(needs, self.stakes)
            yield operation
            return

        self.used.add(self._given[place.name])
        self.settled.add(place.name)
        fills = [FillRows(*self._update(need, said)) for need in needs]
        if isinstance(operation, AddColumn):
            column = operation.column
            yield replace(operation, column=replace(column, nullable=True))
            yield from fills
            yield AlterColumn(
                operation.table,
                column.name,
                becomes=ColumnFacts(nullable=False),
                was=ColumnFacts(type=column.type, nullable=True),
            )
        else:
            yield from fills
            yield operation

    # -- what rows need ----------------------------------------------------

    def _needs(self, operation: Operation) -> Iterator[_Need]:
        several: tuple[_Need | None, ...] = ()
        if isinstance(operation, AddColumn):
            several = (self._of_new(operation),)
        elif isinstance(operation, AlterColumn) and operation.new_name is None:
            found = self._place(operation.table, operation.name)
            wanted = self._models.get(operation.table)
            column = wanted.column(operation.name) if wanted is not None else None
            if found is not None and column is not None:
                several = (
                    self._of_nulls(operation, found, column),
                    self._of_type(operation, found, column),
                )

        yield from (each for each in several if each is not None)

    def _of_new(self, operation: AddColumn) -> _Need | None:
        column = operation.column
        given = (column.default, column.computed, column.identity, column.sequence)
        if column.nullable or column.primary_key or any(x is not None for x in given):
            return None
        place = self._place(operation.table, column.name)
        if place is None:
            return None

        return _Need(
            "not_null", place, column, sa.column(column.name).is_(None), None, ""
        )

    def _of_nulls(
        self, operation: AlterColumn, place: Place, column: Column
    ) -> _Need | None:
        if operation.becomes.nullable is not False or operation.was.nullable is False:
            return None

        return _Need(
            "nulls",
            place,
            column,
            sa.column(place.column).is_(None),
            sa.column(place.old_column).is_(None),
            "with NULL in it",
        )

    def _of_type(
        self, operation: AlterColumn, place: Place, column: Column
    ) -> _Need | None:
        was, becomes = operation.was.type, operation.becomes.type
        if isinstance(was, Kept) or isinstance(becomes, Kept):
            return None
        misfit: Misfit | None = misfits(was.element, becomes.element)
        if misfit is None:
            return None

        return _Need(
            misfit.kind,
            place,
            column,
            misfit.condition(place.column),
            misfit.condition(place.old_column),
            misfit.having,
            misfit.cut(place.column),
        )

    def _place(self, table: TableName, column: str) -> Place | None:
        found: Table | None = self._here.get(table)
        if found is None:
            return None

        names = self._columns.get(found.name, {})
        old = next((was for was, new in names.items() if new == column), column)
        kept = {names.get(each.name, each.name): each.name for each in found.columns}

        return Place(
            table, column, found.name, old, kept, tuple(self._added.get(table, ()))
        )

    # -- questions ---------------------------------------------------------

    def _ask_first(self, needs: Sequence[_Need], stakes: Stakes) -> None:
        # What is said of a column counts for all that it needs.
        for each in needs:
            question = self._question(each, stakes)
            if question is not None:
                self.questions.append(question)
                return

    def _question(self, need: _Need, stakes: Stakes) -> Question | None:
        place = need.place
        if need.before is None:
            stake = stakes.rows(self._here[place.table])
            words = (
                f"new column {place.name} takes no NULL and has no server default;"
                f" table {place.table} has {stake.words}: what do those get?"
            )
        else:
            stake = stakes.where(place.old_table, need.before)
            words = (
                f"column {place.name} changes, which does not fit {stake.words}"
                f" {need.having}: what do those get?"
            )
        if not stake.number:
            return None

        choices = [
            Choice("one value for all of them", "default", f"{place.name}=", "VALUE"),
            Choice(
                "what SQL makes of each row", "default", f"{place.name}=sql:", "SQL"
            ),
        ]
        default = model_default(need.column, self.rules)
        if default is not None and need.cut is None:
            words_of = f"the default of the model: {default}"
            choices.insert(0, Choice(words_of, "default", f"{place.name}={MODEL}"))
        if need.cut is not None:
            choices.append(
                Choice(
                    f"their first part: {need.cut}",
                    "default",
                    f"{place.name}=sql:{need.cut}",
                )
            )
        choices.append(
            Choice(
                "three steps in the script, the second to fill by hand",
                "default",
                f"{place.name}={STEPS}",
            )
        )
        has_default = default is not None and need.cut is None
        return Question(
            need.kind,
            place.name,
            words,
            tuple(choices),
            default=0 if has_default else None,
            safe=0 if has_default else len(choices) - 1,
        )

    # -- values ------------------------------------------------------------

    def _update(self, need: _Need, said: str) -> tuple[str, None, tuple[()], str]:
        """Return what a FillRows is made of."""
        place, dialect = need.place, self.rules.dialect
        quoted = dialect.quote(place.column)
        remark = ""
        if said == STEPS:
            remark = (
                f"Put here what these rows are to have in {place.name}; until then, the"
                " upgrade is refused where there are such."
            )
            value = quoted if need.before is not None else "NULL"
            value = "NULL" if need.kind == "nulls" else value
        else:
            value = sql_of(said, need.column, place, self.rules)
            check_value(value, f"--default {place.name}={said}", place, self.rules)

        where = self.rules.write(need.where)
        text = (
            f"UPDATE {dialect.table_text(place.table)} SET {quoted} = {value}"
            f" WHERE {where}"
        )
        return escaped(text), None, (), remark
