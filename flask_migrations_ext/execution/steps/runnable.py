"""One revision to run, loaded, with where it begins and ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunnableStep:
    """One revision to run, and where the database stands before and afterwards.

    ``title`` is how the log names it, ``run`` calls what the script defines;
    ``database`` is empty for the default one.
    """

    id: str
    verb: str
    title: str
    path: Path | None
    before: tuple[str, ...]
    heads: tuple[str, ...]
    run: Callable[[], None]
    parents: tuple[str, ...] = ()
    database: str = ""
