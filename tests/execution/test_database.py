"""A database of the app: its name, its URL, and what is said when it is not there."""

from __future__ import annotations

import psycopg
import pytest
import sqlalchemy as sa

from flask_migrations_ext.errors import CannotConnect
from flask_migrations_ext.execution.database import Database


def refusing(words: str) -> sa.Engine:
    """Return an engine whose driver says these words, and no more."""

    def refuse() -> object:
        raise psycopg.OperationalError(words)

    return sa.create_engine(
        "postgresql+psycopg://me:s3cret%40x@host/shop", creator=refuse
    )


def message_of(database: Database) -> str:
    with pytest.raises(CannotConnect) as caught, database.connect():
        pass
    return str(caught.value)


@pytest.mark.parametrize(
    ("keys", "title"),
    [
        ((None,), ""),
        (("logs",), "logs"),
        ((None, "logs"), "logs"),
        (("a", "b"), "a, b"),
    ],
)
def test_a_title_is_the_keys_but_for_the_default_one(
    keys: tuple[str | None, ...], title: str
) -> None:
    assert Database(keys, refusing(""), ()).title == title


def test_a_password_that_the_driver_repeats_is_hidden() -> None:
    database = Database((None,), refusing("no such password: s3cret@x"), ())

    assert database.url == "postgresql+psycopg://me:***@host/shop"
    assert message_of(database) == (
        "cannot connect to postgresql+psycopg://me:***@host/shop:"
        " no such password: ***; is the server running,"
        " and are host, name, user and password right?"
    )


def test_what_the_driver_says_becomes_one_line() -> None:
    message = message_of(Database((None,), refusing("refused:\n\tis it there?\n"), ()))

    assert ": refused: is it there; is the server running" in message


def test_a_connection_ends_with_its_block(sqlite_engine: sa.Engine) -> None:
    with Database((None,), sqlite_engine, ()).connect() as connection:
        assert not connection.closed

    assert connection.closed
