"""``alembic.ddl.postgresql`` and its like: what plug-ins derive from."""

from __future__ import annotations

from typing import Any

from ....dialects.mssql.dialect import MSSQL
from ....dialects.mysql.dialect import MariaDB
from ....dialects.mysql.dialect import MySQL
from ....dialects.oracle.dialect import Oracle
from ....dialects.postgresql.dialect import PostgreSQL
from ....dialects.sqlite.dialect import SQLite
from ..operations.ops import CreateExcludeConstraintOp
from . import elements
from .default import ComparisonResult
from .default import DefaultImpl
from .elements import RenameTable

__all__ = [
    "ComparisonResult",
    "CreateExcludeConstraintOp",
    "DefaultImpl",
    "MariaDBImpl",
    "MSSQLImpl",
    "MySQLImpl",
    "OracleImpl",
    "PostgresqlImpl",
    "RenameTable",
    "SQLiteImpl",
]


class PostgresqlImpl(DefaultImpl, of=PostgreSQL):
    """PostgreSQL."""


class MySQLImpl(DefaultImpl, of=MySQL):
    """MySQL."""


class MariaDBImpl(MySQLImpl, of=MariaDB):
    """MariaDB."""


class MSSQLImpl(DefaultImpl, of=MSSQL):
    """Microsoft SQL Server."""


class OracleImpl(DefaultImpl, of=Oracle):
    """Oracle."""


class SQLiteImpl(DefaultImpl, of=SQLite):
    """SQLite."""


def __getattr__(name: str) -> Any:
    # The modules of all databases have statements and pieces of them.
    return getattr(elements, name)
