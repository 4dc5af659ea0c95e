"""Law: no cost of a comparison grows faster than the number of tables.

It is counted in calls of Python functions, which are the same on every machine.
"""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from flask_migrations_ext.autogenerate.compare.schema import comparison
from flask_migrations_ext.autogenerate.table_order import sorted_tables
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata
from flask_migrations_ext.schema.inheritance import inherited_names
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import Schema
from flask_migrations_ext.schema.model import Table
from flask_migrations_ext.schema.model import TableName

SIZES = (20, 40, 80)
NAMES = ("sqlite", "postgresql", "mysql")


def many_tables(count: int, *, new_columns: bool = False) -> sa.MetaData:
    """Return tables of ten columns, each with an enum, indexes and a foreign key."""
    metadata = sa.MetaData()
    for number in range(count):
        table = sa.Table(
            f"t{number}",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(50), index=True, nullable=False),
            sa.Column("mail", sa.String(120), unique=True),
            sa.Column("kind", sa.Enum("a", "b", name=f"kind{number}")),
            sa.Column("made", sa.DateTime, server_default=sa.func.now()),
            sa.Column("active", sa.Boolean, server_default=sa.true()),
            sa.Column("price", sa.Numeric(10, 2), server_default="0"),
            sa.Column("up_id", sa.ForeignKey(f"t{number // 2}.id")),
            sa.Column("near_id", sa.ForeignKey(f"t{max(number - 1, 0)}.id")),
        )
        if new_columns:
            table.append_column(sa.Column("new", sa.Enum("x", name=f"new{number}")))
    return metadata


def calls(work: Callable[[], Any]) -> int:
    """Return how many functions of Python's are called."""
    count = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    # What other tests have left is collected at any moment, and calls as it goes.
    gc.collect()
    gc.disable()
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
        gc.enable()

    return count


def refuse_growth(counts: list[int]) -> None:
    """Fail if twice as many tables take more than twice the calls, and a bit."""
    for fewer, more in zip(counts, counts[1:], strict=False):
        assert more < 2.2 * fewer, counts


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "change", ["none", "all come", "all go", "columns come", "columns go"]
)
def test_calls_grow_with_the_tables(name: str, change: str) -> None:
    rules = rules_for(sa.make_url(f"{name}://").get_dialect()())
    counts = []
    for size in SIZES:
        few = read_metadata(many_tables(size), rules.write)
        more = read_metadata(many_tables(size, new_columns=True), rules.write)
        before, after = {
            "none": (few, few),
            "all come": (Schema(), few),
            "all go": (few, Schema()),
            "columns come": (few, more),
            "columns go": (more, few),
        }[change]
        counts.append(calls(partial(comparison, before, after, rules)))

    refuse_growth(counts)


def test_calls_of_reading_models_grow_with_the_tables() -> None:
    metadata = [many_tables(size) for size in SIZES]

    refuse_growth([calls(partial(read_metadata, each)) for each in metadata])


def test_a_long_chain_of_tables_is_put_in_order() -> None:
    """Without recursion, and without a look at each for each."""
    metadata = sa.MetaData()
    for number in range(2000):
        key = [sa.ForeignKey(f"t{number + 1}.id")] if number < 1999 else []
        sa.Table(f"t{number}", metadata, sa.Column("id", sa.Integer, *key))

    tables, left_out = sorted_tables(read_metadata(metadata).tables)

    assert [table.name.name for table in tables] == [
        f"t{n}" for n in range(1999, -1, -1)
    ]
    assert left_out == []


def test_tables_in_circles_come_before_what_points_to_them() -> None:
    metadata = many_tables(20)
    for number in range(0, 20, 5):
        down = sa.ForeignKey(f"t{number + 4}.id")
        metadata.tables[f"t{number}"].append_column(sa.Column("down_id", down))

    tables, left_out = sorted_tables(read_metadata(metadata).tables)

    made: set[str] = set()
    for table in tables:
        made.add(table.name.name)
        for key in table.of_kind(ForeignKey):
            assert key.referent.name in made
    assert len(tables) == 20
    assert left_out


def pointing(others: Mapping[int, Collection[int]], *heirs: int) -> list[Table]:
    """Return tables with a foreign key to each of some others.

    :param heirs: those that have their columns from the one before, too.
    """
    return [
        Table(
            TableName(f"t{number:04}"),
            (),
            tuple(
                ForeignKey(None, (f"c{other}",), TableName(f"t{other:04}"), ("id",))
                for other in targets
            ),
            options=(
                (("postgresql_inherits", f"t{number - 1:04}"),)
                if number in heirs
                else ()
            ),
        )
        for number, targets in others.items()
    ]


def chain_of_circles(count: int) -> list[Table]:
    """Return tables that each wait for both beside them."""
    return pointing(
        {n: [o for o in (n - 1, n + 1) if 0 <= o < count] for n in range(count)}
    )


def row_of_circles(count: int) -> list[Table]:
    """Return pairs that wait for each other, each for the pair before as well."""
    return pointing({n: [n ^ 1, *([n - 2] if n > 1 else [])] for n in range(count)})


def knot(count: int) -> list[Table]:
    """Return tables that each wait for three others, as chance has it."""
    chance = random.Random(7)
    return pointing(
        {n: [chance.randrange(count) for _ in range(3)] for n in range(count)}
    )


@pytest.mark.parametrize(
    # In a knot, the way to the next circle is longer the more tables there are.
    ("form", "most"),
    [(chain_of_circles, 2.2), (row_of_circles, 2.2), (knot, 3)],
)
def test_calls_of_opening_circles_grow_with_the_tables(
    form: Callable[[int], list[Table]], most: float
) -> None:
    several = [form(size) for size in (100, 200, 400)]

    counts = [calls(partial(sorted_tables, each)) for each in several]

    assert all(more < most * fewer for fewer, more in pairwise(counts)), counts


@given(
    st.dictionaries(
        st.integers(0, 11),
        st.sets(st.integers(0, 11), max_size=4),
        min_size=1,
    ),
    st.sets(st.integers(1, 11), max_size=4),
)
def test_each_table_comes_after_what_it_points_to(
    others: dict[int, set[int]], heirs: set[int]
) -> None:
    known = {n: [o for o in them if o in others] for n, them in others.items()}
    tables = pointing(known, *(n for n in heirs if n - 1 in others))

    ordered, left_out = sorted_tables(tables)

    made: set[TableName] = set()
    for table in ordered:
        assert made.issuperset(inherited_names(table))
        made.add(table.name)
        assert made.issuperset(key.referent for key in table.of_kind(ForeignKey))
    keys = [(table.name, key) for table in ordered for key in table.of_kind(ForeignKey)]
    assert sorted([*keys, *left_out], key=repr) == sorted(
        [(table.name, key) for table in tables for key in table.of_kind(ForeignKey)],
        key=repr,
    )


@pytest.mark.parametrize("name", NAMES)
def test_calls_grow_with_the_parts_of_a_table(name: str) -> None:
    """Many foreign keys, indexes and unique constraints, in another order."""
    rules = rules_for(sa.make_url(f"{name}://").get_dialect()())
    counts = []
    for size in SIZES:
        found = read_metadata(_with_parts(range(size)), rules.write)
        wanted = read_metadata(_with_parts(reversed(range(size))), rules.write)
        counts.append(calls(partial(comparison, found, wanted, rules)))
        assert not comparison(found, wanted, rules).operations

    refuse_growth(counts)


def _with_parts(numbers: Iterable[int]) -> sa.MetaData:
    metadata = sa.MetaData()
    table = sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True))
    for number in numbers:
        table.append_column(sa.Column(f"c{number}", sa.ForeignKey("t.id")))
        sa.Index(f"i{number}", table.c[f"c{number}"])
        table.append_constraint(sa.UniqueConstraint(table.c[f"c{number}"]))

    return metadata
