"""Commands that move databases: upgrade, downgrade, stamp, ensure-version."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

import sqlalchemy as sa

from ..environment import Configured
from ..errors import ConfigurationError
from ..execution.executor import DatabaseExecutor
from ..execution.history import VersionTable
from ..execution.journal.table import JournalTable
from ..execution.runner import run_online
from ..execution.steps.as_text import run_as_text
from ..execution.steps.as_text import write_move
from ..execution.steps.runnable import RunnableStep
from ..execution.text_executor import TextExecutor
from ..record.keeping import forget_others
from ..revisions.graph import RevisionGraph
from ..revisions.plan import Plan
from ..revisions.plan import plan_downgrade
from ..revisions.plan import plan_stamp
from ..revisions.plan import plan_upgrade
from ..revisions.plan import Stamp
from ..revisions.resolve import resolve
from ..revisions.target import BASE
from ..revisions.target import parse
from ..revisions.target import parse_sql
from ..revisions.target import Range
from ..revisions.target import Target
from ..signals import told
from .locking import database_lock
from .locking import OnWait
from .locking import waiting_for
from .mover import Mover
from .mover import OnStep
from .mover import Patience
from .mover import tell
from .planning.consent import Consent
from .planning.consent import OnDanger
from .reports import DatabaseRun
from .reports import RunReport
from .runnable import runnable
from .running import known_heads
from .running import run
from .running import version_table
from .session import Binds
from .session import Directory
from .session import open_project
from .session import ProjectSession
from .session import several
from .session import XArguments


def upgrade(
    directory: Directory = None,
    revision: str = "head",
    sql: bool = False,
    tag: str | None = None,
    x_arg: XArguments = None,
    *,
    bind: Binds = None,
    on_step: OnStep | None = None,
    wait: float | None = None,
    on_wait: OnWait | None = None,
    lock_timeout: float | None = None,
    statement_timeout: float | None = None,
    on_hold_up: OnWait | None = None,
    yes_i_mean: str | Sequence[str] | None = None,
    on_danger: OnDanger | None = None,
) -> RunReport:
    """Apply revisions up to a target; return what was applied.

    :param revision: ``head``, ``heads``, an id, ``+2``, ``branch@head``; with
        ``sql`` also a range ``from:to``.
    :param sql: return SQL text, and touch no database.
    :param bind: the name of one database, or of several; none: all. ``default`` is the
        default one.
    :param on_step: is called with each step before it runs.
    :param wait: for how many seconds another process may hold the lock.
    :param on_wait: is called with who holds it, if it has to be waited for.
    :param lock_timeout: for how many seconds a statement may wait for others.
    :param statement_timeout: how many seconds a statement may take.
    :param on_hold_up: is called with who holds up a revision, and that it is tried
        again.
    :param yes_i_mean: the names of protected databases that may lose something.
    :param on_danger: is called with what one would lose, and returns its name if that
        is meant.
    :raises MigrationError: if it cannot be done.
    """
    patience = Patience(lock_timeout, statement_timeout, on_hold_up)
    asked = _asked(revision, sql)
    consent = Consent(several(yes_i_mean), on_danger)
    mover = Mover("upgrade", plan_upgrade, on_step, wait, on_wait, patience, consent)
    return _move(directory, asked, mover, sql, tag, x_arg, bind)


def downgrade(
    directory: Directory = None,
    revision: str = "-1",
    sql: bool = False,
    tag: str | None = None,
    x_arg: XArguments = None,
    *,
    bind: Binds = None,
    on_step: OnStep | None = None,
    wait: float | None = None,
    on_wait: OnWait | None = None,
    lock_timeout: float | None = None,
    statement_timeout: float | None = None,
    on_hold_up: OnWait | None = None,
    yes_i_mean: str | Sequence[str] | None = None,
    on_danger: OnDanger | None = None,
) -> RunReport:
    """Undo revisions down to a target; return what was undone.

    :param revision: ``-1``, ``base``, an id; with ``sql`` a range ``from:to``, or
        ``-1``, which then counts from head.
    :param sql: return SQL text, and touch no database.
    :param bind: the name of one database, or of several; none: all. ``default`` is the
        default one.
    :param on_step: is called with each step before it runs.
    :param wait: for how many seconds another process may hold the lock.
    :param on_wait: is called with who holds it, if it has to be waited for.
    :param lock_timeout: for how many seconds a statement may wait for others.
    :param statement_timeout: how many seconds a statement may take.
    :param on_hold_up: is called with who holds up a revision, and that it is tried
        again.
    :param yes_i_mean: the names of protected databases that may lose something.
    :param on_danger: is called with what one would lose, and returns its name if that
        is meant.
    :raises MigrationError: if it cannot be done.
    """
    patience = Patience(lock_timeout, statement_timeout, on_hold_up)
    asked = _asked(revision, sql, backwards=True)
    consent = Consent(several(yes_i_mean), on_danger)
    mover = Mover(
        "downgrade", plan_downgrade, on_step, wait, on_wait, patience, consent
    )
    return _move(directory, asked, mover, sql, tag, x_arg, bind)


def _asked(text: str, sql: bool, *, backwards: bool = False) -> Range:
    if sql:
        return parse_sql(text, backwards=backwards)

    return Range(text, BASE, parse(text))


def _move(
    directory: Directory,
    asked: Range,
    mover: Mover,
    sql: bool,
    tag: str | None,
    x_arg: XArguments,
    bind: Binds,
) -> RunReport:
    session = open_project(directory)
    mover = replace(mover, sender=session.project.app)
    start = resolve(session.graph, asked.start)
    runs: list[DatabaseRun] = []
    parts: list[str] = []

    def work(configured: Configured) -> None:
        graph = session.graph
        if configured.connection is None:
            at = _configured_start(graph, configured, start)
            write_by(configured, mover.planner(graph, at, asked.end), graph)
        else:
            runs.append(mover.move(configured, graph, asked.end))

    run(
        session,
        work,
        offline=sql,
        x_arg=x_arg,
        tag=tag,
        start=asked.start,
        targets=[asked.end],
        bind=bind,
        output=parts,
        runs=runs,
    )

    return RunReport(
        tuple(runs),
        "\n".join(parts) if sql or parts else None,
        session.graph.effective_heads,
    )


def write_by(configured: Configured, plan: Plan, graph: RevisionGraph) -> None:
    """Write the SQL text of a plan, for the database that is configured."""
    unwritten = TextExecutor(configured.dialect, None)
    steps = runnable(plan, configured, unwritten)
    versions = version_table(configured)

    with ExitStack() as stack:
        connection = stack.enter_context(configured.dialect.scratch())
        scratch = None
        if connection is not None:
            scratch = DatabaseExecutor(connection, configured.dialect, scratch=True)
            _replay(plan.start, graph, configured, scratch)
        executor = TextExecutor(configured.dialect, scratch)
        run_as_text(steps, executor, versions, create_table=not plan.start)

    text = "\n".join(executor.lines)
    configured.write(f"{_heading(configured)}{text}")


def _replay(
    start: Sequence[str],
    graph: RevisionGraph,
    configured: Configured,
    scratch: DatabaseExecutor,
) -> None:
    # What the text will find: the state that the range starts from.
    at: tuple[str, ...] = ()
    for head in start:
        plan = plan_upgrade(graph, at, Target(head, place=head))
        steps = runnable(plan, configured, scratch)
        run_online(steps, scratch, version_table(configured))
        at = plan.end


def _heading(configured: Configured) -> str:
    return f"-- database {configured.title}\n\n" if configured.title else ""


def _configured_start(
    graph: RevisionGraph, configured: Configured, typed: tuple[str, ...]
) -> tuple[str, ...]:
    wanted = configured.starting_rev
    return graph.tips(typed if wanted is None else resolve(graph, wanted))


def stamp(
    directory: Directory = None,
    revision: str | Sequence[str] = "head",
    sql: bool = False,
    tag: str | None = None,
    purge: bool = False,
    *,
    x_arg: XArguments = None,
    bind: Binds = None,
    wait: float | None = None,
    on_wait: OnWait | None = None,
) -> RunReport:
    """Say that databases are at a revision, and run nothing.

    :param revision: one target or several.
    :param purge: delete what the version table holds, whatever it is, first.
    :param bind: the name of one database, or of several; none: all. ``default`` is the
        default one.
    :param wait: for how many seconds another process may hold the lock.
    :param on_wait: is called with who holds it, if it has to be waited for.
    :raises MigrationError: if it cannot be done.
    """
    session = open_project(directory)
    start, targets = _stamped_from(several(revision), sql)
    if sql and purge:
        raise ConfigurationError(
            "--purge empties the version table of a database, whatever it holds, which"
            " cannot be written as SQL text; leave out --purge or --sql"
        )

    runs: list[DatabaseRun] = []
    parts: list[str] = []

    def work(configured: Configured) -> None:
        if configured.connection is None:
            text = _stamp_text(session.graph, configured, start, targets)
            configured.write(f"{_heading(configured)}{text}")
        else:
            waiting = waiting_for(configured, "stamp", wait, on_wait)
            facts = {"database": configured.title, "url": configured.url}
            with told("stamp", session.project.app, **facts) as said:
                with database_lock(configured, waiting):
                    stamped = _stamp_database(session, configured, targets, purge)
                said.more["run"] = stamped
            runs.append(stamped)

    run(
        session,
        work,
        offline=sql,
        x_arg=x_arg,
        tag=tag,
        start=start,
        targets=targets,
        bind=bind,
        output=parts,
        runs=runs,
    )

    return RunReport(
        tuple(runs),
        "\n".join(parts) if sql or parts else None,
        session.graph.effective_heads,
    )


def _stamp_database(
    session: ProjectSession,
    configured: Configured,
    targets: Sequence[Target],
    purge: bool,
) -> DatabaseRun:
    connection = configured.connection
    assert connection is not None
    versions = version_table(configured)
    heads = (
        versions.read(connection) if purge else known_heads(configured, session.graph)
    )
    plan = plan_stamp(session.graph, heads, targets, purge=purge)
    versions.check_width(connection, plan.end)
    if not configured.was_in_transaction:
        connection.rollback()

    executor = DatabaseExecutor(connection, configured.dialect)
    with executor.transaction():
        if not versions.exists(connection):
            executor.run(versions.create())
        if purge:
            executor.run(versions.clear())
        versions.move(connection, () if purge else plan.start, plan.end)
        forget_others(configured, session.graph, plan.end)
        _forget_half_done(connection, versions)
        if plan.start != plan.end:
            tell(configured, _stamped(plan))

    return DatabaseRun(configured.title, configured.url, plan.start, plan.end)


def _forget_half_done(connection: sa.Connection, versions: VersionTable) -> None:
    """Take the word of a person for where the database is, not the journal's."""
    journal = JournalTable(versions.name)
    if journal.exists(connection):
        journal.forget(connection)


def _stamped(plan: Stamp) -> RunnableStep:
    ends = (", ".join(plan.start), ", ".join(plan.end))
    return RunnableStep(
        id=ends[1],
        verb="stamp",
        title=" -> ".join(each or "<base>" for each in ends),
        path=None,
        before=plan.start,
        heads=plan.end,
        run=lambda: None,
    )


def _stamped_from(texts: Sequence[str], sql: bool) -> tuple[Target, list[Target]]:
    if sql and len(texts) == 1:
        asked = parse_sql(texts[0])
        return asked.start, [asked.end]

    return BASE, [parse(each) for each in texts]


def _stamp_text(
    graph: RevisionGraph,
    configured: Configured,
    start: Target,
    targets: Sequence[Target],
) -> str:
    at = _configured_start(graph, configured, resolve(graph, start))
    plan = plan_stamp(graph, at, targets)
    versions = version_table(configured)
    executor = TextExecutor(configured.dialect, None)
    with executor.transaction():
        if not at:
            executor.run(versions.create())
        write_move(executor, versions, plan.start, plan.end)

    return "\n".join(executor.lines)


def ensure_version(
    directory: Directory = None,
    sql: bool = False,
    *,
    x_arg: XArguments = None,
    bind: Binds = None,
    wait: float | None = None,
    on_wait: OnWait | None = None,
) -> RunReport:
    """Create the version table where it is not there, empty.

    :param bind: the name of one database, or of several; none: all. ``default`` is the
        default one.
    :param wait: for how many seconds another process may hold the lock.
    :param on_wait: is called with who holds it, if it has to be waited for.
    """
    session = open_project(directory)
    runs: list[DatabaseRun] = []
    parts: list[str] = []

    def work(configured: Configured) -> None:
        versions = version_table(configured)
        if configured.connection is None:
            executor = TextExecutor(configured.dialect, None)
            executor.run(versions.create())
            text = "\n".join(executor.lines)
            configured.write(f"{_heading(configured)}{text}")
            return

        waiting = waiting_for(configured, "ensure-version", wait, on_wait)
        with database_lock(configured, waiting):
            runs.append(_with_version_table(configured, configured.connection))

    run(session, work, offline=sql, x_arg=x_arg, bind=bind, output=parts, runs=runs)

    return RunReport(tuple(runs), "\n".join(parts) if sql or parts else None)


def _with_version_table(
    configured: Configured, connection: sa.Connection
) -> DatabaseRun:
    versions = version_table(configured)
    at = versions.read(connection)
    missing = not versions.exists(connection)
    # Reading has begun a transaction, which is not the caller's.
    if not configured.was_in_transaction:
        connection.rollback()
    executor = DatabaseExecutor(connection, configured.dialect)
    if missing:
        with executor.transaction():
            executor.run(versions.create())

    return DatabaseRun(configured.title, configured.url, at, at)
