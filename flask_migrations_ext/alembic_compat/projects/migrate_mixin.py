"""What ``Migrate`` has under the names of Flask-Migrate's.

Light, as every web worker imports it; what it needs is imported when a command runs.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import Any

from .on_demand import module

Configure = Callable[[Any], Any]


class FlaskMigrateNames:
    """Functions that change the settings of a folder, and what makes it run."""

    @cached_property
    def configure_callbacks(self) -> list[Configure]:
        """The functions given to :meth:`configure`."""
        return []

    def configure(self, function: Configure) -> Configure:
        """Call a function with the settings of the folder at each command.

        It returns them, changed or not. Usable as a decorator.
        """
        self.configure_callbacks.append(function)
        return function

    def call_configure_callbacks(self, config: Any) -> Any:
        """Return settings after each function has seen them.

        :raises ConfigurationError: if one returns nothing.
        """
        return _compatibility().after_callbacks(self.configure_callbacks, config)

    def get_config(
        self,
        directory: str | Path | None = None,
        x_arg: str | Sequence[str] | None = None,
        opts: Sequence[str] | None = None,
    ) -> Any:
        """Return the settings of the migrations folder, for ``alembic.command``.

        :param opts: names that are true in ``cmd_opts``.
        """
        return _compatibility().config_for(self, directory, x_arg, opts)

    @cached_property
    def compatibility(self) -> LazyCompatibility:
        """What the commands ask."""
        return LazyCompatibility(self)


class LazyCompatibility:
    """Asks :mod:`.compatibility`, which is imported when a command runs."""

    def __init__(self, migrate: FlaskMigrateNames) -> None:
        self._migrate = migrate

    def folder(self, places: Sequence[Path]) -> Path | None:
        found: Path | None = _compatibility().folder_named_in(places)
        return found

    def options(self, directory: Path) -> Mapping[str, Any]:
        found: Mapping[str, Any] = _compatibility().options(self._migrate, directory)
        return found

    def options_of_app(
        self, config: Mapping[str, Any], root: Path
    ) -> Mapping[str, Any]:
        if not ("ALEMBIC" in config or "ALEMBIC_CONTEXT" in config):
            return {}

        found: Mapping[str, Any] = _compatibility().options_of_app(config, root)
        return found

    def settings_files(self, directory: Path) -> Sequence[Path]:
        found: Sequence[Path] = _compatibility().settings_files(directory)
        return found

    def around(
        self, directory: Path, extensions: dict[str, Any]
    ) -> AbstractContextManager[None]:
        block: AbstractContextManager[None] = _compatibility().around(
            self._migrate, directory, extensions
        )
        return block


def _compatibility() -> Any:
    return module("projects.compatibility")
