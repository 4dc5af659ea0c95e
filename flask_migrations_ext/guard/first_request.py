"""What is done before an app serves its first request. Light: every app has it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from ..errors import StepFailed

Start = Callable[[str | None], None]


class StartFirst:
    """An app that starts before its first request is served, once in each process.

    Other requests wait meanwhile. What fails is tried again by the next one, but for a
    revision: that somebody has to look at first.

    :param serve: the app itself, by WSGI.
    :param start: what is to be done; takes how, or None for what is set.
    """

    def __init__(self, serve: Callable[..., Any], start: Start) -> None:
        self._serve = serve
        self._start = start
        self._lock = Lock()
        self._failure: StepFailed | None = None
        self._is_done = False

    def __call__(self, *request: Any) -> Any:
        if not self._is_done:
            self.now()
        return self._serve(*request)

    def now(self, how: str | None = None) -> None:
        """Do what is to be done, unless that has been done."""
        with self._lock:
            if self._is_done:
                return

            if self._failure is not None:
                raise self._failure.with_traceback(None)

            try:
                self._start(how)
            except StepFailed as error:
                self._failure = error
                raise
            self._is_done = True
