"""Changes to the columns in the text of a SQLite table: each returns a new text.

What a change does not concern is kept character by character. Texts that are
given (definitions, types, defaults) are SQL and are written as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...errors import NameTaken
from ...errors import NotInTable
from ...errors import UnsupportedOperation
from .assembly import column_items
from .assembly import edited
from .assembly import reread
from .assembly import rewritten
from .assembly import target_spots
from .assembly import usual_lead
from .assembly import with_columns
from .assembly import with_only
from .assembly import with_piece
from .assembly import without
from .assembly import without_pieces
from .definition import Item
from .definition import TableText
from .parser import parse_column
from .parts import ColumnText
from .parts import ConstraintText
from .parts import Kind
from .tokens import folded
from .tokens import names_equal
from .tokens import quote
from .tokens import quoted_like
from .tokens import renamed_at
from .tokens import tokenize


def rename_column(table: TableText, old: str, new: str) -> TableText:
    """Return the table with a column renamed wherever its own text names it."""
    column = table.column(old)
    other = table.find_column(new)
    if other is not None and other is not column:
        raise _taken(table, f"rename column '{old}' to '{new}'", new)
    # First the uses: they are found by the old name.
    table = rewritten(table, lambda c: _with_column_renamed(table, c, old, new))
    written = quoted_like(new, column.name_text)

    return edited(table, old, lambda c: reread(replace(c, name_text=written)))


def _with_column_renamed(
    table: TableText, constraint: ConstraintText, old: str, new: str
) -> str:
    spots = [use.spot for use in constraint.uses if names_equal(use.name, old)]
    if constraint.reference and names_equal(constraint.reference.table, table.name):
        spots += target_spots(constraint, old)

    return renamed_at(constraint.text, spots, new)


def drop_column(table: TableText, name: str) -> TableText:
    """Return the table without a column and the constraints that involve it.

    :raises UnsupportedOperation: if another column depends on it.
    """
    column = table.column(name)
    if all(c is column or c.is_generated for c in table.columns):
        raise UnsupportedOperation(
            "SQLite",
            f"drop column '{name}', the last one of table '{table.name}' with values",
            "drop the table, or add another column first",
        )
    involved = [c for c in table.mentions(name) if c not in column.constraints]
    for constraint in involved:
        _refuse_if_depends(table, constraint, name)
    table = without(table, involved)
    kept = [i for i in column_items(table) if _name(i) != folded(name)]

    return with_columns(table, kept)


def _refuse_if_depends(table: TableText, constraint: ConstraintText, name: str) -> None:
    owns = any(names_equal(column, name) for column in constraint.columns)
    if constraint.column is None and owns:
        return
    if constraint.column is None:
        what = f"a foreign key of ({', '.join(constraint.columns)})"
    elif constraint.kind is Kind.GENERATED:
        what = f"generated column '{constraint.column}'"
    elif constraint.kind is Kind.CHECK:
        what = f"a CHECK of column '{constraint.column}'"
    else:
        what = f"the foreign key of column '{constraint.column}'"

    raise UnsupportedOperation(
        "SQLite",
        f"drop column '{name}' of table '{table.name}': {what} uses it",
        "drop or change that first",
    )


def add_column(
    table: TableText, text: str, before: str | None = None, after: str | None = None
) -> TableText:
    """Return the table with one more column, behind the others or where it is said.

    :param text: its definition, such as ``age INTEGER NOT NULL DEFAULT 0``.
    """
    column = parse_column(text)
    if table.find_column(column.name) is not None:
        raise _taken(table, f"add column '{column.name}'", column.name)
    items = column_items(table)
    place = len(items)
    if before is not None:
        place = table.columns.index(table.column(before))
    elif after is not None:
        place = table.columns.index(table.column(after)) + 1
    items.insert(place, Item(column, usual_lead(items)))

    return with_columns(table, items)


def reorder_columns(table: TableText, names: Sequence[str]) -> TableText:
    """Return the table with its columns in another order, all of them given."""
    wanted = [folded(name) for name in names]
    if sorted(wanted) != sorted(folded(name) for name in table.column_names):
        raise NotInTable(
            table.name, f"columns ({', '.join(names)})", table.column_names
        )
    items = {_name(item): item for item in column_items(table)}

    return with_columns(table, [items[name] for name in wanted])


def _name(item: Item) -> str:
    return folded(item.part.name or "")


def set_not_null(table: TableText, name: str) -> TableText:
    """Return the table with a column that refuses NULL."""
    if table.column(name).is_not_null:
        return table

    return edited(
        table,
        name,
        lambda c: with_piece(without_pieces(c, c.of_kind(Kind.NULL)), "NOT NULL"),
    )


def drop_not_null(table: TableText, name: str) -> TableText:
    """Return the table with a column that takes NULL, if its key lets it."""
    return edited(table, name, lambda c: without_pieces(c, c.of_kind(Kind.NOT_NULL)))


def set_default(table: TableText, name: str, default: str) -> TableText:
    """Return the table with another default; an expression gets its parentheses."""
    clause = f"DEFAULT {_default_term(default)}"

    return edited(table, name, lambda c: with_only(c, Kind.DEFAULT, clause))


def drop_default(table: TableText, name: str) -> TableText:
    """Return the table with a column that has no default."""
    return edited(table, name, lambda c: without_pieces(c, c.of_kind(Kind.DEFAULT)))


def set_generated(table: TableText, name: str, clause: str) -> TableText:
    """Return the table with a column that is computed by an expression."""
    return edited(table, name, lambda c: with_only(c, Kind.GENERATED, clause))


def drop_generated(table: TableText, name: str) -> TableText:
    """Return the table with a column that is not computed; its values stay."""
    return edited(table, name, lambda c: without_pieces(c, c.of_kind(Kind.GENERATED)))


def _default_term(text: str) -> str:
    tokens = [token for token in tokenize(text) if not token.is_trivia]
    if len(tokens) > 1 and tokens[0].keyword in ("+", "-"):
        tokens = tokens[1:]
    depth = 0
    for i, token in enumerate(tokens):
        depth += (token.keyword == "(") - (token.keyword == ")")
        if depth == 0:
            return text.strip() if i == len(tokens) - 1 else f"({text.strip()})"

    return text.strip()


def set_type(table: TableText, name: str, type_text: str) -> TableText:
    """Return the table with a column of another type; empty for none."""
    return edited(table, name, lambda c: _with_type(c, type_text.strip()))


def _with_type(column: ColumnText, type_text: str) -> ColumnText:
    lead = column.type_lead or " " if type_text else column.type_lead.rstrip()

    return reread(replace(column, type=type_text, type_lead=lead))


def set_collation(table: TableText, name: str, collation: str) -> TableText:
    """Return the table with a column that compares by another collation."""
    clause = f"COLLATE {quote(collation)}"

    return edited(table, name, lambda c: with_only(c, Kind.COLLATE, clause))


def drop_collation(table: TableText, name: str) -> TableText:
    """Return the table with a column that compares as SQLite does by itself."""
    return edited(table, name, lambda c: without_pieces(c, c.of_kind(Kind.COLLATE)))


def add_column_constraint(table: TableText, name: str, text: str) -> TableText:
    """Return the table with one more constraint at a column."""
    return edited(table, name, lambda c: with_piece(c, text))


def _taken(table: TableText, what: str, name: str) -> NameTaken:
    return NameTaken(
        "SQLite",
        f"{what} in table '{table.name}': duplicate column name: {name}",
        "drop or rename the one that it has first",
    )
