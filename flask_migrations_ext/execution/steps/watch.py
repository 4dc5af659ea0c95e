"""Who holds a migration up, said while it waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress

import sqlalchemy as sa

from ...dialects.lock import SessionLimits
from ..executor import DatabaseExecutor
from ..lock import session_of_its_own

PATIENCE = 3.0
"""After how many seconds of one statement it is asked who holds it up."""

_PAUSE = 0.5


@contextmanager
def watched(executor: DatabaseExecutor, tell: Callable[[str], None]) -> Iterator[None]:
    """Tell within the block who holds up a statement that takes long, once for each.

    From a thread, as the one that waits can say nothing. Where the server does not
    know, or may not say, nothing is told.
    """
    connection = executor.connection
    kind = executor.dialect.session_limits
    session = None
    # What an asynchronous driver has opened is of no use outside of its event loop.
    if kind.blockers is not SessionLimits.blockers and not connection.dialect.is_async:
        session = executor.limits.session()
    if session is None:
        yield
        return

    over = threading.Event()
    watch = threading.Thread(
        target=_watch,
        args=(executor, session, tell, over),
        name="flask-migrations-ext watch",
        daemon=True,
    )
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()


def _watch(
    executor: DatabaseExecutor,
    session: int,
    tell: Callable[[str], None],
    over: threading.Event,
) -> None:
    told: float | None = None
    while not over.wait(_PAUSE):
        since = executor.waits_since
        if since is None or since == told or time.monotonic() - since < PATIENCE:
            continue

        with suppress(Exception):
            # It may have no right to ask, or no connection may be left.
            found = _blockers(executor, session)
            if found and executor.waits_since == since:
                tell(f"held up by {'; '.join(found)}")
        told = since


def _blockers(executor: DatabaseExecutor, session: int) -> list[str]:
    engine: sa.Engine = executor.connection.engine
    with session_of_its_own(engine, "") as other:
        return list(executor.dialect.session_limits.blockers(other, session))
