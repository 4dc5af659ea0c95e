"""``alembic.command``: the commands, for settings in place of an app's."""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...commands import moving
from ...commands import reading
from ...commands import state
from ...commands import writing
from ...commands.reports import Entry
from ...commands.reports import RevisionReport
from ...commands.reports import RunReport
from ...scripts.folder import create_folder
from ..projects.compatibility import shown_to
from ..projects.config import Config
from .environment import EnvironmentContext  # noqa: F401  # asked for by this name
from .script.folder import Script
from .script.folder import ScriptDirectory
from .script.projects import project_of
from .util import open_in_editor

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
    "revision",
    "show",
    "stamp",
    "upgrade",
]

Ids = str | Iterable[str]
Directives = Callable[[Any, Any, Any], Any]


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
    """Create a migrations folder, and the settings file that names it.

    A settings file that is there already is left as it is, but for a table of
    ``pyproject.toml`` that it lacks.
    """
    place = Path(directory)
    create_folder(
        place, Path(config.get_template_directory(), template), package=package
    )
    _move(place / "alembic.ini", config.config_file_name)
    _move(place / "pyproject.toml", config.toml_file_name)


def _move(made: Path, name: str | None) -> None:
    """Move a settings file that a template has made to where it is looked for."""
    if name is None or not made.is_file():
        return

    wanted, text = Path(name), made.read_text("utf-8")
    if not wanted.exists():
        wanted.write_text(text, "utf-8")
    elif wanted.suffix == ".toml" and not Config(toml_file=wanted).toml_alembic_config:
        with wanted.open("a", encoding="utf-8") as there:
            there.write(f"\n{text}")
    if wanted.resolve() != made.resolve():
        made.unlink()


def revision(
    config: Config,
    message: str | None = None,
    autogenerate: bool = False,
    sql: bool = False,
    head: str | None = "head",
    splice: bool = False,
    branch_label: str | None = None,
    version_path: str | os.PathLike[str] | None = None,
    rev_id: str | None = None,
    depends_on: str | Sequence[str] | None = None,
    process_revision_directives: Directives | None = None,
) -> Script | list[Script | None] | None:
    """Write a revision; return it, or None if there was nothing to write.

    Where ``process_revision_directives`` made several of it, return all.
    """
    with project_of(config), shown_to(process_revision_directives):
        report = writing.revision(
            None,
            *(message, autogenerate, sql, head or "head", splice),
            *(branch_label, _text(version_path), rev_id, depends_on),
            x_arg=_x(config),
        )
    if not report.more:
        return _script(config, report)

    written = ScriptDirectory.from_config(config)
    return [written.get_revision(each.id) for each in report.all]


def merge(
    config: Config,
    revisions: Ids,
    message: str | None = None,
    branch_label: str | None = None,
    rev_id: str | None = None,
    splice: bool = False,
) -> Script | None:
    """Write a revision that descends from several."""
    several = [revisions] if isinstance(revisions, str) else list(revisions)
    with project_of(config):
        report = writing.merge(None, several, message, branch_label, rev_id, splice)
    return _script(config, report)


def _text(path: str | os.PathLike[str] | None) -> str | None:
    return None if path is None else os.fspath(path)


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
    """Open the files of a revision in ``$EDITOR``.

    :raises CommandError: if there is no editor.
    """
    with project_of(config):
        paths = writing.edit(None, rev, x_arg=_x(config))
    for path in paths:
        open_in_editor(str(path))


# -- reading ---------------------------------------------------------------


def current(config: Config, check_heads: bool = False, verbose: bool = False) -> None:
    """Print where each database is."""
    with project_of(config):
        states = state.current(None, verbose, check_heads, x_arg=_x(config))

    for each in states:
        if verbose:
            config.print_stdout(f"Current revision(s) for {each.url}:")
        for script in _scripts(config, each.entries, marked=False):
            config.print_stdout(script.cmd_format(verbose))
        for unknown in each.unknown:
            config.print_stdout(unknown)


def heads(
    config: Config, verbose: bool = False, resolve_dependencies: bool = False
) -> None:
    """Print the revisions that no other descends from."""
    with project_of(config):
        found = reading.heads(None, verbose, resolve_dependencies)

    for script in _scripts(config, found):
        line = script.cmd_format(verbose, include_branches=True, tree_indicators=False)
        config.print_stdout(line)


def branches(config: Config, verbose: bool = False) -> None:
    """Print the revisions that more than one descends from."""
    with project_of(config):
        found = reading.branches(None, verbose)

    for point, children in found:
        (script,) = _scripts(config, [point])
        lines = [script.cmd_format(verbose, include_branches=True)]
        for child in _scripts(config, children):
            line = child.cmd_format(False, include_branches=True, include_doc=verbose)
            lines.append(f"{' ' * len(point.id)} -> {line}")
        config.print_stdout("\n".join([*lines, ""]))


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

    for script in _scripts(config, found):
        line = script.cmd_format(
            verbose, include_branches=True, include_doc=True, include_parents=True
        )
        config.print_stdout(line)


def show(config: Config, rev: str) -> None:
    """Print the revisions that a target names."""
    with project_of(config):
        found = reading.show(None, rev, x_arg=_x(config))

    for script in _scripts(config, found):
        config.print_stdout(script.log_entry)


def list_templates(config: Config) -> None:
    """Print the templates of ``init``."""
    for name, synopsis in reading.list_templates():
        config.print_stdout(f"{name} - {synopsis}")


def _scripts(
    config: Config, entries: Iterable[Entry], *, marked: bool = True
) -> Iterator[Script]:
    """Yield revisions as scripts; marked, if asked, where a database is at them."""
    folder = ScriptDirectory.from_config(config)
    for entry in entries:
        script = folder.get_revision(entry.id)
        assert script is not None
        script._db_current_indicator = marked and entry.is_current
        yield script
