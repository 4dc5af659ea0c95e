"""All cases of the laws: every verb, on every database that it is for."""

from __future__ import annotations

from dataclasses import replace

from flask_migrations_ext import op
from tests.differential.case import DIALECTS
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

# Going back, a key that counts goes with its column: in one block, as scripts have it,
# and not one by one, as the laws carry operations out.
_IN_A_BLOCK = {"add_inline_primary_key", "add_inline_primary_key_serial"}
# So does one whose other name is, to a comparison, another column.
_COMPARED_IN_A_BLOCK = {"rename_key"}

_SHARED = {
    f"compared: {name}": Case(
        name,
        case.begins_with,
        lambda case=case: case.script(op),  # type: ignore[misc]  # mypy infers no default
        case.after or case.begins_with,
        but_not={
            each: "not for this database"
            for each in DIALECTS
            if each not in case.only & case.executed
            or (name in _IN_A_BLOCK and each == "mariadb")
        },
    )
    for name, case in COMPARED.items()
    if name not in _SAY_NO_OPERATION
}

SCRIPTS: dict[str, Case] = {**CASES, **_SHARED}
"""Those of the comparison with Alembic as well, for what concerns the script alone."""

CHANGES: dict[str, Case] = {
    **CASES,
    **{
        name: replace(case, but_not={**case.but_not, "mariadb": "a counting key"})
        if case.name in _COMPARED_IN_A_BLOCK
        else case
        for name, case in _SHARED.items()
        # Where both leave the same behind, nobody has said what that is; and the
        # databases of the laws have no naming convention.
        if case.after is not case.start and not COMPARED[case.name].convention
    },
}
"""Those of the comparison with Alembic as well that say what is there afterwards."""
