"""What the constraints of a SQLite table say before and after a change of its text.

Pure text: whether the rows fulfil them is asked elsewhere (``sqlite_losses``).
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator

from .definition import TableText
from .parts import ColumnText
from .parts import ConstraintText
from .parts import Kind
from .tokens import folded


def added_constraints(old: TableText, new: TableText) -> Iterator[ConstraintText]:
    """Yield the constraints on columns of ``old`` that only ``new`` has."""
    known = {_said(each) for each in old.constraints}
    own = {folded(name) for name in old.column_names}
    for constraint in new.constraints:
        on_old_columns = own.issuperset(folded(name) for name in constraint.columns)
        if on_old_columns and _said(constraint) not in known:
            yield constraint


def _said(constraint: ConstraintText) -> tuple[object, ...]:
    reference = constraint.reference
    target = (
        (folded(reference.table), tuple(map(folded, reference.columns)))
        if reference
        else ()
    )
    # A primary key is unique, too.
    kind = Kind.UNIQUE if constraint.kind is Kind.PRIMARY else constraint.kind

    return (
        kind,
        tuple(map(folded, constraint.columns)),
        constraint.expression,
        target,
    )


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
    known = {_said(key) for key in old.foreign_keys}
    if changed & own_columns or any(_said(k) not in known for k in new.foreign_keys):
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
