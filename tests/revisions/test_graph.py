from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_migrations_ext.errors import AmbiguousRevision
from flask_migrations_ext.errors import CyclicRevisions
from flask_migrations_ext.errors import DuplicateLabel
from flask_migrations_ext.errors import DuplicateRevision
from flask_migrations_ext.errors import IllegalRevisionId
from flask_migrations_ext.errors import RevisionNotFound
from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.revisions.revision import Revision

from .histories import graph_of
from .histories import heads_within
from .histories import histories
from .histories import ids

# a ── b ─┬─ c ─┬─ e ── f        x ── y, and y depends on c
#         └─ d ─┘
DIAMOND = graph_of(a="", b="a", c="b #left", d="b", e="c d", f="e", x="#side", y="x +c")


@pytest.mark.parametrize("id", ["", " ", "a@b", "a-b", "a+b", "a:b", " a", "a "])
def test_an_id_that_could_not_be_typed_is_illegal(id: str) -> None:
    with pytest.raises(IllegalRevisionId):
        Revision(id)


@pytest.mark.parametrize("word", ["head", "heads", "base", "current"])
def test_a_word_with_a_meaning_is_neither_an_id_nor_a_label(word: str) -> None:
    with pytest.raises(IllegalRevisionId):
        Revision(word)

    with pytest.raises(IllegalRevisionId):
        Revision("a", labels=(word,))


def test_a_graph_is_a_mapping_in_the_order_given() -> None:
    graph = graph_of(b="a", a="")

    assert list(graph) == ["b", "a"]
    assert graph["b"].parents == ("a",)
    assert "c" not in graph
    assert len(graph) == 2
    assert repr(graph) == "<RevisionGraph of 2, heads b>"


def test_an_empty_graph_has_no_ends() -> None:
    graph = RevisionGraph()

    assert graph.heads == graph.effective_heads == graph.bases == ()
    assert graph.newest_first() == ()
    assert not graph


def test_ends_and_forks() -> None:
    assert DIAMOND.heads == ("f", "y")
    assert DIAMOND.bases == ("a", "x")
    assert DIAMOND.branch_points == ("b",)
    assert DIAMOND.merge_points == ("e",)


def test_a_head_that_another_depends_on_is_not_effective() -> None:
    graph = graph_of(a="", b="a", x="", y="x +b")

    assert graph.heads == ("b", "y")
    assert graph.effective_heads == ("y",)


def test_one_step() -> None:
    assert DIAMOND.children("b") == ("c", "d")
    assert DIAMOND.parents("e") == ("c", "d")
    assert DIAMOND.dependencies("y") == ("c",)
    assert DIAMOND.dependents("c") == ("y",)
    assert DIAMOND.needs("y") == ("x", "c")
    assert DIAMOND.needed_by("c") == ("e", "y")


def test_dependencies_may_be_labels_or_partial_ids() -> None:
    graph = graph_of(aaaa1="", bbbb2="#left", cccc3="+left +aaa")

    assert graph.dependencies("cccc3") == ("bbbb2", "aaaa1")


def test_many_steps() -> None:
    assert DIAMOND.ancestors(["y"]) == {"x", "y"}
    assert DIAMOND.ancestors(["y"], dependencies=True) == {*"abcxy"}
    assert DIAMOND.descendants(["c"]) == {*"cef"}
    assert DIAMOND.descendants(["c"], dependencies=True) == {*"cefy"}
    assert DIAMOND.lineage("c") == {*"abcef"}
    assert DIAMOND.tips(["a", "c", "x", "y"]) == ("y",)


@pytest.mark.parametrize("walk", ["ancestors", "descendants", "tips"])
def test_a_walk_from_an_unknown_id_suggests_others(walk: str) -> None:
    graph = graph_of(ab12="")

    with pytest.raises(RevisionNotFound) as caught:
        getattr(graph, walk)(["ab13"])

    assert caught.value.identifier == "ab13"
    assert caught.value.similar == ("ab12",)


def test_branches_stay_together_in_order() -> None:
    assert ids(DIAMOND.newest_first()) == [*"feyxcdba"]
    assert ids(DIAMOND.oldest_first("xdb")) == [*"xbd"]


@given(histories())
def test_everything_comes_after_what_it_needs(graph: RevisionGraph) -> None:
    order = ids(graph.oldest_first())

    assert sorted(order) == sorted(graph)
    for id in graph:
        assert all(order.index(need) < order.index(id) for need in graph.needs(id))


@given(st.data())
def test_tips_stand_for_all_they_need(data: st.DataObject) -> None:
    graph = data.draw(histories())
    heads = data.draw(heads_within(graph))
    applied = graph.ancestors(heads, dependencies=True)

    assert graph.tips(applied) == heads
    assert graph.tips(list(graph)) == tuple(sorted(graph.effective_heads))


# -- labels ----------------------------------------------------------------------------


def test_a_label_holds_ahead_and_back_to_the_branch_point() -> None:
    graph = graph_of(a="", b="a", c1="b", c2="c1 #left", c3="c2", d="b", e="c3 d")

    belonging = {id: set(graph.labels(id)) for id in graph}

    left = {"left"}
    assert belonging == {
        "a": set(),
        "b": set(),
        "c1": left,
        "c2": left,
        "c3": left,
        "d": set(),
        "e": left,
    }
    assert graph.labelled == {"left": "c2"}


def test_a_label_holds_back_to_a_merge() -> None:
    graph = graph_of(a="", b="", m="a b", c="m", d="c #late", e="m #early")

    assert graph.labels("c") == graph.labels("d") == {"late"}
    assert graph.labels("m") == graph.labels("a") == frozenset()
    assert graph.labels("e") == {"early"}


def test_labels_of_merged_branches_add_up() -> None:
    graph = graph_of(a="#left", b="#right", m="a b #both")

    assert graph.labels("m") == {"left", "right", "both"}
    assert graph.labels("a") == {"left"}


# -- finding ---------------------------------------------------------------------------

NAMED = graph_of(aaa111="", aab222="aaa111", abc="aab222", far9="#accounts")


@pytest.mark.parametrize(
    ("identifier", "found"),
    [
        ("aaa111", "aaa111"),
        ("aaa", "aaa111"),
        ("aab2", "aab222"),
        ("abc", "abc"),
        ("accounts", "far9"),
        ("acc", "far9"),
        ("f", "far9"),
    ],
)
def test_an_id_a_prefix_or_a_label_finds_its_revision(
    identifier: str, found: str
) -> None:
    assert NAMED.find(identifier).id == found


def test_an_id_is_itself_and_not_the_prefix_of_another() -> None:
    graph = graph_of(abcd="", abcde="abcd")

    assert graph.find("abcd").id == "abcd"


def test_a_prefix_of_several_is_ambiguous_unless_the_branch_decides() -> None:
    with pytest.raises(AmbiguousRevision) as caught:
        NAMED.find("aa")

    assert caught.value.matches == ("aaa111", "aab222")
    assert NAMED.find("aa", within={"aab222", "abc"}).id == "aab222"


@pytest.mark.parametrize("identifier", ["zz", "", "ab", "aab222x"])
def test_ids_of_three_letters_have_no_prefix(identifier: str) -> None:
    with pytest.raises(RevisionNotFound):
        NAMED.find(identifier)


def test_a_misspelt_label_is_suggested() -> None:
    with pytest.raises(RevisionNotFound, match="did you mean 'accounts'"):
        NAMED.find("acounts")


# -- what cannot be a graph ------------------------------------------------------------


def test_two_revisions_with_one_id_are_named_with_their_files() -> None:
    first, second = Path("versions/a.py"), Path("versions/b.py")

    with pytest.raises(DuplicateRevision) as caught:
        RevisionGraph([Revision("a", path=first), Revision("a", path=second)])

    assert caught.value.paths == (first, second)


@pytest.mark.parametrize(
    ("revisions", "claimed_by"),
    [
        ({"a": "#left", "b": "#left"}, ("a", "b")),
        ({"a": "#b", "b": ""}, ("b", "a")),
        ({"a": "#a"}, ("a", "a")),
    ],
)
def test_a_label_belongs_to_one_revision_and_is_no_id(
    revisions: dict[str, str], claimed_by: tuple[str, str]
) -> None:
    with pytest.raises(DuplicateLabel) as caught:
        graph_of(**revisions)

    assert caught.value.revisions == claimed_by


def test_a_label_written_twice_in_one_file_is_one_label() -> None:
    assert graph_of(a="#left #left").labels("a") == {"left"}


@pytest.mark.parametrize("needs", ["lost", "+lost", "x +lost"])
def test_a_missing_revision_is_reported_with_who_needs_it(needs: str) -> None:
    with pytest.raises(RevisionNotFound) as caught:
        graph_of(x="", y=needs)

    assert (caught.value.identifier, caught.value.needed_by) == ("lost", "y")


@pytest.mark.parametrize(
    ("revisions", "circle"),
    [
        ({"a": "a"}, ("a",)),
        ({"a": "+a"}, ("a",)),
        ({"a": "c", "b": "a", "c": "b", "d": "c"}, ("a", "c", "b")),
        ({"base1": "", "a": "base1 +c", "b": "a", "c": "b"}, ("a", "c", "b")),
        ({"a": "", "b": "a +y", "x": "", "y": "x +b"}, ("b", "y")),
        # The circle is below the first revision that is looked at.
        ({"z": "a", "a": "b", "b": "a"}, ("a", "b")),
        # … and above it.
        ({"z": "", "a": "b z", "b": "a"}, ("a", "b")),
    ],
)
def test_a_circle_is_named_each_before_what_it_needs(
    revisions: dict[str, str], circle: tuple[str, ...]
) -> None:
    with pytest.raises(CyclicRevisions) as caught:
        graph_of(**revisions)

    assert caught.value.identifiers == circle


def test_a_long_history_is_no_deep_recursion() -> None:
    line = [Revision("r0")]
    line += [Revision(f"r{i}", parents=(f"r{i - 1}",)) for i in range(1, 5000)]
    graph = RevisionGraph(reversed(line))

    assert graph.newest_first() == tuple(reversed(line))
    assert len(graph.ancestors(["r4999"])) == 5000
    assert graph.labels("r4999") == frozenset()
