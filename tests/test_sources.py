"""What an app may say of its databases and models, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase

from flask_migrations_ext.databases import engines_from
from flask_migrations_ext.databases import metadatas_from
from flask_migrations_ext.errors import MigrationError


class Base(DeclarativeBase):
    """The base class of an app's models."""


ENGINE = sa.create_engine("sqlite://")
METADATA = Base.metadata
OTHER = sa.MetaData()
SERVER = sa.make_url("postgresql+psycopg://me:secret@db/shop")
HERE = "tests.test_sources"


@pytest.mark.parametrize(
    ("given", "engines"),
    [
        (ENGINE, {None: ENGINE}),
        (lambda: ENGINE, {None: ENGINE}),
        (f"{HERE}:ENGINE", {None: ENGINE}),
        ({"default": ENGINE}, {None: ENGINE}),
        ({None: ENGINE, "logs": lambda: ENGINE}, {None: ENGINE, "logs": ENGINE}),
        (lambda: {"my-logs": f"{HERE}.ENGINE"}, {"my-logs": ENGINE}),
    ],
)
def test_engines_are_given_in_many_forms(
    given: Any, engines: dict[str | None, sa.Engine]
) -> None:
    assert engines_from(given) == engines


@pytest.mark.parametrize(
    "given", [SERVER, SERVER.render_as_string(hide_password=False), lambda: SERVER]
)
def test_a_url_becomes_an_engine_that_keeps_no_connection(given: Any) -> None:
    [engine] = engines_from(given).values()

    assert engine.url == SERVER
    assert isinstance(engine.pool, sa.NullPool)


def test_a_database_in_memory_lives_as_long_as_its_engine() -> None:
    [engine] = engines_from("sqlite://").values()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE a (id INTEGER)")

    assert sa.inspect(engine).has_table("a")
    engine.dispose()


@pytest.mark.parametrize(
    ("given", "metadatas"),
    [
        (METADATA, {None: (METADATA,)}),
        (Base, {None: (METADATA,)}),
        ([Base, OTHER], {None: (METADATA, OTHER)}),
        (lambda: Base, {None: (METADATA,)}),
        (f"{HERE}:Base", {None: (METADATA,)}),
        (f"{HERE}:Base.metadata", {None: (METADATA,)}),
        (
            {"default": f"{HERE}:Base", "logs": [lambda: OTHER]},
            {None: (METADATA,), "logs": (OTHER,)},
        ),
    ],
)
def test_metadata_is_given_in_many_forms(given: Any, metadatas: object) -> None:
    assert metadatas_from(given) == metadatas


@pytest.mark.parametrize(
    ("read", "given", "message"),
    [
        (engines_from, 3, "takes an engine, a database URL"),
        (engines_from, {"a": ENGINE, 3: ENGINE}, "names of databases, not 3"),
        (engines_from, {None: ENGINE, "default": ENGINE}, "the default database twice"),
        (engines_from, "://me:secret@db", "it should look like"),
        (engines_from, "birds://me:secret@db", "does not know this kind of database"),
        (
            engines_from,
            "postgresql+pg8000://me:secret@db/x",
            "driver 'pg8000' is not installed",
        ),
        (engines_from, "shop.database:engine", "cannot import 'shop.database:engine'"),
        (metadatas_from, 3, "takes a MetaData"),
        (metadatas_from, [Base, 3], "not 3"),
        (metadatas_from, f"{HERE}:Nope", "cannot import"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    read: Callable[[Any], object], given: Any, message: str
) -> None:
    with pytest.raises(MigrationError, match=message) as caught:
        read(given)

    assert "secret" not in str(caught.value)
