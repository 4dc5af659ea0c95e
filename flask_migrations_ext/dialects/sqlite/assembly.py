"""Puts the parts of a SQLite table together again after a change.

Everything that gets another text is read again, so that a part never says
something else than its text.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace

from ...errors import UnreadableDefinition
from .definition import Item
from .definition import TableText
from .parser import parse_column
from .parser import parse_column_constraint
from .parser import parse_table_constraint
from .parts import ColumnText
from .parts import ConstraintText
from .parts import Kind
from .tokens import joined
from .tokens import names_equal
from .tokens import tokenize


def edited(
    table: TableText, name: str, change: Callable[[ColumnText], ColumnText]
) -> TableText:
    """Return the table with one column changed.

    :raises NotInTable: if it has no such column.
    """
    column = table.column(name)
    items = [
        replace(item, part=change(column)) if item.part is column else item
        for item in table.items
    ]

    return replace(table, items=tuple(items))


def reread(column: ColumnText) -> ColumnText:
    """Return a column with all its parts read from its text.

    :raises UnreadableDefinition: if a piece of it was something else than said.
    """
    again = parse_column(column.text)
    if again.type != column.type or len(again.constraints) != len(column.constraints):
        raise UnreadableDefinition(column.text, f"'{column.type}' is not just a type")

    return again


def rewritten(table: TableText, written: Callable[[ConstraintText], str]) -> TableText:
    """Return the table with each constraint as ``written`` says it."""

    def part_of(part: ColumnText | ConstraintText) -> ColumnText | ConstraintText:
        if isinstance(part, ColumnText):
            pieces = tuple(piece_of(constraint) for constraint in part.constraints)
            return replace(part, constraints=pieces)

        return piece_of(part)

    def piece_of(constraint: ConstraintText) -> ConstraintText:
        text = written(constraint)
        if text == constraint.text:
            return constraint
        if constraint.column is None:
            return parse_table_constraint(text)
        again = parse_column_constraint(text, constraint.column)

        return replace(again, lead=constraint.lead)

    items = [replace(item, part=part_of(item.part)) for item in table.items]

    return replace(table, items=tuple(items))


def target_spots(constraint: ConstraintText, name: str) -> list[int]:
    """Return where a foreign key names a column of the table it refers to."""
    tokens = tokenize(constraint.text)

    return [
        spot for spot in constraint.target_spots if names_equal(tokens[spot].name, name)
    ]


def without(table: TableText, dropped: Sequence[ConstraintText]) -> TableText:
    """Return the table without some constraints, of columns or its own."""
    items: list[Item] = []
    comma = False
    for item in table.items:
        if isinstance(item.part, ColumnText):
            gone = [c for c in item.part.constraints if c in dropped]
            items.append(replace(item, part=without_pieces(item.part, gone)))
        elif item.part in dropped:
            comma = comma or item.comma
        else:
            items.append(replace(item, comma=comma or item.comma))
            comma = False

    return replace(table, items=tuple(items))


def with_piece(column: ColumnText, text: str) -> ColumnText:
    """Return a column with one more constraint, right behind its type."""
    added = parse_column_constraint(text, column.name)

    return replace(column, constraints=(added, *column.constraints))


def with_only(column: ColumnText, kind: Kind, text: str) -> ColumnText:
    """Return a column with a constraint that takes the place of its kind."""
    old = column.of_kind(kind)
    if not old:
        return with_piece(column, text)
    new = replace(parse_column_constraint(text, column.name), lead=old[0].lead)
    column = without_pieces(column, old[1:])
    pieces = [new if piece is old[0] else piece for piece in column.constraints]

    return replace(column, constraints=tuple(pieces))


def without_pieces(column: ColumnText, dropped: Iterable[ConstraintText]) -> ColumnText:
    """Return a column without some of its constraints; comments before them stay."""
    gone = {id(piece) for piece in dropped}
    kept: list[ConstraintText] = []
    comments = ""
    key_is_gone = False
    for piece in column.constraints:
        if piece.kind is Kind.FOREIGN:
            key_is_gone = id(piece) in gone
        timing_of_gone = piece.kind is Kind.DEFERRABLE and key_is_gone
        if id(piece) in gone or timing_of_gone:
            comments += piece.lead.rstrip()
            # A second name before it would become the name of what follows.
            while kept and kept[-1].kind is Kind.NAME:
                kept.pop()
        elif comments:
            kept.append(replace(piece, lead=joined([comments, piece.lead])))
            comments = ""
        else:
            kept.append(piece)

    tail = joined([column.tail, comments]) if comments else column.tail

    return replace(column, constraints=tuple(kept), tail=tail)


def column_items(table: TableText) -> list[Item]:
    """Return the columns of the table with what is around them."""
    return [item for item in table.items if isinstance(item.part, ColumnText)]


def with_columns(table: TableText, columns: Sequence[Item]) -> TableText:
    """Return the table with these columns, laid out like those it had."""
    old = column_items(table)
    first = old[0]
    usual = usual_lead(old)
    laid = []
    for place, item in enumerate(columns):
        if item.lead.strip() or first.lead.strip():
            laid.append(item)
        elif place == 0:
            laid.append(replace(item, lead=first.lead))
        else:
            laid.append(replace(item, lead=usual) if item is first else item)
    others = table.items[len(old) :]

    return replace(table, items=(*laid, *others))


def usual_lead(items: Sequence[Item]) -> str:
    """Return the space that a further item gets, to look like the ones before."""
    if len(items) == 1:
        return items[0].lead if "\n" in items[0].lead else " "

    return next((i.lead for i in reversed(items) if not i.lead.strip()), " ")
