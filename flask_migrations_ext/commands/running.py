"""A command at work on the databases that ``env.py``, or the app, names."""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from .. import context
from ..databases import databases_of
from ..environment import Configured
from ..environment import entered
from ..environment import Environment
from ..environment import NeedsEventLoop
from ..errors import ConfigurationError
from ..errors import MigrationError
from ..errors import StatementFailed
from ..errors import UnknownBind
from ..errors import UnknownDatabaseRevision
from ..errors import UnusableScript
from ..execution.async_bridge import in_event_loop
from ..execution.failures import is_of_database
from ..execution.failures import line_in
from ..execution.failures import reason_of
from ..execution.failures import statement_of
from ..execution.history import VersionTable
from ..record.applied import Applied
from ..record.keeping import changes_of
from ..revisions.graph import RevisionGraph
from ..revisions.resolve import resolve
from ..revisions.target import Target
from ..scripts.loader import run_file
from ..wording import counted
from .reports import DatabaseRun
from .session import Binds
from .session import ProjectSession
from .session import several
from .session import XArguments

log = logging.getLogger("flask_migrations_ext")


def run(
    session: ProjectSession,
    work: Callable[[Configured], None],
    *,
    offline: bool = False,
    reading: bool = False,
    x_arg: XArguments = None,
    tag: str | None = None,
    start: Target | None = None,
    targets: Sequence[Target] = (),
    autogenerate: bool = False,
    new: object = None,
    bind: Binds = None,
    output: list[str] | None = None,
    runs: list[DatabaseRun] | None = None,
) -> tuple[str, ...]:
    """Do the work on each database that ``env.py``, or the app, names.

    Return the titles of those of the app that have models, and that ``env.py``
    passes over, as far as it is known.

    :param reading: whether databases are only looked at.
    :param start: where SQL text starts, if that was typed, for ``env.py`` to ask.
    :param targets: what was typed as the targets, for it to ask, too.
    :param autogenerate: whether that is to compare databases with the models.
    :param new: the revision that is about to be written, if one is.
    :param bind: the names of the databases to work on; none: all.
    :param output: takes the SQL text, a part after the other.
    :param runs: what the work has done so far, to be told of if it fails.
    :raises UnusableScript: if ``env.py`` fails, or runs nothing.
    :raises UnknownBind: if there is no database of a name.
    """

    def work_told(configured: Configured) -> None:
        try:
            work(configured)
        except Exception as error:
            if not is_of_database(error, configured.dialect.sa_dialect):
                raise
            raise StatementFailed(
                configured.url, reason_of(error), statement_of(error)
            ) from error

    binds = several(bind)
    if "" in binds:
        raise ConfigurationError(
            "the name of a database is empty; leave it out for all of them, or say"
            " 'default' for the default one"
        )
    environment = Environment(
        settings=session.settings,
        find_databases=lambda: databases_of(session.project, binds),
        work=work_told,
        directory=session.folder.directory,
        located=lambda target: resolve(session.graph, target),
        look_in=session.look_in,
        offline=offline,
        reading=reading,
        binds=binds,
        x_arguments=several(x_arg),
        tag=tag,
        start=start,
        targets=tuple(targets),
        autogenerate=autogenerate,
        new=new,
        output=[] if output is None else output,
    )
    with session.project.around(), entered(environment):
        try:
            _run_environment(session, environment)
        except MigrationError as error:
            if runs is not None:
                error.elsewhere = _elsewhere(environment, runs)
            raise

    if not environment.passed:
        _tell_that_nothing_ran(session, needed=autogenerate)
    _refuse_strangers(environment)
    return _passed_over(environment)


def _tell_that_nothing_ran(session: ProjectSession, *, needed: bool) -> None:
    path = session.folder.env_path
    reason = "it did not call context.run_migrations() for any database"
    if needed or path is None:
        raise UnusableScript(path, reason)

    # One that runs for each tenant has nothing to do where there is none yet.
    log.warning("nothing was done by %s: %s", path, reason)


def _run_environment(session: ProjectSession, environment: Environment) -> None:
    path = session.folder.env_path
    run = _run_built_in if path is None else partial(_run_env, path)
    try:
        run()
    except NeedsEventLoop:
        environment.in_event_loop = True
        in_event_loop(run)


def _elsewhere(
    environment: Environment, runs: Sequence[DatabaseRun]
) -> tuple[str, ...]:
    """Return what became of the databases that did not fail."""
    reached = [each.bind_keys for each in environment.passed]
    if environment.opening is not None:
        reached.append(environment.opening.bind_keys)

    return (
        *map(_left, runs),
        *(
            f"{_called(database.title)} was not reached"
            for database in environment.known_databases()
            if database.bind_keys not in reached
        ),
    )


def _left(run: DatabaseRun) -> str:
    place = _called(run.title)
    if run.is_open:
        return f"{place}: what ran there is env.py's, to commit or to roll back"

    at = " and ".join(run.after) or "base"
    return (
        f"{place} is at {at}; {counted(len(run.steps), 'revision')} of this run stayed"
    )


def _called(title: str) -> str:
    return f"database '{title}'" if title else "the default database"


def _passed_over(environment: Environment) -> tuple[str, ...]:
    passed = {key for each in environment.passed for key in each.bind_keys}
    return tuple(
        database.title
        for database in environment.known_databases()
        if database.title and not passed.intersection(database.bind_keys)
    )


def _refuse_strangers(environment: Environment) -> None:
    # An env.py that brings databases of its own knows alone what there is.
    for bind in environment.binds:
        if not any(bind in each.names for each in environment.passed):
            known = [name for each in environment.passed for name in each.names if name]
            raise UnknownBind(bind, list(dict.fromkeys(known)))


def _run_env(path: Path) -> None:
    try:
        run_file(path)
    except MigrationError:
        raise
    except KeyError as error:
        # That is Flask-SQLAlchemy's, when it is asked for the default engine.
        if error.args != (None,):
            raise
        raise UnusableScript(
            path,
            "it asks for the default database of the app, which has binds only; do"
            " without this file: then each bind is migrated by itself",
        ) from error
    except sa.exc.SQLAlchemyError as error:
        # Its own connections are for it to open; that they fail is for us to say.
        line = line_in(error, path)
        where = f"line {line}: " if line else ""
        raise UnusableScript(path, f"{where}{reason_of(error)}") from error


def _run_built_in() -> None:
    databases = context.targets()
    if not databases:
        raise ConfigurationError(
            "the app has no database to migrate: it has no default one, and no model"
            " belongs to a bind"
        )

    for database in databases:
        with context.configured(database):
            context.run_migrations()


def version_table(configured: Configured) -> VersionTable:
    """Return the version table as it is set up for a database."""
    settings = configured.settings
    return VersionTable(
        settings.version_table,
        settings.version_table_schema,
        settings.version_table_pk,
    )


def known_heads(configured: Configured, graph: RevisionGraph) -> tuple[str, ...]:
    """Return the ids in the version table; none when SQL text is written.

    :raises UnknownDatabaseRevision: if there is one that no file has.
    """
    if configured.connection is None:
        return ()

    found = version_table(configured).read(configured.connection)
    # Reading begins a transaction; each revision needs one of its own.
    if not configured.was_in_transaction:
        configured.connection.rollback()

    check_known(configured, found, graph)
    return found


def check_known(
    configured: Configured, ids: Sequence[str], graph: RevisionGraph
) -> None:
    """Refuse a database at a revision that no file has.

    :raises UnknownDatabaseRevision: if one of the ids is unknown.
    """
    unknown = [each for each in ids if each not in graph]
    if unknown:
        gone = changes_of(configured, graph, ids).gone
        raise unknown_revision(configured.url, unknown, graph.heads, gone)


def unknown_revision(
    url: str, ids: Sequence[str], heads: Sequence[str], gone: Sequence[Applied]
) -> UnknownDatabaseRevision:
    """Return the error of a database at revisions that no file has.

    :param gone: what is recorded of them.
    """
    known = [each for each in gone if each.id in ids]
    return UnknownDatabaseRevision(
        ids,
        url,
        heads,
        [str(each) for each in known],
        [parent for each in known for parent in each.parents],
    )
