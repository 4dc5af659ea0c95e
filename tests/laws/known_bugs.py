"""Where a law does not hold yet. A fixed one fails as unexpectedly passed: remove it.

A line names the cases, the tests and the databases; None is all of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class KnownBug:
    """What is wrong, and which tests show it."""

    reason: str
    tests: tuple[str, ...]
    cases: tuple[str, ...]
    databases: tuple[str, ...] | None = None


KNOWN_BUGS: tuple[KnownBug, ...] = ()


def reason_of(test: str, case: str, database: str | None) -> str | None:
    """Return why a law does not hold for a case on a database; None if it does."""
    for bug in KNOWN_BUGS:
        here = bug.databases is None or database in bug.databases
        if here and test in bug.tests and case in bug.cases:
            return bug.reason

    return None
