"""Law: no cost of a comparison grows faster than the number of tables.

It is counted in calls of Python functions, which are the same on every machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from collections.abc import Iterable
from functools import partial
from types import FrameType
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext.autogenerate.compare.schema import comparison
from flask_migrations_ext.autogenerate.table_order import sorted_tables
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata
from flask_migrations_ext.schema.model import ForeignKey
from flask_migrations_ext.schema.model import Schema

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

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)

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
