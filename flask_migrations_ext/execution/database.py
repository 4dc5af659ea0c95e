"""A database of the app: what it is called there, its engine, its metadata."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from ..errors import CannotConnect


def title_of(bind_keys: tuple[str | None, ...]) -> str:
    """Return bind keys as people read them; empty for the default database."""
    return ", ".join(key for key in bind_keys if key is not None)


@dataclass(frozen=True)
class Target:
    """One database that the app's revisions apply to.

    :param bind_keys: the names that the app has for it; None is its default one.
    :param metadata: what its tables should be.
    """

    bind_keys: tuple[str | None, ...]
    engine: sa.Engine
    metadata: tuple[sa.MetaData, ...]

    @property
    def title(self) -> str:
        """The bind keys as people read them; empty for the default database."""
        return title_of(self.bind_keys)

    @property
    def url(self) -> str:
        """The URL without its password."""
        return self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        """Open a connection of the app's engine for the block.

        :raises CannotConnect: if that fails.
        """
        try:
            connection = self.engine.connect()
        except sa.exc.DBAPIError as error:
            raise _cannot_connect(self, error) from error

        with connection:
            yield connection


def _cannot_connect(target: Target, error: sa.exc.DBAPIError) -> CannotConnect:
    url = target.engine.url
    reason = " ".join(str(error.orig).split()).rstrip(" .?")
    # Some drivers repeat what they were given.
    if url.password:
        reason = reason.replace(str(url.password), "***")

    if url.host or url.username:
        advice = "is the server running, and are host, name, user and password right?"
    else:
        advice = "is this the right place, and may you read and write there?"

    return CannotConnect(target.url, reason, advice)
