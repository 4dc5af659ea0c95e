"""What a command tells an ``env.py``, and the database that it has configured.

:mod:`.context` is how ``env.py`` speaks of it.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import Any
from typing import Generic
from typing import TextIO
from typing import TYPE_CHECKING
from typing import TypeVar

import sqlalchemy as sa

from .config import Settings
from .errors import NoRunningMigration
from .errors import UnknownBind
from .execution.bind_keys import chosen
from .execution.bind_keys import names_of
from .execution.bind_keys import title_of
from .revisions.target import Target

if TYPE_CHECKING:
    # What asks no database loads none of it, and looks in here all the same.
    from .dialects.dialect import Dialect
    from .execution.database import Database

Metadata = tuple[sa.MetaData, ...]


@dataclass(frozen=True)
class Configured:
    """One database, ready for the command that runs.

    :param connection: None when SQL text is written.
    :param was_in_transaction: whether a transaction is the caller's.
    :param is_main: whether scripts that know of one database mean this one.
    :param has_main: whether they mean any.
    :param arguments: what ``run_migrations`` passes on to the scripts.
    """

    bind_keys: tuple[str | None, ...]
    url: str
    connection: sa.Connection | None
    dialect: Dialect
    metadata: Metadata
    settings: Settings
    was_in_transaction: bool = False
    is_main: bool = True
    has_main: bool = True
    arguments: dict[str, Any] = field(default_factory=dict)
    starting_rev: Target | None = None
    """Where SQL text starts, whatever the command says."""

    output: TextIO | None = None
    """Where SQL text goes, if not to who ran the command."""

    parts: list[str] = field(default_factory=list)
    """The SQL text that goes there."""

    def write(self, text: str) -> None:
        """Write a part of the SQL text."""
        if self.output is None:
            self.parts.append(text)
        else:
            self.output.write(f"{text}\n")

    @property
    def title(self) -> str:
        """Its names as people read them; empty for the default database."""
        return self.name or title_of(self.bind_keys)

    @property
    def name(self) -> str | None:
        """What ``env.py`` calls it to the scripts; None if it does not."""
        said = self.arguments.get(self.settings.name_argument or "")
        return None if said is None else str(said)

    @property
    def names(self) -> tuple[str, ...]:
        """What can be typed to choose it."""
        if self.name:
            return (self.name,)

        return names_of(self.bind_keys)


@dataclass
class Environment:
    """What a command tells an ``env.py``, and what it does with each database.

    :param find_databases: returns the databases of the app; an ``env.py`` that brings
        its own never asks.
    :param work: is called by ``run_migrations``, once for each database.
    :param binds: the names of the databases that are chosen; none: all are.
    :param located: returns the ids of the revisions that a target names.
    :param look_in: makes the command find its revisions in other folders.
    :param reading: whether databases are only looked at.
    :param start: where SQL text starts, if the command says so.
    :param targets: what the command is to reach.
    :param autogenerate: whether databases are compared, to write a revision.
    :param new: the revision that the command is about to write, if it is.
    :param output: the SQL text written so far, if it goes to who ran the command.
    """

    settings: Settings
    find_databases: Callable[[], tuple[Database, ...]]
    work: Callable[[Configured], None]
    directory: Path = Path()
    located: Callable[[Target], tuple[str, ...]] = lambda target: ()
    look_in: Callable[[Sequence[Path]], None] = lambda locations: None
    offline: bool = False
    reading: bool = False
    x_arguments: tuple[str, ...] = ()
    tag: str | None = None
    start: Target | None = None
    targets: tuple[Target, ...] = ()
    autogenerate: bool = False
    new: Any = None
    binds: tuple[str, ...] = ()
    output: list[str] = field(default_factory=list)
    ready: Configured | None = None
    in_block: bool = False
    in_event_loop: bool = False
    opening: Database | None = None
    passed: list[Configured] = field(default_factory=list)
    """The databases that ``run_migrations`` was called for, chosen or not."""

    @cached_property
    def databases(self) -> tuple[Database, ...]:
        """The databases of the app, the default one first."""
        return self.find_databases()

    def chosen_databases(self) -> tuple[Database, ...]:
        """Return the databases of the app that are chosen.

        :raises UnknownBind: if one that is chosen is not there.
        :raises NeedsEventLoop: if a driver needs one, and there is none yet.
        """
        found = chosen(self.databases, self.binds)
        if not (self.offline or self.in_event_loop):
            if any(each.is_async for each in found):
                raise NeedsEventLoop
        return found

    def known_databases(self) -> tuple[Database, ...]:
        """Return those of the chosen databases that somebody has asked for."""
        if "databases" not in vars(self):
            return ()

        # An env.py may have others than the app, and names for them.
        with suppress(UnknownBind):
            return chosen(self.databases, self.binds)
        return ()

    def is_chosen(self, configured: Configured) -> bool:
        """Return whether a database is, of those that an ``env.py`` brings itself."""
        return not self.binds or any(bind in configured.names for bind in self.binds)

    def write(self, text: str) -> None:
        """Write a part of the SQL text."""
        if self.ready is None:
            self.output.append(text)
        else:
            self.ready.write(text)


class NeedsEventLoop(Exception):
    """Asks for ``env.py`` to be run once more, within an event loop."""


T = TypeVar("T")


class Active(Generic[T]):
    """What counts for the code of a block, and for threads that it starts.

    A thread begins without context variables: it means the only block there is. Where
    several run at once, it has to be given them (``contextvars.copy_context``).
    """

    def __init__(self, name: str) -> None:
        self._variable: ContextVar[T] = ContextVar(name)
        self._everywhere: list[T] = []

    def get(self) -> T:
        """Return it.

        :raises LookupError: if there is none, or nothing tells which one.
        """
        everywhere = tuple(self._everywhere)
        only = everywhere[:1] if len(everywhere) == 1 else ()
        return self._variable.get(*only)

    @contextmanager
    def within(self, value: T) -> Iterator[None]:
        """Let it be a value within the block."""
        token = self._variable.set(value)
        self._everywhere.append(value)
        try:
            yield
        finally:
            self._everywhere[:] = [x for x in self._everywhere if x is not value]
            self._variable.reset(token)


_environment: Active[Environment] = Active("flask_migrations_ext.environment")


@contextmanager
def entered(environment: Environment) -> Iterator[Environment]:
    """Let this module speak for the environment within the block."""
    with _environment.within(environment):
        yield environment


def current_environment(asked_by: str) -> Environment:
    """Return what the command tells that runs.

    :param asked_by: the function of this module to name in the error.
    :raises NoRunningMigration: if none runs.
    """
    try:
        return _environment.get()
    except LookupError:
        raise NoRunningMigration(f"context.{asked_by}") from None
