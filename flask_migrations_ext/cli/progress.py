"""A run at a terminal: the line of each revision ends in ``done (1.2 s)``.

In a pipe, lines are whole and plain; long work is shown at a terminal alone.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from ..execution.steps.progress import listening
from ..execution.steps.runnable import RunnableStep
from ..portion import Portion
from . import printing
from .terminal import tell

_PATIENCE = 1.0
"""Seconds after which work counts as long."""


class ProgressLines:
    """What is told of a run, on stderr.

    :param quiet: tell nothing.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._at_terminal = sys.stderr.isatty()
        self._draws = self._at_terminal and os.environ.get("TERM") != "dumb"
        self._is_open = False
        self._began = time.monotonic()
        self._bar: Any = None
        # What is told of an index comes from another thread.
        self._lock = threading.Lock()

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show what runs in the block."""
        try:
            with listening(self):
                yield
        finally:
            with self._lock:
                self._close()

    def announce(self, step: RunnableStep) -> None:
        """Say that a revision begins."""
        if self._quiet:
            return

        self._began = time.monotonic()
        text = f"{printing.where(step.database)}Running {step.verb} {step.title}"
        if not self._at_terminal:
            printing.message(text)
            return
        with self._lock:
            self._close()
            tell(f"{text} ... ", newline=False)
            self._is_open = True

    def say(self, text: str) -> None:
        """Say something else, on a line of its own."""
        if self._quiet:
            return
        with self._lock:
            self._close()
            printing.message(text)

    # -- what a run tells --------------------------------------------------

    def finished(self, step: RunnableStep, seconds: float) -> None:
        """Say that a revision is done, at a terminal."""
        if self._quiet or not self._at_terminal:
            return
        with self._lock:
            self._end_bar()
            indent = "" if self._is_open else "  "
            done = click.style("done", fg="green")
            tell(f"{indent}{done} ({seconds:.1f} s)")
            self._is_open = False

    def advanced(self, portion: Portion) -> None:
        """Show a bar for what takes long."""
        if self._quiet or not self._draws:
            return
        with self._lock:
            if self._bar is not None and self._bar.label != portion.what:
                self._end_bar()
            if self._bar is None and time.monotonic() - self._began >= _PATIENCE:
                self._close()
                self._bar = _bar(portion, self._began)
            if self._bar is not None:
                self._bar.update(portion.done - self._bar.pos, portion.unit)

    def _close(self) -> None:
        self._end_bar()
        if self._is_open:
            tell("")
            self._is_open = False

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None


def _bar(portion: Portion, began: float) -> Any:
    bar: Any = click.progressbar(
        length=portion.total,
        label=portion.what,
        show_pos=True,
        item_show_func=lambda unit: unit,
        width=24,
        file=sys.stderr,
    )
    # The time left is reckoned from where the work began, not from where it is shown.
    start = time.time() - (time.monotonic() - began)
    vars(bar).update(start=start, last_eta=start)
    return bar
