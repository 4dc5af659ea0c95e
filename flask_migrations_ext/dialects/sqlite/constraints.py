"""The constraints in the text of a SQLite table: found, compared, added, dropped.

A constraint may stand at a column or behind all of them; where it stands makes no
difference for finding it by its name or by its columns. Pure text: whether the rows
fulfil them is asked elsewhere (``data_checks``).
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace

from ...errors import NotInTable
from .columns import column_items
from .columns import edited
from .columns import usual_lead
from .columns import with_piece
from .columns import without
from .definition import ColumnText
from .definition import ConstraintText
from .definition import Item
from .definition import Kind
from .definition import Reference
from .definition import TableText
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
    """
    constraint = parse_table_constraint(text)
    old = [c for c in _named(table, constraint.name) if c.kind is constraint.kind]

    return add_constraint(without(table, old), text)


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


def drop_primary_key(table: TableText) -> TableText:
    """Return the table without its primary key, and so without AUTOINCREMENT."""
    return without(table, table.of_kind(Kind.PRIMARY))


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
