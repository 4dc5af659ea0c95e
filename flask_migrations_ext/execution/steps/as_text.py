"""Steps as SQL text, for ``--sql``: nothing is run on a database."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager

from ...errors import StepFailed
from ...errors import StepInterrupted
from ...errors.caught import caught_as
from ..current import running
from ..failures import hint_for
from ..failures import is_our_bug
from ..failures import line_in
from ..failures import reason_of
from ..failures import statement_of
from ..history import VersionTable
from ..signals import status_of
from ..text_executor import TextExecutor
from .runnable import RunnableStep


def run_as_text(
    steps: Sequence[RunnableStep],
    executor: TextExecutor,
    versions: VersionTable,
    *,
    create_table: bool,
) -> None:
    """Write the steps as SQL text.

    :param create_table: whether the version table is to be created first.
    :raises StepFailed: if a script needs a live database.
    """
    if create_table:
        with executor.transaction():
            executor.run(versions.create())

    for step in steps:
        with executor.transaction():
            executor.comment(f"Running {step.verb} {step.title}")
            with _explained_as_text(step, executor), running(executor):
                step.run()
            write_move(executor, versions, step.before, step.heads)


def write_move(
    executor: TextExecutor,
    versions: VersionTable,
    before: Sequence[str],
    after: Sequence[str],
) -> None:
    """Write what moves the version table from one set of ids to another."""
    for change in versions.changes(before, after):
        executor.run(versions.statement(change))


@contextmanager
def _explained_as_text(step: RunnableStep, executor: TextExecutor) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        if is_our_bug(error, executor.sa_dialect):
            raise

        failure = StepFailed(
            revision=step.id,
            direction=step.verb,
            path=step.path,
            line=line_in(error, step.path) if step.path else None,
            reason=f"{reason_of(error)}{hint_for(error, executor.dialect, None)}",
            state="nothing was written, and no database was asked",
            sql=statement_of(error),
            database=step.database,
        )
        if isinstance(error, KeyboardInterrupt):
            raise StepInterrupted(failure, status_of(error)) from error
        raise caught_as(failure, error) from error
