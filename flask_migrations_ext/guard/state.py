"""What an app in debug mode lacks: revisions that are pending, or not written yet."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ..autogenerate.questions.question import Question
from ..commands.planning.plan import planned_upgrade
from ..commands.planning.report import DatabasePlan
from ..commands.reading import graph
from ..commands.session import open_project
from ..commands.state import current
from ..commands.writing import check
from ..errors import CannotConnect
from ..errors import DifferencesFound
from ..errors import MigrationError


@dataclass(frozen=True)
class Lack:
    """Why an app cannot be shown as it should be.

    :param plans: what would run on the databases that lack revisions.
    :param differences: what the models have, and no revision has.
    :param error: what a command would say in place of a plan.
    :param picture: the history as SVG; None if it cannot be drawn.
    :param questions: what has to be known before a revision can be written.
    :param answers: what was answered already.
    """

    plans: tuple[DatabasePlan, ...] = ()
    differences: tuple[str, ...] = ()
    error: str | None = None
    picture: str | None = None
    pending: int = 0
    questions: tuple[Question, ...] = ()
    answers: tuple[str, ...] = ()

    @property
    def has_branches(self) -> bool:
        """Whether a plain ``upgrade`` would ask which head is meant."""
        return any(len(each.after) > 1 for each in self.plans)

    @property
    def signature(self) -> str:
        """What is the same as long as the app lacks the same."""
        ids = [step.id for each in self.plans for step in each.steps]
        text = repr((ids, self.differences, self.error, self.pending))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Watch:
    """Looks whether revisions are pending: once, and then when a folder changes.

    What it cannot find out is no reason to stop a request.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._folders: tuple[Path, ...] = ()
        self._complete_at: tuple[int, ...] | None = None

    def pending(self) -> Lack | None:
        """Return what is pending; if nothing is, it takes one look at a folder."""
        if self._folders and self._stamps() == self._complete_at:
            return None

        with self._app.app_context():
            try:
                return self._look()
            except Exception:
                return None

    def explanation(self, error: BaseException) -> Lack | None:
        """Return what the app lacks if that may be why a database refused something."""
        if not _is_of_database(error):
            return None

        self._complete_at = None
        with self._app.app_context():
            try:
                return self._look() or _differences()
            except CannotConnect as unreachable:
                return Lack(error=str(unreachable))
            except Exception:
                return None

    def forget(self) -> None:
        """Look again, whatever the folders are like."""
        self._complete_at = None

    def _look(self) -> Lack | None:
        folder = open_project().folder
        self._folders = tuple(folder.locations)
        stamps = self._stamps()
        # Where a database holds what no file has, it is not for us to judge.
        pending = sum(each.pending or 0 for each in current())
        if not pending:
            self._complete_at = stamps
            return None

        return _told(pending)

    def _stamps(self) -> tuple[int, ...]:
        return tuple(_changed_at(folder) for folder in self._folders)


def _told(pending: int) -> Lack:
    picture = _picture()
    try:
        report = planned_upgrade(revision="heads")
    except MigrationError as error:
        return Lack(error=str(error), picture=picture, pending=pending)

    plans = tuple(each for each in report.databases if each.steps)
    return Lack(plans=plans, picture=picture, pending=pending)


def _picture() -> str | None:
    try:
        return graph(format="svg")
    except MigrationError:
        return None


def _differences() -> Lack | None:
    try:
        check()
    except DifferencesFound as error:
        return Lack(differences=(*error.differences, *error.by_hand))
    except MigrationError:
        pass

    return None


def _changed_at(folder: Path) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return 0


def _is_of_database(error: BaseException) -> bool:
    return any(isinstance(each, sa.exc.DBAPIError) for each in _chain(error))


def _chain(error: BaseException | None) -> Iterable[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
