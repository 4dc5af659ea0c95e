"""``alembic.command``: the commands, for settings in place of an app's."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

from ..commands import moving
from ..commands import reading
from ..commands import writing
from ..commands.reports import Entry
from ..commands.reports import RevisionReport
from ..commands.reports import RunReport
from ..config import Settings
from ..errors import ConfigurationError
from ..scripts.folder import create_folder
from ..targets import current_project
from ..targets import given_project
from ..targets import Project
from .compatibility import using
from .config import Config
from .options import options_of
from .options import script_location
from .script import Script
from .script import ScriptDirectory
from .surface import FlaskMigrateNames

__all__ = [
    "branches",
    "check",
    "current",
    "downgrade",
    "edit",
    "ensure_version",
    "heads",
    "history",
    "init",
    "list_templates",
    "merge",
    "project_of",
    "revision",
    "show",
    "stamp",
    "upgrade",
]

Ids = str | Iterable[str]


@contextmanager
def project_of(config: Config) -> Iterator[None]:
    """Let commands speak of the folder that settings name, in an app or without."""
    directory = script_location(config)
    if directory is None:
        raise ConfigurationError(
            "no script_location in the settings: it names the migrations folder"
        )

    with using(config):
        try:
            project = current_project(directory)
        except ConfigurationError:
            # No app, or none with migrations: env.py knows its databases.
            project = Project(
                None,
                Settings().with_options(options_of(config)),
                directory,
                FlaskMigrateNames().compatibility,
            )
        with given_project(project):
            yield


def _x(config: Config) -> Sequence[str] | None:
    given: Sequence[str] | None = getattr(config.cmd_opts, "x", None)
    return given


# -- moving ----------------------------------------------------------------


def upgrade(
    config: Config, revision: str, sql: bool = False, tag: str | None = None
) -> None:
    """Apply revisions up to a target."""
    with project_of(config):
        report = moving.upgrade(None, revision, sql, tag, _x(config))
    _print_sql(config, report)


def downgrade(
    config: Config, revision: str, sql: bool = False, tag: str | None = None
) -> None:
    """Undo revisions down to a target."""
    with project_of(config):
        report = moving.downgrade(None, revision, sql, tag, _x(config))
    _print_sql(config, report)


def stamp(
    config: Config,
    revision: Ids,
    sql: bool = False,
    tag: str | None = None,
    purge: bool = False,
) -> None:
    """Say that the database is at a revision, and run nothing."""
    targets = [revision] if isinstance(revision, str) else list(revision)
    with project_of(config):
        report = moving.stamp(None, targets, sql, tag, purge, x_arg=_x(config))
    _print_sql(config, report)


def ensure_version(config: Config, sql: bool = False) -> None:
    """Create the version table where it is not there."""
    with project_of(config):
        report = moving.ensure_version(None, sql, x_arg=_x(config))
    _print_sql(config, report)


def _print_sql(config: Config, report: RunReport) -> None:
    if report.sql is not None:
        config.print_stdout(report.sql)


# -- writing ---------------------------------------------------------------


def init(
    config: Config, directory: str, template: str = "generic", package: bool = False
) -> None:
    """Create a migrations folder."""
    place = script_location(config) or Path(directory)
    # Alembic's own templates say what one here does without saying it.
    create_folder(
        place, "flask" if template == "generic" else template, package=package
    )


def revision(
    config: Config,
    message: str | None = None,
    autogenerate: bool = False,
    sql: bool = False,
    head: str = "head",
    splice: bool = False,
    branch_label: str | None = None,
    version_path: str | None = None,
    rev_id: str | None = None,
    depends_on: str | Sequence[str] | None = None,
) -> Script | None:
    """Write a revision; return it, or None if there was nothing to write."""
    with project_of(config):
        report = writing.revision(
            None,
            *(message, autogenerate, sql, head, splice),
            *(branch_label, version_path, rev_id, depends_on),
            x_arg=_x(config),
        )
    return _script(config, report)


def merge(
    config: Config,
    revisions: Ids,
    message: str | None = None,
    branch_label: str | None = None,
    rev_id: str | None = None,
) -> Script | None:
    """Write a revision that descends from several."""
    several = [revisions] if isinstance(revisions, str) else list(revisions)
    with project_of(config):
        report = writing.merge(None, several, message, branch_label, rev_id)
    return _script(config, report)


def _script(config: Config, report: RevisionReport) -> Script | None:
    if report.revision is None:
        return None

    return ScriptDirectory.from_config(config).get_revision(report.revision.id)


def check(config: Config) -> None:
    """Compare the databases with the models.

    :raises DifferencesFound: if they differ.
    """
    with project_of(config):
        writing.check(None, _x(config))
    config.print_stdout("No new upgrade operations detected.")


def edit(config: Config, rev: str) -> None:
    """Open the file of a revision.

    :raises ConfigurationError: always: only the command line does that.
    """
    raise ConfigurationError(f"files are edited with 'flask db edit {rev}'")


# -- reading ---------------------------------------------------------------


def current(config: Config, verbose: bool = False, check_heads: bool = False) -> None:
    """Print where each database is."""
    with project_of(config):
        states = reading.current(None, verbose, check_heads, x_arg=_x(config))

    for state in states:
        for entry in state.entries:
            config.print_stdout(_marked(entry))
        for unknown in state.unknown:
            config.print_stdout(unknown)


def heads(
    config: Config, verbose: bool = False, resolve_dependencies: bool = False
) -> None:
    """Print the revisions that no other descends from."""
    with project_of(config):
        found = reading.heads(None, verbose, resolve_dependencies)

    for entry in found:
        config.print_stdout(_marked(entry))


def branches(config: Config, verbose: bool = False) -> None:
    """Print the revisions that more than one descends from."""
    with project_of(config):
        found = reading.branches(None, verbose)

    for point, children in found:
        config.print_stdout(_marked(point))
        for child in children:
            config.print_stdout(f"{' ' * len(point.id)} -> {_marked(child)}")


def history(
    config: Config,
    rev_range: str | None = None,
    verbose: bool = False,
    indicate_current: bool = False,
) -> None:
    """Print the revisions of a range, newest first."""
    with project_of(config):
        found = reading.history(
            None, rev_range, verbose, indicate_current, x_arg=_x(config)
        )

    for entry in found:
        config.print_stdout(_line(entry))


def show(config: Config, rev: str) -> None:
    """Print the revisions that a target names."""
    with project_of(config):
        found = reading.show(None, rev, x_arg=_x(config))

    for entry in found:
        config.print_stdout(f"Rev: {_marked(entry)}")
        config.print_stdout(f"Parent: {', '.join(entry.parents) or '<base>'}")
        config.print_stdout(f"Path: {entry.revision.path}")
        config.print_stdout(f"\n{entry.revision.doc}\n")


def list_templates(config: Config) -> None:
    """Print the templates of ``init``."""
    for name, synopsis in reading.list_templates():
        config.print_stdout(f"{name} - {synopsis}")


def _line(entry: Entry) -> str:
    lower = ", ".join(entry.parents) or "<base>"
    return f"{lower} -> {_marked(entry)}, {entry.revision.message}"


def _marked(entry: Entry) -> str:
    marks = {
        f"({', '.join(entry.labels)})": bool(entry.labels),
        "(head)": entry.is_head,
        "(branchpoint)": entry.is_branch_point,
        "(mergepoint)": entry.is_merge_point,
        "(current)": entry.is_current,
    }
    return " ".join([entry.id, *(mark for mark, true in marks.items() if true)])
