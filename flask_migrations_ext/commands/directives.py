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

from ..autogenerate.describe import describe
from ..autogenerate.render.script import Body
from ..autogenerate.render.script import render
from ..autogenerate.render.script import render_reversed
from ..autogenerate.render.types import RenderOptions
from ..config import Settings
from ..context import Configured
from ..dialects.dialect import Dialect
from ..errors import ConfigurationError
from ..errors import Irreversible
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


class Directives:
    """The scripts that a command is about to write, shown once for each database."""

    def __init__(self, script: NewScript, parents: Sequence[str]) -> None:
        self._script = script
        self._parents = tuple(parents)
        self._scripts: list[NewScript] = [script]
        self._undone: list[list[Operation]] = []
        self._dialects: list[Dialect] = []

    @property
    def scripts(self) -> tuple[NewScript, ...]:
        """What is to be written, in this order; nothing, if the user wants none."""
        return tuple(self._scripts)

    def show(self, configured: Configured, operations: Iterable[Operation]) -> None:
        """Add what is to be done to a database, and show it to the user's function."""
        settings = configured.settings
        done = NewOperations(operations, settings.upgrade_token)
        undone = NewOperations(_reversed(done.ops), settings.downgrade_token)
        self._script.upgrade_ops_list.append(done)
        self._script.downgrade_ops_list.append(undone)
        self._undone.append(list(undone.ops))
        self._dialects.append(configured.dialect)

        if settings.process_revision_directives is not None:
            settings.process_revision_directives(
                configured, self._parents, self._scripts
            )

    def upgrades(self, script: NewScript, position: int, settings: Settings) -> Body:
        """Return what a script does to one of the databases shown, as Python."""
        options = self._options(position, settings)
        return render(_at(script.upgrade_ops_list, position), options)

    def downgrades(self, script: NewScript, position: int, settings: Settings) -> Body:
        """Return what undoes that, as Python."""
        options = self._options(position, settings)
        undone = script.downgrade_ops_list[position : position + 1]
        chosen = _at(undone, 0)
        is_shown = script is self._script and position < len(self._undone)
        if is_shown and chosen == self._undone[position]:
            if not any(each.is_final for each in undone):
                # Says also what cannot be undone.
                done = _at(script.upgrade_ops_list, position)
                return render_reversed(done, options)

        return render(chosen, options)

    def _options(self, position: int, settings: Settings) -> RenderOptions:
        known = self._dialects[position : position + 1]
        return render_options(settings, known[0] if known else None)


def _at(several: Sequence[NewOperations], position: int) -> Sequence[Operation]:
    return several[position].ops if position < len(several) else ()


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
