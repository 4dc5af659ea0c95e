"""Which executor carries out what ``op`` says, in this thread or task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ..errors import NoRunningMigration
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
