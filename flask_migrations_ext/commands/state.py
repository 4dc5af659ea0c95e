"""Where databases stand: for ``current``, ``status`` and ``wait``."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Sequence

from ..environment import Configured
from ..errors import CannotConnect
from ..errors import NotAtHead
from ..errors import StillPending
from ..execution.lock import pauses
from ..project import current_project
from ..record.keeping import Changes
from ..record.keeping import changes_of
from ..revisions.plan import missing
from ..wording import counted
from .repairing.repair import half_done_in
from .reports import DatabaseState
from .reports import DatabaseStatus
from .reports import RevisionStatus
from .reports import StatusReport
from .running import check_known
from .running import known_heads
from .running import run
from .running import unknown_revision
from .running import version_table
from .session import Binds
from .session import Directory
from .session import open_project
from .session import ProjectSession
from .session import XArguments


def current(
    directory: Directory = None,
    verbose: bool = False,
    check_heads: bool = False,
    *,
    x_arg: XArguments = None,
    bind: Binds = None,
) -> tuple[DatabaseState, ...]:
    """Return where each database is.

    :param check_heads: refuse a database that is not at all heads.
    :param bind: the name of one database, or of several; none: all.
    :raises NotAtHead: if that is so.
    :raises UnknownDatabaseRevision: if, then, it is where no file is.
    """
    session = open_project(directory)
    states: list[DatabaseState] = []

    def work(configured: Configured) -> None:
        connection = configured.connection
        assert connection is not None
        found = version_table(configured).read(connection)
        states.append(
            DatabaseState(
                configured.title,
                configured.url,
                tuple(session.entry(x, found) for x in found if x in session.graph),
                unknown=tuple(x for x in found if x not in session.graph),
                pending=_count_missing(session, found),
                heads=session.graph.effective_heads,
            )
        )
        if check_heads:
            _refuse_elsewhere(session, configured, found)

    run(session, work, reading=True, x_arg=x_arg, bind=bind)

    return tuple(states)


def _count_missing(session: ProjectSession, at: Sequence[str]) -> int | None:
    if any(each not in session.graph for each in at):
        return None

    return len(missing(session.graph, at))


def status(
    directory: Directory = None, *, x_arg: XArguments = None, bind: Binds = None
) -> StatusReport:
    """Return what each database has of the revisions, and what it lacks.

    :param bind: the name of one database, or of several; none: all.
    """
    return _status(directory, x_arg, bind, in_full=True)


def standing(
    directory: Directory = None, *, x_arg: XArguments = None, bind: Binds = None
) -> StatusReport:
    """Return the same as :func:`status`, by one query where all scripts are known.

    What is recorded beside is asked only for a revision that no file has.
    """
    return _status(directory, x_arg, bind, in_full=False)


def _status(
    directory: Directory, x_arg: XArguments, bind: Binds, *, in_full: bool
) -> StatusReport:
    session = open_project(directory)
    found: list[DatabaseStatus] = []

    def work(configured: Configured) -> None:
        connection = configured.connection
        assert connection is not None
        at = version_table(configured).read(connection)
        graph = session.graph
        is_unknown = any(each not in graph for each in at)
        wanted = in_full or is_unknown
        changes = changes_of(configured, graph, at) if wanted else Changes({})
        is_at_head = set(at) == set(graph.effective_heads)
        noted = () if is_at_head else half_done_in(configured)
        half = frozenset(each.revision for each in noted)
        found.append(
            DatabaseStatus(
                configured.title,
                configured.url,
                at,
                graph.effective_heads,
                _statuses(session, at, changes, half),
                changes.gone,
                changes.is_protected,
            )
        )

    run(session, work, reading=True, x_arg=x_arg, bind=bind)

    return StatusReport(tuple(found))


def wait(
    directory: Directory = None,
    timeout: float | None = None,
    *,
    x_arg: XArguments = None,
    bind: Binds = None,
    on_wait: Callable[[str], None] | None = None,
) -> StatusReport:
    """Return when every database is at all heads: another process brings it there.

    :param timeout: for how many seconds; by default, what the setting ``lock_wait``
        says. A database that cannot be reached is waited for, too.
    :param bind: the name of one database, or of several; none: all.
    :param on_wait: is called once, with what is waited for.
    :raises StillPending: if that takes longer.
    :raises UnknownDatabaseRevision: if a database is at a revision that no file has.
    :raises CannotConnect: if it cannot be reached in all that time.
    """
    settings = current_project(directory).settings
    seconds = float(settings.lock_wait if timeout is None else timeout)
    failure: CannotConnect | StillPending | None = None
    for _ in pauses(seconds):
        try:
            report = standing(directory, x_arg=x_arg, bind=bind)
            _refuse_pending(report, seconds)
            return report
        except (CannotConnect, StillPending) as error:
            if failure is None and on_wait is not None:
                on_wait(_awaited(error))
            failure = error

    assert failure is not None
    raise failure


def _refuse_pending(report: StatusReport, seconds: float) -> None:
    for each in report.databases:
        refuse_unknown(each)
    for each in report.databases:
        if each.pending:
            ids = [one.entry.id for one in each.pending]
            raise StillPending(each.url, ids, seconds)


def refuse_unknown(found: DatabaseStatus) -> None:
    """Refuse a database that is at a revision that no file has.

    Not one that is recorded to have all revisions besides: that of a later release.

    :raises UnknownDatabaseRevision: if it is.
    """
    if found.unknown and not found.is_ahead:
        raise unknown_revision(found.url, found.unknown, found.heads, found.gone)


def _awaited(error: CannotConnect | StillPending) -> str:
    if isinstance(error, CannotConnect):
        return f"the database {error.url} cannot be reached yet"

    lacks = counted(len(error.pending), "revision")
    return f"the database {error.url} lacks {lacks}"


def _statuses(
    session: ProjectSession,
    at: tuple[str, ...],
    changes: Changes,
    half: Collection[str],
) -> tuple[RevisionStatus, ...]:
    graph = session.graph
    known = [each for each in at if each in graph]
    has = graph.ancestors(known, dependencies=True)
    # Below what no file has, there may be any of the others; a record tells which.
    unknown = [each for each in at if each not in graph]
    below = changes.below(unknown, graph) if unknown else frozenset[str]()
    has |= below or frozenset()
    return tuple(
        RevisionStatus(
            session.entry(each.id, at, changes.edited),
            True if each.id in has else None if below is None else False,
            changes.known.get(each.id) if each.id in has else None,
            is_half_applied=each.id in half,
        )
        for each in graph.oldest_first()
    )


def _refuse_elsewhere(
    session: ProjectSession, configured: Configured, found: tuple[str, ...]
) -> None:
    check_known(configured, found, session.graph)
    heads = session.graph.effective_heads
    if set(found) != set(heads):
        raise NotAtHead(configured.url, found, heads)


def heads_in_databases(
    session: ProjectSession, x_arg: XArguments, bind: Binds
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the databases hold that a target counts from, and what was edited."""
    found: list[str] = []
    edited: list[str] = []

    def work(configured: Configured) -> None:
        if bind or configured.is_main or not configured.has_main:
            heads = known_heads(configured, session.graph)
            found.extend(heads)
            edited.extend(changes_of(configured, session.graph, heads).edited)

    run(session, work, reading=True, x_arg=x_arg, bind=bind)

    return tuple(dict.fromkeys(found)), tuple(edited)
