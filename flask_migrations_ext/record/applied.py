"""A revision as it was when it was applied. Pure: no database is asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Applied:
    """A revision, as it was when it was applied.

    :param at: when, in UTC, as ISO 8601 has it.
    :param by: who, and on which host.
    :param seconds: how long it took.
    :param message: what it was called.
    :param file: its file, seen from the migrations folder.
    :param parents: the revisions that it came after.
    :param digest: of the bytes of its file.
    :param fingerprint: of what these mean.
    """

    id: str
    at: str
    by: str
    seconds: float
    message: str
    file: str
    parents: tuple[str, ...]
    digest: str
    fingerprint: str

    @property
    def when(self) -> str:
        """When it was applied, and how long it took, for people."""
        minute = self.at[:16].replace("T", " ")
        return f"{minute} UTC, {self.seconds:.1f} s"

    def __str__(self) -> str:
        message = f" '{self.message}'" if self.message else ""
        after = f", after {' and '.join(self.parents)}" if self.parents else ""
        applied = f"applied {self.at[:16]} by {self.by}"
        return f"{self.id}{message}, {self.file}{after}: {applied}"
