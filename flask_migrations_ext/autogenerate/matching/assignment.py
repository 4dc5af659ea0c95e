"""Which of those that are gone goes with which new one: the best pairs in all.

Exact, and the same on every run. Its work grows with the pairs it is given: those that
have no pair in common are solved apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping

Pair = tuple[int, int]
_LARGE = 60
"""Of more than these in one group, pairs are taken one by one, the best first."""


def best_pairs(scores: Mapping[Pair, float]) -> dict[int, int]:
    """Return the pairs whose scores are the highest in sum; each side occurs once.

    :param scores: of each pair that may be, above 0.
    """
    found: dict[int, int] = {}
    for group in _groups(scores):
        rows = {row for row, _ in group}
        columns = {column for _, column in group}
        if max(len(rows), len(columns)) > _LARGE:
            found.update(_one_by_one(group))
        else:
            found.update(_exact(group, sorted(rows), sorted(columns)))

    return dict(sorted(found.items()))


def _groups(scores: Mapping[Pair, float]) -> Iterator[dict[Pair, float]]:
    """Yield the pairs that hang together."""
    by_row: dict[int, list[Pair]] = {}
    by_column: dict[int, list[Pair]] = {}
    for pair in sorted(scores):
        by_row.setdefault(pair[0], []).append(pair)
        by_column.setdefault(pair[1], []).append(pair)

    seen: set[Pair] = set()
    for start in sorted(scores):
        if start in seen:
            continue
        group: dict[Pair, float] = {}
        waiting = [start]
        while waiting:
            pair = waiting.pop()
            if pair in seen:
                continue
            seen.add(pair)
            group[pair] = scores[pair]
            # Each row and column is gone through once.
            waiting += by_row.pop(pair[0], [])
            waiting += by_column.pop(pair[1], [])
        yield group


def _one_by_one(group: Mapping[Pair, float]) -> dict[int, int]:
    found: dict[int, int] = {}
    taken: set[int] = set()
    for row, column in sorted(group, key=lambda pair: (-group[pair], pair)):
        if row not in found and column not in taken:
            found[row] = column
            taken.add(column)

    return found


def _exact(
    group: Mapping[Pair, float], rows: list[int], columns: list[int]
) -> dict[int, int]:
    """Return the best pairs by the Hungarian method, O(n³).

    https://en.wikipedia.org/wiki/Hungarian_algorithm
    """
    size = max(len(rows), len(columns))

    def cost(i: int, j: int) -> float:
        if i < len(rows) and j < len(columns):
            return -group.get((rows[i], columns[j]), 0.0)
        return 0.0

    of_row = [0.0] * (size + 1)
    of_column = [0.0] * (size + 1)
    # Places begin at 1: 0 is the row that looks for a column.
    row_at = [0] * (size + 1)
    for row in range(1, size + 1):
        row_at[0] = row
        column = 0
        least = [float("inf")] * (size + 1)
        before = [0] * (size + 1)
        used = [False] * (size + 1)
        while row_at[column]:
            used[column] = True
            here = row_at[column]
            step, nearest = float("inf"), 0
            for j in range(1, size + 1):
                if used[j]:
                    continue
                reduced = cost(here - 1, j - 1) - of_row[here] - of_column[j]
                if reduced < least[j]:
                    least[j], before[j] = reduced, column
                if least[j] < step:
                    step, nearest = least[j], j
            for j in range(size + 1):
                if used[j]:
                    of_row[row_at[j]] += step
                    of_column[j] -= step
                else:
                    least[j] -= step
            column = nearest
        while column:
            row_at[column] = row_at[before[column]]
            column = before[column]

    pairs = {
        rows[row_at[j] - 1]: columns[j - 1]
        for j in range(1, size + 1)
        if 0 < row_at[j] <= len(rows) and j <= len(columns)
    }
    return {row: column for row, column in pairs.items() if (row, column) in group}
