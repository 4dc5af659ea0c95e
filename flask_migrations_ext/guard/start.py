"""Where databases have to be before an app serves: brought there, or waited for.

Each host and each worker may ask at once: the lock lets one of them upgrade.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from ..commands.moving import upgrade
from ..commands.state import refuse_unknown
from ..commands.state import standing
from ..commands.state import wait
from ..config import OnStart
from ..config import Settings
from ..databases import databases_of
from ..dialects.registry import is_in_memory
from ..errors import FolderMissing
from ..errors import MigrationError
from ..errors import NotAtHead
from ..project import current_project

log = logging.getLogger("flask_migrations_ext")


def start(how: str) -> None:
    """Bring the databases of the app to all heads, or see that they are there.

    Without a migrations folder, a warning is logged and nothing done: an app that is
    new starts all the same.

    :param how: ``upgrade``, ``wait`` for another to do it, or ``check``.
    :raises UnknownOption: if it is none of these.
    :raises StillPending: if they are not there in time.
    :raises NotAtHead: if a check finds them elsewhere.
    :raises MigrationError: if it cannot be done.
    """
    chosen = Settings().with_options({"on_start": how}).on_start
    assert chosen is not None
    try:
        _STARTS[chosen]()
    except FolderMissing as missing:
        log.warning("nothing to %s at the start: %s", how, missing)
    finally:
        _leave_no_connection()


def _upgrade() -> None:
    if not standing().is_current:
        upgrade(revision="heads")


def _check() -> None:
    for each in standing().databases:
        refuse_unknown(each)
        if each.pending:
            raise NotAtHead(each.url, each.at, each.heads)


def _leave_no_connection() -> None:
    """Close what is open: a server may fork now, and no two processes may share one."""
    # An env.py may have databases of its own, in an app without any.
    with suppress(MigrationError):
        for each in databases_of(current_project()):
            if not (each.is_async or is_in_memory(each.engine.url)):
                each.engine.dispose()


_STARTS: dict[OnStart, Callable[[], object]] = {
    "upgrade": _upgrade,
    "wait": wait,
    "check": _check,
}
