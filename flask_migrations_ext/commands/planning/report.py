"""A plan as values: what would run, what it would destroy, who would wait."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...wording import roughly


@dataclass(frozen=True)
class Effect:
    """Something to know before an operation runs.

    :param rows: about how many rows it concerns; None if that is not known.
    """

    words: str
    rows: int | None = None

    def __str__(self) -> str:
        return self.words + (
            f" ({roughly(self.rows, 'row')})" if self.rows is not None else ""
        )


@dataclass(frozen=True)
class PlannedOperation:
    """An operation that a revision would carry out.

    :param text: what it does, in words.
    :param sql: its statements, as far as they are the same whatever the rows are.
    :param destroys: what cannot be had back afterwards.
    :param copies: the tables whose rows are copied into a new one.
    :param blocks: who waits while it runs through all rows of a table.
    :param complete: whether its statements are known before it runs.
    """

    text: str
    sql: tuple[str, ...] = ()
    destroys: tuple[Effect, ...] = ()
    copies: tuple[Effect, ...] = ()
    blocks: tuple[Effect, ...] = ()
    complete: bool = True


@dataclass(frozen=True)
class PlannedStep:
    """A revision that would run.

    :param stops: why the rest of it cannot be told; None if all is told.
    """

    id: str
    verb: str
    title: str
    message: str
    path: Path | None
    operations: tuple[PlannedOperation, ...] = ()
    stops: str | None = None

    @property
    def destroys(self) -> bool:
        return any(each.destroys for each in self.operations)


@dataclass(frozen=True)
class DatabasePlan:
    """What would run on one database.

    :param title: its bind keys; empty for the default database.
    """

    title: str
    url: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    steps: tuple[PlannedStep, ...] = ()


@dataclass(frozen=True)
class PlanReport:
    """What would run.

    :param heads: what a database holds that has all revisions.
    """

    databases: tuple[DatabasePlan, ...] = ()
    heads: tuple[str, ...] = ()

    @property
    def destroys(self) -> bool:
        return any(step.destroys for each in self.databases for step in each.steps)

    @property
    def pending(self) -> int:
        """How many revisions would run, on all databases together."""
        return sum(len(each.steps) for each in self.databases)
