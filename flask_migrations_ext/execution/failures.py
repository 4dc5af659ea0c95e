"""What a database, or a script, said when it failed: short, and without values."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect

from ..dialects.dialect import Dialect
from ..errors import MigrationError
from ..errors.failure import Failure
from ..masking import shown_reason
from ..masking import shown_sql
from ..masking import shown_text
from ..wording import said_by
from .offline import OfflineConnection

_OFFLINE = OfflineConnection.__name__
_PACKAGE = Path(__file__).resolve().parent.parent


def reason_of(error: BaseException) -> str:
    """Return what went wrong, in one line if it was the database."""
    # First: some of them are errors of SQLAlchemy as well.
    if isinstance(error, MigrationError):
        return str(error)

    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        said = shown_reason(said_by(error.orig), error.statement)
        return one_line(said)

    if isinstance(error, sa.exc.SQLAlchemyError):
        return one_line(shown_reason(str(error.args[0]) if error.args else ""))

    if isinstance(error, SystemExit):
        return f"the script ended the program: exit({error.code!r})"

    if isinstance(error, KeyboardInterrupt):
        return str(error) or "interrupted by Ctrl-C"

    return shown_text(said_by(error))


def is_of_database(error: BaseException, sa_dialect: SADialect) -> bool:
    """Return whether a database, or its driver by itself, raised the error."""
    if isinstance(error, MigrationError):
        return False

    driver: Any = getattr(sa_dialect, "dbapi", None)
    known = (sa.exc.DBAPIError, *([driver.Error] if driver is not None else []))
    return isinstance(error, known)


def is_our_bug(error: BaseException, sa_dialect: SADialect) -> bool:
    """Return whether it is this package that failed, and no script or database."""
    if isinstance(error, (MigrationError, sa.exc.SQLAlchemyError)):
        return False

    if not isinstance(error, Exception) or is_of_database(error, sa_dialect):
        return False

    last = traceback.extract_tb(error.__traceback__)[-1]
    return Path(last.filename).resolve().is_relative_to(_PACKAGE)


def line_in(error: BaseException, path: Path) -> int | None:
    """Return the line of the file that led to the error."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename) == path.absolute()
    ]
    return lines[-1] if lines else None


def hint_for(error: BaseException, dialect: Dialect, stamp: str | None) -> str:
    """Return what a person may not think of, to follow the reason; or nothing.

    :param stamp: what to stamp if all is there already; None if that may be wrong.
    """
    if isinstance(error, sa.exc.NoInspectionAvailable) and _OFFLINE in str(error):
        return (
            "; SQL text is written, and there is no database to look at: run without"
            " --sql, or ask context.is_offline_mode() first"
        )

    if isinstance(error, MigrationError) or not isinstance(error, sa.exc.DBAPIError):
        return ""

    failure = dialect.failure(error)
    if failure is Failure.DUPLICATE and stamp is not None:
        return (
            "; if db.create_all() or another tool has made it, and all else that this"
            f" revision makes, say so with 'flask db stamp {stamp}'"
        )

    if failure is Failure.DUPLICATE:
        return (
            "; if an earlier try of this revision has left it, look for all that it"
            " left, and undo that by hand first"
        )

    if failure is Failure.LOCKED:
        return (
            "; if it is this migration itself that holds it, use its connection:"
            " Session(op.get_bind()) in place of db.session"
        )

    return ""


def statement_of(error: BaseException) -> str | None:
    """Return the statement that failed, if one did.

    Without its parameters: they may hold what is not for logs.
    """
    if isinstance(error, sa.exc.StatementError) and error.statement:
        return one_line(shown_sql(error.statement))

    return None


def one_line(text: str) -> str:
    """Return the text with each run of white space as one space."""
    return " ".join(text.split())


def may_commit(path: Path | None) -> bool:
    """Return whether the text of a script speaks of committing by itself."""
    if path is None:
        return True

    try:
        text = path.read_text("utf-8", "replace").lower()
    except OSError:
        return True
    return "commit" in text or "concurrently" in text
