"""The functions of revisions, called with what a person types."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence

from flask_migrations_ext.revisions import attach
from flask_migrations_ext.revisions import plan
from flask_migrations_ext.revisions import ranges
from flask_migrations_ext.revisions import resolve
from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.revisions.plan import Plan
from flask_migrations_ext.revisions.plan import Stamp
from flask_migrations_ext.revisions.revision import Revision
from flask_migrations_ext.revisions.target import EVERYTHING
from flask_migrations_ext.revisions.target import parse
from flask_migrations_ext.revisions.target import parse_range
from flask_migrations_ext.revisions.target import parse_sql

Ids = Collection[str]


def locate(graph: RevisionGraph, text: str, current: Ids = ()) -> tuple[str, ...]:
    return resolve.resolve(graph, parse(text), current)


def locate_one(graph: RevisionGraph, text: str, current: Ids = ()) -> Revision:
    return resolve.resolve_one(graph, parse(text), current)


def locate_upgrade(graph: RevisionGraph, current: Ids, text: str) -> tuple[str, ...]:
    return resolve.resolve_upgrade(graph, current, parse(text))


def locate_history(
    graph: RevisionGraph, text: str = "", current: Ids = ()
) -> tuple[Revision, ...]:
    asked = parse_range(text) if text else EVERYTHING
    return ranges.resolve_range(graph, asked, current)


def locate_offline(
    graph: RevisionGraph, text: str, *, start_required: bool = False
) -> tuple[tuple[str, ...], str]:
    asked = parse_sql(text, backwards=start_required)
    return graph.tips(resolve.resolve(graph, asked.start)), asked.end.text


def plan_upgrade(graph: RevisionGraph, current: Ids, text: str) -> Plan:
    return plan.plan_upgrade(graph, current, parse(text))


def plan_downgrade(graph: RevisionGraph, current: Ids, text: str) -> Plan:
    return plan.plan_downgrade(graph, current, parse(text))


def plan_stamp(
    graph: RevisionGraph, current: Ids, texts: Sequence[str], *, purge: bool = False
) -> Stamp:
    return plan.plan_stamp(graph, current, [*map(parse, texts)], purge=purge)


def parents_for_new(
    graph: RevisionGraph, head: str = "head", *, splice: bool = False
) -> tuple[str, ...]:
    return attach.parents_for_new(graph, parse(head), splice=splice)


def parents_for_merge(
    graph: RevisionGraph, texts: Sequence[str], *, splice: bool = False
) -> tuple[str, ...]:
    return attach.parents_for_merge(graph, [*map(parse, texts)], splice=splice)
