"""Histories to test with: written by hand in one line, or made by Hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

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
