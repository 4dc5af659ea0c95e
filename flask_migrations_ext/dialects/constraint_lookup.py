"""Which constraint an operation means to drop, where it does not say the name; and
when one is checked."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.sql.elements import conv

from ..operations.constraints import DropConstraint
from ..schema.model import Check
from ..schema.model import Constraint
from ..schema.model import Exclude
from ..schema.model import ForeignKey
from ..schema.model import PrimaryKey
from ..schema.model import SqlWriter
from ..schema.model import Table
from ..schema.model import Unique
from ..schema.to_sqlalchemy import SQLAlchemyBuilder


def constraint_to_drop(
    operation: DropConstraint, build: SQLAlchemyBuilder
) -> sa.Constraint:
    """Return the constraint that is meant, on a table.

    The naming convention has been followed: it gives the name, or makes a longer
    one of a short one. The name is None if there is none to be known.
    """
    if operation.was is not None:
        was = replace(operation.was, name=operation.name or operation.was.name)
        return build.constraint(was, operation.table)

    return _named(operation, build, operation.name)


def _named(
    operation: DropConstraint, build: SQLAlchemyBuilder, name: str | None
) -> sa.Constraint:
    built = _OF_KIND.get(operation.kind, sa.Constraint)
    table = build.table(Table(operation.table))
    constraint: sa.Constraint = built(name=name)
    try:
        table.append_constraint(constraint)
    except (sa.exc.InvalidRequestError, IndexError, KeyError):
        # A convention that asks for columns, which are not known here.
        return _named(operation, build, conv(str(name)))

    return constraint


def _foreign_key(name: str | None) -> sa.Constraint:
    return sa.ForeignKeyConstraint([], [], name=name)


def _check(name: str | None) -> sa.Constraint:
    return sa.CheckConstraint(sa.text(""), name=name)


_OF_KIND: dict[type[Constraint] | None, Any] = {
    ForeignKey: _foreign_key,
    PrimaryKey: sa.PrimaryKeyConstraint,
    Unique: sa.UniqueConstraint,
    Check: _check,
}


def found_name(
    operation: DropConstraint, connection: sa.Connection, write: SqlWriter
) -> str | None:
    """Return the name that the database has given to the constraint, if one fits."""
    wanted = operation.was
    inspector = sa.inspect(connection)
    name, schema = operation.table.name, operation.table.schema
    found: list[Any] = []
    if operation.kind is PrimaryKey or isinstance(wanted, PrimaryKey):
        found = [inspector.get_pk_constraint(name, schema=schema)]
    elif isinstance(wanted, Unique):
        found = [
            each
            for each in inspector.get_unique_constraints(name, schema=schema)
            if sorted(each["column_names"]) == sorted(wanted.columns)
        ]
    elif isinstance(wanted, ForeignKey):
        found = [
            each
            for each in inspector.get_foreign_keys(name, schema=schema)
            if tuple(each["constrained_columns"]) == wanted.columns
            and each["referred_table"] == wanted.referent.name
        ]
    elif isinstance(wanted, Check):
        found = [
            each
            for each in inspector.get_check_constraints(name, schema=schema)
            if _bare(each["sqltext"]) == _bare(wanted.condition.sql(write))
        ]

    return found[0]["name"] if len(found) == 1 else None


def _bare(condition: str) -> str:
    # The database quotes, spaces and brackets a condition in its own way.
    return re.sub(r"[\s()\"`]", "", condition).lower()


def when_checked(constraint: Unique | ForeignKey | Exclude) -> tuple[bool, bool]:
    """Return whether a constraint can wait for the end of a transaction, and does."""
    waits = (constraint.initially or "").upper() == "DEFERRED"
    # What waits from the beginning can wait: that need not be said.
    return bool(constraint.deferrable) or waits, waits


class HeldQuestions(Protocol):
    """What a database is asked of expressions, once for all that are compared.

    While it holds them, each compares as the same.
    """

    @property
    def waiting(self) -> int:
        """How many wait for :meth:`ask_all`."""

    def hold(self) -> None:
        """Let new ones wait."""

    def ask_all(self) -> None:
        """Ask for all that wait, and let none wait from now on."""
