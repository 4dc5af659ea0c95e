"""``alembic.runtime.migration``: a database, seen from its migrations."""

from __future__ import annotations

import sys
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import replace
from typing import Any
from typing import cast

import sqlalchemy as sa

from ...commands.mover import move_by
from ...commands.moving import write_by
from ...config import Settings
from ...dialects.registry import dialect_for
from ...environment import Configured
from ...environment import current_environment
from ...errors import ConfigurationError
from ...errors import MultipleHeads
from ...errors import NoRunningMigration
from ...execution.current import running_executor
from ...execution.executor import DatabaseExecutor
from ...execution.executor import Executor
from ...execution.history import VersionTable
from ...execution.offline import OfflineConnection
from ...masking import shown_url
from ...operations import from_arguments
from ...operations.base import Operation
from ...revisions.graph import RevisionGraph
from ...revisions.plan import plan_stamp
from ...revisions.target import parse
from ..projects.compatibility import current_run
from ..projects.config import Config
from ..projects.names import in_place
from .ddl.databases import DefaultImpl
from .script.folder import ScriptDirectory
from .script.steps import MigrationStep
from .script.steps import plan_from
from .script.steps import RevisionStep
from .script.steps import stamps_in
from .script.steps import StampStep
from .script.version_step import MigrationInfo
from .writing import WritingExecutor

__all__ = [
    "MigrationContext",
    "MigrationInfo",
    "MigrationStep",
    "RevisionStep",
    "StampStep",
]

Function = Callable[[Any, Any], Any]


class MigrationContext:
    """What is known of a database, with or without a command that runs.

    :param connection: None when SQL text is written.
    :param opts: as ``context.configure()`` takes them.
    """

    def __init__(
        self,
        dialect: sa.Dialect,
        connection: sa.Connection | None,
        opts: Mapping[str, Any] | None = None,
        environment_context: Any = None,
        executor: Executor | None = None,
    ) -> None:
        self.dialect = dialect
        self.connection = connection
        self.opts = dict(opts or {})
        self.environment_context = environment_context
        self._executor = executor
        self._configured: Configured | None = None
        self._in_own_transaction = False
        self._is_callers = connection is not None and connection.in_transaction()
        self._migrations_fn: Function | None = self.opts.get("fn")
        self._versions = VersionTable(
            self.opts.get("version_table", "alembic_version"),
            self.opts.get("version_table_schema"),
            self.opts.get("version_table_pk", True),
        )

    # -- where they come from ----------------------------------------------

    @classmethod
    def configure(
        cls,
        connection: sa.Connection | None = None,
        url: str | sa.URL | None = None,
        dialect_name: str | None = None,
        dialect: sa.Dialect | None = None,
        environment_context: Any = None,
        dialect_opts: Mapping[str, Any] | None = None,
        opts: Mapping[str, Any] | None = None,
    ) -> MigrationContext:
        """Return the context of a connection, or of a kind of database.

        :raises ConfigurationError: if neither is given.
        """
        if connection is not None:
            executed = None if (opts or {}).get("as_sql") else connection
            return cls(connection.dialect, executed, opts, environment_context)

        if url is None and dialect_name is not None:
            url = f"{dialect_name}://"
        if url is not None:
            dialect = sa.make_url(url).get_dialect()()
        if dialect is None:
            raise ConfigurationError(
                "MigrationContext.configure() needs a connection, a url or a dialect"
            )

        return cls(dialect, None, {**(opts or {}), "as_sql": True}, environment_context)

    @classmethod
    def of(cls, configured: Configured) -> MigrationContext:
        """Return the context of the database that ``env.py`` has configured."""
        settings = configured.settings
        metadata: Any = configured.metadata
        made = cls(
            configured.dialect.sa_dialect,
            configured.connection,
            {
                **_options_set(settings),
                **run_options(),
                "version_table": settings.version_table,
                "version_table_schema": settings.version_table_schema,
                "version_table_pk": settings.version_table_pk,
                "target_metadata": _one_or_list(metadata),
            },
            executor=_running() if configured.connection is None else None,
        )
        made._configured = configured
        made._is_callers = configured.was_in_transaction
        return made

    @classmethod
    def of_executor(cls, executor: Executor) -> MigrationContext:
        """Return the context of the migration that runs."""
        connection = None if executor.offline else executor.connection
        return cls(executor.sa_dialect, connection, run_options(), executor=executor)

    # -- what is known -----------------------------------------------------

    @property
    def bind(self) -> sa.Connection:
        """The connection, or what writes in its place and has no rows."""
        if self.connection is not None:
            return self.connection

        return cast(sa.Connection, OfflineConnection(self.dialect, self._carry_out))

    @property
    def as_sql(self) -> bool:
        """Whether SQL text is written in place of changing a database."""
        return self.connection is None

    @property
    def config(self) -> Config:
        """The settings of the folder."""
        return current_run().config

    @property
    def script(self) -> ScriptDirectory:
        """The revisions of the folder."""
        return ScriptDirectory.from_config(self.config)

    @property
    def version_table(self) -> str:
        """The name of the version table."""
        return str(self._versions.table.name)

    @property
    def version_table_schema(self) -> str | None:
        """Its schema."""
        return self._versions.table.schema

    @property
    def impl(self) -> Any:
        """What is known of the kind of database, as far as plug-ins ask."""
        return DefaultImpl.of(self)

    def get_current_heads(self) -> tuple[str, ...]:
        """Return the ids in the version table; none if it is not there."""
        return self._versions.read(self.connection) if self.connection else ()

    def get_current_revision(self) -> str | None:
        """Return the one id in the version table.

        :raises MultipleHeads: if there are several.
        """
        found = self.get_current_heads()
        if len(found) > 1:
            raise MultipleHeads(found, "current")

        return found[0] if found else None

    # -- what it does ------------------------------------------------------

    def executor(self) -> Executor:
        """Return what carries out operations on this database."""
        if self._executor is not None:
            return self._executor

        dialect = dialect_for(self.dialect, self._convention())
        if self.connection is None:
            return WritingExecutor(dialect, self.write)

        return DatabaseExecutor(self.connection, dialect)

    def write(self, text: str) -> None:
        """Write text into the SQL text: that of the command, or one of its own."""
        buffer = self.opts.get("output_buffer")
        with suppress(NoRunningMigration):
            environment = current_environment("execute")
            if buffer is None or self._configured is not None:
                environment.write(text)
                return

        (buffer or sys.stdout).write(f"{text}\n")

    def _convention(self) -> Any:
        metadata = self.opts.get("target_metadata")
        several = metadata if isinstance(metadata, (list, tuple)) else [metadata]
        return next((each.naming_convention for each in several if each), None)

    def execute(
        self,
        sql: str | sa.Executable,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Execute a statement, or write it."""
        self._carry_out(
            from_arguments.execute(sql, execution_options=execution_options)
        )

    def _carry_out(self, operation: Operation) -> None:
        self.executor().execute(operation)

    @contextmanager
    def begin_transaction(self, _per_migration: bool = False) -> Iterator[None]:
        """Run the block in a transaction, if none is there."""
        executor = None if self._configured is not None else self.executor()
        if isinstance(executor, WritingExecutor):
            with executor.transaction():
                yield
            return

        if self.connection is None or self._is_callers or self._in_own_transaction:
            yield
            return

        # Reading where the database is has begun one.
        self.connection.commit()
        with self.connection.begin():
            self._in_own_transaction = True
            try:
                yield
            finally:
                self._in_own_transaction = False

    @property
    def is_idle(self) -> bool:
        """Whether there is a connection, and it is in no transaction."""
        return self.connection is not None and not self.connection.in_transaction()

    def autocommit_block(self) -> AbstractContextManager[None]:
        """Run a block outside of any transaction; what was done is committed first."""
        try:
            return running_executor("op.get_context").autocommit_block()
        except NoRunningMigration:
            return self.executor().autocommit_block()

    # Not documented there, and asked for all the same.

    @property
    def _version(self) -> sa.Table:
        return self._versions.table

    def _has_version_table(self) -> bool:
        return self.connection is not None and self._versions.exists(self.connection)

    def _ensure_version_table(self) -> None:
        connection = self.connection
        if connection is not None and not self._versions.exists(connection):
            executor = DatabaseExecutor(connection, dialect_for(self.dialect))
            executor.run(self._versions.create())

    # -- what it runs ------------------------------------------------------

    def run_migrations(self, **arguments: Any) -> None:
        """Run the steps that the function of the context returns.

        :param arguments: are passed on to ``upgrade`` and ``downgrade``.
        :raises ConfigurationError: if it has no function.
        """
        if self._migrations_fn is None:
            raise ConfigurationError(
                "this context has no function that returns steps; give it one with"
                " EnvironmentContext(config, script, fn=…), or opts={'fn': …}"
            )

        heads = self.get_current_heads()
        steps = list(self._migrations_fn(heads, self) or ())
        if steps:
            with in_place():
                self.run_steps(heads, steps, arguments)

    def run_steps(
        self, heads: tuple[str, ...], steps: Sequence[Any], arguments: dict[str, Any]
    ) -> None:
        """Run steps on the database, which is at these heads, or write them."""
        configured = self._ready(arguments)
        if stamps_in(steps):
            self._stamp(heads, steps, configured)
            return

        graph = self._graph(steps)
        plan = plan_from(graph, heads, steps)
        if configured.connection is None:
            write_by(configured, plan, graph)
        else:
            move_by(configured, plan)

    def _graph(self, steps: Sequence[Any]) -> RevisionGraph:
        known = [each.revision_map for each in steps if isinstance(each, RevisionStep)]
        return known[0].graph if known else self.script.graph

    def _ready(self, arguments: dict[str, Any]) -> Configured:
        if self._configured is not None:
            # A transaction may have been begun since then.
            begun = self._configured.was_in_transaction or self._in_own_transaction
            return replace(
                self._configured,
                was_in_transaction=begun,
                arguments={**self._configured.arguments, **arguments},
            )

        names = Settings.__dataclass_fields__.keys() & self.opts.keys()
        metadata: Any = self.opts.get("target_metadata") or ()
        connection = self.connection
        return Configured(
            bind_keys=(None,),
            url=shown_url(connection.engine.url) if connection else "",
            connection=connection,
            dialect=dialect_for(self.dialect, self._convention()),
            metadata=tuple(metadata) if _is_several(metadata) else (metadata,),
            settings=Settings(name_argument="engine_name").with_options(
                {name: self.opts[name] for name in names if self.opts[name] is not None}
            ),
            was_in_transaction=connection is not None and connection.in_transaction(),
            arguments=arguments,
        )

    def _stamp(
        self, heads: tuple[str, ...], steps: Sequence[Any], configured: Configured
    ) -> None:
        if self.connection is None:
            raise ConfigurationError("stamps of a context need a connection")

        executor = DatabaseExecutor(self.connection, configured.dialect)
        with executor.transaction():
            if not self._versions.exists(self.connection):
                executor.run(self._versions.create())
            at = heads
            for each in steps:
                after = each.moved(at)
                self._versions.move(self.connection, at, after)
                at = after

    def stamp(self, script_directory: Any, revision: str) -> None:
        """Say that the database is at a revision."""
        if self.connection is None:
            raise ConfigurationError("stamp() of a context needs a connection")

        plan = plan_stamp(
            script_directory.graph,
            self.get_current_heads(),
            [parse(revision or "base")],
        )
        executor = DatabaseExecutor(self.connection, dialect_for(self.dialect))
        with executor.transaction():
            if not self._versions.exists(self.connection):
                executor.run(self._versions.create())
            self._versions.move(self.connection, plan.start, plan.end)


def _running() -> Executor | None:
    try:
        return running_executor("context.get_context")
    except NoRunningMigration:
        return None


def _is_several(metadata: Any) -> bool:
    return isinstance(metadata, (list, tuple))


def _one_or_list(metadata: Sequence[sa.MetaData]) -> Any:
    # As most env.py files say it.
    if len(metadata) == 1:
        return metadata[0]

    return list(metadata) or None


def _options_set(settings: Settings) -> dict[str, Any]:
    """Return what an ``env.py`` would have said, where it is not Alembic's."""
    return {name: getattr(settings, name) for name in _SAID}


_SAID = (
    *("include_name", "include_object", "include_schemas", "render_item"),
    *("render_as_batch", "compare_type", "compare_server_default"),
    *("alembic_module_prefix", "sqlalchemy_module_prefix", "user_module_prefix"),
    *("upgrade_token", "downgrade_token", "template_args"),
)


def run_options() -> dict[str, Any]:
    """Return what ``env.py`` has passed to ``context.configure()``."""
    try:
        run = current_run()
    except LookupError:
        return {}

    # Without any, env.py has configured nothing: this is not Alembic's.
    return {**run.configured, "script": run.script} if run.configured else {}
