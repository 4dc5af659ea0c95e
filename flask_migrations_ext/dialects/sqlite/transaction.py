"""Real transactions on SQLite, and the ``foreign_keys`` switch between them.

The driver begins transactions by itself, late, and in several ways. Here they are
begun and ended by SQL, so that changes of tables can be rolled back too, whatever
the app has told the driver or SQLAlchemy's events to do.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ...errors import DatabaseLocked
from ...errors import UnsupportedOperation
from ..dialect import RestartStep

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: there, transactions alone do it
    fcntl = None  # type: ignore[assignment]  # what is asked below

_OURS = "flask_migrations_ext.transaction"
_SWITCHED_OFF = "flask_migrations_ext.foreign_keys_switched_off"
_LOOKS_BEFORE = "flask_migrations_ext.looks_before"
_WAITS = "flask_migrations_ext.waits"

_PAUSE = 0.05
"""Seconds between two tries to write."""

_SILENCE = 3.0
"""After how many seconds it is said that others are waited for."""


@contextmanager
def immediate_transaction(connection: sa.Connection) -> Iterator[None]:
    """Run the block in a transaction that holds the write lock from its start.

    Where foreign keys are switched off for it, rows that point nowhere and did not
    do so before roll it back.

    :raises DataAtRisk: if there are such rows.
    :raises RestartStep: if it has to be known which of them were there before.
    :raises DatabaseLocked: if others use the database for longer than the driver waits.
    """
    with _begun(connection), _driver_set_aside(connection) as driver:
        # An event of the app may have sent BEGIN: nothing has happened in it yet.
        _end(driver, "COMMIT")
        with _locks_told():
            _say_patiently(driver, "BEGIN IMMEDIATE", connection)
        connection.info[_OURS] = True
        renames_as_before = _keeping(driver, "legacy_alter_table")
        try:
            before = _violations(connection)
            yield
            _refuse_new_violations(connection, before)
            if _is_inside(driver):
                with _locks_told():
                    _say_patiently(driver, "COMMIT", connection)
            # What follows in this revision cannot be run again from its start.
            if _SWITCHED_OFF in connection.info:
                connection.info[_LOOKS_BEFORE] = True
        except BaseException:
            _end(driver, "ROLLBACK")
            raise
        finally:
            del connection.info[_OURS]
            renames_as_before()


def _say_patiently(driver: Any, sql: str, connection: sa.Connection) -> None:
    waits: _Waits | None = connection.info.get(_WAITS)
    if waits is None:
        _say(driver, sql)
        return

    # The driver waits as well, for as long as the app has told it, and says nothing.
    own = _ask(driver, "PRAGMA busy_timeout")
    _ask(driver, "PRAGMA busy_timeout=0")
    try:
        for _ in waits.tries("another process or connection, which writes", own / 1000):
            try:
                _say(driver, sql)
                return
            except Exception as error:
                if "is locked" not in str(error):
                    raise
        _say(driver, sql)
    finally:
        _ask(driver, f"PRAGMA busy_timeout={own}")


@dataclass(frozen=True)
class _Waits:
    """For how long a run waits for others, and who is told that it does."""

    seconds: float
    tell: Callable[[str], None]

    def tries(self, who: str, at_least: float = 0.0) -> Iterator[None]:
        """Yield as often as there is time to try, and wait in between."""
        began = time.monotonic()
        told = False
        while True:
            yield
            waited = time.monotonic() - began
            if waited >= max(self.seconds, at_least):
                return

            if not told and waited >= _SILENCE:
                told = True
                self.tell(who)
            time.sleep(_PAUSE)


@contextmanager
def waiting(
    connection: sa.Connection, seconds: float, tell: Callable[[str], None]
) -> Iterator[None]:
    """Have transactions that begin in the block wait that long for other writers.

    :raises DatabaseLocked: if another process migrates the database for longer.
    """
    waits = connection.info[_WAITS] = _Waits(seconds, tell)
    try:
        with _only_process(_file_of(connection), waits):
            yield
    finally:
        if not connection.closed:
            connection.info.pop(_WAITS, None)


def _file_of(connection: sa.Connection) -> str:
    """Return the path of the main database; nothing for one in memory."""
    cursor = _driver(connection).cursor()
    try:
        cursor.execute("PRAGMA database_list")
        return next((row[2] for row in cursor.fetchall() if row[1] == "main"), "") or ""
    finally:
        cursor.close()


@contextmanager
def _begun(connection: sa.Connection) -> Iterator[None]:
    # Not in a block of SQLAlchemy's: a script may end its transaction by itself.
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    else:
        connection.commit()


def begin_again(connection: sa.Connection) -> None:
    """Begin a transaction of ours where a script has ended the one there was."""
    driver = _driver(connection)
    if connection.info.get(_OURS) and not _is_inside(driver):
        with _locks_told():
            _say(driver, "BEGIN IMMEDIATE")


@contextmanager
def joined_transaction(connection: sa.Connection) -> Iterator[None]:
    """Run the block in a transaction that a caller has begun, and is to end.

    The driver has not begun it until a row is changed. Before that, changes of tables
    would stay whatever the caller does, and foreign keys can be switched off.

    :raises DataAtRisk: as :func:`immediate_transaction`; as all of its errors,
        only where nothing was in the transaction before.
    """
    driver = _driver(connection)
    if _is_inside(driver) or _never_commits(driver):
        yield
        return

    with _driver_set_aside(connection), _locks_told():
        _say(driver, "BEGIN IMMEDIATE")
    connection.info[_OURS] = True
    renames_as_before = _keeping(driver, "legacy_alter_table")
    try:
        before = _violations(connection)
        yield
        _refuse_new_violations(connection, before)
    except BaseException:
        _end(driver, "ROLLBACK")
        raise
    finally:
        del connection.info[_OURS]
        renames_as_before()


def without_foreign_keys(connection: sa.Connection, why: str) -> None:
    """Make sure that foreign keys are off, as ``why`` can lose rows otherwise.

    :param why: what is about to happen, such as ``rebuild table 'a'``.
    :raises RestartStep: to begin again with foreign keys off.
    :raises UnsupportedOperation: if the transaction is not one of ours.
    """
    if not foreign_keys_are_on(connection):
        return
    # Inside of a transaction, SQLite passes over the pragma without a word.
    if connection.info.get(_OURS):
        raise RestartStep(switch_foreign_keys_off)

    raise UnsupportedOperation(
        "SQLite",
        f"{why} in a transaction that was begun elsewhere while"
        " foreign_keys is ON: rows of other tables would be lost with it",
        "pass a connection that is in no transaction, or execute"
        " 'PRAGMA foreign_keys=OFF' before the transaction; inside of"
        " autocommit_block(), do it after the block",
    )


def foreign_keys_are_on(connection: sa.Connection) -> bool:
    """Return whether SQLite acts on foreign keys for this connection."""
    return bool(connection.exec_driver_sql("PRAGMA foreign_keys").scalar())


def is_in_transaction(connection: sa.Connection) -> bool:
    """Return whether SQLite itself, not only SQLAlchemy, is in a transaction."""
    return _is_inside(_driver(connection))


def switch_foreign_keys_off(connection: sa.Connection) -> Callable[[], None]:
    """Switch foreign keys off; return what switches them on again.

    :raises UnsupportedOperation: if SQLite does not let it happen.
    """
    with _driver_set_aside(connection) as driver:
        _say(driver, "PRAGMA foreign_keys=OFF")
        still_on = _ask(driver, "PRAGMA foreign_keys")

    if still_on:
        raise UnsupportedOperation(
            "SQLite",
            "switch foreign_keys off on this connection",
            "see what keeps a transaction open on it",
        )
    connection.info[_SWITCHED_OFF] = True

    def switch_on() -> None:
        connection.info.pop(_SWITCHED_OFF, None)
        connection.info.pop(_LOOKS_BEFORE, None)
        with _driver_set_aside(connection) as driver:
            _say(driver, "PRAGMA foreign_keys=ON")

    return switch_on


def _look_before(connection: sa.Connection) -> Callable[[], None]:
    connection.info[_LOOKS_BEFORE] = True

    return lambda: None


def _violations(connection: sa.Connection) -> Mapping[str, Counter[Any]] | None:
    """Return the rows that point nowhere, unless it is likely that there are none.

    To look each row up in another table can take longer than a rebuild: once is
    enough where nothing is wrong afterwards.
    """
    if not connection.info.get(_LOOKS_BEFORE):
        return None

    return _violations_of(connection)


def _refuse_new_violations(
    connection: sa.Connection, before: Mapping[str, Counter[Any]] | None
) -> None:
    if not connection.info.get(_SWITCHED_OFF):
        # Foreign keys work, or the app lives without them.
        return

    # With it comes all that reads and edits the texts of tables: few runs need that.
    from .data_checks import refuse_new_violations

    after = _violations_of(connection)
    if before is not None:
        refuse_new_violations(before, after)
    elif any(after.values()):
        raise RestartStep(_look_before)


def _violations_of(connection: sa.Connection) -> Mapping[str, Counter[Any]]:
    from .catalog import SqliteCatalog

    return SqliteCatalog(connection).violations()


# -- the driver ------------------------------------------------------------


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.dbapi_connection


@contextmanager
def _driver_set_aside(connection: sa.Connection) -> Iterator[Any]:
    """Have the driver begin and end nothing by itself within the block."""
    driver = _driver(connection)
    # Python 3.12 has a second way; -1 says that the first one is in use.
    attribute = "autocommit" if _uses_autocommit(driver) else "isolation_level"
    before = getattr(driver, attribute)
    setattr(driver, attribute, True if attribute == "autocommit" else None)
    try:
        yield driver
    finally:
        setattr(driver, attribute, before)


def _uses_autocommit(driver: Any) -> bool:
    return isinstance(getattr(driver, "autocommit", None), bool)


def _never_commits(driver: Any) -> bool:
    return getattr(driver, "autocommit", None) is True


def _say(driver: Any, sql: str) -> None:
    cursor = driver.cursor()
    try:
        cursor.execute(sql)
    finally:
        cursor.close()


def _ask(driver: Any, sql: str) -> Any:
    cursor = driver.cursor()
    try:
        cursor.execute(sql)
        # One that this SQLite does not know has no rows.
        return (cursor.fetchone() or (None,))[0]
    finally:
        cursor.close()


@contextmanager
def _locks_told() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # Drivers that encrypt have exceptions of their own.
        if "is locked" not in str(error):
            raise
        raise DatabaseLocked(str(error)) from error


def _end(driver: Any, how: str) -> None:
    if _is_inside(driver):
        _say(driver, how)


def _is_inside(driver: Any) -> bool:
    # What stands before an asynchronous driver does not pass this on.
    known = driver if hasattr(driver, "in_transaction") else driver.driver_connection
    return bool(known.in_transaction)


def _keeping(driver: Any, pragma: str) -> Callable[[], None]:
    before = _ask(driver, f"PRAGMA {pragma}")

    def restore() -> None:
        # To set one has all statements compiled again.
        if before is not None and _ask(driver, f"PRAGMA {pragma}") != before:
            _say(driver, f"PRAGMA {pragma}={before}")

    return restore


# -- one process at a time -------------------------------------------------

# A transaction keeps others out as well, but a revision may leave it in the middle.
# The system gives this lock back when a process ends, however it does.


@contextmanager
def _only_process(database: str, waits: _Waits) -> Iterator[None]:
    """Run the block while no other process has such a block for the same file.

    :raises DatabaseLocked: if one does, for longer than is waited.
    """
    file = (
        _held(_lock_file(database), waits) if database and fcntl is not None else None
    )
    try:
        yield
    finally:
        if file is not None:
            descriptor, path = file
            # Before it is given back: who has opened it meanwhile looks again.
            with suppress(OSError):
                path.unlink()
            os.close(descriptor)


def _lock_file(database: str) -> Path:
    # Not beside the database, where people and backups would find it.
    digest = hashlib.sha256(os.path.realpath(database).encode()).hexdigest()
    return Path(tempfile.gettempdir(), f"flask-migrations-ext-{digest[:32]}.lock")


def _held(path: Path, waits: _Waits) -> tuple[int, Path] | None:
    """Return the file, locked; None where this place does not let us."""
    for _ in waits.tries("another process"):
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError:
            # Another user's, or a read-only place.
            return None

        if _is_locked(descriptor, path):
            return descriptor, path

        os.close(descriptor)
    raise DatabaseLocked("another process migrates the database")


def _is_locked(descriptor: int, path: Path) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(descriptor).st_ino == path.stat().st_ino
    except OSError:
        return False
