"""The differences between Alembic and us, each with its kind and its reason.

They are listed in differences.toml: ``[texts]`` that differ, ``[effects]`` of running a
script on a database, and what our ``[own]`` text does otherwise than our run. Below
each stands the section of docs/differences.md that explains them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from .effects import Effect


class Kind(Enum):
    """What becomes of a difference on a database."""

    SAME = "the same is there afterwards"
    DIFFERENT = "something else is there afterwards"
    THEIRS_FAILS = "Alembic refuses, or the database refuses its SQL"
    OURS_REFUSES = "we refuse, or the database refuses our SQL"
    OURS_WRONG = "ours is wrong, and is to be mended"
    UNTRIED = "there is no database to try it on"


@dataclass(frozen=True)
class Reason:
    """A section of docs/differences.md, and what kind of difference it is."""

    section: str
    kind: Kind


Reasons = Mapping[tuple[str, str], Reason]
"""The reason for each case and dialect."""


def kind_of(theirs: Effect, ours: Effect) -> Kind:
    """Return in what way two effects differ."""
    if theirs.refused and ours.refused:
        return Kind.SAME
    if theirs.refused:
        return Kind.THEIRS_FAILS
    if ours.refused:
        return Kind.OURS_REFUSES

    return Kind.SAME if theirs == ours else Kind.DIFFERENT


def _read(scope: str) -> Reasons:
    found: dict[tuple[str, str], Reason] = {}
    for section, kinds in _LISTED[scope].items():
        for kind, dialects in kinds.items():
            reason = Reason(section, Kind[kind])
            for dialect, names in dialects.items():
                for name in names.split():
                    assert (name, dialect) not in found, f"{name} on {dialect}: twice"
                    found[name, dialect] = reason

    return found


_LISTED = tomllib.loads((Path(__file__).parent / "differences.toml").read_text("utf-8"))

TEXTS = _read("texts")
EFFECTS = _read("effects")
OWN = _read("own")

SECTIONS = {
    reason.section for each in (TEXTS, EFFECTS, OWN) for reason in each.values()
}
