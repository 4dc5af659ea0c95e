"""What ``upgrade`` and ``downgrade`` would do to each database, and at what price.

Nothing is changed: revisions run against an executor that writes down what they say.
What a script asks its database cannot be told beforehand; there the telling stops.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import sqlalchemy as sa

from ...environment import Configured
from ...errors import NeedsDatabase
from ...execution.current import running
from ...execution.database import replaced_by
from ...execution.failures import reason_of
from ...execution.steps.runnable import RunnableStep
from ...revisions.graph import RevisionGraph
from ...revisions.plan import Plan
from ...revisions.plan import plan_downgrade
from ...revisions.plan import plan_upgrade
from ...revisions.target import parse
from ...revisions.target import Target
from ...schema.model import TableName
from ..runnable import runnable
from ..running import known_heads
from ..running import run
from ..session import Binds
from ..session import Directory
from ..session import open_project
from ..session import XArguments
from .recording import Recorded
from .recording import recording
from .recording import RecordingExecutor
from .recording import untouched
from .report import DatabasePlan
from .report import Effect
from .report import PlannedOperation
from .report import PlannedStep
from .report import PlanReport

Planner = Callable[[RevisionGraph, Sequence[str], Target], Plan]


def planned_upgrade(
    directory: Directory = None,
    revision: str = "head",
    *,
    x_arg: XArguments = None,
    bind: Binds = None,
) -> PlanReport:
    """Return what :func:`upgrade` would do, and change nothing.

    :param revision: what ``upgrade`` takes.
    :param bind: the name of one database, or of several; none: all.
    :raises MigrationError: if a database or a script cannot be read.
    """
    return _planned(directory, parse(revision), plan_upgrade, x_arg, bind)


def planned_downgrade(
    directory: Directory = None,
    revision: str = "-1",
    *,
    x_arg: XArguments = None,
    bind: Binds = None,
) -> PlanReport:
    """Return what :func:`downgrade` would do, and change nothing.

    :param revision: what ``downgrade`` takes.
    :param bind: the name of one database, or of several; none: all.
    :raises MigrationError: if a database or a script cannot be read.
    """
    return _planned(directory, parse(revision), plan_downgrade, x_arg, bind)


def _planned(
    directory: Directory,
    target: Target,
    planner: Planner,
    x_arg: XArguments,
    bind: Binds,
) -> PlanReport:
    session = open_project(directory)
    found: list[DatabasePlan] = []

    def work(configured: Configured) -> None:
        graph = session.graph
        plan = planner(graph, known_heads(configured, graph), target)
        steps = planned_steps(plan, configured) if plan.steps else ()
        found.append(
            DatabasePlan(configured.title, configured.url, plan.start, plan.end, steps)
        )

    run(session, work, reading=True, x_arg=x_arg, targets=[target], bind=bind)
    return PlanReport(tuple(found), session.graph.effective_heads)


def planned_steps(plan: Plan, configured: Configured) -> tuple[PlannedStep, ...]:
    """Return what the steps of a plan would do to the database that is configured."""
    connection = configured.connection
    assert connection is not None
    dialect = configured.dialect
    # A session of the app would be joined to it, and change it.
    apart = replace(configured, connection=None)
    app_engine = replaced_by(connection.engine)
    engines = [connection.engine, *([app_engine] if app_engine else [])]
    with recording(dialect, connection) as executor:
        told = [
            _told(step, executor, engines) for step in runnable(plan, apart, executor)
        ]
    # All are told before a database is asked, which a script must not do meanwhile.
    rows = _Rows(partial(dialect.rows_about, connection))
    steps = tuple(_priced(step, recorded, why, rows) for step, recorded, why in told)
    if not configured.was_in_transaction:
        connection.rollback()

    return steps


Told = tuple[RunnableStep, list[Recorded], str | None]


def _told(
    step: RunnableStep, executor: RecordingExecutor, engines: Sequence[sa.Engine]
) -> Told:
    """Return what a step says, and why it does not say more."""
    stops = None
    executor.taken()
    with executor.transaction():
        try:
            with untouched(engines), running(executor):
                step.run()
        except NeedsDatabase as error:
            stops = f"the rest depends on what is in the database: {error.what}"
        except (Exception, SystemExit) as error:
            # The run itself would tell it better, or has what this one lacks.
            stops = f"the rest cannot be told without running it: {reason_of(error)}"

    return step, executor.taken(), stops


class _Rows:
    """About how many rows tables have, each asked for once."""

    def __init__(self, ask: Callable[[TableName], int | None]) -> None:
        self._ask = ask
        self._known: dict[TableName, int | None] = {}

    def of(self, table: TableName | None) -> int | None:
        if table is None:
            return None
        if table not in self._known:
            self._known[table] = self._ask(table)

        return self._known[table]


def _priced(
    step: RunnableStep, recorded: Iterable[Recorded], stops: str | None, rows: _Rows
) -> PlannedStep:
    return PlannedStep(
        id=step.id,
        verb=step.verb,
        title=step.title,
        message=step.title.partition(", ")[2],
        path=step.path,
        operations=tuple(_operation(each, rows) for each in recorded),
        stops=stops,
    )


def _operation(recorded: Recorded, rows: _Rows) -> PlannedOperation:
    return PlannedOperation(
        text=recorded.text,
        sql=tuple(recorded.sql),
        destroys=tuple(
            Effect(loss.words, rows.of(loss.table)) for loss in recorded.losses
        ),
        copies=tuple(
            Effect(f"rebuild table {table}", rows.of(TableName(table)))
            for table in recorded.copies
        ),
        blocks=tuple(Effect(words) for words in recorded.blocks),
        complete=recorded.complete,
    )
