"""What an ``env.py`` calls: which databases there are, and to run on each.

::

    from flask_migrations_ext import context

    for target in context.targets():
        with context.configured(target):
            context.run_migrations()

That is also what runs where a folder has no ``env.py``.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any
from typing import cast
from typing import Generic
from typing import TextIO
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect

from .config import Settings
from .dialects.dialect import Dialect
from .dialects.registry import dialect_for
from .errors import ConfigurationError
from .errors import NoMetadata
from .errors import NoRunningMigration
from .errors import NoSQLAlchemy
from .errors import UnknownBind
from .execution.database import chosen
from .execution.database import Database
from .execution.database import names_of
from .execution.database import place_of
from .execution.database import title_of
from .masking import shown_url
from .revisions.target import parse
from .revisions.target import Target

Metadata = tuple[sa.MetaData, ...]


@dataclass(frozen=True)
class Configured:
    """One database, ready for the command that runs.

    :param connection: None when SQL text is written.
    :param was_in_transaction: whether a transaction is the caller's.
    :param is_main: whether scripts that know of one database mean this one.
    :param has_main: whether they mean any.
    :param arguments: what ``run_migrations`` passes on to the scripts.
    """

    bind_keys: tuple[str | None, ...]
    url: str
    connection: sa.Connection | None
    dialect: Dialect
    metadata: Metadata
    settings: Settings
    was_in_transaction: bool = False
    is_main: bool = True
    has_main: bool = True
    arguments: dict[str, Any] = field(default_factory=dict)
    starting_rev: Target | None = None
    """Where SQL text starts, whatever the command says."""

    output: TextIO | None = None
    """Where SQL text goes, if not to who ran the command."""

    parts: list[str] = field(default_factory=list)
    """The SQL text that goes there."""

    def write(self, text: str) -> None:
        """Write a part of the SQL text."""
        if self.output is None:
            self.parts.append(text)
        else:
            self.output.write(f"{text}\n")

    @property
    def title(self) -> str:
        """Its names as people read them; empty for the default database."""
        return self.name or title_of(self.bind_keys)

    @property
    def name(self) -> str | None:
        """What ``env.py`` calls it to the scripts; None if it does not."""
        said = self.arguments.get(self.settings.name_argument or "")
        return None if said is None else str(said)

    @property
    def names(self) -> tuple[str, ...]:
        """What can be typed to choose it."""
        if self.name:
            return (self.name,)

        return (
            ("", *names_of(self.bind_keys))
            if None in self.bind_keys
            else names_of(self.bind_keys)
        )


@dataclass
class Environment:
    """What a command tells an ``env.py``, and what it does with each database.

    :param find_databases: returns the databases of the app; an ``env.py`` that brings
        its own never asks.
    :param work: is called by ``run_migrations``, once for each database.
    :param binds: the names of the databases that are chosen; none: all are.
    :param located: returns the ids of the revisions that a target names.
    :param reading: whether databases are only looked at.
    :param start: where SQL text starts, if the command says so.
    :param targets: what the command is to reach.
    :param autogenerate: whether databases are compared, to write a revision.
    :param new: the revision that the command is about to write, if it is.
    :param output: the SQL text written so far, if it goes to who ran the command.
    """

    settings: Settings
    find_databases: Callable[[], tuple[Database, ...]]
    work: Callable[[Configured], None]
    directory: Path = Path()
    located: Callable[[Target], tuple[str, ...]] = lambda target: ()
    offline: bool = False
    reading: bool = False
    x_arguments: tuple[str, ...] = ()
    tag: str | None = None
    start: Target | None = None
    targets: tuple[Target, ...] = ()
    autogenerate: bool = False
    new: Any = None
    binds: tuple[str, ...] = ()
    output: list[str] = field(default_factory=list)
    ready: Configured | None = None
    in_block: bool = False
    in_event_loop: bool = False
    opening: Database | None = None
    passed: list[Configured] = field(default_factory=list)
    """The databases that ``run_migrations`` was called for, chosen or not."""

    @cached_property
    def databases(self) -> tuple[Database, ...]:
        """The databases of the app, the default one first."""
        return self.find_databases()

    def chosen_databases(self) -> tuple[Database, ...]:
        """Return the databases of the app that are chosen.

        :raises UnknownBind: if one that is chosen is not there.
        :raises NeedsEventLoop: if a driver needs one, and there is none yet.
        """
        found = chosen(self.databases, self.binds)
        if not (self.offline or self.in_event_loop):
            if any(each.is_async for each in found):
                raise NeedsEventLoop
        return found

    def known_databases(self) -> tuple[Database, ...]:
        """Return those of the chosen databases that somebody has asked for."""
        if "databases" not in vars(self):
            return ()

        # An env.py may have others than the app, and names for them.
        with suppress(UnknownBind):
            return chosen(self.databases, self.binds)
        return ()

    def is_chosen(self, configured: Configured) -> bool:
        """Return whether a database is, of those that an ``env.py`` brings itself."""
        return not self.binds or any(bind in configured.names for bind in self.binds)

    def write(self, text: str) -> None:
        """Write a part of the SQL text."""
        if self.ready is None:
            self.output.append(text)
        else:
            self.ready.write(text)


class NeedsEventLoop(Exception):
    """Asks for ``env.py`` to be run once more, within an event loop."""


T = TypeVar("T")


class Active(Generic[T]):
    """What counts for the code of a block, and for threads that it starts.

    A thread begins without context variables: it means the only block there is. Where
    several run at once, it has to be given them (``contextvars.copy_context``).
    """

    def __init__(self, name: str) -> None:
        self._variable: ContextVar[T] = ContextVar(name)
        self._everywhere: list[T] = []

    def get(self) -> T:
        """Return it.

        :raises LookupError: if there is none, or nothing tells which one.
        """
        everywhere = tuple(self._everywhere)
        only = everywhere[:1] if len(everywhere) == 1 else ()
        return self._variable.get(*only)

    @contextmanager
    def within(self, value: T) -> Iterator[None]:
        """Let it be a value within the block."""
        token = self._variable.set(value)
        self._everywhere.append(value)
        try:
            yield
        finally:
            self._everywhere[:] = [x for x in self._everywhere if x is not value]
            self._variable.reset(token)


_environment: Active[Environment] = Active("flask_migrations_ext.environment")


@contextmanager
def entered(environment: Environment) -> Iterator[Environment]:
    """Let this module speak for the environment within the block."""
    with _environment.within(environment):
        yield environment


def current_environment(asked_by: str) -> Environment:
    """Return what the command tells that runs.

    :param asked_by: the function of this module to name in the error.
    :raises NoRunningMigration: if none runs.
    """
    try:
        return _environment.get()
    except LookupError:
        raise NoRunningMigration(f"context.{asked_by}") from None


# -- what env.py asks ------------------------------------------------------


def targets() -> tuple[Database, ...]:
    """Return the databases of the app, the default one first.

    Where some are chosen with ``--bind``, these.
    """
    return current_environment("targets").chosen_databases()


def is_offline_mode() -> bool:
    """Return whether SQL text is written in place of changing a database."""
    return current_environment("is_offline_mode").offline


def get_x_argument(as_dictionary: bool = False) -> list[str] | dict[str, str]:
    """Return what was given with ``-x``.

    :param as_dictionary: read each as ``key=value``; a key alone has the value "".
    """
    given = current_environment("get_x_argument").x_arguments
    if not as_dictionary:
        return list(given)

    pairs = (each.partition("=") for each in given)
    return {key: value for key, _, value in pairs}


def get_tag_argument() -> str | None:
    """Return what was given with ``--tag``."""
    return current_environment("get_tag_argument").tag


# -- what env.py does ------------------------------------------------------


@contextmanager
def configured(target: Database, **options: Any) -> Iterator[None]:
    """Connect to a database of the app and configure the run for it.

    :param options: settings in place of those of the app, as :func:`configure` takes.
    :raises CannotConnect: if the database is not there.
    """
    environment = current_environment("configured")
    environment.opening = target
    try:
        if environment.offline:
            _configure(environment, target, None, options)
            yield
            return

        with _connected(environment, target) as connection:
            _configure(environment, target, connection, options)
            yield
    finally:
        # What comes after the block would run on a closed connection.
        environment.ready = None


@contextmanager
def _connected(environment: Environment, database: Database) -> Iterator[sa.Connection]:
    dialect = _dialect(database.engine.dialect, ())
    if environment.reading and dialect.is_absent(database.engine.url):
        # Looking is not to leave an empty database behind.
        with dialect.scratch() as scratch:
            if scratch is not None:
                yield scratch
                return

    with database.connect() as connection:
        yield connection


def _configure(
    environment: Environment,
    database: Database,
    connection: sa.Connection | None,
    options: dict[str, Any],
) -> None:
    sa_dialect = database.engine.dialect if connection is None else connection.dialect
    metadata = _several(options.pop("target_metadata", database.metadata))

    settings = environment.settings.with_options(options)

    environment.ready = Configured(
        bind_keys=database.bind_keys,
        url=database.url,
        connection=connection,
        dialect=_dialect(sa_dialect, metadata, settings),
        metadata=metadata,
        settings=settings,
        was_in_transaction=connection is not None and connection.in_transaction(),
        is_main=_is_main(environment, database),
        has_main=any(_is_main(environment, each) for each in environment.databases),
        parts=environment.output,
    )


def _is_main(environment: Environment, database: Database) -> bool:
    return None in database.bind_keys or len(environment.databases) == 1


def configure(
    *,
    connection: sa.Connection | None = None,
    url: str | sa.URL | None = None,
    dialect_name: str | None = None,
    target_metadata: sa.MetaData | Sequence[sa.MetaData] | None = None,
    bind_key: str | None = None,
    output_buffer: TextIO | None = None,
    output_encoding: str | None = None,
    dialect_opts: Mapping[str, Any] | None = None,
    starting_rev: str | None = None,
    tag: str | None = None,
    **options: Any,
) -> None:
    """Say what the next :func:`run_migrations` runs on: a connection of your own.

    :param connection: the database. If it is in a transaction, that stays yours to
        commit or to roll back.
    :param url: in its place, the kind of database to write SQL text for; or
        ``dialect_name``, which says no more than that.
    :param target_metadata: what the tables should be.
    :param bind_key: the app's name for the database; left out, it is the one that
        has the engine of the connection.
    :param output_buffer: where SQL text goes, if not to who ran the command.
    :param output_encoding: makes of the text the bytes that the buffer takes.
    :param dialect_opts: for the dialect that a URL, or a name, stands for.
    :param starting_rev: where SQL text starts, whatever the command says.
    :param tag: in place of what was given with ``--tag``.
    :param options: settings in place of those of the app.
    :raises ConfigurationError: if there is neither a connection nor a URL.
    """
    environment = current_environment("configure")
    if connection is not None and not isinstance(connection, sa.Connection):
        raise ConfigurationError(
            f"context.configure() takes a connection, not {type(connection).__name__};"
            " use 'with engine.connect() as connection:'"
        )

    if connection is not None:
        sa_dialect = connection.dialect
        shown = shown_url(connection.engine.url)
    elif url is not None and environment.offline:
        sa_dialect, shown = _named_by(url, dialect_opts)
    elif dialect_name and environment.offline:
        sa_dialect, shown = _named_by(f"{dialect_name}://", dialect_opts)
    elif url is not None or dialect_name:
        raise ConfigurationError(
            "context.configure() with a url is for SQL text (--sql); to change a"
            " database it needs a connection: 'with engine.connect() as connection:'"
        )
    else:
        raise ConfigurationError(
            "context.configure() needs a connection, or a url to write SQL text"
        )

    if tag is not None:
        environment.tag = tag

    metadata = _several(target_metadata)
    settings = environment.settings.with_options(options)
    environment.ready = Configured(
        bind_keys=(bind_key,) if bind_key else _bind_keys(environment, connection),
        url=shown,
        connection=None if environment.offline else connection,
        dialect=_dialect(sa_dialect, metadata, settings),
        metadata=metadata,
        settings=settings,
        was_in_transaction=connection is not None and connection.in_transaction(),
        starting_rev=None if starting_rev is None else parse(starting_rev),
        output=_encoding(output_buffer, output_encoding),
        parts=environment.output,
    )


def _bind_keys(
    environment: Environment, connection: sa.Connection | None
) -> tuple[str | None, ...]:
    if connection is None:
        return (None,)

    with suppress(NoSQLAlchemy, NoMetadata):
        for database in environment.databases:
            if database.engine is connection.engine:
                return database.bind_keys

    return (None,)


def _encoding(buffer: TextIO | None, encoding: str | None) -> TextIO | None:
    if buffer is None or encoding is None:
        return buffer

    writer: Any = codecs.getwriter(encoding)(buffer)  # type: ignore[arg-type]  # then it takes bytes
    return cast("TextIO", writer)


def _named_by(
    url: str | sa.URL, options: Mapping[str, Any] | None
) -> tuple[SADialect, str]:
    try:
        made = sa.make_url(url)
        dialect = made.get_dialect()(**(options or {}))
        return dialect, shown_url(made)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise ConfigurationError(
            "context.configure() cannot read its url, which should look like"
            " 'dialect+driver://user:password@host/name'"
        ) from error


def _several(metadata: Any) -> Metadata:
    if metadata is None:
        return ()

    found = (metadata,) if isinstance(metadata, sa.MetaData) else metadata
    if isinstance(found, Sequence) and all(isinstance(x, sa.MetaData) for x in found):
        return tuple(found)

    raise ConfigurationError(
        "target_metadata takes a MetaData or a list of them, such as db.metadata,"
        f" not {metadata!r}"
    )


def _dialect(
    sa_dialect: SADialect, metadata: Metadata, settings: Settings | None = None
) -> Dialect:
    convention = metadata[0].naming_convention if metadata else None
    found = dialect_for(sa_dialect, convention)
    separator = getattr(settings, f"{found.name}_batch_separator", None)
    if separator is not None:
        found.batch_separator = separator
    if settings is not None:
        found.text_transactions = settings.transactional_ddl

    return found


@contextmanager
def begin_transaction() -> Iterator[Block]:
    """Return a block to run migrations in.

    Each revision has a transaction of its own, so this begins none. What is executed
    beside the revisions, such as ``SET search_path``, is committed for itself.
    """
    environment = current_environment("begin_transaction")
    ready = environment.ready
    connection = ready.connection if ready is not None else None
    if ready is None or connection is None or ready.was_in_transaction:
        yield Block()
        return

    environment.in_block = True
    try:
        yield Block()
    except BaseException:
        if not connection.closed:
            connection.rollback()
        raise
    else:
        if not connection.closed:
            connection.commit()
    finally:
        environment.in_block = False


class Block:
    """The block of :func:`begin_transaction`, which has nothing to undo."""

    def commit(self) -> None:
        """Do nothing: each revision has been committed."""

    def rollback(self) -> None:
        """Refuse.

        :raises ConfigurationError: always.
        """
        raise ConfigurationError(
            "each revision is committed by itself, so nothing is left to roll back;"
            " to try revisions out, call connection.begin() before"
            " context.configure(): then the transaction is yours"
        )


def run_migrations(**arguments: Any) -> None:
    """Do what the command asks for, on the database that is configured.

    :param arguments: are passed on to ``upgrade`` and ``downgrade`` of the scripts.
    :raises ConfigurationError: if nothing is configured.
    """
    environment = current_environment("run_migrations")
    ready = environment.ready
    if ready is None:
        raise ConfigurationError(
            "context.run_migrations() needs a database; call it within"
            " 'with context.configured(target):', or after context.configure()"
        )

    ready.arguments.update(arguments)
    earlier, environment.passed = environment.passed, [*environment.passed, ready]
    if not environment.is_chosen(ready):
        return

    _refuse_open(ready, earlier)
    connection = ready.connection
    if connection is not None and connection.in_transaction():
        if environment.in_block:
            # What env.py has set for the session would be rolled back with it.
            connection.commit()
        elif not ready.was_in_transaction:
            ready = replace(ready, was_in_transaction=True)

    environment.work(ready)


def _refuse_open(ready: Configured, earlier: Sequence[Configured]) -> None:
    """Refuse to wait for ourselves, forever: for what another connection holds."""
    if ready.connection is None:
        return

    for other in earlier:
        connection = other.connection
        if (
            connection is not None
            and connection is not ready.connection
            and place_of(connection.engine) == place_of(ready.connection.engine)
            and not connection.closed
            and connection.in_transaction()
        ):
            raise ConfigurationError(
                f"env.py has two connections to {ready.url}, and the transaction of the"
                " first is still open: the second would wait for it forever. Two binds"
                " with one URL are one database: configure it once, or do without"
                " env.py, as 'flask db init -t plain' does"
            )
