"""What writes operations as SQL text, transactions and all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import nullcontext
from contextlib import suppress
from typing import cast

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect

from ..dialects.dialect import Dialect
from ..dialects.dialect import Statement
from ..errors import NeedsDatabase
from ..operations.base import Operation
from ..operations.rows import InsertRows
from ..operations.sql import ExecuteSql
from ..schema.to_sqlalchemy import NamingConvention
from .executor import DatabaseExecutor
from .offline import OfflineConnection


class TextExecutor:
    """Writes operations as SQL text; changes no database but a scratch one.

    :param scratch: an empty database in memory that follows along, for a dialect
        that has to look at what it made (SQLite).
    """

    offline = True

    def __init__(self, dialect: Dialect, scratch: DatabaseExecutor | None) -> None:
        self.dialect = dialect
        self.lines: list[str] = []
        self._begun = 0
        self._is_open = False
        self._scratch = scratch
        self._bind = OfflineConnection(dialect.sa_dialect, self.execute)

    @property
    def naming_convention(self) -> NamingConvention | None:
        return self.dialect.naming_convention

    @property
    def sa_dialect(self) -> SADialect:
        return self.dialect.sa_dialect

    @property
    def connection(self) -> sa.Connection:
        raise NeedsDatabase("op.get_bind()")

    @property
    def bind(self) -> sa.Connection:
        return cast(sa.Connection, self._bind)

    def execute(self, operation: Operation) -> None:
        connection = self._scratch.connection if self._scratch else None
        concerns_rows = isinstance(operation, (ExecuteSql, InsertRows))
        for statement in self.dialect.statements(operation, connection):
            # Without the rows that the real database has, a row may be refused here.
            with suppress(sa.exc.IntegrityError) if concerns_rows else nullcontext():
                self.run(statement)

    def run(self, statement: Statement) -> None:
        """Write one statement."""
        if statement.comment:
            self.comment(statement.comment)

        apart = self._is_open and not statement.transactional
        if apart:
            self._commit()
        self.write(self.dialect.text(statement))
        if apart:
            self._begin()
        if self._scratch is not None:
            self._scratch.run(statement)

    def write(self, text: str) -> None:
        """Write a statement that is text already."""
        self.lines.append(f"{self.dialect.ended(text)}\n")

    def comment(self, text: str) -> None:
        """Write a comment."""
        self.lines.append("\n".join(f"-- {line}" for line in text.splitlines()) + "\n")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write what begins and ends a transaction around the block."""
        self._begin()

        if self._scratch is None:
            yield
        else:
            with self._scratch.transaction():
                yield

        self._commit()

    @contextmanager
    def autocommit_block(self) -> Iterator[None]:
        """Write the block outside of a transaction."""
        self._commit()
        self._begun = len(self.lines)

        if self._scratch is None:
            yield
        else:
            with self._scratch.autocommit_block():
                yield

        self._prepare()
        self._begin()

    def _begin(self) -> None:
        self._begun = len(self.lines)
        self._is_open = True
        begin = self.dialect.begin_text()
        if begin:
            self.write(begin)

    def _commit(self) -> None:
        self._is_open = False
        self._prepare()
        commit = self.dialect.commit_text()
        if commit:
            self.write(commit)

    def _prepare(self) -> None:
        # What they need is known when all are written, and has to come first.
        needed = self.dialect.prelude_text(self.lines[self._begun :])
        if needed:
            self.lines.insert(self._begun, f"{self.dialect.ended(needed)}\n")
