"""Changes to the columns in the text of a SQLite table: each returns a new text.

What a change does not concern is kept character by character. Texts that are
given (definitions, types, defaults) are SQL and are written as they are. What gets
another text is read again, so that a part never says something else than its text.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace

from ...errors import NameTaken
from ...errors import NotInTable
from ...errors import UnreadableDefinition
from ...errors import UnsupportedOperation
from .definition import ColumnText
from .definition import ConstraintText
from .definition import Item
from .definition import Kind
from .definition import TableText
from .parser import parse_column
from .parser import parse_column_constraint
from .parser import parse_table_constraint
from .tokens import folded
from .tokens import joined
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
    table = _rewritten(table, lambda c: _with_column_renamed(table, c, old, new))
    written = quoted_like(new, column.name_text)

    return edited(table, old, lambda c: _reread(replace(c, name_text=written)))


def _with_column_renamed(
    table: TableText, constraint: ConstraintText, old: str, new: str
) -> str:
    spots = [use.spot for use in constraint.uses if names_equal(use.name, old)]
    if constraint.reference and names_equal(constraint.reference.table, table.name):
        tokens = tokenize(constraint.text)
        spots += [
            spot
            for spot in constraint.target_spots
            if names_equal(tokens[spot].name, old)
        ]

    return renamed_at(constraint.text, spots, new)


def _rewritten(table: TableText, written: Callable[[ConstraintText], str]) -> TableText:
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

    return _with_columns(table, kept)


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
    table: TableText,
    column: ColumnText,
    before: str | None = None,
    after: str | None = None,
) -> TableText:
    """Return the table with one more column, behind the others or where it is said."""
    if table.find_column(column.name) is not None:
        raise _taken(table, f"add column '{column.name}'", column.name)
    items = column_items(table)
    place = len(items)
    if before is not None:
        place = table.columns.index(table.column(before))
    elif after is not None:
        place = table.columns.index(table.column(after)) + 1
    items.insert(place, Item(column, usual_lead(items)))

    return _with_columns(table, items)


def can_be_added(column: ColumnText, *, is_strict: bool) -> bool:
    """Return whether SQLite can add such a column to a table with rows.

    A NOT NULL without a default is refused before, if there are rows.
    """
    default = column.default or "NULL"
    refers = bool(column.of_kind(Kind.FOREIGN))
    if column.of_kind(Kind.PRIMARY) or column.of_kind(Kind.UNIQUE):
        return False
    if any(each.stored for each in column.of_kind(Kind.GENERATED)):
        return False
    if refers and default.upper() != "NULL":
        return False
    if is_strict and not _is_strictly(column.type_words, default):
        return False

    return not default.startswith("(") and not default.upper().startswith("CURRENT_")


def _is_strictly(type_words: str, default: str) -> bool:
    """Return whether a STRICT table takes a default for a column of a type.

    SQLite does not ask when it adds a column, and a rebuild does.
    """
    if default.upper() == "NULL" or type_words.upper() == "ANY":
        return True

    is_blob = default[:2].upper() == "X'"
    if type_words.upper() in ("TEXT", "BLOB"):
        return is_blob == (type_words.upper() == "BLOB")

    number = int if type_words.upper().startswith("INT") else float
    try:
        number(default.strip("'"))
    except ValueError:
        return False

    return True


def reorder_columns(table: TableText, names: Sequence[str]) -> TableText:
    """Return the table with its columns in another order, all of them given."""
    wanted = [folded(name) for name in names]
    if sorted(wanted) != sorted(folded(name) for name in table.column_names):
        raise NotInTable(
            table.name, f"columns ({', '.join(names)})", table.column_names
        )
    items = {_name(item): item for item in column_items(table)}

    return _with_columns(table, [items[name] for name in wanted])


def order_of(
    columns: Sequence[str], partial: Sequence[Sequence[str]]
) -> tuple[str, ...]:
    """Return the columns in an order that fulfils each of the partial ones.

    :raises UnsupportedOperation: if they contradict each other.
    """
    before: dict[str, set[str]] = {name: set() for name in columns}
    for names in partial:
        for first, second in zip(names, names[1:], strict=False):
            before.setdefault(second, set()).add(first)

    left = list(columns)
    order: list[str] = []
    while left:
        free = [name for name in left if not before[name].intersection(left)]
        if not free:
            raise UnsupportedOperation(
                "SQLite",
                f"put the columns {', '.join(left)} into the order that was asked for",
                "correct partial_reordering: it goes in a circle",
            )
        order.append(free[0])
        left.remove(free[0])

    return tuple(order)


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

    return edited(table, name, lambda c: _with_only(c, Kind.DEFAULT, clause))


def drop_default(table: TableText, name: str) -> TableText:
    """Return the table with a column that has no default."""
    return edited(table, name, lambda c: without_pieces(c, c.of_kind(Kind.DEFAULT)))


def set_generated(table: TableText, name: str, clause: str) -> TableText:
    """Return the table with a column that is computed by an expression."""
    return edited(table, name, lambda c: _with_only(c, Kind.GENERATED, clause))


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

    return _reread(replace(column, type=type_text, type_lead=lead))


def set_collation(table: TableText, name: str, collation: str | None) -> TableText:
    """Return the table with a column that compares by another collation, or by none."""
    if collation is None:
        return edited(table, name, lambda c: without_pieces(c, c.of_kind(Kind.COLLATE)))

    clause = f"COLLATE {quote(collation)}"

    return edited(table, name, lambda c: _with_only(c, Kind.COLLATE, clause))


def add_column_constraint(table: TableText, name: str, text: str) -> TableText:
    """Return the table with one more constraint at a column."""
    return edited(table, name, lambda c: with_piece(c, text))


def _taken(table: TableText, what: str, name: str) -> NameTaken:
    return NameTaken(
        "SQLite",
        f"{what} in table '{table.name}': duplicate column name: {name}",
        "drop or rename the one that it has first",
    )


# -- pieces ----------------------------------------------------------------


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


def _reread(column: ColumnText) -> ColumnText:
    """Return a column with all its parts read from its text.

    :raises UnreadableDefinition: if a piece of it was something else than said.
    """
    again = parse_column(column.text)
    if again.type != column.type or len(again.constraints) != len(column.constraints):
        raise UnreadableDefinition(column.text, f"'{column.type}' is not just a type")

    return again


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


def _with_only(column: ColumnText, kind: Kind, text: str) -> ColumnText:
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


def _with_columns(table: TableText, columns: Sequence[Item]) -> TableText:
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
