"""One line of two: the revisions of one branch behind those of the other.

Only where that changes nothing but the order: no database that the app knows has them,
and both orders, tried out with rows, make the same tables and the same rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..commands.session import Directory
from ..commands.session import open_project
from ..errors import CannotRebase
from ..errors import MigrationError
from ..project import current_project
from ..revisions.graph import RevisionGraph
from ..revisions.plan import Direction
from ..revisions.revision import Revision
from ..scripts.head_file import replace_file
from ..scripts.head_file import write_head_file
from ..scripts.other_parent import with_parent
from ..wording import counted
from ..wording import listed
from .identify import looks
from .migrator import Migrator
from .rows.kept import all_rows
from .rows.kept import put_back
from .rows.kept import Rows
from .rows.maker import Row
from .rows.maker import RowMaker
from .scratch import ScratchApp
from .snapshots import Snapshot


@dataclass(frozen=True)
class RebaseReport:
    """What was put behind what.

    :param moved: the revisions that were put behind others, oldest first.
    :param onto: the revision that they follow now.
    :param path: the one file that was changed.
    :param unfilled: by table, why there were no rows in it to try the orders with.
    """

    moved: tuple[Revision, ...]
    onto: str
    path: Path
    unfilled: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Branches:
    """Two branches of a history, and where they part.

    :param mine: those that are to move, oldest first; the first is what changes.
    :param theirs: those that they are put behind.
    """

    head: str
    onto: str
    mine: tuple[Revision, ...]
    theirs: tuple[Revision, ...]

    @property
    def root(self) -> Revision:
        return self.mine[0]


def rebase(
    directory: Directory = None, revision: str | None = None, onto: str | None = None
) -> RebaseReport:
    """Put the revisions of one branch behind those of the other; return what moved.

    The ids stay, and so do the files, but for the parent in the first of them.

    :param revision: the head of the branch that is to move. Left out, it is the one of
        two of which no database has a revision, if a database has some of the other.
    :param onto: the head of the other; left out, the only other one.
    :raises CannotRebase: if it would change more than the order, or may; nothing is
        written then.
    """
    session = open_project(directory)
    with tempfile.TemporaryDirectory() as folder:
        project = current_project(directory)
        migrator = Migrator(ScratchApp.of_project(project, Path(folder)))
        applied = _applied(migrator)
        branches = _branches(session.graph, revision, onto, applied)
        _refuse_applied(branches, applied)
        _refuse_shape(session.graph, branches)
        unfilled = _tried_both_ways(migrator, branches)

    path = _write(session.folder.directory, branches, directory)
    return RebaseReport(
        branches.mine, branches.onto, path, tuple(sorted(unfilled.items()))
    )


# -- which is which --------------------------------------------------------


def _applied(migrator: Migrator) -> dict[str, frozenset[str]]:
    """Return the revisions that each database has, by the URL of the database."""
    graph = migrator.graph
    found: dict[str, frozenset[str]] = {}
    for database, (_, said) in zip(
        migrator.scratch.databases, looks(migrator), strict=True
    ):
        known = [each for each in said if each in graph]
        found[database.url] = graph.ancestors(known, dependencies=True)
    return found


def _branches(
    graph: RevisionGraph,
    revision: str | None,
    onto: str | None,
    applied: dict[str, frozenset[str]],
) -> _Branches:
    heads = graph.effective_heads
    head = _head_above(graph, revision) if revision else None
    other = _head_above(graph, onto) if onto else None
    left = [each for each in heads if each not in (head, other)]
    if head is None and other is None and len(left) == 2:
        head = _only_unapplied(graph, left, applied)
        left.remove(head)
    if head is None and len(left) == 1:
        head = left.pop()
    if other is None and len(left) == 1:
        other = left.pop()
    if head is None or other is None or head == other:
        raise CannotRebase(
            revision,
            f"the history has {counted(len(heads), 'head')}: {listed(heads) or 'none'};"
            " it takes one to move and another to follow: 'flask db rebase HEAD --onto"
            " HEAD'",
        )

    mine = graph.ancestors([head]) - graph.ancestors([other])
    theirs = graph.ancestors([other]) - graph.ancestors([head])
    return _Branches(head, other, graph.oldest_first(mine), graph.oldest_first(theirs))


def _head_above(graph: RevisionGraph, named: str) -> str:
    id = graph.find(named).id
    above = [each for each in graph.effective_heads if id in graph.ancestors([each])]
    if len(above) != 1:
        raise CannotRebase(named, f"it is below several heads: {listed(above)}")

    return above[0]


def _only_unapplied(
    graph: RevisionGraph, heads: Sequence[str], applied: dict[str, frozenset[str]]
) -> str:
    first, second = heads
    everywhere = frozenset().union(*applied.values())
    own = {
        first: graph.ancestors([first]) - graph.ancestors([second]),
        second: graph.ancestors([second]) - graph.ancestors([first]),
    }
    free = [each for each in heads if own[each].isdisjoint(everywhere)]
    if len(free) != 1:
        raise CannotRebase(
            None,
            f"there are two heads, {listed(heads)}, and nothing tells which of them is"
            f" to follow the other: 'flask db rebase {first}' or 'flask db rebase"
            f" {second}'",
        )

    return free[0]


def _refuse_applied(branches: _Branches, applied: dict[str, frozenset[str]]) -> None:
    for url, ids in applied.items():
        there = [each.id for each in branches.mine if each.id in ids]
        if there:
            raise CannotRebase(
                branches.head,
                f"the database {url} has {listed(there)} already, and would never get"
                " what is put before; undo it there with 'flask db downgrade', or join"
                " the heads with 'flask db merge'",
            )


def _refuse_shape(graph: RevisionGraph, branches: _Branches) -> None:
    root, own = branches.root, {each.id for each in branches.mine}
    others = [
        each.id for each in branches.mine[1:] if not own.intersection(each.parents)
    ]
    labels = sorted(label for each in branches.mine for label in each.labels)
    if labels:
        reason = f"its branch has a name, {listed(labels)}: it is one on purpose"
    elif others or len(root.parents) > 1:
        reason = "its branch begins in more than one place"
    elif any(len(each.parents) > 1 for each in branches.mine):
        reason = "its branch has a merge in it"
    elif root.path is None or root.path.suffix != ".py":
        reason = f"'{root.id}' has no source file"
    else:
        return
    raise CannotRebase(branches.head, f"{reason}; join the heads with 'flask db merge'")


# -- both orders -----------------------------------------------------------


def _tried_both_ways(migrator: Migrator, branches: _Branches) -> dict[str, str]:
    """Run both orders with rows; return where there were no rows, and why.

    :raises CannotRebase: if they do not make the same.
    """
    mine, theirs = branches.mine, branches.theirs
    common = migrator.graph.ancestors([each.id for each in (*mine, *theirs)])
    common -= {each.id for each in (*mine, *theirs)}
    before = migrator.graph.oldest_first(common)
    start, unfilled = _start(migrator, before, (*theirs, *mine), branches)
    first = _played(migrator, before, start, (*theirs, *mine), branches)
    second = _played(migrator, before, start, (*mine, *theirs), branches)
    _compare(branches, first, second)
    return unfilled


def _start(
    migrator: Migrator,
    before: Sequence[Revision],
    ahead: Sequence[Revision],
    branches: _Branches,
) -> tuple[list[Rows], dict[str, str]]:
    """Return rows for the tables as they are where the branches part."""
    unfilled: dict[str, str] = {}
    rows: list[Rows] = []
    with migrator.on_new_databases():
        _run(migrator, before)
        here = migrator.snapshots()
        _run_order(migrator, ahead, branches)
        there = migrator.snapshots()
    with migrator.on_new_databases():
        _run(migrator, before)
        for database, now, later in zip(
            migrator.scratch.databases, here, there, strict=True
        ):
            with database.engine.connect() as connection:
                unfilled |= RowMaker(connection, now, later).fill()
                rows.append(all_rows(connection, now))
    return rows, unfilled


def _played(
    migrator: Migrator,
    before: Sequence[Revision],
    start: Sequence[Rows],
    order: Sequence[Revision],
    branches: _Branches,
) -> list[tuple[Snapshot, Rows]]:
    with migrator.on_new_databases():
        _run(migrator, before)
        for database, rows, now in zip(
            migrator.scratch.databases, start, migrator.snapshots(), strict=True
        ):
            with database.engine.begin() as connection:
                put_back(connection, now, rows)
        _run_order(migrator, order, branches)
        found = []
        for database, made in zip(
            migrator.scratch.databases, migrator.snapshots(), strict=True
        ):
            with database.engine.connect() as connection:
                found.append((made, all_rows(connection, made)))
        return found


def _run(migrator: Migrator, revisions: Sequence[Revision]) -> None:
    for each in revisions:
        migrator.step(each.id, Direction.UPGRADE)


def _run_order(
    migrator: Migrator, order: Sequence[Revision], branches: _Branches
) -> None:
    try:
        _run(migrator, order)
    except MigrationError as error:
        raise CannotRebase(
            branches.head,
            f"in the order {listed(each.id for each in order)}, {error}\n  No database"
            " of yours was touched. Join the heads with 'flask db merge', and see to"
            " what collides",
        ) from error


def _compare(
    branches: _Branches,
    first: Sequence[tuple[Snapshot, Rows]],
    second: Sequence[tuple[Snapshot, Rows]],
) -> None:
    for (made, rows), (other, other_rows) in zip(first, second, strict=True):
        differences = list(other.differences(made))
        if not differences:
            differences += [
                f"other rows in table '{name}'"
                for name in rows
                if _sorted(rows[name]) != _sorted(other_rows.get(name, []))
            ]
        if differences:
            lines = "".join(f"\n  {line}" for line in differences)
            raise CannotRebase(
                branches.head,
                "the order of the two branches matters: behind the other one it makes"
                f" something else than before it:{lines}\n  Join the heads with 'flask"
                " db merge', and see to what collides",
            )


def _sorted(rows: Sequence[Row]) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in rows)


# -- the file --------------------------------------------------------------


def _write(folder: Path, branches: _Branches, directory: Directory) -> Path:
    path = branches.root.path
    assert path is not None
    before = path.read_bytes()
    after = with_parent(before, branches.onto)
    if after is None:
        raise CannotRebase(
            branches.head,
            f"down_revision is not written out in {path}; write"
            f" down_revision = '{branches.onto}' there by hand",
        )

    replace_file(path, after)
    try:
        heads = open_project(directory).graph.heads
        if branches.onto in heads:
            raise CannotRebase(
                branches.head, f"{path} would not be read as it is meant"
            )
        write_head_file(folder, heads)
    except BaseException:
        replace_file(path, before)
        raise
    return path
