"""How far a run is: what is told of it while it goes on, to whoever listens.

The listener is a context variable, like the running executor: neither what runs nor
what waits has to hand it on.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from contextvars import ContextVar
from typing import Protocol

import sqlalchemy as sa

from ...dialects.dialect import Dialect
from ...dialects.dialect import Statement
from ...portion import Portion
from .runnable import RunnableStep


class Listener(Protocol):
    """Is told how far a run is. What it raises stops nothing."""

    def finished(self, step: RunnableStep, seconds: float) -> None:
        """Hear that a revision is done, and how long it took."""

    def advanced(self, portion: Portion) -> None:
        """Hear how much of a long statement is done; perhaps from another thread."""


_listener: ContextVar[Listener | None] = ContextVar(
    "flask_migrations_ext.progress", default=None
)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tell a listener how far the runs of the block are."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def advancing(
    dialect: Dialect, connection: sa.Connection, statement: Statement
) -> Iterator[None]:
    """Tell how far a statement is that runs in the block, if anybody listens."""
    listener = _listener.get()
    if listener is None:
        yield
        return

    def tell(portion: Portion) -> None:
        with suppress(Exception):
            listener.advanced(portion)

    with dialect.advancing(connection, statement, tell):
        yield


class Clock:
    """Measures revisions, and tells when each is done."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}

    def start(self, step: RunnableStep) -> None:
        """Note that a revision begins; what it began again counts from the first."""
        self._began.setdefault(step.id, time.monotonic())

    def stop(self, step: RunnableStep) -> None:
        """Tell how long a revision took."""
        listener = _listener.get()
        if listener is not None:
            began = self._began.get(step.id, time.monotonic())
            with suppress(Exception):
                listener.finished(step, time.monotonic() - began)
