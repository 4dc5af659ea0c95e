"""All pairs stand in the rows that are tried, in few of them."""

from __future__ import annotations

from itertools import combinations
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from tests.pairs import pairwise
from tests.pairs import Row


def rows_of(sizes: list[int]) -> list[Row]:
    lists = [[(str(place), n) for n in range(size)] for place, size in enumerate(sizes)]
    return [dict(row) for row in product(*lists)]


@given(st.lists(st.integers(1, 6), min_size=2, max_size=4))
def test_every_pair_that_is_there_is_tried(sizes: list[int]) -> None:
    every = rows_of(sizes)
    rows = every[:: 2 if len(every) > 4 else 1]

    kept = [rows[place] for place in pairwise(rows)]

    for one, other in combinations(map(str, range(len(sizes))), 2):
        assert {(row[one], row[other]) for row in kept} == {
            (row[one], row[other]) for row in rows
        }


def test_far_fewer_rows_are_tried_than_there_are() -> None:
    rows = rows_of([13, 22, 5, 2])

    assert len(pairwise(rows)) < len(rows) / 7


def test_a_test_without_parameters_is_tried() -> None:
    assert pairwise([{"test": "alone"}]) == {0}
