"""What MySQL is doing: inside of a transaction, or why it refused a statement."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ...errors.failure import Failure

# https://mariadb.com/kb/en/mariadb-error-codes/
FAILURES = {
    **dict.fromkeys(
        (1007, 1050, 1060, 1061, 1304, 1359, 1826, 3822), Failure.DUPLICATE
    ),
    **dict.fromkeys((1205, 3572), Failure.LOCKED),
    1213: Failure.DEADLOCK,
    **dict.fromkeys((1969, 3024), Failure.TIMED_OUT),
    **dict.fromkeys((2006, 2013, 1927, 1053), Failure.DISCONNECTED),
    **dict.fromkeys((1021, 1114), Failure.FULL),
    **dict.fromkeys(
        (1044, 1142, 1143, 1227, 1290, 1370, 1792, 1836), Failure.FORBIDDEN
    ),
}

_IN_TRANSACTION = 1


def is_in_transaction(connection: sa.Connection) -> bool:
    """Return whether the server has told the driver that a transaction is open."""
    driver: Any = connection.connection.driver_connection
    status = getattr(driver, "server_status", None)
    if isinstance(status, int):
        return bool(status & _IN_TRANSACTION)

    known = getattr(driver, "in_transaction", None)
    return known if isinstance(known, bool) else connection.in_transaction()


def asked_for_transaction(connection: sa.Connection) -> bool:
    """Return whether a transaction is open, after a failure, which says nothing of it.

    Any answer of the server tells.
    """
    driver: Any = connection.connection.dbapi_connection
    try:
        cursor = driver.cursor()
        try:
            cursor.execute("DO 0")
        finally:
            cursor.close()
    except Exception:
        # The connection is gone, and the transaction with it.
        return False
    return is_in_transaction(connection)
