"""What an ``env.py`` configures, seen by running it without changing anything."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ..commands.running import run
from ..commands.running import version_table
from ..commands.session import ProjectSession
from ..commands.session import XArguments
from ..config import Settings
from ..environment import Configured
from ..errors import MigrationError
from ..masking import shown_text
from ..scripts.folder import MigrationsFolder
from ..wording import said_by
from .env_file import EnvFile


@dataclass(frozen=True)
class SeenDatabase:
    """A database that was configured.

    :param place: what tells it from others, without user and password.
    :param tables: those of the models that it is compared with.
    """

    title: str
    url: str
    place: object
    settings: Settings
    tables: frozenset[str] | None
    at: tuple[str, ...]
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Trial:
    """What was configured, or why nothing was."""

    databases: tuple[SeenDatabase, ...] = ()
    problem: str = ""


class _WithoutEnv(MigrationsFolder):
    """A folder as if it had no ``env.py``."""

    @property
    def env_path(self) -> Path | None:
        return None


def try_env(session: ProjectSession, x_arg: XArguments = None) -> Trial:
    """Return what the ``env.py`` of a folder configures, or the app without one."""
    seen: list[SeenDatabase] = []

    def work(configured: Configured) -> None:
        seen.append(_seen(configured))

    # It is somebody's program, which may fail in any way.
    try:
        run(session, work, reading=True, x_arg=x_arg)
    except MigrationError as error:
        return Trial(problem=str(error))
    except Exception as error:
        return Trial(problem=shown_text(said_by(error)))

    return Trial(tuple(seen))


def try_without_env(session: ProjectSession) -> Trial:
    """Return what is configured if the folder has no ``env.py``."""
    folder = session.folder
    fields = {
        each.name: getattr(folder, each.name) for each in dataclasses.fields(folder)
    }
    return try_env(replace(session, folder=_WithoutEnv(**fields)))


def _seen(configured: Configured) -> SeenDatabase:
    connection = configured.connection
    assert connection is not None
    found = version_table(configured).read(connection)
    if not configured.was_in_transaction:
        connection.rollback()

    return SeenDatabase(
        title=configured.title,
        url=configured.url,
        place=_identity(connection.engine.url),
        settings=configured.settings,
        tables=frozenset(name for each in configured.metadata for name in each.tables)
        if configured.metadata
        else None,
        at=found,
        arguments=dict(configured.arguments),
    )


def _identity(url: sa.URL) -> object:
    database = url.database
    is_file = database and not url.host and not database.startswith(":")
    shown = str(Path(database).resolve()) if database and is_file else database

    return url.get_backend_name(), url.host, url.port, shown


# -- is it the same? -------------------------------------------------------


def losses(
    before: Trial, after: Trial, env: EnvFile, settings: Settings
) -> tuple[str, ...]:
    """Return what another one would lose that was made from this ``env.py``.

    :param after: what is configured without one.
    :param settings: those of the app.
    """
    expected = settings.with_options(
        {each.name: each.value for each in env.options if not each.needs}
    )
    carried = {each.name for each in env.options}
    theirs = {each.place: each for each in before.databases}
    ours = {
        each.place: each
        for each in after.databases
        if not (env.leaves_binds and each.title)
    }

    found: list[str] = []
    for place, each in theirs.items():
        if place not in ours:
            others = ", ".join(x.url for x in ours.values()) or "none"
            found.append(f"it runs on {each.url}; the app's databases are {others}")
            continue
        found.extend(_other_models(each, ours[place]))
        found.extend(_other_settings(each.settings, expected, carried, env))
    found.extend(
        f"it does not run on {each.url}, which the app has as well"
        for place, each in ours.items()
        if place not in theirs
    )
    if env.names_engines:
        found.extend(_other_names(before.databases))

    return tuple(dict.fromkeys(found))


def _other_models(theirs: SeenDatabase, ours: SeenDatabase) -> Sequence[str]:
    # Without any, it did not compare; the app's own are all there can be.
    if not theirs.tables or theirs.tables == ours.tables:
        return ()

    others = sorted(theirs.tables ^ (ours.tables or frozenset()))
    return (f"it compares other models than the app's: {', '.join(others[:5])}",)


_OF_RUNS = frozenset({"upgrade_token", "downgrade_token", "directory"})


def _other_settings(
    theirs: Settings, expected: Settings, carried: set[str], env: EnvFile
) -> Sequence[str]:
    return [
        f"it sets {field.name} to {value!r}, in a way that cannot be carried over"
        for field in dataclasses.fields(Settings)
        if field.name not in _OF_RUNS
        and isinstance(value := getattr(theirs, field.name), bool | int | str)
        and value != getattr(expected, field.name)
    ]


def _other_names(databases: Sequence[SeenDatabase]) -> Sequence[str]:
    return [
        f"it calls the database {each.url} {each.arguments['engine_name']!r}"
        f" to the scripts, and the app calls it {each.title or ''!r}"
        for each in databases
        if each.arguments.get("engine_name", each.title) not in each.title.split(", ")
    ]
