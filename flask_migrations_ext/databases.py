"""From the running Flask app: its settings, its folder and its databases."""

from __future__ import annotations

import importlib
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import contextmanager
from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask import Flask
from flask import has_app_context

from .config import Compatibility
from .config import MigrateConfig
from .config import options_from_app_config
from .config import Settings
from .errors import ConfigurationError
from .errors import NoMetadata
from .errors import NoSQLAlchemy
from .execution.database import Database
from .execution.database import place_of
from .sources import engines_from
from .sources import metadatas_from

Engines = Mapping[str | None, sa.Engine]
Metadatas = Mapping[str | None, tuple[sa.MetaData, ...]]


@dataclass(frozen=True)
class Project:
    """An app, seen from its migrations.

    :param app: None for a folder whose ``env.py`` knows its databases by itself.
    :param directory: the migrations folder, which may not exist yet.
    :param compatibility: what the folder needs if another tool made it.
    """

    app: Flask | None
    settings: Settings
    directory: Path
    compatibility: Compatibility | None = None

    def around(self) -> AbstractContextManager[None]:
        """Return the block in which the files of the folder run."""
        if self.compatibility is None:
            return nullcontext()

        extensions = self.app.extensions if self.app is not None else {}
        return self.compatibility.around(self.directory, extensions)

    def databases(self, binds: Collection[str] = ()) -> tuple[Database, ...]:
        """Return the app's databases, the default one first.

        Those that no model belongs to are left out, but for the default one and those
        that ``binds`` names.

        :raises NoSQLAlchemy: if the app has no SQLAlchemy extension, and the settings
            do not say what it would.
        :raises NoMetadata: if they do not say which models an extension lacks.
        :raises ConfigurationError: if a module of ``models`` cannot be imported, or
            models are for a database that there is not.
        """
        self._import_models()
        if self.app is None:
            return ()

        # An env.py may ask from a thread of its own, which has no context.
        with nullcontext() if has_app_context() else self.app.app_context():
            return tuple(_merged(*_described(self.app, self.settings), binds))

    def _import_models(self) -> None:
        for name in self.settings.models:
            try:
                importlib.import_module(name)
            except ModuleNotFoundError as error:
                if error.name is not None and name.startswith(error.name):
                    raise ConfigurationError(
                        f"setting 'models': there is no module '{name}'"
                    ) from None
                raise


def _described(app: Flask, settings: Settings) -> tuple[Engines, Metadatas]:
    """Return what the settings say, and where they are silent, the extension."""
    engines = (
        _engines_of(_extension(app))
        if settings.engines is None
        else engines_from(settings.engines)
    )
    if settings.metadatas is None:
        return engines, _metadatas_of(app)

    metadatas = metadatas_from(settings.metadatas)
    strangers = metadatas.keys() - engines.keys()
    if strangers:
        known = ", ".join(_shown(key) for key in sorted(engines, key=_order))
        raise ConfigurationError(
            f"setting 'metadatas' has models for {_shown(min(strangers, key=_order))},"
            f" which is none of the databases of the app: {known or 'it has none'}"
        )

    return engines, metadatas


def _extension(app: Flask) -> Any:
    registered = app.extensions.get("sqlalchemy")
    if not hasattr(registered, "engines"):
        raise NoSQLAlchemy(app.name)

    # It is the one that was set up for this app, whatever was passed to Migrate.
    return registered


def _engines_of(extension: Any) -> Engines:
    if hasattr(extension, "metadatas"):
        # That is Flask-SQLAlchemy, where "default" is a name like any other.
        return dict(extension.engines)

    asynchronous = getattr(extension, "async_engines", {})
    return engines_from({**asynchronous, **extension.engines})


def _metadatas_of(app: Flask) -> Metadatas:
    extension = app.extensions.get("sqlalchemy")
    if extension is None:
        raise NoMetadata(app.name)

    if hasattr(extension, "metadatas"):
        return {key: (each,) for key, each in extension.metadatas.items()}

    own = getattr(extension, "metadata", None)
    if not isinstance(own, sa.MetaData):
        raise NoMetadata(app.name)

    return {None: (own,)}


def _shown(key: str | None) -> str:
    return "the default database" if key is None else f"'{key}'"


def _order(key: str | None) -> tuple[bool, str]:
    return key is not None, key or ""


def _merged(
    engines: Engines, metadatas: Metadatas, binds: Collection[str]
) -> list[Database]:
    found: dict[object, Database] = {}
    for key in sorted(engines, key=_order):
        engine, own = engines[key], metadatas.get(key, ())
        has_tables = any(metadata.tables for metadata in own)
        if key is not None and key not in binds and not has_tables:
            continue

        # Two names for one database: one place to migrate, one version table.
        place = place_of(engine)
        earlier = found.get(place)
        if earlier is None:
            found[place] = Database((key,), engine, own)
        else:
            found[place] = Database(
                (*earlier.bind_keys, key), earlier.engine, (*earlier.metadata, *own)
            )

    return list(found.values())


_given: ContextVar[Project] = ContextVar("flask_migrations_ext.project")


@contextmanager
def given_project(project: Project) -> Iterator[None]:
    """Let the commands speak of this project within the block, whatever the app."""
    token = _given.set(project)
    try:
        yield
    finally:
        _given.reset(token)


def current_project(directory: str | Path | None = None) -> Project:
    """Return the project of the app whose context is active.

    :param directory: a folder in place of the configured one. It is looked for in
        the working directory first, where who types it is.
    :raises ConfigurationError: if the app has no ``Migrate``.
    """
    if (given := _given.get(None)) is not None:
        return given

    if not has_app_context():
        raise ConfigurationError(
            "no app is active; run this within 'with app.app_context():'"
        )

    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the documented way to the app behind the proxy
    state: MigrateConfig | None = app.extensions.get("migrate")
    if state is None:
        raise ConfigurationError(
            f"the app '{app.name}' has no migrations; set it up with Migrate(app, db)"
        )

    said = {
        **state.configure_args,
        "directory": state.directory,
        **options_from_app_config(app.config),
    }
    other = state.compatibility
    of_other = other.options_of_app(app.config, Path(app.root_path)) if other else {}
    if said["directory"] == Settings().directory:
        said["directory"] = of_other.get("directory", said["directory"])

    settings = Settings().with_options(said)
    wanted = Path(settings.directory if directory is None else directory)
    places = _places(app, typed=directory is not None)
    folder = _found(wanted, places)

    if other is None:
        return Project(app, settings, folder)

    if directory is None and not _is_migrations_folder(folder):
        folder = other.folder(places) or folder

    # What is said in Python wins.
    options = dict(other.options(folder))
    if folder == Path(of_other.get("directory", folder)):
        options.update(of_other)
    beneath = {name: value for name, value in options.items() if name not in said}
    return Project(app, settings.with_options(beneath), folder, other)


def _places(app: Flask, *, typed: bool) -> list[Path]:
    root = Path(app.root_path)
    places = [root, _project_root(root), Path.cwd()]
    return [Path.cwd(), *places] if typed else places


def _found(wanted: Path, places: Sequence[Path]) -> Path:
    existing = [
        place / wanted for place in places if _is_migrations_folder(place / wanted)
    ]
    return existing[0] if existing else places[0] / wanted


def _project_root(package: Path) -> Path:
    while (package / "__init__.py").exists():
        package = package.parent

    return package


def _is_migrations_folder(path: Path) -> bool:
    return any(
        (path / name).exists()
        for name in ("versions", "env.py", "script.py.mako", "alembic.ini")
    )
