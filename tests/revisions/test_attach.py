from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from flask_migrations_ext.errors import DuplicateLabel
from flask_migrations_ext.errors import DuplicateRevision
from flask_migrations_ext.errors import IllegalRevisionId
from flask_migrations_ext.errors import InvalidTarget
from flask_migrations_ext.errors import MultipleHeads
from flask_migrations_ext.errors import RevisionNotFound
from flask_migrations_ext.revisions.attach import check_new_id
from flask_migrations_ext.revisions.attach import check_new_label
from flask_migrations_ext.revisions.attach import dependencies_for_new
from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.revisions.revision import Revision

from .histories import graph_of
from .typed import parents_for_merge
from .typed import parents_for_new

LINE = graph_of(aaaa1="", aaaa2="aaaa1")
BRANCHES = graph_of(aaaa1="", left2="aaaa1 #left", right2="aaaa1 #right", side1="")


def test_the_first_revision_has_no_parent() -> None:
    assert parents_for_new(RevisionGraph()) == ()


@pytest.mark.parametrize(
    ("head", "parents"),
    [
        ("left@head", ("left2",)),
        ("right", ("right2",)),
        ("side", ("side1",)),
        ("base", ()),
        ("heads", ("left2", "right2", "side1")),
    ],
)
def test_a_new_revision_follows_a_head(head: str, parents: tuple[str, ...]) -> None:
    assert parents_for_new(LINE) == ("aaaa2",)
    assert parents_for_new(BRANCHES, head) == parents


def test_a_new_revision_does_not_choose_between_heads() -> None:
    with pytest.raises(MultipleHeads):
        parents_for_new(BRANCHES)


@pytest.mark.parametrize("head", ["aaaa1", "left@head-1"])
def test_a_branch_is_started_only_on_purpose(head: str) -> None:
    with pytest.raises(InvalidTarget, match="'left2' follows it; add --splice"):
        parents_for_new(BRANCHES, head)

    assert parents_for_new(BRANCHES, head, splice=True) == ("aaaa1",)


@pytest.mark.parametrize("place", ["current", "+1", "left@-1"])
def test_a_file_does_not_depend_on_the_database(place: str) -> None:
    with pytest.raises(InvalidTarget, match="does not depend on the database"):
        parents_for_new(BRANCHES, place)

    with pytest.raises(InvalidTarget):
        parents_for_merge(BRANCHES, [place])


@pytest.mark.parametrize(
    ("targets", "parents"),
    [
        (["heads"], ("left2", "right2", "side1")),
        (["right", "left"], ("right2", "left2")),
        (["left", "left2", "left@head"], ("left2",)),
        (["base"], ()),
        ([], ()),
    ],
)
def test_a_merge_joins_heads_in_the_order_given(
    targets: list[str], parents: tuple[str, ...]
) -> None:
    assert parents_for_merge(BRANCHES, targets) == parents


def test_a_merge_of_a_revision_and_its_ancestor_is_refused() -> None:
    with pytest.raises(InvalidTarget, match="'aaaa1' is an ancestor of 'left2'"):
        parents_for_merge(BRANCHES, ["left", "aaaa1"], splice=True)


def test_a_merge_with_a_revision_that_is_no_head_needs_splice() -> None:
    graph = graph_of(aaaa1="", bbbb1="", bbbb2="bbbb1")

    with pytest.raises(InvalidTarget, match="add --splice"):
        parents_for_merge(graph, ["aaaa1", "bbbb1"])

    assert parents_for_merge(graph, ["aaaa1", "bbbb1"], splice=True) == (
        "aaaa1",
        "bbbb1",
    )


def test_a_dependency_keeps_its_label_and_gets_its_full_id() -> None:
    names = ["left", "side", "right@head", "side1"]

    assert dependencies_for_new(BRANCHES, names) == ("left", "side1", "right2")
    with pytest.raises(RevisionNotFound):
        dependencies_for_new(BRANCHES, ["lost"])


def test_a_new_id_is_new() -> None:
    graph = RevisionGraph([Revision("a", labels=("left",), path=Path("a.py"))])
    check_new_id(graph, "b")

    with pytest.raises(DuplicateRevision, match=r"a\.py"):
        check_new_id(graph, "a")
    with pytest.raises(DuplicateLabel):
        check_new_id(graph, "left")
    with pytest.raises(IllegalRevisionId):
        check_new_id(graph, "a-b")


def test_a_new_label_is_new() -> None:
    graph = graph_of(a="#left")
    check_new_label(graph, "right", "b")

    for label in ("left", "a", "b"):
        with pytest.raises(DuplicateLabel):
            check_new_label(graph, label, "b")
    with pytest.raises(IllegalRevisionId):
        check_new_label(graph, "head", "b")


@pytest.mark.parametrize(
    "name",
    [
        *('x""";open("f","w");"""', "a b", "a/b", "a\\b", "..", ".a", ".#lock", "a\n"),
        *("a\tb", "a'b", "a,b", "a;b", "$(a)", "a\x00", "a\udcff", "-a", "a%b", "a{b}"),
        *("a#b", "\u2028", "a\u202e", "a@b", "a+b", "a:b", "head", ""),
    ],
)
def test_a_new_name_is_no_more_than_a_word(name: str) -> None:
    for check in (check_new_id, partial(check_new_label, id="b")):
        with pytest.raises(IllegalRevisionId):
            check(RevisionGraph(), name)


def test_a_new_label_may_have_dashes_within() -> None:
    check_new_label(RevisionGraph(), "shop-samples", "b")
    for label in ("-shop", "shop-1"):
        with pytest.raises(IllegalRevisionId):
            check_new_label(RevisionGraph(), label, "b")
