"""``alembic.autogenerate.api.AutogenContext``: what plug-ins are told."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from ....errors import ConfigurationError
from .dispatch import PriorityDispatcher

DEFAULTS: Mapping[str, Any] = {
    "alembic_module_prefix": "op.",
    "autogenerate_plugins": ("alembic.autogenerate.*",),
    "compare_server_default": True,
    "compare_type": True,
    "downgrade_token": "downgrades",
    "include_name": None,
    "include_object": None,
    "include_schemas": False,
    "literal_binds": False,
    "on_version_apply": (),
    "process_revision_directives": None,
    "render_as_batch": False,
    "render_item": None,
    "sqlalchemy_module_prefix": "sa.",
    "target_metadata": None,
    "template_args": None,
    "transaction_per_migration": False,
    "upgrade_token": "upgrades",
    "user_module_prefix": None,
    "version_table": "alembic_version",
    "version_table_schema": None,
}
"""What an ``env.py`` that says nothing has said."""


class AutogenContext:
    """A comparison, or a rendering, as comparators and renderers see it.

    :param metadata: one, or several; else the ``target_metadata`` that is configured.
    :raises ConfigurationError: if there is none, and something is compared.
    """

    def __init__(
        self,
        migration_context: Any,
        metadata: sa.MetaData | Sequence[sa.MetaData] | None = None,
        opts: Mapping[str, Any] | None = None,
        autogenerate: bool = True,
    ) -> None:
        said = opts if opts is not None else getattr(migration_context, "opts", {})
        self.migration_context = migration_context
        self.opts = {**DEFAULTS, **said}
        self.metadata = metadata
        if metadata is None:
            self.metadata = self.opts["target_metadata"]
        if autogenerate and self.metadata is None:
            raise ConfigurationError(
                "there is no target_metadata to compare a database with; pass it to"
                " context.configure() in env.py"
            )

        self.connection: sa.Connection | None = getattr(migration_context, "bind", None)
        self.dialect: Any = getattr(migration_context, "dialect", None)
        self.imports: set[str] = set()
        self.comparators = PriorityDispatcher()
        # Renderers ask it, to leave out the table.
        self._has_batch = False

    @cached_property
    def inspector(self) -> sa.Inspector:
        """SQLAlchemy's view of the database.

        :raises ConfigurationError: if there is none.
        """
        if self.connection is None:
            raise ConfigurationError("autogen_context.inspector needs a database")

        return sa.inspect(self.connection)

    @property
    def _several(self) -> list[sa.MetaData]:
        if self.metadata is None:
            return []

        one = isinstance(self.metadata, sa.MetaData)
        return [self.metadata] if one else list(self.metadata)  # type: ignore[list-item, arg-type]  # one decides which

    @cached_property
    def sorted_tables(self) -> list[sa.Table]:
        """The tables of the models, each after those that it points to."""
        return [table for each in self._several for table in each.sorted_tables]

    @cached_property
    def table_key_to_table(self) -> dict[str, sa.Table]:
        """The tables of the models by their keys."""
        return {key: t for each in self._several for key, t in each.tables.items()}

    # -- what env.py leaves out --------------------------------------------

    def run_name_filters(
        self, name: str | None, type_: str, parent_names: dict[str, Any]
    ) -> bool:
        """Return whether something of the database is looked at, by its name."""
        if "schema_name" in parent_names and type_ != "schema":
            schema = parent_names["schema_name"]
            table = name if type_ == "table" else parent_names.get("table_name")
            if table:
                parent_names["schema_qualified_table_name"] = (
                    f"{schema}.{table}" if schema else table
                )

        include = self.opts["include_name"]
        return include is None or bool(include(name, type_, parent_names))

    def run_object_filters(
        self,
        object_: Any,
        name: str | None,
        type_: str,
        reflected: bool,
        compare_to: Any,
    ) -> bool:
        """Return whether something is compared."""
        include = self.opts["include_object"]
        if include is None:
            return True

        return bool(include(object_, name, type_, reflected, compare_to))

    run_filters = run_object_filters
