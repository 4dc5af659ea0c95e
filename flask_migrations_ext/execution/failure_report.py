"""What a revision that failed leaves behind, in words: where the database is now."""

from __future__ import annotations

from collections.abc import Sequence

from ..masking import shown_sql
from ..wording import counted
from .executor import DatabaseExecutor
from .failures import one_line

_OF_ROWS = ("INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE")


def state_after(
    executor: DatabaseExecutor,
    before: Sequence[str],
    heads: Sequence[str],
    done: Sequence[str],
    failed: str | None,
    advice: str = "Correct the script, then run the command again",
) -> str:
    """Return where the database is, and what a person does next.

    :param before: what the version table holds, as nothing was written there.
    :param heads: what it would hold if the revision had come to its end.
    :param done: the revisions that ran before in the same run.
    :param failed: the statement that failed, if one did.
    :param advice: what a person does if the revision left no trace.
    """
    at = " and ".join(before) or "base"
    earlier = (
        f"; before it, {counted(len(done), 'revision')} of this run stayed"
        if done
        else ""
    )
    if executor.external:
        return "the transaction is the caller's, to commit or to roll back" + earlier

    stayed, perhaps = _stayed(executor, failed)
    if not stayed and not perhaps:
        outcome = (
            "it was rolled back and left no trace"
            if executor.dialect.transactional_ddl or executor.executed
            else "nothing of it was done"
        )
        return f"{outcome}: the database is at {at}{earlier}. {advice}".rstrip(". ")

    return (
        f"{_reason(executor)}: {_listed(stayed, perhaps)}, while the version table"
        f" still says {at}{earlier}. Undo this by hand, then correct the script and run"
        " the command again; or finish the revision by hand and run"
        f" 'flask db stamp {' '.join(heads) or 'base'}'"
    )


def _stayed(
    executor: DatabaseExecutor, failed: str | None
) -> tuple[list[str], list[str]]:
    """Return which statements stayed, and which later ones perhaps did."""
    executed = executor.executed
    count = executor.committed
    if executor.dialect.transactional_ddl:
        return executed[:count], []

    for position, text in enumerate(executed, start=1):
        # It commits itself, and all before it.
        if not _changes_rows(text):
            count = max(count, position)

    # So does one that fails, unless it failed before that.
    commits = failed is not None and not _changes_rows(failed)
    return executed[:count], executed[count:] if commits else []


def _changes_rows(text: str) -> bool:
    return text.lstrip(" \n\t(").upper().startswith(_OF_ROWS)


def _reason(executor: DatabaseExecutor) -> str:
    if executor.dialect.transactional_ddl:
        return "autocommit_block() had committed a part of it"

    return f"{executor.dialect.title} cannot roll back changes of tables"


def _listed(stayed: Sequence[str], perhaps: Sequence[str]) -> str:
    parts = []
    if stayed:
        count = counted(len(stayed), "statement")
        parts.append(
            f"{count} of this revision stayed, the last one '{_shown(stayed[-1])}'"
        )
    if perhaps:
        changes = counted(len(perhaps), "change")
        parts.append(
            f"perhaps {changes} of rows stayed, the last one '{_shown(perhaps[-1])}'"
        )

    return ", and ".join(parts)


def _shown(text: str) -> str:
    text = one_line(shown_sql(text))
    return text if len(text) <= 120 else f"{text[:117]}..."
