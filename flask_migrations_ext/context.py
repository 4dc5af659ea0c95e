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
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import replace
from typing import Any
from typing import cast
from typing import TextIO

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect

from .config import Settings
from .dialects.dialect import Dialect
from .dialects.registry import dialect_for
from .environment import Configured
from .environment import current_environment
from .environment import Environment
from .environment import Metadata
from .errors import ConfigurationError
from .errors import NoMetadata
from .errors import NoSQLAlchemy
from .execution.database import Database
from .execution.database import place_of
from .execution.database import replaced_by
from .masking import shown_url
from .revisions.target import parse

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

        reached = target.looked_at() if environment.reading else target.connect()
        with reached as connection:
            _configure(environment, target, connection, options)
            yield
    finally:
        # What comes after the block would run on a closed connection.
        environment.ready = None


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
    as_sql: bool = False,
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
    :param as_sql: write SQL text, from base or ``starting_rev``, though the command
        would change the database of the connection.
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
        connection=None if environment.offline or as_sql else connection,
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
            if replaced_by(database.engine) is connection.engine:
                raise ConfigurationError(
                    "env.py connects as the app does, while MIGRATE_DATABASE_URI says"
                    " how migrations are to; let env.py use context.targets() and"
                    " context.configured(), as 'flask db adopt --write' does"
                )

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

    looks = environment.reading or environment.autogenerate
    if ready.connection is None and looks and not environment.offline:
        raise ConfigurationError(
            "env.py says as_sql, which writes SQL text, while this command has to look"
            " at the database; leave out as_sql for it"
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
