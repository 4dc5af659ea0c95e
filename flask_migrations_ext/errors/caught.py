"""A failed revision can be caught as what was raised within it, too.

Programs that migrate were written where nothing stood between: they catch what the
driver raised, by way of SQLAlchemy, or what their own script did.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..masking import shown_sql
from .base import MigrationError
from .databases import StepFailed

# An iteration would take the one for its end; the other asks for what is not there.
_NEVER = (StopIteration, StopAsyncIteration, AttributeError)


def caught_as(failure: StepFailed, cause: BaseException) -> StepFailed:
    """Return a failure that is also an instance of the class of its cause.

    As it was given where that cannot be: for what ends a program, and for classes that
    have no room for it.
    """
    kind = _kind_of(cause)
    if kind is None:
        return failure

    try:
        both: type[StepFailed] = type(
            StepFailed.__name__,
            (StepFailed, kind),
            {
                "__module__": StepFailed.__module__,
                "__qualname__": StepFailed.__qualname__,
                # Made on the spot, it is not to be found by who reads a pickle.
                "__reduce__": lambda self: _as_pickled(failure),
            },
        )
        made = both.__new__(both)
        for name, value in {**_attributes(cause), **vars(failure)}.items():
            setattr(made, name, value)
        made.args = failure.args
    except Exception:
        return failure

    return made


def _as_pickled(failure: StepFailed) -> Any:
    return failure.__reduce__()


def _kind_of(cause: BaseException) -> type[Exception] | None:
    """Return the class that people know the cause by; None if it has none."""
    if not isinstance(cause, Exception) or isinstance(cause, _NEVER):
        return None

    # Some of our own errors are errors of SQLAlchemy, too.
    own = (MigrationError, Exception, BaseException, object)
    foreign = [
        each
        for each in type(cause).__mro__
        if not issubclass(each, MigrationError)
        and each.__module__.partition(".")[0] != __package__.partition(".")[0]
    ]
    kind = foreign[0] if foreign else Exception
    return None if kind in own or not issubclass(kind, Exception) else kind


def _attributes(cause: BaseException) -> dict[str, Any]:
    if not isinstance(cause, sa.exc.StatementError):
        return dict(vars(cause))

    # Its parameters are the values of rows.
    said = {**vars(cause), "params": None, "hide_parameters": True}
    if cause.statement is not None:
        said["statement"] = shown_sql(cause.statement)
    return said
