"""``adopt``: what a folder of another tool is, and its files turned into ours."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

from ..commands.session import Directory
from ..commands.session import open_project
from ..commands.session import ProjectSession
from ..commands.session import XArguments
from ..databases import databases_of
from ..errors import CannotAdopt
from ..errors import ConfigurationError
from ..errors import MigrationError
from ..project import current_project
from .dry_run import losses
from .dry_run import Trial
from .dry_run import try_env
from .dry_run import try_without_env
from .env_file import ALEMBIC
from .env_file import BY_HAND
from .env_file import EnvFile
from .env_file import OURS
from .env_file import read_env
from .env_text import env_text
from .report import AdoptReport
from .report import FoundDatabase
from .settings_file import FoundSetting
from .settings_file import read_settings
from .settings_file import reduced_ini
from .swap import FileChange
from .swap import finish
from .swap import is_half_done
from .swap import is_swapped
from .swap import swap
from .swap import swapped_files
from .swap import undo as undo_swap
from .usage import Imported
from .usage import read_usage

FLASK_ALEMBIC = "Flask-Alembic"


def adopt(
    directory: Directory = None,
    write: bool = False,
    undo: bool = False,
    replace_env: bool = False,
    *,
    x_arg: XArguments = None,
) -> AdoptReport:
    """Return what a migrations folder is; turn its ``env.py`` and ini file into ours.

    Revisions and ``script.py.mako`` stay as they are. The originals are kept.

    :param write: do it; without, nothing is changed.
    :param undo: put the originals back instead.
    :param replace_env: replace an ``env.py`` even if something of it is lost.
    :raises CannotAdopt: if something would be lost; then nothing is written.
    :raises ChangedSince: if a file to be put back is another one by now.
    :raises NothingToUndo: if nothing has been replaced.
    """
    _refuse_both(write=write, undo=undo, replace_env=replace_env)
    if undo:
        place = current_project(directory).directory
        return AdoptReport(place, undone=undo_swap(place))

    session = open_project(directory)
    place = session.folder.directory
    if is_half_done(place):
        if not write:
            raise ConfigurationError(
                f"{place} is half adopted: go on with 'flask db adopt --write',"
                " or back with 'flask db adopt --undo'"
            )
        finish(place)
        done = f"What had been begun is finished: {_file_names(swapped_files(place))}."
        return replace(_looked(open_project(directory), x_arg), notes=(done,))

    report = _looked(session, x_arg)
    return _written(report, replace_env=replace_env) if write else report


def _refuse_both(*, write: bool, undo: bool, replace_env: bool) -> None:
    if undo and (write or replace_env):
        raise ConfigurationError(
            "--undo puts the originals back, and goes with no other option"
        )
    if replace_env and not write:
        raise ConfigurationError("--replace-env is for --write; add it")


def _written(report: AdoptReport, *, replace_env: bool) -> AdoptReport:
    place = report.directory
    if not report.changes:
        return report

    if report.obstacles and not replace_env:
        raise CannotAdopt(place / "env.py", report.obstacles)

    swap(place, report.changes)
    return replace(report, written=True)


# -- looking ---------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    """What is read from the files."""

    env: EnvFile
    settings: tuple[FoundSetting, ...]


def _looked(session: ProjectSession, x_arg: XArguments) -> AdoptReport:
    graph = session.graph
    found = _Found(_env_of(session), _settings_of(session))
    trial = try_env(session, x_arg)
    usages = [read_usage(path) for path in _sources(session)]
    changes = _changes(session, found.env)
    if found.env.tool == FLASK_ALEMBIC and any(x.takes_engine_name for x in usages):
        # It tells scripts which database they run on, for which it needs no env.py.
        named = replace(found.env, names_engines=True, default_name="default")
        path = session.folder.directory / "env.py"
        changes = (FileChange(path, env_text(named), is_new=True),)

    return AdoptReport(
        directory=session.folder.directory,
        tool=found.env.tool,
        version=_version(found),
        revisions=len(graph),
        heads=tuple(graph.heads),
        branches=tuple(graph.branch_points),
        locations=session.folder.locations,
        settings=found.settings,
        carried=tuple(f"{each.name}={each.text}" for each in found.env.options),
        without_effect=found.env.without_effect,
        custom=found.env.custom,
        missing=tuple(_missing(session, [i for each in usages for i in each.imports])),
        differences=tuple(d for each in usages for d in each.differences),
        databases=_databases(session, trial),
        obstacles=_obstacles(session, found.env, trial) if changes else (),
        changes=changes,
        notes=tuple(_notes(session, trial, changes)),
    )


def _env_of(session: ProjectSession) -> EnvFile:
    path = session.folder.env_path
    if path is not None:
        env = read_env(path)
        # One for several databases names them to the scripts.
        leaves_binds = not env.names_engines and _has_binds(session)
        return replace(env, leaves_binds=leaves_binds)

    # It is the one tool that has its revisions beside the template.
    is_flat = session.folder.directory in session.folder.locations
    return EnvFile(FLASK_ALEMBIC) if is_flat else EnvFile(OURS, "without an env.py")


def _has_binds(session: ProjectSession) -> bool:
    try:
        return len(databases_of(session.project)) > 1
    except MigrationError:
        return False


def _version(found: _Found) -> str:
    version = found.env.version
    in_toml = any(
        each.name == "script_location" and each.path.suffix == ".toml"
        for each in found.settings
    )
    if found.env.tool != ALEMBIC or not in_toml:
        return version

    return {"generic": "pyproject", "async": "pyproject_async"}.get(version, version)


def _settings_of(session: ProjectSession) -> tuple[FoundSetting, ...]:
    return tuple(
        setting
        for path in _settings_files(session)
        for setting in read_settings(path)
        if setting.value or setting.treated
    )


def _settings_files(session: ProjectSession) -> Sequence[Path]:
    other = session.project.compatibility
    return other.settings_files(session.folder.directory) if other else ()


def _sources(session: ProjectSession) -> list[Path]:
    paths = (session.graph[each].path for each in sorted(session.graph))
    return [path for path in paths if path is not None and path.suffix == ".py"]


def _missing(session: ProjectSession, imports: Iterable[Imported]) -> list[Imported]:
    # There, what scripts know from Alembic is ours, and nothing of theirs is run.
    with session.project.around():
        return [each for each in imports if not _is_there(each)]


def _is_there(imported: Imported) -> bool:
    top = imported.module.partition(".")[0]
    try:
        if importlib.util.find_spec(top) is None:
            return False
        if top not in _STOOD_FOR:
            return True
        module = importlib.import_module(imported.module)
    except (ImportError, ValueError):
        return False

    # What it has is there only while a command runs.
    if not imported.name or imported.module.endswith(".context"):
        return True
    if hasattr(module, imported.name):
        return True
    try:
        importlib.import_module(imported.text)
    except ImportError:
        return False
    return True


_STOOD_FOR = frozenset({"alembic", "flask_migrate"})


# -- databases -------------------------------------------------------------


def _databases(session: ProjectSession, trial: Trial) -> tuple[FoundDatabase, ...]:
    return tuple(
        FoundDatabase(
            each.title,
            each.url,
            each.at,
            tuple(id for id in each.at if id not in session.graph),
        )
        for each in trial.databases
    )


# -- what would be written -------------------------------------------------


def _changes(session: ProjectSession, env: EnvFile) -> tuple[FileChange, ...]:
    path = session.folder.env_path
    if path is None or env.tool == OURS:
        return ()

    found = [FileChange(path, env_text(env))]
    ini = session.folder.directory / "alembic.ini"
    if ini.is_file():
        text = reduced_ini(ini)
        found.append(FileChange(ini, text.encode() if text else None))

    return tuple(found)


def _obstacles(session: ProjectSession, env: EnvFile, trial: Trial) -> tuple[str, ...]:
    found = [f"line {x.line}: {x.text}  ({x.reason})" for x in env.custom]
    if env.tool == BY_HAND and not found:
        found.append("no tool wrote it")
    if session.folder.env_path is None:
        return tuple(found)

    if trial.problem:
        # Those of Flask-Migrate take the app's databases, whatever they are.
        if not env.takes_app_url:
            found.append(
                "whether its databases are those of the app cannot be told:"
                f" {trial.problem}"
            )
        return tuple(found)

    without = try_without_env(session)
    if without.problem:
        return (*found, f"the app's own databases cannot be used: {without.problem}")

    return (*found, *losses(trial, without, env, session.settings))


def _notes(
    session: ProjectSession, trial: Trial, changes: Sequence[FileChange]
) -> Iterable[str]:
    place = session.folder.directory
    if trial.problem:
        yield f"The databases were not looked at: {trial.problem}"
    if is_swapped(place):
        yield (
            f"It has been adopted: {_file_names(swapped_files(place))}."
            " 'flask db adopt --undo' goes back."
        )
    elif not changes:
        yield "Nothing has to be changed: it runs as it is."

    for path in _settings_files(session):
        if changes and path.parent != place:
            yield f"{path} stays as it is, and is read."


def _file_names(paths: Iterable[Path]) -> str:
    return ", ".join(path.name for path in paths)
