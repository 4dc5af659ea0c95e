"""``alembic.runtime.environment``: ``env.py`` run for a function of one's own."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from ..commands.moving import move_by
from ..commands.opening import open_project
from ..context import Configured
from ..errors import ConfigurationError
from ..revisions.plan import Plan
from ..revisions.plan import Step
from . import context
from .command import project_of
from .compatibility import running_env_by
from .config import Config
from .migration import MigrationContext
from .script import ScriptDirectory

__all__ = ["EnvironmentContext"]

Function = Callable[[tuple[str, ...], MigrationContext], Iterable[Any]]


class EnvironmentContext:
    """Runs ``env.py`` and calls a function for each database that it configures.

    :param fn: gets the ids in the version table and the context, and returns the
        steps to run, if any.
    """

    def __init__(
        self,
        config: Config,
        script: ScriptDirectory,
        fn: Function | None = None,
        as_sql: bool = False,
        tag: str | None = None,
        **options: Any,
    ) -> None:
        self.config = config
        self.script = script
        self._function = fn
        self._as_sql = as_sql
        self._tag = tag
        self._options = options
        self._stack = ExitStack()

    def __enter__(self) -> EnvironmentContext:
        self._stack.enter_context(running_env_by(self._run))
        return self

    def __exit__(self, *reason: Any) -> None:
        self._stack.close()

    def __getattr__(self, name: str) -> Any:
        # The functions of alembic.context are methods here.
        return getattr(context, name)

    def _run(self) -> None:
        with project_of(self.config):
            opened = open_project()
            opened.run(
                self._work,
                offline=self._as_sql,
                x_arg=getattr(self.config.cmd_opts, "x", None),
                tag=self._tag,
                revision=self._options.get("destination_rev"),
            )

    def _work(self, configured: Configured) -> None:
        found = MigrationContext.of(configured)
        heads = found.get_current_heads()
        steps = list(self._function(heads, found) or ()) if self._function else []
        if not steps:
            return

        if not all(isinstance(each, Step) for each in steps):
            raise ConfigurationError(
                "the function of an EnvironmentContext can return the steps of"
                " ScriptDirectory._upgrade_revs() and _downgrade_revs() here"
            )
        move_by(configured, Plan(heads, tuple(steps)))
