from __future__ import annotations

import pytest

from flask_migrations_ext.errors import AmbiguousRevision
from flask_migrations_ext.errors import InvalidTarget
from flask_migrations_ext.errors import MultipleHeads
from flask_migrations_ext.errors import NotAnAncestor
from flask_migrations_ext.errors import RevisionError
from flask_migrations_ext.errors import RevisionNotFound
from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.revisions.target import EVERYTHING
from flask_migrations_ext.revisions.target import parse
from flask_migrations_ext.revisions.target import parse_range
from flask_migrations_ext.revisions.target import Target

from .histories import graph_of
from .histories import ids
from .typed import locate
from .typed import locate_history
from .typed import locate_offline
from .typed import locate_one
from .typed import locate_upgrade

LINE = graph_of(a1="", a2="a1", a3="a2", a4="a3")

# a1 ── a2 ─┬─ l1 ── l2      left
#           └─ r1 ── r2      right
# s1 ── s2                   side
BRANCHES = graph_of(
    a1="", a2="a1", l1="a2 #left", l2="l1", r1="a2 #right", r2="r1", s1="#side", s2="s1"
)

# b1 and c1 leave a1, join in m1; then m2
MERGED = graph_of(a1="", b1="a1 #left", c1="a1", m1="b1 c1", m2="m1")


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("head", Target("head", None, "head")),
        (" head ", Target(" head ", None, "head")),
        ("left@head", Target("left@head", "left", "head")),
        ("+2", Target("+2", None, None, 2)),
        ("left@-3", Target("left@-3", "left", None, -3)),
        ("a1+10", Target("a1+10", None, "a1", 10)),
        ("left@a1-1", Target("left@a1-1", "left", "a1", -1)),
    ],
)
def test_a_target_is_taken_apart(text: str, target: Target) -> None:
    assert parse(text) == target


@pytest.mark.parametrize(
    "text",
    "@ @head left@ a@b@c head@a1 current@+1 +0 -0 a1+0 + - a1+ -a -a@b +1+1 a:b".split()
    + ["", " "],
)
def test_what_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidTarget):
        parse(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("heads", ["l2", "r2", "s2"]),
        ("base", []),
        ("a2", ["a2"]),
        ("left", ["l1"]),
        ("left@head", ["l2"]),
        ("left@heads", ["l2"]),
        ("a1@heads", ["l2", "r2"]),
        ("side@base", []),
        ("left@a1", ["a1"]),
        ("left@head-1", ["l1"]),
        ("left@head-3", ["a1"]),
        ("left@head-4", []),
        ("side@base+1", ["s1"]),
        ("left@base+4", ["l2"]),
        ("left@a2+1", ["l1"]),
        ("a1+1", ["a2"]),
        ("r1+1", ["r2"]),
        ("r1-2", ["a1"]),
        ("r1-3", []),
    ],
)
def test_a_place_does_not_depend_on_the_database(text: str, found: list[str]) -> None:
    assert list(locate(BRANCHES, text)) == found
    assert list(locate(BRANCHES, text, ["l2", "s1"])) == found


@pytest.mark.parametrize(
    ("text", "current", "found"),
    [
        ("current", [], []),
        ("current", ["l1", "s1"], ["l1", "s1"]),
        ("left@current", ["l1", "s1"], ["l1"]),
        ("left@current", ["r1"], ["a2"]),
        ("+1", ["a1"], ["a2"]),
        ("current+1", ["a1"], ["a2"]),
        ("left@+1", [], ["a1"]),
        ("left@+1", ["a2"], ["l1"]),
        ("left@+2", ["r2"], ["l2"]),
        ("side@+1", ["l1"], ["s1"]),
        ("side@+1", ["l1", "s1"], ["s2"]),
        ("-1", ["l2"], ["l1"]),
        ("-4", ["l2"], []),
        ("current-2", ["l2"], ["a2"]),
        ("left@-1", ["l2", "s1"], ["l1"]),
        # Only one of the rows has anything after it.
        ("+1", ["l1", "r2", "s2"], ["l2"]),
    ],
)
def test_steps_count_from_where_the_database_is(
    text: str, current: list[str], found: list[str]
) -> None:
    assert list(locate(BRANCHES, text, current)) == found


@pytest.mark.parametrize(
    ("text", "current", "reason"),
    [
        ("+1", [], "divides into 'a1' and 's1'"),
        ("+1", ["a2"], "divides into 'l1' and 'r1'"),
        ("+3", ["a1"], "divides into 'l1' and 'r1'"),
        ("+1", ["l1", "r1"], "divides into 'l2' and 'r2'"),
        ("+1", ["l2"], "no revision is left to apply"),
        ("left@+9", [], "only 4 revisions are left to apply"),
        ("left@+9", ["l1", "s1"], "only 1 revision is left to apply"),
        ("a1+9", [], "divides into"),
        ("l1+9", [], "only 1 revision is left after it"),
        ("left@head+1", [], "no revision is left after it"),
        ("l1-9", [], "only 3 revisions are left down to base"),
        ("base-1", [], "nothing before base"),
        ("base+1", [], "divides into 'a1' and 's1'"),
        ("-1", [], "no revision is applied"),
        ("-1", ["l2", "s1"], "as in 'l2@-1' or 's1@-1'"),
        ("side@-1", ["l2"], "no revision is applied there"),
        ("left@s1", [], "'s1' is not on branch 'left'"),
    ],
)
def test_a_target_out_of_reach_says_why(
    text: str, current: list[str], reason: str
) -> None:
    with pytest.raises(InvalidTarget, match=reason):
        locate(BRANCHES, text, current)


@pytest.mark.parametrize("text", ["m1-1", "m2-2", "head-2", "left@b1+1"])
def test_a_merge_is_no_obstacle_on_a_branch(text: str) -> None:
    on_branch = text if "@" in text else f"left@{text}"

    assert locate(MERGED, on_branch) in [("b1",), ("m1",)]


@pytest.mark.parametrize("text", ["m1-1", "m2-2", "head-2"])
def test_a_merge_divides_the_way_back(text: str) -> None:
    with pytest.raises(InvalidTarget, match="'m1' joins 'b1' and 'c1'"):
        locate(MERGED, text)


def test_both_sides_of_a_merge_go_forward_to_it() -> None:
    assert locate(MERGED, "+1", ["b1", "c1"]) == ("m1",)
    assert locate(MERGED, "+2", ["b1", "c1"]) == ("m2",)


@pytest.mark.parametrize("text", ["head", "head-1", "heads-1", "a1@head", "head+1"])
def test_several_heads_are_not_one(text: str) -> None:
    with pytest.raises(MultipleHeads) as caught:
        locate(BRANCHES, text)

    assert set(caught.value.heads) >= {"l2", "r2"}
    assert caught.value.target == text


def test_one_head_may_be_called_heads() -> None:
    assert locate(LINE, "heads-1") == locate(LINE, "head-1") == ("a3",)


def test_in_an_empty_history_every_end_is_base() -> None:
    empty = RevisionGraph()

    assert locate(empty, "head") == locate(empty, "heads") == ()


@pytest.mark.parametrize("text", ["nowhere", "nowhere@head", "left@nowhere", "l2@zz"])
def test_what_does_not_exist_is_not_found(text: str) -> None:
    with pytest.raises(RevisionNotFound):
        locate(BRANCHES, text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("shop-samples", "b1"),
        ("shop-samples@head", "b2"),
        ("shop-samples@head-1", "b1"),
        ("shop-samples-1", "a1"),
        ("shop-samples@b1", "b1"),
        ("b1-1", "a1"),
    ],
)
def test_a_label_may_have_dashes(text: str, found: str) -> None:
    graph = graph_of(a1="", b1="a1 #shop-samples", b2="b1", c1="a1")

    assert locate(graph, text) == (found,)


def test_a_branch_decides_what_a_partial_id_means() -> None:
    graph = graph_of(feed01="#left", feed02="#right")

    assert locate(graph, "right@feed") == ("feed02",)
    assert locate(graph, "feed01@head") == ("feed01",)
    with pytest.raises(AmbiguousRevision):
        locate(graph, "feed")


def test_one_revision_is_located_or_refused() -> None:
    assert locate_one(LINE, "head").id == "a4"
    assert locate_one(LINE, "current", ["a2"]).id == "a2"
    with pytest.raises(MultipleHeads, match="'current' is not one revision"):
        locate_one(BRANCHES, "current", ["l1", "s1"])
    with pytest.raises(InvalidTarget, match="no revision there"):
        locate_one(LINE, "base")


def test_upgrade_does_not_go_back() -> None:
    for text in ("-1", "current-1", "left@-1"):
        with pytest.raises(InvalidTarget, match=f"'flask db downgrade {text}'"):
            locate_upgrade(BRANCHES, ["l2"], text)


# -- ranges ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "current", "found"),
    [
        ("", [], "a4 a3 a2 a1"),
        (":", [], "a4 a3 a2 a1"),
        ("base:head", [], "a4 a3 a2 a1"),
        ("a2:a3", [], "a3 a2"),
        (" a2 : a3 ", [], "a3 a2"),
        ("a2:a2", [], "a2"),
        ("a3:", [], "a4 a3"),
        (":a2", [], "a2 a1"),
        ("-1:", [], "a4 a3"),
        ("-5:head", [], "a4 a3 a2 a1"),
        ("-1:a3", [], "a3 a2"),
        ("a2:+1", [], "a3 a2"),
        ("a2:+9", [], "a4 a3 a2"),
        ("base:+2", [], "a2 a1"),
        ("current:", ["a3"], "a4 a3"),
        (":current", ["a2"], "a2 a1"),
        ("current:+1", ["a2"], "a3 a2"),
        ("-1:current", ["a3"], "a3 a2"),
        ("current-1:current+1", ["a2"], "a3 a2 a1"),
        (":current", [], ""),
        ("current:", [], "a4 a3 a2 a1"),
        ("current:+2", [], "a2 a1"),
        ("-3:current", [], ""),
        ("base:base", [], ""),
    ],
)
def test_a_range_holds_both_of_its_ends(
    text: str, current: list[str], found: str
) -> None:
    assert ids(locate_history(LINE, text, current)) == found.split()


@pytest.mark.parametrize(
    ("text", "current", "found"),
    [
        ("a2:", [], "l2 l1 r2 r1 a2"),
        ("left:", [], "l2 l1"),
        (":left@head", [], "l2 l1 a2 a1"),
        ("side@base:", [], "s2 s1"),
        ("left@base:", [], "l2 l1 a2 a1"),
        ("-1:left@head", [], "l2 l1"),
        ("left@-1:", [], "l2 l1"),
        ("a2:left@+1", [], "l1 a2"),
        ("current:", ["l1", "s2"], "l2 l1 s2"),
        ("current:left@head", ["l1", "s2"], "l2 l1"),
        (":current", ["r1", "s1"], "r1 a2 a1 s1"),
    ],
)
def test_a_range_follows_branches(text: str, current: list[str], found: str) -> None:
    assert ids(locate_history(BRANCHES, text, current)) == found.split()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a1", InvalidTarget),
        ("a1:a2:l1", InvalidTarget),
        ("-1:+1", InvalidTarget),
        ("+1:", InvalidTarget),
        (":-1", InvalidTarget),
        ("a1:+9", InvalidTarget),
        ("s1:left@+1", InvalidTarget),
        ("-1:", MultipleHeads),
        (":head", MultipleHeads),
        ("l2:l1", NotAnAncestor),
        ("s1:l1", NotAnAncestor),
        ("a1:base", NotAnAncestor),
        ("zz:", RevisionNotFound),
    ],
)
def test_a_range_without_a_line_is_refused(
    text: str, error: type[RevisionError]
) -> None:
    with pytest.raises(error):
        locate_history(BRANCHES, text)


def test_a_range_holds_what_its_end_depends_on_but_does_not_start_there() -> None:
    graph = graph_of(a="", b="a", x="+a")

    assert ids(locate_history(graph, ":x")) == ["x", "a"]
    with pytest.raises(NotAnAncestor):
        locate_history(graph, "a:x")


@pytest.mark.parametrize(
    ("text", "start", "target"),
    [
        ("head", (), "head"),
        ("+2", (), "+2"),
        ("a1:head", ("a1",), "head"),
        ("a1:+1", ("a1",), "+1"),
        (":a2", (), "a2"),
        ("a2:", ("a2",), "heads"),
        ("base:left@head", (), "left@head"),
        ("heads:base", ("l2", "r2", "s2"), "base"),
        ("left@head:left@-1", ("l2",), "left@-1"),
    ],
)
def test_sql_text_starts_where_the_range_says(
    text: str, start: tuple[str, ...], target: str
) -> None:
    assert locate_offline(BRANCHES, text) == (start, target)


@pytest.mark.parametrize("text", ["-1:head", "current:head", "left@current:", "a:b:c"])
def test_sql_text_cannot_start_from_the_database(text: str) -> None:
    with pytest.raises(InvalidTarget):
        locate_offline(BRANCHES, text)


@pytest.mark.parametrize("text", ["base", "", ":base", "a2:"])
def test_sql_text_that_undoes_needs_a_start_and_an_end(text: str) -> None:
    with pytest.raises(InvalidTarget, match="START:END"):
        locate_offline(BRANCHES, text, start_required=True)

    assert locate_offline(BRANCHES, "l2:a1", start_required=True) == (("l2",), "a1")


def test_a_range_is_split_at_its_colon() -> None:
    asked = parse_range("a : b")

    assert (asked.start, asked.end) == (parse("a"), parse("b"))
    assert parse_range(":") == EVERYTHING


@pytest.mark.parametrize("digits", [10, 5_000, 100_000])
def test_more_steps_than_anything_has_are_refused(digits: int) -> None:
    for text in (f"+{'9' * digits}", f"head-{'1' * digits}"):
        with pytest.raises(InvalidTarget, match="no history has so many revisions"):
            parse(text)

    assert parse(f"+{'0' * digits}7").steps == 7
