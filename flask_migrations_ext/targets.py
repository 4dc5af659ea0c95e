"""From the running Flask app: its settings, its folder and its databases."""

from __future__ import annotations

import importlib
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
from .errors import NoSQLAlchemy
from .execution.database import Target


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

    def targets(self) -> tuple[Target, ...]:
        """Return the app's databases, the default one first.

        Those that no model belongs to are left out; the default one is not.

        :raises NoSQLAlchemy: if the app has no SQLAlchemy extension.
        :raises ConfigurationError: if a module of ``models`` cannot be imported.
        """
        self._import_models()
        if self.app is None:
            return ()

        db = _sqlalchemy(self.app)
        return tuple(_targets(db.engines, db.metadatas))

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


def _sqlalchemy(app: Flask) -> Any:
    state: MigrateConfig | None = app.extensions.get("migrate")
    passed = state.db if state is not None else None
    registered = app.extensions.get("sqlalchemy")
    # The app's own one is the one that was set up for this app.
    db = registered if registered is not None else passed
    if registered is None or not hasattr(db, "metadatas"):
        raise NoSQLAlchemy(app.name)

    return db


def _targets(
    engines: Mapping[str | None, sa.Engine],
    metadatas: Mapping[str | None, sa.MetaData],
) -> list[Target]:
    found: dict[object, Target] = {}
    for key, engine in sorted(engines.items(), key=lambda item: item[0] or ""):
        metadata = metadatas.get(key)
        has_tables = metadata is not None and bool(metadata.tables)
        if key is not None and not has_tables:
            continue

        # Two names for one database: one place to migrate, one version table.
        place = _place(key, engine)
        earlier = found.get(place)
        own = (metadata,) if metadata is not None else ()
        if earlier is None:
            found[place] = Target((key,), engine, own)
        else:
            found[place] = Target(
                (*earlier.bind_keys, key), earlier.engine, (*earlier.metadata, *own)
            )

    return list(found.values())


def _place(key: str | None, engine: sa.Engine) -> object:
    database = engine.url.database
    in_memory = not database or ":memory:" in database
    return key if in_memory else engine.url


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
    settings = Settings().with_options(said)
    wanted = Path(settings.directory if directory is None else directory)
    places = _places(app, typed=directory is not None)
    folder = _found(wanted, places)

    other = state.compatibility
    if other is None:
        return Project(app, settings, folder)

    if directory is None and not _is_migrations_folder(folder):
        folder = other.folder(places) or folder

    # What is said in Python wins.
    options = other.options(folder)
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
