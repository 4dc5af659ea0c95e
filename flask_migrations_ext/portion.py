"""How much of a long statement is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Portion:
    """How much of a statement is done.

    :param what: the statement, in words.
    :param total: how much there is to do; about.
    :param unit: of what: ``rows``, ``blocks``.
    """

    what: str
    done: int
    total: int
    unit: str


Tell = Callable[[Portion], None]
