"""All cases of the laws: every verb, on every database that it is for."""

from __future__ import annotations

from flask_migrations_ext import op
from tests.differential.every import CASES as COMPARED

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

# Arguments that are no operation's, and a statement that lacks its values.
_SAY_NO_OPERATION = {
    *("misspelt", "mysql_keyword", "drop_unknown_keyword", "drop_nothing_known"),
    "execute_unbound",
}

SCRIPTS: dict[str, Case] = {
    **CASES,
    **{
        f"compared: {name}": Case(
            name,
            case.begins_with,
            lambda case=case: case.script(op),  # type: ignore[misc]  # mypy infers no default
            case.after or case.begins_with,
        )
        for name, case in COMPARED.items()
        if name not in _SAY_NO_OPERATION
    },
}
"""Those of the comparison with Alembic as well, for what concerns the script alone."""
