"""Which meaning belongs to which database; others can be registered from outside."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect

from .comparison import Meaning
from .mysql.comparison import MariaDBMeaning
from .mysql.comparison import MySQLMeaning
from .postgresql.comparison import PostgreSQLMeaning
from .sqlite.comparison import SQLiteMeaning

_MEANINGS: dict[str, type[Meaning]] = {
    "sqlite": SQLiteMeaning,
    "postgresql": PostgreSQLMeaning,
    "mysql": MySQLMeaning,
    "mariadb": MariaDBMeaning,
}


def register_meaning(name: str, meaning: type[Meaning]) -> None:
    """Make a meaning known for the databases of SQLAlchemy's dialect ``name``."""
    _MEANINGS[name] = meaning


def meaning_for(
    sa_dialect: SADialect, connection: sa.Connection | None = None
) -> Meaning:
    """Return what definitions mean to the database of a dialect.

    :param connection: the database, to ask where text alone cannot tell.
    """
    kind = _MEANINGS.get(sa_dialect.name, Meaning)
    # With a URL of mysql://, a MariaDB server is known by its version only.
    if kind is MySQLMeaning and getattr(sa_dialect, "is_mariadb", False):
        kind = MariaDBMeaning

    return kind(sa_dialect, connection)
