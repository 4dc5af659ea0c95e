"""What happens to databases, told to those who listen: signals, as Flask has them.

Each is sent by the app. ``before_…`` may refuse: what it raises ends the command, and
nothing has begun. ``after_…`` comes when the thing is done and stays; what it raises is
logged, as nothing is to be undone for it. Where nobody listens, nothing is measured.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from blinker import NamedSignal
from blinker import Namespace

log = logging.getLogger("flask_migrations_ext")

_SIGNALS = Namespace()

before_revision = _SIGNALS.signal("before-revision")
"""``database``, ``step``: a revision is about to run."""

after_revision = _SIGNALS.signal("after-revision")
"""``database``, ``step``, ``duration`` in seconds: a revision ran, and is committed."""

before_upgrade = _SIGNALS.signal("before-upgrade")
"""``database``, ``url``: a database is about to be brought up to date."""

after_upgrade = _SIGNALS.signal("after-upgrade")
"""``database``, ``url``, ``run`` (a ``DatabaseRun``), ``duration``."""

before_downgrade = _SIGNALS.signal("before-downgrade")
"""``database``, ``url``: revisions of a database are about to be undone."""

after_downgrade = _SIGNALS.signal("after-downgrade")
"""``database``, ``url``, ``run`` (a ``DatabaseRun``), ``duration``."""

before_stamp = _SIGNALS.signal("before-stamp")
"""``database``, ``url``: a database is about to be said to be somewhere."""

after_stamp = _SIGNALS.signal("after-stamp")
"""``database``, ``url``, ``run`` (a ``DatabaseRun``), ``duration``."""

before_migrate = _SIGNALS.signal("before-migrate")
"""``message``: databases are about to be compared, to write a revision."""

after_migrate = _SIGNALS.signal("after-migrate")
"""``report`` (a ``RevisionReport``), ``duration``."""


class Told:
    """What a block of :func:`told` has to say at its end, by name."""

    def __init__(self) -> None:
        self.more: dict[str, Any] = {}


@contextmanager
def told(command: str, sender: Any, **facts: Any) -> Iterator[Told]:
    """Send ``before_<command>``, then, unless the block fails, ``after_<command>``.

    :param facts: what both tell; what the second tells besides is put into ``more``.
    """
    before = _SIGNALS[f"before-{command}"]
    after = _SIGNALS[f"after-{command}"]
    said = Told()
    if not (before.receivers or after.receivers):
        yield said
        return

    before.send(sender, **facts)
    start = perf_counter()
    yield said
    _tell(after, sender, {**facts, **said.more, "duration": perf_counter() - start})


class ToldRevisions:
    """Tells of each revision of a run: before it begins, and when it is there to stay.

    :param at_once: whether all are committed at the end, not each by itself.
    :param on_step: is called as well, with each step before it runs.
    """

    def __init__(
        self,
        sender: Any,
        database: str,
        at_once: bool,
        on_step: Callable[[Any], None] | None,
    ) -> None:
        self._sender = sender
        self._database = database
        self._at_once = at_once
        self._on_step = on_step
        self._is_heard = bool(before_revision.receivers or after_revision.receivers)
        self._start = 0.0
        self._ended: list[tuple[Any, float]] = []

    def begins(self, step: Any) -> None:
        """Tell that a step is about to run."""
        if self._on_step is not None:
            self._on_step(step)
        if not self._is_heard:
            return

        # That the next one begins tells that what was before it is committed.
        if not self._at_once:
            self.stays()
        try:
            before_revision.send(self._sender, database=self._database, step=step)
        except (OSError, UnicodeError) as error:
            # Those are what the runner passes over when a line cannot be written.
            raise RuntimeError(f"a receiver of 'before-revision': {error}") from error
        self._start = perf_counter()

    def ends(self, step: Any) -> None:
        """Note that a step has run, which may be undone still."""
        if self._is_heard:
            self._ended = [each for each in self._ended if each[0].id != step.id]
            self._ended.append((step, perf_counter() - self._start))

    def stays(self, only: Collection[str] | None = None) -> None:
        """Tell of the steps that ended: they are committed.

        :param only: the ids of those that are; None: all.
        """
        ended, self._ended = self._ended, []
        for step, duration in ended:
            if only is None or step.id in only:
                facts = {"database": self._database, "step": step, "duration": duration}
                _tell(after_revision, self._sender, facts)


def _tell(signal: NamedSignal, sender: Any, facts: dict[str, Any]) -> None:
    if signal.is_muted:
        return

    for receiver in signal.receivers_for(sender):
        try:
            receiver(sender, **facts)
        except Exception:
            log.exception("a receiver of the signal '%s' failed", signal.name)
