"""Runs a script through Alembic and through us, as SQL text and on a database."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import ExitStack
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Dialect

from flask_migrations_ext import op
from flask_migrations_ext.dialects.dialect import RestartStep
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.executor import DatabaseExecutor
from flask_migrations_ext.execution.text_executor import TextExecutor

from .batches import InBatches
from .case import Case

DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "mariadb": "mariadb+pymysql",
    "mysql": "mysql+pymysql",
    "mssql": "mssql+pymssql",
    "oracle": "oracle+oracledb",
}


def sa_dialect(name: str) -> Dialect:
    """Return SQLAlchemy's dialect; no driver is needed, and none is connected."""
    kind: Any = sa.make_url(f"{DRIVERS[name]}://").get_dialect()
    return kind(paramstyle="named")  # type: ignore[no-any-return]  # a class by its name


# -- Alembic --------------------------------------------------------------------------


def their_text(case: Case, dialect: str) -> str:
    """Return what Alembic writes in offline mode, set up as its templates do."""
    buffer = io.StringIO()
    options = {
        **_their_options(case),
        "as_sql": True,
        "literal_binds": True,
        "output_buffer": buffer,
    }
    context = MigrationContext.configure(dialect=sa_dialect(dialect), opts=options)
    with _all_theirs(context):
        _run_theirs(case, context, case.begins_with)

    return buffer.getvalue()


def run_theirs(case: Case, engine: sa.Engine) -> None:
    """Let Alembic run the script on a database."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=_their_options(case))
        with _all_theirs(context):
            _run_theirs(case, context, None)
        connection.commit()


def _their_options(case: Case) -> dict[str, Any]:
    metadata = sa.MetaData(naming_convention=dict(case.convention or {}) or None)
    return {"target_metadata": metadata, "transaction_per_migration": True}


@contextmanager
def _all_theirs(context: MigrationContext) -> Iterator[None]:
    with warnings.catch_warnings():
        # What Alembic warns of is no concern of these tests.
        warnings.simplefilter("ignore")
        with context.begin_transaction(_per_migration=True):
            yield


def _run_theirs(
    case: Case, context: MigrationContext, known: sa.MetaData | None
) -> None:
    if context.dialect.name != "sqlite":
        case.script(Operations(context))
        return

    # There it alters tables in batch blocks only.
    with InBatches(Operations(context), known) as operations:
        case.script(operations)


# -- ours -----------------------------------------------------------------------------


def our_text(case: Case, dialect: str) -> str:
    """Return what we write with ``--sql``."""
    ours = dialect_for(sa_dialect(dialect), case.convention)
    with ours.scratch() as connection:
        follower = None
        if connection is not None:
            case.begins_with.create_all(connection)
            connection.commit()
            follower = DatabaseExecutor(connection, ours)
        executor = TextExecutor(ours, follower)
        with running(executor), executor.transaction():
            case.script(op)

    return "\n".join(executor.lines)


def run_ours(case: Case, engine: sa.Engine) -> None:
    """Run the script on a database."""
    with engine.connect() as connection:
        ours = dialect_for(connection.dialect, case.convention)
        executor = DatabaseExecutor(connection, ours)
        # As the runner does for a rebuild of what others point to.
        with ExitStack() as restored:
            while True:
                try:
                    _run_ours(case, executor)
                    return
                except RestartStep as restart:
                    prepare = restart.prepare
                restored.callback(prepare(connection))


def _run_ours(case: Case, executor: DatabaseExecutor) -> None:
    with running(executor), executor.transaction():
        case.script(op)
