"""Runs that are killed at a chosen point, as ``kill -9`` does it.

The points are those at which a statement is about to be sent to the database, or has
just been executed there, ours among them, and those before a COMMIT. The run is a child
of this process, made by fork: that is quicker than to start an app a hundred times.
"""

from __future__ import annotations

import os
import signal
import warnings
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.apps import Project

FAILED = 3


def points_of(project: Project, *arguments: str) -> int:
    """Run a command to its end; return how many points it came by."""
    path = project.folder / "points"
    assert _forked(project, arguments, 0, path) == 0
    return int(path.read_text())


def is_killed_at(point: int, project: Project, *arguments: str) -> bool:
    """Run a command that dies at a point; return whether it came that far."""
    status = _forked(project, arguments, point, None)
    assert status in (-signal.SIGKILL, 0), status
    return status != 0


def _forked(
    project: Project, arguments: tuple[str, ...], point: int, report: Path | None
) -> int:
    with warnings.catch_warnings():
        # Threads of the test runner do not matter to the child: it only runs this.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _run_and_exit(project, arguments, point, report)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _run_and_exit(
    project: Project, arguments: tuple[str, ...], point: int, report: Path | None
) -> None:
    status = FAILED
    try:
        passed = 0

        def count(*arguments: Any) -> None:
            nonlocal passed
            passed += 1
            if passed == point:
                os.kill(os.getpid(), signal.SIGKILL)

        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            sa.event.listen(sa.Engine, name, count)
        ran = project.run(*arguments)
        if report is not None:
            report.write_text(str(passed))
        if ran.status:
            os.write(2, ran.err.encode())
        status = FAILED if ran.status else 0
    finally:
        # Nothing of the test runner's own is for the child to end.
        os._exit(status)
