"""What a new revision will hold, for a function of the user's to see and to change.

``process_revision_directives(context, revision, directives)`` gets a list with one
:class:`NewScript`. It may change what is in it, or empty the list: then nothing is
written.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from functools import cached_property

from ..autogenerate.describe import describe
from ..autogenerate.questions.asking import Asked
from ..autogenerate.questions.destruction import Losses
from ..autogenerate.render.script import Body
from ..autogenerate.render.script import render
from ..autogenerate.render.script import render_reversed
from ..autogenerate.render.types import RenderOptions
from ..config import Settings
from ..dialects.dialect import Dialect
from ..environment import Configured
from ..errors import ConfigurationError
from ..errors import Irreversible
from ..errors import NoModels
from ..operations.base import Operation


class NewOperations:
    """What is done to one database in one direction; ``ops`` may be changed.

    :param token: the name by which the template gets it.
    """

    is_final: bool = False
    """Whether what undoes stays as it is, whatever becomes of what is done."""

    def __init__(self, operations: Iterable[Operation], token: str) -> None:
        self.ops: list[Operation] = list(operations)
        self.token = token

    def is_empty(self) -> bool:
        """Return whether there is nothing to do."""
        return not self.ops

    def as_diffs(self) -> list[str]:
        """Return a line for each operation."""
        return [describe(each) for each in self.ops]


@dataclass
class NewScript:
    """A revision that is about to be written."""

    rev_id: str
    message: str | None = None
    head: str = "head"
    splice: bool = False
    branch_label: str | Iterable[str] | None = None
    version_path: str | None = None
    depends_on: str | Sequence[str] | None = None
    imports: set[str] = field(default_factory=set)
    upgrade_ops_list: list[NewOperations] = field(default_factory=list)
    downgrade_ops_list: list[NewOperations] = field(default_factory=list)

    @property
    def heading(self) -> tuple[object, ...]:
        """What the revision itself is made of, apart from what it does."""
        return (
            *(self.rev_id, self.message, self.head, self.splice),
            *(self.branch_label, self.version_path, self.depends_on),
        )

    def anew(self) -> NewScript:
        """Return the revision as it is before anything is put into it."""
        return replace(self, imports=set(), upgrade_ops_list=[], downgrade_ops_list=[])

    @property
    def upgrade_ops(self) -> NewOperations:
        """What is done, where there is one database."""
        return _only(self.upgrade_ops_list, "upgrade_ops")

    @property
    def downgrade_ops(self) -> NewOperations:
        """What undoes it, where there is one database."""
        return _only(self.downgrade_ops_list, "downgrade_ops")


def _only(several: list[NewOperations], name: str) -> NewOperations:
    if len(several) != 1:
        raise ConfigurationError(
            f"'{name}' stands for one database, and there are {len(several)};"
            f" go through '{name}_list'"
        )

    return several[0]


@dataclass(frozen=True)
class Compared:
    """One database against its models: what was found, and what would remove it."""

    title: str
    bind_key: str | None
    settings: Settings
    dialect: Dialect
    operations: tuple[Operation, ...] = ()
    notes: tuple[str, ...] = ()
    left_alone: NoModels | None = None
    """Why its tables were not compared."""

    asked: Asked = Asked()
    """What a person has to say before a script can be written, and has said."""

    @property
    def losses(self) -> Losses:
        """What is lost by which operation."""
        return self.asked.losses

    @cached_property
    def undone(self) -> tuple[Operation, ...]:
        """What would bring the differences back, as far as that can be said."""
        return tuple(_reversed(self.operations))


@dataclass(frozen=True)
class ScriptPart:
    """What a script does to one database.

    :param down: what undoes it; None is the opposite, and says what cannot be undone.
    :param is_touched: whether any script does something to the database.
    """

    database: Compared
    up: tuple[Operation, ...]
    down: tuple[Operation, ...] | None
    is_touched: bool

    @property
    def bind_key(self) -> str | None:
        return self.database.bind_key

    @property
    def settings(self) -> Settings:
        return self.database.settings

    def rendered(self) -> tuple[Body, Body]:
        """Return what is done, and what undoes it, as Python."""
        options = render_options(self.settings, self.database.dialect)
        lost = [
            (each, f"Loses {x} (when this was written).")
            for each, x in self.database.losses
        ]
        up = render(self.up, options, lost)
        if self.down is None:
            return up, render_reversed(self.up, options)

        return up, render(self.down, options)


class Directives:
    """The scripts that a command is about to write, shown once for each database."""

    def __init__(self, script: NewScript, parents: Sequence[str]) -> None:
        self._script = script
        self._parents = tuple(parents)
        self._scripts: list[NewScript] = [script]
        self._shown: list[Compared] = []

    @property
    def scripts(self) -> tuple[NewScript, ...]:
        """What is to be written, in this order; nothing, if the user wants none."""
        return tuple(self._scripts)

    @property
    def databases(self) -> tuple[Compared, ...]:
        """What was shown."""
        return tuple(self._shown)

    def show(self, configured: Configured, compared: Compared) -> None:
        """Add what is to be done to a database, and show it to the user's function."""
        settings = configured.settings
        done = NewOperations(compared.operations, settings.upgrade_token)
        undone = NewOperations(compared.undone, settings.downgrade_token)
        self._script.upgrade_ops_list.append(done)
        self._script.downgrade_ops_list.append(undone)
        self._shown.append(compared)

        if settings.process_revision_directives is not None:
            settings.process_revision_directives(
                configured, self._parents, self._scripts
            )

    def parts(self, script: NewScript) -> tuple[ScriptPart, ...]:
        """Return what a script holds now, for each database that was shown."""
        # The user's function has lists by position; from here on, there are none.
        return tuple(
            ScriptPart(
                database,
                _at(script.upgrade_ops_list, position),
                self._down(script, position, database),
                any(_at(each.upgrade_ops_list, position) for each in self._scripts),
            )
            for position, database in enumerate(self._shown)
        )

    def _down(
        self, script: NewScript, position: int, database: Compared
    ) -> tuple[Operation, ...] | None:
        undone = script.downgrade_ops_list[position : position + 1]
        is_final = any(each.is_final for each in undone)
        down = _at(undone, 0)
        is_proposed = script is self._script and down == database.undone
        return None if is_proposed and not is_final else down


def _at(several: Sequence[NewOperations], position: int) -> tuple[Operation, ...]:
    return tuple(several[position].ops) if position < len(several) else ()


def _reversed(operations: Sequence[Operation]) -> list[Operation]:
    undone = []
    for operation in reversed(operations):
        try:
            undone.append(operation.reversed())
        except Irreversible:
            continue

    return undone


def render_options(settings: Settings, dialect: Dialect | None = None) -> RenderOptions:
    """Return how operations are written."""
    return RenderOptions(
        render_as_batch=settings.render_as_batch,
        op_prefix=settings.alembic_module_prefix,
        sqlalchemy_module_prefix=settings.sqlalchemy_module_prefix,
        user_module_prefix=settings.user_module_prefix,
        render_item=settings.render_item,
        dialect=dialect,
    )
