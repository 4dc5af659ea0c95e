"""Which dialect speaks to which database; others can be registered from outside.

A database that comes with this package is a package beside this module, and a line
here. It is imported when it is first asked for.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect

from ..errors import UnsupportedDatabase
from ..schema.to_sqlalchemy import NamingConvention
from .comparison import ComparisonRules
from .dialect import Dialect

BUILT_IN: Mapping[str, str] = MappingProxyType(
    {
        "sqlite": "flask_migrations_ext.dialects.sqlite:SQLite",
        "postgresql": "flask_migrations_ext.dialects.postgresql:PostgreSQL",
        "mysql": "flask_migrations_ext.dialects.mysql:MySQL",
        "mariadb": "flask_migrations_ext.dialects.mysql:MariaDB",
        "cockroachdb": "flask_migrations_ext.dialects.cockroachdb:CockroachDB",
        "mssql": "flask_migrations_ext.dialects.mssql:MSSQL",
        "oracle": "flask_migrations_ext.dialects.oracle:Oracle",
    }
)
"""The dialects of this package, by SQLAlchemy's names for the databases."""

ENTRY_POINTS = "flask_migrations_ext.dialects"
"""The group in which packages name a dialect of theirs, by SQLAlchemy's name for it."""

Kind = TypeVar("Kind", bound=type[Dialect])

# What the modules of an app, and of packages it has, register while they are imported.
_REGISTERED: dict[str, type[Dialect]] = {}


def register(dialect: Kind) -> Kind:
    """Make a dialect known by its ``name``; usable as a class decorator.

    A dialect registered later takes the place of an earlier one of that name.
    """
    _REGISTERED[dialect.name] = dialect
    return dialect


def register_dialect(
    dialect: type[Dialect],
    *,
    comparison: type[ComparisonRules] | None = None,
    meaning: type[ComparisonRules] | None = None,
) -> None:
    """Make the dialect of another kind of database known, by its ``name``.

    :param comparison: when definitions are the same there, for ``flask db migrate``,
        if the class does not say it.
    :param meaning: an older name for ``comparison``.
    """
    rules = comparison or meaning
    if rules is not None:
        dialect.comparison = rules

    register(dialect)


def is_known(name: str) -> bool:
    """Return whether a dialect is known by a name of SQLAlchemy's."""
    return _kind_of(name) is not None


def is_in_memory(url: sa.URL) -> bool:
    """Return whether each engine of this URL has a database of its own."""
    kind = _kind_of(url.get_backend_name())
    return kind is not None and kind.is_in_memory(url)


def dialect_for(
    sa_dialect: SADialect, naming_convention: NamingConvention | None = None
) -> Dialect:
    """Return the dialect for the database that SQLAlchemy's dialect speaks to.

    :raises UnsupportedDatabase: if none is known.
    """
    kind = _kind_of(sa_dialect.name)
    if kind is None:
        raise UnsupportedDatabase(sa_dialect.name, sorted({*BUILT_IN, *_REGISTERED}))

    return kind.of_server(sa_dialect)(sa_dialect, naming_convention)


def compared_databases() -> tuple[str, ...]:
    """Return the names of the databases that ``flask db migrate`` knows in full."""
    kinds = {name: _kind_of(name) for name in (*BUILT_IN, *_REGISTERED)}
    return tuple(
        name
        for name, kind in kinds.items()
        if kind is not None and kind.comparison != Dialect.comparison
    )


def rules_for(
    sa_dialect: SADialect, connection: sa.Connection | None = None
) -> ComparisonRules:
    """Return the rules by which definitions in the database of a dialect are the same.

    :param connection: the database, to ask where text alone cannot tell.
    :raises UnsupportedDatabase: if no dialect is known.
    """
    dialect = dialect_for(sa_dialect)
    named = dialect.comparison
    kind: type[ComparisonRules] = (
        pkgutil.resolve_name(named) if isinstance(named, str) else named
    )
    return kind(dialect, connection)


def _kind_of(name: str) -> type[Dialect] | None:
    if name in _REGISTERED:
        return _REGISTERED[name]

    if name in BUILT_IN:
        return _imported(BUILT_IN[name])

    return _installed(name)


@cache
def _imported(path: str) -> type[Dialect]:
    kind: type[Dialect] = pkgutil.resolve_name(path)
    return kind


def _installed(name: str) -> type[Dialect] | None:
    """Return the dialect that an installed package has for a database, registered."""
    for entry in entry_points(group=ENTRY_POINTS, name=name):
        found: type[Dialect] = entry.load()
        # Loading may have registered it, with more than the class.
        return _REGISTERED.setdefault(name, found)

    return None
