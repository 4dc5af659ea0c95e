"""What plug-ins compare, after our own comparison."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from ....autogenerate.hooks import Comparing
from ....autogenerate.hooks import register_comparison
from ....environment import Configured
from ....operations.base import Operation
from ....schema.model import Table
from ....schema.model import TableName
from ..migration import MigrationContext
from ..migration import run_options
from ..operations.columns import AlterColumnOp
from ..operations.containers import ModifyTableOps
from ..operations.containers import UpgradeOps
from ..operations.views import View
from .context import AutogenContext
from .context import DEFAULTS
from .dispatch import PriorityDispatcher
from .impl_options import as_impl_answers
from .impl_options import of_named_plugins
from .plugins import Plugin
from .renderers import are_replaced

comparators = PriorityDispatcher()
"""The functions that plug-ins have registered; they always run."""


_KNOWN = {
    "alembic_autogenerate_enums": ("enums",),
    "alembic_postgresql_enum": ("enums",),
}
"""By the package that registers a function: what it looks after in our place.

Any other function declares it, in an attribute ``takes_over``.
"""


def _taken_over() -> Collection[str]:
    """Return what the functions look after that will see what was found."""
    return {
        part
        for each in _chosen(run_options().get("autogenerate_plugins")).registered
        for part in (
            *_KNOWN.get(each.function.__module__.partition(".")[0], ()),
            *getattr(each.function, "takes_over", ()),
        )
    }


def _chosen(plugins: Iterable[str] | None) -> PriorityDispatcher:
    """Return the functions that always run, and those of the plug-ins named."""
    found = comparators.branch()
    Plugin.populate_autogenerate_priority_dispatch(
        found, DEFAULTS["autogenerate_plugins"] if plugins is None else plugins
    )
    return found


def compared_by_plugins(
    comparing: Comparing, operations: tuple[Operation, ...]
) -> Iterable[Operation]:
    """Return the operations after the functions of all plug-ins have seen them."""
    context = autogen_context_of(comparing)
    plugins = context.opts["autogenerate_plugins"]
    chosen = _chosen(plugins)
    operations = of_named_plugins(operations, plugins)
    operations = as_impl_answers(operations, context.migration_context.impl)
    if not chosen.registered and not are_replaced():
        return operations

    context.comparators = chosen
    view = View(operations, context)
    upgrade_ops = UpgradeOps(view.ops)
    targets = {each.target for each in chosen.registered}
    _Elements(comparing, context, upgrade_ops).compare(targets)
    call_all(context, upgrade_ops, comparing.schemas)

    return view.operations(upgrade_ops)


register_comparison(compared_by_plugins, takes_over=_taken_over)


def autogen_context_of(comparing: Comparing) -> AutogenContext:
    """Return what the functions are told."""
    of = comparing.options.context
    if isinstance(of, Configured):
        of = MigrationContext.of(of)
    metadata = comparing.metadata
    context = AutogenContext(of, metadata[0] if len(metadata) == 1 else list(metadata))
    context.imports = comparing.imports
    return context


def call_all(
    context: AutogenContext,
    upgrade_ops: UpgradeOps,
    schemas: Iterable[str | None],
) -> None:
    """Call the functions that see all that changes."""
    name = context.dialect.name
    context.comparators.dispatch("autogenerate", qualifier=name)(context, upgrade_ops)
    context.comparators.dispatch("schema", qualifier=name)(
        context, upgrade_ops, set(schemas)
    )


class _Elements:
    """Calls the functions that see one table, or one column."""

    def __init__(
        self, comparing: Comparing, context: AutogenContext, upgrade_ops: UpgradeOps
    ) -> None:
        self._comparing = comparing
        self._context = context
        self._upgrade_ops = upgrade_ops
        self._qualifier = context.dialect.name

    def compare(self, targets: Collection[str]) -> None:
        """Call those of the targets that something is registered for."""
        if "table" not in targets and "column" not in targets:
            return

        found = self._comparing.database.by_name
        wanted = self._comparing.models.by_name
        for name in {**found, **wanted}:
            if name == self._comparing.options.version_table:
                continue

            there, model = self._pair(found.get(name), wanted.get(name))
            if not self._is_compared(name, there, model):
                continue

            inside = self._ops_of(name)
            if "column" in targets and there is not None and model is not None:
                self._compare_columns(name, inside, there, model)
            if "table" in targets:
                self._dispatch("table", inside, name, name.name, there, model)
            if inside.ops and inside not in self._upgrade_ops.ops:
                self._upgrade_ops.ops.append(inside)

    def _pair(
        self, found: Table | None, wanted: Table | None
    ) -> tuple[sa.Table | None, sa.Table | None]:
        build = self._comparing.rules.build
        model = wanted.element if wanted is not None else None
        if wanted is not None and model is None:
            model = build.table(wanted)

        return (None if found is None else build.table(found)), model

    def _is_compared(
        self, name: TableName, there: sa.Table | None, model: sa.Table | None
    ) -> bool:
        if model is None:
            return self._context.run_object_filters(
                there, name.name, "table", True, None
            )

        return self._context.run_object_filters(model, name.name, "table", False, there)

    def _ops_of(self, name: TableName) -> ModifyTableOps:
        for each in self._upgrade_ops.ops:
            if isinstance(each, ModifyTableOps):
                if TableName(each.table_name, each.schema) == name:
                    return each

        return ModifyTableOps(name.name, [], schema=name.schema)

    def _compare_columns(
        self,
        name: TableName,
        inside: ModifyTableOps,
        there: sa.Table,
        model: sa.Table,
    ) -> None:
        known = {str(each.name): each for each in there.columns}
        for column in model.columns:
            old = known.get(str(column.name))
            if old is None:
                continue

            op = self._alter_op(inside, name, str(column.name), old)
            self._dispatch("column", op, name, name.name, column.name, old, column)
            if op.has_changes() and op not in inside.ops:
                inside.ops.append(op)

    def _alter_op(
        self,
        inside: ModifyTableOps,
        name: TableName,
        column_name: str,
        old: sa.Column[Any],
    ) -> AlterColumnOp:
        for each in inside.ops:
            if isinstance(each, AlterColumnOp) and each.column_name == column_name:
                return each

        return AlterColumnOp(
            name.name,
            column_name,
            schema=name.schema,
            existing_type=old.type,
            existing_nullable=old.nullable,
            existing_server_default=old.server_default,
            existing_comment=old.comment,
        )

    def _dispatch(self, target: str, op: Any, name: TableName, *rest: Any) -> None:
        call = self._context.comparators.dispatch(target, qualifier=self._qualifier)
        call(self._context, op, name.schema, *rest)
