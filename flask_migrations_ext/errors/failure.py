"""What kind of failure an error of a database is, as far as its advice differs."""

from __future__ import annotations

from enum import auto
from enum import Enum
from typing import Any

import sqlalchemy as sa


class Failure(Enum):
    """Why a database refused a statement."""

    DUPLICATE = auto()
    """A table, column or another object of that name is there; no duplicate rows."""

    LOCKED = auto()
    """Others held what was needed for longer than it was waited for."""

    DEADLOCK = auto()
    """Others waited for us while we waited for them; the transaction is gone."""

    TIMED_OUT = auto()
    """The statement took longer than it may."""

    UNCOMMITTED = auto()
    """What it uses has to be committed first: it came in the same transaction."""

    DISCONNECTED = auto()
    """The connection was lost."""

    FULL = auto()
    """There is no room for what it writes: on the disk, or by a limit."""

    FORBIDDEN = auto()
    """Who is connected may not do that, or nobody may write there now."""

    OTHER = auto()
    """Something else: most likely the script is wrong."""


def driver_error(error: BaseException) -> Any:
    """Return what the driver raised, without what SQLAlchemy wraps around it."""
    return error.orig if isinstance(error, sa.exc.DBAPIError) else error


def number_of(error: BaseException) -> int | None:
    """Return the number that a driver gives its error first, as those of MySQL do."""
    arguments = getattr(driver_error(error), "args", ())
    first = arguments[0] if arguments else None
    return first if isinstance(first, int) else None


def sqlstate_of(error: BaseException) -> str:
    """Return the five characters by which SQL knows an error, if they are told."""
    found = driver_error(error)
    state = getattr(found, "sqlstate", None) or getattr(found, "pgcode", None)
    return str(state or "")
