"""Errors about single operations: not possible, not here, or not without loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ..masking import shown_sql
from ..wording import listed
from .base import declared
from .base import MigrationError


class OperationError(MigrationError):
    """An operation cannot be done, or not here."""


@declared
class NoRunningMigration(OperationError):
    """``op`` or ``context`` was used while no migration runs."""

    name: str

    def _message(self) -> str:
        return (
            f"'{self.name}' works only while a migration runs; run this file with"
            " 'flask db', not by importing it"
        )


@declared
class UnknownFunction(OperationError, AttributeError):
    """A script calls a function of ``op`` that there is not."""

    name: str
    near: Sequence[str] = ()

    def _message(self) -> str:
        hint = f"; did you mean '{self.near[0]}'?" if self.near else ""
        return f"module 'op' has no attribute '{self.name}'{hint}"


@declared
class UnsupportedExpression(OperationError):
    """A database has no words for a piece of SQL that is built of Python objects."""

    shown: str
    dialect: str
    reason: str
    where: str = ""

    def at(self, where: str) -> UnsupportedExpression:
        """Return the error with what the place so far is a part of."""
        place = f"{self.where} of {where}" if self.where else where
        return UnsupportedExpression(self.shown, self.dialect, self.reason, place)

    def _message(self) -> str:
        place = f" of {self.where}" if self.where else ""
        return (
            f"the expression {self.shown!r}{place} cannot be written for a database of"
            f" the kind '{self.dialect}' ({self.reason}); write it as"
            " sqlalchemy.text(…), or leave it out on this database"
        )


@declared
class InvalidArgument(OperationError):
    """A script passes something that an ``op`` function does not take."""

    argument: str
    wanted: str
    given: object

    def _message(self) -> str:
        return f"'{self.argument}' takes {self.wanted}, not {self.given!r}"


@declared
class Irreversible(OperationError):
    """What is needed to undo an operation is not known."""

    operation: object

    def _message(self) -> str:
        shown = shown_sql(str(self.operation))
        return f"cannot reverse {shown}; write downgrade() by hand"


class _CaughtAsDatabaseError(Exception):
    """What scripts catch as an error of SQLAlchemy, having tried what may fail.

    They were written when the database said it. Now it is found out before.
    """

    def __init__(self, message: str) -> None:
        Exception.__init__(self, message)
        # No driver had a part in it, and scripts ask what it said.
        self.orig: Any = self
        self.detail: list[str] = []
        self.statement: str | None = None
        self.params: Any = None
        self.hide_parameters = False
        self.connection_invalidated = False
        self.ismulti: bool | None = None


@declared
class UnsupportedOperation(OperationError):
    """This kind of database cannot do what was asked."""

    database: str
    what: str
    advice: str

    def _message(self) -> str:
        return f"{self.database} cannot {self.what}; {self.advice}"


class TableMissing(
    UnsupportedOperation,
    _CaughtAsDatabaseError,
    sa.exc.OperationalError,
    sa.exc.NoSuchTableError,
):
    """A table is to be altered that is not there."""


class NameTaken(UnsupportedOperation, _CaughtAsDatabaseError, sa.exc.OperationalError):
    """A table has a column of that name already."""


@declared
class NeedsDatabase(OperationError, AttributeError):
    """SQL text was asked for, and a script needs a live database.

    What stands for it lacks an attribute then, for those who ask what it has.
    """

    what: str

    def _message(self) -> str:
        return (
            f"{self.what} needs a live database and cannot be written as SQL text;"
            " run without --sql, or leave it out when context.is_offline_mode()"
        )


@declared
class DataAtRisk(OperationError, _CaughtAsDatabaseError, sa.exc.IntegrityError):
    """An operation was stopped because it would have lost or changed rows."""

    what: str
    advice: str

    def _message(self) -> str:
        return f"{self.what}; {self.advice}"


@declared
class NotInTable(
    OperationError,
    _CaughtAsDatabaseError,
    sa.exc.OperationalError,
    ValueError,
    KeyError,
):
    """A table has no such column or constraint, or more than one.

    Scripts that try and go on catch one of the built-in errors around a batch block.
    """

    table: str
    what: str
    known: Sequence[str] = ()
    found: int = 0

    def _message(self) -> str:
        if self.found > 1:
            return (
                f"table '{self.table}' has {self.found} of {self.what};"
                " say which one is meant"
            )

        has = listed(self.known) or "none"
        return f"table '{self.table}' has no {self.what}; it has {has}"


@declared
class UnreadableDefinition(OperationError):
    """SQL text that defines a part of a database cannot be understood."""

    sql: str
    reason: str

    def _message(self) -> str:
        shown = " ".join(shown_sql(self.sql).split())
        shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
        return (
            f"cannot read '{shown}': {self.reason}; change it by hand with op.execute()"
        )
