"""What a database, or a script, said when it failed: short, and without values."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from ..errors import MigrationError
from ..masking import shown_reason
from ..masking import shown_sql
from ..masking import shown_text
from ..wording import said_by
from .offline import OfflineConnection

_OFFLINE = OfflineConnection.__name__


def reason_of(error: Exception) -> str:
    """Return what went wrong, in one line if it was the database."""
    # First: some of them are errors of SQLAlchemy as well.
    if isinstance(error, MigrationError):
        return str(error)

    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        said = shown_reason(said_by(error.orig), error.statement)
        return one_line(said)

    if isinstance(error, sa.exc.SQLAlchemyError):
        return one_line(shown_reason(str(error.args[0]) if error.args else ""))

    return shown_text(said_by(error))


def is_of_database(error: Exception, sa_dialect: Dialect) -> bool:
    """Return whether a database, or its driver by itself, raised the error."""
    if isinstance(error, MigrationError):
        return False

    driver: Any = getattr(sa_dialect, "dbapi", None)
    known = (sa.exc.DBAPIError, *([driver.Error] if driver is not None else []))
    return isinstance(error, known)


def line_in(error: Exception, path: Path) -> int | None:
    """Return the line of the file that led to the error."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename) == path.absolute()
    ]
    return lines[-1] if lines else None


def hint_for(error: Exception) -> str:
    """Return what a person may not think of, to follow the reason; or nothing."""
    if isinstance(error, MigrationError):
        return ""

    if isinstance(error, sa.exc.DBAPIError) and "already exists" in str(error.orig):
        return (
            "; if db.create_all() or another tool has made it, and it is as the"
            " revision wants it, say so with 'flask db stamp REVISION'"
        )

    if isinstance(error, sa.exc.DBAPIError) and "database is locked" in str(error.orig):
        return (
            "; if it is this migration itself that holds it, use its connection:"
            " Session(op.get_bind()) in place of db.session"
        )

    if isinstance(error, sa.exc.NoInspectionAvailable) and _OFFLINE in str(error):
        return (
            "; SQL text is written, and there is no database to look at: run without"
            " --sql, or ask context.is_offline_mode() first"
        )

    return ""


def statement_of(error: Exception) -> str | None:
    """Return the statement that failed, if one did.

    Without its parameters: they may hold what is not for logs.
    """
    if isinstance(error, sa.exc.StatementError) and error.statement:
        return one_line(shown_sql(error.statement))

    return None


def one_line(text: str) -> str:
    """Return the text with each run of white space as one space."""
    return " ".join(text.split())
