"""How a plan looks: what would run, in words, what destroys in red."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..commands.planning.plan import planned_downgrade
from ..commands.planning.plan import planned_upgrade
from ..commands.planning.report import DatabasePlan
from ..commands.planning.report import PlannedOperation
from ..commands.planning.report import PlannedStep
from . import printing
from .terminal import fitted

_PLANS = {"upgrade": planned_upgrade, "downgrade": planned_downgrade}


def print_plan(
    verb: str,
    directory: str | None,
    revision: str,
    x_arg: tuple[str, ...],
    *,
    bind: tuple[str, ...],
    sql: bool,
    **others: Any,
) -> None:
    """Print what would run on each database, its statements too if they are wanted."""
    report = _PLANS[verb](directory, revision, x_arg=x_arg, bind=bind)
    for each in report.databases:
        for line in _database(each, verb, report.heads, with_sql=sql):
            printing.result(line)
    if report.pending:
        printing.message(f"Nothing was changed; 'flask db {verb}' does it.")


def _database(
    plan: DatabasePlan, verb: str, heads: tuple[str, ...], *, with_sql: bool
) -> Iterator[str]:
    prefix = printing.where(plan.title)
    if not plan.steps:
        yield printing.nothing_to_move(plan.title, plan.after, verb, heads)
        return

    for step in plan.steps:
        yield f"{prefix}Would run {step.verb} {step.title}"
        yield from _step(step, with_sql=with_sql)


def _step(step: PlannedStep, *, with_sql: bool) -> Iterator[str]:
    if not step.operations and step.stops is None:
        yield "  nothing"
    for operation in step.operations:
        yield from _operation(operation, with_sql=with_sql)
    if step.stops is not None:
        yield fitted(step.stops, "  ", fg="yellow")


def _operation(operation: PlannedOperation, *, with_sql: bool) -> Iterator[str]:
    yield fitted(operation.text, "  ", fg="red" if operation.destroys else None)
    for effect in operation.destroys:
        yield fitted(f"destroys {effect}", "    ", fg="red", bold=True)
    for effect in operation.copies:
        yield fitted(str(effect), "    ")
    for effect in operation.blocks:
        yield fitted(f"blocks: {effect}", "    ", fg="yellow")
    if not operation.complete:
        yield fitted("its statements are known only when it runs", "    ")
    for statement in operation.sql if with_sql else ():
        yield "\n".join(f"      {line}" for line in statement.splitlines())
