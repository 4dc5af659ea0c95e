"""Changes to the constraints in the text of a SQLite table, like those to columns.

A constraint may stand at a column or behind all of them; where it stands makes no
difference for finding it by its name or by its columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...errors import NotInTable
from .assembly import column_items
from .assembly import edited
from .assembly import rewritten
from .assembly import target_spots
from .assembly import usual_lead
from .assembly import with_piece
from .assembly import without
from .definition import Item
from .definition import TableText
from .parser import parse_table_constraint
from .parts import ConstraintText
from .parts import Kind
from .tokens import folded
from .tokens import names_equal
from .tokens import quote
from .tokens import renamed_at
from .tokens import tokenize


def add_constraint(table: TableText, text: str) -> TableText:
    """Return the table with one more constraint behind its columns."""
    constraint = parse_table_constraint(text)
    constraints = [i for i in table.items if isinstance(i.part, ConstraintText)]
    item = Item(constraint, usual_lead(constraints or column_items(table)))

    return replace(table, items=(*table.items, item))


def put_constraint(table: TableText, text: str) -> TableText:
    """Return the table with a constraint, in place of those of its kind and name.

    SQLite lets several have one name, and nothing could tell them apart afterwards.
    """
    constraint = parse_table_constraint(text)
    old = [c for c in _named(table, constraint.name) if c.kind is constraint.kind]

    return add_constraint(without(table, old), text)


def replace_constraint(
    table: TableText, constraint: ConstraintText, text: str
) -> TableText:
    """Return the table with the text of one of its constraints replaced."""
    return rewritten(table, lambda c: text if c == constraint else c.text)


def rename_constraint(table: TableText, old: str, new: str) -> TableText:
    """Return the table with a constraint renamed."""
    constraint = find_constraint(table, old)
    spots = [] if constraint.name_spot is None else [constraint.name_spot]

    return replace_constraint(
        table, constraint, renamed_at(constraint.text, spots, new)
    )


def drop_constraint(table: TableText, name: str, kind: Kind | None = None) -> TableText:
    """Return the table without the constraint of that name, wherever it stands.

    SQLite lets several have it: all of them go, if they are of one kind.

    :raises NotInTable: if there is none, or they are of several kinds.
    """
    found = [c for c in _named(table, name) if kind in (None, c.kind)]
    if len({c.kind for c in found}) != 1:
        found = [find_constraint(table, name, kind)]

    return without(table, found)


def find_constraint(
    table: TableText, name: str, kind: Kind | None = None
) -> ConstraintText:
    """Return the constraint of that name.

    :raises NotInTable: if there is none, or SQLite let several have it.
    """
    found = [c for c in _named(table, name) if kind in (None, c.kind)]
    if len(found) != 1:
        what = f"constraint '{name}'"
        raise NotInTable(table.name, what, table.constraint_names, len(found))

    return found[0]


def _named(table: TableText, name: str | None) -> list[ConstraintText]:
    return [
        c
        for c in table.constraints
        if name is not None and c.name is not None and names_equal(c.name, name)
    ]


def drop_matching(
    table: TableText,
    kind: Kind,
    columns: Sequence[str] = (),
    *,
    referred_table: str | None = None,
    expression: str | None = None,
) -> TableText:
    """Return the table without the constraint that is on these columns.

    For constraints without a name; those with one are looked at if none of the
    others matches. For CHECK, ``columns`` are those it uses, in any order.

    :raises NotInTable: if none matches, or several that say different things.
    """
    matches = [
        c
        for c in table.of_kind(kind)
        if (not columns or _is_on(table, c, columns))
        and (referred_table is None or _refers_to(c, referred_table))
        and (expression is None or _meaning(c.expression or "") == _meaning(expression))
    ]
    found = [c for c in matches if c.name is None] or matches
    saying = {(_said(c)) for c in found}
    if len(saying) != 1:
        what = f"{kind} constraint on ({', '.join(columns)})"
        raise NotInTable(table.name, what, table.constraint_names, len(saying))

    return without(table, found)


def _is_on(
    table: TableText, constraint: ConstraintText, columns: Sequence[str]
) -> bool:
    wanted = [folded(name) for name in columns]
    there = [folded(c) for c in constraint.columns]
    if constraint.kind in (Kind.CHECK, Kind.UNIQUE):
        own = {folded(name) for name in table.column_names}
        return own.intersection(there) == set(wanted)

    return there == wanted


def _refers_to(constraint: ConstraintText, table: str) -> bool:
    reference = constraint.reference

    return reference is not None and names_equal(reference.table, table)


def _said(constraint: ConstraintText) -> tuple[object, ...]:
    """Return what a constraint demands, for finding those that say it twice."""
    if constraint.reference is not None:
        return (folded(constraint.reference.table), constraint.reference.columns)

    return _meaning(constraint.expression or "")


def _meaning(expression: str) -> tuple[str, ...]:
    """Return an expression without its layout and its quotes around names."""
    return tuple(
        token.text if token.text.startswith("'") else folded(token.name)
        for token in tokenize(expression)
        if not token.is_trivia
    )


def set_primary_key(
    table: TableText,
    columns: Sequence[str],
    *,
    name: str | None = None,
    autoincrement: bool = False,
) -> TableText:
    """Return the table with another primary key instead of the one it had.

    :param autoincrement: only for one column, which must be an INTEGER.
    """
    table = drop_primary_key(table)
    written = [table.column(column).name_text for column in columns]
    prefix = f"CONSTRAINT {quote(name)} " if name is not None else ""
    if autoincrement:
        text = f"{prefix}PRIMARY KEY AUTOINCREMENT"
        return edited(table, columns[0], lambda c: with_piece(c, text))

    return add_constraint(table, f"{prefix}PRIMARY KEY ({', '.join(written)})")


def drop_primary_key(table: TableText) -> TableText:
    """Return the table without its primary key, and so without AUTOINCREMENT."""
    return without(table, table.of_kind(Kind.PRIMARY))


def rename_referenced_table(table: TableText, old: str, new: str) -> TableText:
    """Return the table with its foreign keys to a table naming it otherwise."""

    def renamed(constraint: ConstraintText) -> str:
        spot = constraint.target_spot
        if spot is None or not _refers_to(constraint, old):
            return constraint.text

        return renamed_at(constraint.text, [spot], new)

    return rewritten(table, renamed)


def rename_referenced_column(
    table: TableText, referred_table: str, old: str, new: str
) -> TableText:
    """Return the table with its foreign keys to a column naming it otherwise."""

    def renamed(constraint: ConstraintText) -> str:
        if not _refers_to(constraint, referred_table):
            return constraint.text

        return renamed_at(constraint.text, target_spots(constraint, old), new)

    return rewritten(table, renamed)
