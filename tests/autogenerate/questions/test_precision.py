"""What is proposed for models that were renamed, and for those that were not.

No wrong pair is what Enter accepts.
"""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from flask_migrations_ext.autogenerate.filters import Filters
from flask_migrations_ext.autogenerate.matching.identity import ModelNames
from flask_migrations_ext.autogenerate.options import CompareOptions
from flask_migrations_ext.autogenerate.questions.answers import Answers
from flask_migrations_ext.autogenerate.questions.renaming import decided_names
from flask_migrations_ext.autogenerate.questions.stakes import Stakes
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata

from .changes import APART
from .changes import ASKED
from .changes import Change
from .changes import NOT_RENAMED
from .changes import OFFERED
from .changes import plain_table
from .changes import RENAMED
from .changes import tables
from .changes import TABLES_NOT_RENAMED
from .changes import TABLES_RENAMED

DIALECT = sa.create_engine("sqlite://").dialect


def proposed(before: sa.MetaData, after: sa.MetaData) -> tuple[str, set[str]]:
    """Return how it is asked, and the pairs that the first choices would make."""
    rules = rules_for(DIALECT)
    found = decided_names(
        read_metadata(before),
        read_metadata(after),
        rules,
        Filters(CompareOptions(), rules),
        answers=Answers(),
        names=ModelNames(),
        stakes=Stakes(rules),
    )
    first = {each.choices[0].value for each in found.questions}
    if not found.questions:
        return APART, first
    if all(each.default == 0 for each in found.questions):
        return OFFERED, first
    assert all(each.default is None for each in found.questions)

    return ASKED, first


def ident(change: Change) -> str:
    return f"{change.gone}->{change.new}"


def names_of(columns: str) -> list[str]:
    return [each.partition(":")[0] for each in columns.split()]


@pytest.mark.parametrize("change", RENAMED, ids=ident)
def test_what_was_renamed_is_proposed(change: Change) -> None:
    how, pairs = proposed(
        tables(change.table, change.gone), tables(change.table, change.new)
    )

    assert how == change.proposed
    assert pairs == {
        f"{change.table}.{old}={new}"
        for old, new in zip(names_of(change.gone), names_of(change.new), strict=True)
    }


@pytest.mark.parametrize("change", NOT_RENAMED, ids=ident)
def test_what_was_not_renamed_is_no_default(change: Change) -> None:
    how, _ = proposed(
        tables(change.table, change.gone), tables(change.table, change.new)
    )

    assert how == change.proposed != OFFERED


@pytest.mark.parametrize(("old", "new", "columns", "expected"), TABLES_RENAMED)
def test_a_table_that_was_renamed(
    old: str, new: str, columns: str, expected: str
) -> None:
    how, pairs = proposed(plain_table(old, columns), plain_table(new, columns))

    assert (how, pairs) == (expected, {f"{old}={new}"})


@pytest.mark.parametrize(("old", "new", "before", "after", "how"), TABLES_NOT_RENAMED)
def test_a_table_that_was_not_renamed(
    old: str, new: str, before: str, after: str, how: str
) -> None:
    found, _ = proposed(plain_table(old, before), plain_table(new, after))

    assert found == how != OFFERED


def test_half_of_the_changes_are_renames() -> None:
    assert len(RENAMED) + len(TABLES_RENAMED) >= 30
    assert len(NOT_RENAMED) + len(TABLES_NOT_RENAMED) >= 30
