"""``alembic.ddl.postgresql`` and its like: what plug-ins derive from."""

from __future__ import annotations

from ....dialects.mssql.dialect import MSSQL
from ....dialects.mysql.dialect import MariaDB
from ....dialects.mysql.dialect import MySQL
from ....dialects.oracle.dialect import Oracle
from ....dialects.postgresql.dialect import PostgreSQL
from ....dialects.sqlite.dialect import SQLite
from ..operations.constraints import CreateExcludeConstraintOp
from .default import DefaultImpl
from .elements import RenameTable

__all__ = [
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


class PostgresqlImpl(DefaultImpl):
    __dialect__ = PostgreSQL.name
    transactional_ddl = True
    speaks = PostgreSQL


class MySQLImpl(DefaultImpl):
    __dialect__ = MySQL.name
    speaks = MySQL


class MariaDBImpl(MySQLImpl):
    __dialect__ = MariaDB.name
    speaks = MariaDB


class MSSQLImpl(DefaultImpl):
    __dialect__ = MSSQL.name
    transactional_ddl = True
    batch_separator = "GO"
    speaks = MSSQL


class OracleImpl(DefaultImpl):
    __dialect__ = Oracle.name
    batch_separator = "/"
    command_terminator = ""
    speaks = Oracle


class SQLiteImpl(DefaultImpl):
    __dialect__ = SQLite.name
    # As here, where a transaction is begun before the first statement.
    transactional_ddl = SQLite.transactional_ddl
    speaks = SQLite
