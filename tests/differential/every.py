"""All cases, by name."""

from __future__ import annotations

from .alter_cases import ALTER_COLUMN_CASES
from .batch_cases import BATCH_CASES
from .case import Case
from .case import cases
from .case import DIALECTS
from .column_cases import ADD_COLUMN_CASES
from .column_cases import DROP_COLUMN_CASES
from .constraint_cases import CONSTRAINT_CASES
from .index_cases import INDEX_CASES
from .row_cases import ROW_CASES
from .table_cases import TABLE_CASES
from .type_cases import TYPE_CASES

CASES: dict[str, Case] = {
    case.name: case
    for case in cases(
        *TABLE_CASES,
        *ADD_COLUMN_CASES,
        *ALTER_COLUMN_CASES,
        *TYPE_CASES,
        *DROP_COLUMN_CASES,
        *INDEX_CASES,
        *CONSTRAINT_CASES,
        *BATCH_CASES,
        *ROW_CASES,
    )
}

PAIRS = [
    (name, dialect)
    for name, case in CASES.items()
    for dialect in DIALECTS
    if dialect in case.only
]
