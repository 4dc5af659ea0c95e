"""Law 1: a thing does not differ from itself; a difference that is applied is gone."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from flask_migrations_ext.autogenerate.compare.schema import compare
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata

from .case import Case
from .runs import carry_out
from .runs import difference
from .runs import execute_all
from .runs import make
from .runs import SA_DIALECTS
from .runs import said

pytestmark = pytest.mark.pairs("laws")


@pytest.mark.parametrize("name", SA_DIALECTS)
def test_models_do_not_differ_from_themselves(case: Case, name: str) -> None:
    rules = rules_for(SA_DIALECTS[name])

    for metadata in (case.start, case.after):
        schema = read_metadata(metadata)

        assert said(compare(schema, schema, rules)) == []


def test_applying_a_difference_leaves_none(change_case: Case, live: sa.Engine) -> None:
    case = change_case
    make(live, case.start)

    assert said(difference(live, case.start)) == []

    carry_out(live, execute_all(*difference(live, case.after)))

    assert said(difference(live, case.after)) == []

    if case.no_way_back is None:
        carry_out(live, execute_all(*difference(live, case.start)))

        assert said(difference(live, case.start)) == []
