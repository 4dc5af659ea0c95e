"""The same history and the same words mean the same here and to Alembic.

Where it is known not to be, a test at the end shows what Alembic does instead.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from alembic.runtime.migration import HeadMaintainer
from alembic.runtime.migration import RevisionStep
from alembic.script import ScriptDirectory
from alembic.script.revision import Revision as AlembicRevision
from alembic.script.revision import RevisionError as AlembicError
from alembic.script.revision import RevisionMap
from alembic.util import CommandError
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st

from flask_migrations_ext.errors import RevisionError
from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.revisions.plan import Plan

from .histories import graph_of
from .histories import heads_within
from .histories import histories
from .histories import ids
from .typed import locate_history
from .typed import plan_downgrade
from .typed import plan_stamp
from .typed import plan_upgrade

#: What ran, and the version table afterwards; None when it was refused.
Outcome = tuple[set[str], tuple[str, ...]] | None


class Rows(HeadMaintainer):
    """Alembic's version table, without a table."""

    def __init__(self, heads: Iterable[str]) -> None:
        self.heads = set(heads)

    def _insert_version(self, version: str) -> None:
        self.heads.add(version)

    def _delete_version(self, version: str) -> None:
        self.heads.remove(version)

    def _update_version(self, from_: str, to_: str) -> None:
        self.heads.remove(from_)
        self.heads.add(to_)

    def after(self, steps: Iterable[Any]) -> tuple[str, ...]:
        for step in steps:
            self.update_to_step(step)
        return tuple(sorted(self.heads))


class Folder(ScriptDirectory):
    """Alembic's scripts, without files."""

    def __init__(self, revision_map: RevisionMap) -> None:
        self.revision_map = revision_map


class Script(AlembicRevision):
    """A revision whose file was read, as far as planning can tell."""

    module = SimpleNamespace(upgrade=None, downgrade=None)


def alembic_map(graph: RevisionGraph) -> RevisionMap:
    return RevisionMap(
        lambda: [
            Script(
                revision.id,
                revision.parents or None,
                dependencies=revision.depends_on or None,
                branch_labels=revision.labels or None,
            )
            for revision in graph.values()
        ]
    )


def alembic_upgrade(
    graph: RevisionGraph, current: tuple[str, ...], target: str
) -> Outcome:
    found = alembic_map(graph)
    revisions: list[Any] = [
        *found.iterate_revisions(
            target, current, implicit_base=True, assert_relative_length=True
        )
    ]
    steps = [RevisionStep(found, each, True) for each in reversed(revisions)]
    return {each.revision for each in revisions}, Rows(current).after(steps)


def alembic_downgrade(
    graph: RevisionGraph, current: tuple[str, ...], target: str
) -> Outcome:
    found = alembic_map(graph)
    revisions: list[Any] = [
        *found.iterate_revisions(current, target, select_for_downgrade=True)
    ]
    steps = [RevisionStep(found, each, False) for each in revisions]
    return {each.revision for each in revisions}, Rows(current).after(steps)


def alembic_stamp(
    graph: RevisionGraph, current: tuple[str, ...], targets: Sequence[str]
) -> tuple[str, ...]:
    steps = Folder(alembic_map(graph))._stamp_revs(tuple(targets), current)
    return Rows(current).after(steps)


def outcome(plan: Plan) -> Outcome:
    return {step.revision.id for step in plan.steps}, plan.end


def unless_refused(ask: Callable[[], Outcome]) -> Outcome:
    # Alembic asserts where it did not expect a question, and warns where it
    # guesses an answer.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return ask()
    except (RevisionError, AlembicError, CommandError, AssertionError):
        return None


def branches(graph: RevisionGraph) -> st.SearchStrategy[str]:
    return st.sampled_from([*graph, *graph.labelled])


def typed(*forms: str) -> Callable[[RevisionGraph], st.SearchStrategy[str]]:
    """Return targets of these forms, with R for a revision, B a branch, N steps."""

    def words(graph: RevisionGraph) -> st.SearchStrategy[str]:
        return st.builds(
            lambda form, revision, branch, steps: (
                form.replace("R", revision)
                .replace("B", branch)
                .replace("N", str(steps))
            ),
            st.sampled_from(forms),
            st.sampled_from([*graph]),
            branches(graph),
            st.integers(1, 4),
        )

    return words


# -- the history -----------------------------------------------------------------------


@given(histories())
def test_ends_and_forks_are_the_same(graph: RevisionGraph) -> None:
    found = alembic_map(graph)
    by_alembic = [found.get_revision(id) for id in graph]

    assert set(found.heads) == {*graph.heads}
    assert set(found._real_heads) == {*graph.effective_heads}
    assert set(found.bases) == {*graph.bases}
    for revision in by_alembic:
        assert revision is not None
        assert revision.nextrev == {*graph.children(revision.revision)}
        assert revision.is_branch_point is (revision.revision in graph.branch_points)
        assert revision.is_merge_point is (revision.revision in graph.merge_points)


@given(histories())
def test_labels_are_the_same(graph: RevisionGraph) -> None:
    # Where a branch forks again ahead of its label, Alembic starts to look back
    # from any of the ends, and gets as far as the fork.
    for id in graph.labelled.values():
        assume(
            all(len(graph.needed_by(ahead)) < 2 for ahead in graph.descendants([id]))
        )
        assume(not graph.descendants([id]).intersection(graph.merge_points))
    found = alembic_map(graph)

    for id in graph:
        revision = found.get_revision(id)
        assert revision is not None
        assert revision.branch_labels == graph.labels(id)


@given(st.data())
def test_partial_ids_are_the_same(data: st.DataObject) -> None:
    names = st.text("ab1", min_size=1, max_size=6)
    graph = graph_of(**dict.fromkeys(data.draw(st.sets(names, min_size=1)), ""))
    found = alembic_map(graph)
    identifier = data.draw(names)

    def by_alembic() -> Outcome:
        revision = found.get_revision(identifier)
        assert revision is not None
        return {revision.revision}, ()

    assert unless_refused(lambda: ({graph.find(identifier).id}, ())) == (
        unless_refused(by_alembic)
    )


# -- plans -----------------------------------------------------------------------------


@given(st.data())
def test_upgrade_to_a_place_is_the_same(data: st.DataObject) -> None:
    graph = data.draw(histories())
    current = data.draw(heads_within(graph))
    forms = ("R", "B", "head", "heads", "base", "B@head", "B@R")
    target = data.draw(typed(*forms)(graph))

    ours = unless_refused(lambda: outcome(plan_upgrade(graph, current, target)))
    theirs = unless_refused(lambda: alembic_upgrade(graph, current, target))

    assert ours == theirs


@given(st.data())
def test_upgrade_by_steps_is_the_same(data: st.DataObject) -> None:
    graph = data.draw(histories())
    current = data.draw(heads_within(graph))
    forms = ("+N", "B@+N", "R+N", "R-N", "B@R-N", "head-N", "B@head-N", "B@base+N")
    target = data.draw(typed(*forms)(graph))

    ours = unless_refused(lambda: outcome(plan_upgrade(graph, current, target)))
    theirs = unless_refused(lambda: alembic_upgrade(graph, current, target))

    # It refuses more: counting back to base, and where only one row can go on.
    if theirs is not None:
        assert ours == theirs


@given(st.data())
def test_downgrade_to_a_place_is_the_same(data: st.DataObject) -> None:
    graph = data.draw(histories())
    current = data.draw(heads_within(graph))
    target = data.draw(typed("R", "base", "B@base")(graph))

    ours = unless_refused(lambda: outcome(plan_downgrade(graph, current, target)))
    theirs = unless_refused(lambda: alembic_downgrade(graph, current, target))

    assert ours == theirs


@given(st.data())
def test_downgrade_on_a_branch_is_the_same(data: st.DataObject) -> None:
    graph = data.draw(histories())
    current = data.draw(heads_within(graph))
    target = data.draw(typed("B@R", "B@base+N", "B@head", "R+N")(graph))

    ours = unless_refused(lambda: outcome(plan_downgrade(graph, current, target)))
    theirs = unless_refused(lambda: alembic_downgrade(graph, current, target))

    # One of them may refuse, but they never do different things.
    assert ours == theirs or ours is None or theirs is None


@given(st.data())
def test_downgrade_by_steps_is_the_same(data: st.DataObject) -> None:
    graph = data.draw(histories())
    current = data.draw(heads_within(graph))
    assume(len(current) == 1)
    target = data.draw(typed("-N", "B@-N")(graph))

    ours = unless_refused(lambda: outcome(plan_downgrade(graph, current, target)))
    theirs = unless_refused(lambda: alembic_downgrade(graph, current, target))

    assert ours == theirs or ours is None or theirs is None
    if "@" not in target:
        assert ours is not None or theirs is None


@given(st.data())
def test_stamp_of_one_revision_is_the_same(data: st.DataObject) -> None:
    graph = data.draw(histories())
    current = data.draw(heads_within(graph))
    target = data.draw(st.sampled_from([*graph, "base"]))

    assert plan_stamp(graph, current, [target]).end == (
        alembic_stamp(graph, current, [target])
    )


@given(st.data())
def test_stamp_of_an_empty_database_is_the_same(data: st.DataObject) -> None:
    graph = data.draw(histories())
    targets = data.draw(st.sampled_from([[id] for id in graph] + [["heads"]]))

    assert plan_stamp(graph, [], targets).end == alembic_stamp(graph, (), targets)


@given(st.data())
def test_history_is_the_same(data: st.DataObject) -> None:
    graph = data.draw(histories(dependencies=False))
    lower = data.draw(typed("R", "base")(graph))
    upper = data.draw(typed("R", "head", "heads", "B@head", "B@heads", "+N")(graph))

    def by_alembic() -> Outcome:
        revisions = alembic_map(graph).iterate_revisions(
            upper, lower, inclusive=True, assert_relative_length=False
        )
        return {each.revision for each in revisions}, ()

    ours = unless_refused(
        lambda: ({*ids(locate_history(graph, f"{lower}:{upper}"))}, ())
    )

    assert ours == unless_refused(by_alembic)


# -- where we differ on purpose --------------------------------------------------------

FORKED = graph_of(a1="", b1="a1", c1="a1", m1="b1 c1", s1="", s2="s1")


def test_alembic_takes_any_row_where_we_ask_which() -> None:
    current = ("b1", "s1")

    with pytest.warns(UserWarning, match="ambiguous"):
        assert alembic_downgrade(FORKED, current, "-1") is not None
    assert unless_refused(lambda: outcome(plan_downgrade(FORKED, current, "-1"))) is (
        None
    )


def test_alembic_undoes_other_lines_before_the_first_of_one() -> None:
    assert alembic_downgrade(FORKED, ("b1", "s1"), "a1-1") == ({"b1", "a1", "s1"}, ())
    assert outcome(plan_downgrade(FORKED, ("b1", "s1"), "a1-1")) == (
        {"b1", "a1"},
        ("s1",),
    )


def test_alembic_does_not_undo_a_merge_by_one_step() -> None:
    with pytest.raises(AlembicError):
        alembic_downgrade(FORKED, ("m1",), "-1")

    assert plan_downgrade(FORKED, ("m1",), "-1").end == ("b1", "c1")


def test_alembic_loses_a_stamped_row_that_is_named_again() -> None:
    assert alembic_stamp(FORKED, ("a1", "s2"), ["heads"]) == ("m1",)
    assert plan_stamp(FORKED, ("a1", "s2"), ["heads"]).end == ("m1", "s2")


def test_alembic_cannot_stamp_from_a_merge_to_its_parents() -> None:
    with pytest.raises(KeyError):
        alembic_stamp(FORKED, ("m1",), ["b1", "c1"])

    assert plan_stamp(FORKED, ("m1",), ["b1", "c1"]).end == ("b1", "c1")
