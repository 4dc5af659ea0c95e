"""What a revision that is about to be written may stand on, and be called."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import DuplicateLabel
from ..errors import DuplicateRevision
from ..errors import InvalidTarget
from .graph import RevisionGraph
from .resolve import locate
from .resolve import locate_one
from .revision import check_name
from .target import parse


def parents_for_new(
    graph: RevisionGraph, head: str = "head", *, splice: bool = False
) -> tuple[str, ...]:
    """Return the parents of a new revision; none starts a line of its own.

    :param head: where to put it: ``head``, ``base``, ``branch@head``, …
    :param splice: allow a place that other revisions follow already.
    :raises MultipleHeads: if the head is not one.
    :raises InvalidTarget: if others follow there, and nobody asked for a branch.
    """
    parents = _located(graph, head)
    _check_heads(graph, parents, head, splice)
    return parents


def parents_for_merge(
    graph: RevisionGraph, targets: Sequence[str], *, splice: bool = False
) -> tuple[str, ...]:
    """Return the parents of a merge; with fewer than two there is nothing to merge.

    :raises InvalidTarget: if one is an ancestor of another, or not a head and
        nobody asked for a branch.
    """
    parents: dict[str, str] = {}
    for target in targets:
        for id in _located(graph, target):
            parents.setdefault(id, target)

    for id, target in parents.items():
        for other in parents.keys() & graph.descendants([id]) - {id}:
            raise InvalidTarget(
                target, f"revision '{id}' is an ancestor of '{other}'; nothing to join"
            )

        _check_heads(graph, [id], target, splice)

    return tuple(parents)


def dependencies_for_new(graph: RevisionGraph, names: Sequence[str]) -> tuple[str, ...]:
    """Return what to write as ``depends_on``: labels as they are, else full ids.

    :raises RevisionNotFound: if there is no such revision.
    """
    written = (
        name if name in graph.labelled else locate_one(graph, _absolute(name)).id
        for name in names
    )
    return tuple(dict.fromkeys(written))


def check_new_id(graph: RevisionGraph, id: str) -> None:
    """Raise unless a new revision can have this id.

    :raises IllegalRevisionId: if it could not be typed.
    :raises DuplicateRevision: if a revision has it.
    :raises DuplicateLabel: if it is a branch label.
    """
    check_name(id)
    if id in graph:
        raise DuplicateRevision(id, (graph[id].path,))

    if id in graph.labelled:
        raise DuplicateLabel(id, (graph.labelled[id], id))


def check_new_label(graph: RevisionGraph, label: str, id: str) -> None:
    """Raise unless the new revision with this id can have this branch label.

    :raises IllegalRevisionId: if it could not be typed.
    :raises DuplicateLabel: if it is a label, or an id, already.
    """
    check_name(label)
    if label in graph.labelled:
        raise DuplicateLabel(label, (graph.labelled[label], id))

    if label in graph or label == id:
        raise DuplicateLabel(label, (label, id))


def _located(graph: RevisionGraph, target: str) -> tuple[str, ...]:
    return locate(graph, _absolute(target))


def _absolute(text: str) -> str:
    if parse(text).from_database:
        raise InvalidTarget(
            text, "a file does not depend on the database; name a revision or a head"
        )
    return text


def _check_heads(
    graph: RevisionGraph, ids: Sequence[str], target: str, splice: bool
) -> None:
    for id in ids:
        followers = graph.children(id)
        if followers and not splice:
            raise InvalidTarget(
                target,
                f"revision '{id}' is not a head: '{followers[0]}' follows it;"
                " add --splice to start a branch there",
            )
