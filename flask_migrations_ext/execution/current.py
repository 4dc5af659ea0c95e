"""Which executor carries out what ``op`` says, in this thread or task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import contextmanager
from contextvars import ContextVar

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect

from ..errors import NoRunningMigration
from ..operations.base import Operation
from ..schema.to_sqlalchemy import NamingConvention
from .executor import Executor

_running: ContextVar[Executor] = ContextVar("flask_migrations_ext.executor")


def running_executor(asked_by: str) -> Executor:
    """Return the executor of the migration that runs.

    :param asked_by: what to name in the error, such as ``op.add_column``.
    :raises NoRunningMigration: if none runs.
    """
    try:
        return _running.get()
    except LookupError:
        raise NoRunningMigration(asked_by) from None


@contextmanager
def running(executor: Executor) -> Iterator[Executor]:
    """Let ``op`` speak to this executor within the block."""
    token = _running.set(executor)
    try:
        yield executor
    finally:
        _running.reset(token)


class LoadingExecutor:
    """Stands for the executor while scripts are imported: it carries out nothing.

    Some ask at their top for the name of the database, or its dialect. To change
    anything there is too early: no transaction has begun, and others come first.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self.offline = executor.offline

    @property
    def naming_convention(self) -> NamingConvention | None:
        return self._executor.naming_convention

    @property
    def sa_dialect(self) -> SADialect:
        return self._executor.sa_dialect

    @property
    def connection(self) -> sa.Connection:
        return self._executor.connection

    @property
    def bind(self) -> sa.Connection:
        return self._executor.bind

    def execute(self, operation: Operation) -> None:
        """Refuse the operation.

        :raises NoRunningMigration: always.
        """
        raise NoRunningMigration(f"op.{operation.verb}")

    def autocommit_block(self) -> AbstractContextManager[None]:
        """Refuse the block.

        :raises NoRunningMigration: always.
        """
        raise NoRunningMigration("autocommit_block()")
