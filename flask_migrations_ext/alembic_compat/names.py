"""Modules named ``alembic`` and ``flask_migrate`` that are ours, while we run a file.

An installed Alembic is put aside for as long and put back afterwards. ``sys.modules``
belongs to the whole process: another thread that imports Alembic meanwhile gets ours.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import logging.config
import sys
import threading
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any

_HERE = __package__ or ""
_PRODUCT = _HERE.rpartition(".")[0]

_HOMES = {
    "alembic": "package",
    "alembic.autogenerate": "autogenerate.api",
    "alembic.autogenerate.api": "autogenerate.api",
    "alembic.autogenerate.compare": "autogenerate.compare",
    "alembic.autogenerate.render": "autogenerate.render",
    "alembic.autogenerate.rewriter": "autogenerate.rewriter",
    "alembic.command": "command",
    "alembic.config": "command_line",
    "alembic.context": "context",
    "alembic.ddl": "ddl.databases",
    "alembic.ddl.base": "ddl.base",
    "alembic.ddl.impl": "ddl.default",
    "alembic.ddl.mssql": "ddl.databases",
    "alembic.ddl.mysql": "ddl.databases",
    "alembic.ddl.oracle": "ddl.databases",
    "alembic.ddl.postgresql": "ddl.databases",
    "alembic.ddl.sqlite": "ddl.databases",
    "alembic.environment": "environment",
    "alembic.migration": "migration",
    "alembic.op": "op",
    "alembic.operations": "operations.interface",
    "alembic.operations.base": "operations.interface",
    "alembic.operations.batch": "operations.interface",
    "alembic.operations.ops": "operations.ops",
    "alembic.runtime": "migration",
    "alembic.runtime.environment": "environment",
    "alembic.runtime.migration": "migration",
    "alembic.runtime.plugins": "autogenerate.plugins",
    "alembic.script": "script.folder",
    "alembic.script.base": "script.folder",
    "alembic.script.revision": "script.revision_map",
    "alembic.script.write_hooks": "script.write_hooks",
    "alembic.util": "util",
    "alembic.util.compat": "util",
    "alembic.util.exc": "exceptions",
    "alembic.util.langhelpers": "util",
    "alembic.util.messaging": "util",
    "alembic.util.pyfiles": "util",
    "alembic.util.sqla_compat": "util",
    "flask_migrate": "flask_migrate",
    "flask_migrate.cli": ".cli",
}
"""From the name of a module to ours that has what is asked of it."""

_TOPS = frozenset(name for name in _HOMES if "." not in name)


class StandIn(ModuleType):
    """A module that looks up in another one, at each time, what it is asked for."""

    def __init__(self, name: str, home: str) -> None:
        super().__init__(name, f"Stands for {name}.")
        self._home = home
        self.__path__: list[str] = []
        self.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)

    def __getattr__(self, name: str) -> Any:
        # What the import system asks of a module is not for its home to answer.
        if name.startswith("__") and name != "__version__":
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")

        home = importlib.import_module(f".{self._home}", _HERE)
        try:
            return getattr(home, name)
        except AttributeError as error:
            raise AttributeError(_missing(f"{self.__name__}.{name}")) from error


class _Refusal:
    """Finds nothing, and says so for the modules of Alembic that have no stand-in."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: Any = None
    ) -> None:
        if name.partition(".")[0] in _TOPS:
            raise ModuleNotFoundError(_missing(name), name=name)


def _missing(name: str) -> str:
    return (
        f"'{name}' is not among the names that {_PRODUCT} offers in place of Alembic's;"
        " docs/moving.md lists those that there are"
    )


def _stand_ins() -> dict[str, ModuleType]:
    made: dict[str, ModuleType] = {
        name: StandIn(name, home) for name, home in _HOMES.items()
    }
    for name, module in made.items():
        parent, _, own = name.rpartition(".")
        if parent:
            setattr(made[parent], own, module)

    return made


class _Stage:
    """Sets the modules up when the first one needs them, and away after the last."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._inside = 0
        self._aside: dict[str, ModuleType] = {}
        self._refusal = _Refusal()
        self._file_config = logging.config.fileConfig
        self._dict_config = logging.config.dictConfig

    def enter(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside > 1:
                return

            self._aside = _taken_away()
            sys.modules.update(_stand_ins())
            sys.meta_path.insert(0, self._refusal)
            self._file_config = logging.config.fileConfig
            self._dict_config = logging.config.dictConfig
            logging.config.fileConfig = self._configure_logging
            logging.config.dictConfig = self._configure_by_dict

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside:
                return

            logging.config.fileConfig = self._file_config
            logging.config.dictConfig = self._dict_config
            sys.meta_path.remove(self._refusal)
            _taken_away()
            sys.modules.update(self._aside)

    def _configure_logging(self, *arguments: Any, **keywords: Any) -> None:
        # Every env.py asks for it. It would switch off the loggers of the app.
        if not _running.get():
            self._file_config(*arguments, **keywords)

    def _configure_by_dict(self, config: Any) -> None:
        # An app that env.py makes may set up its logging so: what it adds is added.
        if _running.get():
            config = {**config, "disable_existing_loggers": False}
        self._dict_config(config)


def _taken_away() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] in _TOPS]
    return {name: sys.modules.pop(name) for name in names}


_stage = _Stage()
_running: ContextVar[bool] = ContextVar("flask_migrations_ext.names", default=False)


@contextmanager
def in_place() -> Iterator[None]:
    """Let ``import alembic`` mean ours within the block.

    ``logging.config.fileConfig`` does nothing for the code in it, either.
    """
    token = _running.set(True)
    _stage.enter()
    try:
        yield
    finally:
        _stage.leave()
        _running.reset(token)


def install() -> None:
    """Let ``import alembic`` and ``import flask_migrate`` mean ours from now on.

    For the whole process, and before anything imports them: an app that uses them
    outside of its migrations calls this first.
    """
    _stage.enter()
