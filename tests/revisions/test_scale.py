"""Planning costs as much as there are revisions, whatever their shape.

What is counted are the lines of Python that run, never seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from random import Random
from types import FrameType
from typing import Any

import pytest
from hypothesis import given

from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.revisions.order import edges_between
from flask_migrations_ext.revisions.order import followed_down
from flask_migrations_ext.revisions.order import reversed_edges
from flask_migrations_ext.revisions.revision import Revision

from .histories import histories
from .histories import odd_histories
from .typed import plan_downgrade
from .typed import plan_upgrade

Edges = Mapping[str, tuple[str, ...]]


def diamonds(count: int) -> Iterator[Revision]:
    """A line that divides and is joined again, over and over."""
    yield Revision("r0")
    for number in range(0, count - 4, 4):
        yield Revision(f"r{number + 1}", (f"r{number}",))
        yield Revision(f"r{number + 2}", (f"r{number}",))
        yield Revision(f"r{number + 3}", (f"r{number + 2}",))
        yield Revision(f"r{number + 4}", (f"r{number + 1}", f"r{number + 3}"))


def beside(count: int) -> Iterator[Revision]:
    """A branch beside another, into which that is merged time and again."""
    yield Revision("a0")
    yield Revision("b0", ("a0",))
    for number in range(1, count // 2):
        yield Revision(f"a{number}", (f"a{number - 1}",))
        parents = (f"b{number - 1}", *([f"a{number}"] if number % 5 == 0 else []))
        yield Revision(f"b{number}", parents)


def fan(count: int) -> Iterator[Revision]:
    """Many branches of one revision, joined two by two."""
    yield Revision("r0")
    tips = [f"r{number}" for number in range(1, count // 2)]
    yield from (Revision(tip, ("r0",)) for tip in tips)
    for number in range(count // 2, count):
        if len(tips) > 1:
            yield Revision(f"r{number}", (tips.pop(0), tips.pop(0)))
            tips.append(f"r{number}")


def tangled(count: int) -> Iterator[Revision]:
    """Branches and merges at random."""
    random = Random(count)
    heads = ["r0"]
    yield Revision("r0")
    for number in range(1, count):
        parents: tuple[str, ...] = (random.choice(heads),)
        if len(heads) > 1 and random.random() < 0.2:
            parents = tuple(random.sample(heads, 2))
        elif random.random() < 0.25:
            parents = (f"r{random.randrange(max(0, number - 30), number)}",)
        heads = [each for each in heads if each not in parents] + [f"r{number}"]
        yield Revision(f"r{number}", parents)


def leaning(count: int) -> Iterator[Revision]:
    """Five lines that depend on each other, and all of them on the first."""
    for number in range(count):
        parents = (f"r{number - 5}",) if number >= 5 else ()
        nearest = (f"r{number - 1}",) if number and number % 3 == 0 else ()
        first = ("r0",) if number and number % 4 == 0 else ()
        yield Revision(f"r{number}", parents, tuple(dict.fromkeys(nearest + first)))


def lines_run(work: Callable[[], Any]) -> int:
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def planned(revisions: Sequence[Revision]) -> int:
    graph = RevisionGraph(revisions)
    up = plan_upgrade(graph, (), "heads")
    assert len(up.steps) == len(revisions)
    return len(plan_downgrade(graph, up.end, "base").steps)


@pytest.mark.parametrize("shape", [diamonds, beside, fan, tangled, leaning])
def test_twice_the_revisions_cost_twice_the_work(
    shape: Callable[[int], Iterator[Revision]],
) -> None:
    some, twice = list(shape(400)), list(shape(800))
    growth = len(twice) / len(some)

    assert lines_run(lambda: planned(twice)) <= 1.15 * growth * lines_run(
        lambda: planned(some)
    )


def followed_down_slowly(
    tops: Sequence[str], needs: Edges, needed_by: Edges
) -> list[str]:
    """The order as it is meant: whatever is asked is looked up anew."""
    lines, at = list(tops), 0
    ordered: list[str] = []
    while lines:
        id = lines[at]
        if not set(needed_by[id]) <= set(ordered):
            above = reached([id], needed_by) - {id}
            at = next(at for at, top in enumerate(lines) if top in above)
            continue
        ordered.append(id)
        further = [need for need in needs[id] if need not in lines]
        lines[at : at + 1] = further[:1]
        lines += further[1:]
        at = at if further else max(at - 1, 0)
    return ordered


def reached(ids: Collection[str], edges: Edges) -> set[str]:
    found = set(ids)
    while fresh := {other for id in found for other in edges[id]} - found:
        found |= fresh
    return found


@given(histories())
def test_the_order_is_the_one_that_is_meant(graph: RevisionGraph) -> None:
    needs = edges_between(graph, {id: graph.needs(id) for id in graph})
    needed_by = reversed_edges(needs)
    tops = [id for id in graph if not needed_by[id]]

    assert followed_down(tops, needs, needed_by) == followed_down_slowly(
        tops, needs, needed_by
    )


@pytest.mark.parametrize("shape", [diamonds, beside, fan, tangled, leaning])
def test_so_it_is_for_histories_of_any_shape(
    shape: Callable[[int], Iterator[Revision]],
) -> None:
    graph = RevisionGraph(shape(60))
    needs = {id: graph.needs(id) for id in graph}
    needed_by = reversed_edges(needs)

    assert followed_down(graph.effective_heads, needs, needed_by) == (
        followed_down_slowly(graph.effective_heads, needs, needed_by)
    )


@given(odd_histories())
def test_a_dependency_that_an_ancestor_has_is_followed_there(
    graph: RevisionGraph,
) -> None:
    """Else a revision would come after what its branch depends on."""
    for id in graph:
        before = {
            need
            for ancestor in graph.ancestors([id]) - {id}
            for need in graph.dependencies(ancestor)
        }
        once = [
            need
            for need in graph.needs(id)
            if need in graph.parents(id) or need not in before
        ]
        assert list(graph._needs_once[id]) == once
