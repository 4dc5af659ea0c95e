"""Up, down, up at every revision of a history, without rows and with them.

At each, first with no rows but those that the history itself inserts: up, and down has
to leave what was there before. Then with rows made for the tables that it touches and
those around them: up, down, up again. All that is found is told; a revision after one
that failed begins on new databases.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import ExitStack
from dataclasses import dataclass
from dataclasses import field

import sqlalchemy as sa

from ..errors import MigrationError
from ..errors import StepFailed
from ..rehearsal.migrator import Migrator
from ..rehearsal.rows.around import around
from ..rehearsal.rows.around import words_on
from ..rehearsal.rows.kept import all_rows
from ..rehearsal.rows.kept import losses
from ..rehearsal.rows.kept import put_back
from ..rehearsal.rows.kept import Rows
from ..rehearsal.rows.kept import written_on
from ..rehearsal.rows.maker import Given
from ..rehearsal.rows.maker import RowMaker
from ..rehearsal.snapshots import Snapshot
from ..revisions.plan import Direction
from ..schema.model import TableName

UP, DOWN = Direction.UPGRADE, Direction.DOWNGRADE


@dataclass
class Turns:
    """What was found on the way.

    :param findings: each with its revision, and where it is about rows, table and key.
    :param unfilled: by table, why there were no rows in it, and at which revisions.
    :param irreversible: revisions that say that they cannot be undone.
    """

    findings: list[str] = field(default_factory=list)
    unfilled: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    irreversible: list[str] = field(default_factory=list)


def turn_all(migrator: Migrator, given: Given | None = None) -> Turns:
    """Turn at every revision, oldest first; return what was found.

    :param given: values for columns that take what nobody guesses.
    """
    return _Turner(migrator, given or {}).run()


Snapshots = tuple[Snapshot, ...]


class _Failed(Exception):
    """A turn cannot go on; what it is about is told."""


class _Turner:
    def __init__(self, migrator: Migrator, given: Given) -> None:
        self._migrator = migrator
        self._given = given
        self._turns = Turns()
        self._revision = ""
        # What the last turn has left, and what this one is about, on each database.
        self._now: Snapshots | None = None
        self._about: list[frozenset[TableName]] = []

    def run(self) -> Turns:
        done: list[str] = []
        todo = list(self._migrator.revisions)
        while todo:
            with self._new_databases(done) as usable:
                if not usable:
                    break
                while todo:
                    self._revision = todo.pop(0)
                    done.append(self._revision)
                    try:
                        self._turn()
                    except _Failed:
                        break
        return self._turns

    @contextmanager
    def _new_databases(self, done: Sequence[str]) -> Iterator[bool]:
        """Yield whether new databases could be brought past what is done."""
        self._now = None
        with self._migrator.on_new_databases():
            yield self._brought_past(done)

    def _brought_past(self, done: Sequence[str]) -> bool:
        try:
            for each in done:
                self._migrator.step(each, UP)
        except MigrationError as error:
            self._tell(f"upgrade from nothing: {error}")
            return False
        return True

    def _tell(self, text: str) -> None:
        finding = f"revision '{self._revision}', {text}"
        if finding not in self._turns.findings:
            self._turns.findings.append(finding)

    # -- one revision ------------------------------------------------------

    def _turn(self) -> None:
        start = self._now or self._migrator.snapshots()
        with ExitStack() as stack:
            heard = [stack.enter_context(words_on(each)) for each in self._engines()]
            self._step(UP, "upgrade")
            end = self._now = self._migrator.snapshots()
            seeded = self._rows(end, every=True)
            if not self._undone():
                return

        self._about = list(map(around, start, end, heard))
        self._compare_all(self._migrator.snapshots(), start)
        self._fill(start, end)
        up = self._moved(UP, "upgrade with rows", start)
        self._fill(up, start, only_empty=True)
        down = self._moved(DOWN, "downgrade with rows", up)
        self._compare(down, start, "downgrade with rows leaves a trace")
        again = self._moved(UP, "upgrade after a downgrade, with rows", down)
        self._compare(again, end, "the second upgrade makes another schema")
        self._put_back(again, seeded)
        self._now = again

    def _compare_all(self, found: Snapshots, wanted: Snapshots) -> None:
        if not self._compare(found, wanted, "downgrade leaves a trace"):
            raise _Failed

    def _undone(self) -> bool:
        """Undo the revision; return False if it says that it cannot be undone."""
        try:
            self._migrator.step(self._revision, DOWN)
        except StepFailed as error:
            if isinstance(error.__cause__, NotImplementedError):
                self._turns.irreversible.append(self._revision)
                return False
            self._tell(f"downgrade: {error}")
            raise _Failed from error
        except MigrationError as error:
            self._tell(f"downgrade: {error}")
            raise _Failed from error
        return True

    def _step(self, direction: Direction, what: str) -> None:
        try:
            self._migrator.step(self._revision, direction)
        except MigrationError as error:
            self._tell(f"{what}: {error}")
            raise _Failed from error

    def _moved(self, direction: Direction, what: str, before: Snapshots) -> Snapshots:
        """Move with rows, tell of those that are gone, return what is there then."""
        rows = self._rows(before)
        with ExitStack() as stack:
            written = [
                stack.enter_context(written_on(each)) for each in self._engines()
            ]
            self._step(direction, what)
        after = self._migrator.snapshots()
        olds = zip(before, rows, strict=True)
        news = zip(after, self._rows(after), strict=True)
        for old, new, said in zip(olds, news, written, strict=True):
            for loss in losses(old, new, said):
                self._tell(f"{what}: {loss}")
        return after

    def _compare(self, found: Snapshots, wanted: Snapshots, what: str) -> bool:
        """Return whether the databases look as they should; tell of what does not."""
        is_same = True
        for here, there in zip(found, wanted, strict=True):
            for line in here.differences(there):
                self._tell(f"{what}; to be as it was: {line}")
                is_same = False
        return is_same

    # -- rows --------------------------------------------------------------

    def _engines(self) -> list[sa.Engine]:
        return [each.engine for each in self._migrator.scratch.databases]

    def _rows(self, now: Snapshots, *, every: bool = False) -> list[Rows]:
        """Return the rows that the turn is about, or all."""
        found = []
        for place, (engine, snapshot) in enumerate(
            zip(self._engines(), now, strict=True)
        ):
            only = None if every else self._about[place]
            with engine.connect() as connection:
                found.append(all_rows(connection, snapshot, only))
        return found

    def _fill(self, now: Snapshots, other: Snapshots, only_empty: bool = False) -> None:
        for engine, here, there, about in zip(
            self._engines(), now, other, self._about, strict=True
        ):
            with engine.connect() as connection:
                made = RowMaker(connection, here, there, self._given)
                for table, reason in made.fill(about, only_empty).items():
                    _, revisions = self._turns.unfilled.setdefault(table, (reason, []))
                    if self._revision not in revisions:
                        revisions.append(self._revision)

    def _put_back(self, now: Snapshots, seeded: list[Rows]) -> None:
        """Leave the rows that the history itself has inserted, and no others."""
        for engine, snapshot, rows, about in zip(
            self._engines(), now, seeded, self._about, strict=True
        ):
            try:
                with engine.begin() as connection:
                    put_back(connection, snapshot, rows, about)
            except sa.exc.SQLAlchemyError as error:
                # Rows that point to each other in a circle: new databases will do.
                raise _Failed from error
