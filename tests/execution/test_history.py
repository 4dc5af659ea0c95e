"""The version table: read, created, and moved from one set of ids to another."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies

from flask_migrations_ext.errors import ConcurrentChange
from flask_migrations_ext.errors import IllegalRevisionId
from flask_migrations_ext.execution.history import VersionTable

IDS = strategies.frozensets(strategies.sampled_from("abcdef"))


def created(connection: sa.Connection, versions: VersionTable, *ids: str) -> None:
    connection.execute(versions.create().element)
    versions.move(connection, (), ids)


def test_without_a_table_there_are_no_ids(connection: sa.Connection) -> None:
    versions = VersionTable()

    assert not versions.exists(connection)
    assert versions.read(connection) == ()


def test_ids_are_read_sorted(connection: sa.Connection) -> None:
    versions = VersionTable()
    created(connection, versions, "b", "a")

    assert versions.exists(connection)
    assert versions.read(connection) == ("a", "b")


def test_the_table_is_alembics_but_wider(connection: sa.Connection) -> None:
    created(connection, VersionTable(), "a" * 255)
    inspector = sa.inspect(connection)
    [column] = inspector.get_columns("alembic_version")

    assert (column["name"], column["nullable"]) == ("version_num", False)
    assert column["type"].length == 255  # type: ignore[attr-defined]  # a string type
    key = inspector.get_pk_constraint("alembic_version")
    assert key["constrained_columns"] == ["version_num"]


def test_it_can_have_another_name_and_no_key(connection: sa.Connection) -> None:
    created(connection, VersionTable("steps", primary_key=False), "a")

    assert VersionTable("steps").read(connection) == ("a",)
    assert VersionTable().read(connection) == ()
    key = sa.inspect(connection).get_pk_constraint("steps")
    assert key["constrained_columns"] == []


@given(before=IDS, after=IDS)
def test_a_move_ends_where_it_should(
    before: frozenset[str], after: frozenset[str]
) -> None:
    versions = VersionTable()
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        created(connection, versions, *before)
        versions.move(connection, before, after)
        found = versions.read(connection)
    engine.dispose()

    assert found == tuple(sorted(after))


@pytest.mark.parametrize("after", [("b",), ()])
def test_a_row_that_is_gone_is_noticed(
    connection: sa.Connection, after: tuple[str, ...]
) -> None:
    """Whether it would be changed or deleted."""
    versions = VersionTable()
    created(connection, versions, "x")
    with pytest.raises(ConcurrentChange) as caught:
        versions.move(connection, ("a",), after)

    assert (caught.value.expected, caught.value.found) == ("a", ("x",))
    assert "should hold 'a' and holds 'x'" in str(caught.value)


def test_an_id_that_is_too_long_is_refused(connection: sa.Connection) -> None:
    connection.execute(
        sa.text("CREATE TABLE alembic_version (version_num VARCHAR(4) NOT NULL)")
    )
    versions = VersionTable()
    versions.check_width(connection, ["abcd"])

    with pytest.raises(IllegalRevisionId, match="holds 4 characters"):
        versions.check_width(connection, ["abcd", "abcde"])


def test_without_a_table_every_id_fits(connection: sa.Connection) -> None:
    VersionTable().check_width(connection, ["a" * 300])
