"""``alembic.context``: what an ``env.py`` written for Alembic calls."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from ... import context as ours
from ...context import begin_transaction
from ...context import get_tag_argument
from ...context import get_x_argument
from ...context import is_offline_mode
from ...context import run_migrations
from ...environment import current_environment
from ...errors import ConfigurationError
from ...errors import NoRunningMigration
from ...revisions.target import HEAD
from ...revisions.target import HEADS
from ...revisions.target import Target
from .compatibility import current_run
from .compatibility import with_shown_to
from .on_demand import later
from .on_demand import tool

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

log = logging.getLogger("flask_migrations_ext")

_SHOWN = {
    "compare_server_default": "with_migration_context",
    "compare_type": "with_migration_context",
    "on_version_apply": "with_step",
    "process_revision_directives": "with_directives",
    "render_item": "with_autogen_context",
}
"""Functions of an ``env.py``, and what shows them Alembic's objects, not ours."""


def __getattr__(name: str) -> Any:
    # They are there only while a command runs: modules ask with hasattr().
    if name in ("config", "script"):
        try:
            run = current_run()
            config = run.config
        except (LookupError, NoRunningMigration):
            raise AttributeError(name) from None
        if name == "config":
            return config
        return run.script

    raise AttributeError(name)


_IN_ORDER = (
    *("connection", "url", "dialect_name", "dialect_opts", "transactional_ddl"),
    *("transaction_per_migration", "output_buffer", "starting_rev", "tag"),
    *("template_args", "render_as_batch", "target_metadata", "include_name"),
    *("include_object", "include_schemas", "process_revision_directives"),
    *("compare_type", "compare_server_default", "render_item", "literal_binds"),
    *("upgrade_token", "downgrade_token", "alembic_module_prefix"),
    *("sqlalchemy_module_prefix", "user_module_prefix", "on_version_apply"),
    "autogenerate_plugins",
)


def configure(*arguments: Any, **options: Any) -> None:
    """Say what the next ``run_migrations()`` runs on, as our ``configure`` does.

    :param arguments: the first of Alembic's parameters, in its order.
    """
    options.update(zip(_IN_ORDER, arguments, strict=False))
    connection = options.pop("connection", None)
    url, dialect_name = options.pop("url", None), options.pop("dialect_name", None)
    _warn_of_another_file(connection)
    current_run().configured = {**_told(), **options}
    directives = with_shown_to(options.get("process_revision_directives"))
    if directives is not None:
        options["process_revision_directives"] = directives
    environment = current_environment("configure")
    is_writing = environment.autogenerate or environment.new is not None
    if connection is not None and is_writing:
        options = tool("callbacks").with_plugins(options, connection.dialect)
    configured: list[Any] = []
    told = current_run().configured, configured
    for name, maker in _SHOWN.items():
        options[name] = _later(maker, options.get(name), told)

    # What Alembic takes and leaves out is as good as not said.
    for name in [each for each, value in options.items() if value is None]:
        del options[name]

    ours.configure(connection=connection, url=url, dialect_name=dialect_name, **options)
    configured.append(environment.ready)


def _later(maker: str, given: Any, told: tuple[Any, ...]) -> Any:
    if isinstance(given, (list, tuple)):
        return tuple(_later(maker, each, told) for each in given)

    return later("callbacks", maker, given, *told) if callable(given) else given


def _warn_of_another_file(connection: Any) -> None:
    """Tell of an ``env.py`` that takes the URL from ``app.config``, as older ones do.

    A relative path starts from the working directory there, and from the app's
    instance folder where Flask-SQLAlchemy reads it.
    """
    engine = getattr(connection, "engine", None)
    relative = engine.url.database if engine is not None else None
    if not relative or Path(relative).is_absolute():
        return

    with suppress(ConfigurationError):
        for database in current_environment("configure").databases:
            used = database.engine.url.database or ""
            if used.endswith(f"{os.sep}{relative}") and not _same(used, relative):
                log.warning(
                    "env.py migrates %s, while the app uses %s: it makes an engine from"
                    " the URL in app.config, whose path starts from the working"
                    " directory then. Let it take the engine of the app:"
                    " current_app.extensions['migrate'].db.engine",
                    *(Path(relative).absolute(), used),
                )


def _same(one: str, other: str) -> bool:
    return Path(one).resolve() == Path(other).resolve()


def _told() -> dict[str, Any]:
    """Return what the command says, as it stands among the options there."""
    environment = current_environment("configure")
    writing = SimpleNamespace(
        command_args={"autogenerate": environment.autogenerate},
        generated_revisions=[environment.new],
    )
    return {
        "as_sql": environment.offline,
        "destination_rev": " ".join(map(str, environment.targets)) or None,
        "dont_mutate": environment.reading,
        "tag": environment.tag,
        "template_args": dict(environment.settings.template_args or {}),
        **({} if environment.new is None else {"revision_context": writing}),
    }


# -- what is configured ----------------------------------------------------


def get_context() -> Any:
    """Return what is known of the database that is configured.

    :raises ConfigurationError: if none is.
    """
    ready = current_environment("get_context").ready
    if ready is None:
        raise ConfigurationError(
            "context.get_context() needs a database; call context.configure() first"
        )

    return tool("migration").MigrationContext.of(ready)


def get_bind() -> sa.Connection:
    """Return the connection, or what writes in its place and has no rows."""
    bind: sa.Connection = get_context().bind
    return bind


def get_impl() -> Any:
    """Return what little there is of Alembic's own idea of a database."""
    return get_context().impl


def is_transactional_ddl() -> bool:
    """Return whether changes of tables can be rolled back."""
    said = get_context().opts.get("transactional_ddl")
    return bool(get_impl().transactional_ddl) if said is None else bool(said)


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
    found = current_environment("get_head_revision").located(HEAD)
    return found[0] if found else None


def get_head_revisions() -> tuple[str, ...]:
    """Return the ids of the heads."""
    return current_environment("get_head_revisions").located(HEADS)


def get_starting_revision_argument() -> str | tuple[str, ...] | None:
    """Return where the database is, or where the SQL text starts."""
    environment = current_environment("get_starting_revision_argument")
    if environment.ready is not None and not environment.offline:
        return _shortest(get_context().get_current_heads())

    return _shortest(_located(environment.start)) if environment.start else None


def get_revision_argument() -> str | tuple[str, ...] | None:
    """Return the target of the command, as ids where it names some."""
    targets = current_environment("get_revision_argument").targets
    return _shortest(tuple(id for each in targets for id in _located(each)))


def _located(target: Target) -> tuple[str, ...]:
    environment = current_environment("get_revision_argument")
    if target.from_database and not environment.offline:
        return (target.text,)

    return environment.located(target)


def _shortest(ids: tuple[str, ...]) -> str | tuple[str, ...] | None:
    return ids if len(ids) > 1 else ids[0] if ids else None
