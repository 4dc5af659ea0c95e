"""What a rebuild of a SQLite table would lose or break, found before it begins.

SQLite forces few types on values, and converts what it can. What is refused here
is a conversion that cannot be undone, or that leaves a value the new type has no
meaning for.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from ...errors import DataAtRisk
from ...wording import counted
from .catalog import Rows
from .catalog import SqliteCatalog
from .constraints import added_constraints
from .definition import affinity
from .definition import ColumnText
from .definition import ConstraintText
from .definition import Kind
from .definition import TableText
from .parser import parse_table
from .tokens import folded
from .tokens import names_equal
from .tokens import quote

_ROWID_NAMES = ("rowid", "_rowid_", "oid")


@dataclass(frozen=True)
class Violation:
    """What rows must not be like, in SQL and in words, and what to do about them."""

    condition: str
    having: str
    advice: str


def refuse_losses(connection: sa.Connection, old: TableText, new: TableText) -> None:
    """Raise an error if the rows of ``old`` do not fit into ``new``.

    :raises DataAtRisk: with the number of rows and the keys of some.
    """
    rows = _Rows(connection, old)
    for column in new.columns:
        if old.find_column(column.name) is None:
            _refuse_empty(rows, new, column)
    _refuse_repeated_defaults(rows, new)
    added = list(added_constraints(old, new))
    rows.refuse_any([*_unfit(old, new), *rows.broken(added)])
    for constraint in added:
        if constraint.kind in (Kind.UNIQUE, Kind.PRIMARY):
            rows.refuse_duplicates(constraint)


def refuse_forgotten(
    connection: sa.Connection, stored: TableText, given: TableText
) -> None:
    """Raise an error if ``given``, which is taken for the table, leaves values out.

    :raises DataAtRisk: with the number of rows and the keys of some.
    """
    for column in stored.columns:
        kept = given.find_column(column.name)
        if column.is_generated or (kept is not None and not kept.is_generated):
            continue
        violation = Violation(
            f"{quote(column.name)} IS NOT NULL",
            f"a value in column '{column.name}', which copy_from leaves out",
            "give copy_from that column, and drop it with drop_column() if it is to go",
        )
        _Rows(connection, stored).refuse_any([violation])


def rowid_name(*tables: TableText) -> str | None:
    """Return a name for the rowid that no column takes, if there is one."""
    taken = {folded(name) for table in tables for name in table.column_names}

    return next((name for name in _ROWID_NAMES if name not in taken), None)


# -- columns ---------------------------------------------------------------


def _unfit(old: TableText, new: TableText) -> Iterator[Violation]:
    # Where the tables are alike, a column of the same text takes the same values.
    alike = _rules(old) == _rules(new)
    for column in new.columns:
        before = old.find_column(column.name)
        if before is None or (alike and column == before):
            continue
        if _starts_to_demand_value(old, before, new, column):
            yield Violation(
                f"{quote(column.name)} IS NULL",
                f"NULL in column '{column.name}', which is to take none",
                "fill them first, with an UPDATE in op.execute()",
            )
        if column.is_generated and not before.is_generated:
            computed = column.of_kind(Kind.GENERATED)[0].expression
            value = quote(column.name)
            yield Violation(
                f"{value} IS NOT NULL AND {value} IS NOT ({computed})",
                f"a value in column '{column.name}' that differs from what is to be"
                " computed",
                "add another column for the expression, or set these to NULL first,"
                " with an UPDATE in op.execute()",
            )
        condition = lossy(old, new, column.name)
        if condition:
            yield Violation(
                condition,
                f"a value in column '{column.name}' that"
                f" {column.type_words or 'no type'} cannot hold as it is",
                "correct them first, with an UPDATE in op.execute(), or keep the type",
            )


def _rules(table: TableText) -> tuple[object, ...]:
    """Return what decides over the values of a column besides its own text."""
    key = (table.primary_key, table.rowid_alias)
    return (table.without_rowid, table.is_strict, *key)


def _starts_to_demand_value(
    old: TableText, before: ColumnText, new: TableText, column: ColumnText
) -> bool:
    if not _takes_null(old, before):
        return False
    # A key that is new is to take none either, though SQLite would let it.
    is_new_key = _is_key(new, column) and not _is_key(old, before)

    return is_new_key or not _takes_null(new, column)


def _takes_null(table: TableText, column: ColumnText) -> bool:
    """Return whether SQLite stores NULL there, which it does in most primary keys.

    https://www.sqlite.org/lang_createtable.html#the_primary_key
    """
    if column.is_not_null:
        return False
    is_sound = table.without_rowid or table.is_strict or column == table.rowid_alias

    return not (is_sound and _is_key(table, column))


def _is_key(table: TableText, column: ColumnText) -> bool:
    return any(names_equal(name, column.name) for name in table.primary_key)


def _refuse_empty(rows: _Rows, new: TableText, column: ColumnText) -> None:
    if not column.needs_value or column == new.rowid_alias:
        return

    count = SqliteCatalog(rows.connection).count(rows.table.name)
    if count:
        raise DataAtRisk(
            f"table '{rows.table.name}' has {counted(count, 'row')}, and the new"
            f" column '{column.name}' takes no NULL and has no default",
            "give it a server_default, or add it as nullable, fill it, and make it"
            " not nullable then",
        )


def _refuse_repeated_defaults(rows: _Rows, new: TableText) -> None:
    """Raise an error if a key holds new columns only, with one value for all rows."""
    for constraint in new.constraints:
        if constraint.kind not in (Kind.UNIQUE, Kind.PRIMARY) or not constraint.columns:
            continue
        added = [new.find_column(each) for each in constraint.columns]
        defaults = [each.default or "NULL" for each in added if each]
        if any(map(rows.table.find_column, constraint.columns)):
            continue
        # What an expression gives may differ from row to row.
        if any(each[0] == "(" or each.upper() == "NULL" for each in defaults):
            continue
        count = SqliteCatalog(rows.connection).count(rows.table.name)
        if count > 1:
            raise DataAtRisk(
                f"all {counted(count, 'row')} of table '{rows.table.name}' would have"
                f" the same default in ({', '.join(constraint.columns)}), which a"
                f" {constraint.kind.upper()} constraint forbids",
                "leave out the default and fill the column afterwards, or drop that"
                " constraint first",
            )


def lossy(old: TableText, new: TableText, name: str) -> str | None:
    """Return the condition on values of a column that lose something by its type."""
    before, after = _meaning(old, name), _meaning(new, name)
    if before == after or after not in _LOSSY or new.column(name).is_generated:
        return None

    value = quote(name)
    cases = " ".join(
        f"WHEN '{kind}' THEN {condition}" for kind, condition in _LOSSY[after].items()
    )
    text = f"CASE typeof({value}) {cases} ELSE 0 END"

    return _filled(text, value)


def converted(old: TableText, new: TableText, name: str) -> str:
    """Return the expression that gives a column of the new table its value.

    Only bytes need a word: all else SQLite converts when it stores the value.
    """
    value = quote(name)
    if _meaning(new, name) == "bytes" != _meaning(old, name):
        return (
            f"CASE typeof({value}) WHEN 'text' THEN CAST({value} AS BLOB)"
            f" ELSE {value} END"
        )

    return value


def _meaning(table: TableText, name: str) -> str:
    """Return what kind of values the declared type of a column is for.

    For dates, JSON and the like, that is text, which SQLite turns into a number if it
    looks like one.
    """
    words = table.column(name).type_words.upper()
    # Elsewhere ANY is a word like any other, and turns '007' into a number.
    if not words or (words == "ANY" and table.is_strict):
        return "anything"
    if "BOOL" in words:
        return "whole"
    if any(part in words for part in ("NUMERIC", "DECIMAL", "NUMBER")):
        return _MEANINGS.get(affinity(words), "number")

    return _MEANINGS.get(affinity(words), "other")


_MEANINGS = {"INTEGER": "whole", "TEXT": "text", "BLOB": "bytes", "REAL": "real"}


# In a text, '1.50' is the number 1.5, and '007' is more than the number 7.
_PLAIN = (
    "CASE WHEN instr({0}, '.') AND NOT instr(lower({0}), 'e')"
    " THEN rtrim(rtrim({0}, '0'), '.') ELSE {0} END"
)


def _unlike(type_name: str) -> str:
    number = f"CAST(CAST({{x}} AS {type_name}) AS TEXT)"

    return f"{_PLAIN.format(number)} <> {_PLAIN.format('CAST({x} AS TEXT)')}"


# '4.62522957124309e+16' is a real with these 15 digits, and stored as an integer,
# which has some more.
_NUMBER = "CAST({x} AS NUMERIC)"
_GETS_DIGITS = f"typeof({_NUMBER}) = 'real' AND {_NUMBER} = CAST({_NUMBER} AS INTEGER)"
_UNLIKE_NUMBER = f"({_unlike('NUMERIC')} OR {_GETS_DIGITS})"

_LOSSY = {
    "whole": {
        "real": "{x} <> CAST({x} AS INTEGER)",
        "text": _unlike("INTEGER"),
        "blob": "1",
    },
    "real": {
        "integer": "{x} <> CAST({x} AS REAL)",
        "text": _unlike("REAL"),
        "blob": "1",
    },
    "number": {"text": _UNLIKE_NUMBER, "blob": "1"},
    "text": {"real": "{x} <> CAST(CAST({x} AS TEXT) AS REAL)", "blob": "1"},
    "bytes": {"integer": "1", "real": "1"},
    "other": {"text": f"{{x}} = {_NUMBER} AND {_UNLIKE_NUMBER}"},
}
"""By the meaning of a type and what is stored: when a value does not survive."""


def _filled(condition: str, value: str) -> str:
    return condition.replace("{x}", value)


# -- constraints -----------------------------------------------------------


class _Rows:
    """The rows of a table, and the errors about them."""

    def __init__(self, connection: sa.Connection, table: TableText) -> None:
        self.connection = connection
        self.table = table

    def broken(self, added: Iterable[ConstraintText]) -> Iterator[Violation]:
        """Yield what rows must not be like under new constraints."""
        for constraint in added:
            name = f" '{constraint.name}'" if constraint.name else ""
            if constraint.kind is Kind.CHECK:
                yield Violation(
                    f"NOT ({constraint.expression})",
                    f"values that the new CHECK{name} forbids",
                    "correct them first, with an UPDATE in op.execute()",
                )
            elif constraint.kind is Kind.FOREIGN:
                yield from self._orphans(constraint, name)

    def refuse_any(self, violations: Sequence[Violation]) -> None:
        """Raise an error if there are rows that one of the violations is about."""
        if not violations:
            return
        # One pass over the rows where all is well, which is nearly always.
        condition = " OR ".join(f"({each.condition})" for each in violations)
        table = quote(self.table.name)
        if not self._scalar(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {condition})"):
            return

        for each in violations:
            self._refuse_where(each.condition, each.having, each.advice)

    def _refuse_where(self, condition: str, having: str, advice: str) -> None:
        table = quote(self.table.name)
        count = self._scalar(f"SELECT count(*) FROM {table} WHERE {condition}")
        if not count:
            return

        raise DataAtRisk(
            f"{counted(count, 'row')} of table '{self.table.name}'"
            f" {'has' if count == 1 else 'have'} {having}{self._keys(condition)}",
            advice,
        )

    def _keys(self, condition: str) -> str:
        columns = list(self.table.primary_key)
        if not columns and not self.table.without_rowid:
            columns = [name for name in [rowid_name(self.table)] if name]
        if not columns:
            return ""

        keys = self.connection.exec_driver_sql(
            f"SELECT {', '.join(map(quote, columns))} FROM {quote(self.table.name)}"
            f" WHERE {condition} LIMIT 3"
        )
        shown = [", ".join(map(repr, key)) for key in keys]
        if len(columns) > 1:
            shown = [f"({each})" for each in shown]

        return f" ({', '.join(columns)}: {', '.join(shown)})"

    def refuse_duplicates(self, constraint: ConstraintText) -> None:
        """Raise an error if a key that is to be unique occurs several times."""
        name = f" '{constraint.name}'" if constraint.name else ""
        columns = ", ".join(map(quote, constraint.columns))
        filled = " AND ".join(f"{quote(c)} IS NOT NULL" for c in constraint.columns)
        repeated = (
            f"SELECT {columns} FROM {quote(self.table.name)} WHERE {filled}"
            f" GROUP BY {columns} HAVING count(*) > 1"
        )
        count = self._scalar(f"SELECT count(*) FROM ({repeated})")
        if not count:
            return

        some = self.connection.exec_driver_sql(f"{repeated} LIMIT 3")
        shown = ", ".join(", ".join(map(repr, row)) for row in some)
        raise DataAtRisk(
            f"{counted(count, 'value')} of ({', '.join(constraint.columns)}) in table"
            f" '{self.table.name}' {'occurs' if count == 1 else 'occur'} more than"
            f" once ({shown}), which the new {constraint.kind.upper()}{name} forbids",
            "make them different first, or delete what is there twice",
        )

    def _orphans(self, constraint: ConstraintText, name: str) -> Iterator[Violation]:
        reference = constraint.reference
        if reference is None:
            return
        columns = constraint.columns
        targets = reference.columns or self._key_of(reference.table)
        there = "0"
        if SqliteCatalog(self.connection).find(reference.table):
            if len(targets) != len(columns):
                # SQLite says what is wrong with such a key when it checks it.
                return
            there = self._is_there(reference.table, columns, targets)

        filled = " AND ".join(f"{quote(own)} IS NOT NULL" for own in columns)
        yield Violation(
            f"{filled} AND NOT {there}",
            f"values in ({', '.join(columns)}) that are not in table"
            f" '{reference.table}', as the new foreign key{name} demands",
            "correct or delete them first",
        )

    def _is_there(
        self, table: str, columns: Sequence[str], targets: Sequence[str]
    ) -> str:
        own = quote(self.table.name)
        equal = " AND ".join(
            f"p.{quote(target)} = {own}.{quote(column)}"
            for column, target in zip(columns, targets, strict=True)
        )

        return f"EXISTS (SELECT 1 FROM {quote(table)} AS p WHERE {equal})"

    def _key_of(self, table: str) -> tuple[str, ...]:
        found = SqliteCatalog(self.connection).find(table)

        return parse_table(found.sql).primary_key if found and found.sql else ()

    def _scalar(self, sql: str) -> int:
        number: int = self.connection.exec_driver_sql(sql).scalar_one()

        return number


# -- words -----------------------------------------------------------------


def sampled(rowids: Iterable[object]) -> str:
    """Return some of the rowids in parentheses, or nothing if there are none."""
    known = sorted(each for each in rowids if isinstance(each, int))[:3]

    return f" (rowid {', '.join(map(str, known))})" if known else ""


def refuse_new_violations(
    before: Mapping[str, Rows], after: Mapping[str, Rows]
) -> None:
    """Refuse rows that point nowhere now, and did not do so before.

    :raises DataAtRisk: if there are such rows.
    """
    # A table that was renamed has its old violations under another name.
    gone = [before[table] for table in before.keys() - after.keys()]
    for table, rows in sorted(after.items()):
        new = rows - before.get(table, Rows())
        if new and not (table not in before and rows in gone):
            raise DataAtRisk(
                f"{counted(new.total(), 'foreign key')} of table '{table}' would"
                f" point to rows that do not exist{sampled(new)}",
                "delete or correct these rows in this revision, or drop that table too",
            )
