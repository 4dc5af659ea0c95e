"""Tests that every app with migrations wants: ready to be imported, or collected.

``from flask_migrations_ext.testing.ready import test_one_head`` takes one of them into
a module of tests.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator

import pytest

from ..errors import NeedsDatabase
from ..errors import StepFailed
from ..rehearsal.migrator import Migrator
from ..rehearsal.rows.maker import Given
from ..rehearsal.snapshots import Snapshot
from ..wording import counted
from ..wording import listed
from .fixtures import explained
from .turns import turn_all
from .unimported import unimported_models

UNFILLED = "migrations: no rows"
"""The name of the property of a report that says where there were no rows."""


def test_one_head(scratch_migrator: Migrator) -> None:
    """The history has one end."""
    with explained():
        heads = scratch_migrator.graph.effective_heads
    if len(heads) > 1:
        pytest.fail(
            f"the history has {counted(len(heads), 'head')}: {listed(heads)}; put"
            " one behind the other with 'flask db rebase', or join them with 'flask db"
            " merge'",
            pytrace=False,
        )


def test_upgrade_from_nothing(migrator: Migrator) -> None:
    """All revisions run on an empty database."""
    with explained():
        migrator.upgrade()


def test_models_match(migrated_db: Migrator) -> None:
    """What the migrations make is what the models say."""
    with explained():
        migrated_db.check()


def test_all_models_imported(scratch_migrator: Migrator) -> None:
    """No file of the app has a model that nothing imports."""
    found = unimported_models(scratch_migrator.scratch.project)
    if found:
        _fail("nothing imports", found, "import them where the app is made")


def test_up_down_up(
    scratch_migrator: Migrator,
    migrations_values: Given,
    record_property: Callable[[str, object], None],
) -> None:
    """Each revision can be undone and done again, and keeps the rows that are there."""
    with explained():
        turns = turn_all(scratch_migrator, migrations_values)
    for table, (reason, revisions) in turns.unfilled.items():
        where = counted(len(revisions), "revision")
        record_property(UNFILLED, f"in table '{table}' ({reason}), at {where}")
    if turns.irreversible:
        # That is said by raising NotImplementedError.
        record_property(UNFILLED, f"undone: {listed(turns.irreversible)}, irreversible")
    if turns.findings:
        _fail("up, down, up", turns.findings)


def test_downgrade_leaves_nothing(migrator: Migrator) -> None:
    """From the end of the history back to its beginning, all that it made goes."""
    before = migrator.snapshots()
    try:
        with explained(but=StepFailed):
            migrator.upgrade()
            migrator.downgrade("base")
    except StepFailed as error:
        if isinstance(error.__cause__, NotImplementedError):
            pytest.skip(f"revision '{error.revision}' says that it cannot be undone")
        pytest.fail(str(error), pytrace=False)
    left = list(_left(before, migrator.snapshots()))
    if left:
        _fail("a downgrade to base leaves a trace; to be as it was", left)


def _left(before: tuple[Snapshot, ...], after: tuple[Snapshot, ...]) -> Iterator[str]:
    for old, new in zip(before, after, strict=True):
        yield from new.differences(old)


def test_scripts_compile_offline(migrator: Migrator) -> None:
    """Each revision can be written as SQL text, up and down.

    One that asks for rows cannot; it is named, and those after it are tried.
    """
    asking = [*_without_text_up(migrator), *_without_text_down(migrator)]
    if asking:
        pytest.skip(f"no text can do what asks for rows: {', '.join(asking)}")


def _without_text_up(migrator: Migrator) -> Iterator[str]:
    start: str | None = "base"
    while start is not None:
        start = _failed_at(migrator.upgrade_text, f"{start}:heads")
        if start is not None:
            yield f"upgrade of '{start}'"


def _without_text_down(migrator: Migrator) -> Iterator[str]:
    starts = list(migrator.graph.effective_heads[:1])
    while starts:
        failed = _failed_at(migrator.downgrade_text, f"{starts.pop()}:base")
        if failed is not None:
            yield f"downgrade of '{failed}'"
            starts += migrator.graph.parents(failed)[:1]


def _failed_at(write: Callable[[str], str], asked: str) -> str | None:
    """Return the revision that cannot be written for a good reason, if one cannot."""
    try:
        with explained(but=StepFailed):
            write(asked)
    except StepFailed as error:
        if isinstance(error.__cause__, NeedsDatabase | NotImplementedError):
            return error.revision
        pytest.fail(str(error), pytrace=False)
    return None


def _fail(what: str, found: Iterable[str], advice: str = "") -> None:
    lines = "\n".join(f"  {line}" for line in found)
    pytest.fail(f"{what}:\n{lines}\n{advice}".rstrip(), pytrace=False)
