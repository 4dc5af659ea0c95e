"""Which combinations of parameters are tried: all in CI, all pairs of them elsewhere.

Most faults that need a combination need two things at once. Where every two values
stand together in some test, these faults are found with a fraction of the tests.
Modules with ``pytestmark = pytest.mark.pairs("group")`` take part, those of one group
together; the test function is one more parameter. CI, and ``FLASK_MIGRATIONS_FULL=1``,
run the full products.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Hashable
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import combinations

import pytest

FULL = bool(os.environ.get("CI") or os.environ.get("FLASK_MIGRATIONS_FULL"))

Row = Mapping[str, Hashable]


def left_out_of(items: Sequence[pytest.Item]) -> set[pytest.Item]:
    """Return the tests that are not needed for a pair."""
    if FULL:
        return set()

    groups: dict[str, list[pytest.Item]] = defaultdict(list)
    left_out: set[pytest.Item] = set()
    for item in items:
        if marker := item.get_closest_marker("pairs"):
            skipped = item.get_closest_marker("skip")
            left_out.add(item) if skipped else groups[marker.args[0]].append(item)

    for tests in groups.values():
        kept = pairwise([_row(test) for test in tests])
        left_out |= {test for place, test in enumerate(tests) if place not in kept}

    return left_out


def _row(item: pytest.Item) -> Row:
    callspec = getattr(item, "callspec", None)
    # Values need not be hashable; within a run, each is one object.
    values = (
        {name: id(value) for name, value in callspec.params.items()} if callspec else {}
    )
    return {"test": getattr(item, "originalname", item.name), **values}


def pairwise(rows: Sequence[Row]) -> set[int]:
    """Return the places of rows which hold every pair of values that any row holds.

    Greedy: of the rows with the first pair that is missing, the one that brings the
    most of the missing ones, so that the same rows always give the same places.
    """
    pairs: list[list[tuple[tuple[str, Hashable], ...]]] = [
        list(combinations(sorted(row.items()), 2)) or [tuple(row.items())]
        for row in rows
    ]
    holders: dict[object, list[int]] = defaultdict(list)
    for place, of_row in enumerate(pairs):
        for pair in of_row:
            holders[pair].append(place)

    missing = dict.fromkeys(holders)
    found: set[int] = set()
    while missing:
        candidates = holders[next(iter(missing))]
        best = max(
            candidates, key=lambda place: sum(pair in missing for pair in pairs[place])
        )
        found.add(best)
        for pair in pairs[best]:
            missing.pop(pair, None)

    return found
