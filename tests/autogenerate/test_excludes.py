"""Exclude constraints of PostgreSQL: seen as they are, and when they change."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.dialects.postgresql import INT4RANGE

from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.autogenerate.render.script import render_reversed

from .test_no_difference_left import difference
from .test_no_difference_left import run_text
from .test_no_difference_left import said

Excluding = Callable[[], Any]


def excluding(*elements: Any, **options: Any) -> Excluding:
    return lambda: ExcludeConstraint(*elements, **options)


OVERLAP = ("during", "&&")
AS_TEXT = (sa.text("int4range(a, b)"), "&&")

KINDS: dict[str, Excluding] = {
    "plain": excluding(OVERLAP, name="ex"),
    "of an operator class": excluding(OVERLAP, name="ex", ops={"during": "range_ops"}),
    "of a part": excluding(OVERLAP, name="ex", where=sa.text("a > 0 AND b < 9")),
    "of an expression": excluding(AS_TEXT, OVERLAP, name="ex"),
    "later": excluding(OVERLAP, name="ex", deferrable=True, initially="DEFERRED"),
    "by another method": excluding((sa.column("a"), "="), name="ex", using="btree"),
    "without a name": excluding(OVERLAP),
}


def metadata_with(*items: Excluding) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        "booked",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.Integer),
        sa.Column("b", sa.Integer),
        sa.Column("during", INT4RANGE),
        *(item() for item in items),
    )
    return metadata


@pytest.fixture
def postgresql(postgresql_engine: sa.Engine) -> Iterator[sa.Connection]:
    with postgresql_engine.connect() as connection:
        yield connection


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_there_does_not_differ(postgresql: sa.Connection, kind: str) -> None:
    metadata = metadata_with(KINDS[kind])
    metadata.create_all(postgresql)
    postgresql.commit()

    assert said(difference(postgresql, metadata)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_goes_again(postgresql: sa.Connection, kind: str) -> None:
    before, after = metadata_with(), metadata_with(KINDS[kind])
    before.create_all(postgresql)
    postgresql.commit()
    operations = difference(postgresql, after).operations

    run_text(postgresql, render(operations), None)
    assert len(operations) == 1
    assert said(difference(postgresql, after)) == []

    run_text(postgresql, render_reversed(operations), None)
    assert said(difference(postgresql, before)) == []


@pytest.mark.parametrize("kind", [each for each in KINDS if each != "without a name"])
def test_what_changes_is_made_anew(postgresql: sa.Connection, kind: str) -> None:
    before = metadata_with(excluding(("during", "="), name="ex"))
    after = metadata_with(KINDS[kind])
    before.create_all(postgresql)
    postgresql.commit()
    operations = difference(postgresql, after).operations

    assert len(operations) == 2
    run_text(postgresql, render(operations), None)
    assert said(difference(postgresql, after)) == []

    run_text(postgresql, render_reversed(operations), None)
    assert said(difference(postgresql, before)) == []
