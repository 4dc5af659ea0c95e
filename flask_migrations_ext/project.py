"""From the running Flask app: its settings and its migrations folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import contextmanager
from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from flask import Flask
from flask import has_app_context

from .config import Compatibility
from .config import MigrateConfig
from .config import options_from_app_config
from .config import Settings
from .errors import ConfigurationError
from .files import working_directory


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
    elsewhere: tuple[Path, ...] = ()
    """Where else the folder was looked for."""

    def around(self) -> AbstractContextManager[None]:
        """Return the block in which the files of the folder run."""
        if self.compatibility is None:
            return nullcontext()

        extensions = self.app.extensions if self.app is not None else {}
        return self.compatibility.around(self.directory, extensions)


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

    looked = dict.fromkeys(place / wanted for place in places)
    elsewhere = tuple(each for each in looked if each != folder)
    if other is None:
        return Project(app, settings, folder, elsewhere=elsewhere)

    if directory is None and not _is_migrations_folder(folder):
        folder = other.folder(places) or folder

    # What is said in Python wins.
    options = dict(other.options(folder))
    if folder == Path(of_other.get("directory", folder)):
        options.update(of_other)
    beneath = {name: value for name, value in options.items() if name not in said}
    return Project(app, settings.with_options(beneath), folder, other, elsewhere)


def _places(app: Flask, *, typed: bool) -> list[Path]:
    root = Path(app.root_path)
    here = working_directory()
    places = [root, _project_root(root), *here]
    return [*here, *places] if typed else places


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
    # One that may not be looked into, or whose parts lead nowhere, is to be told of.
    is_closed = os.path.isdir(path) and not os.access(path, os.R_OK | os.X_OK)
    return is_closed or any(
        os.path.lexists(path / name)
        for name in ("versions", "env.py", "script.py.mako", "alembic.ini")
    )
