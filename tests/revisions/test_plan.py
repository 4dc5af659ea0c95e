from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_migrations_ext.errors import InvalidTarget
from flask_migrations_ext.errors import RevisionNotFound
from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.revisions.plan import applied
from flask_migrations_ext.revisions.plan import Direction
from flask_migrations_ext.revisions.plan import missing
from flask_migrations_ext.revisions.plan import Plan

from .histories import graph_of
from .histories import heads_within
from .histories import histories
from .histories import ids
from .typed import plan_downgrade
from .typed import plan_stamp
from .typed import plan_upgrade

LINE = graph_of(a1="", a2="a1", a3="a2")

# a1 ── a2 ─┬─ l1 ── l2      left
#           └─ r1 ── r2      right
# s1 ── s2                   side
BRANCHES = graph_of(
    a1="", a2="a1", l1="a2 #left", l2="l1", r1="a2 #right", r2="r1", s1="#side", s2="s1"
)

# b and c leave a, join in m; d follows. x depends on b, y on m; z follows.
JOINED = graph_of(a="", b="a", c="a", m="b c", d="m", x="+b #side", y="x +m", z="y")


def told(plan: Plan) -> str:
    """Return ``"a2>a2 a3>a2,a3"``: each revision and the rows after it."""
    return " ".join(f"{step.revision.id}>{','.join(step.heads)}" for step in plan.steps)


# -- upgrade ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("current", "target", "steps"),
    [
        ([], "heads", "a>a b>b c>b,c m>m x>m,x y>y z>z d>d,z"),
        ([], "side", "a>a b>b x>x"),
        (["a"], "side@head", "b>b c>b,c m>m x>m,x y>y z>z"),
        (["y"], "d", "d>d,y"),
        (["b", "c"], "m", "m>m"),
        (["b", "c"], "+1", "m>m"),
        (["m"], "side@+1", "x>m,x"),
        # A step takes along what it depends on.
        (["x"], "side@+1", "c>c,x m>m,x y>y"),
        (["d", "z"], "heads", ""),
        (["m"], "a", ""),
        (["m"], "base", ""),
        (["m"], "current", ""),
    ],
)
def test_upgrade(current: list[str], target: str, steps: str) -> None:
    plan = plan_upgrade(JOINED, current, target)

    assert told(plan) == steps
    assert {step.direction for step in plan.steps} <= {Direction.UPGRADE}


def test_a_step_knows_the_rows_before_and_after_it() -> None:
    plan = plan_upgrade(LINE, ["a1"], "head")

    assert plan.start == ("a1",)
    assert [(step.before, step.heads) for step in plan.steps] == [
        (("a1",), ("a2",)),
        (("a2",), ("a3",)),
    ]
    assert plan.end == ("a3",)
    assert str(plan.steps[0].direction) == "upgrade"


def test_a_row_too_many_goes_with_the_first_step() -> None:
    """What another row needs is implied, and some tools have stored it."""
    plan = plan_upgrade(LINE, ["a2", "a1"], "head")

    assert plan.steps[0].before == ("a1", "a2")
    assert plan.steps[0].heads == ("a3",)


def test_one_branch_is_upgraded_without_the_others() -> None:
    assert told(plan_upgrade(BRANCHES, ["r1", "s1"], "left@head")) == (
        "l1>l1,r1,s1 l2>l2,r1,s1"
    )


@pytest.mark.parametrize("planned", [plan_upgrade, plan_downgrade])
def test_an_unknown_revision_in_the_database_is_reported(planned: object) -> None:
    assert callable(planned)
    with pytest.raises(RevisionNotFound) as caught:
        planned(LINE, ["lost"], "a1")

    assert caught.value.identifier == "lost"


def test_the_database_never_holds_a_partial_id() -> None:
    graph = graph_of(abcdef="")

    with pytest.raises(RevisionNotFound):
        plan_upgrade(graph, ["abcd"], "head")


# -- downgrade -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("current", "target", "steps"),
    [
        (["l2", "s1"], "left@-1", "l2>l1,s1"),
        (["l2", "s1"], "l2@-1", "l2>l1,s1"),
        (["l2", "s2"], "side@-2", "s2>l2,s1 s1>l2"),
        (["l2", "s2"], "side@base", "s2>l2,s1 s1>l2"),
        (["l2", "s2"], "s1-1", "s2>l2,s1 s1>l2"),
        (["l2", "r2"], "l1", "l2>l1,r2"),
        (["l2", "r1", "s1"], "a2", "l2>l1,r1,s1 l1>r1,s1 r1>a2,s1"),
        # The row of a2 does not come back while r1 implies it.
        (["l2", "r1"], "left@a2", "l2>l1,r1 l1>r1"),
        (["l2", "r1"], "left@-2", "l2>l1,r1 l1>r1"),
        # What the branches share goes only with both of them.
        (["l1", "r1"], "left@-2", "l1>r1 r1>a2 a2>a1"),
        (["l1", "r1", "s1"], "left@base", "l1>r1,s1 r1>a2,s1 a2>a1,s1 a1>s1"),
        (["l2", "s1"], "left@head-1", "l2>l1,s1"),
        (["l2"], "left@base+3", "l2>l1"),
        (["l2"], "-4", "l2>l1 l1>a2 a2>a1 a1>"),
        (["a2"], "left@-1", "a2>a1"),
        (["l1", "s1"], "base", "l1>a2,s1 a2>a1,s1 a1>s1 s1>"),
        (["l1"], "current", ""),
        (["l1", "r1"], "l1", ""),
        (["l2", "r2", "s2"], "heads", ""),
        ([], "base", ""),
    ],
)
def test_downgrade_of_one_branch_leaves_the_others(
    current: list[str], target: str, steps: str
) -> None:
    plan = plan_downgrade(BRANCHES, current, target)

    assert told(plan) == steps
    assert {step.direction for step in plan.steps} <= {Direction.DOWNGRADE}


@pytest.mark.parametrize(
    ("current", "target", "undone", "end"),
    [
        (["m"], "-1", "m", "b c"),
        (["m"], "b", "m", "b c"),
        (["d"], "b@-3", "d m b", "c"),
        # What depends on a revision is undone before it.
        (["z"], "b", "z y m", "c x"),
        (["x"], "a", "x b", "a"),
        (["d", "z"], "m", "d", "z"),
        (["d", "z"], "base", "d z y m x c b a", ""),
        # A dependency stays when the one that needed it goes.
        (["z"], "side@base", "z y x", "m"),
        (["z"], "-3", "z y x", "m"),
        (["z"], "side@-2", "z y", "m x"),
    ],
)
def test_downgrade_splits_merges_and_follows_dependencies(
    current: list[str], target: str, undone: str, end: str
) -> None:
    plan = plan_downgrade(JOINED, current, target)

    assert {step.revision.id for step in plan.steps} == {*undone.split()}
    assert plan.end == tuple(end.split())


@pytest.mark.parametrize(
    ("current", "target", "reason"),
    [
        (["l2"], "+1", "'flask db upgrade \\+1'"),
        (["l2", "s1"], "-1", "at 'l2' and 's1'; say which .* 'l2@-1' or 's1@-1'"),
        (["l2"], "-9", "only 4 revisions are left to undo"),
        ([], "-1", "no revision is applied"),
        (["a2"], "s1", "'s1' is not applied: the database is at 'a2'"),
        ([], "a1", "'a1' is not applied: the database is at base"),
        (["l1"], "l2", "'l2' is not applied"),
        (["r2"], "left@-1", "no revision of branch 'left' is applied"),
        (["r2"], "left@a2", "nothing that is applied there descends from 'a2'"),
        (["l2"], "side@-1", "no revision is applied there"),
        (["l2"], "l2-9", "only 4 revisions are left down to base"),
        (["l2"], "base-1", "nothing before base"),
    ],
)
def test_downgrade_out_of_reach_says_why(
    current: list[str], target: str, reason: str
) -> None:
    with pytest.raises(InvalidTarget, match=reason):
        plan_downgrade(BRANCHES, current, target)


def test_a_second_step_back_through_a_merge_must_name_a_side() -> None:
    with pytest.raises(InvalidTarget, match="'m' joins 'b' and 'c'"):
        plan_downgrade(JOINED, ["m"], "-2")


def test_a_branch_that_another_depends_on_is_found_without_a_row_of_its_own() -> None:
    graph = graph_of(a="#left", b="a", x="+b")

    assert told(plan_downgrade(graph, ["x"], "left@-1")) == "x>b b>a"
    assert told(plan_downgrade(graph, ["x"], "b@-1")) == "x>b b>a"
    assert plan_upgrade(graph_of(a="", b="a", c="b", x="+b"), ["x"], "a@+1").end == (
        "c",
        "x",
    )


def test_what_only_depends_on_the_target_is_not_undone_silently() -> None:
    graph = graph_of(a="", x="+a")

    with pytest.raises(InvalidTarget, match="descends from 'a'"):
        plan_downgrade(graph, ["x"], "a")


# -- stamp -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("current", "targets", "end"),
    [
        ([], ["heads"], "l2 r2 s2"),
        ([], ["left"], "l1"),
        (["a1"], ["l2"], "l2"),
        (["l2"], ["a1"], "a1"),
        (["l2", "r2", "s2"], ["a2"], "a2 s2"),
        (["r2"], ["l2"], "l2 r2"),
        (["l1", "s2"], ["left@head"], "l2 s2"),
        (["l2", "r2"], ["l1"], "l1 r2"),
        (["l2", "s2"], ["base"], ""),
        (["l2", "s2"], ["side@base"], "l2"),
        (["l2", "r2", "s2"], ["left@base"], "r2 s2"),
        (["l2", "s2"], ["s1-1"], "l2"),
        (["l2", "s2"], ["left@head-1"], "l1 s2"),
        (["l2", "r2", "s1"], ["a2", "s2"], "a2 s2"),
        (["r1"], ["l2", "s2"], "l2 r1 s2"),
        # What is there already stays, whatever is named beside it.
        (["a1", "s2"], ["heads"], "l2 r2 s2"),
        # What another needs is implied.
        ([], ["l1", "l2"], "l2"),
        (["l2"], ["base", "s1"], "s1"),
        (["l2"], [], "l2"),
    ],
)
def test_stamp_replaces_the_heads_on_its_lines(
    current: list[str], targets: list[str], end: str
) -> None:
    stamp = plan_stamp(BRANCHES, current, targets)

    assert stamp.end == tuple(end.split())


@pytest.mark.parametrize(
    ("current", "targets", "end"),
    [
        (["b", "c"], ["m"], "m"),
        (["m"], ["b", "c"], "b c"),
        (["m"], ["y"], "y"),
        (["z"], ["m"], "m"),
        (["z"], ["side@base"], ""),
        (["x"], ["c"], "c x"),
        (["y"], ["d"], "d y"),
    ],
)
def test_stamp_follows_merges_and_dependencies(
    current: list[str], targets: list[str], end: str
) -> None:
    assert plan_stamp(JOINED, current, targets).end == tuple(end.split())


def test_stamp_of_a_branch_to_base_takes_along_what_depends_on_it() -> None:
    graph = graph_of(a="#left", x="+a", y="")

    assert plan_stamp(graph, ["x", "y"], ["left@base"]).end == ("y",)


def test_stamp_says_which_rows_come_and_go() -> None:
    stamp = plan_stamp(BRANCHES, ["s2", "l2"], ["l1"])

    assert stamp.start == ("l2", "s2")
    assert stamp.removed == ("l2",)
    assert stamp.added == ("l1",)


def test_stamp_with_purge_forgets_whatever_was_there() -> None:
    stamp = plan_stamp(BRANCHES, ["lost", "l1", "s2"], ["l1"], purge=True)

    assert stamp.removed == ("l1", "lost", "s2")
    assert stamp.added == stamp.end == ("l1",)


def test_stamp_without_purge_reports_an_unknown_revision() -> None:
    with pytest.raises(RevisionNotFound):
        plan_stamp(BRANCHES, ["lost"], ["l1"])


@pytest.mark.parametrize("target", ["+1", "-1", "left@+1", "current", "current-1"])
def test_stamp_needs_a_place(target: str) -> None:
    with pytest.raises(InvalidTarget):
        plan_stamp(BRANCHES, ["l1"], [target])


# -- laws ------------------------------------------------------------------------------


def assert_sound(graph: RevisionGraph, plan: Plan) -> None:
    """Assert that no step lacks what it needs, and that every row count is right."""
    done = set(graph.ancestors(plan.start, dependencies=True))
    before = plan.start
    for step in plan.steps:
        id = step.revision.id
        if step.direction is Direction.UPGRADE:
            assert id not in done
            assert done.issuperset(graph.needs(id))
            done.add(id)
        else:
            assert done.isdisjoint(graph.needed_by(id))
            done.remove(id)

        assert step.before == before
        assert step.heads == graph.tips(done)
        before = step.heads

    assert plan.end == before


@given(st.data())
def test_upgrade_takes_every_step_after_what_it_needs(data: st.DataObject) -> None:
    graph = data.draw(histories())
    current = data.draw(heads_within(graph))
    target = data.draw(st.sampled_from(["heads", *graph]))

    plan = plan_upgrade(graph, current, target)

    assert_sound(graph, plan)
    named = graph.heads if target == "heads" else [target]
    assert graph.ancestors(plan.end, dependencies=True) == graph.ancestors(
        [*current, *named], dependencies=True
    )


@given(st.data())
def test_downgrade_undoes_all_that_descends_and_keeps_the_rest(
    data: st.DataObject,
) -> None:
    graph = data.draw(histories())
    current = data.draw(heads_within(graph))
    before = graph.ancestors(current, dependencies=True)
    followed = [id for id in graph if not before.isdisjoint(graph.children(id))]
    target = data.draw(st.sampled_from(["base", *current, *followed]))

    plan = plan_downgrade(graph, current, target)

    assert_sound(graph, plan)
    first = graph.bases if target == "base" else graph.children(target)
    after = graph.ancestors(plan.end, dependencies=True)
    assert before - after == before & graph.descendants(first, dependencies=True)


@given(histories())
def test_all_the_way_up_and_down(graph: RevisionGraph) -> None:
    up = plan_upgrade(graph, [], "heads")
    down = plan_downgrade(graph, up.end, "base")

    assert up.end == tuple(sorted(graph.effective_heads))
    assert down.end == ()
    assert [step.revision for step in down.steps] == [
        step.revision for step in reversed(up.steps)
    ]


@given(st.data())
def test_applied_and_missing_are_all(data: st.DataObject) -> None:
    graph = data.draw(histories())
    current = data.draw(heads_within(graph))

    assert graph.tips(ids(applied(graph, current))) == current
    assert sorted(ids(applied(graph, current) + missing(graph, current))) == sorted(
        graph
    )
    assert [step.revision for step in plan_upgrade(graph, current, "heads").steps] == [
        *missing(graph, current)
    ]


@given(st.data())
def test_stamped_heads_need_nothing_of_each_other(data: st.DataObject) -> None:
    graph = data.draw(histories())
    current = data.draw(heads_within(graph))
    targets = data.draw(st.lists(st.sampled_from([*graph, "base", "heads"])))

    stamp = plan_stamp(graph, current, targets)

    assert graph.tips(stamp.end) == stamp.end
    assert stamp.end == tuple(
        sorted((set(current) - set(stamp.removed)) | set(stamp.added))
    )
