"""The door of an app: in production it is open, and nothing of the page is loaded."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

from ..config import Settings

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def guarded(app: Any, inner: Wsgi) -> Wsgi:
    """Return the app with the page before it, which is there in debug mode only.

    :param inner: what answers the requests, ``app.wsgi_app``.
    """
    made: list[Wsgi] = []

    def door(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # Whether an app is debugged may be said after it has been made.
        if not app.debug or not _is_wanted(app):
            return inner(environ, start_response)

        if not made:
            from .page import DebugPage

            made.append(DebugPage(app, inner))
        return made[0](environ, start_response)

    return door


def _is_wanted(app: Any) -> bool:
    options = app.extensions["migrate"].configure_args
    said = options.get("debug_page", Settings.debug_page)
    return bool(app.config.get("MIGRATE_DEBUG_PAGE", said))
