"""What a revision that is about to be written may stand on, and be called."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import DuplicateLabel
from ..errors import DuplicateRevision
from ..errors import IllegalRevisionId
from ..errors import InvalidTarget
from .graph import RevisionGraph
from .resolve import resolve
from .resolve import resolve_one
from .revision import check_name
from .target import HEAD
from .target import parse
from .target import Target

_ID = re.compile(r"\w[\w.]*")
_LABEL = re.compile(r"\w[\w.-]*")


def parents_for_new(
    graph: RevisionGraph, head: Target = HEAD, *, splice: bool = False
) -> tuple[str, ...]:
    """Return the parents of a new revision; none starts a line of its own.

    :param head: where to put it: ``head``, ``base``, ``branch@head``, …
    :param splice: allow a place that other revisions follow already.
    :raises MultipleHeads: if the head is not one.
    :raises InvalidTarget: if others follow there, and nobody asked for a branch.
    """
    parents = resolve(graph, _absolute(head))
    _check_heads(graph, parents, head, splice)
    return parents


def parents_for_merge(
    graph: RevisionGraph, targets: Sequence[Target], *, splice: bool = False
) -> tuple[str, ...]:
    """Return the parents of a merge; with fewer than two there is nothing to merge.

    :raises InvalidTarget: if one is an ancestor of another, or not a head and
        nobody asked for a branch.
    """
    parents: dict[str, Target] = {}
    for target in targets:
        for id in resolve(graph, _absolute(target)):
            parents.setdefault(id, target)

    for id, target in parents.items():
        for other in parents.keys() & graph.descendants([id]) - {id}:
            raise InvalidTarget(
                target.text,
                f"revision '{id}' is an ancestor of '{other}'; nothing to join",
            )

        _check_heads(graph, [id], target, splice)

    return tuple(parents)


def dependencies_for_new(graph: RevisionGraph, names: Sequence[str]) -> tuple[str, ...]:
    """Return what to write as ``depends_on``: labels as they are, else full ids.

    :raises RevisionNotFound: if there is no such revision.
    """
    written = (
        name
        if name in graph.labelled
        else resolve_one(graph, _absolute(parse(name))).id
        for name in names
    )
    return tuple(dict.fromkeys(written))


def check_new_id(graph: RevisionGraph, id: str) -> None:
    """Raise unless a new revision can have this id.

    :raises IllegalRevisionId: if it could not be typed, or has odd characters.
    :raises DuplicateRevision: if a revision has it.
    :raises DuplicateLabel: if it is a branch label.
    """
    check_name(id)
    _check_new_name(id, _ID, "letters, digits, underscores and dots")
    if id in graph:
        raise DuplicateRevision(id, (graph[id].path,))

    if id in graph.labelled:
        raise DuplicateLabel(id, (graph.labelled[id], id))


def check_new_label(graph: RevisionGraph, label: str, id: str) -> None:
    """Raise unless the new revision with this id can have this branch label.

    :raises IllegalRevisionId: if it could not be typed, or has odd characters.
    :raises DuplicateLabel: if it is a label, or an id, already.
    """
    check_name(label, dashes=True)
    _check_new_name(label, _LABEL, "letters, digits, underscores, dots and dashes")
    if label in graph.labelled:
        raise DuplicateLabel(label, (graph.labelled[label], id))

    if label in graph or label == id:
        raise DuplicateLabel(label, (label, id))


def _absolute(target: Target) -> Target:
    if target.from_database:
        raise InvalidTarget(
            target.text,
            "a file does not depend on the database; name a revision or a head",
        )
    return target


def _check_heads(
    graph: RevisionGraph, ids: Sequence[str], target: Target, splice: bool
) -> None:
    for id in ids:
        followers = graph.children(id)
        if followers and not splice:
            raise InvalidTarget(
                target.text,
                f"revision '{id}' is not a head: '{followers[0]}' follows it;"
                " add --splice to start a branch there",
            )


def _check_new_name(name: str, form: re.Pattern[str], wanted: str) -> None:
    # It becomes part of a file and of its name. Older ones stay as they are.
    if not form.fullmatch(name):
        raise IllegalRevisionId(
            name, f"use {wanted}, and begin with one of the first three"
        )

    if re.search("-[0-9]+$", name):
        raise IllegalRevisionId(name, "it ends like a number of steps back")
