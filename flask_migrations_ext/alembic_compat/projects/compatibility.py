"""The settings and the block in which the files of an existing project run."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import contextmanager
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...config import MigrateConfig
from ...environment import Active
from ...environment import current_environment
from ...errors import ConfigurationError
from ...errors import NoRunningMigration
from ...project import current_project
from .config import Config
from .flask_alembic import is_flat
from .flask_alembic import options_of_app
from .names import in_place
from .on_demand import tool
from .options import config_of
from .options import folder_named_in
from .options import import_paths
from .options import options_of

__all__ = [
    "after_callbacks",
    "around",
    "config_for",
    "current_run",
    "folder_named_in",
    "options",
    "options_of_app",
    "Run",
    "run_env",
    "running",
    "running_env_by",
    "shown_to",
    "using",
    "with_shown_to",
]


@dataclass
class Run:
    """One run of ``env.py``: the settings that it sees, and what it configured.

    :param own: the settings that a caller of ``alembic.command`` gave.
    """

    migrate: Any
    directory: Path
    own: Config | None = None
    configured: dict[str, Any] = field(default_factory=dict)
    known_script: Any = None
    """The revisions, once they were asked for."""

    shown: dict[int, tuple[Any, Any]] = field(default_factory=dict)
    """New revisions by their ids, each with what functions of ``env.py`` saw of it."""

    _config: Config | None = None

    @property
    def config(self) -> Config:
        """The settings; always the same ones within a run."""
        if self._config is None:
            self._config = self.own or self._read()

        return self._config

    @property
    def script(self) -> Any:
        """The revisions, as a ``ScriptDirectory``."""
        if self.known_script is None:
            directory = tool("script.folder").ScriptDirectory
            self.known_script = directory.from_config(self.config)

        return self.known_script

    def _read(self) -> Config:
        config = config_of(self.directory)
        config.cmd_opts = cmd_opts((), ())
        # While a file is written, env.py has run already.
        with suppress(NoRunningMigration):
            environment = current_environment("config")
            config.cmd_opts = cmd_opts(
                environment.x_arguments,
                ["autogenerate"] if environment.autogenerate else (),
            )
        return _finished(self.migrate, self.directory, config)


_run: Active[Run] = Active("flask_migrations_ext.run")
_env_runner: ContextVar[Callable[[], None]] = ContextVar(
    "flask_migrations_ext.env_runner"
)
_directives: ContextVar[Callable[..., Any] | None] = ContextVar(
    "flask_migrations_ext.directives", default=None
)
_using: ContextVar[Config | None] = ContextVar(
    "flask_migrations_ext.config_in_use", default=None
)


def running(run: Run) -> AbstractContextManager[None]:
    """Let a run be the one that goes on within the block."""
    return _run.within(run)


def current_run() -> Run:
    """Return the run of ``env.py`` that goes on.

    :raises LookupError: if there is none.
    """
    return _run.get()


def run_env() -> None:
    """Run ``env.py`` as the ``EnvironmentContext`` says whose block is active.

    :raises ConfigurationError: if none is.
    """
    try:
        run = _env_runner.get()
    except LookupError:
        raise ConfigurationError(
            "run_env() works within 'with EnvironmentContext(config, script):'"
        ) from None
    run()


@contextmanager
def running_env_by(run: Callable[[], None]) -> Iterator[None]:
    """Let :func:`run_env` call a function within the block."""
    token = _env_runner.set(run)
    try:
        yield
    finally:
        _env_runner.reset(token)


@contextmanager
def using(config: Config) -> Iterator[None]:
    """Let commands take these settings within the block, whatever the files say."""
    token = _using.set(config)
    try:
        yield
    finally:
        _using.reset(token)


@contextmanager
def shown_to(directives: Callable[..., Any] | None) -> Iterator[None]:
    """Let a function see new revisions within the block, before that of ``env.py``."""
    token = _directives.set(directives)
    try:
        yield
    finally:
        _directives.reset(token)


def with_shown_to(own: Callable[..., Any] | None) -> Callable[..., Any] | None:
    """Return a function that shows new revisions to both, that of ``env.py`` last."""
    first = _directives.get()
    if first is None or own is None:
        return first or own

    def both(*arguments: Any) -> None:
        first(*arguments)
        own(*arguments)

    return both


def config_for(
    migrate: Any,
    directory: str | Path | None,
    x_arg: str | Sequence[str] | None,
    opts: Sequence[str] | None,
) -> Config:
    """Return the settings of a migrations folder, as after all functions saw them."""
    place = current_project(directory).directory
    config = config_of(place)
    config.cmd_opts = cmd_opts(
        (x_arg,) if isinstance(x_arg, str) else tuple(x_arg or ()), opts or ()
    )
    return _finished(migrate, place, config)


def cmd_opts(x_arguments: Sequence[str], opts: Sequence[str]) -> Namespace:
    """Return what was typed, as ``env.py`` reads it."""
    return Namespace(x=list(x_arguments) or None, **dict.fromkeys(opts, True))


def _finished(migrate: Any, directory: Path, config: Config) -> Config:
    config.set_main_option("script_location", str(directory).replace("%", "%%"))
    if migrate is None:
        return config

    finished: Config = migrate.call_configure_callbacks(config)
    return finished


def after_callbacks(callbacks: Sequence[Callable[[Any], Any]], config: Any) -> Any:
    """Return settings after each function has seen them.

    :raises ConfigurationError: if one returns nothing.
    """
    for function in callbacks:
        config = function(config)
        if config is None:
            name = getattr(function, "__qualname__", repr(function))
            raise ConfigurationError(
                f"{name}(), given to migrate.configure, returned None;"
                " end it with 'return config'"
            )

    return config


def options(migrate: Any, directory: Path) -> Mapping[str, Any]:
    """Return what the settings of a folder say, by the names of ours."""
    own = _using.get()
    if own is not None:
        return options_of(own)

    config = config_of(directory)
    config.cmd_opts = cmd_opts((), ())
    found = options_of(_finished(migrate, directory, config))
    if "version_locations" not in found and is_flat(directory):
        found["version_locations"] = [str(directory)]
    return found


def settings_files(directory: Path) -> tuple[Path, ...]:
    """Return the files that hold the settings of a folder."""
    config = _using.get() or config_of(directory)
    named = (config.config_file_name, config.toml_file_name)
    return tuple(Path(name) for name in named if name and Path(name).is_file())


@contextmanager
def around(migrate: Any, directory: Path, extensions: dict[str, Any]) -> Iterator[None]:
    """Let the files of a folder see what they know from Alembic within the block."""
    own = _using.get()
    run = Run(migrate, directory, own)
    paths = import_paths(own or config_of(directory))
    with _run.within(run), in_place():
        with _first_on_path(paths), _kept_arguments(extensions):
            yield


@contextmanager
def _first_on_path(paths: Sequence[str]) -> Iterator[None]:
    sys.path[:0] = paths
    try:
        yield
    finally:
        for path in paths:
            if path in sys.path:
                sys.path.remove(path)


@contextmanager
def _kept_arguments(extensions: dict[str, Any]) -> Iterator[None]:
    """Undo what ``env.py`` adds to the app's options: it speaks of one run."""
    state: MigrateConfig | None = extensions.get("migrate")
    if state is None:
        yield
        return

    if state.db is None:
        extensions["migrate"] = replace(state, db=extensions.get("sqlalchemy"))

    arguments, before = state.configure_args, dict(state.configure_args.items())
    try:
        yield
    finally:
        arguments.update(before)
        for name in arguments.keys() - before.keys():
            del arguments[name]
