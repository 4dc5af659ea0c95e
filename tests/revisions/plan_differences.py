"""Where a plan is not Alembic's: when that may be, and an example of each.

The names are those in docs/differences.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.revisions.resolve import branch_of
from flask_migrations_ext.revisions.target import Target

from .alembic_oracle import No
from .histories import graph_of
from .plan_cases import Answer
from .plan_cases import Case

#: Two lines joined in m1, and a line of its own, which another depends on.
GRAPH = graph_of(
    a1="", b1="a1 #left", c1="a1 #right", m1="b1 c1", s1="#side", s2="s1", t1="+s1"
)
#: A merge of a revision with one that it descends from.
TWICE = graph_of(x1="", x2="x1", x3="x1 x2", y1="")
#: The id and the label begin alike.
ALIKE = graph_of(shop1="#shop_1")
DOTTED = graph_of(**{"v1.0": "", "v1.1": "v1.0"})
#: Two ways on from r, and one more from beside it.
FANNED = graph_of(r="", x="r", y="x", z="r")
LINE = graph_of(a1="", a2="a1", a3="a2", a4="a3")


@dataclass(frozen=True)
class Difference:
    """One way in which we differ on purpose.

    :param ours: what we may do there: refuse, or not.
    :param theirs: what Alembic may do there.
    :param when: what has to hold for the case.
    """

    name: str
    verbs: str
    ours: str
    theirs: str
    when: Callable[[Case], object]
    example: Case

    def explains(self, case: Case, ours: Answer, theirs: Answer) -> bool:
        return bool(
            case.verb in [verb.strip() for verb in self.verbs.split(",")]
            and _kind(ours) in self.ours.split()
            and _kind(theirs) in self.theirs.split()
            and self.when(case)
        )


def explained(case: Case, ours: Answer, theirs: Answer) -> str | None:
    """Return the name of what explains that the answers differ, if anything does."""
    for each in DIFFERENCES:
        if each.explains(case, ours, theirs):
            return each.name
    return None


def _kind(found: Answer) -> str:
    return found.name.lower() if isinstance(found, No) else "does"


def _case(
    verb: str,
    *typed: str,
    at: str = "",
    graph: RevisionGraph = GRAPH,
    splice: bool = False,
) -> Case:
    return Case(verb, graph, tuple(at.split()), typed, splice)


# -- conditions ------------------------------------------------------------------------


def _any_target(holds: Callable[[Case, Target], object]) -> Callable[[Case], bool]:
    return lambda case: any(holds(case, each) for each in case.targets)


def _last_target(holds: Callable[[Case, Target], object]) -> Callable[[Case], object]:
    return lambda case: holds(case, case.target)


def _start(holds: Callable[[Case, Target], object]) -> Callable[[Case], object]:
    return lambda case: (
        not case.typed[0].startswith(":") and holds(case, case.targets[0])
    )


def _counts_from_a_place(case: Case, target: Target) -> object:
    return target.place is not None and target.steps


def _counts_from_the_database(case: Case, target: Target) -> object:
    return target.place is None and target.steps


def _counts_back_past_base(case: Case, target: Target) -> object:
    return target.place == "base" and target.steps < 0


def _counts_back_to_base(case: Case, target: Target) -> object:
    return target.steps < 0 and target.place and case.located(target) == ()


def _counts_along_a_branch(case: Case, target: Target) -> object:
    return target.branch and target.steps < 0 and case.graph.merge_points


def _place_off_its_branch(case: Case, target: Target) -> object:
    if target.branch is None or target.place is None:
        return False
    try:
        within = branch_of(case.graph, target)
        alone = case.located(Target(target.place, place=target.place))
    except LookupError:
        return False
    return alone and within is not None and not within.issuperset(alone)


def _place_on_a_branch(case: Case, target: Target) -> object:
    return (
        target.branch
        and target.place not in (None, "base")
        or (target.branch and target.place == "base" and target.steps)
    )


def _several_rows(case: Case) -> bool:
    return len(case.current) > 1


def _starts_at_several(case: Case, target: Target) -> object:
    return len(case.located(target) or ()) > 1


def _goes_back_over_a_merge(case: Case, target: Target) -> object:
    applied = case.graph.ancestors(case.current)
    return target.place is None and applied.intersection(case.graph.merge_points)


def _needs_twice(case: Case) -> bool:
    """Whether a revision needs what another of its needs needs already."""
    graph = case.graph
    return any(
        graph.ancestors([other], dependencies=True) >= {need}
        for id in graph
        for need in graph.needs(id)
        for other in graph.needs(id)
        if other != need
    )


def _named(case: Case) -> list[str]:
    return [id for each in case.targets for id in case.located(each) or ()]


def _names_several(case: Case) -> bool:
    return len(case.targets) > 1 or len(_named(case)) > 1


def _names_one_twice(case: Case) -> bool:
    return len(set(_named(case))) < len(_named(case)) or (
        sum(case.located(each) == () for each in case.targets) > 1
    )


def _names_an_ancestor(case: Case) -> bool:
    named = set(_named(case))
    return any(named & case.graph.ancestors([id]) - {id} for id in named)


def _has_a_dot(case: Case, target: Target) -> object:
    return target.steps and "." in target.text


def _begins_id_and_label(case: Case, target: Target) -> bool:
    return any(
        name.startswith(part) and label.startswith(part)
        for part in (target.place, target.branch)
        if part
        for label, name in case.graph.labelled.items()
    )


def _current_of_nothing(case: Case) -> bool:
    return "current" in case.typed[0].split(":") and not case.current


def _not_the_plain_count(case: Case, target: Target) -> object:
    """Whether a range does more than count back from the only head."""
    if target.place is not None or target.steps >= 0:
        return False
    graph = case.graph
    end = case.typed[0].partition(":")[2]
    line = graph.ancestors(graph.heads)
    return (
        target.branch is not None
        or end not in ("", "head", "heads")
        or len(graph.heads) > 1
        or len(line) <= -target.steps
        or any(graph.dependencies(id) for id in graph)
        or graph.merge_points
    )


def _ranges_over_a_branch(case: Case) -> bool:
    starts = not case.typed[0].startswith(":") and case.targets[0].branch is not None
    return starts or any(each.branch and each.place is None for each in case.targets)


# -- the differences -------------------------------------------------------------------

PLANS = "upgrade, downgrade, upgrade --sql, downgrade --sql"
ALL = f"{PLANS}, stamp, history, merge, revision"
DIFFERENCES = (
    Difference(
        "traceback",
        ALL,
        "does refused",
        "failed",
        lambda case: True,
        _case("upgrade", "a1+9", graph=LINE),
    ),
    Difference(
        "current",
        ALL,
        "does",
        "refused",
        _any_target(lambda case, target: target.place == "current"),
        _case("downgrade", "current-1", at="b1"),
    ),
    Difference(
        "current-of-an-empty-database",
        "history",
        "does refused",
        "does",
        _current_of_nothing,
        _case("history", ":current"),
    ),
    Difference(
        "dots",
        ALL,
        "does",
        "refused",
        _any_target(_has_a_dot),
        _case("upgrade", "v1.0+1", graph=DOTTED),
    ),
    Difference(
        "two-names-of-one",
        ALL,
        "does",
        "refused",
        _any_target(_begins_id_and_label),
        _case("upgrade", "sho", graph=ALIKE),
    ),
    Difference(
        "ahead-of-several-rows",
        "upgrade",
        "does",
        "refused",
        lambda case: (
            _several_rows(case) and _counts_from_the_database(case, case.target)
        ),
        _case("upgrade", "+1", at="b1 c1"),
    ),
    Difference(
        "which-row",
        "downgrade, downgrade --sql",
        "refused",
        "does",
        lambda case: (
            _several_rows(case) and _counts_from_the_database(case, case.target)
        ),
        _case("downgrade", "-1", at="b1 s1"),
    ),
    Difference(
        "back-over-a-merge",
        "downgrade, downgrade --sql",
        "does",
        "refused",
        _last_target(_goes_back_over_a_merge),
        _case("downgrade", "-1", at="m1"),
    ),
    Difference(
        "steps-on-a-branch",
        ALL,
        "does",
        "refused",
        _any_target(_counts_along_a_branch),
        _case("upgrade", "left@m1-1"),
    ),
    Difference(
        "before-base",
        ALL,
        "refused",
        "does",
        _any_target(_counts_back_past_base),
        _case("downgrade", "base-1", graph=LINE, at="a4"),
    ),
    Difference(
        "back-to-base",
        "downgrade, downgrade --sql",
        "does",
        "does",
        _last_target(_counts_back_to_base),
        _case("downgrade", "a1-1", at="b1 s1"),
    ),
    Difference(
        "branch-of-a-downgrade",
        "downgrade, downgrade --sql",
        "does",
        "refused",
        _last_target(_place_on_a_branch),
        _case("downgrade", "s1@head", at="s2"),
    ),
    Difference(
        "not-on-that-branch",
        "downgrade, downgrade --sql",
        "refused",
        "does",
        _last_target(_place_off_its_branch),
        _case("downgrade", "left@s1", at="s2"),
    ),
    Difference(
        "heads-of-a-downgrade",
        "downgrade, downgrade --sql",
        "does",
        "refused",
        _last_target(lambda case, target: target.place == "heads"),
        _case("downgrade", "heads", at="m1 s2 t1"),
    ),
    Difference(
        "needed-twice",
        PLANS,
        "does",
        "does refused",
        _needs_twice,
        _case("downgrade", "base", at="x3 y1", graph=TWICE),
    ),
    Difference(
        "start-in-steps",
        "stamp, merge, revision, upgrade --sql, downgrade --sql, history",
        "does",
        "refused",
        _any_target(_counts_from_a_place),
        _case("stamp", "a1+1", graph=LINE),
    ),
    Difference(
        "back-from-the-files",
        "stamp, merge, revision",
        "refused",
        "does",
        _any_target(_counts_from_the_database),
        _case("stamp", "-1", graph=LINE),
    ),
    Difference(
        "stamp-of-several",
        "stamp",
        "does",
        "does refused",
        _names_several,
        _case("stamp", "heads", at="a1 s2"),
    ),
    Difference(
        "stamp-on-a-branch",
        "stamp",
        "does",
        "does",
        _any_target(_place_on_a_branch),
        _case("stamp", "r@y", at="x z", graph=FANNED),
    ),
    Difference(
        "named-twice",
        "merge",
        "does",
        "refused",
        _names_one_twice,
        _case("merge", "m1", "m1", "s2"),
    ),
    Difference(
        "merge-with-an-ancestor",
        "merge",
        "refused",
        "does",
        _names_an_ancestor,
        _case("merge", "a1", "b1", splice=True),
    ),
    Difference(
        "open-start",
        "downgrade --sql",
        "refused",
        "does",
        lambda case: case.typed[0].startswith(":"),
        _case("downgrade --sql", ":base"),
    ),
    Difference(
        "several-starts",
        "history, upgrade --sql, downgrade --sql",
        "does",
        "refused",
        _start(_starts_at_several),
        _case("history", "heads:s2"),
    ),
    Difference(
        "back-from-the-end",
        "history",
        "does refused",
        "does refused",
        _start(_not_the_plain_count),
        _case("history", "-1:a3", graph=LINE),
    ),
    Difference(
        "range-on-a-branch",
        "history",
        "does refused",
        "does refused",
        _ranges_over_a_branch,
        _case("history", "left@base:a1"),
    ),
)
