"""``alembic.context``: what an ``env.py`` written for Alembic calls."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from functools import wraps
from typing import Any

import sqlalchemy as sa

from .. import context as ours
from ..context import begin_transaction
from ..context import current_environment
from ..context import get_tag_argument
from ..context import get_x_argument
from ..context import is_offline_mode
from ..context import run_migrations
from ..errors import ConfigurationError
from ..errors import NoRunningMigration
from ..revisions.target import parse
from ..revisions.target import split_range
from .compatibility import current_run
from .migration import MigrationContext
from .migration import MigrationInfo
from .script import ScriptDirectory

__all__ = [
    "begin_transaction",
    "configure",
    "execute",
    "get_bind",
    "get_context",
    "get_head_revision",
    "get_head_revisions",
    "get_impl",
    "get_revision_argument",
    "get_starting_revision_argument",
    "get_tag_argument",
    "get_x_argument",
    "is_offline_mode",
    "is_transactional_ddl",
    "requires_connection",
    "run_migrations",
    "static_output",
]

# Their first argument is a MigrationContext there.
_WITH_CONTEXT = (
    "process_revision_directives",
    "compare_type",
    "compare_server_default",
)


def __getattr__(name: str) -> Any:
    # They are there only while a command runs: modules ask with hasattr().
    if name in ("config", "script"):
        try:
            config = current_run().config
        except (LookupError, NoRunningMigration):
            raise AttributeError(name) from None
        return config if name == "config" else ScriptDirectory.from_config(config)

    raise AttributeError(name)


def configure(
    connection: sa.Connection | None = None,
    url: str | sa.URL | None = None,
    dialect_name: str | None = None,
    **options: Any,
) -> None:
    """Say what the next ``run_migrations()`` runs on, as our ``configure`` does."""
    current_run().configured = dict(options)
    for name in _WITH_CONTEXT:
        if callable(options.get(name)):
            options[name] = _with_migration_context(options[name])

    if "on_version_apply" in options:
        options["on_version_apply"] = _with_step(options["on_version_apply"])

    # What Alembic takes and leaves out is as good as not said.
    for name in [each for each, value in options.items() if value is None]:
        del options[name]

    ours.configure(connection=connection, url=url, dialect_name=dialect_name, **options)


def _with_migration_context(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def call(configured: Any, *arguments: Any, **keywords: Any) -> Any:
        return function(MigrationContext.of(configured), *arguments, **keywords)

    return call


def _with_step(functions: Any) -> Any:
    several = (functions,) if callable(functions) else tuple(functions or ())

    def told(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def call(*, ctx: Any, step: Any, **keywords: Any) -> None:
            function(
                ctx=MigrationContext.of(ctx), step=MigrationInfo.of(step), **keywords
            )

        return call

    return tuple(told(function) for function in several)


# -- what is configured ----------------------------------------------------


def get_context() -> MigrationContext:
    """Return what is known of the database that is configured.

    :raises ConfigurationError: if none is.
    """
    ready = current_environment("get_context").ready
    if ready is None:
        raise ConfigurationError(
            "context.get_context() needs a database; call context.configure() first"
        )

    return MigrationContext.of(ready)


def get_bind() -> sa.Connection | None:
    """Return the connection; None when SQL text is written."""
    return get_context().bind


def get_impl() -> Any:
    """Return what little there is of Alembic's own idea of a database."""
    return get_context().impl


def is_transactional_ddl() -> bool:
    """Return whether changes of tables can be rolled back."""
    return bool(get_impl().transactional_ddl)


def requires_connection() -> bool:
    """Return whether a database is changed, not SQL text written."""
    return not is_offline_mode()


def execute(
    sql: str | sa.Executable, execution_options: Mapping[str, Any] | None = None
) -> None:
    """Execute a statement on the database, or write it."""
    get_context().execute(sql, execution_options)


def static_output(text: str) -> None:
    """Write text into the SQL text."""
    current_environment("static_output").write(text)


# -- what was typed --------------------------------------------------------


def get_head_revision() -> str | None:
    """Return the id of the one head.

    :raises MultipleHeads: if there are several.
    """
    found = current_environment("get_head_revision").located("head")
    return found[0] if found else None


def get_head_revisions() -> tuple[str, ...]:
    """Return the ids of the heads."""
    return current_environment("get_head_revisions").located("heads")


def get_starting_revision_argument() -> str | tuple[str, ...] | None:
    """Return where the database is, or where the SQL text starts."""
    environment = current_environment("get_starting_revision_argument")
    if environment.ready is not None and not environment.offline:
        return _shortest(get_context().get_current_heads())

    typed = environment.revision or ""
    return _shortest(_located(split_range(typed)[0])) if ":" in typed else None


def get_revision_argument() -> str | tuple[str, ...] | None:
    """Return the target of the command, as ids where it names some."""
    typed = current_environment("get_revision_argument").revision
    if typed is None:
        return None

    end = split_range(typed)[1] if ":" in typed else typed
    return _shortest(_located(end))


def _located(target: str) -> tuple[str, ...]:
    environment = current_environment("get_revision_argument")
    if parse(target).from_database and not environment.offline:
        return (target,)

    return environment.located(target)


def _shortest(ids: tuple[str, ...]) -> str | tuple[str, ...] | None:
    return ids if len(ids) > 1 else ids[0] if ids else None
