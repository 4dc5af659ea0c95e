"""Trying again what others held up: later, and not all at once."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from ...dialects.dialect import Dialect
from ...errors.failure import Failure

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 30.0
_PASSES = (Failure.LOCKED, Failure.DEADLOCK)


class Retries:
    """How often a run tries again, and for how long in all.

    :param seconds: from the first time that others were in the way.
    :param tell: is called with why, and in how many seconds it is tried again.
    """

    def __init__(
        self, dialect: Dialect, seconds: float, tell: Callable[[str], None]
    ) -> None:
        self._dialect = dialect
        self._seconds = seconds
        self._tell = tell
        self._until: float | None = None
        self._pause = _FIRST_PAUSE

    def waited(self, error: BaseException) -> bool:
        """Return whether a step is worth another try now, after a pause.

        Its transaction has to be rolled back: nothing is left of the first try.
        """
        if not passes(error, self._dialect):
            return False

        now = time.monotonic()
        if self._until is None:
            self._until = now + self._seconds
        left = self._until - now
        if left <= 0:
            return False

        # Two that met in a deadlock are not to meet again.
        pause = min(left, self._pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        self._tell(f"others use what it needs; trying again in {pause:.1f} s")
        time.sleep(pause)
        return True


def passes(error: BaseException, dialect: Dialect) -> bool:
    """Return whether others were in the way, and most likely will not be for long.

    Where a transaction keeps all others out, it has waited for them when it began.
    """
    return not dialect.locks_by_transaction and dialect.failure(error) in _PASSES
