"""Histories to test with: written by hand in one line, or made by Hypothesis."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import reject
from hypothesis import strategies as st

from flask_migrations_ext.errors import AmbiguousRevision
from flask_migrations_ext.errors import CyclicRevisions
from flask_migrations_ext.errors import RevisionError
from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.revisions.revision import Revision


def revision_of(id: str, words: str) -> Revision:
    """Return a revision: ``"a b +c #label"`` has parents a, b and depends on c."""
    named = words.split()
    return Revision(
        id,
        parents=tuple(word for word in named if word[0] not in "+#"),
        depends_on=tuple(word[1:] for word in named if word[0] == "+"),
        labels=tuple(word[1:] for word in named if word[0] == "#"),
    )


def graph_of(**revisions: str) -> RevisionGraph:
    return RevisionGraph(revision_of(id, words) for id, words in revisions.items())


def ids(revisions: tuple[Revision, ...]) -> list[str]:
    return [revision.id for revision in revisions]


@st.composite
def histories(draw: st.DrawFn, dependencies: bool = True) -> RevisionGraph:
    """Draw a history with branches, merges, labels and several bases."""
    revisions: list[Revision] = []
    for number in range(draw(st.integers(1, 10))):
        graph = RevisionGraph(revisions)
        parents = draw(_apart(graph, draw(st.sampled_from([0, 1, 1, 1, 2]))))
        depends_on: tuple[str, ...] = ()
        if dependencies and draw(st.integers(0, 3)) == 0:
            depends_on = draw(_apart(graph, 1, parents))
        labels = (f"label{number}",) if draw(st.integers(0, 4)) == 0 else ()
        revisions.append(Revision(f"rev{number}", parents, depends_on, labels))

    return RevisionGraph(draw(st.permutations(revisions)))


#: Short and long, with one beginning, digits only, one that only its case tells apart.
ODD_NAMES = (
    *("1", "10", "100", "1000", "0001", "0002", "5ea", "a", "A", "_", "__x"),
    *("abcd", "ABCD", "abcd_e", "Abc", "deadbeef0123", "deadbeef0124", "deadbe"),
    *("2024_01_31_add_users", "x" * 32, "x" * 33, "x" * 40, "\u00e9t\u00e9", "v1.0"),
)

ODD_LABELS = ("web", "api", "web_app", "Web", "9", "dead", "deadbeef01", "abc")


@st.composite
def odd_histories(draw: st.DrawFn) -> RevisionGraph:
    """Draw a history as people make them in the long run.

    Ids of any form; dependencies by id, by label, by the beginning of an id, and on
    what is needed anyway; merges of a revision with its own ancestor.
    """
    names = draw(
        st.lists(st.sampled_from(ODD_NAMES), min_size=1, max_size=12, unique=True)
    )
    labels = list(ODD_LABELS)
    revisions: list[Revision] = []
    for name in names:
        graph = unless_ambiguous(revisions)
        count = draw(st.sampled_from([0, 1, 1, 1, 1, 2, 2, 3]))
        if draw(st.integers(0, 5)):
            parents = draw(_apart(graph, count))
        else:
            parents = draw(_any_of([*graph], count))
        depends_on: tuple[str, ...] = ()
        if draw(st.integers(0, 2)) == 0:
            wanted = draw(_any_of([*graph, *graph.labelled], draw(st.integers(1, 3))))
            depends_on = tuple(draw(_shortened(graph, each)) for each in wanted)
        own = (labels.pop(0),) if labels and draw(st.integers(0, 3)) == 0 else ()
        revisions.append(Revision(name, parents, depends_on, own))

    return unless_ambiguous(draw(st.permutations(revisions)))


def unless_ambiguous(revisions: Sequence[Revision]) -> RevisionGraph:
    try:
        return RevisionGraph(revisions)
    except (AmbiguousRevision, CyclicRevisions):
        # What was the beginning of one id only came to mean another, or several.
        reject()


def _any_of(names: Sequence[str], count: int) -> st.SearchStrategy[tuple[str, ...]]:
    if not names:
        return st.just(())
    chosen = st.lists(st.sampled_from(names), max_size=count, unique=True)
    return chosen.map(tuple)


def _shortened(graph: RevisionGraph, name: str) -> st.SearchStrategy[str]:
    def means_the_same(short: str) -> bool:
        try:
            return graph.find(short) is graph.find(name)
        except RevisionError:
            return False

    shorter = [name[:end] for end in range(1, len(name)) if means_the_same(name[:end])]
    return st.sampled_from([name, name, *shorter[:1]])


@st.composite
def heads_within(draw: st.DrawFn, graph: RevisionGraph) -> tuple[str, ...]:
    """Draw what a version table may hold: some revisions with all they need."""
    some = draw(st.lists(st.sampled_from([*graph]), max_size=3))
    return graph.tips(graph.ancestors(some, dependencies=True))


@st.composite
def _apart(
    draw: st.DrawFn, graph: RevisionGraph, count: int, others: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Draw up to so many revisions, none of which needs another, or the others."""
    chosen: tuple[str, ...] = ()
    for _ in range(count):
        near = graph.ancestors((*chosen, *others), dependencies=True)
        near |= graph.descendants((*chosen, *others), dependencies=True)
        far = [id for id in graph if id not in near]
        if far:
            chosen += (draw(st.sampled_from(far)),)
    return chosen
