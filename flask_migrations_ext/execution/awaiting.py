"""Coroutines within a migration, where the app's driver is an asynchronous one."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from ..errors import UnsupportedOperation


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
        raise UnsupportedOperation(
            "SQLAlchemy",
            "run a coroutine without greenlet",
            "install it: pip install 'sqlalchemy[asyncio]'",
        ) from error

    proxy: Any = AsyncConnection._retrieve_proxy_for_target(connection)
    return await_only(function(proxy, *arguments, **keywords))
