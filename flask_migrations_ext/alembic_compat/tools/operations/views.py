"""Our operations as a project's functions see them, and what these leave of them."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace
from functools import wraps
from typing import Any
from typing import cast

from ....commands.directives import NewOperations
from ....commands.directives import NewScript
from ....environment import Configured
from ....operations.base import Operation
from ....operations.indexes import DropIndex
from ....operations.tables import DropTable
from ....scripts.writer import new_revision_id
from ...projects.compatibility import current_run
from ..autogenerate.context import AutogenContext
from ..autogenerate.renderers import has_own_renderer
from ..migration import MigrationContext
from .containers import DowngradeOps
from .containers import MigrationScript
from .containers import OpContainer
from .containers import UpgradeOps
from .from_alembic import operations_of
from .from_alembic import read
from .to_alembic import OpsMaker
from .to_alembic import split


class View:
    """Operations as objects; those that nobody changes come back as they were."""

    def __init__(
        self, operations: Iterable[Operation], autogen_context: AutogenContext
    ) -> None:
        self._autogen_context = autogen_context
        self._given = list(operations)
        self._parts = split(self._given)
        self.ops = OpsMaker(autogen_context.dialect).objects(self._parts)
        # Kept alive, so that no other object can have the id of one of them.
        self._objects = _flat(self.ops)
        self._made = {
            id(each): (type(each), read(each), part)
            for each, part in zip(self._objects, self._parts, strict=True)
        }

    def operations(self, container: OpContainer) -> list[Operation]:
        """Return what a container holds now."""
        found = [
            operation
            for each in _flat(container.ops)
            for operation in self._operations(each)
        ]
        return self._given if found == self._parts else _folded(found)

    def _operations(self, op: Any) -> Iterable[Operation]:
        kind, value, part = self._made.get(id(op), (None, None, None))
        is_known = part is not None and type(op) is kind and value is not None
        if part is not None and is_known and not has_own_renderer(op):
            if read(op) == value:
                return [part]

        return operations_of([op], self._autogen_context)


def _flat(several: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for each in several:
        if isinstance(each, OpContainer):
            found += _flat(each.ops)
        else:
            found.append(each)

    return found


def _folded(operations: Sequence[Operation]) -> list[Operation]:
    """Return the same without indexes that go with their tables anyway.

    A database may need such an index for as long as the table is there.
    """
    kept: list[Operation] = []
    for operation in operations:
        if not isinstance(operation, DropTable) or operation.was is None:
            kept.append(operation)
            continue

        going = [
            each
            for each in kept
            if isinstance(each, DropIndex) and each.table == operation.name and each.was
        ]
        kept = [each for each in kept if each not in going]
        indexes = tuple(each.was for each in going if each.was is not None)
        was = replace(operation.was, indexes=(*operation.was.indexes, *indexes))
        kept.append(replace(operation, was=was))

    return kept


def shown_as_alembic_does(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function for our scripts, from one for Alembic's."""

    @wraps(function)
    def call(
        configured: Configured, parents: Sequence[str], scripts: list[NewScript]
    ) -> None:
        context = AutogenContext(MigrationContext.of(configured), autogenerate=False)
        views = [_ScriptView.of(each, context) for each in scripts]
        directives = [each.shown for each in views]
        function(context.migration_context, tuple(parents), directives)
        left = {id(each.shown): each for each in views}
        scripts[:] = [
            left[id(each)].script_now() if id(each) in left else _new(each, context)
            for each in directives
        ]

    return call


class _ScriptView:
    """One of our scripts as one of Alembic's."""

    def __init__(self, script: NewScript) -> None:
        self._script = script
        self._upgrades: list[View] = []
        self._downgrades: list[View] = []
        self.shown = MigrationScript(
            script.rev_id,
            [],
            [],
            message=script.message,
            imports=script.imports,
            head=script.head,
            splice=script.splice,
            branch_label=script.branch_label,
            version_path=script.version_path,
            depends_on=script.depends_on,
        )

    @classmethod
    def of(cls, script: NewScript, context: AutogenContext) -> _ScriptView:
        """Return the view of a script; the same one at each database."""
        # The script is kept with it, so that no other can have its id.
        _, view = current_run().shown.setdefault(id(script), (script, cls(script)))
        view._add(context)
        return cast("_ScriptView", view)

    def _add(self, context: AutogenContext) -> None:
        script, shown = self._script, self.shown
        for done in script.upgrade_ops_list[len(self._upgrades) :]:
            view = View(done.ops, context)
            self._upgrades.append(view)
            shown.upgrade_ops_list.append(UpgradeOps(view.ops, done.token))
        for undone in script.downgrade_ops_list[len(self._downgrades) :]:
            view = View(undone.ops, context)
            self._downgrades.append(view)
            shown.downgrade_ops_list.append(DowngradeOps(view.ops, undone.token))

    def script_now(self) -> NewScript:
        """Return our script, with what has become of the view."""
        script, shown = self._script, self.shown
        _take(script, shown)
        ups = _left(self._upgrades, shown.upgrade_ops_list, script.upgrade_ops_list)
        downs = _left(
            self._downgrades, shown.downgrade_ops_list, script.downgrade_ops_list
        )
        changed = _texts(ups) != _texts(script.upgrade_ops_list)
        for each in downs:
            # It need not be the opposite any more.
            each.is_final = each.is_final or changed
        script.upgrade_ops_list[:], script.downgrade_ops_list[:] = ups, downs
        return script


def _texts(several: Sequence[NewOperations]) -> list[list[Operation]]:
    return [each.ops for each in several]


def _left(
    views: Sequence[View],
    containers: Sequence[Any],
    before: Sequence[NewOperations],
) -> list[NewOperations]:
    found = []
    for position, container in enumerate(containers):
        view = views[min(position, len(views) - 1)]
        old = before[position] if position < len(before) else None
        operations = view.operations(container)
        made = NewOperations(operations, _token(container))
        made.is_final = old is None or old.is_final or operations != old.ops
        found.append(made)

    return found


def _token(container: Any) -> str:
    name = "downgrade" if isinstance(container, DowngradeOps) else "upgrade"
    return str(getattr(container, f"{name}_token", f"{name}s"))


def _take(script: NewScript, shown: MigrationScript) -> None:
    script.rev_id = shown.rev_id or new_revision_id()
    script.message = shown.message
    script.head = shown.head or "head"
    script.splice = bool(shown.splice)
    script.branch_label = shown.branch_label
    script.version_path = (
        None if shown.version_path is None else str(shown.version_path)
    )
    needed = shown.depends_on
    script.depends_on = (
        needed if needed is None or isinstance(needed, str) else tuple(needed)
    )
    script.imports = shown.imports


def _new(shown: MigrationScript, context: AutogenContext) -> NewScript:
    """Return a script of ours for one that a project has made."""
    script = NewScript("")
    view = _ScriptView(script)
    view.shown = shown
    view._upgrades = [View((), context)]
    view._downgrades = [View((), context)]
    current_run().shown[id(script)] = script, view
    return view.script_now()
