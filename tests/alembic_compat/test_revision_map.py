"""``RevisionMap`` against Alembic's own, on random histories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alembic.script import revision as theirs
from alembic.script.base import ScriptDirectory as TheirDirectory
from alembic.util import CommandError
from hypothesis import given
from hypothesis import strategies as st

from flask_migrations_ext.alembic_compat.tools.script import revision_map as ours
from flask_migrations_ext.alembic_compat.tools.script.folder import ScriptDirectory
from flask_migrations_ext.errors import MigrationError
from flask_migrations_ext.errors import RevisionNotFound
from flask_migrations_ext.revisions.graph import RevisionGraph
from tests.revisions.histories import histories

REFUSED = object()

FLAGS = [{}, {"inclusive": True}, {"implicit_base": True}]


def made_by(tool: Any, graph: RevisionGraph) -> Any:
    """Return the map of a tool, made in the documented way."""
    return tool.RevisionMap(
        lambda: [
            tool.Revision(
                each.id,
                each.parents or None,
                dependencies=each.depends_on or None,
                branch_labels=each.labels or None,
            )
            for each in graph.values()
        ]
    )


def asked(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except (theirs.RevisionError, CommandError, MigrationError):
        return REFUSED
    except AssertionError:
        # Alembic falls over some ranges.
        return REFUSED


def names(found: Any) -> list[str]:
    return sorted({each.revision for each in found})


def known(revision: Any) -> tuple[object, ...]:
    return (
        *(revision.revision, revision.down_revision, revision.dependencies),
        revision.nextrev,
        *(revision.is_head, revision.is_base),
        *(revision.is_branch_point, revision.is_merge_point),
    )


@given(histories())
def test_revisions_know_their_place_as_alembics_do(graph: RevisionGraph) -> None:
    mine, other = made_by(ours, graph), made_by(theirs, graph)

    for id in graph:
        own, their = mine.get_revision(id), other.get_revision(id)
        assert known(own) == known(their)
        # Back to the branch point, Alembic goes from whichever descendant it saw last.
        assert set(own.branch_labels) >= set(their.branch_labels)
    assert sorted(mine.heads) == sorted(other.heads)
    assert sorted(mine.bases) == sorted(other.bases)
    assert sorted(mine._real_heads) == sorted(other._real_heads)
    assert set(mine._revision_map) == set(other._revision_map)


@given(histories(), st.data())
def test_symbols_mean_what_they_mean_to_alembic(
    graph: RevisionGraph, data: st.DataObject
) -> None:
    mine, other = made_by(ours, graph), made_by(theirs, graph)
    branches = st.sampled_from([*graph, *graph.labelled])
    place = data.draw(
        st.one_of(
            st.sampled_from(["head", "heads", "base", None, "nowhere", *graph]),
            branches.flatmap(
                lambda name: st.sampled_from([f"{name}@head", f"{name}@heads"])
            ),
            st.lists(st.sampled_from(list(graph)), max_size=2),
        )
    )

    wanted = asked(lambda: names(other.get_revisions(place)))
    assert asked(lambda: names(mine.get_revisions(place))) == wanted
    if wanted is not REFUSED and not isinstance(place, list):
        everything = list(graph)
        assert mine.filter_for_lineage(everything, place) == (
            other.filter_for_lineage(everything, place)
        )


@given(histories(), st.data())
def test_ranges_hold_what_alembics_hold(
    graph: RevisionGraph, data: st.DataObject
) -> None:
    mine, other = made_by(ours, graph), made_by(theirs, graph)
    places = st.sampled_from(["base", "heads", *graph])
    upper, lower = data.draw(places), data.draw(places)
    flags: dict[str, bool] = data.draw(st.sampled_from(FLAGS))

    wanted = asked(lambda: names(other.iterate_revisions(upper, lower, **flags)))
    found = asked(lambda: list(mine.iterate_revisions(upper, lower, **flags)))

    if wanted is not REFUSED:
        assert names(found) == wanted
        order = [each.revision for each in found]
        for place, id in enumerate(order):
            assert not set(graph.needed_by(id)).intersection(order[place:])


def test_a_revision_is_added_to_those_that_there_are() -> None:
    found = ours.RevisionMap(lambda: [ours.Revision("a1", None)])
    found.add_revision(ours.Revision("b2", "a1", branch_labels="late"))

    assert found.heads == ("b2",)
    assert found.get_current_head("late") == "b2"
    assert repr(found.get_revision("late")) == "Revision('b2', 'a1')"

    found.add_revision(ours.Revision("b2", None), _replace=True)
    assert sorted(found.heads) == ["a1", "b2"]
    with pytest.raises(ours.MultipleHeads):
        found.get_current_head()
    with pytest.raises(ours.ResolutionError):
        found.get_revision("nowhere")
    with pytest.raises(RevisionNotFound):
        ours.RevisionMap(lambda: [ours.Revision("a1", "nowhere")]).get_revisions("a1")


def test_a_map_of_nothing_has_no_head() -> None:
    found = ours.RevisionMap(tuple)

    assert found.get_current_head() is None
    assert found.get_revisions("heads") == found.get_revisions("head") == ()


def test_the_names_are_those_of_alembic() -> None:
    private = {"_upgrade_revs", "_downgrade_revs", "_stamp_revs", "_load_revisions"}
    documented = {each for each in vars(TheirDirectory) if not each.startswith("_")}
    assert not {
        each for each in documented | private if not hasattr(ScriptDirectory, each)
    }
    shared = {each for each in vars(theirs.RevisionMap) if not each.startswith("_")}
    assert not {each for each in shared if not hasattr(ours.RevisionMap, each)}
