"""Pictures of a history: what they show, and that no line runs through a revision."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_migrations_ext.revisions.drawing.lanes import laid_out
from flask_migrations_ext.revisions.drawing.svg import svg
from flask_migrations_ext.revisions.drawing.text import dot
from flask_migrations_ext.revisions.drawing.text import mermaid
from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.revisions.revision import Revision
from tests.apps import new_project

SVG = "{http://www.w3.org/2000/svg}"


def history(number: int, seed: int) -> RevisionGraph:
    """Return a history with branches, merges and dependencies."""
    draw = random.Random(seed)
    revisions: list[Revision] = []
    heads: list[str] = []
    for n in range(number):
        parents = tuple(draw.sample(heads, min(len(heads), draw.choice([1, 1, 1, 2]))))
        if revisions and (not parents or draw.random() < 0.2):
            parents = (draw.choice(revisions[-9:]).id,)
        needs = (draw.choice(revisions).id,) if revisions and n % 7 == 6 else ()
        revisions.append(Revision(f"r{n}", parents, depends_on=needs))
        heads = [each for each in heads if each not in parents] + [f"r{n}"]
    return RevisionGraph(revisions)


@given(st.integers(0, 40), st.integers(0, 10_000))
def test_no_line_runs_through_another_revision(number: int, seed: int) -> None:
    graph = history(number, seed)
    picture = laid_out(graph)
    rows = {place.id: place.row for place in picture.places}
    lanes = {place.id: place.lane for place in picture.places}

    assert list(rows.values()) == list(range(number))
    assert all(0 <= lane < picture.width for lane in lanes.values())
    assert Counter((line.upper, line.lower) for line in picture.lines) == Counter(
        (each, below)
        for each in graph
        for below in (*graph.parents(each), *graph.dependencies(each))
    )
    for line in picture.lines:
        assert rows[line.upper] < rows[line.lower]
        assert line.lane == lanes[line.lower]
        passed = picture.places[rows[line.upper] + 1 : rows[line.lower]]
        assert line.lane not in {place.lane for place in passed}


def test_five_hundred_revisions_fit_in_a_few_lanes() -> None:
    """As many lanes as there are branches at one time, and a line for each parent."""
    revisions = [Revision("r0")]
    for n in range(1, 450, 9):
        tip = revisions[-1].id
        revisions += [Revision(f"a{n}", (tip,)), Revision(f"b{n}", (tip,))]
        for step in range(6):
            revisions.append(Revision(f"a{n}{'x' * (step + 1)}", (revisions[-2].id,)))
        ends = (revisions[-1].id, revisions[-2].id)
        revisions.append(Revision(f"m{n}", ends, message="merge"))
    graph = RevisionGraph(revisions)
    picture = laid_out(graph)

    assert (len(graph.merge_points), picture.width) == (50, 2)
    assert len(picture.lines) == sum(len(graph.parents(each)) for each in graph)


@pytest.fixture
def graph() -> RevisionGraph:
    return RevisionGraph(
        [
            Revision("a1", message='first "tables" <b> & #1'),
            Revision("b1", ("a1",), labels=("shop",), message="café"),
            Revision("end", ("a1",), depends_on=("b1",), message="x" * 90),
            Revision("m1", ("b1", "end")),
        ]
    )


def test_svg_says_what_is_where(graph: RevisionGraph) -> None:
    picture = laid_out(graph, {"": ["b1"], "logs": ["end"]})
    root = ElementTree.fromstring(svg(picture))

    words = [text.text for text in root.iter(f"{SVG}text")]
    assert words[:3] == ["m1", "head", "end"]
    assert 'first "tables" <b> & #1' in words
    assert words[words.index("b1") + 1] == "database"
    assert words[words.index("end") + 1] == "logs"
    states = [title.text for title in root.iter(f"{SVG}title")][1:]
    assert states == ["m1: pending", "end: pending", "b1: applied", "a1: applied"]
    # Nothing is loaded from elsewhere.
    assert not re.search(r"href|url\(|@import", svg(picture))


def test_mermaid_and_dot_take_any_message(graph: RevisionGraph) -> None:
    picture = laid_out(graph, {"": ["b1"]})

    assert mermaid(picture).splitlines()[:7] == [
        "flowchart BT",
        '    r0["m1 (head)"]:::pending',
        f'    r1["end<br/>{"x" * 90}"]:::pending',
        '    r2["b1 (shop)<br/>café<br/>the database is here"]:::here',
        '    r3["a1<br/>first #quot;tables#quot; #lt;b#gt; &amp; #35;1"]',
        "    r0 --> r2",
        "    r0 --> r1",
    ]
    assert "    r1 -.-> r2" in mermaid(picture)
    assert r'"a1" [label="a1\nfirst \"tables\" <b> & #1"];' in dot(picture)
    assert '    "end" -> "b1" [style=dashed];' in dot(picture)


def test_the_command_draws_where_databases_are(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app").with_folder().chain("a1", "a2")
    project.done("upgrade", "a1")

    assert '["a1<br/>Revision a1<br/>the database is here"]' in project.done("graph")
    assert "database" not in project.done("graph", "--no-databases")
    assert project.done("graph", "--format", "svg").startswith("<svg xmlns")
    assert "is 'mermaid', 'dot' or 'svg'" not in project.done(
        "graph", "--format", "dot"
    )
