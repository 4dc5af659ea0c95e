"""Where in the models an error belongs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import UnsupportedExpression


@contextmanager
def located(where: str) -> Iterator[None]:
    """Name a place in the errors of what the block says in SQL.

    :raises UnsupportedExpression: with the place, after those that are nearer.
    """
    try:
        yield
    except UnsupportedExpression as error:
        raise error.at(where) from error
