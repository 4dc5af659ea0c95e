"""Being told to stop while a revision runs: by Ctrl-C, or by who ends the process."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ..errors import Interrupted

# What a shell says of a process that a signal has ended.
_BY_SIGNAL = 128


class Terminated(KeyboardInterrupt):
    """SIGTERM came. Drivers treat it as Ctrl-C: they stop what the server does."""


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Have SIGTERM raise an error within the block, so that all is rolled back.

    Only where nobody else takes care of it, and signals can be heard at all: in the
    main thread.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated("terminated by SIGTERM")


def interrupted(stop: KeyboardInterrupt, what: str) -> Interrupted:
    """Return an interruption that says by what it came, and what it met."""
    by = str(stop) or "interrupted by Ctrl-C"
    return Interrupted(f"{by} {what}", status_of(stop))


def status_of(error: KeyboardInterrupt) -> int:
    """Return the exit status of a process that was told to stop."""
    stopped_by = signal.SIGTERM if isinstance(error, Terminated) else signal.SIGINT
    return _BY_SIGNAL + stopped_by
