"""All cases of the laws: every verb, on every database that it is for."""

from __future__ import annotations

from .alter_cases import ALTER_CASES
from .batch_cases import BATCH_CASES
from .case import Case
from .column_cases import COLUMN_CASES
from .constraint_cases import CONSTRAINT_CASES
from .row_cases import ROW_CASES
from .table_cases import TABLE_CASES

CASES: dict[str, Case] = {
    case.name: case
    for case in (
        *TABLE_CASES,
        *COLUMN_CASES,
        *ALTER_CASES,
        *CONSTRAINT_CASES,
        *BATCH_CASES,
        *ROW_CASES,
    )
}
