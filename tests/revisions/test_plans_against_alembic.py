"""Any history, any database, whatever is typed: Alembic's plan, or a known difference.

The same revisions in the same order, and the same version table after each of them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from alembic.script.revision import Revision
from alembic.script.revision import RevisionMap
from hypothesis import example
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st

from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.scripts.folder import MigrationsFolder

from .alembic_oracle import Alembic
from .alembic_oracle import answer
from .alembic_oracle import No
from .histories import graph_of
from .histories import ids
from .histories import odd_histories
from .plan_cases import Case
from .plan_cases import cases
from .plan_differences import Difference
from .plan_differences import DIFFERENCES
from .plan_differences import explained
from .plan_differences import LINE
from .typed import locate_history

DOCUMENT = Path(__file__).parents[2] / "docs" / "differences.md"

# A slow moment of a shared machine is not a bug.
thoroughly = settings(
    max_examples=int(os.environ.get("PLAN_EXAMPLES", "300")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

FORKED = graph_of(a1="", a2="a1", l1="a2 #left", r1="a2", s1="", s2="s1 +r1")


def assert_same_or_explained(case: Case) -> None:
    ours, theirs = case.ours(), case.theirs()

    assert ours == theirs or explained(case, ours, theirs)


# -- plans -----------------------------------------------------------------------------


@thoroughly
@given(cases("upgrade"))
# The order once depended on which files were given last, not on the first head.
@example(Case("upgrade", FORKED, (), ("heads",)))
@example(Case("upgrade", FORKED, ("a2",), ("heads",)))
def test_an_upgrade_is_alembics(case: Case) -> None:
    assert_same_or_explained(case)


@thoroughly
@given(cases("downgrade"))
@example(Case("downgrade", FORKED, ("l1", "s2"), ("base",)))
# Already before it: nothing to do, where it once was refused.
@example(Case("downgrade", graph_of(a1="", b1=""), ("b1",), ("a1@head-1",)))
# Heads that another depends on are none: this once was more than one place.
@example(Case("downgrade", graph_of(a="", b="a", c="+b"), ("c",), ("heads-1",)))
def test_a_downgrade_is_alembics(case: Case) -> None:
    assert_same_or_explained(case)


@thoroughly
@given(st.sampled_from(["upgrade --sql", "downgrade --sql"]).flatmap(cases))
def test_a_plan_for_sql_is_alembics(case: Case) -> None:
    assert_same_or_explained(case)


@thoroughly
@given(cases("stamp"))
def test_a_stamp_is_alembics(case: Case) -> None:
    assert_same_or_explained(case)


@thoroughly
@given(cases("stamp", most=3))
def test_a_stamp_of_several_is_alembics(case: Case) -> None:
    assert_same_or_explained(case)


# -- the history -----------------------------------------------------------------------


@thoroughly
@given(cases("history"))
# What the end depends on belongs to it; it once was left out.
@example(Case("history", graph_of(a="", b="", c="b +a"), (), (":c",)))
# More steps than there are revisions lead to the end; they once were refused.
@example(Case("history", LINE, (), (":a3+3",)))
def test_a_range_is_alembics(case: Case) -> None:
    assert_same_or_explained(case)


@thoroughly
@given(odd_histories())
def test_heads_bases_and_branch_points_are_alembics(graph: RevisionGraph) -> None:
    theirs = Alembic(graph)

    assert list(graph.heads) == theirs.folder.get_heads()
    assert list(graph.effective_heads) == theirs.folder.get_heads(True)
    assert list(graph.bases) == theirs.folder.get_bases()
    assert graph.branch_points == theirs.branch_points()
    assert tuple(ids(graph.newest_first())) == theirs.history(":")
    assert answer(theirs.folder.get_current_head) == (
        graph.heads[0] if len(graph.heads) == 1 else No.REFUSED
    )


@settings(max_examples=20)
@given(odd_histories())
def test_alembic_reads_files_in_the_same_order(
    tmp_path_factory: pytest.TempPathFactory, graph: RevisionGraph
) -> None:
    folder = tmp_path_factory.mktemp("migrations")
    (folder / "versions").mkdir()
    for number, revision in enumerate(graph.values()):
        header = {
            "revision": revision.id,
            "down_revision": revision.parents or None,
            "branch_labels": revision.labels or None,
            # One at most: it takes several in the order of a set.
            "depends_on": graph.dependencies(revision.id)[:1] or None,
        }
        lines = (f"{name} = {value!r}\n" for name, value in header.items())
        path = folder / "versions" / f"{number * 7 % 12:02}.py"
        path.write_text("".join(lines), encoding="utf-8")

    ours = RevisionGraph(MigrationsFolder(folder).read_revisions())
    theirs = [each.revision for each in ScriptDirectory(folder).walk_revisions()]

    assert ids(locate_history(ours)) == theirs


# -- what a new revision stands on -----------------------------------------------------


@thoroughly
@given(cases("revision"))
# A head that another depends on is not one of all heads; it once was.
@example(Case("revision", graph_of(a="", b="+a"), (), ("heads",)))
def test_the_parents_of_a_new_revision_are_alembics(case: Case) -> None:
    assert_same_or_explained(case)


@thoroughly
@given(cases("merge", most=3))
@example(Case("merge", graph_of(a="", b="a", c="a +b", d="a"), (), ("heads",)))
def test_the_parents_of_a_merge_are_alembics(case: Case) -> None:
    assert_same_or_explained(case)


# -- where we differ on purpose --------------------------------------------------------


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: each.name)
def test_an_explained_difference_is_still_one(difference: Difference) -> None:
    case = difference.example
    ours, theirs = case.ours(), case.theirs()

    assert ours != theirs
    assert difference.explains(case, ours, theirs)


def test_every_difference_has_a_row_in_the_document() -> None:
    text = DOCUMENT.read_text("utf-8").partition("## Which revisions run")[2]
    rows = re.findall(r"^\| ([a-z-]+) \|", text, re.MULTILINE)

    assert rows[1:] == [each.name for each in DIFFERENCES]


def test_alembic_does_not_find_a_dependency_by_the_beginning_of_its_id() -> None:
    graph = graph_of(abcd1="", other="+abcd")
    theirs = RevisionMap(
        lambda: [Revision("abcd1", None), Revision("other", None, dependencies="abcd")]
    )

    assert graph.dependencies("other") == ("abcd1",)
    assert answer(lambda: theirs.heads) is No.FAILED
