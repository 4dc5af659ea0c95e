"""Coroutines within a migration, where the app's driver is an asynchronous one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from ..errors import UnsupportedOperation


def in_event_loop(function: Callable[[], None]) -> None:
    """Call a function that uses connections of asynchronous drivers.

    :raises UnsupportedOperation: if an event loop runs already, which would have to
        wait for itself, or greenlet is not installed.
    """
    try:
        from sqlalchemy.util import greenlet_spawn
    except ImportError as error:
        raise _without_greenlet("use an asynchronous driver") from error

    if _loop_runs():
        raise UnsupportedOperation(
            "an asynchronous driver",
            "be waited for within the event loop that would have to go on meanwhile",
            "call this in a thread: await asyncio.to_thread(upgrade)",
        )

    async def run() -> None:
        await greenlet_spawn(function)

    asyncio.run(run())


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _without_greenlet(what: str) -> UnsupportedOperation:
    return UnsupportedOperation(
        "SQLAlchemy",
        f"{what} without greenlet",
        "install it: pip install 'sqlalchemy[asyncio]'",
    )


def awaited(
    connection: sa.Connection,
    function: Callable[..., Awaitable[Any]],
    *arguments: Any,
    **keywords: Any,
) -> Any:
    """Return what a coroutine function returns, given the connection as its first.

    :raises UnsupportedOperation: if the driver is not asynchronous, or greenlet, which
        SQLAlchemy goes from one world into the other with, is not installed.
    """
    if not connection.dialect.is_async:
        raise UnsupportedOperation(
            f"the driver '{connection.dialect.driver}'",
            "run a coroutine: it is not an asynchronous one",
            "call a plain function with op.get_bind()",
        )

    # Only here: an app without an asynchronous driver may have no greenlet.
    try:
        from sqlalchemy.ext.asyncio import AsyncConnection
        from sqlalchemy.util import await_only
    except ImportError as error:
        raise _without_greenlet("run a coroutine") from error

    proxy: Any = AsyncConnection._retrieve_proxy_for_target(connection)
    return await_only(function(proxy, *arguments, **keywords))
