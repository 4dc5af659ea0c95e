"""Values that a person typed for rows, as SQL that the database takes."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ...dialects.comparison import ComparisonRules
from ...errors import MigrationError
from ...errors import UnusableAnswer
from ...schema.model import Column
from ...schema.model import Expression
from ...schema.model import TableName


@dataclass(frozen=True)
class Place:
    """A column, before and after its table and columns get other names.

    :param columns: the columns that stay: by the new names, the old ones.
    :param added: those that are new.
    """

    table: TableName
    column: str
    old_table: TableName
    old_column: str
    columns: Mapping[str, str]
    added: tuple[str, ...]

    @property
    def name(self) -> str:
        """What a person types."""
        return f"{self.table}.{self.column}"


def model_default(column: Column, rules: ComparisonRules) -> str | None:
    """Return what the model itself puts into a new row, as SQL, if it is one value."""
    default: Any = getattr(column.element, "default", None)
    if not isinstance(default, sa.ColumnDefault):
        return None

    try:
        if default.is_clause_element:
            return Expression.of(default.arg).sql(rules.write)
        if default.is_scalar:
            return rules.dialect.literal(default.arg, column.type.element)
    except MigrationError:
        # A value that has no words is none to propose.
        return None

    return None


def sql_of(said: str, column: Column, place: Place, rules: ComparisonRules) -> str:
    """Return what was typed as SQL.

    :raises UnusableAnswer: if it is nothing that the column holds.
    """
    given = f"--default {place.name}={said}"
    if said.startswith("sql:"):
        return said.removeprefix("sql:").strip() or _refuse(given, "it says no SQL")
    if said == "model":
        default = model_default(column, rules)
        return default or _refuse(given, "its model has no default that is one value")

    element = column.type.element
    value = _typed(said.removeprefix("literal:"), element, given)
    try:
        return rules.dialect.literal(value, element)
    except MigrationError as error:
        raise UnusableAnswer(given, str(error)) from error


def _typed(text: str, element: sa.types.TypeEngine[Any], given: str) -> Any:
    family: Any = element._type_affinity or type(element)
    if issubclass(family, sa.Enum):
        enum: Any = element
        values = list(getattr(enum, "enums", ()))
        if values and text not in values:
            _refuse(given, f"it is one of {', '.join(map(str, values))}")
        return text
    if issubclass(family, sa.String):
        length = getattr(element, "length", None)
        if length is not None and len(text) > length:
            _refuse(given, f"it has more than {length} characters")
        return text

    for kind, read, form in _READ:
        if issubclass(family, kind):
            try:
                return read(text)
            except (ValueError, ArithmeticError, KeyError):
                _refuse(given, f"'{text}' is not {form}")

    return text


_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

_READ: tuple[tuple[Any, Any, str], ...] = (
    (sa.Boolean, lambda text: _TRUTH[text.lower()], "true or false"),
    (sa.Integer, int, "a whole number"),
    (sa.Float, float, "a number"),
    (sa.Numeric, decimal.Decimal, "a number"),
    (sa.DateTime, datetime.datetime.fromisoformat, "a time as 2024-12-31T23:59:59"),
    (sa.Date, datetime.date.fromisoformat, "a date as 2024-12-31"),
    (sa.Time, datetime.time.fromisoformat, "a time as 23:59:59"),
)


def _refuse(given: str, reason: str) -> str:
    raise UnusableAnswer(given, reason)


def check_value(sql: str, given: str, place: Place, rules: ComparisonRules) -> None:
    """Ask the database whether it understands SQL, as of the table when it runs.

    :raises UnusableAnswer: if it does not.
    """
    connection = rules.connection
    if connection is None:
        return

    quote = rules.dialect.quote
    columns = [f"{quote(old)} AS {quote(new)}" for new, old in place.columns.items()]
    columns += [f"NULL AS {quote(each)}" for each in place.added]
    query = (
        f"SELECT {sql} FROM (SELECT {', '.join(columns)} FROM"
        f" {rules.dialect.table_text(place.old_table)}) AS {quote(place.table.name)}"
    )
    try:
        connection.execute(rules.dialect.raw(f"{query} LIMIT 1").element)
    except sa.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()
        raise UnusableAnswer(
            given, f"the database refuses it: {' '.join(reason[:1])}"
        ) from error
