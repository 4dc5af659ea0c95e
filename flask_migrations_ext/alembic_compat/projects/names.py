"""Modules named ``alembic`` and ``flask_migrate`` that are ours, while we run a file.

An installed Alembic is put aside for as long and put back afterwards. ``sys.modules``
belongs to the whole process: another thread that imports Alembic meanwhile gets ours.
"""

from __future__ import annotations

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

import sqlalchemy as sa

from .on_demand import module

_PRODUCT = __name__.partition(".")[0]

_HOMES = {
    "alembic": "projects.package",
    "alembic.autogenerate": "tools.autogenerate.api",
    "alembic.autogenerate.api": "tools.autogenerate.api",
    "alembic.autogenerate.compare": "tools.autogenerate.compare",
    "alembic.autogenerate.render": "tools.autogenerate.render",
    "alembic.autogenerate.rewriter": "tools.autogenerate.rewriter",
    "alembic.command": "tools.command",
    "alembic.config": "tools.command_line",
    "alembic.context": "projects.context",
    "alembic.ddl": "tools.ddl.databases",
    "alembic.ddl.base": "tools.ddl.elements",
    "alembic.ddl.impl": "tools.ddl.default",
    "alembic.ddl.mssql": "tools.ddl.databases",
    "alembic.ddl.mysql": "tools.ddl.databases",
    "alembic.ddl.oracle": "tools.ddl.databases",
    "alembic.ddl.postgresql": "tools.ddl.databases",
    "alembic.ddl.sqlite": "tools.ddl.databases",
    "alembic.environment": "tools.environment",
    "alembic.migration": "tools.migration",
    "alembic.op": "projects.op",
    "alembic.operations": "tools.operations.interface",
    "alembic.operations.base": "tools.operations.interface",
    "alembic.operations.batch": "tools.operations.interface",
    "alembic.operations.ops": "tools.operations.ops",
    "alembic.runtime": "tools.migration",
    "alembic.runtime.environment": "tools.environment",
    "alembic.runtime.migration": "tools.migration",
    "alembic.runtime.plugins": "tools.autogenerate.plugins",
    "alembic.script": "tools.script.folder",
    "alembic.script.base": "tools.script.folder",
    "alembic.script.revision": "tools.script.revision_map",
    "alembic.script.write_hooks": "tools.script.write_hooks",
    "alembic.util": "tools.util",
    "alembic.util.compat": "tools.util",
    "alembic.util.editor": "tools.util",
    "alembic.util.exc": "projects.exceptions",
    "alembic.util.langhelpers": "tools.util",
    "alembic.util.messaging": "tools.util",
    "alembic.util.pyfiles": "tools.util",
    "alembic.util.sqla_compat": "tools.util",
    "flask_migrate": "projects.flask_migrate",
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

        try:
            return getattr(module(self._home), name)
        except AttributeError as error:
            found = None if self._home in _OF_SCRIPTS else _imported_there(name)
            if found is None:
                raise AttributeError(_missing(f"{self.__name__}.{name}")) from error
            return found


# What these have not, scripts and their hasattr() are not to find.
_OF_SCRIPTS = ("projects.op", "projects.context", "projects.package")


def _imported_there(name: str) -> Any:
    """Return what Alembic's modules have imported and other programs take from them."""
    modules = {"util": "alembic.util", "sqla_compat": "alembic.util.sqla_compat"}
    if name in modules:
        return sys.modules.get(modules[name])

    homes = (sa, sa.schema, sa.sql.elements)
    return next((getattr(each, name) for each in homes if hasattr(each, name)), None)


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
    for name, stand_in in made.items():
        parent, _, own = name.rpartition(".")
        if parent:
            setattr(made[parent], own, stand_in)

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
