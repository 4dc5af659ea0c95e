"""Tables, each after those that it points to; circles of them are opened.

Each table and each foreign key is looked at a fixed number of times.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace

from ..schema.inheritance import inherited_names
from ..schema.model import ForeignKey
from ..schema.model import Table
from ..schema.model import TableName

_Names = set[TableName]


def sorted_tables(
    tables: Iterable[Table],
) -> tuple[list[Table], list[tuple[TableName, ForeignKey]]]:
    """Return tables, each after those that it points to, and the keys left out.

    In a circle of tables, some foreign keys can only be added afterwards; the
    tables come back without these.
    """
    waiting = {table.name: table for table in sorted(tables, key=place_of)}
    ordered: list[Table] = []
    left_out: list[tuple[TableName, ForeignKey]] = []
    awaited = {name: _awaited(table, waiting) for name, table in waiting.items()}
    pointing: dict[TableName, list[TableName]] = {}
    for name, others in awaited.items():
        for other in others:
            pointing.setdefault(other, []).append(name)

    ready = [table for name, table in waiting.items() if not awaited[name]]
    while waiting:
        if not ready:
            for circle in _circles(awaited):
                chosen = _first_of(circle, waiting)
                kept, late = split(chosen, circle - {chosen.name})
                left_out += [(chosen.name, key) for key in late]
                ready.append(kept)
            ready.sort(key=place_of)

        freed: list[Table] = []
        for table in ready:
            ordered.append(table)
            del waiting[table.name], awaited[table.name]
            for name in pointing.get(table.name, ()):
                if name in awaited:
                    awaited[name].discard(table.name)
                    if not awaited[name]:
                        freed.append(waiting[name])
        done = {table.name for table in ready}
        ready = sorted(
            (table for table in freed if table.name not in done), key=place_of
        )

    return ordered, left_out


def place_of(table: Table) -> tuple[str, str]:
    """Return what tables are sorted by, where nothing else counts."""
    return table.name.schema or "", table.name.name


def pointed_at(table: Table) -> _Names:
    """Return the tables that the foreign keys of one point to."""
    return {key.referent for key in table.of_kind(ForeignKey)}


def split(
    table: Table, not_yet: Collection[TableName]
) -> tuple[Table, list[ForeignKey]]:
    """Return a table without its keys to tables that come later, and these keys."""
    keys = table.of_kind(ForeignKey)
    late = [key for key in keys if key.referent in not_yet]
    if not late and not any(key.use_alter for key in keys):
        return table, late

    # The order of the tables is settled here: a key that stays is said with its table.
    kept = tuple(
        replace(each, use_alter=False) if isinstance(each, ForeignKey) else each
        for each in table.constraints
        if each not in late
    )

    return replace(table, constraints=kept), late


def _awaited(table: Table, waiting: Mapping[TableName, Table]) -> _Names:
    needed = pointed_at(table) | {*inherited_names(table)}
    return {name for name in needed if name != table.name and name in waiting}


def _first_of(circle: _Names, waiting: Mapping[TableName, Table]) -> Table:
    """Return the table of a circle that is made first, without some of its keys."""
    # No key can be left out of what a table has from another one.
    tables = [
        waiting[name]
        for name in circle
        if circle.isdisjoint(inherited_names(waiting[name]))
    ]
    tables.sort(key=place_of)

    def keys_within(table: Table) -> list[ForeignKey]:
        return [key for key in table.of_kind(ForeignKey) if key.referent in circle]

    # The app may have said where to open the circle: use_alter.
    for table in tables:
        if any(key.use_alter for key in keys_within(table)):
            return table

    return min(tables, key=lambda table: len(keys_within(table)))


def _circles(awaited: Mapping[TableName, _Names]) -> Iterator[_Names]:
    """Yield the circles that wait for nothing but themselves.

    Tarjan's way to find strongly connected components, without recursion.
    """
    index: dict[TableName, int] = {}
    lowest: dict[TableName, int] = {}
    stack: list[TableName] = []
    on_stack: _Names = set()
    for start in awaited:
        if start in index:
            continue

        path: list[tuple[TableName, Iterator[TableName]]] = []
        _enter(start, awaited, index, lowest, stack, on_stack, path)
        while path:
            name, others = path[-1]
            other = next(others, None)
            if other is None:
                path.pop()
                if path:
                    before = path[-1][0]
                    lowest[before] = min(lowest[before], lowest[name])
                if lowest[name] == index[name]:
                    found = _leave(name, stack, on_stack)
                    if all(awaited[each] <= found for each in found):
                        yield found
            elif other not in index:
                _enter(other, awaited, index, lowest, stack, on_stack, path)
            elif other in on_stack:
                lowest[name] = min(lowest[name], index[other])


def _enter(
    name: TableName,
    awaited: Mapping[TableName, _Names],
    index: dict[TableName, int],
    lowest: dict[TableName, int],
    stack: list[TableName],
    on_stack: _Names,
    path: list[tuple[TableName, Iterator[TableName]]],
) -> None:
    index[name] = lowest[name] = len(index)
    stack.append(name)
    on_stack.add(name)
    path.append((name, iter(sorted(awaited[name], key=str))))


def _leave(name: TableName, stack: list[TableName], on_stack: _Names) -> _Names:
    found: _Names = set()
    while name not in found:
        each = stack.pop()
        on_stack.discard(each)
        found.add(each)

    return found
