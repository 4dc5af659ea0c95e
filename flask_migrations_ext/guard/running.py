"""Runs what was asked for on the page, in a thread, and yields what happens as lines.

A browser that goes away stops nothing, nor does a reload of the server: the thread is
one that a process waits for.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..commands.moving import upgrade
from ..commands.reports import RunReport
from ..errors import MigrationError
from ..errors import StepInterrupted
from ..execution.steps.progress import listening
from ..execution.steps.runnable import RunnableStep
from ..portion import Portion
from ..wording import counted
from ..wording import said_by


@dataclass(frozen=True)
class Line:
    """Something that happened: a ``step``, ``done``, a ``note``, the ``error``."""

    kind: str
    text: str


class _Teller:
    """Puts what a run tells into a queue."""

    def __init__(self, lines: queue.SimpleQueue[Line | None]) -> None:
        self._lines = lines
        self._last = -1

    def announce(self, step: RunnableStep) -> None:
        database = f"[{step.database}] " if step.database else ""
        self._put("step", f"{database}Running {step.verb} {step.title}")

    def wait(self, holder: str) -> None:
        self._put("note", f"Waiting: the database is being migrated by {holder}")

    def finished(self, step: RunnableStep, seconds: float) -> None:
        self._put("done", f"done ({seconds:.1f} s)")

    def advanced(self, portion: Portion) -> None:
        # A line for each tenth is enough to see that it goes on.
        tenth = portion.done * 10 // max(portion.total, 1)
        if tenth != self._last:
            self._last = tenth
            self._put("note", f"{portion.what}: {tenth * 10} % of {portion.total:,}")

    def _put(self, kind: str, text: str) -> None:
        self._lines.put(Line(kind, text))


def run(app: Any, turn: threading.Lock) -> Iterator[Line]:
    """Upgrade all databases of the app; yield what happens.

    :param turn: is held meanwhile; who comes second finds nothing to do.
    """
    lines: queue.SimpleQueue[Line | None] = queue.SimpleQueue()
    # From here on it runs to its end, whoever listens.
    threading.Thread(target=_work, args=(app, turn, lines), daemon=False).start()
    while (line := lines.get()) is not None:
        yield line


def _work(
    app: Any, turn: threading.Lock, lines: queue.SimpleQueue[Line | None]
) -> None:
    teller = _Teller(lines)
    try:
        if not turn.acquire(blocking=False):
            lines.put(Line("note", "Waiting: another tab runs them already"))
            turn.acquire()
        try:
            with app.app_context(), listening(teller):
                report = upgrade(
                    revision="heads", on_step=teller.announce, on_wait=teller.wait
                )
        finally:
            turn.release()
        lines.put(Line("end", _summary(report)))
    except (MigrationError, StepInterrupted) as error:
        lines.put(Line("error", str(error)))
    except BaseException as error:
        lines.put(Line("error", said_by(error)))
    finally:
        lines.put(None)


def _summary(report: RunReport) -> str:
    number = sum(len(each.steps) for each in report.databases)
    return f"{counted(number, 'revision')} applied." if number else "Nothing to do."
