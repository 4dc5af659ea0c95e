"""``alembic.runtime.environment``: ``env.py`` run for a function of one's own."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import ExitStack
from functools import cached_property
from functools import wraps
from typing import Any

from ...commands.running import run
from ...commands.session import open_project
from ...commands.session import several
from ...databases import databases_of
from ...environment import Configured
from ...environment import entered
from ...environment import Environment
from ...revisions.target import parse
from ...revisions.target import Target
from ..projects import context
from ..projects.compatibility import Run
from ..projects.compatibility import running
from ..projects.compatibility import running_env_by
from ..projects.config import Config
from .migration import Function
from .migration import MigrationContext
from .script.folder import ScriptDirectory
from .script.projects import project_of

__all__ = ["EnvironmentContext"]

# For annotations.
ProcessRevisionDirectiveFn = Callable[[MigrationContext, Any, list[Any]], None]
IncludeNameFn = IncludeObjectFn = RenderItemFn = CompareType = Callable[..., Any]
CompareServerDefault = OnVersionApplyFn = Callable[..., Any]


class EnvironmentContext:
    """Runs ``env.py``, or what is configured here, and calls a function for each.

    :param fn: gets the ids in the version table and the context, and returns the
        steps to run, if any.
    :param destination_rev: what was asked for, for ``env.py`` to ask.
    :param dont_mutate: whether databases are only looked at.
    """

    def __init__(
        self,
        config: Config,
        script: ScriptDirectory,
        fn: Function | None = None,
        as_sql: bool = False,
        starting_rev: str | None = None,
        destination_rev: str | Iterable[str] | None = None,
        tag: str | None = None,
        purge: bool = False,
        dont_mutate: bool = False,
        **options: Any,
    ) -> None:
        self.config = config
        self.script = script
        self.context_opts = {
            "fn": fn,
            "as_sql": as_sql,
            "starting_rev": starting_rev,
            "destination_rev": destination_rev,
            "tag": tag,
            "purge": purge,
            "dont_mutate": dont_mutate,
            **options,
        }
        self._stack = ExitStack()
        self._is_entered = False

    def __enter__(self) -> EnvironmentContext:
        self._stack.enter_context(running_env_by(self._run_env))
        self._stack.enter_context(self._within())
        return self

    def __exit__(self, *reason: Any) -> None:
        self._stack.close()

    # -- env.py ------------------------------------------------------------

    def _run_env(self) -> None:
        told = self.context_opts
        with project_of(self.config):
            run(
                open_project(),
                self._work,
                offline=bool(told["as_sql"]),
                reading=bool(told["dont_mutate"]),
                x_arg=self._x,
                tag=told["tag"],
                targets=self._targets,
            )

    @property
    def _x(self) -> tuple[str, ...]:
        return several(getattr(self.config.cmd_opts, "x", None))

    @property
    def _targets(self) -> tuple[Target, ...]:
        return tuple(map(parse, several(self.context_opts["destination_rev"])))

    def _work(self, configured: Configured) -> None:
        # What is asked once env.py is through is about the last database.
        self._own.ready = configured
        found = MigrationContext.of(configured)
        found.environment_context = self
        found._migrations_fn = self.context_opts["fn"] or _nothing
        found.run_migrations(**configured.arguments)
        if configured.connection is None:
            text = "\n".join(configured.parts)
            configured.parts.clear()
            self.config.print_stdout(text)

    # -- in its place ------------------------------------------------------

    @cached_property
    def _own(self) -> Environment:
        told = self.context_opts
        with project_of(self.config):
            session = open_project()
        return Environment(
            settings=session.settings,
            find_databases=lambda: databases_of(session.project),
            work=self._work,
            directory=session.folder.directory,
            located=lambda target: self.script.revision_map.ids(target.text),
            offline=bool(told["as_sql"]),
            reading=bool(told["dont_mutate"]),
            x_arguments=self._x,
            tag=told["tag"],
            targets=self._targets,
        )

    @contextmanager
    def _within(self) -> Iterator[None]:
        if self._is_entered:
            # Or env.py runs, and asks by way of this.
            yield
            return

        run = Run(None, self._own.directory, self.config, known_script=self.script)
        with running(run), entered(self._own):
            self._is_entered = True
            try:
                yield
            finally:
                self._is_entered = False

    @contextmanager
    def begin_transaction(self) -> Iterator[Any]:
        """Return a block to run migrations in."""
        with self._within(), context.begin_transaction() as block:
            yield block

    def get_context(self) -> MigrationContext:
        """Return what is known of the database that is configured."""
        with self._within():
            found: MigrationContext = context.get_context()
        found.environment_context = self
        found._migrations_fn = self.context_opts["fn"]
        return found

    def __getattr__(self, name: str) -> Any:
        # Of alembic.context, what is no function.
        if name.startswith("_"):
            raise AttributeError(name)

        with self._within():
            return getattr(context, name)


def _within(name: str) -> Callable[..., Any]:
    """Return a method that is a function of ``alembic.context``."""
    function = getattr(context, name)

    @wraps(function)
    def method(self: Any, *arguments: Any, **keywords: Any) -> Any:
        with self._within():
            return function(*arguments, **keywords)

    return method


for _name in context.__all__:
    if _name not in vars(EnvironmentContext):
        setattr(EnvironmentContext, _name, _within(_name))


def _nothing(heads: tuple[str, ...], found: MigrationContext) -> Iterable[Any]:
    return ()
