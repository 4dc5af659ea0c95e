"""What scripts may ask for while they are imported: what they will run on.

Some ask at their top for the database's name, or its dialect. To change anything there
is too early: no transaction has begun, and other scripts come first.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect

from ..errors import NoRunningMigration
from ..operations.base import Operation
from ..schema.to_sqlalchemy import NamingConvention
from .executor import Executor


class LoadingExecutor:
    """Knows what the executor of the run knows, and carries out nothing."""

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
