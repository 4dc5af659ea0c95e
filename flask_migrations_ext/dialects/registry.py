"""Which dialect speaks to which database; others can be registered from outside."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect

from ..errors import UnsupportedDatabase
from ..schema.to_sqlalchemy import NamingConvention
from .comparison import ComparisonRules
from .dialect import Dialect
from .mssql.dialect import MSSQL
from .mysql.comparison import MariaDBComparison
from .mysql.comparison import MySQLComparison
from .mysql.dialect import MariaDB
from .mysql.dialect import MySQL
from .oracle.dialect import Oracle
from .postgresql.comparison import PostgreSQLComparison
from .postgresql.dialect import PostgreSQL
from .sqlite.comparison import SQLiteComparison
from .sqlite.dialect import SQLite

ENTRY_POINTS = "flask_migrations_ext.dialects"
"""The group in which packages name a dialect of theirs, by SQLAlchemy's name for it."""

Kind = TypeVar("Kind", bound=type[Dialect])

_DIALECTS: dict[str, type[Dialect]] = {}
_COMPARISONS: dict[str, type[ComparisonRules]] = {
    "sqlite": SQLiteComparison,
    "postgresql": PostgreSQLComparison,
    "mysql": MySQLComparison,
    "mariadb": MariaDBComparison,
}


def register(dialect: Kind) -> Kind:
    """Make a dialect known by its ``name``; usable as a class decorator.

    A dialect registered later takes the place of an earlier one of that name.
    """
    _DIALECTS[dialect.name] = dialect
    return dialect


def register_dialect(
    dialect: type[Dialect],
    *,
    comparison: type[ComparisonRules] | None = None,
    meaning: type[ComparisonRules] | None = None,
) -> None:
    """Make the dialect of another kind of database known, by its ``name``.

    :param comparison: when definitions are the same there, for ``flask db migrate``.
    :param meaning: an older name for ``comparison``.
    """
    register(dialect)
    rules = comparison or meaning
    if rules is not None:
        _COMPARISONS[dialect.name] = rules


def is_known(name: str) -> bool:
    """Return whether a dialect is known by a name of SQLAlchemy's."""
    return name in _DIALECTS or _installed(name) is not None


def is_in_memory(url: sa.URL) -> bool:
    """Return whether each engine of this URL has a database of its own."""
    name = url.get_backend_name()
    kind = _DIALECTS.get(name) or _installed(name)
    return kind is not None and kind.is_in_memory(url)


def dialect_for(
    sa_dialect: SADialect, naming_convention: NamingConvention | None = None
) -> Dialect:
    """Return the dialect for the database that SQLAlchemy's dialect speaks to.

    :raises UnsupportedDatabase: if none is known.
    """
    kind = _DIALECTS.get(sa_dialect.name) or _installed(sa_dialect.name)
    if kind is None:
        raise UnsupportedDatabase(sa_dialect.name, sorted(_DIALECTS))

    return kind(sa_dialect, naming_convention)


def compared_databases() -> tuple[str, ...]:
    """Return the names of the databases that ``flask db migrate`` knows in full."""
    return tuple(_COMPARISONS)


def rules_for(
    sa_dialect: SADialect, connection: sa.Connection | None = None
) -> ComparisonRules:
    """Return the rules by which definitions in the database of a dialect are the same.

    :param connection: the database, to ask where text alone cannot tell.
    """
    kind = _COMPARISONS.get(sa_dialect.name, ComparisonRules)
    # With a URL of mysql://, a MariaDB server is known by its version only.
    if kind is MySQLComparison and getattr(sa_dialect, "is_mariadb", False):
        kind = MariaDBComparison

    return kind(sa_dialect, connection)


def _installed(name: str) -> type[Dialect] | None:
    """Return the dialect that an installed package has for a database, registered."""
    for entry in entry_points(group=ENTRY_POINTS, name=name):
        found: type[Dialect] = entry.load()
        # Loading may have registered it, with more than the class.
        _DIALECTS.setdefault(name, found)
        return _DIALECTS[name]

    return None


for _dialect in (SQLite, PostgreSQL, MySQL, MariaDB, MSSQL, Oracle):
    register(_dialect)
