"""SQL text is Alembic's, or the difference is explained."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from .case import Case
from .engines import our_text
from .engines import their_text
from .every import CASES
from .every import PAIRS
from .normal import normal
from .reasons import EFFECTS
from .reasons import Kind
from .reasons import OWN
from .reasons import SECTIONS
from .reasons import TEXTS

DOCUMENT = Path(__file__).parents[2] / "docs" / "differences.md"


@pytest.mark.parametrize(("name", "dialect"), PAIRS)
def test_text_is_alembics_or_the_difference_is_explained(
    name: str, dialect: str
) -> None:
    theirs, ours = (written(each, name, dialect) for each in (their_text, our_text))
    reason = TEXTS.get((name, dialect))

    if reason is None:
        assert ours == theirs
    else:
        assert ours != theirs, f"explained by '{reason.section}', and not there"


def written(write: Callable[[Case, str], str], name: str, dialect: str) -> str | None:
    """Return SQL text without what does not matter; None if it is refused."""
    try:
        return normal(write(CASES[name], dialect))
    except Exception:  # Alembic refuses with whatever comes up
        return None


def test_every_reason_is_for_a_case_and_has_a_section() -> None:
    known = set(PAIRS)
    sections = set(re.findall(r"^### (\S+)$", DOCUMENT.read_text("utf-8"), re.M))

    assert [each for each in (*TEXTS, *EFFECTS, *OWN) if each not in known] == []
    assert sections == SECTIONS


def test_where_the_effects_differ_the_case_says_what_is_right() -> None:
    unsaid = [
        name
        for (name, _), reason in EFFECTS.items()
        if reason.kind in (Kind.DIFFERENT, Kind.THEIRS_FAILS)
        and CASES[name].after is None
    ]

    assert unsaid == []
