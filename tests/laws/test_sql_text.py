"""Law 5: a script leads to its models, and as SQL text to the same database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from .case import Case
from .looks import own_words
from .looks import rows
from .looks import structure
from .runs import as_text
from .runs import carry_out
from .runs import difference
from .runs import feed
from .runs import make
from .runs import said

pytestmark = pytest.mark.pairs("laws")


def test_sql_text_gives_the_same_database_as_a_live_run(
    case: Case, live: sa.Engine, other: sa.Engine
) -> None:
    for engine in (live, other):
        make(engine, case.start, case.rows)

    carry_out(live, case.script)
    feed(other.url, as_text(other.url, case))

    assert said(difference(live, case.after)) == []
    with live.connect() as one, other.connect() as two:
        assert structure(two) == structure(one)
        assert own_words(two) == own_words(one)
        assert rows(two) == rows(one)
