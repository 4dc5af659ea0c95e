"""``alembic.runtime.migration``: a database, seen from its migrations."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from ..context import Configured
from ..context import current_environment
from ..dialects.registry import dialect_for
from ..errors import ConfigurationError
from ..errors import MultipleHeads
from ..errors import NoRunningMigration
from ..execution.current import running_executor
from ..execution.executor import DatabaseExecutor
from ..execution.executor import Executor
from ..execution.executor import TextExecutor
from ..execution.history import VersionTable
from ..execution.runner import RunnableStep
from ..operations import from_arguments
from ..revisions.plan import plan_stamp
from .compatibility import current_run
from .config import Config
from .script import ScriptDirectory

__all__ = ["MigrationContext", "MigrationInfo"]


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
            return cls(connection.dialect, connection, opts, environment_context)

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
        return cls(
            configured.dialect.sa_dialect,
            configured.connection,
            {
                **_run_options(),
                "version_table": settings.version_table,
                "version_table_schema": settings.version_table_schema,
                "version_table_pk": settings.version_table_pk,
                "target_metadata": configured.metadata,
            },
        )

    @classmethod
    def of_executor(cls, executor: Executor) -> MigrationContext:
        """Return the context of the migration that runs."""
        connection = None if executor.offline else executor.connection
        return cls(executor.sa_dialect, connection, _run_options(), executor=executor)

    # -- what is known -----------------------------------------------------

    @property
    def bind(self) -> sa.Connection | None:
        """The connection; None when SQL text is written."""
        return self.connection

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
        """What little there is of Alembic's own idea of a database."""
        return SimpleNamespace(
            __dialect__=self.dialect.name,
            as_sql=self.as_sql,
            bind=self.connection,
            connection=self.connection,
            dialect=self.dialect,
            execute=self.execute,
            static_output=lambda text: current_environment("static_output").write(text),
            transactional_ddl=dialect_for(self.dialect).transactional_ddl,
        )

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
            return TextExecutor(dialect, None)

        return DatabaseExecutor(self.connection, dialect)

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
        executor = self.executor()
        executor.execute(from_arguments.execute(sql, execution_options))
        if isinstance(executor, TextExecutor) and self._executor is None:
            current_environment("execute").write("\n".join(executor.lines))

    @contextmanager
    def begin_transaction(self, _per_migration: bool = False) -> Iterator[None]:
        """Run the block in a transaction, if none is there."""
        if self.connection is None or self.connection.in_transaction():
            yield
            return

        with self.connection.begin():
            yield

    def autocommit_block(self) -> AbstractContextManager[None]:
        """Run a block outside of any transaction; what was done is committed first."""
        try:
            return running_executor("op.get_context").autocommit_block()
        except NoRunningMigration:
            return self.executor().autocommit_block()

    def stamp(self, script_directory: Any, revision: str) -> None:
        """Say that the database is at a revision."""
        if self.connection is None:
            raise ConfigurationError("stamp() of a context needs a connection")

        plan = plan_stamp(
            script_directory.graph, self.get_current_heads(), [revision or "base"]
        )
        executor = DatabaseExecutor(self.connection, dialect_for(self.dialect))
        with executor.transaction():
            if not self._versions.exists(self.connection):
                executor.run(self._versions.create())
            self._versions.move(self.connection, plan.start, plan.end)


def _run_options() -> dict[str, Any]:
    try:
        return dict(current_run().configured)
    except LookupError:
        return {}


@dataclass(frozen=True)
class MigrationInfo:
    """One step, for ``on_version_apply``."""

    is_upgrade: bool
    is_stamp: bool
    up_revision_id: str | None
    up_revision_ids: tuple[str, ...]
    down_revision_ids: tuple[str, ...]
    source_revision_ids: tuple[str, ...]
    destination_revision_ids: tuple[str, ...]

    @property
    def is_migration(self) -> bool:
        """Whether a revision runs."""
        return not self.is_stamp

    @classmethod
    def of(cls, step: RunnableStep) -> MigrationInfo:
        """Return a step of ours as such."""
        return cls(
            is_upgrade=step.verb != "downgrade",
            is_stamp=step.verb == "stamp",
            up_revision_id=step.id,
            up_revision_ids=(step.id,),
            down_revision_ids=step.parents,
            source_revision_ids=step.before,
            destination_revision_ids=step.heads,
        )
