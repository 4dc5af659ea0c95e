"""A database of the app: its names there, its engine, its metadata."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from ..dialects.registry import dialect_for
from ..dialects.registry import is_in_memory
from ..errors import CannotConnect
from ..errors import ConfigurationError
from ..masking import shown_url
from ..masking import without_secrets_of
from .bind_keys import names_of
from .bind_keys import title_of

_INSTEAD_OF = "flask_migrations_ext_instead_of"
"""The execution option by which an engine tells whose place it takes."""


def in_place_of(engine: sa.Engine, url: sa.URL) -> sa.Engine:
    """Return an engine for the same database, by another way or as another user."""
    return sa.create_engine(
        url, poolclass=sa.pool.NullPool, execution_options={_INSTEAD_OF: engine}
    )


def replaced_by(engine: sa.Engine) -> sa.Engine | None:
    """Return the engine of the app whose place an engine takes, if it does."""
    found: sa.Engine | None = engine.get_execution_options().get(_INSTEAD_OF)
    return found


def place_of(engine: sa.Engine) -> object:
    """Return what is equal for engines of one database.

    In memory, each has one of its own.
    """
    engine = replaced_by(engine) or engine
    return engine if is_in_memory(engine.url) else engine.url


@dataclass(frozen=True)
class Database:
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
        """The URL without what is secret in it."""
        return shown_url(self.engine.url)

    @property
    def is_async(self) -> bool:
        """Whether its driver works within an event loop only."""
        return bool(self.engine.dialect.is_async)

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        """Open a connection of the app's engine for the block.

        :raises CannotConnect: if that fails.
        """
        try:
            connection = self.engine.connect()
        except sa.exc.DBAPIError as error:
            raise _cannot_connect(self, error) from error

        try:
            with connection:
                yield connection
        finally:
            if self.is_async and not isinstance(self.engine.pool, sa.StaticPool):
                # What one event loop has opened is of no use to the next.
                self.engine.dispose()

    @contextmanager
    def looked_at(self) -> Iterator[sa.Connection]:
        """Open a connection to look, which leaves nothing where no database is.

        :raises CannotConnect: if that fails.
        """
        dialect = dialect_for(self.engine.dialect)
        if dialect.is_absent(self.engine.url):
            with dialect.scratch() as scratch:
                if scratch is not None:
                    yield scratch
                    return

        with self.connect() as connection:
            yield connection


def _cannot_connect(database: Database, error: sa.exc.DBAPIError) -> CannotConnect:
    url = database.engine.url
    # Some drivers repeat what they were given.
    reason = without_secrets_of(url, " ".join(str(error.orig).split()).rstrip(" .?"))

    if url.host or url.username:
        advice = "is the server running, and are host, name, user and password right?"
    else:
        advice = "is this the right place, and may you read and write there?"

    return CannotConnect(database.url, reason, advice)


class JoinedSession:
    """Lets the app's ``db.session`` mean the connection of a migration.

    On one of its own it would not see what a migration has made, and each would wait
    for the other's locks. What it commits is committed with the migration; what it
    leaves open is undone.

    :param sessions: the app's ``db.session``, if it has one.
    :param savepoints: whether they outlast changes of tables.
    """

    def __init__(
        self, connection: sa.Connection | None, sessions: Any, *, savepoints: bool
    ) -> None:
        self._connection = connection
        self._sessions = sessions
        self._mode = "create_savepoint" if savepoints else "rollback_only"
        self._unused: Any = None

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Let it mean that within the block."""
        registry: Any = getattr(self._sessions, "registry", None)
        if self._connection is None or not hasattr(registry, "set"):
            yield
            return

        before = registry() if registry.has() else None
        # Most scripts ask for none: what one has not touched is for the next.
        session = self._unused or self._session(self._connection)
        self._unused = None
        registry.set(session)
        try:
            yield
        finally:
            if _is_untouched(session):
                self._unused = session
            else:
                session.close()
            registry.clear()
            if before is not None:
                registry.set(before)

    def _session(self, connection: sa.Connection) -> Any:
        session = self._sessions.session_factory(join_transaction_mode=self._mode)
        asked = session.get_bind
        place = place_of(connection.engine)

        def get_bind(*arguments: Any, **keywords: Any) -> Any:
            found = asked(*arguments, **keywords)
            engine = found if isinstance(found, sa.Engine) else found.engine
            return connection if place_of(engine) == place else found

        session.get_bind = get_bind
        return session


def _is_untouched(session: Any) -> bool:
    return not (session.in_transaction() or session.new or len(session.identity_map))


def reached(
    databases: Sequence[Database], wanted: Mapping[str, str]
) -> Iterator[Database]:
    """Yield the databases, each with the URL that is said for migrations."""
    for each in databases:
        names = [name for name in names_of(each.bind_keys) if name in wanted]
        if not names:
            yield each
            continue

        url = wanted[names[0]]
        with usable_url("database_uri"):
            yield replace(each, engine=in_place_of(each.engine, sa.make_url(url)))


@contextmanager
def usable_url(setting: str) -> Iterator[None]:
    """Say of a URL that cannot be used which setting has it, and nothing of it.

    :raises ConfigurationError: if it cannot be used.
    """
    try:
        yield
        return
    except ImportError as error:
        reason = f"its driver '{error.name}' is not installed"
    except sa.exc.NoSuchModuleError:
        reason = "SQLAlchemy does not know this kind of database"
    except (sa.exc.ArgumentError, ValueError, TypeError):
        reason = "it should look like 'dialect+driver://user:password@host/name'"

    raise ConfigurationError(
        f"cannot use a database URL that setting '{setting}' has: {reason}"
    )
