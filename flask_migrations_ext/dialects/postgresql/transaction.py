"""What PostgreSQL is doing: inside of a transaction, or why it refused a statement."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from ...errors.failure import driver_error
from ...errors.failure import Failure
from ...errors.failure import sqlstate_of

# https://www.postgresql.org/docs/current/errcodes-appendix.html
FAILURES = {
    **dict.fromkeys(
        ("42P07", "42701", "42710", "42P06", "42723", "42712", "42P05"),
        Failure.DUPLICATE,
    ),
    "55P03": Failure.LOCKED,
    "55P04": Failure.UNCOMMITTED,
    "40P01": Failure.DEADLOCK,
    "40001": Failure.DEADLOCK,
    **dict.fromkeys(
        ("57P01", "57P02", "57P03", "57P05", "25P03", "08006"), Failure.DISCONNECTED
    ),
    "53100": Failure.FULL,
    **dict.fromkeys(("42501", "25006"), Failure.FORBIDDEN),
}

# The same for those that a person has cancelled.
_CANCELLED = "57014"

_IDLE = 0
_IN_ERROR = 3

_RUNS_OUTSIDE = re.compile(
    r"\s*(?:VACUUM|ALTER\s+SYSTEM|(?:CREATE|DROP)\s+(?:DATABASE|TABLESPACE)"
    r"|CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY|DROP\s+INDEX\s+CONCURRENTLY"
    r"|REINDEX\b.*\bCONCURRENTLY|ALTER\s+TABLE\b.*\bDETACH\b.*\bCONCURRENTLY)\b",
    re.I | re.S,
)


def runs_outside(sql: str) -> bool:
    """Return whether a statement is refused inside of a transaction."""
    return _RUNS_OUTSIDE.match(sql) is not None


def failure_of(error: BaseException) -> Failure | None:
    """Return why the server refused a statement; None if it is none of those."""
    state = sqlstate_of(error)
    if state == _CANCELLED and "statement timeout" in str(driver_error(error)):
        return Failure.TIMED_OUT

    return FAILURES.get(state)


def is_in_transaction(connection: sa.Connection) -> bool:
    """Return whether the server has told the driver that a transaction is open."""
    driver: Any = connection.connection.driver_connection
    status = _status(driver)
    if status is not None:
        return status != _IDLE

    if hasattr(driver, "is_in_transaction"):
        return bool(driver.is_in_transaction())

    return connection.in_transaction()


def is_broken(connection: sa.Connection) -> bool:
    """Return whether a statement failed, so that COMMIT would roll back as well."""
    return _status(connection.connection.driver_connection) == _IN_ERROR


def _status(driver: Any) -> int | None:
    known = getattr(driver, "info", None)
    found = getattr(known, "transaction_status", None)
    return None if found is None else int(found)
