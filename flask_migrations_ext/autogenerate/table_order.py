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

    circles: _Circles | None = None
    ready = [table for name, table in waiting.items() if not awaited[name]]
    while waiting:
        if not ready:
            circles = circles or _Circles(waiting, awaited)
            for chosen in circles.opened():
                kept, late = split(chosen, awaited[chosen.name])
                left_out += [(chosen.name, key) for key in late]
                ready.append(kept)
            ready.sort(key=place_of)

        freed: list[Table] = []
        for table in ready:
            ordered.append(table)
            del waiting[table.name], awaited[table.name]
            if circles is not None:
                circles.without(table.name)
            for name in pointing.get(table.name, ()):
                if name in awaited:
                    awaited[name].discard(table.name)
                    if circles is not None:
                        circles.freed_of(name, table.name)
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
    return _preferred(tables, dict.fromkeys(circle, circle))


def _preferred(tables: Iterable[Table], awaited: Mapping[TableName, _Names]) -> Table:
    """Return the table of which fewest keys are left out, or that the app has named."""
    tables = sorted(tables, key=place_of)

    def keys_within(table: Table) -> list[ForeignKey]:
        others = awaited[table.name]
        return [key for key in table.of_kind(ForeignKey) if key.referent in others]

    # The app may have said where to open the circle: use_alter.
    for table in tables:
        if any(key.use_alter for key in keys_within(table)):
            return table

    return min(tables, key=lambda table: len(keys_within(table)))


class _Circle:
    """Tables that all wait for each other, directly or not."""

    def __init__(self, names: _Names, awaited: Mapping[TableName, _Names]) -> None:
        self.names = names
        self.left = sorted(names, key=str, reverse=True)
        self.outside = sum(len(awaited[name] - names) for name in names)
        """How many times one of them waits for a table outside."""
        self.path: dict[TableName, None] = {}
        self.is_open = False


class _Circles:
    """The circles among tables, found once.

    Each table that is made without some of its keys may leave smaller circles: these
    are found by going from table to table, not by another look at all of them.
    """

    def __init__(
        self, waiting: Mapping[TableName, Table], awaited: Mapping[TableName, _Names]
    ) -> None:
        self._waiting = waiting
        self._awaited = awaited
        found = [_Circle(names, awaited) for names in _circles(awaited)]
        self._of = {name: circle for circle in found for name in circle.names}
        self._to_open = [circle for circle in found if not circle.outside]

    def without(self, name: TableName) -> None:
        """Take note of a table that is made."""
        circle = self._of.get(name)
        if circle is not None and name in circle.path:
            # What was found from there on stands no more.
            while circle.path.popitem()[0] != name:
                pass

    def freed_of(self, name: TableName, other: TableName) -> None:
        """Take note that a table waits no more for another."""
        circle = self._of.get(name)
        if circle is not None and other not in circle.names:
            circle.outside -= 1
            if not circle.outside:
                self._to_open.append(circle)

    def opened(self) -> Iterator[Table]:
        """Yield a table of each circle that waits for nothing but itself."""
        circles, self._to_open = self._to_open, []
        for circle in circles:
            while circle.left and circle.left[-1] not in self._waiting:
                circle.left.pop()
            if circle.left:
                self._to_open.append(circle)
                yield self._next_of(circle)

    def _next_of(self, circle: _Circle) -> Table:
        if not circle.is_open:
            circle.is_open = True
            return _first_of(circle.names, self._waiting)

        within = self._smaller(circle)
        tables = [self._waiting[name] for name in within if self._can_open(name)]
        if tables:
            return _preferred(tables, self._awaited)

        # All have something from a table that is not made yet.
        left = {name: self._awaited[name] for name in circle.names & {*self._awaited}}
        return _first_of(next(_bottom(left)), self._waiting)

    def _can_open(self, name: TableName) -> bool:
        inherited = inherited_names(self._waiting[name])
        return self._awaited[name].isdisjoint(inherited)

    def _smaller(self, circle: _Circle) -> list[TableName]:
        """Return the tables of a circle, on the way from one that still waits."""
        path = circle.path
        if not path:
            path[circle.left[-1]] = None
        while True:
            last = next(reversed(path))
            other = min(self._awaited[last], key=str)
            if other in path:
                names = list(path)
                return names[names.index(other) :]
            path[other] = None


def _bottom(awaited: Mapping[TableName, _Names]) -> Iterator[_Names]:
    """Yield the circles that wait for nothing but themselves."""
    for found in _circles(awaited):
        if all(awaited[each] <= found for each in found):
            yield found


def _circles(awaited: Mapping[TableName, _Names]) -> Iterator[_Names]:
    """Yield the circles, those that others wait for first.

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
                    if len(found) > 1:
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
