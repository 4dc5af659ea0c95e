"""An app's engines, sent to other databases for a while.

The engine stays the same object, with its options and listeners, so that all that an
app has built on it (sessions, an ``env.py``) comes along. The database that it was
configured with is not opened, and its connections are there again afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from ..dialects.scratch.databases import ScratchDatabases
from ..errors import CannotRedirect
from ..masking import shown_url


@contextmanager
def redirected(
    engine: sa.Engine, url: sa.URL, scratch: ScratchDatabases
) -> Iterator[None]:
    """Let an engine mean another database of its kind within the block.

    :raises CannotRedirect: if it does not go there.
    """
    arguments, options = engine.dialect.create_connect_args(url)

    def connect(*event: Any) -> Any:
        dialect, _, _, given = event
        return dialect.connect(*arguments, **{**given, **options})

    before, pool = engine.url, engine.pool
    sa.event.listen(engine, "do_connect", connect)
    engine.url = url
    # Not disposed of: what is in memory would be lost with its connection.
    engine.pool = pool.recreate()
    try:
        _check(engine, url, scratch, before)
        if scratch.are_schemas:
            _rename_schema(engine, before, url)
        yield
    finally:
        if scratch.are_schemas:
            _rename_schema(engine, url, before)
        sa.event.remove(engine, "do_connect", connect)
        engine.pool.dispose()
        engine.pool = pool
        engine.url = before


def _rename_schema(engine: sa.Engine, before: sa.URL, after: sa.URL) -> None:
    # A dialect remembers the one that it has connected to first.
    dialect: Any = engine.dialect
    if dialect.default_schema_name == before.database:
        dialect.default_schema_name = after.database


def _check(
    engine: sa.Engine, url: sa.URL, scratch: ScratchDatabases, before: sa.URL
) -> None:
    # An engine with a creator of its own asks nobody.
    with engine.connect() as connection:
        reached = scratch.reached_by(connection)
    if os.path.realpath(reached) != os.path.realpath(url.database or ""):
        raise CannotRedirect(shown_url(before))
