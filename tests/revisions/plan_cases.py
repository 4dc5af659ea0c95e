"""A command, a history and a database: what we do, and what Alembic does.

Where that is not the same, plan_differences.py explains it, or it is a bug.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial

from hypothesis import strategies as st

from flask_migrations_ext.errors import RevisionError
from flask_migrations_ext.revisions.graph import RevisionGraph
from flask_migrations_ext.revisions.plan import Plan
from flask_migrations_ext.revisions.target import parse
from flask_migrations_ext.revisions.target import Target

from .alembic_oracle import Alembic
from .alembic_oracle import answer
from .alembic_oracle import Moves
from .alembic_oracle import No
from .histories import heads_within
from .histories import ids
from .histories import odd_histories
from .typed import locate
from .typed import locate_history
from .typed import locate_offline
from .typed import parents_for_merge
from .typed import parents_for_new
from .typed import plan_downgrade
from .typed import plan_stamp
from .typed import plan_upgrade

Answer = Hashable | No


@dataclass(frozen=True)
class Case:
    """What is typed, for a history and a database.

    :param verb: ``upgrade``, ``downgrade``, ``upgrade --sql``, ``downgrade --sql``,
        ``stamp``, ``history``, ``merge`` or ``revision``.
    """

    verb: str
    graph: RevisionGraph
    current: tuple[str, ...]
    typed: tuple[str, ...]
    splice: bool = False

    def __str__(self) -> str:
        history = ", ".join(
            " ".join(
                (
                    f"{each.id}:",
                    *each.parents,
                    *(f"+{name}" for name in each.depends_on),
                    *(f"#{label}" for label in each.labels),
                )
            )
            for each in self.graph.values()
        )
        return f"{self.verb} {' '.join(self.typed)} at {self.current} of {history}"

    def ours(self) -> Answer:
        try:
            return _OURS[self.verb](self)
        except RevisionError:
            return No.REFUSED

    def theirs(self) -> Answer:
        return answer(lambda: _THEIRS[self.verb](Alembic(self.graph), self))

    @property
    def targets(self) -> tuple[Target, ...]:
        """What is typed, taken apart; both ends of a range, if given."""
        parts = [part for text in self.typed for part in text.split(":") if part]
        return tuple(parse(part) for part in parts)

    @property
    def target(self) -> Target:
        return self.targets[-1]

    def located(self, target: Target) -> tuple[str, ...] | None:
        """Return what a target names; None if that is nothing."""
        try:
            return locate(self.graph, target.text, self.current)
        except RevisionError:
            return None


def _moves(plan: Plan) -> Moves:
    return tuple((each.revision.id, frozenset(each.heads)) for each in plan.steps)


def _our_sql(case: Case, *, down: bool = False) -> Moves:
    current, target = locate_offline(case.graph, case.typed[0], start_required=down)
    plan = plan_downgrade if down else plan_upgrade
    return _moves(plan(case.graph, current, target))


_OURS: dict[str, Callable[[Case], Answer]] = {
    "upgrade": lambda it: _moves(plan_upgrade(it.graph, it.current, it.typed[0])),
    "downgrade": lambda it: _moves(plan_downgrade(it.graph, it.current, it.typed[0])),
    "upgrade --sql": _our_sql,
    "downgrade --sql": partial(_our_sql, down=True),
    "stamp": lambda it: frozenset(plan_stamp(it.graph, it.current, it.typed).end),
    "history": lambda it: tuple(ids(locate_history(it.graph, it.typed[0], it.current))),
    "revision": lambda it: parents_for_new(it.graph, it.typed[0], splice=it.splice),
    "merge": lambda it: parents_for_merge(it.graph, it.typed, splice=it.splice),
}

_THEIRS: dict[str, Callable[[Alembic, Case], Answer]] = {
    "upgrade": lambda they, it: they.upgrade(it.current, it.typed[0]),
    "downgrade": lambda they, it: they.downgrade(it.current, it.typed[0]),
    "upgrade --sql": lambda they, it: they.offline(it.typed[0]),
    "downgrade --sql": lambda they, it: they.offline(it.typed[0], down=True),
    "stamp": lambda they, it: they.stamp(it.current, it.typed),
    "history": lambda they, it: they.history(it.typed[0], it.current),
    "revision": lambda they, it: they.new(it.typed, splice=it.splice),
    "merge": lambda they, it: they.new(it.typed, splice=it.splice),
}

# -- what is typed ---------------------------------------------------------------------

#: R stands for a revision, P for the beginning of one, B for a branch, N for steps.
_ABSOLUTE: tuple[str, ...] = (
    "R",
    "P",
    "head",
    "heads",
    "base",
    "B",
    "B@head",
    "B@heads",
    "B@base",
)
_ABSOLUTE += ("B@R", "B@P", "R@head")
_COUNTED: tuple[str, ...] = (
    "R+N",
    "R-N",
    "P+N",
    "head-N",
    "heads-N",
    "base+N",
    "B@base+N",
    "B@R-N",
)
_COUNTED += ("B@R+N", "B@head-N", "B@heads-N", "head+N", "base-N")
_MOVED = ("+N", "-N", "B@+N", "B@-N", "current", "current+N", "current-N", "B@current")

FORMS = {
    "upgrade": (*_ABSOLUTE, *_COUNTED, *_MOVED),
    "downgrade": (*_ABSOLUTE, *_COUNTED, *_MOVED),
    "stamp": (*_ABSOLUTE, "R+N", "R-N", "head-N", "+N", "-N", "B@-N"),
    "revision": (*_ABSOLUTE, "R+N", "R-N", "head-N", "-N"),
    "merge": (*_ABSOLUTE[:4], *_ABSOLUTE[5:8], "B@R", "R@head"),
}
_STARTS = ("", "R", "P", "base", "heads", "head", "B", "B@head", "B@R", "R-N")
_ENDS = (*_ABSOLUTE, "R+N", "B@base+N")


def _ranges(starts: Collection[str], ends: Collection[str]) -> tuple[str, ...]:
    return tuple(f"{start}:{end}" for start in starts for end in ends)


FORMS["upgrade --sql"] = (*_ranges(_STARTS, _ENDS), *_ABSOLUTE, "+N", "R:+N", "R:")
FORMS["downgrade --sql"] = (*_ranges(_STARTS, _ENDS), "R", "R:-N", "R:R-N", "R:")
FORMS["history"] = _ranges(
    ("", "current", "-N", "B@-N", "B@base", "B@heads", *_STARTS),
    ("", "current", "+N", "B@+N", "B@base", "R-N", "head+N", *_ENDS),
)


@st.composite
def cases(draw: st.DrawFn, verb: str, most: int = 1) -> Case:
    """Draw a case, with up to so many targets."""
    graph = draw(odd_histories())
    current = draw(heads_within(graph))
    forms = draw(
        st.lists(st.sampled_from(FORMS[verb]), min_size=1, max_size=most)
        if most > 1
        else st.tuples(st.sampled_from(FORMS[verb]))
    )
    typed = tuple(draw(_filled_in(graph, form)) for form in forms)
    splice = verb in ("merge", "revision") and draw(st.booleans())
    return Case(verb, graph, current, typed, splice)


@st.composite
def _filled_in(draw: st.DrawFn, graph: RevisionGraph, form: str) -> str:
    names = [*graph, *graph.labelled]
    words = {
        "R": st.sampled_from([*graph]),
        "B": st.sampled_from(names),
        "P": st.sampled_from(names).flatmap(
            lambda name: st.integers(1, len(name)).map(lambda end: name[:end])
        ),
        "N": st.integers(1, 4).map(str),
    }
    return "".join(draw(words[sign]) if sign in words else sign for sign in form)
