"""CockroachDB: PostgreSQL's SQL, spread over nodes. Tested as SQL text only.

Its limits, by its documentation: a transaction holds no change of a table for sure
("schema changes within transactions"), there are no advisory locks, and a transaction
may be refused at its end with 40001, to be tried again by the client.
https://www.cockroachlabs.com/docs/stable/online-schema-changes
https://www.cockroachlabs.com/docs/stable/transaction-retry-error-reference
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import sqlalchemy as sa

from ..lock import Recovery
from ..lock import SessionLimits
from ..lock import SessionLock
from ..postgresql.dialect import PostgreSQL
from ..postgresql.limits import PostgreSQLLimits
from ..postgresql.lock import PostgreSQLRow


class CockroachLimits(PostgreSQLLimits):
    """``lock_timeout`` and ``statement_timeout``; who is in the way is not told."""

    blockers = SessionLimits.blockers


class CockroachRow(PostgreSQLRow):
    """The lock: a row that runs out, by the cluster's clock."""

    @classmethod
    def scope(cls, connection: sa.Connection) -> str:
        return str(connection.execute(sa.text("SELECT current_schema()")).scalar())


class CockroachDB(PostgreSQL):
    """CockroachDB, by the dialect of the package sqlalchemy-cockroachdb."""

    name: ClassVar[str] = "cockroachdb"
    title: ClassVar[str] = "CockroachDB"
    transactional_ddl: ClassVar[bool] = False
    savepoints: ClassVar[bool] = False
    excludes: ClassVar[bool] = False
    session_lock: ClassVar[type[SessionLock] | None] = CockroachRow
    session_limits: ClassVar[type[SessionLimits]] = CockroachLimits
    recovery: ClassVar[type[Recovery]] = Recovery
    blocking: ClassVar[Mapping[str, str]] = {}
