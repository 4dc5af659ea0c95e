"""The constraints in the text of a SQLite table: found, compared, added, dropped.

A constraint may stand at a column or behind all of them; where it stands makes no
difference for finding it by its name or by its columns. Pure text: whether the rows
fulfil them is asked elsewhere (``data_checks``).
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ...errors import NotInTable
from .columns import add_column_constraint
from .columns import column_items
from .columns import edited
from .columns import set_not_null
from .columns import usual_lead
from .columns import with_piece
from .columns import without
from .definition import ColumnText
from .definition import ConstraintText
from .definition import Item
from .definition import Kind
from .definition import Reference
from .definition import TableText
from .parser import parse_column_constraint
from .parser import parse_table_constraint
from .tokens import folded
from .tokens import names_equal
from .tokens import quote
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
    Names that differ by capitals can be told apart: one may be about to go.
    """
    constraint = parse_table_constraint(text)
    old = [
        c
        for c in table.of_kind(constraint.kind)
        if c.name is not None and c.name == constraint.name
    ]

    return add_constraint(without(table, old), text)


def drop_constraint(table: TableText, name: str, kind: Kind | None = None) -> TableText:
    """Return the table without the constraint of that name, wherever it stands.

    SQLite lets several have it: all of them go, if they are of one kind.

    :raises NotInTable: if there is none, or they are of several kinds.
    """
    found = _named(table, name, kind)
    if len({c.kind for c in found}) != 1:
        found = [find_constraint(table, name, kind)]

    return without(table, found)


def find_constraint(
    table: TableText, name: str, kind: Kind | None = None
) -> ConstraintText:
    """Return the constraint of that name.

    :raises NotInTable: if there is none, or SQLite let several have it.
    """
    found = _named(table, name, kind)
    if len(found) != 1:
        what = f"constraint '{name}'"
        raise NotInTable(table.name, what, table.constraint_names, len(found))

    return found[0]


def _named(
    table: TableText, name: str, kind: Kind | None = None
) -> list[ConstraintText]:
    """Return those of that name, in its very capitals if there are any."""
    found = [
        c
        for c in table.constraints
        if c.name is not None and names_equal(c.name, name) and kind in (None, c.kind)
    ]

    return [c for c in found if c.name == name] or found


def restore_constraints(
    table: TableText, name: str, dropped: Sequence[ConstraintText]
) -> TableText:
    """Return the table, whose column came back, with what went away with the column.

    A CHECK on that column alone was about what the column was, and so was its place in
    the primary key.
    """
    own = {folded(each) for each in table.column_names}
    for constraint in dropped:
        columns = set(map(folded, constraint.columns))
        comes_back = constraint.kind in (Kind.UNIQUE, Kind.FOREIGN) or (
            constraint.kind is Kind.CHECK and len(columns & own) > 1
        )
        if not comes_back or not columns <= own:
            continue
        if any(_are_alike(constraint, each) for each in table.constraints):
            continue
        if constraint.column is None:
            table = add_constraint(table, constraint.text)
        else:
            table = add_column_constraint(table, name, constraint.text)

    return table


def _are_alike(one: ConstraintText, other: ConstraintText) -> bool:
    """Return whether two constraints are of one kind and on the same columns."""
    if one.kind is not other.kind:
        return False

    return sorted(map(folded, one.columns)) == sorted(map(folded, other.columns))


def has_constraint(table: TableText, constraint: ConstraintText) -> bool:
    """Return whether the table has a constraint of that name, or that says the same."""

    def words(each: ConstraintText) -> tuple[object, ...]:
        return each.kind, each.columns, each.reference, demand_of(each)

    name = constraint.name
    return any(
        (name and each.name and names_equal(each.name, name))
        or words(each) == words(constraint)
        for each in table.constraints
    )


def named(table: TableText, constraint: ConstraintText, name: str) -> TableText:
    """Return the table with a name for one of its constraints that has none.

    SQLAlchemy reads the names of unique constraints and foreign keys only where they
    stand behind the columns.
    """
    prefix = f"CONSTRAINT {quote(name)} "
    if constraint.column is None:
        part = parse_table_constraint(prefix + constraint.text)
        items = [
            replace(item, part=part) if item.part is constraint else item
            for item in table.items
        ]
        return replace(table, items=tuple(items))

    column = table.column(constraint.column)
    if constraint.kind is Kind.PRIMARY or column.of_kind(Kind.DEFERRABLE):
        new = parse_column_constraint(prefix + constraint.text, column.name)
        pieces = tuple(
            replace(new, lead=each.lead) if each == constraint else each
            for each in column.constraints
        )
        return edited(table, column.name, lambda c: replace(c, constraints=pieces))

    keys = f"({column.name_text})"
    text = (
        f"UNIQUE {keys}{constraint.text.strip()[len('UNIQUE') :]}"
        if constraint.kind is Kind.UNIQUE
        else f"FOREIGN KEY {keys} {constraint.text}"
    )

    return add_constraint(without(table, [constraint]), prefix + text)


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
        and (
            expression is None
            or _without_layout(c.expression or "") == _without_layout(expression)
        )
    ]
    found = [c for c in matches if c.name is None] or matches
    saying = {(demand_of(c)) for c in found}
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


def with_options(table: TableText, options: Mapping[str, Any]) -> TableText:
    """Return the table with what options of SQLAlchemy ask for, and what it has.

    An option that says False takes it away.
    """
    keys = table.primary_key
    counts = options.get("sqlite_autoincrement", table.has_autoincrement)
    if counts != table.has_autoincrement and len(keys) == 1:
        table = set_not_null(table, keys[0])
        table = set_primary_key(table, keys, autoincrement=bool(counts))
    words = []
    if not options.get("sqlite_with_rowid", not table.without_rowid):
        words.append("WITHOUT ROWID")
    if options.get("sqlite_strict", table.is_strict):
        words.append("STRICT")
    there = ["WITHOUT ROWID"] * table.without_rowid + ["STRICT"] * table.is_strict
    if words != there:
        table = replace(table, options=f" {', '.join(words)}" if words else "")

    return table


def drop_primary_key(table: TableText) -> TableText:
    """Return the table without its primary key, and so without AUTOINCREMENT."""
    return without(table, table.of_kind(Kind.PRIMARY))


# -- at columns -----------------------------------------------------------


def at_column(constraint: ConstraintText, column: str) -> str | None:
    """Return the constraint as it is written at its column, if it can be."""
    if constraint.kind is Kind.CHECK:
        return constraint.text
    if constraint.kind is not Kind.FOREIGN or len(constraint.columns) != 1:
        return None
    if not names_equal(constraint.columns[0], column):
        return None

    tokens = tokenize(constraint.text)
    words = [token.keyword for token in tokens]
    start, stop = words.index("FOREIGN"), words.index("REFERENCES")

    return "".join(token.text for token in (*tokens[:start], *tokens[stop:]))


def is_legible(constraint: ConstraintText) -> bool:
    """Return whether SQLAlchemy reads all of a constraint that stands at its column.

    Of a foreign key there, it reads neither the name nor what happens ON DELETE.
    """
    reference = constraint.reference
    if reference is None:
        return True

    plain = Reference(reference.table, reference.columns)
    return constraint.name is None and reference == plain


# -- comparing -------------------------------------------------------------


def demand_of(constraint: ConstraintText) -> tuple[object, ...]:
    """Return what a constraint demands of rows, however it is written."""
    columns = tuple(map(folded, constraint.columns))
    match constraint.kind:
        case Kind.PRIMARY | Kind.UNIQUE:
            # A primary key is unique, too.
            return Kind.UNIQUE, frozenset(columns)
        case Kind.FOREIGN:
            reference = constraint.reference or Reference("")
            target = folded(reference.table), tuple(map(folded, reference.columns))
            return Kind.FOREIGN, columns, *target
        case Kind.CHECK:
            return Kind.CHECK, *_without_layout(constraint.expression or "")

    return constraint.kind, columns, constraint.expression


def _without_layout(expression: str) -> tuple[str, ...]:
    """Return an expression without its layout and its quotes around names."""
    return tuple(
        token.text if token.text.startswith("'") else folded(token.name)
        for token in tokenize(expression)
        if not token.is_trivia
    )


def added_constraints(old: TableText, new: TableText) -> Iterator[ConstraintText]:
    """Yield the constraints on columns of ``old`` that only ``new`` has."""
    known = {demand_of(each) for each in old.constraints}
    own = {folded(name) for name in old.column_names}
    for constraint in new.constraints:
        on_old_columns = own.issuperset(folded(name) for name in constraint.columns)
        if on_old_columns and demand_of(constraint) not in known:
            yield constraint


def foreign_keys_change(
    old: TableText, new: TableText, referred: Collection[str | None]
) -> bool:
    """Return whether foreign keys, of the table or to it, may mean other rows then.

    They do not where the columns on both of their ends stay what they are.

    :param referred: the columns, folded, that foreign keys to the table name; None
        for its primary key.
    """
    changed = {
        folded(each.name)
        for each in old.columns
        if _compared(each) != _compared(new.find_column(each.name))
    }
    if changed:
        # They are computed from others, perhaps from these.
        changed |= {folded(each.name) for each in new.generated_columns}
    keys, keys_left = set(_keys(old)), set(_keys(new))
    own_columns = {folded(name) for key in new.foreign_keys for name in key.columns}
    known = {demand_of(key) for key in old.foreign_keys}
    if changed & own_columns or any(
        demand_of(k) not in known for k in new.foreign_keys
    ):
        return True
    if not referred:
        return False

    return bool(keys - keys_left) or bool(changed & ({*referred} | {*_primary(old)}))


def _compared(column: ColumnText | None) -> object:
    """Return what decides how the values of a column compare with others."""
    if column is None:
        return None
    collations = [c.collation for c in column.of_kind(Kind.COLLATE)]
    generated = [c.expression for c in column.of_kind(Kind.GENERATED)]

    return (column.type_words, collations, generated)


def _keys(table: TableText) -> Iterator[tuple[str, ...]]:
    for each in table.constraints:
        if each.kind in (Kind.PRIMARY, Kind.UNIQUE):
            yield tuple(map(folded, each.columns))


def _primary(table: TableText) -> tuple[str, ...]:
    return tuple(map(folded, table.primary_key))
