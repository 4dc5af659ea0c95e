"""A script leaves behind what it does with Alembic, or the difference is explained.

Where the two differ, the case says what is right, and ours has to be that.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.databases.servers import Server

from .case import Case
from .effects import Effect
from .effects import Ground
from .effects import refusal
from .engines import our_text
from .engines import run_ours
from .engines import run_theirs
from .engines import their_text
from .every import CASES
from .every import PAIRS
from .reasons import EFFECTS
from .reasons import Kind
from .reasons import kind_of
from .reasons import OWN
from .reasons import Reason
from .reasons import TEXTS


def executed_on(dialect: str) -> list[str]:
    return [
        name
        for name, other in PAIRS
        if other == dialect and dialect in CASES[name].executed
    ]


@pytest.fixture
def sqlite_ground(sqlite_url: sa.URL) -> Iterator[Ground]:
    yield from opened(sqlite_url)


@pytest.fixture(scope="module")
def postgresql_ground(postgresql_server: Server) -> Iterator[Ground]:
    yield from on_server(postgresql_server)


@pytest.fixture(scope="module")
def mariadb_ground(mariadb_server: Server) -> Iterator[Ground]:
    yield from on_server(mariadb_server)


def on_server(server: Server) -> Iterator[Ground]:
    url = server.create_database()
    yield from opened(url)
    server.drop_database(url)


def opened(url: sa.URL) -> Iterator[Ground]:
    ground = Ground(url)
    yield ground
    ground.close()


@pytest.mark.parametrize("name", executed_on("sqlite"))
def test_on_sqlite(name: str, sqlite_ground: Ground) -> None:
    check_effects(name, "sqlite", sqlite_ground)


@pytest.mark.parametrize("name", executed_on("postgresql"))
def test_on_postgresql(name: str, postgresql_ground: Ground) -> None:
    check_effects(name, "postgresql", postgresql_ground)


@pytest.mark.parametrize("name", executed_on("mariadb"))
def test_on_mariadb(name: str, mariadb_ground: Ground) -> None:
    check_effects(name, "mariadb", mariadb_ground)


def check_effects(name: str, dialect: str, ground: Ground) -> None:
    """Compare two runs, and what the texts of both do with those."""
    case, key = CASES[name], (name, dialect)
    theirs = ground.effect(case, lambda engine: run_theirs(case, engine))
    ours = ground.effect(case, lambda engine: run_ours(case, engine), theirs)
    our_own = of_text(ground, case, dialect, our_text, theirs, ours)

    is_wrong = check_kind(EFFECTS.get(key), theirs, ours)
    check_kind(OWN.get(key), ours, our_own)
    if key in TEXTS:
        their_own = of_text(ground, case, dialect, their_text, theirs, ours, our_own)
        check_kind(TEXTS[key], their_own, our_own)

    if case.after is not None and ours.refused is None and not is_wrong:
        assert ours.tables == ground.as_created(case).tables
        assert_rows(case, ours)


def of_text(
    ground: Ground,
    case: Case,
    dialect: str,
    write: Callable[[Case, str], str],
    *known: Effect,
) -> Effect:
    try:
        text = write(case, dialect)
    except Exception as error:  # Alembic refuses with whatever comes up
        return refusal(error)

    return ground.effect_of_text(case, text, *known)


def check_kind(reason: Reason | None, one: Effect, other: Effect) -> bool:
    """Compare a difference with its kind; return whether ours is known to be wrong."""
    kind = Kind.SAME if reason is None else reason.kind
    is_wrong = kind is Kind.OURS_WRONG
    found = kind_of(one, other)
    if reason is None and found is not Kind.SAME:
        assert other == one

    assert (found is not Kind.SAME) if is_wrong else (found is kind), (one, other)

    return is_wrong


def assert_rows(case: Case, effect: Effect) -> None:
    for table, rows in (case.rows or {}).items():
        found = [{key: row[key] for key in rows[0]} for row in effect.rows[table]]

        assert sorted(found, key=repr) == sorted(rows, key=repr)
