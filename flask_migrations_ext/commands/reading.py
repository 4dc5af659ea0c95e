"""Commands that look and change nothing: what revisions there are."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping

from ..errors import ConfigurationError
from ..errors import HeadFileDiffers
from ..errors import MultipleHeads
from ..revisions.drawing.lanes import laid_out
from ..revisions.drawing.lanes import Picture
from ..revisions.drawing.svg import svg
from ..revisions.drawing.text import dot
from ..revisions.drawing.text import mermaid
from ..revisions.ranges import resolve_range
from ..revisions.resolve import resolve
from ..revisions.target import EVERYTHING
from ..revisions.target import HEAD
from ..revisions.target import HEADS
from ..revisions.target import parse
from ..revisions.target import parse_range
from ..scripts.folder import templates
from ..scripts.head_file import NAME
from ..scripts.head_file import read_head_file
from ..wording import listed
from .reports import Entry
from .session import Binds
from .session import Directory
from .session import open_project
from .session import ProjectSession
from .session import XArguments


def list_templates() -> tuple[tuple[str, str], ...]:
    """Return the name and the synopsis of each template of ``init``."""
    return templates()


def show(
    directory: Directory = None,
    revision: str = "head",
    *,
    x_arg: XArguments = None,
    bind: Binds = None,
) -> tuple[Entry, ...]:
    """Return the revisions that a target names; ``current`` and ``-1`` ask.

    :param bind: the name of the database to ask, in place of the default one.
    """
    session = open_project(directory)
    target = parse(revision)
    current, edited = (
        _known_heads(session, x_arg, bind) if target.from_database else ((), ())
    )
    if not len(session.graph) and target in (HEAD, HEADS):
        return ()

    return tuple(
        session.entry(each, current, edited)
        for each in resolve(session.graph, target, current)
    )


def history(
    directory: Directory = None,
    rev_range: str | None = None,
    verbose: bool = False,
    indicate_current: bool = False,
    *,
    x_arg: XArguments = None,
    bind: Binds = None,
) -> tuple[Entry, ...]:
    """Return the revisions of a range, newest first.

    :param rev_range: ``from:to``, either of which may be left out.
    :param verbose: is for the command line; the entries hold all there is.
    :param indicate_current: ask the default database, and mark where it is.
    :param bind: the name of the database to ask, in place of the default one.
    """
    session = open_project(directory)
    asked = parse_range(rev_range) if rev_range is not None else EVERYTHING
    wants_current = indicate_current or asked.from_database
    current, edited = _known_heads(session, x_arg, bind) if wants_current else ((), ())
    found = resolve_range(session.graph, asked, current)

    return tuple(session.entry(revision.id, current, edited) for revision in found)


def heads(
    directory: Directory = None,
    verbose: bool = False,
    resolve_dependencies: bool = False,
    *,
    check: bool = False,
) -> tuple[Entry, ...]:
    """Return the revisions that no other descends from.

    :param resolve_dependencies: leave out those that another one depends on.
    :param check: refuse more than one, and a file ``HEAD`` that says another one.
    :raises MultipleHeads: if that is so.
    :raises HeadFileDiffers: if the file says something else.
    """
    graph = (session := open_project(directory)).graph
    if check:
        _check_heads(session)
    chosen = graph.effective_heads if resolve_dependencies else graph.heads

    return tuple(session.entry(each) for each in chosen)


def _check_heads(session: ProjectSession) -> None:
    graph, directory = session.graph, session.folder.directory
    if len(graph.effective_heads) > 1:
        raise MultipleHeads(graph.effective_heads)

    said = read_head_file(directory)
    if said is not None and said != tuple(sorted(graph.heads)):
        raise HeadFileDiffers(directory / NAME, said, graph.heads)


def branches(
    directory: Directory = None, verbose: bool = False
) -> tuple[tuple[Entry, tuple[Entry, ...]], ...]:
    """Return the revisions that more than one descends from, each with those."""
    session = open_project(directory)

    return tuple(
        (
            session.entry(point),
            tuple(session.entry(child) for child in session.graph.children(point)),
        )
        for point in session.graph.branch_points
    )


def targets(directory: Directory = None) -> tuple[tuple[str, str], ...]:
    """Return what can be typed for a revision, each with what it means."""
    graph = open_project(directory).graph
    labels = sorted({each for entry in graph.values() for each in entry.labels})
    return (
        *((word, "") for word in ("head", "heads", "base", "current")),
        *((f"{label}@head", "the newest of a branch") for label in labels),
        *((each.id, each.message) for each in graph.newest_first()),
    )


def graph(
    directory: Directory = None,
    format: str = "mermaid",
    *,
    ask: bool = True,
    x_arg: XArguments = None,
    bind: Binds = None,
) -> str:
    """Return the history as a picture, with where databases are.

    :param format: ``mermaid``, ``dot`` or ``svg``.
    :param ask: whether databases are asked where they are.
    :param bind: the name of one database, or of several; none: all.
    :raises ConfigurationError: if there is no such format.
    """
    draw = _DRAWN.get(format)
    if draw is None:
        raise ConfigurationError(
            f"there is no picture of the kind '{format}': it is {listed(_DRAWN, 'or')}"
        )

    session = open_project(directory)
    positions = _positions(directory, x_arg, bind) if ask else None
    return draw(laid_out(session.graph, positions))


_DRAWN: Mapping[str, Callable[[Picture], str]] = {
    "mermaid": mermaid,
    "dot": dot,
    "svg": svg,
}


def _positions(
    directory: Directory, x_arg: XArguments, bind: Binds
) -> Mapping[str, tuple[str, ...]]:
    # Without asking, nothing of a database is loaded.
    from .state import current

    return {
        each.title: (*(entry.id for entry in each.entries), *each.unknown)
        for each in current(directory, x_arg=x_arg, bind=bind)
    }


def _known_heads(
    session: ProjectSession, x_arg: XArguments, bind: Binds
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    # What needs no database loads nothing of what asks one.
    from .state import heads_in_databases

    return heads_in_databases(session, x_arg, bind)
